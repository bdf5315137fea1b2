"""Find circles: the rings of a seal in the signature field, the edge of a punch hole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.sheet_grid import Mask, px_per_mm

RING_SHARE = 0.85
"""Share of a circle on which there is ink, from which it is a ring: no pen follows a circle so far by chance."""
RING_CLEAR, WORN_RING_CLEARER, BROKEN_RING_CLEARER = 0.4, 0.75, 0.55
"""By how much more of a ring is inked than of the circles a little inside and outside, so that it is no round letter of
a broad pen; the same from which it is a ring, however worn its stamp, and where black and white breaks ink up: in grey
40 seals have 0.93 at least, however blurred, and capitals of four signatures of 1,140 0.55 to 0.68."""

_RING_RADIUS_MM = (5.5, 20.0)
_FITS, _FIT_REACH_MM, _FIT_FROM_PER_MM = 2, 0.8, 10.0
_BESIDE_MM = 1.2
_PLACES = 120
_ON_A_LINE = 1e-12
"""Below this the points lie on a line, and no circle is the only one through them."""


def fit_circle(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Fit a circle by algebraic least squares (Kåsa 1976): its middle, its radius and the points' spread about it."""
    count = len(x)
    middle_x, middle_y = float(x.sum()) / count, float(y.sum()) / count
    x, y = x - middle_x, y - middle_y
    squares = x * x + y * y
    xx, xy, yy, x_squares, y_squares = (float(sums) for sums in (x @ x, x @ y, y @ y, x @ squares, y @ squares))
    independence = xx * yy - xy * xy
    if independence > _ON_A_LINE * (xx + yy) ** 2:
        a, b = (yy * x_squares - xy * y_squares) / independence, (xx * y_squares - xy * x_squares) / independence
    else:
        (a, b), *_ = np.linalg.lstsq(np.array(((xx, xy), (xy, yy))), np.array((x_squares, y_squares)), rcond=None)
    radius = float(np.sqrt(float(squares.sum()) / count + a**2 / 4 + b**2 / 4))
    off = np.sqrt((x - a / 2) ** 2 + (y - b / 2) ** 2) - radius
    return middle_x + float(a / 2), middle_y + float(b / 2), radius, float(np.sqrt(off @ off / count))


@dataclass(frozen=True, slots=True)
class _Look:
    """How closely rings are looked for."""

    px_per_mm: float
    of_limits: float
    """Share of the limits from which something may be a ring."""
    votes: int
    """Of inked edges, from which a circle is tried (parameter 2 of OpenCV's Hough transform)."""
    tried: int
    """Circles at most, those with most votes first."""


_AT_HALF = _Look(px_per_mm() / 2, 0.6, 10, 12)
_IN_FULL = _Look(px_per_mm(), 1.0, 20, 12)
"""Of 753 seals that are found in full, with 45 to 100 % of their rings left, 3 (with 45 %) are not found by half."""


def has_ring(ink: Mask, *, breaks_up: bool = True) -> bool:
    """Tell the ring of a seal, whole or broken: ink follows a circle nearly all around, as no pen does by chance.

    `breaks_up` says that arcs of it may be gone, as from black and white.
    Looked for at half the resolution first, in a fraction of the time: most signatures have nothing like it.
    """
    height_px, width_px = (np.ptp(np.flatnonzero(ink.any(axis=axis))) if ink.any() else 0 for axis in (1, 0))
    if min(height_px, width_px) < 2 * round(_RING_RADIUS_MM[0] * px_per_mm()):
        return False
    clearer = BROKEN_RING_CLEARER if breaks_up else WORN_RING_CLEARER
    half = cv2.dilate(ink.view(np.uint8), np.ones((2, 2), np.uint8))[1::2, 1::2]
    at_half = _follows_circle(np.ascontiguousarray(half), clearer, _AT_HALF)
    return at_half and _follows_circle(ink.view(np.uint8), clearer, _IN_FULL)


def _follows_circle(ink: NDArray[np.uint8], clearer: float, look: _Look) -> bool:
    """Tell whether ink (1, else 0) follows a circle."""
    least, most = (round(radius * look.px_per_mm) for radius in _RING_RADIUS_MM)
    near = np.asarray(cv2.dilate(ink, np.ones((3, 3), np.uint8)), dtype=np.uint8)
    inked = np.stack(np.divmod(np.flatnonzero(ink), ink.shape[1]), axis=1)
    middles = (_middle(inked, circle, look.px_per_mm) for circle in _candidates(ink, least, most, look))
    beside = round(_BESIDE_MM * look.px_per_mm)
    shares = (_shares(near, middle, least - beside - 2, most + beside + 2) for middle in middles)
    return any(_is_ring(of_each / look.of_limits, beside, clearer) for of_each in shares)


def _candidates(ink: NDArray[np.uint8], least: int, most: int, look: _Look) -> list[tuple[float, float, float]]:
    """Give circles that a ring may lie on, as x, y and radius: around whole pieces, and through what lies in arcs."""
    pieces, _ = cv2.findContours(ink, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    around = [(x, y, radius) for (x, y), radius in map(cv2.minEnclosingCircle, pieces) if least <= radius <= most]
    through = cv2.HoughCircles(
        ink * np.uint8(255),
        cv2.HOUGH_GRADIENT,
        1.5,
        least / 2,
        param1=100,
        param2=look.votes,
        minRadius=least,
        maxRadius=most,
    )
    found = np.zeros((0, 3)) if through is None else np.asarray(through).reshape(-1, 3)[: look.tried]
    return [*around, *((x, y, radius) for x, y, radius in found.tolist())]


def _middle(inked: NDArray[np.intp], circle: tuple[float, float, float], px_per_mm: float) -> tuple[float, float]:
    """Give the middle of a circle that was found, to a fraction of a pixel: by the ink that lies along it."""
    x, y, radius = circle
    for _ in range(_FITS):
        off_px = np.abs(np.hypot(inked[:, 1] - x, inked[:, 0] - y) - radius)
        along = inked[off_px <= _FIT_REACH_MM * px_per_mm]
        if len(along) < _FIT_FROM_PER_MM * px_per_mm:
            break
        x, y, radius, _ = fit_circle(along[:, 1].astype(np.float64), along[:, 0].astype(np.float64))
    return x, y


def _shares(near: NDArray[np.uint8], middle: tuple[float, float], least: int, most: int) -> NDArray[np.float64]:
    """Give the share that is inked of each circle around a point, by its radius: of two rings one may be broken."""
    right, down = _round(least, most)
    x, y = (np.float32(at) for at in middle)
    inked = cv2.remap(near, x + right, y + down, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(np.count_nonzero(inked, axis=1) / _PLACES)


@lru_cache(maxsize=4)
def _round(least: int, most: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give how far right and down of its middle places on circles lie; shape (radii, places)."""
    angles = np.linspace(0, 2 * np.pi, _PLACES, endpoint=False)
    radii = np.arange(least, most + 1)[:, None]
    return (radii * np.cos(angles)).astype(np.float32), (radii * np.sin(angles)).astype(np.float32)


def _is_ring(shares: NDArray[np.float64], beside: int, clearer_from: float) -> bool:
    """Tell whether one of the circles is a ring: inked nearly all around, or clearly more than what lies beside it."""
    along = shares[beside:-beside]
    clearer = along - np.maximum(shares[: -2 * beside], shares[2 * beside :])
    is_whole = (along >= RING_SHARE) & (clearer >= RING_CLEAR)
    return bool(is_whole.any() or (clearer >= clearer_from).any())
