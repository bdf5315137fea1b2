"""A feeder's streaks are taken out of the picture before it is read, and nothing that a person drew is."""

from __future__ import annotations

import numpy as np
import pytest
from letters import issue

from forms.blank_page import render_blank_pages
from forms.issued_form import TextField
from forms.units import mm_to_px
from intake.on_screen import OnScreenValues
from intake.pictures import Grey, PagePicture
from intake.read_page import FormPage, PageContents, read_page
from intake.results import AdditionKind, MarkState
from intake.streaks import without_streaks

DPI = 200.0
ISSUED = issue()
(PAGE,) = ISSUED.letter.pages
BLANK = render_blank_pages(ISSUED.pdf, DPI)[0]


def _px(mm: float) -> int:
    return round(mm_to_px(mm, DPI))


def _streaked(x_mm: float, top_mm: float = 0.0) -> Grey:
    """The blank page with a streak from a height down to the end."""
    page = BLANK.copy()
    page[_px(top_mm) :, _px(x_mm)] = (page[_px(top_mm) :, _px(x_mm)] * 0.55).astype(np.uint8)
    return page


def _read(grey: Grey) -> PageContents:
    page = read_page(PagePicture(grey, bilevel=False), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(page, FormPage)
    assert page.contents is not None
    return page.contents


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("top_mm", [0.0, 100.0])
def test_a_streak_marks_no_box(top_mm: float, turns: int) -> None:
    """A line down the page, whole or in part, through both squares is no mark in either, and is put down as damage."""
    middle_mm = PAGE.checkboxes[0].box_mm.centre[0]
    contents = _read(np.ascontiguousarray(np.rot90(_streaked(middle_mm, top_mm if turns % 2 == 0 else 0.0), turns)))
    assert {box.state for box in contents.checkboxes} == {MarkState.EMPTY}
    (damage,) = contents.damage
    assert (damage.kind, damage.expected) == (AdditionKind.DAMAGE, True)
    assert abs(damage.box_mm.centre[0] - middle_mm) < 0.5
    assert contents.changes.additions == ()


@pytest.mark.parametrize("field", PAGE.text_fields, ids=lambda field: str(field.name))
def test_a_streak_fills_no_field(field: TextField) -> None:
    """A field through which only a streak runs is empty."""
    contents = _read(_streaked(field.box_mm.centre[0]))
    (written,) = (written for written in contents.written if written.field == field)
    assert written.ink.empty


def test_a_ruled_line_through_the_wording_stays() -> None:
    """A line struck through print with a ruler, as straight as the scanner sees it, is no streak."""
    page = BLANK.copy()
    line = max(PAGE.text_lines, key=lambda text: text.width_mm)
    rows = slice(_px(line.baseline_mm - 1.0), _px(line.baseline_mm - 1.0) + 2)
    page[rows, _px(line.x_mm - 2) : _px(line.x_mm + line.width_mm + 2)] = 40
    clean, streaks = without_streaks(picture := PagePicture(page, bilevel=False))
    assert streaks == ()
    assert clean is picture


def test_a_stroke_beside_a_paragraph_stays() -> None:
    """An upright line shorter than any streak is something that somebody drew."""
    page = BLANK.copy()
    page[_px(95) : _px(185), _px(18)] = 40
    _, streaks = without_streaks(PagePicture(page, bilevel=False))
    assert streaks == ()


def test_a_hair_thin_streak_on_a_fine_scan_is_taken_out() -> None:
    """At half the resolution, which is looked at first, a streak one pixel wide is half as dark, and still seen."""
    (page,) = render_blank_pages(ISSUED.pdf, 300.0)
    place = round(mm_to_px(100.0, 300.0))
    page[:, place] = np.minimum(page[:, place], 255 - 9)
    clean, streaks = without_streaks(PagePicture(page, bilevel=False))
    assert len(streaks) == 1
    assert clean.grey[:, place].mean() > page[:, place].mean() + 5


def test_print_that_a_streak_runs_through_stays() -> None:
    """A streak takes a share of the light away: a printed line that it runs along is darker than that, and is kept."""
    assert PAGE.signature is not None
    side_mm = PAGE.signature.frame_mm.x1
    contents = _read(_streaked(side_mm))
    assert contents.signed is not None
    assert contents.signed.ink.in_place
    assert contents.changes.changed == contents.changes.changed_own == ()
