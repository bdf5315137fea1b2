"""Tell a word, a nought or a question mark written into a square from a mark.

Who writes “nein” into a square and nothing else has not chosen it, though there is as much ink as of a cross. Letters
stand in a row: they are wider than high, or stand side by side with bare paper between them; a nought runs around bare
paper; a question mark has its dot. Crosses, ticks and slashes lie along two straight strokes, and a scrawl is a tangle
about as high as wide. The thresholds are measured in docs/decisions/0004-thresholds.md.
"""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.capitals import pen_px
from intake.ink_pieces import ink_pieces
from intake.sheet import strokes_side_by_side
from intake.sheet_grid import Mask, places_of, px_per_mm
from intake.straight_strokes import fullest_stroke

ROW_FROM_MM, ROW_BELOW = 2.4, 0.55
"""Width of a row of letters, and its height as a share of that: marks are 0.66 as high as wide at least in 99 %."""
ROW_ALONG_BELOW, ROW_LINE_FROM = 0.96, 0.93
"""Share of the ink along two straight strokes, below which such a row is no mark; and along a single one, from which it
is none if strokes stand side by side on it, as where a broad pen's letters run together."""
APART_MM, APART_ALONG_BELOW, APART_FROM = 0.3, 0.93, 0.12
"""Bare paper from top to bottom between letters, share of the ink along two straight strokes, and share of it that
stands on either side at least."""
WITHIN_FROM = 0.95
"""Share of the ink within the square from which no stroke leads beyond it."""
ROUND_FROM, ROUND_FROM_MM2, HIGH_FROM_MM, HIGH_FROM = 0.95, 0.25, 2.4, 0.95
"""Share of the ink that runs around one bare place, and its area: of scrawls 0.84 at most in 99 %. The height of that
ink, and the same as a share of its width: a dot is smaller."""
DOT_MM, DOT_APART_MM, DOT_ALONG_BELOW, ABOVE_MM = 0.8, 0.2, 0.97, 1.2
"""Size of the dot of a question mark beyond the pen's, the gap above it, the share of all ink along one straight
stroke, and the height of the rest."""

_ROOM_MM, _CRUMB_MM2 = 0.35, 0.05
_SLANTS = (-0.15, 0.0, 0.15, 0.3)
_CLOSED_PX = (1, 3)


def is_small_writing(ink: Mask, inside: Mask, *, breaks_up: bool) -> bool:
    """Tell whether the ink of a mark, its overshoots included, is writing; `inside` is its part within the square.

    A mark that leads beyond its square is no word in it, and the printed line parts it. Where ink came in black and
    white, `breaks_up`, pieces side by side and dots tell nothing.
    """
    if not inside.any():
        return False
    pen_mm = pen_px(ink) / px_per_mm()
    if _is_nought(ink, pen_mm):
        return True
    if inside.sum() < WITHIN_FROM * ink.sum():
        return False
    if _is_row(inside, pen_mm):
        return True
    return not breaks_up and (_stands_apart(inside, pen_mm) or _is_question(inside, pen_mm))


def _is_row(ink: Mask, pen_mm: float) -> bool:
    """Tell letters that run on along a level line."""
    _, _, width, height = cv2.boundingRect(ink.view(np.uint8))
    if width < ROW_FROM_MM * px_per_mm() or height >= ROW_BELOW * width:
        return False
    first, both = _along(ink, pen_mm)
    return both < ROW_ALONG_BELOW or (first >= ROW_LINE_FROM and strokes_side_by_side(ink) > 1)


def _is_nought(ink: Mask, pen_mm: float) -> bool:
    """Tell a stroke that runs around bare paper, and is next to nothing else; small gaps in it are closed."""
    _, _, width, height = cv2.boundingRect(ink.view(np.uint8))
    if height < max(HIGH_FROM_MM * px_per_mm(), HIGH_FROM * width):
        return False
    return any(map(partial(_runs_around, ink, pen_mm), _CLOSED_PX))


def _runs_around(ink: Mask, pen_mm: float, closed_px: int) -> bool:
    padded = np.pad(ink, max(_CLOSED_PX)).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (closed_px, closed_px))
    bare = 1 - cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
    _, labels, sizes, _ = cv2.connectedComponentsWithStats(bare, connectivity=4)
    areas_px = sizes[:, cv2.CC_STAT_AREA].copy()
    areas_px[[0, labels[0, 0]]] = 0
    largest = int(areas_px.argmax())
    if areas_px[largest] < ROUND_FROM_MM2 * px_per_mm() ** 2:
        return False
    distance = cv2.distanceTransform((labels != largest).astype(np.uint8), cv2.DIST_L2, 3)
    return float((distance[padded > 0] <= pen_mm * px_per_mm() + 2).mean()) >= ROUND_FROM


def _stands_apart(ink: Mask, pen_mm: float) -> bool:
    """Tell letters with bare paper between them, however they slant."""
    rows, columns = places_of(ink)
    gaps = (_widest_gap_px(columns + slant * rows) for slant in _SLANTS)
    return max(gaps) >= APART_MM * px_per_mm() and _along(ink, pen_mm)[1] < APART_ALONG_BELOW


def _widest_gap_px(places: NDArray[np.float64]) -> float:
    """Give the widest gap in ordered places, of those that leave enough of them on either side."""
    least = max(1, round(APART_FROM * len(places)))
    steps = np.diff(np.sort(places))[least - 1 : len(places) - least]
    return float(steps.max(initial=0.0))


def _is_question(ink: Mask, pen_mm: float) -> bool:
    """Tell a bent stroke with a dot beneath it: unlike a cross or a tick, nowhere does it run side by side."""
    boxes = [box for box in ink_pieces(ink).boxes_px.tolist() if box[4] >= _CRUMB_MM2 * px_per_mm() ** 2]
    if len(boxes) != 2:
        return False
    (_, top, _, high, _), (_, under, wide, deep, _) = sorted(boxes, key=lambda box: box[1])
    return (
        max(wide, deep) <= (pen_mm + DOT_MM) * px_per_mm()
        and high >= ABOVE_MM * px_per_mm()
        and under - top - high >= DOT_APART_MM * px_per_mm()
        and strokes_side_by_side(ink) == 1
        and _along(ink, pen_mm)[0] < DOT_ALONG_BELOW
    )


def _along(ink: Mask, pen_mm: float) -> tuple[float, float]:
    """Give the share of ink along the fullest straight stroke, and along it and the fullest of what is left."""
    rows, columns = places_of(ink)
    points = np.stack([columns, rows], axis=1) / px_per_mm()
    first, _ = fullest_stroke(points, pen_mm + _ROOM_MM)
    if first.all():
        return 1.0, 1.0
    second, _ = fullest_stroke(points[~first], pen_mm + _ROOM_MM)
    return float(first.mean()), float(first.sum() + second.sum()) / len(points)
