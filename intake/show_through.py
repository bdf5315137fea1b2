"""Tell a page code that shows through the paper: seen from behind it says by itself what it is, and nobody wrote it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from forms.units import BoxMm
from intake.find_codes import codes_on
from intake.sheet import Sheet
from intake.sheet_grid import Mask, box_of, pixels, pixels_within

PALE_BELOW = 0.25
"""Darkness below which print may be seen through the paper."""

_CODE_MM = 17.0
_AROUND_MM = 1.0


def without_codes_from_behind(sheet: Sheet, groups: Sequence[tuple[BoxMm, Mask]]) -> list[tuple[BoxMm, Mask]]:
    """Leave out of groups of ink, each with its box, what is pale and lies on a page code that is seen from behind."""
    pale = [_is_pale(sheet, box) for box, _ in groups]
    codes: list[BoxMm] = []
    for (box, _), is_pale in zip(groups, pale, strict=True):
        if is_pale and not any(code.contains(box) for code in codes):
            codes += _codes_from_behind(sheet, box.grown(_CODE_MM))
    return [
        group
        for group, is_pale in zip(groups, pale, strict=True)
        if not (is_pale and any(code.contains(group[0]) for code in codes))
    ]


def _is_pale(sheet: Sheet, box: BoxMm) -> bool:
    """Tell whether there is no ink in a box but print."""
    return not sheet.surplus[pixels(box)].any()


def _codes_from_behind(sheet: Sheet, box: BoxMm) -> list[BoxMm]:
    """Read codes on the mirrored picture of a part of the sheet, in all that is pale and not printed."""
    rows, columns = pixels_within(box, sheet.flat.shape)
    darkness = np.where(sheet.printed[rows, columns], 0.0, sheet.darkness((rows, columns)))
    pale = np.where(darkness < PALE_BELOW, darkness / PALE_BELOW, 0.0)
    mirrored = cv2.flip((255 * (1 - np.clip(2 * pale, 0, 1))).astype(np.uint8), 1)
    found = []
    for code in codes_on(np.asarray(mirrored, dtype=np.uint8)):
        (left, top), (right, bottom) = code.corners_px.min(axis=0), code.corners_px.max(axis=0)
        across = slice(columns.stop - 1 - int(right), columns.stop - int(left))
        found += _both_codes(sheet, box_of(slice(rows.start + int(top), rows.start + int(bottom) + 1), across))
    return found


def _both_codes(sheet: Sheet, seen: BoxMm) -> list[BoxMm]:
    """Give where a code was seen, and where the other one of such a page lies behind the paper."""
    width_mm = sheet.page.width_mm
    behind = [BoxMm(width_mm - code.x1, code.y0, width_mm - code.x0, code.y1) for code in sheet.page.codes_mm]
    at = min(behind, key=lambda code: abs(code.centre[0] - seen.centre[0]) + abs(code.centre[1] - seen.centre[1]))
    x_mm, y_mm = (seen.centre[axis] - at.centre[axis] for axis in (0, 1))
    moved = (BoxMm(code.x0 + x_mm, code.y0 + y_mm, code.x1 + x_mm, code.y1 + y_mm) for code in behind)
    return [code.grown(_AROUND_MM) for code in moved]
