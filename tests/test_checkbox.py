"""A square that is filled in is never taken for a plain mark, and a plain mark never for one that is taken back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from letters import issue

from forms.blank_page import render_blank_pages
from forms.units import mm_to_px
from intake.on_screen import OnScreenValues
from intake.pictures import Grey, PagePicture
from intake.read_page import FormPage, read_page
from intake.results import MarkState
from simulation.marks import MarkShape, mark_strokes
from simulation.paper import Sheet
from simulation.pens import Ink, Pen, draw

DPI = 200.0
ISSUED = issue()
(PAGE,) = ISSUED.letter.pages
BLANK = render_blank_pages(ISSUED.pdf, DPI)[0]


def _marked(shape: MarkShape, pen: Pen, reach: float, seed: int) -> Grey:
    sheet = Sheet(cv2.cvtColor(BLANK, cv2.COLOR_GRAY2RGB).astype(np.uint8), DPI)
    rng = np.random.default_rng(seed)
    draw(sheet, mark_strokes(shape, PAGE.checkboxes[0].box_mm, reach, rng), pen, rng)
    return np.asarray(cv2.cvtColor(sheet.picture, cv2.COLOR_RGB2GRAY), np.uint8)


def _states(page: Grey, *, bilevel: bool = False) -> tuple[MarkState, ...]:
    read = read_page(PagePicture(page, bilevel), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    assert read.contents is not None
    return tuple(box.state for box in read.contents.checkboxes)


@pytest.mark.parametrize("pen", [Pen(0.25), Pen(0.4, Ink.PENCIL), Pen(1.0, Ink.BLACK)])
def test_a_filled_square_is_no_plain_mark(pen: Pen) -> None:
    """The form tells to fill a square to take its mark back: whether one alone is meant so, a person asks."""
    for reach in (0.9, 1.2):
        state, other = _states(_marked(MarkShape.FILLED, pen, reach, 3))
        assert state in (MarkState.CORRECTED, MarkState.UNCLEAR)
        assert other is MarkState.EMPTY


@pytest.mark.parametrize("seed", range(4))
def test_a_square_hatched_with_a_fine_pen_is_no_plain_mark(seed: int) -> None:
    """Thin lines all over the square leave no solid ground, and are a filling all the same."""
    state, _ = _states(_marked(MarkShape.FILLED, Pen(0.2), 1.2, seed))
    assert state in (MarkState.CORRECTED, MarkState.UNCLEAR)


@pytest.mark.parametrize("shape", [MarkShape.CROSS, MarkShape.TICK, MarkShape.SLASH, MarkShape.DOT])
def test_a_mark_with_a_broad_pen_is_a_mark(shape: MarkShape) -> None:
    """Thick lines are no filling."""
    assert _states(_marked(shape, Pen(1.0, Ink.BLACK), 1.0, 3)) == (MarkState.MARKED, MarkState.EMPTY)


def test_the_specks_of_a_filled_square_are_no_mark() -> None:
    """What black and white leaves of a square filled in with a pale pencil must not pass for a choice."""
    page = np.asarray(np.where(BLANK < 128, 0, 255), np.uint8)
    box = PAGE.checkboxes[0].box_mm
    rng = np.random.default_rng(5)
    for x_mm, y_mm in rng.uniform((box.x0 + 1, box.y0 + 1), (box.x1 - 1.5, box.y1 - 1.5), (14, 2)):
        x, y = round(mm_to_px(float(x_mm), DPI)), round(mm_to_px(float(y_mm), DPI))
        page[y : y + 2, x : x + 3] = 0
    assert _states(page, bilevel=True)[0] is MarkState.UNCLEAR
