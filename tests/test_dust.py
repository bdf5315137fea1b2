"""Dust and fibres lie on print as they do on bare paper, and cost nobody time there either."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from letters import issue

from forms.blank_page import render_blank_pages
from forms.issued_form import TextLine
from forms.units import mm_to_px, px_to_mm
from intake.additions import PageChanges
from intake.on_screen import OnScreenValues
from intake.pictures import PagePicture
from intake.read_page import FormPage, read_page

DPI = 200.0
ISSUED = issue()
(PAGE,) = ISSUED.letter.pages
BLANK = render_blank_pages(ISSUED.pdf, DPI)[0]
LINE = next(line for line in PAGE.text_lines if "Software können Sie" in line.text)


def _read(line: TextLine, x_mm: float, up_mm: float, size_mm: tuple[float, float], grey: int = 70) -> PageChanges:
    """Read the page with an ellipse of dust over a printed line, so far from its beginning and above its foot."""
    page = BLANK.copy()
    place = (round(mm_to_px(line.x_mm + x_mm, DPI)), round(mm_to_px(line.baseline_mm - up_mm, DPI)))
    half = tuple(max(1, round(mm_to_px(side, DPI) / 2)) for side in size_mm)
    cv2.ellipse(page, place, half, 0, 0, 360, (grey,), -1)
    read = read_page(PagePicture(page, bilevel=False), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    assert read.contents is not None
    return read.contents.changes


def test_a_fibre_between_the_lines_is_dust() -> None:
    """A dash above small letters touches none of them, and is too small to be anything on bare paper."""
    assert _read(LINE, 12.6, 2.6, (1.6, 0.3)).additions == ()


@pytest.mark.parametrize("size_mm", [(0.5, 2.4), (3.0, 0.35)], ids=["a stroke through a letter", "a line above a word"])
def test_what_is_larger_or_touches_print_is_ink(size_mm: tuple[float, float]) -> None:
    """A stroke over a letter makes it another one, and a line above letters is longer than dust."""
    up_mm = 1.2 if size_mm[0] < 1 else 2.6
    assert _read(LINE, 12.6, up_mm, size_mm).additions


def _word_space_mm(line: TextLine) -> float:
    """Give how far from a line's beginning the middle of its widest space lies."""
    rows = slice(round(mm_to_px(line.baseline_mm - 2.5, DPI)), round(mm_to_px(line.baseline_mm, DPI)))
    left = round(mm_to_px(line.x_mm, DPI))
    inked = np.flatnonzero((BLANK[rows, left : left + round(mm_to_px(line.width_mm, DPI))] < 128).any(axis=0))
    widest = int(np.diff(inked).argmax())
    return px_to_mm(float(inked[widest] + inked[widest + 1]) / 2, DPI)


def test_a_speck_between_two_words_strikes_nothing() -> None:
    """Of all gaps in a line, which a stroke through it crosses, a speck lies in one."""
    city = next(line for line in ISSUED.form.pages[0].text_lines if line.text == "10245 Berlin")
    assert _read(city, _word_space_mm(city), 1.2, (1.3, 0.4)).struck == ()
    struck = _read(city, city.width_mm / 2, 1.2, (city.width_mm, 0.4))
    assert struck.struck or struck.additions
