"""What stands in a text field is told from what only reaches into it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from letters import issue

from forms.blank_page import render_blank_pages
from forms.issued_form import TextField
from forms.units import mm_to_px
from intake.further_words import DATE_STROKES
from intake.on_screen import OnScreenValues
from intake.pictures import Grey, PagePicture
from intake.read_page import FormPage, WrittenField, read_page, with_pictures
from intake.results import Reason, SignatureState
from intake.signature import read_signature
from intake.text_fields import FieldInk

DPI = 200.0
ISSUED = issue()
(PAGE,) = ISSUED.letter.pages


def _page(*, written: bool, skipping: bool = False) -> tuple[Grey, TextField]:
    """A page signed so hugely that a loop reaches far into a field of the line above; that field, written in or not.

    A skipping pen leaves nothing of the loop in the upper part of the signature's own field.
    """
    blank = render_blank_pages(ISSUED.pdf, DPI)[0]
    page = blank.copy()
    field = PAGE.text_fields[0]
    for other in PAGE.text_fields[0 if written else 1 :]:
        left, foot = round(mm_to_px(other.box_mm.x0 + 3, DPI)), round(mm_to_px(other.box_mm.y1 - 2, DPI))
        cv2.putText(page, "abcdef", (left, foot), cv2.FONT_HERSHEY_SIMPLEX, 1.3, (0,), 4)
    assert PAGE.signature is not None
    box = PAGE.signature.box_mm
    loop_mm = [
        (box.x0 + 5, box.y0 + 20),
        (field.box_mm.x0 + 30, field.box_mm.y0 + 1.5),
        (field.box_mm.x0 + 36, field.box_mm.y0 + 1.5),
        (box.x0 + 30, box.y0 + 22),
        (box.x0 + 70, box.y0 + 15),
    ]
    points = np.round([[(mm_to_px(x, DPI), mm_to_px(y, DPI)) for x, y in loop_mm]]).astype(np.int32)
    cv2.polylines(page, [points], isClosed=False, color=(0,), thickness=4)
    if skipping:
        rows = slice(*(round(mm_to_px(box.y0 + down, DPI)) for down in (0.5, 9)))
        page[rows] = blank[rows]
    return page, field


def _read(page: Grey, field: TextField) -> WrittenField:
    read = read_page(PagePicture(page, bilevel=False), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    pictured = with_pictures(read, shown=False)
    assert pictured.contents is not None
    return next(written for written in pictured.contents.written if written.field.name == field.name)


def _ink(page: Grey, field: TextField) -> FieldInk:
    return _read(page, field).ink


@pytest.mark.parametrize("shift_px", [8, 10])
def test_a_field_that_is_not_in_its_place_is_not_judged(shift_px: int) -> None:
    """Where paper bulges, the frame's line lies within the field and looks like writing: the whole page is doubted."""
    blank, frame = render_blank_pages(ISSUED.pdf, DPI)[0], PAGE.text_fields[0].frame_mm.grown(1.2)
    rows, columns = (
        slice(round(mm_to_px(start, DPI)), round(mm_to_px(end, DPI))) for start, end in (frame[1::2], frame[::2])
    )
    page = blank.copy()
    page[rows, columns] = 255
    page[rows.start + shift_px : rows.stop + shift_px, columns] = blank[rows, columns]
    read = read_page(PagePicture(page, bilevel=False), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    assert Reason.PAGE_POOR_FIT in read.findings


@pytest.mark.parametrize("skipping", [True, False])
@pytest.mark.parametrize("written", [True, False])
def test_a_signature_that_reaches_into_a_field_is_not_written_there(written: bool, skipping: bool) -> None:
    """It makes an empty field neither written nor certainly empty, and takes nothing from one that is written in."""
    ink = _ink(*_page(written=written, skipping=skipping))
    assert ink.ink_mm2 > 5
    assert not ink.empty
    assert ink.faint is not written


@pytest.mark.parametrize(("text", "is_more"), [("12.10.2026", False), ("12.10.2026 vorerst", True)])
def test_strokes_tell_a_date_from_a_date_and_more(text: str, is_more: bool) -> None:
    """They are counted side by side, however small it must be written to fit."""
    page, field = render_blank_pages(ISSUED.pdf, DPI)[0], PAGE.text_fields[1]
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 2)
    size = min(1.2, mm_to_px(field.box_mm.width - 3, DPI) / width)
    left, foot = round(mm_to_px(field.box_mm.x0 + 1.5, DPI)), round(mm_to_px(field.box_mm.y1 - 2, DPI))
    cv2.putText(page, text, (left, foot), cv2.FONT_HERSHEY_SIMPLEX, size, (0,), 2)
    assert (_ink(page, field).strokes >= DATE_STROKES) is is_more


def test_what_is_to_be_recognised_lies_in_even_light() -> None:
    """Under a shadow a field's paper is as white as elsewhere, and its ink as black: a shadow's edge is no letter."""
    page, field = _page(written=True)
    light = np.ones(page.shape[1])
    middle = round(mm_to_px(field.box_mm.centre[0], DPI))
    light[middle:] = 0.55
    picture = _read(np.asarray(page * light, np.uint8), field).picture
    assert picture is not None
    for half in np.array_split(picture, 2, axis=1):
        assert np.percentile(half, 70) > 240
        assert half.min() < 90


def test_a_frame_that_lies_within_its_field_is_no_signature() -> None:
    """Where paper bulges, sides of the frame may come to lie in the field: whether it is signed, a person says."""
    assert PAGE.signature is not None
    page, frame = render_blank_pages(ISSUED.pdf, DPI)[0], PAGE.signature.frame_mm
    left, top, right, foot = (round(mm_to_px(edge, DPI)) for edge in (frame.x0, frame.y0, frame.x1, frame.y1))
    page[top + 8 : foot + 8, left - 8 : right - 8] = 255
    corner = (left + 24, foot - 24)
    for end in ((left + 24, top + 8), (right, foot - 24)):
        cv2.line(page, corner, end, (0,), 3)
    read = read_page(PagePicture(page, bilevel=False), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    assert read.contents is not None
    assert read.contents.signed is not None
    reading = read_signature(read.contents.signed.field, read.contents.signed.ink, 1, "", digital=False)
    assert reading.state is SignatureState.UNCLEAR
