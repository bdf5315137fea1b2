"""Find a name in capitals where a signature belongs: letters of one height between two straight lines.

Printed by hand they are what a form asks for beside the signature, and no signature. Where letters stand apart,
`intake.printed_rows` counts them; here they are told as a whole, however large they are and wherever they touch. The
thresholds are measured in docs/decisions/0004-thresholds.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.ink_pieces import ink_pieces
from intake.order_statistics import median, quantiles
from intake.sheet import SPECK_MM2, bounds_px, piece_boxes, without_specks
from intake.sheet_grid import Mask, places_of, px_per_mm

AGREE_FROM = 0.95
"""Share of the places along the ink where it reaches from one line to the other, and no further."""
OUTSIDE_BELOW = 0.025
UPPER_FROM, LOWER_BELOW = 0.24, 0.41
"""Share of the ink beyond the two lines, in the upper third between them, and in the lower third."""
STROKES_FROM = 4
BLOT_FROM = 0.9
"""Strokes that a line halfway up crosses; and where letters of a broad pen leave no gaps, the share of narrow places
that reach from line to line."""
LONG_FROM = 4.0
"""Length of the ink as a multiple of its height."""
JOINED_FROM, LONG_JOINED_FROM = 2.4, 3.9
JOINED_BELOW, BROAD_JOINED_BELOW, LONG_JOINED_BELOW = 0.82, 0.78, 0.9
BROAD_FROM = 0.2
"""Of writing whose letters hang together: the length of its longest run as a multiple of its height; the share of
narrow places along the ink that reach from line to line, below which small letters stand between tall ones; and the
breadth of a pen, as a share of the height, from which even capitals hang together."""
PERHAPS_FROM = 0.65
PERHAPS_OUTSIDE_BELOW = 0.1
"""The first two for a word that may be in capitals: short, or not quite even."""

_LEAST_MM = 2.0
_SLOPES = np.linspace(-0.15, 0.15, 13)
_WINDOW, _STEP = 0.8, 0.2
"""Width of the places along the ink that are looked at, about that of a letter, and how far apart they lie."""
_NARROW, _NEAR_LINE = 0.4, 0.2
_OFF_LINE = 0.17
_DOT = 0.35


class Capitals(Enum):
    """Whether ink is a line of capitals."""

    NO = "no"
    PERHAPS = "perhaps"
    """Too short or too uneven to be told by its outline alone, or hanging together like writing: to be read."""
    YES = "yes"


@dataclass(frozen=True, slots=True)
class _Band:
    """Two parallel lines that ink stands between, in pixels."""

    agree: float
    rows: NDArray[np.float64]
    """Of each inked pixel: how far below the upper line it lies, as a share of the height; 1 is the lower line."""
    height_px: float


def find_capitals(inked: Mask) -> Capitals:
    """Tell whether the ink in a part of a sheet looks like a line of capitals."""
    ink = without_specks(inked, SPECK_MM2)
    ink = _without_dots(ink[bounds_px(ink)])
    y, x = places_of(ink)
    band = _fit_band(x, y) if len(x) else None
    if band is None or band.agree < PERHAPS_FROM:
        return Capitals.NO
    outside = np.mean((band.rows < -_OFF_LINE) | (band.rows > 1 + _OFF_LINE))
    strokes, reaching = _strokes_across(x, band), _share_reaching(x, band)
    if band.agree >= AGREE_FROM and outside < OUTSIDE_BELOW and _stands_as_capitals(x, band):
        if strokes >= STROKES_FROM and _hangs_together(ink, reaching, band):
            return Capitals.PERHAPS
        if strokes >= STROKES_FROM or reaching >= BLOT_FROM:
            return Capitals.YES
    return Capitals.PERHAPS if outside < PERHAPS_OUTSIDE_BELOW and strokes >= STROKES_FROM else Capitals.NO


def evenness(ink: Mask) -> float:
    """Share of the places along the ink where it reaches from one straight line to another, 0 to 1, specks included.

    Near 1 for capitals, also where they break up; 1 where there is too little to tell.
    """
    y, x = places_of(ink)
    band = _fit_band(x, y) if len(x) else None
    return 1.0 if band is None else band.agree


def _stands_as_capitals(x: NDArray[np.intp], band: _Band) -> bool:
    """Tell ink that fills its upper and its lower third as capitals do, and is long enough for a name."""
    third = 1 / 3
    upper = np.mean((band.rows >= -_OFF_LINE) & (band.rows < third))
    lower = np.mean((band.rows > 1 - third) & (band.rows <= 1 + _OFF_LINE))
    return bool(upper >= UPPER_FROM and lower < LOWER_BELOW and np.ptp(x) >= LONG_FROM * band.height_px)


def _share_reaching(x: NDArray[np.intp], band: _Band) -> float:
    """Give the share of narrow places along the ink that reach from line to line."""
    top, foot = _outline(x, band.rows)
    tops, feet = _reach(top, foot, max(3, int(_NARROW * band.height_px)), 1)
    return float(np.mean((tops < _NEAR_LINE) & (feet > 1 - _NEAR_LINE)))


def _hangs_together(ink: Mask, reaching: float, band: _Band) -> bool:
    """Tell a legible name, written on without lifting the pen: small letters stand between its tall ones."""
    longest = float(piece_boxes(ink)[:, 2].max()) / band.height_px
    if pen_px(ink) >= BROAD_FROM * band.height_px:
        return longest >= JOINED_FROM and reaching < BROAD_JOINED_BELOW
    is_long = longest >= LONG_JOINED_FROM and reaching < LONG_JOINED_BELOW
    return is_long or (longest >= JOINED_FROM and reaching < JOINED_BELOW)


def pen_px(ink: Mask) -> float:
    """The breadth of the pen: twice the distance from the middle of its strokes to their edge."""
    distance = cv2.distanceTransform(ink.view(np.uint8), cv2.DIST_L2, 5)
    middle = ink & (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)))
    return 2 * median(distance[middle].astype(np.float64))


def _without_dots(ink: Mask) -> Mask:
    """Leave out what is small beside the rest: the dots above an umlaut, a full stop."""
    pieces = ink_pieces(ink)
    _, _, width, height, _ = pieces.boxes_px.T
    return pieces.only(np.maximum(width, height) >= _DOT * height.max(initial=1))


def _fit_band(x: NDArray[np.intp], y: NDArray[np.intp]) -> _Band | None:
    """Find the lines, of any slope that people write at, between which most of the ink reaches up and down."""
    best = None
    level_top, level_foot = _outline(x, y)
    along = np.arange(len(level_top)) + x.min() - x.mean()
    tops_by_slope, feet_by_slope = (level - _SLOPES[:, None] * along for level in (level_top, level_foot))
    inked = np.isfinite(level_top)
    heights_px = quantiles(feet_by_slope[:, inked], 0.9) - quantiles(tops_by_slope[:, inked], 0.1)
    for slope, top, foot, spread_px in zip(_SLOPES, tops_by_slope, feet_by_slope, heights_px.tolist(), strict=True):
        if spread_px < _LEAST_MM * px_per_mm():
            continue
        tops, feet = _reach(top, foot, max(3, int(_WINDOW * spread_px)), max(1, int(_STEP * spread_px)))
        upper, lower = median(tops), median(feet)
        height_px = max(lower - upper, 1.0)
        off_px = _OFF_LINE * height_px + 1
        agreeing = (np.abs(tops - upper) < off_px) & (np.abs(feet - lower) < off_px)
        agree = np.count_nonzero(agreeing) / len(agreeing)
        if height_px >= _LEAST_MM * px_per_mm() and (best is None or agree > best.agree):
            best = _Band(agree, (y - slope * (x - x.mean()) - upper) / height_px, height_px)
    return best


def _outline(
    x: NDArray[np.intp], y: NDArray[np.intp] | NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the upper and the lower edge of the ink by its columns; infinite where a column holds none."""
    columns = x - x.min()
    top, foot = np.full(columns.max() + 1, np.inf), np.full(columns.max() + 1, -np.inf)
    np.minimum.at(top, columns, y)
    np.maximum.at(foot, columns, y)
    return top, foot


def _reach(
    top: NDArray[np.float64], foot: NDArray[np.float64], window: int, step: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give how far up and down the ink reaches at places along it, each so many columns wide."""
    window = min(len(top), window)
    places = np.arange(0, len(top) - window + 1, step)[:, None] + np.arange(window)
    tops, feet = top[places].min(axis=1), foot[places].max(axis=1)
    inked = np.isfinite(tops)
    return tops[inked], feet[inked]


def _strokes_across(x: NDArray[np.intp], band: _Band) -> int:
    """Count the strokes that cross a line halfway up: runs of columns with ink near it."""
    half = np.abs(band.rows - 0.5) < max(0.06, 1.0 / band.height_px)
    columns = np.unique(x[half])
    return 0 if not len(columns) else 1 + int(np.count_nonzero(np.diff(columns) > 1))
