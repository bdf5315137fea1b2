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
from intake.results import MarkState, Reason, SignatureState
from intake.signature import read_signature
from simulation.handwriting import Writer, write
from simulation.paper import Sheet
from simulation.pens import Ink, Pen, draw
from simulation.signatures import SignatureStyle, sign
from simulation.strokes import Stroke, move

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


def _handwritten(strokes: list[Stroke], pen: Pen, seed: int) -> Grey:
    """The page with something written by hand in the signature field, in black and white."""
    sheet = Sheet(cv2.cvtColor(_filled_in(), cv2.COLOR_GRAY2RGB).astype(np.uint8), DPI)
    draw(sheet, strokes, pen, np.random.default_rng(seed))
    grey = cv2.cvtColor(sheet.picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(np.where(grey < 150, 0, 255), np.uint8)


_SKIPPING = Pen(0.3, Ink.BLACK, 0.9, skipping=0.25)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_signature_that_a_skipping_pen_breaks_up_is_one(seed: int) -> None:
    """Its pieces are many and small, but some are long strokes, and tall loops stand beside low ones."""
    assert PAGE.signature is not None
    strokes = sign("Petra Lehmann", SignatureStyle.CURSIVE, PAGE.signature.box_mm, np.random.default_rng(seed))
    _, contents = _read(_handwritten(strokes, _SKIPPING, seed))
    assert contents.signed is not None
    assert _signature_state(contents) is SignatureState.PRESENT


@pytest.mark.parametrize("height_mm", [5.0, 9.0])
def test_a_name_in_capitals_that_a_skipping_pen_breaks_up_is_no_signature(height_mm: float) -> None:
    """Its pieces stand between two lines, however large its letters are."""
    assert PAGE.signature is not None
    box = PAGE.signature.box_mm
    strokes = write("PETRA LEHMANN", Writer(hand=4, height_mm=height_mm), np.random.default_rng(1))
    _, contents = _read(_handwritten(move(strokes, box.x0 + 4, box.y1 - 8), _SKIPPING, 2))
    assert _signature_state(contents) is SignatureState.UNCLEAR


@pytest.mark.parametrize(("strayed_mm", "state"), [(None, SignatureState.PRESENT), (3.5, SignatureState.UNCLEAR)])
def test_a_frame_may_lose_a_line_but_not_have_it_elsewhere(strayed_mm: float | None, state: SignatureState) -> None:
    """A coarse fax drops thin lines; one that lies within the field instead may be taken for a signature."""
    assert PAGE.signature is not None
    frame = PAGE.signature.frame_mm
    strokes = sign("Petra Lehmann", SignatureStyle.CURSIVE, PAGE.signature.box_mm, np.random.default_rng(1))
    page = _handwritten(strokes, Pen(0.5, Ink.BLACK), 1)
    left, right, foot = (round(mm_to_px(edge, DPI)) for edge in (frame.x0, frame.x1, frame.y1))
    page[foot - 4 : foot + 5, left + 4 : right - 4] = 255
    if strayed_mm is not None:
        row = foot - round(mm_to_px(strayed_mm, DPI))
        page[row : row + 2, left + 4 : right - 4] = 0
    _, contents = _read(page)
    assert _signature_state(contents) is state


@pytest.mark.parametrize(("darkness", "is_empty"), [(0.0, True), (0.07, False), (0.1, False)])
def test_pale_ink_on_paper_that_a_copier_washed_out_is_seen(darkness: float, is_empty: bool) -> None:
    """Where all else is purely white, a person sees what is hardly darker: nothing there is called missing."""
    (place, *_), signature = PAGE.text_fields, PAGE.signature
    assert signature is not None
    page = render_blank_pages(ISSUED.pdf, DPI)[0]
    for box, text in ((place.box_mm, "Berlin"), (signature.box_mm, "Weber")):
        left, foot = round(mm_to_px(box.x0 + 4, DPI)), round(mm_to_px(box.y1 - 2.5, DPI))
        cv2.putText(page, text, (left, foot), cv2.FONT_HERSHEY_SIMPLEX, 1.3, (round(255 * (1 - darkness)),), 3)
    kept = cv2.imdecode(cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 75])[1], cv2.IMREAD_GRAYSCALE)
    _, contents = _read(np.asarray(kept, np.uint8), bilevel=False)
    assert [each.ink.empty for each in contents.written] == [is_empty, True, True]
    assert (_signature_state(contents) is SignatureState.ABSENT) is is_empty
    assert all(box.state is MarkState.EMPTY for box in contents.checkboxes)


def test_nothing_is_called_missing_on_a_clean_black_and_white_page() -> None:
    """Another pen than the firm one may have been used in the empty field, and black and white has lost it."""
    read, contents = _read(_filled_in())
    assert _signature_state(contents) is SignatureState.ABSENT
    assert read.findings == (Reason.PAGE_BLACK_AND_WHITE,)


def test_nothing_is_called_missing_however_dark_a_black_and_white_page_is() -> None:
    """Print is swollen by a printer's toner as well as by a dark scan, and only with the second every pen shows."""
    page = np.asarray(cv2.erode(_filled_in(), np.ones((3, 3), np.uint8)), np.uint8)
    read, contents = _read(page)
    assert _signature_state(contents) is SignatureState.ABSENT
    assert Reason.PAGE_BLACK_AND_WHITE in read.findings


def test_a_blot_on_a_dark_black_and_white_page_is_a_mark() -> None:
    """Nothing has vanished from it: solid ground that leaves its square open is no filling."""
    page, (x_mm, y_mm) = _filled_in(), PAGE.checkboxes[0].box_mm.centre
    middle = (round(mm_to_px(x_mm - 0.6, DPI)), round(mm_to_px(y_mm + 0.6, DPI)))
    cv2.circle(page, middle, round(mm_to_px(1.7, DPI)), 0, -1)
    _, contents = _read(np.asarray(cv2.erode(page, np.ones((3, 3), np.uint8)), np.uint8))
    assert [box.state for box in contents.checkboxes] == [MarkState.MARKED, MarkState.EMPTY]


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
