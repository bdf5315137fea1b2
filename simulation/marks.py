"""What people draw into, onto and beside a checkbox."""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np

from forms.units import BoxMm
from simulation.strokes import Stroke, spline, stroke


class MarkShape(Enum):
    """How somebody marks an option."""

    CROSS = "cross"
    TICK = "tick"
    SLASH = "slash"
    DOT = "dot"
    FILLED = "filled"
    """The square filled in: the form tells to do so who takes a mark back, and some choose so."""
    SCRAWL = "scrawl"
    CIRCLE = "circle"
    """Drawn around the square: nothing inside it."""


MOST_COVERED = 0.4
"""Share of its square that a mark covers at most: one that covers more may as well be a square filled in."""
_TRIES = 40
_PX_PER_MM = 20


def mark_strokes(shape: MarkShape, box: BoxMm, reach: float, rng: np.random.Generator) -> list[Stroke]:
    """Return the strokes of a mark whose half size is `reach` times the square's (1: corner to corner)."""
    unit = _SHAPES[shape](rng)
    centre = np.array(box.centre) + rng.normal(0, 0.06 * box.width, 2)
    half = 0.5 * box.width * (max(1.0, reach) if shape is MarkShape.CIRCLE else reach)
    return [path * half * np.exp(rng.normal(0, 0.06, 2)) + centre for path in unit]


def open_mark_strokes(
    shape: MarkShape, box: BoxMm, reach: float, width_mm: float, rng: np.random.Generator
) -> list[Stroke]:
    """Return the strokes of a mark that leaves most of its square bare, for a pen of this width.

    Drawn again until it does; of many that do not (a blot of a mark), the last.
    """
    strokes = mark_strokes(shape, box, reach, rng)
    for _ in range(_TRIES):
        if covered_share(strokes, box, width_mm) <= MOST_COVERED:
            break
        strokes = mark_strokes(shape, box, reach, rng)
    return strokes


def covered_share(strokes: list[Stroke], box: BoxMm, width_mm: float) -> float:
    """Share of a square that a pen of this width covers by the strokes, 0 to 1."""
    square = np.zeros((round(box.height * _PX_PER_MM), round(box.width * _PX_PER_MM)), np.uint8)
    for path in strokes:
        points = np.round((path - (box.x0, box.y0)) * _PX_PER_MM).astype(np.int32)
        cv2.polylines(square, [points], isClosed=False, color=(1,), thickness=max(1, round(width_mm * _PX_PER_MM)))
    return float(square.mean())


def blackened(box: BoxMm, rng: np.random.Generator) -> list[Stroke]:
    """Return the strokes that fill a square, as the form asks for who corrects a mark; a few slip over the edge."""
    rows = int(box.height / 0.28)
    zigzag = []
    for row in range(rows):
        y = box.y0 + (row + 0.5) * box.height / rows
        left, right = box.x0 + 0.1, box.x1 - 0.1
        ends = (left, right) if row % 2 == 0 else (right, left)
        zigzag += [(end + rng.normal(0, 0.3), y + rng.normal(0, 0.12)) for end in ends]
    diagonal = [(box.x0 + 0.5, box.y0 + 0.6), (box.x1 - 0.4, box.y1 - 0.5), (box.x1 - 0.6, box.y0 + 0.8)]
    return [stroke(*zigzag), stroke(*diagonal)]


def _cross(rng: np.random.Generator) -> list[Stroke]:
    ends = np.array([(-1, -1), (1, 1), (1, -1), (-1, 1)]) + rng.normal(0, 0.14, (4, 2))
    bows = rng.normal(0, 0.1, (2, 2))
    return [
        spline(np.array([ends[0], (ends[0] + ends[1]) / 2 + bows[0], ends[1]])),
        spline(np.array([ends[2], (ends[2] + ends[3]) / 2 + bows[1], ends[3]])),
    ]


def _tick(rng: np.random.Generator) -> list[Stroke]:
    points = np.array([(-0.8, -0.1), (-0.25, 0.75), (1.1, -1.2)]) + rng.normal(0, 0.12, (3, 2))
    bow = (points[1] + points[2]) / 2 + rng.normal(0, 0.1, 2)
    return [np.vstack([points[:2], spline(np.array([points[1], bow, points[2]]))])]


def _slash(rng: np.random.Generator) -> list[Stroke]:
    points = np.array([(0.95, -1.0), (0.0, 0.0), (-0.95, 1.0)]) + rng.normal(0, 0.12, (3, 2))
    return [spline(points)]


def _dot(rng: np.random.Generator) -> list[Stroke]:
    angles = np.linspace(0, 6 * np.pi, 30)
    radius = np.linspace(0.05, 0.35, 30) * rng.uniform(0.8, 1.2)
    return [np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1)]


def _filled(rng: np.random.Generator) -> list[Stroke]:
    xs = np.linspace(-0.8, 0.8, 15) + rng.normal(0, 0.05, 15)
    ys = np.where(np.arange(15) % 2, 0.8, -0.8) + rng.normal(0, 0.1, 15)
    return [np.stack([xs, ys], axis=1)]


def _scrawl(rng: np.random.Generator) -> list[Stroke]:
    return [spline(rng.uniform(-1.05, 1.05, (int(rng.integers(7, 13)), 2)))]


def _circle(rng: np.random.Generator) -> list[Stroke]:
    angles = np.linspace(-1.8, -1.8 + 2 * np.pi * rng.uniform(1.0, 1.2), 14)
    radius = 1.75 * (1 + rng.normal(0, 0.05, 14))
    return [spline(np.stack([radius * np.cos(angles), 0.95 * radius * np.sin(angles)], axis=1))]


_SHAPES = {
    MarkShape.CROSS: _cross,
    MarkShape.TICK: _tick,
    MarkShape.SLASH: _slash,
    MarkShape.DOT: _dot,
    MarkShape.FILLED: _filled,
    MarkShape.SCRAWL: _scrawl,
    MarkShape.CIRCLE: _circle,
}
