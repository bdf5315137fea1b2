"""A page is located by its landmarks, and by none that deceives."""

from __future__ import annotations

import numpy as np
from letters import issue

from forms.blank_page import render_blank_pages
from forms.units import mm_to_px
from intake.find_codes import find_codes
from intake.locate import LocatedPage, locate
from intake.pictures import PagePicture
from intake.printed_page import printed_page
from intake.sampling import map_points

DPI = 200.0


def test_an_anchor_that_the_edge_cuts_is_left_out() -> None:
    """Of a cut anchor only a part is left, whose middle lies elsewhere: it must not pull the page askew."""
    issued = issue()
    geometry = issued.letter.pages[0]
    (page,) = render_blank_pages(issued.pdf, DPI)
    cut_mm = geometry.anchors_mm[0].x0 + 1.0
    cut_px = round(mm_to_px(cut_mm, DPI))
    picture = PagePicture(np.ascontiguousarray(page[:, cut_px:]), bilevel=False)
    located = locate(picture, find_codes(picture), geometry, printed_page(issued, 1).tiles)
    assert isinstance(located, LocatedPage)
    assert located.anchors_found == 2
    corners_mm = np.array([(20.0, 20.0), (190.0, 20.0), (20.0, 275.0), (190.0, 275.0)])
    there = corners_mm * DPI / 25.4 - 0.5 - np.array([cut_px, 0])
    assert np.abs(map_points(located.view.to_px, corners_mm) - there).max() < mm_to_px(0.1, DPI)
