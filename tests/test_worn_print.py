"""Print that a worn drum left pale is the issued print still, and what was altered in it is found all the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from letters import CUSTOMER, issue

from forms.blank_page import render_blank_pages
from forms.issued_form import IssuedPdf
from forms.units import mm_to_px
from intake.additions import PageChanges
from intake.on_screen import OnScreenValues
from intake.pictures import Grey, PagePicture
from intake.read_page import FormPage, read_page

DPI = 200.0
ISSUED = issue()
CITY = next(line for line in ISSUED.form.pages[0].text_lines if line.text == "10245 Berlin")
DIGIT_MM = CITY.width_mm / 11
"""About as wide as each of the first five characters is."""


def _worn(issued: IssuedPdf, x_mm: float, wide_mm: float = 0.6, foot_mm: float = 297.0) -> Grey:
    """Print a form on a printer whose drum leaves a pale line, down to some height."""
    page = render_blank_pages(issued.pdf, DPI)[0]
    rows, columns = (
        slice(0, round(mm_to_px(foot_mm, DPI))),
        slice(*(round(mm_to_px(x, DPI)) for x in (x_mm, x_mm + wide_mm))),
    )
    page[rows, columns] = np.round(255 - 0.2 * (255.0 - page[rows, columns]))
    return page


def _read(page: Grey) -> PageChanges:
    read = read_page(PagePicture(page, bilevel=False), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    assert read.contents is not None
    return read.contents.changes


def _is_altered(changes: PageChanges) -> bool:
    return bool(changes.changed or changes.changed_own or changes.exchanged)


@pytest.mark.parametrize("x_mm", [CITY.x_mm + 1.2, CITY.x_mm + 4.1, 145.5])
def test_a_pale_line_down_all_print_alters_none(x_mm: float) -> None:
    """Each line of the page is as pale there as the next one: that is the printer's doing."""
    assert not _is_altered(_read(_worn(ISSUED, x_mm)))


def test_a_letter_that_is_pale_by_itself_is_altered() -> None:
    """Where the same is pale in the head of the page only, somebody covered it."""
    assert _is_altered(_read(_worn(ISSUED, CITY.x_mm + 4.1, foot_mm=90.0)))


@pytest.mark.parametrize("share", [0.0, 0.4, 0.9])
def test_an_exchanged_digit_shows_in_a_pale_line_too(share: float) -> None:
    """Another digit than was issued is no more like the pale blank than like the black one."""
    other = issue(customer=replace(CUSTOMER, postal_code="10246"), form_id=ISSUED.form.form_id)
    assert _is_altered(_read(_worn(other, CITY.x_mm + (4 + share) * DIGIT_MM)))
