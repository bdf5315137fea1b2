"""What shows through the paper is no addition where it says by itself what it is, and hides none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from letters import issue

from forms.blank_page import render_blank_pages
from forms.units import BoxMm, mm_to_px
from intake.on_screen import OnScreenValues
from intake.pictures import Grey, PagePicture
from intake.read_page import FormPage, read_page
from simulation.paper import Sheet
from simulation.pens import Pen, draw
from simulation.signatures import SignatureStyle, sign

DPI = 200.0
ISSUED = issue()
(PAGE,) = ISSUED.letter.pages
BLANK = render_blank_pages(ISSUED.pdf, DPI)[0]


def _additions(page: Grey) -> list[tuple[float, float]]:
    """Where something was found that a person must see: its middle, in mm."""
    read = read_page(PagePicture(page, bilevel=False), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    assert read.contents is not None
    return [addition.box_mm.centre for addition in read.contents.changes.additions if not addition.expected]


def _with_its_back_showing(left_mm: float = 0.0, strength: float = 0.14) -> Grey:
    moved_px = round(mm_to_px(5, DPI)), round(mm_to_px(-left_mm, DPI))
    back = cv2.GaussianBlur(255.0 - np.roll(BLANK[:, ::-1], moved_px, axis=(0, 1)), (0, 0), 1.6)
    return np.asarray(np.clip(BLANK - strength * back, 0, 255), np.uint8)


def test_a_page_code_seen_from_behind_is_no_addition() -> None:
    """The solid squares of a code show through where thin letters do not: it is read in the mirror, and left out."""
    assert _additions(_with_its_back_showing()) == []


def test_a_page_code_that_shows_through_beneath_print_is_no_addition() -> None:
    """A line of print lies over its middle; what noise and print leave of it is read once it is smoothed."""
    code, page = PAGE.codes_mm[0], _with_its_back_showing(left_mm=6, strength=0.17)
    place = BoxMm(PAGE.width_mm - code.x1, code.y0, PAGE.width_mm - code.x0, code.y1).grown(10)
    assert [found for found in _additions(page) if place.contains(BoxMm(*found, *found))] == []


def test_what_is_written_where_a_code_shows_through_is_found() -> None:
    """Only what is pale may lie on the paper's other side."""
    page = _with_its_back_showing()
    code = PAGE.codes_mm[0]
    x, y = (round(mm_to_px(part, DPI)) for part in (PAGE.width_mm - code.x1 + 3, code.y1 + 1))
    cv2.putText(page, "nein", (x, y), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.4, (60,), 3)
    middle = np.array((PAGE.width_mm - code.centre[0], code.y1))
    assert any(np.hypot(*(np.array(found) - middle)) < 12 for found in _additions(page))


@pytest.mark.parametrize(("signed", "found"), [(True, 0), (False, 1)])
def test_a_line_beneath_a_signature_belongs_to_it(signed: bool, found: int) -> None:
    """Its flourish may end below the frame; without a signature nobody knows what a line there means."""
    sheet = Sheet(cv2.cvtColor(BLANK, cv2.COLOR_GRAY2RGB).astype(np.uint8), DPI)
    rng, field = np.random.default_rng(1), PAGE.signature
    assert field is not None
    if signed:
        draw(sheet, sign("Anna Weber", SignatureStyle.CURSIVE, field.box_mm, rng), Pen(0.4), rng)
    y_mm = field.frame_mm.y1 + 3
    draw(sheet, [np.array([(40.0, y_mm), (75.0, y_mm + 0.4)])], Pen(0.4), rng)
    page = np.asarray(cv2.cvtColor(sheet.picture, cv2.COLOR_RGB2GRAY), np.uint8)
    assert len(_additions(page)) == found
