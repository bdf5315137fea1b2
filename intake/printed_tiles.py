"""Find where small tiles of the blank page lie on a page that is laid out beside it, to a fraction of a pixel.

Most tiles lie where they should, or nearly so. There the brightness around each printed edge tells how far it was moved
(Lucas and Kanade 1981), for all tiles at once. Only a tile of which that says nothing certain is searched for around
its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.units import MM_PER_INCH
from intake.pictures import Grey
from intake.sampling import best_match
from intake.sheet_grid import SHEET_DPI, touching

TILE_DPI = SHEET_DPI / 2
"""Resolution at which a page is compared with its blank, tile by tile, to find its drift."""

_EDGE_MM = 4.5
_TILE_SCORE = 0.45
_TILE_NEAR_PX = 2
_TILE_SURE_SCORE = 0.6
_TILE_CERTAIN_SCORE = 0.85
_TILE_DARK, _TILE_INK = 128, 0.015
_MOVED_SCORE, _MOVED_PX, _MOVED_CONTRAST = 0.85, 0.6, 0.1
"""Likeness, distance and contrast up to which the brightness around edges tells how far a tile was moved."""
_EDGES_BOTH_WAYS = 0.05
"""Share of a tile's edges that run along, and across, from which it tells how far it was moved in both directions."""
_TELLING_SHARE = 0.15
"""Share of a tile's edges that lie across an axis from which it tells a place along that axis."""

_FLAT = 1.0
_SLOPE_ROOM_PX = 2
"""Pixels around a tile that its slopes, softened, depend on."""

Region = tuple[slice, slice]
"""Rows and columns of a sheet."""


@dataclass(frozen=True, slots=True)
class TileGrid:
    """How tiles are laid over a page."""

    tile_mm: tuple[float, float]
    """Width and height of each."""
    pitch_mm: tuple[float, float]
    """At most so far apart lie their middles, across and down."""


USUAL = TileGrid((20.0, 11.0), (25.0, 13.5))
FINE = TileGrid((14.0, 6.0), (12.5, 6.75))


@dataclass(frozen=True)
class FoundTiles:
    """Tiles of the blank page that were found on a page; arrays are of length n, and of shape (n, 2) for x and y."""

    places_mm: NDArray[np.float64]
    """Their middles on the blank page; shape (n, 2)."""
    shifts_mm: NDArray[np.float64]
    """How far from there they were found; shape (n, 2)."""
    telling: NDArray[np.bool_]
    """Along which axes that says something: a rule of the page is found anywhere along itself; shape (n, 2)."""
    sure: NDArray[np.bool_]
    """Which were found so like themselves that nothing else can have been taken for them."""

    def __len__(self) -> int:
        return len(self.places_mm)

    def and_also(self, others: FoundTiles) -> FoundTiles:
        """Put them together with others."""
        return FoundTiles(
            np.vstack((self.places_mm, others.places_mm)),
            np.vstack((self.shifts_mm, others.shifts_mm)),
            np.vstack((self.telling, others.telling)),
            np.concatenate((self.sure, others.sure)),
        )


@dataclass(frozen=True)
class PrintedTiles:
    """The tiles of a blank page that hold enough print."""

    blank: Grey
    """The blank page, at TILE_DPI."""
    centres_mm: NDArray[np.float64]
    """Their middles; shape (n, 2), x and y."""
    boxes_px: NDArray[np.intp]
    """Left, top, right and bottom of each on the blank page, the ends exclusive; shape (n, 4)."""

    def __len__(self) -> int:
        return len(self.boxes_px)

    def found_on(self, page: Grey, which: NDArray[np.bool_], search_mm: float) -> FoundTiles:
        """Look for some of the tiles on a page at TILE_DPI, so far around their places."""
        return self.found_on_soft(page, _softened(page), which, search_mm)

    def found_on_soft(self, page: Grey, soft: Grey, which: NDArray[np.bool_], search_mm: float) -> FoundTiles:
        """The same with the page softened already."""
        scores, shifts_px = self._moved(soft)
        search_px = round(search_mm * TILE_DPI / MM_PER_INCH)
        for index in np.flatnonzero((scores < _MOVED_SCORE) & which):
            scores[index], shifts_px[index] = _match(page, self.blank, self.boxes_px[index].tolist(), search_px)
        found = (scores >= _TILE_SCORE) & which
        shifts_mm = shifts_px[found] * MM_PER_INCH / TILE_DPI
        sure = scores[found] >= _TILE_CERTAIN_SCORE
        return FoundTiles(self.centres_mm[found], shifts_mm, self._telling[found], sure)

    def touch(self, regions: Iterable[Region]) -> NDArray[np.bool_]:
        """Tell which tiles reach into regions of a sheet."""
        return _touch(self.boxes_px, regions)

    def _moved(self, soft: Grey) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Tell by the brightness around their edges how alike tiles are and how far they were moved, in pixels.

        A page of contrast c, moved by d, is c × (blank - d × slope), but for its brightness: least squares give c and
        c × d. Where that cannot be relied on the score is 0. `soft` is the page, softened. All sums are sums of whole
        and half numbers, which are exact: the same page is found in the same place wherever in memory it lies.
        """
        height, width = self.blank.shape
        seen = np.take(soft[:height, :width], self._places).astype(np.float64)
        mean = seen.mean(axis=1, keepdims=True)
        products = (self._slopes @ seen[:, :, None])[:, :, 0] - self._sums * mean
        factors = np.linalg.solve(self._system, products[:, :, None])[:, :, 0]
        contrasts = np.maximum((seen**2).sum(axis=1) - seen.shape[1] * mean[:, 0] ** 2, _FLAT)
        explained = (factors * products).sum(axis=1) / contrasts
        contrast = np.maximum(factors[:, :1], _MOVED_CONTRAST / 2)
        shifts_px = -factors[:, 1:] / contrast
        sure = (contrast[:, 0] >= _MOVED_CONTRAST) & (np.abs(shifts_px).max(axis=1, initial=0.0) <= _MOVED_PX)
        return np.where(sure & self._tells_both_ways, np.sqrt(np.maximum(explained, 0.0)), 0.0), shifts_px

    @cached_property
    def _places(self) -> NDArray[np.intp]:
        """Where the pixels of each tile lie in the picture's own order; shape (n, pixels of a tile)."""
        return _places(self.boxes_px, self.blank.shape[1]).reshape(len(self), -1)

    @cached_property
    def _slopes(self) -> NDArray[np.float64]:
        """The blank's brightness, and how it grows to the right and down; shape (n, 3, pixels)."""
        room = _SLOPE_ROOM_PX
        cut = np.take(self.blank, _places(self.boxes_px, self.blank.shape[1], room))
        # One below the other, with room around each, all tiles are one picture.
        blank = _softened(cut.reshape(-1, cut.shape[2]))
        right, down = (cv2.Sobel(blank, cv2.CV_16S, x, 1 - x, ksize=1) for x in (1, 0))
        print_itself, *slopes = (
            picture.reshape(cut.shape)[:, room:-room, room:-room].reshape(len(cut), -1).astype(np.float64)
            for picture in (blank, right, down)
        )
        return np.stack([print_itself, *(slope / 2 for slope in slopes)], axis=1)

    @cached_property
    def _system(self) -> NDArray[np.float64]:
        """The products of brightness, its mean left out, and slopes; shape (n, 3, 3)."""
        slopes = self._slopes
        left_out = self._sums / slopes.shape[2] * (1.0, 0.0, 0.0)
        crossed = left_out[:, :, None] * self._sums[:, None, :]
        squares = slopes.shape[2] * left_out[:, :, None] * left_out[:, None, :]
        products = slopes @ slopes.transpose(0, 2, 1) - crossed - crossed.transpose(0, 2, 1) + squares
        return np.asarray(products + np.eye(3) * _FLAT)

    @cached_property
    def _sums(self) -> NDArray[np.float64]:
        return np.asarray(self._slopes.sum(axis=2))

    @cached_property
    def _telling(self) -> NDArray[np.bool_]:
        """Tell along which axes tiles have edges enough to be found in one place only; shape (n, 2)."""
        strength = np.diagonal(self._system, axis1=1, axis2=2)[:, 1:]
        return np.asarray(strength >= _TELLING_SHARE * strength.sum(axis=1, keepdims=True))

    @cached_property
    def _tells_both_ways(self) -> NDArray[np.bool_]:
        """Tell the tiles that do not hold lines in one direction alone."""
        edges = np.linalg.eigvalsh(self._system[:, 1:, 1:])
        return np.asarray(edges[:, 0] >= _EDGES_BOTH_WAYS * edges[:, 1])


@dataclass(frozen=True)
class PageTiles:
    """The tiles of a page: those that show only what all customers have, and those that show the customer's part."""

    shared: PrintedTiles
    is_shared: NDArray[np.bool_]
    """Which of the shared ones show nothing of the customer's part."""
    own: PrintedTiles
    """Those that do, cut out of the whole page."""
    size_mm: tuple[float, float]

    def __len__(self) -> int:
        return int(np.count_nonzero(self.is_shared)) + len(self.own)

    @cached_property
    def fine(self) -> PrintedTiles:
        """Smaller tiles of the whole page, lying more closely."""
        return printed_tiles(self.own.blank, self.size_mm, FINE)

    def found_on(self, page: Grey, search_mm: float) -> FoundTiles:
        """Look for the tiles on a page at TILE_DPI, so far around their places."""
        soft = _softened(page)
        shared = self.shared.found_on_soft(page, soft, self.is_shared, search_mm)
        return shared.and_also(self.own.found_on_soft(page, soft, np.ones(len(self.own), dtype=bool), search_mm))


def printed_tiles(
    blank: Grey, size_mm: tuple[float, float], grid: TileGrid = USUAL, regions: Iterable[Region] | None = None
) -> PrintedTiles:
    """Choose the tiles of a blank page, at TILE_DPI, that hold enough print; only those in some regions of a sheet."""
    centres, boxes = _laid_out(size_mm, grid)
    if regions is not None:
        touches = _touch(boxes, regions)
        centres, boxes = centres[touches], boxes[touches]
    dark = np.take(blank, _places(boxes, blank.shape[1])) < _TILE_DARK
    enough = np.count_nonzero(dark, axis=(1, 2)) >= _TILE_INK * dark[:1].size
    return PrintedTiles(blank, centres[enough], boxes[enough])


@lru_cache(maxsize=8)
def _laid_out(size_mm: tuple[float, float], grid: TileGrid) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Lay tiles over a page: gives their middles in mm, and their boxes in pixels."""
    x_mm, y_mm = (_middles(*sides_mm) for sides_mm in zip(size_mm, grid.tile_mm, grid.pitch_mm, strict=True))
    centres = np.stack(np.meshgrid(x_mm, y_mm), axis=-1).reshape(-1, 2)
    size_px = np.round(np.array(grid.tile_mm) * TILE_DPI / MM_PER_INCH)
    start = np.round(centres * TILE_DPI / MM_PER_INCH - size_px / 2)
    return centres, np.hstack((start, start + size_px)).astype(np.intp)


def _touch(boxes_px: NDArray[np.intp], regions: Iterable[Region]) -> NDArray[np.bool_]:
    """Tell which boxes at TILE_DPI reach into regions of a sheet."""
    left, top, right, bottom = 2 * boxes_px.T
    return touching(top, bottom, left, right, regions)


def _places(boxes_px: NDArray[np.intp], width: int, room: int = 0) -> NDArray[np.intp]:
    """Where the pixels of boxes, all of one size, lie in the order of a picture so wide; shape (n, height, width).

    `room` is how many pixels around each are wanted too.
    """
    left, top, right, bottom = boxes_px[0] if len(boxes_px) else (0, 0, 1, 1)
    inside = np.arange(-room, bottom - top + room)[:, None] * width + np.arange(-room, right - left + room)
    return np.asarray((boxes_px[:, 1] * width + boxes_px[:, 0])[:, None, None] + inside)


def _middles(side_mm: float, tile_mm: float, pitch_mm: float) -> NDArray[np.float64]:
    """Lay tiles evenly along a side of the page, from near one edge to near the other."""
    first, last = tile_mm / 2 + _EDGE_MM, side_mm - tile_mm / 2 - _EDGE_MM
    return np.linspace(first, last, int(np.ceil((last - first) / pitch_mm)) + 1)


def page_tiles(
    shared: PrintedTiles, whole: Grey, own_regions: Sequence[Region], size_mm: tuple[float, float]
) -> PageTiles:
    """Put together the tiles of a page, at TILE_DPI, of which some regions hold the customer's part."""
    own = printed_tiles(whole, size_mm, regions=own_regions)
    return PageTiles(shared, ~shared.touch(own_regions), own, size_mm)


def _softened(picture: Grey) -> Grey:
    return np.asarray(cv2.GaussianBlur(picture, (3, 3), 0), dtype=np.uint8)


def _match(page: Grey, blank: Grey, box: Sequence[int], search_px: int) -> tuple[float, NDArray[np.float64]]:
    """Look for a tile where it should be, and further around it only where it is not found there.

    Gives the score and the offset in pixels; no score where the tile may lie beyond the search.
    """
    score, offset_px = _match_within(page, blank, box, _TILE_NEAR_PX)
    if score < _TILE_SURE_SCORE or _is_at_edge(offset_px, _TILE_NEAR_PX):
        score, offset_px = _match_within(page, blank, box, search_px)
        if _is_at_edge(offset_px, search_px):
            score = 0.0
    return score, offset_px


def _is_at_edge(offset_px: NDArray[np.float64], reach_px: int) -> bool:
    return bool(np.abs(offset_px).max() > reach_px - 0.5)


def _match_within(page: Grey, blank: Grey, box: Sequence[int], reach: int) -> tuple[float, NDArray[np.float64]]:
    left, top, right, bottom = box
    window = page[max(0, top - reach) : bottom + reach, max(0, left - reach) : right + reach]
    if window.shape != (bottom - top + 2 * reach, right - left + 2 * reach):
        return 0.0, np.zeros(2)
    return best_match(window, blank[top:bottom, left:right])
