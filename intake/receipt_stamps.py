"""Tell an office's receipt stamp from what somebody wrote where offices stamp.

A stamp's letters are of one height and stand in even rows, mostly within a frame; a pen's are not for long.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from forms.units import BoxMm, enclosing
from intake.printed_rows import letters_in_rows
from intake.sheet import Sheet, with_pale_ink
from intake.sheet_grid import Mask, box_of, pixels, px_per_mm

FRAMED_FROM_LETTERS, STAMP_FROM_LETTERS = 8, 15
"""Pieces of ink of even height on even lines from which they are a stamp's, with a frame and without one.

Of 400 lines of three words by real hands, 14 have the first, with no frame, and none the second."""
_AROUND_MM = 2.0
"""How far a frame's own ink may lie outside what was found of it."""
_FRAME_MM, _FRAME_FILL = (20.0, 7.0), 0.8
_FRAME_GAP_MM = 1.5
"""A frame's sides, how much of its rectangle is inside, and how wide its gaps may be."""


def stamped(sheet: Sheet, boxes: Sequence[BoxMm]) -> BoxMm | None:
    """Give the room that a stamp takes among groups of ink in one zone; None where they do not look like one.

    Initials and a date that were written into the stamp's frame belong to it; what stands beside it does not.
    """
    if not boxes:
        return None
    frame = _frame(sheet, enclosing(boxes))
    if frame is not None and _even_letters(sheet, frame) >= FRAMED_FROM_LETTERS:
        return frame.grown(_AROUND_MM)
    return next((box for box in boxes if _even_letters(sheet, box) >= STAMP_FROM_LETTERS), None)


def _even_letters(sheet: Sheet, box: BoxMm) -> int:
    return letters_in_rows(_ink(sheet, box), sheet.darkness(pixels(box)), even=True)


def _ink(sheet: Sheet, box: BoxMm) -> Mask:
    region = pixels(box)
    return with_pale_ink(sheet.ink[region], sheet.darkness(region))


def _frame(sheet: Sheet, box: BoxMm) -> BoxMm | None:
    """Find a rectangle that ink encloses, its gaps closed."""
    gap = round(_FRAME_GAP_MM * px_per_mm()) | 1
    rows, columns = pixels(box.grown(_FRAME_GAP_MM))
    closed = cv2.dilate(_ink(sheet, box.grown(_FRAME_GAP_MM)).view(np.uint8), np.ones((gap, gap), np.uint8))
    contours, hierarchy = cv2.findContours(closed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None  # no more than traces, too pale for ink
    for contour, (*_, parent) in zip(contours, np.reshape(hierarchy, (-1, 4)).tolist(), strict=True):
        _, sides, _ = cv2.minAreaRect(contour)
        shorter_px, longer_px = sorted(sides)
        is_large = longer_px >= _FRAME_MM[0] * px_per_mm() and shorter_px >= _FRAME_MM[1] * px_per_mm()
        if parent >= 0 and is_large and cv2.contourArea(contour) >= _FRAME_FILL * shorter_px * longer_px:
            x, y, width, height = cv2.boundingRect(contour)
            top, left = rows.start + y, columns.start + x
            return box_of(slice(top, top + height), slice(left, left + width)).grown(_FRAME_GAP_MM)
    return None
