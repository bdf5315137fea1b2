"""Tell what is left of a cross, a tick or a slash from what is left of a square filled in.

Black and white breaks a pale pen up. What remains of a mark still lies along one or two straight strokes through the
square, which may lead beyond it; what remains of a filling lies all over it, along strokes side by side, or along its
edges, and is ragged. The thresholds are measured in docs/decisions/0024-black-and-white.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.sheet_grid import Mask, places_of, px_per_mm

ALONG_FROM, BROAD_ALONG_FROM, LEADING_ALONG_FROM = 0.985, 0.995, 0.9
"""Share of the ink that lies along one stroke, or two: of a pen, of a broad pen, and where a stroke leads beyond the
square, as no filling does."""
BROAD_FROM_MM, THICK_MM = 0.7, 1.4
"""Thickness of ink from which a pen is broad; and above which no stroke can be made out in a square of ours."""
LONE_MM, LONE_INKED_FROM = 3.0, 0.75
"""Inked length of a single stroke, the square's edges left out, and share of its length that is inked."""
FIRST_MM, SECOND_MM, BOTH_MM, BOTH_INKED_FROM = 1.5, 1.0, 3.2, 0.5
"""Inked length of the longer of two strokes, of the other, and of both; and share of the longer one that is inked."""
SLENDER_FROM = 3.0
"""Length of a stroke as a multiple of its thickness."""
BROAD_LONE_INKED_FROM, BROAD_INKED_FROM, BROAD_SECOND_MM = 0.9, 0.7, 2.0
"""The same of a broad pen, whose remains are hardly longer than wide: it must be all but whole."""
ANGLE_FROM_DEG = 35.0
"""Angle between two strokes: a filling's lie side by side."""
EDGE_BELOW, LONG_MM = 0.35, 5.0
"""Share of the ink on the square's edges, above which it may be the printed line's, but for so long a stroke."""
LEADING_INSIDE_MM2 = 0.15
"""Ink inside the square of a stroke that leads beyond it."""

_LEAST_PX = 8
_ROOM_MM = 0.25
_WIDE_MM = (0.5, 1.5)
_STEP_MM = 0.25
_THIN_MM = 0.3
_GAP_STEPS = 2
_ANGLES = np.deg2rad(np.arange(0.0, 180.0, 4.0))
_Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SquareParts:
    """Where around a printed square ink lies; masks of one shape."""

    inside: Mask
    edge: Mask
    """Along the printed line, where a copy leaves over of it."""
    beyond: Mask
    """Clearly outside the square."""


@dataclass(frozen=True, slots=True)
class _Stroke:
    """Ink along one straight line, as wide as the pen and a little more."""

    share: float
    """Of all ink."""
    angle_deg: float
    long_mm: float
    inked_mm: float
    clear_mm: float
    """Inked length, the square's edges left out."""
    run_mm: float
    """The longest inked part, small gaps included."""
    leads_beyond: bool
    """It reaches from the inside of the square to clearly outside."""


@dataclass(frozen=True, slots=True)
class MarkStrokes:
    """The straight strokes that the ink of a mark, its overshoots included, lies along."""

    thick_mm: float
    on_edge: float
    """Share of the ink on the square's edges."""
    fullest: tuple[_Stroke, ...]
    """The fullest stroke, and the fullest of what is left; none where there is too little ink to tell."""


def find_strokes(ink: Mask, parts: SquareParts) -> MarkStrokes:
    """Find the straight strokes that the ink of a mark lies along."""
    y, x = places_of(ink)
    thick_mm = _thickness_mm(ink)
    if len(x) < _LEAST_PX:
        return MarkStrokes(thick_mm, 0.0, ())
    return MarkStrokes(thick_mm, float(parts.edge[y, x].mean()), tuple(_strokes(x, y, thick_mm, parts)))


def lies_along_strokes(strokes: MarkStrokes) -> bool:
    """Tell whether the ink of a mark lies along one straight stroke or two that part."""
    thick_mm = strokes.thick_mm
    if not strokes.fullest or thick_mm > THICK_MM:
        return False
    first, *others = strokes.fullest
    if strokes.on_edge > EDGE_BELOW and first.long_mm < LONG_MM:
        return False
    second = others[0] if others and between_deg(first.angle_deg, others[0].angle_deg) >= ANGLE_FROM_DEG else None
    if first.leads_beyond and _leads(first, second, thick_mm):
        return True
    if first.long_mm < SLENDER_FROM * max(thick_mm, _THIN_MM):
        return False
    if thick_mm > BROAD_FROM_MM:
        return _is_whole(first, second, thick_mm)
    if first.share >= ALONG_FROM and first.clear_mm >= LONE_MM and _is_inked(first, LONE_INKED_FROM):
        return True
    return second is not None and _are_two(first, second, ALONG_FROM)


def raggedness(ink: Mask, inside: Mask) -> float:
    """Give how many pixels inside a square its eight neighbours outvote, as a share of the ink's outline there."""
    part = (ink & inside).view(np.uint8)
    outvoted = int(np.count_nonzero(np.asarray(cv2.medianBlur(part, 3)) != part))
    core = int(np.count_nonzero(np.asarray(cv2.erode(part, np.ones((3, 3), np.uint8)))))
    return outvoted / max(int(np.count_nonzero(part)) - core, 1)


def share_along_two(strokes: MarkStrokes) -> float:
    """Give the share of ink that lies along the fullest straight stroke, and along another that parts from it."""
    if not strokes.fullest:
        return 0.0
    first, *others = strokes.fullest
    parting = (other for other in others if between_deg(first.angle_deg, other.angle_deg) >= ANGLE_FROM_DEG)
    return first.share + sum(other.share for other in parting)


def _leads(first: _Stroke, second: _Stroke | None, thick_mm: float) -> bool:
    is_lone = first.share >= LEADING_ALONG_FROM and first.long_mm >= SLENDER_FROM * thick_mm
    if is_lone and _is_inked(first, BOTH_INKED_FROM):
        return True
    return second is not None and _are_two(first, second, LEADING_ALONG_FROM)


def _are_two(first: _Stroke, second: _Stroke, along_from: float) -> bool:
    return (
        first.share + second.share >= along_from
        and first.clear_mm >= FIRST_MM
        and second.clear_mm >= SECOND_MM
        and first.clear_mm + second.clear_mm >= BOTH_MM
        and _is_inked(first, BOTH_INKED_FROM)
    )


def _is_whole(first: _Stroke, second: _Stroke | None, thick_mm: float) -> bool:
    """Tell a broad pen's strokes that have lost next to nothing."""
    is_lone = first.share >= BROAD_ALONG_FROM and first.run_mm >= BROAD_LONE_INKED_FROM * first.long_mm
    if is_lone and first.run_mm >= SLENDER_FROM * thick_mm:
        return True
    return (
        second is not None
        and first.share + second.share >= BROAD_ALONG_FROM
        and first.run_mm >= SLENDER_FROM * thick_mm
        and _is_inked(first, BROAD_INKED_FROM)
        and min(second.long_mm, second.inked_mm) >= BROAD_SECOND_MM
    )


def _is_inked(stroke: _Stroke, share: float) -> bool:
    return stroke.inked_mm >= share * stroke.long_mm


def between_deg(first_deg: float, second_deg: float) -> float:
    """Give the angle between two lines, 0 to 90."""
    between = abs(first_deg - second_deg)
    return min(between, 180 - between)


def _thickness_mm(ink: Mask) -> float:
    padded = cv2.copyMakeBorder(ink.view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return 2 * float(cv2.distanceTransform(padded, cv2.DIST_L2, 3).max()) / px_per_mm()


def _strokes(x: NDArray[np.intp], y: NDArray[np.intp], thick_mm: float, parts: SquareParts) -> list[_Stroke]:
    """Find the fullest straight stroke, and the fullest of what is left."""
    wide_px = float(np.clip(thick_mm + _ROOM_MM, *_WIDE_MM)) * px_per_mm()
    points = np.stack([x, y], axis=1).astype(np.float64)
    left = np.arange(len(x))
    strokes: list[_Stroke] = []
    while len(left) and len(strokes) < 2:
        covered, angle = fullest_stroke(points[left], wide_px)
        chosen, left = left[covered], left[~covered]
        here = y[chosen], x[chosen]
        inside_mm2 = np.count_nonzero(parts.inside[here]) / px_per_mm() ** 2
        along_mm = points[chosen] @ np.array((-np.sin(angle), np.cos(angle))) / px_per_mm()
        strokes.append(
            _Stroke(
                share=len(chosen) / len(x),
                angle_deg=float(np.rad2deg(angle)),
                long_mm=float(np.ptp(along_mm)),
                inked_mm=len(_steps(along_mm)) * _STEP_MM,
                clear_mm=len(_steps(along_mm[~parts.edge[here]])) * _STEP_MM,
                run_mm=_longest_run_mm(_steps(along_mm)),
                leads_beyond=bool(inside_mm2 >= LEADING_INSIDE_MM2 and parts.beyond[here].any()),
            )
        )
    return strokes


def _steps(along_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the steps along a stroke that hold ink."""
    return np.unique(np.floor(along_mm / _STEP_MM))


def _longest_run_mm(steps: NDArray[np.float64]) -> float:
    runs = np.split(steps, np.flatnonzero(np.diff(steps) > _GAP_STEPS) + 1)
    return max(float(np.ptp(run)) + 1 for run in runs) * _STEP_MM


def fullest_stroke(
    points: _Points, wide: float, angles: NDArray[np.float64] = _ANGLES
) -> tuple[NDArray[np.bool_], float]:
    """Find the straight stroke of a width that covers most points: which it covers, and the angle it stands across.

    Points have the shape (n, 2), x and y, in any unit, and the width is in the same; each of the angles, in radians, is
    tried.
    """
    across = points @ np.stack([np.cos(angles), np.sin(angles)])
    ordered = np.sort(across, axis=0)
    best_count, best_angle, best_start = 0, 0, 0.0
    for index, places in enumerate(ordered.T):
        counts = np.searchsorted(places, places + wide, side="right") - np.arange(len(places))
        start = int(counts.argmax())
        if counts[start] > best_count:
            best_count, best_angle, best_start = int(counts[start]), index, float(places[start])
    chosen = across[:, best_angle]
    return (chosen >= best_start) & (chosen <= best_start + wide), float(angles[best_angle])
