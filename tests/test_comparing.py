"""What two returns of one form say, compared; and one return put together from several files."""

from __future__ import annotations

from dataclasses import replace

import builders
import pytest
from builders import make_date_field, make_return

from intake.comparing import Sameness, compare
from intake.joining import Part, join
from intake.results import (
    Addition,
    AdditionKind,
    FieldState,
    Reason,
    ReturnedPage,
    ReturnReading,
    SignatureState,
    VariantState,
)

BEFORE = make_return("F")
NOTE = Addition(1, builders.make_signature(SignatureState.PRESENT).box_mm, AdditionKind.INK, expected=False)
PAGES = tuple(ReturnedPage(1, number, 300.0, 0.1, b"") for number in (1, 2))


def dated(day: str, confidence: float) -> ReturnReading:
    """A return with a date that was read so surely."""
    return replace(BEFORE, fields=(replace(make_date_field(day), confidence=confidence),))


EMPTY_DATE = replace(BEFORE, fields=(replace(make_date_field(None), state=FieldState.EMPTY),))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (make_return("F"), Sameness.SAME),
        (make_return("F", variant="B"), Sameness.OTHER),
        (make_return("F", variant=None), Sameness.UNCLEAR),
        (make_return("F", signature=SignatureState.ABSENT), Sameness.UNCLEAR),
        (make_return("F", signature=SignatureState.UNCLEAR), Sameness.UNCLEAR),
        (replace(BEFORE, findings=(Reason.TEXT_STRUCK,)), Sameness.UNCLEAR),
        (replace(BEFORE, findings=(Reason.PAGE_MISSING,)), Sameness.SAME),
        (replace(BEFORE, additions=(NOTE,)), Sameness.UNCLEAR),
        (replace(BEFORE, pages=PAGES), Sameness.UNCLEAR),
        (replace(BEFORE, variant=None, signature=None), Sameness.UNCLEAR),
        (EMPTY_DATE, Sameness.UNCLEAR),
        (dated("2026-10-11", 0.9), Sameness.SAME),
    ],
)
def test_only_what_is_certain_and_said_before_is_the_same(now: ReturnReading, expected: Sameness) -> None:
    """Another mark is something else; what is uncertain, lacking or added can't be called the same."""
    assert compare(now, BEFORE) is expected


def test_dates_count_where_both_were_read_for_certain() -> None:
    """A typed date that differs is another statement; handwriting that was read differently is not."""
    assert compare(dated("2026-10-11", 0.99), dated("2026-10-12", 0.99)) is Sameness.OTHER
    assert compare(dated("2026-10-11", 0.99), dated("2026-10-12", 0.5)) is Sameness.SAME


def test_what_came_in_pieces_is_put_together_whole_or_not() -> None:
    """The second piece brings what the first lacked; while a page is missing still, that stays said."""
    first = replace(BEFORE, signature=None, fields=(), findings=(Reason.PAGE_MISSING, Reason.PAGE_NO_CODE))
    second = replace(BEFORE, variant=None, pages=PAGES[1:], findings=(Reason.PAGE_MISSING, Reason.PAGE_FAINT))
    parts = [Part(first, 0), Part(second, 4)]
    whole = join(parts, form_pages=2, options="AB")
    assert whole.findings == (Reason.PAGE_FAINT,)
    assert whole.variant is not None
    assert whole.variant.value == "A"
    assert [page.page for page in whole.pages] == [1, 5]
    assert whole.signature is not None
    assert whole.signature.page == 5
    lacking = join(parts, form_pages=3, options="AB")
    assert lacking.findings == (Reason.PAGE_FAINT, Reason.PAGE_MISSING, Reason.PAGE_NO_CODE)


def test_a_box_that_no_piece_tells_of_is_never_taken_for_empty() -> None:
    """All pages are there and one box could be read on none of them: which is marked is unclear."""
    first = replace(BEFORE, findings=(Reason.PAGE_MISSING,))
    second = replace(BEFORE, variant=None, pages=PAGES[1:], findings=(Reason.PAGE_MISSING,))
    whole = join([Part(first, 0), Part(second, 1)], form_pages=2, options="ABC")
    assert whole.variant is not None
    assert (whole.variant.state, whole.variant.value) == (VariantState.UNCLEAR, None)
