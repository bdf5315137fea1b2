"""Take a feeder's streaks out of a page picture: dirt before the scanner's sensors draws one down every page.

A streak runs exactly along the picture's rows or columns, hair-thin, and further than anybody draws so straight a line.
It is looked for in the picture as received, before the page is located: there alone it is straight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.flag_runs import runs_of
from intake.order_statistics import percentile
from intake.pictures import Grey, PagePicture, Picture

DARKER_BY = 7.0
"""Grey levels by which a streak is darker than what lies on both its sides, in the mean of a millimetre."""
REACH_MM = 130.0
SHOWS_FROM = 0.5
"""Length of a streak down the page, and the share of it in which the streak shows; print and ink hide the rest."""
BARE_BELOW = 0.2
"""Share of that length in which there is bare paper instead: whatever is drawn ends somewhere."""
ACROSS_FROM = 0.9
"""Share of the whole picture's width in which a streak across it shows: shorter lines may be meant to strike print."""

_PAGE_MM = 297.0
_BESIDE_MM = 0.5
_WIDEST_MM = 0.7
_SPLIT_PX = 3
_FINE_PX_PER_MM = 9.8
"""Resolution from which half of it is looked at first."""
_HALF_DARKER_BY = 3.0
"""The same as DARKER_BY there, with room for rounding."""
_PAPER_FROM = 0.8
_DARKEST, _KEPT, _LEAST_KEPT = 0.2, 0.9, 0.2
"""Which of the shares of light that a streak lets through is taken for it (by quantile), with room for noise."""


@dataclass(frozen=True, slots=True)
class Streak:
    """A streak that was taken out, by its two ends (x, y) in pixels of the picture."""

    start_px: tuple[float, float]
    end_px: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Line:
    """An upright streak: its columns, and by millimetre of the picture whether it shows there."""

    columns: slice
    shows: NDArray[np.bool_]


def without_streaks(picture: Picture) -> tuple[Picture, tuple[Streak, ...]]:
    """Give the picture without its streaks, and what was taken out; one that has none is given back as it is."""
    px_per_mm = max(picture.shape) / _PAGE_MM
    if px_per_mm >= _FINE_PX_PER_MM and not _may_have_streaks(picture.half, px_per_mm / 2):
        return picture, ()
    grey = picture.grey
    upright = _find(grey, px_per_mm)
    level = _find(_turned(grey), px_per_mm)
    if not upright and not level:
        return picture, ()
    clean = grey.copy()
    streaks = [Streak((x, top), (x, bottom)) for x, top, bottom in (_take_out(clean, line) for line in upright)]
    streaks += [Streak((left, y), (right, y)) for y, left, right in (_take_out(clean.T, line) for line in level)]
    return PagePicture(clean, picture.bilevel, picture.fax, picture.lost_lines), tuple(streaks)


def _may_have_streaks(half: Grey, px_per_mm: float) -> bool:
    """Tell whether it is worth looking at the whole picture: at half of it, a hair-thin streak is half as dark."""
    return any(_find(grey, px_per_mm, darker_by=_HALF_DARKER_BY) for grey in (half, _turned(half)))


def _turned(grey: Grey) -> Grey:
    return np.asarray(cv2.transpose(grey), dtype=np.uint8)


def _find(grey: Grey, px_per_mm: float, darker_by: float = DARKER_BY) -> list[_Line]:
    """Find the upright streaks of a picture that lies as received, or turned by a quarter."""
    means = _means(grey, px_per_mm)
    is_across = grey.shape[0] < grey.shape[1]
    reach, least = (len(means), ACROSS_FROM) if is_across else (min(round(REACH_MM), len(means)), SHOWS_FROM)
    beside = max(2, round(_BESIDE_MM * px_per_mm))
    shows = _shows(means, beside, darker_by)
    enough = np.flatnonzero(np.add.reduce(shows.view(np.uint8), axis=0, dtype=np.uint16) >= least * reach)
    if not len(enough):
        return []
    bare = ~shows[:, enough] & (means[:, enough] > _PAPER_FROM * percentile(means, 0.8))
    streaked = (_counts(shows[:, enough], reach) >= least * reach) & (_counts(bare, reach) < BARE_BELOW * reach)
    flags = np.zeros(means.shape[1], dtype=bool)
    flags[enough[streaked.any(axis=0)]] = True
    lines = [_Line(run, np.asarray(shows[:, run].any(axis=1))) for run in _runs(flags)]
    return [line for line in lines if line.columns.stop - line.columns.start <= _WIDEST_MM * px_per_mm]


def _counts(cells: NDArray[np.bool_], reach: int) -> NDArray[np.intp]:
    """Count the cells that are set, from each one down as far as a streak reaches at least."""
    sums = np.cumsum(np.pad(cells, ((1, 0), (0, 0))), axis=0)
    return np.asarray(sums[reach:] - sums[:-reach])


def _means(grey: Grey, px_per_mm: float) -> NDArray[np.int16]:
    """Give the mean brightness of each millimetre down the picture, for each pixel across."""
    rows = max(1, round(px_per_mm))
    whole = grey[: len(grey) // rows * rows].reshape(-1, rows, grey.shape[1])
    return np.asarray(np.add.reduce(whole, axis=1, dtype=np.uint16) // rows, dtype=np.int16)


def _shows(means: NDArray[np.int16], beside: int, darker_by: float) -> NDArray[np.bool_]:
    """Tell where the means are darker than on both their sides."""
    sides = np.minimum(means[:, : -2 * beside], means[:, 2 * beside :])
    shows = np.zeros(means.shape, dtype=bool)
    np.greater_equal(sides - means[:, beside:-beside], ceil(darker_by), out=shows[:, beside:-beside])
    return shows


def _runs(flags: NDArray[np.bool_]) -> Iterator[slice]:
    """Give the runs of flags that are set, next to each other or nearly so."""
    row = flags[None].astype(np.uint8)
    closed = cv2.morphologyEx(row, cv2.MORPH_CLOSE, np.ones((1, _SPLIT_PX), np.uint8))[0]
    return runs_of(closed.view(np.bool_))


def _take_out(grey: Grey, line: _Line) -> tuple[float, float, float]:
    """Lighten a streak to what lies on both its sides, in place; gives its x, top and bottom in pixels.

    Dirt takes a share of the light away, the same all along: print and ink on the streak keep what is theirs. Where it
    does not show (within print, within ink) nothing is changed.
    """
    height, width = grey.shape
    first, last = max(1, line.columns.start - 1), min(width - 2, line.columns.stop)
    shows = np.convolve(line.shows, np.ones(3), "same") > 0
    rows = shows[np.minimum(np.arange(height) * len(shows) // height, len(shows) - 1)]
    sides = np.minimum(grey[rows, first - 1], grey[rows, last + 1])
    streaked = grey[rows, first : last + 1].astype(np.float32)
    kept = _KEPT * np.quantile(streaked / np.maximum(sides, 1)[:, None], _DARKEST, axis=0).astype(np.float32)
    lightened = np.minimum(streaked / np.maximum(kept, _LEAST_KEPT), sides[:, None])
    grey[rows, first : last + 1] = np.maximum(streaked, lightened)
    places = np.flatnonzero(rows)
    return (first + last) / 2, float(places[0]), float(places[-1])
