"""Tell staples and punch holes, what offices do to paper, from what somebody wrote. For folds see `intake.folds`."""

from __future__ import annotations

import cv2
import numpy as np

from forms.issued_form import PageGeometry
from forms.units import BoxMm
from intake.circles import fit_circle
from intake.ink_pieces import ink_pieces
from intake.sheet import Sheet, bounds_px, pieces_with, sides_mm
from intake.sheet_grid import Mask, area_mm2, box_of, pixels_within, places_on_sheet, px_per_mm

CORNER_MM = 22.0
EDGE_MM = 5.0
"""Of the paper's edge, within which shadows fall and nothing is looked for."""
_AT_EDGE_MM = 0.4
_STAPLE_MM = (1.4, 6.0, 14.0)
"""Width at most, length from, to: the wire is 0.5 to 0.7 mm thick, 8 to 13 mm long, and may lie partly at the edge."""
_HALF_STAPLE_MM = 2.5
"""The least length where an anchor of the page hides the rest of the wire."""
_HOLE_RADIUS_MM = (1.9, 4.2)
_HOLE_CENTRE_MM = (5.0, 18.0)
_HOLE_SPREAD_MM = 0.3
_HOLE_AROUND = 0.25
"""Punch holes: 5 to 6 mm wide, their middle 12 mm from the edge (ISO 838), with room for dirt and careless hands; at
least a quarter of their edge shows."""
_DUST_MM2 = 0.4
"""Of pieces beside a hole, altogether: by themselves they would be nothing that anybody added."""


def is_staple(page: PageGeometry, box: BoxMm, mask: Mask) -> bool:
    """Tell a staple, in a corner of the paper: a straight piece of wire."""
    x_mm, y_mm = box.centre
    if max(min(x_mm, page.width_mm - x_mm), min(y_mm, page.height_mm - y_mm)) > CORNER_MM:
        return False
    wide_mm, long_mm = sides_mm(mask)
    is_hidden = any(anchor.grown(_STAPLE_MM[0]).intersects(box) for anchor in page.anchors_mm)
    least_mm = _HALF_STAPLE_MM if is_hidden else _STAPLE_MM[1]
    return wide_mm <= _STAPLE_MM[0] and least_mm <= long_mm <= _STAPLE_MM[2]


def is_punch_hole(sheet: Sheet, box: BoxMm, mask: Mask) -> bool:
    """Tell a punch hole where binders have their rings: a disc, or an arc of its edge before a bright lid."""
    page, (box, mask) = sheet.page, _with_rest_at_edge(sheet, *_without_dust(box, mask))
    if max(box.width, box.height) > 2 * _HOLE_RADIUS_MM[1]:
        return False
    y, x = np.nonzero(mask & ~cv2.erode(mask.view(np.uint8), np.ones((3, 3), np.uint8)).astype(bool))
    centre_x, centre_y, radius, spread = fit_circle(x / px_per_mm(), y / px_per_mm())
    left_mm = box.x0 - float(np.flatnonzero(mask.any(axis=0))[0]) / px_per_mm() + centre_x
    from_edge_mm = min(left_mm, page.width_mm - left_mm)
    angles = np.arctan2(y / px_per_mm() - centre_y, x / px_per_mm() - centre_x)
    around = len(np.unique(np.floor(angles / (np.pi / 18)))) / 36
    return (
        _HOLE_RADIUS_MM[0] <= radius <= _HOLE_RADIUS_MM[1]
        and spread <= _HOLE_SPREAD_MM
        and _HOLE_CENTRE_MM[0] <= from_edge_mm <= _HOLE_CENTRE_MM[1]
        and around >= _HOLE_AROUND
    )


def _without_dust(box: BoxMm, mask: Mask) -> tuple[BoxMm, Mask]:
    """Give the largest piece of ink by itself where all the others are specks of dust."""
    pieces = ink_pieces(mask)
    largest = pieces.only(np.arange(pieces.count) == np.argmax(pieces.areas_px))
    if not 0 < area_mm2(mask) - area_mm2(largest) <= _DUST_MM2:
        return box, mask
    (rows, columns), (all_rows, all_columns) = bounds_px(largest), bounds_px(mask)
    down_mm, right_mm = (rows.start - all_rows.start) / px_per_mm(), (columns.start - all_columns.start) / px_per_mm()
    width_mm, height_mm = (columns.stop - columns.start) / px_per_mm(), (rows.stop - rows.start) / px_per_mm()
    left_mm, top_mm = box.x0 + right_mm, box.y0 + down_mm
    return BoxMm(left_mm, top_mm, left_mm + width_mm, top_mm + height_mm), largest


def _with_rest_at_edge(sheet: Sheet, box: BoxMm, mask: Mask) -> tuple[BoxMm, Mask]:
    """Give ink with what of it lies at the paper's very edge, where nothing else is looked for."""
    if box.x0 > EDGE_MM + _AT_EDGE_MM and box.x1 < sheet.page.width_mm - EDGE_MM - _AT_EDGE_MM:
        return box, mask
    rows, columns = pixels_within(box.grown(EDGE_MM), sheet.flat.shape)
    known = np.zeros_like(sheet.surplus)
    known[places_on_sheet(box, mask)] = True
    whole = pieces_with((sheet.surplus | known)[rows, columns].copy(), known[rows, columns])
    x, y, width, height = cv2.boundingRect(whole.view(np.uint8))
    top, left = rows.start + y, columns.start + x
    place = box_of(slice(top, top + height), slice(left, left + width))
    return place, whole[y : y + height, x : x + width]
