"""What a black-and-white scan may have lost is called neither missing nor empty, and its remains are seen."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from letters import issue

from forms.blank_page import render_blank_pages
from forms.units import BoxMm, mm_to_px
from intake.on_screen import OnScreenValues
from intake.pictures import Grey, PagePicture
from intake.read_page import FormPage, PageContents, read_page
from intake.results import Reason, SignatureState
from intake.signature import read_signature

DPI = 200.0
ISSUED = issue()
(PAGE,) = ISSUED.letter.pages


def _filled_in() -> Grey:
    """The page with every text field written in, in a strong hand, and not signed."""
    page = render_blank_pages(ISSUED.pdf, DPI)[0]
    for field in PAGE.text_fields:
        left, foot = round(mm_to_px(field.box_mm.x0 + 3, DPI)), round(mm_to_px(field.box_mm.y1 - 2, DPI))
        cv2.putText(page, "abcdef", (left, foot), cv2.FONT_HERSHEY_SIMPLEX, 1.3, (0,), 4)
    return page


def _speckle(page: Grey, start_mm: tuple[float, float], specks: int) -> None:
    for index in range(specks):
        x, y = round(mm_to_px(start_mm[0] + 2 * index, DPI)), round(mm_to_px(start_mm[1], DPI))
        page[y : y + 2, x : x + 2] = 0


def _read(page: Grey, *, bilevel: bool = True) -> tuple[FormPage, PageContents]:
    read = read_page(PagePicture(page, bilevel), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    assert read.contents is not None
    return read, read.contents


def _signature_state(contents: PageContents) -> SignatureState:
    assert contents.signed is not None
    return read_signature(contents.signed.field, contents.signed.ink, 1, "", digital=False).state


@pytest.mark.parametrize(("bilevel", "state"), [(True, SignatureState.UNCLEAR), (False, SignatureState.ABSENT)])
def test_specks_in_the_field_may_have_been_a_signature(bilevel: bool, state: SignatureState) -> None:
    """Specks are what black and white leaves of a pale pen; on a grey scan they are dust."""
    page = _filled_in()
    assert PAGE.signature is not None
    _speckle(page, (PAGE.signature.box_mm.x0 + 20, PAGE.signature.box_mm.centre[1]), 5)
    read, contents = _read(page, bilevel=bilevel)
    assert _signature_state(contents) is state
    assert (Reason.PAGE_FAINT in read.findings) is bilevel


def test_nothing_is_called_missing_on_a_clean_black_and_white_page() -> None:
    """Another pen than the firm one may have been used in the empty field, and black and white has lost it."""
    read, contents = _read(_filled_in())
    assert _signature_state(contents) is SignatureState.ABSENT
    assert read.findings == (Reason.PAGE_BLACK_AND_WHITE,)


def test_a_dark_black_and_white_page_is_taken_at_its_word() -> None:
    """Where even the print is swollen every pen shows: an empty field is empty."""
    page = np.asarray(cv2.erode(_filled_in(), np.ones((3, 3), np.uint8)), np.uint8)
    read, contents = _read(page)
    assert _signature_state(contents) is SignatureState.ABSENT
    assert Reason.PAGE_BLACK_AND_WHITE not in read.findings


def test_a_complete_black_and_white_page_says_nothing_of_it() -> None:
    """Where all is there, nobody is bothered with what might have been lost."""
    page = _filled_in()
    assert PAGE.signature is not None
    box = PAGE.signature.box_mm
    x, y = (round(mm_to_px(value, DPI)) for value in box.centre)
    cv2.polylines(page, [np.array([(x - 90, y), (x - 40, y - 40), (x, y + 40), (x + 90, y)])], False, (0,), 4)
    square = PAGE.checkboxes[0].box_mm
    x0, y0, x1, y1 = (round(mm_to_px(value, DPI)) for value in square)
    cv2.line(page, (x0, y0), (x1, y1), (0,), 4)
    cv2.line(page, (x0, y1), (x1, y0), (0,), 4)
    assert _read(page)[0].findings == ()


def test_a_trail_of_specks_is_an_addition() -> None:
    """A pale note in the margin comes through as specks in a row, and still goes to a person."""
    page = _filled_in()
    _speckle(page, (130.0, 95.0), 8)
    _, contents = _read(page)
    (note,) = contents.changes.additions
    assert note.box_mm.intersects(BoxMm(130, 94, 146, 96))
    assert not note.expected


def test_a_single_speck_is_dust() -> None:
    """Dust alone costs nobody time."""
    page = _filled_in()
    _speckle(page, (130.0, 95.0), 1)
    _, contents = _read(page)
    assert contents.changes.additions == ()
