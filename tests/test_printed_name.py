"""A name set down letter by letter where the signature belongs is printed by hand, small letters or not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from letters import issue

from forms.blank_page import render_blank_pages
from forms.units import mm_to_px
from intake.on_screen import OnScreenValues
from intake.pictures import Grey, PagePicture
from intake.read_page import FormPage, read_page, with_pictures
from intake.results import SignatureState
from intake.signature import printed_words, read_signature
from intake.text_recognition import recognise

DPI = 200.0
ISSUED = issue()
(PAGE,) = ISSUED.letter.pages


def _signature_state(page: Grey) -> SignatureState:
    read = read_page(PagePicture(page, bilevel=False), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    contents = with_pictures(read, shown=False).contents
    assert contents is not None
    assert contents.signed is not None
    signed = contents.signed
    *_, in_line = ((), *recognise(signed.pictures))
    return read_signature(signed.field, signed.ink, 1, printed_words(signed.ink, in_line, ()), digital=False).state


def _printed_by_hand(name: str, size: float, seed: int) -> Grey:
    """The blank page with a name in its signature field: letters a little off their line, unevenly apart."""
    assert PAGE.signature is not None
    page: Grey = render_blank_pages(ISSUED.pdf, DPI)[0]
    rng = np.random.default_rng(seed)
    x_px, y_px = (
        round(mm_to_px(side, DPI)) for side in (PAGE.signature.frame_mm.x0 + 12, PAGE.signature.frame_mm.y0 + 16)
    )
    for letter in name:
        foot_px = y_px + int(rng.integers(-3, 4))
        cv2.putText(page, letter, (x_px, foot_px), cv2.FONT_HERSHEY_SIMPLEX, size, 40, 4, cv2.LINE_AA)
        (wide_px, _), _ = cv2.getTextSize(letter, cv2.FONT_HERSHEY_SIMPLEX, size, 4)
        x_px += round(wide_px * rng.uniform(1.0, 1.25))
    return page


@pytest.mark.parametrize(
    ("name", "size", "seed"), [("Karadag", 0.8, 2), ("Vogelsang", 1.0, 3), ("O. Hansen", 0.8, 1), ("O. Hansen", 1.3, 0)]
)
def test_a_name_printed_by_hand_is_no_signature(name: str, size: float, seed: int) -> None:
    """However few its letters are, and in small letters as well: somebody must look."""
    assert _signature_state(_printed_by_hand(name, size, seed)) is SignatureState.UNCLEAR
