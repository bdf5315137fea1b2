"""The page that a return is compared with is the one issued to its customer, though most of it is kept from others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from letters import CUSTOMER, TEMPLATES, issue

from forms.blank_page import render_blank_pages
from forms.issued_form import IssuedPdf
from intake.printed_page import printed_page
from intake.sheet_grid import SHEET_DPI

_OTHER = replace(CUSTOMER, number="K-2002", company="Gärtnerei Sommer", street="Am Wald 3", city="Potsdam")


@pytest.mark.parametrize("name", sorted(path.stem for path in TEMPLATES.glob("*.toml")))
def test_both_parts_together_are_the_whole_page(name: str) -> None:
    """To the pixel, for every template and page, whoever's letter was read before."""
    for issued in (issue(name), issue(name, _OTHER)):
        for number, whole in enumerate(render_blank_pages(issued.pdf, SHEET_DPI), start=1):
            assert np.array_equal(printed_page(issued, number).blank, whole)


def test_what_is_the_same_for_all_is_made_once() -> None:
    """Two customers' letters of one template share all but what is their own."""
    ours, theirs = printed_page(issue(), 1), printed_page(issue(customer=_OTHER), 1)
    assert ours.shared is theirs.shared
    assert not np.array_equal(ours.blank, theirs.blank)


def test_a_letter_that_differs_in_what_is_not_drawn_is_another() -> None:
    """Zones for the office's stamps are not printed: two letters may look alike and still be read differently."""
    issued = issue()
    (page,) = issued.letter.pages
    bare = replace(issued.letter, pages=(replace(page, office_zones=()),))
    assert printed_page(IssuedPdf(issued.form, bare, issued.pdf), 1).geometry.office_zones == ()
    assert printed_page(issued, 1).geometry == page
