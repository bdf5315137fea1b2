"""The grid on which a returned page and its blank lie: pixels of SHEET_DPI, and what they are in millimetres."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from forms.issued_form import PageGeometry
from forms.units import MM_PER_INCH, BoxMm, mm_to_px

SHEET_DPI = 150.0

Mask = NDArray[np.bool_]
"""Pixels of a sheet, or of a part of one; shape (height, width)."""
Edges = NDArray[np.intp]
"""Where boxes on a sheet begin or end, in pixels; shape (n,)."""


def px_per_mm() -> float:
    """Pixels of a sheet in a millimetre."""
    return SHEET_DPI / MM_PER_INCH


def grid_shape(page: PageGeometry) -> tuple[int, int]:
    """Height and width of a page's sheet."""
    return round(mm_to_px(page.height_mm, SHEET_DPI)), round(mm_to_px(page.width_mm, SHEET_DPI))


def pixels(box: BoxMm) -> tuple[slice, slice]:
    """Give the rows and columns of a sheet that a box covers; what lies outside the page is left out."""
    k = px_per_mm()
    return (
        slice(max(0, round(box.y0 * k)), max(0, round(box.y1 * k))),
        slice(max(0, round(box.x0 * k)), max(0, round(box.x1 * k))),
    )


def pixels_within(box: BoxMm, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Give the rows and columns of a sheet of this shape that a box covers; what lies outside the sheet is left out."""
    (height, width), (rows, columns) = shape, pixels(box)
    return slice(rows.start, min(rows.stop, height)), slice(columns.start, min(columns.stop, width))


def touching(
    top: Edges, bottom: Edges, left: Edges, right: Edges, regions: Iterable[tuple[slice, slice]]
) -> NDArray[np.bool_]:
    """Tell which of some boxes on a sheet, the ends exclusive, reach into one of its regions; shape (n,)."""
    touches = np.zeros(len(top), dtype=bool)
    for rows, columns in regions:
        touches |= (left < columns.stop) & (right > columns.start) & (top < rows.stop) & (bottom > rows.start)
    return touches


def places_of(mask: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the rows and the columns of the pixels that are set, row by row; NumPy's own takes several times as long."""
    rows, columns = np.divmod(np.flatnonzero(mask), mask.shape[1])
    return rows, columns


def places_on_sheet(box: BoxMm, mask: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the rows and columns on the sheet of ink in a box, by its mask, which may have room around it."""
    rows, columns = places_of(mask)
    top, left = (part.start for part in pixels(box))
    return rows - rows.min() + top, columns - columns.min() + left


def area_mm2(mask: Mask) -> float:
    """Area of the pixels of a sheet that are set."""
    return float(np.count_nonzero(mask)) / px_per_mm() ** 2


def box_of(rows: slice, columns: slice) -> BoxMm:
    """Give the box that rows and columns of a sheet cover."""
    k = px_per_mm()
    return BoxMm(columns.start / k, rows.start / k, columns.stop / k, rows.stop / k).rounded(1)


def marked(region: tuple[slice, slice], *boxes: BoxMm) -> Mask:
    """Mark what some boxes cover of a region of a sheet; shape as the region's."""
    rows, columns = region
    mask = np.zeros((rows.stop - rows.start, columns.stop - columns.start), dtype=bool)
    for down, across in map(pixels, boxes):
        top, bottom = (max(0, edge - rows.start) for edge in (down.start, down.stop))
        left, right = (max(0, edge - columns.start) for edge in (across.start, across.stop))
        mask[top:bottom, left:right] = True
    return mask
