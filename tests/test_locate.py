"""A page is located by its landmarks, and by none that deceives."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from letters import issue
from numpy.typing import NDArray

from forms.blank_page import render_blank_pages
from forms.units import mm_to_px
from intake.find_codes import find_codes
from intake.locate import LocatedPage, locate
from intake.pictures import Grey, PagePicture
from intake.printed_page import printed_page
from intake.sampling import best_match, map_points
from intake.sheet_grid import SHEET_DPI
from simulation.channels import Photo
from simulation.phone import photograph

DPI = 200.0
PRINTED_MM = np.array([(30.0, 20.0), (30.0, 65.0), (60.0, 104.0), (180.0, 150.0), (60.0, 198.0), (183.0, 278.0)])
"""Places with print on them, all over the page."""


def bulging(page: Grey, across_mm: list[float], down_mm: list[float]) -> Grey:
    """A page whose sixths lean each another way, as a folded letter's in a photo."""
    height, width = page.shape
    rows, knots = np.arange(height), np.linspace(0, height - 1, len(across_mm))
    x_px, y_px = (mm_to_px(1.0, DPI) * np.interp(rows, knots, strays)[:, None] for strays in (across_mm, down_mm))
    columns = np.arange(width)[None, :]
    x_from, y_from = (columns + x_px).astype(np.float32), (rows[:, None] + y_px + 0 * columns).astype(np.float32)
    return np.asarray(cv2.remap(page, x_from, y_from, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def off_place_mm(flat: Grey, blank: Grey, dpi: float) -> NDArray[np.float64]:
    """How far the print around each of the places lies from where the blank page has it."""
    offsets = []
    for x_px, y_px in np.round(PRINTED_MM * dpi / 25.4).astype(int).tolist():
        pattern, window = (
            page[y_px - 18 - r : y_px + 18 + r, x_px - 30 - r : x_px + 30 + r] for page, r in ((blank, 0), (flat, 12))
        )
        offsets.append(best_match(window, pattern)[1])
    return np.asarray(np.hypot(*np.array(offsets).T) * 25.4 / dpi)


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


def test_the_print_of_a_page_that_bulges_is_followed() -> None:
    """A folded letter's lines stray by millimetres: each is found where it lies, not where a flat page has it."""
    issued = issue()
    (page,) = render_blank_pages(issued.pdf, DPI)
    picture = bulging(page, [0.5, -1.8, 1.6, -0.9, 1.8, -1.5, 1.0], [-0.8, 1.4, -1.0, 1.5, -1.2, 0.6, -1.4])
    received, printed = PagePicture(picture, bilevel=False), printed_page(issued, 1)
    located = locate(received, find_codes(received), issued.letter.pages[0], printed.tiles)
    assert isinstance(located, LocatedPage)
    assert off_place_mm(located.view.whole(SHEET_DPI), printed.blank, SHEET_DPI).max() < 0.4


@pytest.mark.parametrize("seed", [5, 14])
def test_a_corner_that_bulging_paper_moved_far_is_found(seed: int) -> None:
    """From the landmarks of the other corners its anchor is missed, the map far out there; the print leads to it."""
    issued = issue()
    (page,) = render_blank_pages(issued.pdf, 150.0)
    photo = Photo(long_side_px=2000, bulge_mm=1.5, exif_orientations=(1,))
    colours = photograph(np.dstack([page] * 3), photo, np.random.default_rng(seed)).image
    picture = PagePicture(np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY), np.uint8), bilevel=False)
    located = locate(picture, find_codes(picture), issued.letter.pages[0], printed_page(issued, 1).tiles)
    assert isinstance(located, LocatedPage)
    assert located.anchors_found == 4


def test_one_code_of_a_page_seen_aslant_is_enough() -> None:
    """From one code alone the far end of a slanted page is missed by centimetres; the print leads on to it."""
    issued = issue()
    geometry = issued.letter.pages[0]
    (page,) = render_blank_pages(issued.pdf, DPI)
    height, width = page.shape
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    aslant = flat * 0.85 + np.array([(60, 20), (10, 90), (150, 60), (90, 150)], dtype=np.float32)
    to_picture = np.asarray(cv2.getPerspectiveTransform(flat, aslant), dtype=np.float64)
    picture = cv2.warpPerspective(page, to_picture, (width, height), borderValue=(120,))
    received = PagePicture(np.asarray(picture, dtype=np.uint8), bilevel=False)
    first_code = [code for code in find_codes(received) if code.corners_px[:, 1].mean() < height / 2]
    located = locate(received, first_code, geometry, printed_page(issued, 1).tiles)
    assert isinstance(located, LocatedPage)
    assert located.anchors_found == 4
    there = map_points(to_picture, PRINTED_MM * DPI / 25.4 - 0.5)
    assert np.abs(map_points(located.view.to_px, PRINTED_MM) - there).max() < mm_to_px(0.2, DPI)
