"""Find rings: the outline of a seal, whole or broken, whatever is written in it or across it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.sheet_grid import Mask, px_per_mm

RADIUS_MM = (5.5, 20.0)
"""Of the rings of seals."""
RING_SHARE, LARGE_RING_SHARE = 0.85, 0.75
LARGE_RING_MM = 8.5
"""Share of a ring on which there is ink; less where no pen's loop is as large."""

_TRIED = 12
_CLOSER_PX = (6.0, 4.0, 2.5)
"""From how far around a circle ink is taken to draw it to its place, one time after the other."""
_FEWEST_PX = 40
_ANGLES = np.linspace(0, 2 * np.pi, 120, endpoint=False)
_Circle = tuple[float, float, float]
"""x, y and radius."""


def has_ring(ink: Mask) -> bool:
    """Tell whether ink follows a circle of a seal's size nearly all around, as no pen does by chance.

    Specks belong to it: what is left of a pale ring is made of them.
    """
    height_px, width_px = (np.ptp(np.flatnonzero(ink.any(axis=axis))) if ink.any() else 0 for axis in (1, 0))
    if min(height_px, width_px) < 2 * RADIUS_MM[0] * px_per_mm():
        return False
    near = cv2.dilate(ink.view(np.uint8), np.ones((3, 3), np.uint8)).view(np.bool_)
    y, x = np.nonzero(ink)
    return any(_follows(near, _drawn_closer(circle, x, y)) for circle in _candidates(ink))


def fit_circle(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Fit a circle by algebraic least squares (Kåsa 1976): its middle, its radius and the points' spread about it."""
    system = np.column_stack((x, y, np.ones_like(x)))
    (a, b, c), *_ = np.linalg.lstsq(system, x**2 + y**2, rcond=None)
    radius = float(np.sqrt(max(c + a**2 / 4 + b**2 / 4, 0.0)))
    distances = np.hypot(x - a / 2, y - b / 2)
    return float(a / 2), float(b / 2), radius, float(np.sqrt(np.mean((distances - radius) ** 2)))


def _candidates(ink: Mask) -> list[_Circle]:
    least, most = (round(radius * px_per_mm()) for radius in RADIUS_MM)
    circles = cv2.HoughCircles(
        ink.view(np.uint8) * 255,
        cv2.HOUGH_GRADIENT,
        1.5,
        least / 2,
        param1=100,
        param2=20,
        minRadius=least,
        maxRadius=most,
    )
    found = np.zeros((0, 3)) if circles is None else np.asarray(circles).reshape(-1, 3)[:_TRIED]
    return [(float(x), float(y), float(radius)) for x, y, radius in found]


def _drawn_closer(circle: _Circle, x: NDArray[np.intp], y: NDArray[np.intp]) -> _Circle:
    """Draw a circle that was found roughly to the ink around it."""
    for reach_px in _CLOSER_PX:
        middle_x, middle_y, radius = circle
        near = np.abs(np.hypot(x - middle_x, y - middle_y) - radius) < reach_px
        if np.count_nonzero(near) < _FEWEST_PX:
            break
        circle = fit_circle(x[near].astype(np.float64), y[near].astype(np.float64))[:3]
    return circle


def _follows(near: Mask, circle: _Circle) -> bool:
    """Tell whether ink follows a circle of a seal's size, a little larger or smaller than it was found."""
    x, y, radius = circle
    height, width = near.shape
    if not RADIUS_MM[0] - 0.5 <= radius / px_per_mm() <= RADIUS_MM[1]:
        return False
    share = LARGE_RING_SHARE if radius >= LARGE_RING_MM * px_per_mm() else RING_SHARE
    for size in (-2, -1, 0, 1, 2):
        columns = np.round(x + (radius + size) * np.cos(_ANGLES)).astype(int)
        rows = np.round(y + (radius + size) * np.sin(_ANGLES)).astype(int)
        inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        if np.count_nonzero(near[rows[inside], columns[inside]]) >= share * len(_ANGLES):
            return True
    return False
