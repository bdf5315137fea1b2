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

_MOVED_MM = 17.0
"""How far a code may lie off its mirrored place: two sheets hardly ever lie edge on edge."""
_AROUND_MM = 1.0
_BLUR_PX = 3


def without_codes_from_behind(sheet: Sheet, groups: Sequence[tuple[BoxMm, Mask]]) -> list[tuple[BoxMm, Mask]]:
    """Leave out of groups of ink, each with its box, what is pale and lies on a page code that is seen from behind."""
    behind = _mirrored_codes(sheet)
    pale = [_is_near(behind, box) and _is_pale(sheet, box) for box, _ in groups]
    codes = _codes_from_behind(sheet, behind) if any(pale) else []
    return [
        group
        for group, is_pale in zip(groups, pale, strict=True)
        if not (is_pale and any(code.contains(group[0]) for code in codes))
    ]


def _mirrored_codes(sheet: Sheet) -> list[BoxMm]:
    width_mm = sheet.page.width_mm
    return [BoxMm(width_mm - code.x1, code.y0, width_mm - code.x0, code.y1) for code in sheet.page.codes_mm]


def _is_near(codes: Sequence[BoxMm], box: BoxMm) -> bool:
    return any(code.grown(_MOVED_MM).contains(box) for code in codes)


def _is_pale(sheet: Sheet, box: BoxMm) -> bool:
    """Tell whether there is no ink in a box but print."""
    return not sheet.surplus[pixels(box)].any()


def _codes_from_behind(sheet: Sheet, behind: Sequence[BoxMm]) -> list[BoxMm]:
    """Give where the page codes lie behind the paper, if one of them can be read: print may lie over the other."""
    return [code for place in behind for seen in _read_behind(sheet, place) for code in _as_seen(behind, place, seen)]


def _read_behind(sheet: Sheet, place: BoxMm) -> list[BoxMm]:
    """Read a code on the mirrored picture of a part of the sheet, in all that is pale and not printed."""
    rows, columns = pixels_within(place.grown(_MOVED_MM), sheet.flat.shape)
    darkness = np.where(sheet.printed[rows, columns], 0.0, sheet.darkness((rows, columns)))
    pale = cv2.blur(np.where(darkness < PALE_BELOW, darkness / PALE_BELOW, 0.0), (_BLUR_PX, _BLUR_PX))
    mirrored = cv2.flip((255 * (1 - np.clip(2 * pale, 0, 1))).astype(np.uint8), 1)
    seen = []
    for code in codes_on(np.asarray(mirrored, dtype=np.uint8)):
        (left, top), (right, bottom) = code.corners_px.min(axis=0), code.corners_px.max(axis=0)
        across = slice(columns.stop - 1 - int(right), columns.stop - int(left))
        seen.append(box_of(slice(rows.start + int(top), rows.start + int(bottom) + 1), across))
    return seen


def _as_seen(behind: Sequence[BoxMm], place: BoxMm, seen: BoxMm) -> list[BoxMm]:
    """Give all codes behind the paper, moved as the one that was seen lies off its place."""
    x_mm, y_mm = (seen.centre[axis] - place.centre[axis] for axis in (0, 1))
    moved = (BoxMm(code.x0 + x_mm, code.y0 + y_mm, code.x1 + x_mm, code.y1 + y_mm) for code in behind)
    return [code.grown(_AROUND_MM) for code in moved]
