"""The paths that a pen follows, before any ink: smooth curves in millimetres, x to the right and y downwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from forms.units import BoxMm

Stroke = NDArray[np.float64]
"""One path without lifting the pen: shape (n, 2), millimetres."""


def stroke(*points: tuple[float, float]) -> Stroke:
    """Make a stroke of points."""
    return np.array(points, dtype=np.float64)


def spline(points: Stroke, steps: int = 8) -> Stroke:
    """Lay a Catmull-Rom curve through the points, with so many steps between two of them."""
    if len(points) < 3:
        return points
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    before, start, end, after = (part[:, None, :] for part in (before, start, end, after))
    curve = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    return np.vstack([curve.reshape(-1, 2), points[-1:]])


def resample(path: Stroke, step_mm: float) -> Stroke:
    """Return points at even distances along the path, both ends included."""
    lengths = np.hypot(*np.diff(path, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    count = max(2, int(np.ceil(along[-1] / step_mm)) + 1)
    wanted = np.linspace(0, along[-1], count)
    return np.stack([np.interp(wanted, along, path[:, 0]), np.interp(wanted, along, path[:, 1])], axis=1)


def smooth_noise(count: int, every: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a random walk-like curve of mean 0 and deviation about 1 that changes over so many samples."""
    knots = rng.standard_normal(max(2, int(count / every) + 2))
    return np.interp(np.arange(count), np.arange(len(knots)) * every, knots)


def move(strokes: Iterable[Stroke], dx_mm: float, dy_mm: float) -> list[Stroke]:
    """Return the strokes, moved."""
    return [path + np.array((dx_mm, dy_mm)) for path in strokes]


def turn(strokes: Iterable[Stroke], degrees: float, centre: tuple[float, float]) -> list[Stroke]:
    """Return the strokes, turned clockwise about a point."""
    angle = np.deg2rad(degrees)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [(path - centre) @ matrix + centre for path in strokes]


def bounds(strokes: Sequence[Stroke]) -> BoxMm:
    """Return the smallest upright box around all points."""
    points = np.vstack(strokes)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return BoxMm(float(x0), float(y0), float(x1), float(y1))
