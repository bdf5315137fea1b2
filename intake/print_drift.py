"""Follow a page's print: tiles of the blank page are looked for on the page, and say how far it lies off its map.

A page that lies flat strays little and evenly. One that was folded bulges, and its lines stray by millimetres within a
hand's breadth: it is looked at again, tile by smaller tile, each time from where the last look left it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.units import MM_PER_INCH
from intake.pictures import Grey
from intake.printed_page import TILE_DPI
from intake.sampling import PageView, best_match, map_points

_TILE_SCORE = 0.45
_TILE_NEAR_PX = 2
_TILE_SURE_SCORE = 0.6
_TILE_CERTAIN_SCORE = 0.85
_TILE_DARK, _TILE_INK = 128, 0.015
_MIN_TILES = 8
_TELLING_SHARE = 0.15
"""Share of a tile's edges that lie across an axis from which it tells a place along that axis."""
_INLIER_MM = 0.8
_LEVEL_WEIGHT, _PLANE_WEIGHT = 0.1, 0.2
"""What stands against a drift where little was measured, and against its changing from place to place."""
_DOUBT_ROUNDS = 4
_FLAT_TILE_SHARE, _FLAT_DRIFT_MM = 0.9, 0.6
"""A page of which fewer tiles are found, or more drift, is looked at again: it does not lie flat."""


@dataclass(frozen=True, slots=True)
class _Look:
    """How closely a page is looked at."""

    tile_mm: tuple[float, float]
    pitch_mm: tuple[float, float]
    """At most so far apart lie the middles of tiles."""
    search_mm: float
    """So far around its place a tile is looked for."""
    reach_mm: float
    """So far around them tiles speak for the page."""
    doubt_mm: float
    """A tile that is so far from where those around it lead to counts half, and beyond twice as far not at all."""


_FIRST_LOOK = _Look((20.0, 11.0), (25.0, 13.5), search_mm=2.2, reach_mm=22.0, doubt_mm=0.4)
_WIDEST_LOOK = _Look((20.0, 11.0), (25.0, 13.5), search_mm=4.2, reach_mm=40.0, doubt_mm=1.2)
_CLOSER_LOOKS = (
    _WIDEST_LOOK,
    _Look((20.0, 11.0), (25.0, 13.5), search_mm=2.2, reach_mm=25.0, doubt_mm=0.6),
    _Look((14.0, 6.0), (12.5, 6.75), search_mm=1.5, reach_mm=14.0, doubt_mm=0.4),
    _Look((14.0, 6.0), (12.5, 6.75), search_mm=1.5, reach_mm=9.0, doubt_mm=0.4),
)


@dataclass(frozen=True)
class _Tiles:
    """Tiles of the blank page that were found on a page; arrays have shape (n, 2), x and y."""

    places_mm: NDArray[np.float64]
    """Their middles."""
    shifts_mm: NDArray[np.float64]
    """How far from there they were found."""
    telling: NDArray[np.bool_]
    """Along which axes that says something: a rule of the page is found anywhere along itself."""
    sure: NDArray[np.bool_]
    """Which were found so like themselves that nothing else can have been taken for them; shape (n,)."""
    count: int
    """How many were looked for."""

    @property
    def few(self) -> bool:
        """Too few were found to say anything."""
        return len(self.places_mm) < _MIN_TILES


def follow_print(view: PageView, blank: Grey) -> tuple[PageView, float]:
    """Find the drift of a page from its map; gives the view with it, and the share of tiles that were found in place.

    `blank` is the issued page, rendered in grey at TILE_DPI.
    """
    view, share = _followed(view, blank, _FIRST_LOOK)
    for look in _CLOSER_LOOKS:
        if share >= _FLAT_TILE_SHARE and np.abs(view.drift_mm).max() < _FLAT_DRIFT_MM:
            break
        view, share = _followed(view, blank, look)
    return view, share


def fit_to_print(view: PageView, blank: Grey) -> PageView:
    """Mend the map of a page by its print, where too few landmarks were found for a good one."""
    tiles = _find_tiles(view, blank, _WIDEST_LOOK)
    if tiles.few:
        return view
    seen_px = map_points(view.to_px, tiles.places_mm + tiles.shifts_mm)
    inlier_px = _INLIER_MM * view.dpi / MM_PER_INCH
    homography, _ = cv2.findHomography(tiles.places_mm, seen_px, cv2.RANSAC, inlier_px)
    return view if homography is None else replace(view, to_px=np.asarray(homography, dtype=np.float64))


def _followed(view: PageView, blank: Grey, look: _Look) -> tuple[PageView, float]:
    """Look at a page once, from the drift known so far on."""
    tiles = _find_tiles(view, blank, look)
    if tiles.few:
        return view, 0.0
    trust = _trust(tiles, look)
    share = float(np.count_nonzero(trust.any(axis=1))) / tiles.count
    return replace(view, drift_mm=view.drift_mm + _spread(tiles, trust, view, look)), share


def _find_tiles(view: PageView, blank: Grey, look: _Look) -> _Tiles:
    """Look for the blank page's printed tiles on a page as it is viewed."""
    centres, boxes = _printed_tiles(blank, view, look)
    page = view.whole(TILE_DPI)
    reach_px = round(look.search_mm * TILE_DPI / MM_PER_INCH)
    matches = [
        _match_tile(page, blank[top:bottom, left:right], (left, top, right, bottom), reach_px)
        for left, top, right, bottom in boxes.tolist()
    ]
    scores = np.array([score for score, _ in matches])
    shifts = np.array([shift for _, shift in matches]).reshape(-1, 2)
    found = scores >= _TILE_SCORE
    sure = scores[found] >= _TILE_CERTAIN_SCORE
    return _Tiles(centres[found], shifts[found], _telling(blank, boxes[found]), sure, len(boxes))


def _printed_tiles(blank: Grey, view: PageView, look: _Look) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Choose the tiles of the blank page that hold enough print.

    Gives their middles in mm, shape (n, 2), and their left, top, right and bottom edges in pixels, shape (n, 4).
    """
    x_mm, y_mm = (
        _middles(side_mm, tile_mm, pitch_mm)
        for side_mm, tile_mm, pitch_mm in zip((view.width_mm, view.height_mm), look.tile_mm, look.pitch_mm, strict=True)
    )
    centres = np.stack(np.meshgrid(x_mm, y_mm), axis=-1).reshape(-1, 2)
    size_px = np.round(np.array(look.tile_mm) * TILE_DPI / MM_PER_INCH)
    start = np.round(centres * TILE_DPI / MM_PER_INCH - size_px / 2)
    boxes = np.hstack((start, start + size_px)).astype(np.intp)
    dark = _sums((blank < _TILE_DARK).view(np.uint8), boxes)
    enough = dark >= _TILE_INK * size_px.prod()
    return centres[enough], boxes[enough]


def _middles(side_mm: float, tile_mm: float, pitch_mm: float) -> NDArray[np.float64]:
    """Lay tiles evenly along a side of the page, from near one edge to near the other."""
    first, last = tile_mm / 2 + 4.5, side_mm - tile_mm / 2 - 4.5
    return np.linspace(first, last, int(np.ceil((last - first) / pitch_mm)) + 1)


def _sums(picture: NDArray[np.uint8] | NDArray[np.float32], boxes: NDArray[np.intp]) -> NDArray[np.float64]:
    """Sum a picture up within boxes (left, top, right, bottom)."""
    sums = cv2.integral(picture, sdepth=cv2.CV_64F)
    left, top, right, bottom = boxes.T
    return np.asarray(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])


def _telling(blank: Grey, boxes: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell along which axes tiles have edges enough to be found in one place only; shape (n, 2)."""
    slopes = (np.asarray(cv2.Sobel(blank, cv2.CV_32F, *axis), dtype=np.float32) for axis in ((1, 0), (0, 1)))
    strength = np.stack([_sums(slope**2, boxes) for slope in slopes], axis=-1)
    return np.asarray(strength >= _TELLING_SHARE * strength.sum(axis=-1, keepdims=True))


def _match_tile(page: Grey, tile: Grey, box: Sequence[int], reach_px: int) -> tuple[float, NDArray[np.float64]]:
    """Look for a tile where it should be, and further around it only where it is not found there.

    Gives the score and the offset in mm; 0 where it may lie beyond the reach.
    """
    score, offset_px = _match_within(page, tile, box, _TILE_NEAR_PX)
    if score < _TILE_SURE_SCORE or _is_at_edge(offset_px, _TILE_NEAR_PX):
        score, offset_px = _match_within(page, tile, box, reach_px)
        if _is_at_edge(offset_px, reach_px):
            score = 0.0
    return score, offset_px * MM_PER_INCH / TILE_DPI


def _is_at_edge(offset_px: NDArray[np.float64], reach_px: int) -> bool:
    return bool(np.abs(offset_px).max() > reach_px - 0.5)


def _match_within(page: Grey, tile: Grey, box: Sequence[int], reach: int) -> tuple[float, NDArray[np.float64]]:
    left, top, right, bottom = box
    window = page[max(0, top - reach) : bottom + reach, max(0, left - reach) : right + reach]
    if window.shape != (bottom - top + 2 * reach, right - left + 2 * reach):
        return 0.0, np.zeros(2)
    return best_match(window, tile)


def _trust(tiles: _Tiles, look: _Look) -> NDArray[np.float64]:
    """Say how far the shift of each tile can be trusted, by axis, 0 to 1; shape (n, 2).

    Each is foretold by the others alone: one that is unlike that was found in the wrong place, unless it is sure.
    """
    away = (tiles.places_mm - tiles.places_mm[:, None]) / look.reach_mm
    near = _nearness(away)
    np.fill_diagonal(near, 0.0)
    trust = tiles.telling.astype(np.float64)
    off_mm = np.zeros(len(trust))
    for _ in range(_DOUBT_ROUNDS):
        foretold_mm = _planes(away, near, trust, tiles.shifts_mm)
        off_mm = np.hypot(*((tiles.shifts_mm - foretold_mm) * tiles.telling).T)
        off_mm[tiles.sure] = 0.0
        trust = tiles.telling / (1 + (off_mm[:, None] / look.doubt_mm) ** 2)
    return np.asarray(np.where(off_mm[:, None] < 2 * look.doubt_mm, trust, 0.0))


def _spread(tiles: _Tiles, trust: NDArray[np.float64], view: PageView, look: _Look) -> NDArray[np.float32]:
    """Spread the shifts of tiles over the page's cells."""
    rows, columns, _ = view.drift_mm.shape
    x_mm, y_mm = (np.arange(columns) + 0.5) * view.width_mm / columns, (np.arange(rows) + 0.5) * view.height_mm / rows
    cells = np.stack(np.meshgrid(x_mm, y_mm), axis=-1).reshape(-1, 2)
    away = (tiles.places_mm - cells[:, None]) / look.reach_mm
    drift = _planes(away, _nearness(away), trust, tiles.shifts_mm)
    return np.asarray(drift.reshape(rows, columns, 2), dtype=np.float32)


def _nearness(away: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.exp(-0.5 * (away**2).sum(axis=-1)))


def _planes(
    away: NDArray[np.float64], near: NDArray[np.float64], trust: NDArray[np.float64], shifts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the shift (x, y) at some places, each by a plane through what was measured around it.

    `away` is how far each measurement lies from each place, in shares of the reach, shape (places, measurements, 2);
    `near` is how much it counts there. Locally weighted regression (Cleveland 1979). Where hardly anything was
    measured the plane turns level, and then to none: nothing is made up far from print.
    """
    terms = np.concatenate((np.ones_like(near)[..., None], away), axis=-1)
    prior = np.diag((_LEVEL_WEIGHT, _PLANE_WEIGHT, _PLANE_WEIGHT))
    planes = []
    for of_axis, shift in zip(trust.T, shifts.T, strict=True):
        weighted = (terms * (near * of_axis)[..., None]).swapaxes(1, 2)
        planes.append(np.linalg.solve(weighted @ terms + prior, weighted @ shift[:, None])[:, 0, 0])
    return np.stack(planes, axis=-1)
