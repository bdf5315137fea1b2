"""Tell what is left of a cross, a tick or a slash from what is left of a square filled in.

Black and white breaks a pale pen up. What remains of a mark still lies along one or two straight strokes through the
square; what remains of a filling lies all over it, or along strokes side by side. The thresholds are measured in
docs/decisions/0024-black-and-white.md.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.sheet_grid import Mask, px_per_mm

ALONG_FROM = 0.97
"""Share of the ink that lies along one stroke, or two."""
LONG_MM = 3.2
"""Length of the longer stroke; of a single one the length that is inked without a gap to speak of."""
UNBROKEN_FROM = 0.8
SECOND_MM = 2.0
"""Length of the second stroke, and of what is inked of it."""
ANGLE_FROM_DEG = 40.0
"""Angle between two strokes: a filling's lie side by side."""
THICK_MM = 1.4
"""Thickness of ink above which no stroke can be made out in a square of ours."""

_LEAST_PX = 8
_ROOM_MM = 0.25
_WIDE_MM = (0.5, 1.5)
_STEP_MM = 0.25
_ANGLES = np.deg2rad(np.arange(0.0, 180.0, 4.0))


def lies_along_strokes(ink: Mask) -> bool:
    """Tell whether the ink inside a square lies along one straight stroke or two that cross or meet."""
    y, x = np.nonzero(ink)
    thick_mm = 2 * float(cv2.distanceTransform(ink.view(np.uint8), cv2.DIST_L2, 3).max()) / px_per_mm()
    if len(x) < _LEAST_PX or thick_mm > THICK_MM:
        return False
    wide_px = float(np.clip(thick_mm + _ROOM_MM, *_WIDE_MM)) * px_per_mm()
    points = np.stack([x, y], axis=1).astype(np.float64)
    first, angle = _fullest_stroke(points, wide_px)
    long_mm, inked_mm = _lengths_mm(points[first], angle)
    if first.mean() >= ALONG_FROM and long_mm >= LONG_MM and inked_mm >= UNBROKEN_FROM * long_mm:
        return True
    rest = points[~first]
    if long_mm < LONG_MM or not len(rest):
        return False
    second, other_angle = _fullest_stroke(rest, wide_px)
    between_deg = abs(float(np.rad2deg(angle - other_angle)))
    along = int(np.count_nonzero(first) + np.count_nonzero(second))
    return (
        along >= ALONG_FROM * len(points)
        and min(between_deg, 180 - between_deg) >= ANGLE_FROM_DEG
        and min(_lengths_mm(rest[second], other_angle)) >= SECOND_MM
    )


def _fullest_stroke(points: NDArray[np.float64], wide_px: float) -> tuple[NDArray[np.bool_], float]:
    """Find the straight stroke of a width that covers most points: which it covers, and the angle it stands across."""
    across = points @ np.stack([np.cos(_ANGLES), np.sin(_ANGLES)])
    ordered = np.sort(across, axis=0)
    best_count, best_angle, best_start = 0, 0, 0.0
    for index, places in enumerate(ordered.T):
        counts = np.searchsorted(places, places + wide_px, side="right") - np.arange(len(places))
        start = int(counts.argmax())
        if counts[start] > best_count:
            best_count, best_angle, best_start = int(counts[start]), index, float(places[start])
    chosen = across[:, best_angle]
    return (chosen >= best_start) & (chosen <= best_start + wide_px), float(_ANGLES[best_angle])


def _lengths_mm(points: NDArray[np.float64], angle: float) -> tuple[float, float]:
    """Give the length of a stroke from its first point to its last, and how much of that is inked."""
    along_mm = points @ np.array((-np.sin(angle), np.cos(angle))) / px_per_mm()
    return float(np.ptp(along_mm)), len(np.unique(np.floor(along_mm / _STEP_MM))) * _STEP_MM
