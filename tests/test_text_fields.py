"""What stands in a text field is told from what only reaches into it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from letters import issue

from forms.blank_page import render_blank_pages
from forms.issued_form import TextField
from forms.units import mm_to_px
from intake.on_screen import OnScreenValues
from intake.pictures import Grey, PagePicture
from intake.read_page import FormPage, read_page
from intake.text_fields import FieldInk

DPI = 200.0
ISSUED = issue()
(PAGE,) = ISSUED.letter.pages


def _page(*, written: bool) -> tuple[Grey, TextField]:
    """A page signed so hugely that a loop reaches far into a field of the line above; that field, written in or not."""
    page = render_blank_pages(ISSUED.pdf, DPI)[0]
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
    return page, field


def _ink(page: Grey, field: TextField) -> FieldInk:
    read = read_page(PagePicture(page, bilevel=False), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    assert read.contents is not None
    return next(written.ink for written in read.contents.written if written.field.name == field.name)


@pytest.mark.parametrize("written", [True, False])
def test_a_signature_that_reaches_into_a_field_is_not_written_there(written: bool) -> None:
    """It makes an empty field neither written nor certainly empty, and takes nothing from one that is written in."""
    ink = _ink(*_page(written=written))
    assert ink.ink_mm2 > 5
    assert not ink.empty
    assert ink.faint is not written
