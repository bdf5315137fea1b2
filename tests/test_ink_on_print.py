"""Ink that lies on printed words is found and placed, however little it is; print, however poorly copied, is not."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from letters import issue

from forms.units import BoxMm
from intake.additions import find_changes
from intake.expected_ink import expected_ink
from intake.find_codes import find_codes
from intake.locate import LocatedPage, locate
from intake.opening import open_document
from intake.printed_page import printed_page
from intake.sheet import flatten
from simulation.alterations import InsertMark, StrikeWord, WriteOver
from simulation.channels import PRESETS
from simulation.files import to_pdf
from simulation.pens import Ink, Pen
from simulation.people import Act, Behaviour, Mark, Sign, WriteField, fill_in
from simulation.signatures import SignatureStyle
from simulation.transmission import transmit

ISSUED = issue()
FINE = Pen(0.25, Ink.BLUE, 0.9)
BALLPOINT = Pen(0.4, Ink.BLUE, 0.85)
PLAIN = (Mark("A", reach=1.4), WriteField("place", "Königs Wusterhausen"))


def additions(channel: str, *acts: Act, seed: int = 11) -> tuple[list[BoxMm], BoxMm]:
    """What a page that came back has more, and where the last of the acts left its ink."""
    rng = np.random.default_rng(seed)
    filled = fill_in(ISSUED.pdf, Behaviour(acts), rng)
    with open_document(to_pdf(transmit(filled, PRESETS[channel], rng))) as pages:
        picture = pages.picture(0)
    issued = printed_page(ISSUED, 1)
    located = locate(picture, find_codes(picture), issued.geometry, issued.tiles)
    assert isinstance(located, LocatedPage)
    sheet = flatten(located.view, issued, bilevel=picture.bilevel)
    changes = find_changes(sheet, expected_ink(sheet), 1)
    return [found.box_mm for found in changes.additions if not found.expected], filled.truth.left[-1].box_mm


@pytest.mark.parametrize(
    ("channel", "pen"),
    [
        *product(["office-150", "office-300"], [FINE, BALLPOINT]),
        *product(["fax-fine", "fax-bad-line", "photo"], [BALLPOINT]),
    ],
    ids=str,
)
@pytest.mark.parametrize("act", [StrikeWord, WriteOver, lambda option, pen: InsertMark(option, "k", pen)])
def test_a_single_word_or_letter_that_was_altered_by_pen_is_found(
    channel: str, pen: Pen, act: type[StrikeWord]
) -> None:
    """One stroke through one word, one letter made another, one squeezed in: each is an addition, where it stands."""
    found, laid = additions(channel, *PLAIN, act("B", pen=pen))
    assert any(box.intersects(laid) for box in found)


@pytest.mark.parametrize(("channel", "seed"), [*product(["office-100", "office-200"], [1, 3])])
def test_a_word_struck_out_with_a_fine_liner_is_found(channel: str, seed: int) -> None:
    """A pale stroke of 0.2 mm adds next to nothing to a word, and much to the middle of its letters."""
    found, laid = additions(channel, *PLAIN, StrikeWord("A", Pen(0.2, Ink.BLUE, 0.75)), seed=seed)
    assert any(box.intersects(laid) for box in found)


@pytest.mark.parametrize(
    ("channel", "seed"),
    [
        *product(["office-100", "fax-standard", "bilevel-dark", "photo-folded", "worn-laser"], [11]),
        ("bilevel-dark", 22),
        *product(["fax-bad-line"], [1, 2]),
    ],
)
def test_print_alone_is_no_ink_on_print(channel: str, seed: int) -> None:
    """Thin, swollen, shifted, blurred and repeated print is still only print; a large mark belongs to its square."""
    assert additions(channel, *PLAIN, seed=seed)[0] == []


def test_a_signature_that_runs_over_print_belongs_to_its_field() -> None:
    """What reaches from the signature across its caption and the return address was not laid on the wording."""
    for seed in range(3):
        sign = Sign("Jürgen Weißmüller", SignatureStyle.HUGE, BALLPOINT)
        assert additions("office-200", *PLAIN, sign, seed=seed)[0] == []
