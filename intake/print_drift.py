"""Follow a page's print: tiles of the blank page are looked for on the page, and say how far it lies off its map.

A page that lies flat strays little and evenly. One that was folded bulges, and its lines stray by millimetres within a
hand's breadth: it is looked at again, tile by smaller tile, each time from where the last look left it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.units import MM_PER_INCH
from intake.printed_tiles import TILE_DPI, FoundTiles, PageTiles
from intake.sampling import PageView, map_points

_Numbers = NDArray[np.float64]

_MIN_TILES = 8
_INLIER_MM = 0.8
_LEVEL_WEIGHT, _PLANE_WEIGHT = 0.1, 0.2
"""What stands against a drift where little was measured, and against its changing from place to place."""
_DOUBT_ROUNDS = 4
_FLAT_TILE_SHARE, _FLAT_DRIFT_MM = 0.9, 0.6
"""A page of which fewer tiles are found, or more drift, is looked at again: it does not lie flat."""


@dataclass(frozen=True, slots=True)
class _Look:
    """How closely a page is looked at."""

    search_mm: float
    """So far around its place a tile is looked for."""
    reach_mm: float
    """So far around them tiles speak for the page."""
    doubt_mm: float
    """A tile that is so far from where those around it lead to counts half, and beyond twice as far not at all."""
    fine: bool = False
    """By smaller tiles."""


_FIRST_LOOK = _Look(search_mm=2.2, reach_mm=22.0, doubt_mm=0.4)
_WIDEST_LOOK = _Look(search_mm=4.2, reach_mm=40.0, doubt_mm=1.2)
_CLOSER_LOOKS = (
    _WIDEST_LOOK,
    _Look(search_mm=2.2, reach_mm=25.0, doubt_mm=0.6),
    _Look(search_mm=1.5, reach_mm=14.0, doubt_mm=0.4, fine=True),
    _Look(search_mm=1.5, reach_mm=9.0, doubt_mm=0.4, fine=True),
)


def follow_print(view: PageView, tiles: PageTiles) -> tuple[PageView, float]:
    """Find the drift of a page from its map by the tiles of its blank.

    Gives the view with it, and the share of tiles that were found in place.
    """
    view, share = _followed(view, tiles, _FIRST_LOOK)
    for look in _CLOSER_LOOKS:
        if share >= _FLAT_TILE_SHARE and np.abs(view.drift_mm).max() < _FLAT_DRIFT_MM:
            break
        view, share = _followed(view, tiles, look)
    return view, share


def fit_to_print(view: PageView, tiles: PageTiles) -> PageView:
    """Mend the map of a page by its print, where too few landmarks were found for a good one."""
    found = tiles.found_on(view.whole(TILE_DPI), _WIDEST_LOOK.search_mm)
    if len(found) < _MIN_TILES:
        return view
    seen_px = map_points(view.to_px, found.places_mm + found.shifts_mm)
    inlier_px = _INLIER_MM * view.dpi / MM_PER_INCH
    homography, _ = cv2.findHomography(found.places_mm, seen_px, cv2.RANSAC, inlier_px)
    return view if homography is None else replace(view, to_px=np.asarray(homography, dtype=np.float64))


def _followed(view: PageView, tiles: PageTiles, look: _Look) -> tuple[PageView, float]:
    """Look at a page once, from the drift known so far on."""
    page = view.whole(TILE_DPI)
    if look.fine:
        found, count = tiles.fine.found_on(page, np.ones(len(tiles.fine), dtype=bool), look.search_mm), len(tiles.fine)
    else:
        found, count = tiles.found_on(page, look.search_mm), len(tiles)
    if len(found) < _MIN_TILES:
        return view, 0.0
    trust = _trust(found, look)
    share = float(np.count_nonzero(trust.any(axis=1))) / count
    return replace(view, drift_mm=view.drift_mm + _spread(found, trust, view, look)), share


def _trust(tiles: FoundTiles, look: _Look) -> NDArray[np.float64]:
    """Say how far the shift of each tile can be trusted, by axis, 0 to 1; shape (n, 2).

    Each is foretold by the others alone: one that is unlike that was found in the wrong place, unless it is sure.
    """
    places = tiles.places_mm / look.reach_mm
    near = _nearness(places[:, 0], places[:, 0]) * _nearness(places[:, 1], places[:, 1])
    np.fill_diagonal(near, 0.0)
    trust = tiles.telling.astype(np.float64)
    off_mm = np.zeros(len(trust))
    for _ in range(_DOUBT_ROUNDS):
        foretold_mm = _planes((places[:, 0], places[:, 1]), places, trust, tiles.shifts_mm, lambda sums: sums @ near)
        off_mm = np.hypot(*((tiles.shifts_mm - foretold_mm) * tiles.telling).T)
        off_mm[tiles.sure] = 0.0
        trust = tiles.telling / (1 + (off_mm[:, None] / look.doubt_mm) ** 2)
    return np.asarray(np.where(off_mm[:, None] < 2 * look.doubt_mm, trust, 0.0))


def _spread(tiles: FoundTiles, trust: NDArray[np.float64], view: PageView, look: _Look) -> NDArray[np.float32]:
    """Spread the shifts of tiles over the page's cells."""
    rows, columns, _ = view.drift_mm.shape
    x = (np.arange(columns) + 0.5) * view.width_mm / columns / look.reach_mm
    y = (np.arange(rows) + 0.5) * view.height_mm / rows / look.reach_mm
    places = tiles.places_mm / look.reach_mm
    # Near along both axes is near: the weights of all cells are products of those of the columns and of the rows.
    near_x, near_y = _nearness(x, places[:, 0]), _nearness(y, places[:, 1])
    drift = _planes((x, y[:, None]), places, trust, tiles.shifts_mm, lambda sums: (sums[:, None] * near_y) @ near_x.T)
    return np.asarray(drift, dtype=np.float32)


def _nearness(at: _Numbers, places: _Numbers) -> _Numbers:
    """Say how much what was measured at some places counts at others, along one axis; shape (at, places)."""
    return np.asarray(np.exp(-0.5 * (places - at[:, None]) ** 2))


def _planes(
    at: tuple[_Numbers, _Numbers],
    places: _Numbers,
    trust: _Numbers,
    shifts: _Numbers,
    spread: Callable[[_Numbers], _Numbers],
) -> _Numbers:
    """Give the shift (x, y) at some points, each by a plane through what was measured at places around it.

    Points and places are in shares of the reach; `spread` sums what was measured at all places, shape (sums, places),
    as much of each as it counts for a point. Locally weighted regression (Cleveland 1979). Where hardly anything was
    measured the plane turns level, and then to none: nothing is made up far from print.
    """
    middle = places.mean(axis=0)
    x, y = (places - middle).T
    at_x, at_y = (of_axis - origin for of_axis, origin in zip(at, middle, strict=True))
    terms = np.stack((np.ones_like(x), x, y, x * x, x * y, y * y))
    by_axis = [
        _plane_at(at_x, at_y, *spread(of_axis * np.vstack((terms, shift * terms[:3]))))
        for of_axis, shift in zip(trust.T, shifts.T, strict=True)
    ]
    return np.stack(by_axis, axis=-1)


def _plane_at(at_x: _Numbers, at_y: _Numbers, *sums: _Numbers) -> _Numbers:
    """Give the height of a plane at (x, y) by the weighted sums of 1, x, y, x², xy, y², z, zx and zy around it.

    The sums are taken over to where the cell is the origin; there Cramer's rule gives the height alone.
    """
    n, x, y, xx, xy, yy, z, zx, zy = sums
    xx = xx - 2 * at_x * x + at_x**2 * n + _PLANE_WEIGHT
    yy = yy - 2 * at_y * y + at_y**2 * n + _PLANE_WEIGHT
    xy = xy - at_x * y - at_y * x + at_x * at_y * n
    x, y, zx, zy = x - at_x * n, y - at_y * n, zx - at_x * z, zy - at_y * z
    own, cross_x, cross_y = xx * yy - xy**2, x * yy - y * xy, x * xy - y * xx
    return np.asarray((z * own - zx * cross_x + zy * cross_y) / ((n + _LEVEL_WEIGHT) * own - x * cross_x + y * cross_y))
