"""Find where a letter was folded: a faint straight line from one edge of the paper to the other, and only there.

Nobody writes so: what is meant to strike something out, or to stand beside it, ends before the paper does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.sheet import PAPER_LEVEL, Sheet
from intake.sheet_grid import Mask, px_per_mm

DARKER_BY = 0.025
"""How much darker a fold is than the paper on both its sides, in the mean of a few millimetres along it."""
SHOWS_FROM = 0.75
"""Share of the bare places along a line, in all and near either edge of the paper, in which a fold shows."""

_BLOCK_MM, _EDGE_MM, _MARGIN_MM = 4.0, 5.0, 22.0
_NO_FOLD_MM = 20.0
"""Nobody folds a letter so near to its edge, where shadows fall."""
_BARE_SHARE = 0.4
_DARKEST = 0.4
_BESIDE_MM, _THICK_MM = 1.6, 1.2
_NOT_DIRT = 0.75
_SLOPES = np.linspace(-0.012, 0.012, 13)


@dataclass(frozen=True, slots=True)
class Fold:
    """A fold across the sheet, or down it: place = at_px + slope × (position along the fold)."""

    at_px: float
    slope: float
    upright: bool
    darkness: float
    """How dark it is on bare paper but for its darkest quarter: 0 paper, 1 print."""

    def holds(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> bool:
        """Tell whether all of these pixels of the sheet lie on the fold, and are no more than a line."""
        along, across = (rows, columns) if self.upright else (columns, rows)
        away = across - self.at_px - self.slope * along
        parts = along // round(_BLOCK_MM * px_per_mm())
        thick = max(np.ptp(away[parts == part]) for part in np.unique(parts))
        return bool(np.abs(away).max() <= _BESIDE_MM * px_per_mm() and thick <= _THICK_MM * px_per_mm())

    def darkening(self, rows: slice, columns: slice) -> NDArray[np.float32]:
        """Give how much darker the fold may make each pixel of a region of the sheet, print under it included."""
        row, column = np.ogrid[rows, columns]
        along, across = (row, column) if self.upright else (column, row)
        is_on_it = np.abs(across - self.at_px - self.slope * along) <= _THICK_MM / 2 * px_per_mm()
        return np.asarray(np.where(is_on_it, self.darkness, 0.0), dtype=np.float32)


def find_folds(sheet: Sheet) -> tuple[Fold, ...]:
    """Find the folds of a sheet; what is printed says nothing."""
    bare = (~sheet.printed).view(np.uint8)
    darkest = round(PAPER_LEVEL * (1 - _DARKEST * (1 - sheet.black)))
    brightness = np.clip(sheet.brightness, darkest, 255) * bare
    areas, brights = (np.asarray(cv2.integral(picture), dtype=np.int32) for picture in (bare, brightness))
    level = _strips(areas, brights, sheet.black)
    upright = _strips(areas.T, brights.T, sheet.black)
    return (*_along(sheet, *level, upright=False), *_along(sheet, *upright, upright=True))


def _along(sheet: Sheet, shows: Mask, tells: Mask, *, upright: bool) -> list[Fold]:
    """Find the folds in one direction, from the strongest on."""
    folds: list[Fold] = []
    while (found := _strongest(shows, tells)) is not None:
        at_px, slope = found
        folds.append(Fold(at_px, slope, upright, _darkness_along(sheet, at_px, slope, upright=upright)))
        reach = round(3 * _BESIDE_MM * px_per_mm())
        shows[:, max(0, round(at_px) - reach) : round(at_px) + reach] = False
    return folds


def _darkness_along(sheet: Sheet, at_px: float, slope: float, *, upright: bool) -> float:
    """See how dark a line is where it runs over bare paper, but for its darkest quarter: that may be dirt, or ink."""
    thick = round(_THICK_MM / 2 * px_per_mm())
    height, width = sheet.flat.shape[::-1] if upright else sheet.flat.shape
    along = np.arange(width)
    middle = np.round(at_px + slope * along).astype(int)
    across = np.clip(middle + np.arange(-thick, thick + 1)[:, np.newaxis], 0, height - 1)
    band = slice(int(across.min()), int(across.max()) + 1)
    region = np.s_[:, band] if upright else np.s_[band, :]
    darkness, printed = sheet.darkness(region), sheet.printed[region]
    if upright:
        darkness, printed = darkness.T, printed.T
    places = ~printed[across - band.start, along].any(axis=0)
    darkest = darkness[across - band.start, along].max(axis=0)[places]
    return float(np.quantile(darkest, _NOT_DIRT)) if darkest.size else 0.0


def _strips(areas: NDArray[np.int32], brights: NDArray[np.int32], black: float) -> tuple[Mask, Mask]:
    """Part a picture into upright strips; for each strip and row: whether a line shows there, and whether it could.

    `areas` and `brights` sum up the bare pixels and their brightness above and left of each; `black` is the print's.
    """
    block, edge = round(_BLOCK_MM * px_per_mm()), round(_EDGE_MM * px_per_mm())
    count = (areas.shape[1] - 1 - 2 * edge) // block
    edges = edge + block * np.arange(count + 1)
    empty, bright = (np.diff(np.diff(sums[:, edges], axis=1), axis=0) for sums in (areas, brights))
    mean = (empty - bright / PAPER_LEVEL) / (1 - black) / np.maximum(empty, 1)
    beside = round(_BESIDE_MM * px_per_mm())
    around = np.pad(mean, ((beside, beside), (0, 0)), mode="edge")
    shows = mean - np.maximum(around[: -2 * beside], around[2 * beside :]) >= DARKER_BY
    tells = empty >= _BARE_SHARE * block
    near = cv2.dilate(shows.view(np.uint8), np.ones((3, 1), np.uint8)).view(np.bool_)
    return np.ascontiguousarray((near & tells).T), np.ascontiguousarray(tells.T)


def _strongest(shows: Mask, tells: Mask) -> tuple[float, float] | None:
    """Give the place and the slope of the line that shows best; None where none shows well enough."""
    block, edge = round(_BLOCK_MM * px_per_mm()), round(_EDGE_MM * px_per_mm())
    middles = edge + (np.arange(len(shows)) + 0.5) * block
    margin = max(2, round((_MARGIN_MM - _EDGE_MM) / _BLOCK_MM))
    paper_edge = round(_NO_FOLD_MM * px_per_mm())
    parts = (np.s_[:], np.s_[:margin], np.s_[-margin:])
    places = _may_show(shows, tells, parts, round(float(np.abs(_SLOPES).max() * middles.max())))
    places = places[(places >= paper_edge) & (places < shows.shape[1] - paper_edge)]
    best, found = 0.0, None
    for slope in _SLOPES if len(places) else ():
        shifted = places + np.round(slope * middles).astype(int)[:, np.newaxis]
        shown, telling = (np.take_along_axis(part, shifted, axis=1) for part in (shows, tells))
        least = np.min([_share(shown[part], telling[part]) for part in parts], axis=0)
        at = int(least.argmax())
        if least[at] > max(best, SHOWS_FROM):
            best, found = float(least[at]), (float(places[at]), float(slope))
    return found


def _share(shown: Mask, telling: Mask) -> NDArray[np.float64]:
    return np.asarray(np.count_nonzero(shown, axis=0) / np.maximum(np.count_nonzero(telling, axis=0), 1))


def _may_show(shows: Mask, tells: Mask, parts: Iterable[slice], reach_px: int) -> NDArray[np.intp]:
    """Give the places where enough shows, were the slope of the line another in each strip: mostly there are few."""
    reach = np.ones((1, 2 * reach_px + 1), np.uint8)
    shown, telling = cv2.dilate(shows.view(np.uint8), reach), cv2.erode(tells.view(np.uint8), reach)
    may = [_share(shown[part].view(np.bool_), telling[part].view(np.bool_)) > SHOWS_FROM for part in parts]
    return np.flatnonzero(np.all(may, axis=0))
