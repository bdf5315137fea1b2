"""A reading crosses the worker's pipe whole, with its pictures beside it; what is none is refused."""

from __future__ import annotations

import builders
import pytest
from builders import make_return

from intake.packed_reading import pack_reading, unpack_reading
from intake.results import Reason, UnplacedPage

DATA = b"%PDF-1.7 scan"
READING = builders.make_document(DATA, [make_return("F", pages=(1, 2))], [UnplacedPage(3, Reason.PAGE_BLANK, b"png")])


def test_a_reading_comes_out_as_it_went_in() -> None:
    """Every page has its own picture again, and those that have none have none."""
    assert unpack_reading(b"".join(pack_reading(READING))) == READING


@pytest.mark.parametrize("cut", [0, 2, 10, -1, -3])
def test_what_is_cut_off_is_refused(cut: int) -> None:
    """A worker that says less than it announced is not believed."""
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
        unpack_reading(b"".join(pack_reading(READING))[:cut])


def test_a_picture_too_many_is_refused() -> None:
    """There are as many pictures as pages."""
    with pytest.raises(ValueError, match="as many"):
        unpack_reading(b"".join([*pack_reading(READING), b"\0\0\0\0"]))
