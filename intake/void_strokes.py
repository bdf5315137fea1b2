"""Tell lines from a signature: a field that was crossed out, ticked or struck through, and a cross over a signature.

Who crosses a field out says that nothing, or nothing more, stands there. A person sees that at once; by the amount of
its ink alone, or by the room that it takes, a cross is a signature. Its strokes are straight, though, and few. The
thresholds are measured in docs/decisions/0004-thresholds.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from intake.capitals import pen_px
from intake.sheet_grid import Mask, places_of, px_per_mm
from intake.straight_strokes import between_deg, fullest_stroke

ONE_FROM, TWO_FROM, THREE_FROM = 0.9, 0.93, 0.97
"""Share of the ink along a single straight line, along two that part, and along three, from which it is no more."""
PART_FROM_DEG, SECOND_FROM = 22.0, 0.2
"""Angle between two such lines, and length of the shorter one as a share of the longer one's."""
THREE_PART_FROM_DEG, THIRD_FROM, THREE_FROM_MM, THREE_FROM_HIGH_MM = 8.0, 0.5, 15.0, 8.0
"""Of three lines, there and back across the field: the largest angle between two, the length of the third as a share of
the first one's, that one's length, and the height of all."""
CROSS_FROM_DEG, CROSS_MIDDLE, CROSS_FROM_MM, CROSS_REACH, CROSS_INKED = 12.0, 0.25, 15.0, 0.66, 0.9
"""Of two lines that cross all other ink: their angle; the least share of either on each side of where they cross; their
length; how much of the width and of the height of all ink each takes; and how much of its length is inked."""
LINE_FROM, LINE_FROM_MM = 0.95, 4.0
"""Share of the ink along a line, and its length, from which a text field holds nothing else."""

THICK_MM = 2.0
"""Thickness of ink above which it is a blot, in which no strokes can be made out: a pen's is 1.2 mm, a blur more."""

_ANGLES = np.deg2rad(np.arange(0.0, 180.0, 1.5))
_ACROSS = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)])
_LIKELY = 5
_PARTS = 4
_MOST_POINTS, _LEAST_POINTS = 800, 20
_BOW, _ROOM_MM = 0.025, (0.35, 2.2)
"""How far a hand strays from a straight line, as a share of the ink's extent, and at least and at most."""
_STEP_MM, _GAP_STEPS = 1.0, 6
_Points = NDArray[np.float64]
"""Shape (n, 2), x and y in mm."""


@dataclass(frozen=True, slots=True)
class _Line:
    """Ink along one straight line."""

    share: float
    """Of all ink."""
    angle_deg: float
    start: _Points
    end: _Points
    inked: float
    """Share of its length that shows ink."""

    @property
    def long_mm(self) -> float:
        return float(np.hypot(*(self.end - self.start)))


def is_void(ink: Mask) -> bool:
    """Tell ink in a signature field that is a few straight lines, or has a cross over all of it."""
    points = _points(ink)
    lines = _lines(points, ink, most=3)
    if not lines:
        return False
    size_mm = np.ptp(points, axis=0)
    return _are_all(lines, float(size_mm[1])) or any(
        _are_a_cross(first, second, size_mm) for first, second in combinations(lines, 2)
    )


def is_one_line(ink: Mask) -> bool:
    """Tell ink in a text field that is a single straight line: who leaves a field out may strike it through."""
    lines = _lines(_points(ink), ink, most=1)
    return bool(lines) and lines[0].share >= LINE_FROM and lines[0].long_mm >= LINE_FROM_MM


def _points(ink: Mask) -> _Points:
    """Give the places of ink, of much of it a sample."""
    rows, columns = places_of(ink)
    step = max(1, len(rows) // _MOST_POINTS)
    return np.stack([columns[::step], rows[::step]], axis=1) / px_per_mm()


def _lines(points: _Points, ink: Mask, most: int) -> list[_Line]:
    """Find the fullest straight line, and again the fullest of what is left; none in a blot, or in next to nothing."""
    lines: list[_Line] = []
    pen_mm = pen_px(ink) / px_per_mm() if len(points) >= _LEAST_POINTS else 0.0
    if not 0 < pen_mm <= THICK_MM:
        return lines
    first, last = np.percentile(points, (1, 99), axis=0)  # a speck may lie far off
    wide_mm = pen_mm + float(np.clip(_BOW * np.hypot(*(last - first)), *_ROOM_MM))
    left = points
    while len(left) > 1 and len(lines) < most:
        covered, angle = fullest_stroke(left, wide_mm, _likely_angles(left, wide_mm))
        lines.append(_line(points, left[covered], angle, wide_mm))
        left = left[~covered]
    return lines


def _likely_angles(points: _Points, wide_mm: float) -> NDArray[np.float64]:
    """Give the angles at which a line of that width covers most points, counted in a part of its width at a time."""
    places = np.floor((points @ _ACROSS) * (_PARTS / wide_mm)).astype(np.intp)
    places -= places.min()
    count = int(places.max()) + _PARTS
    counts = np.bincount((places + np.arange(len(_ANGLES)) * count).ravel(), minlength=count * len(_ANGLES))
    summed = np.cumsum(counts.reshape(len(_ANGLES), count), axis=1)
    fullest = (summed[:, _PARTS:] - summed[:, :-_PARTS]).max(axis=1, initial=0)
    return np.asarray(_ANGLES[np.argsort(fullest)[-_LIKELY:]])


def _line(points: _Points, own: _Points, angle: float, wide_mm: float) -> _Line:
    along, across = np.array((-np.sin(angle), np.cos(angle))), np.array((np.cos(angle), np.sin(angle)))
    middle = across * float(np.median(own @ across))
    start_mm, end_mm = _longest_run(own @ along)
    beside, reached = np.abs((points - middle) @ across), points @ along
    here = reached[(beside <= wide_mm / 2) & (reached >= start_mm) & (reached <= end_mm)]
    steps = max(1, int((end_mm - start_mm) / _STEP_MM))
    inked = len(np.unique(np.floor((here - start_mm) / _STEP_MM))) / steps
    return _Line(
        len(own) / len(points),
        float(np.rad2deg(angle)),
        middle + start_mm * along,
        middle + end_mm * along,
        inked,
    )


def _longest_run(reached_mm: NDArray[np.float64]) -> tuple[float, float]:
    """Give from where to where along a line its ink lies, without what lies far from the rest."""
    ordered = np.sort(reached_mm)
    runs = np.split(ordered, np.flatnonzero(np.diff(ordered) > _GAP_STEPS * _STEP_MM) + 1)
    longest = max(runs, key=np.ptp)
    return float(longest[0]), float(longest[-1])


def _are_all(lines: Sequence[_Line], high_mm: float) -> bool:
    """Tell whether next to all ink lies along one of the lines, along two of them, or along three."""
    first, *others = lines
    if first.share >= ONE_FROM:
        return True
    if not others:
        return False
    second, *others = others
    part = between_deg(first.angle_deg, second.angle_deg) >= PART_FROM_DEG
    if part and first.share + second.share >= TWO_FROM and second.long_mm >= SECOND_FROM * first.long_mm:
        return True
    angles = [between_deg(one.angle_deg, other.angle_deg) for one, other in combinations(lines, 2)]
    return (
        bool(others)
        and sum(line.share for line in lines) >= THREE_FROM
        and first.long_mm >= THREE_FROM_MM
        and others[0].long_mm >= THIRD_FROM * first.long_mm
        and max(angles) >= THREE_PART_FROM_DEG
        and high_mm >= THREE_FROM_HIGH_MM
    )


def _are_a_cross(first: _Line, second: _Line, size_mm: _Points) -> bool:
    """Tell whether two lines cross in their middle and reach over all other ink."""
    are_long = min(first.long_mm, second.long_mm) >= CROSS_FROM_MM
    if not are_long or between_deg(first.angle_deg, second.angle_deg) < CROSS_FROM_DEG:
        return False
    reach = np.abs([first.end - first.start, second.end - second.start])
    sides = np.stack([first.end - first.start, second.start - second.end], axis=1)
    shares = np.linalg.solve(sides, second.start - first.start)
    return bool(
        (reach >= CROSS_REACH * size_mm).all()
        and min(first.inked, second.inked) >= CROSS_INKED
        and np.minimum(shares, 1 - shares).min() >= CROSS_MIDDLE
    )
