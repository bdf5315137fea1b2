"""How like their blank all pieces of printed lines are where they should lie, in a few calls for the whole page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from intake.pictures import Grey
from intake.printed_pieces import MARGINS_PX, PrintedPieces

_MOST_AT_ONCE = 400
"""Pieces that are compared in one call: more save no time, and take memory."""


@dataclass(frozen=True, slots=True)
class _Windows:
    """Pieces of lines of one height, each in a window that is as wide as the widest of them."""

    which: NDArray[np.intp]
    """Which of the pieces; shape (n,)."""
    top: NDArray[np.intp]
    left: NDArray[np.intp]
    shape: tuple[int, int]
    inside: NDArray[np.uint8]
    """255 in the columns that are the piece's, 0 beside it; shape (n, 1, width)."""
    count: NDArray[np.intp]
    """Pixels of each piece."""

    def of(self, picture: Grey) -> NDArray[np.float32]:
        """Cut the pieces out of a picture, 0 beside them; shape (n, pixels of a window)."""
        (height, width), (down, across) = picture.shape, picture.strides
        places = (height - self.shape[0] + 1, width - self.shape[1] + 1)
        windows = as_strided(picture, (*places, *self.shape), (down, across, down, across), writeable=False)
        cut = windows[self.top, self.left] & self.inside
        return cut.reshape(len(cut), -1).astype(np.float32)


@dataclass(frozen=True)
class ComparablePieces:
    """Pieces of printed lines and a blank page, ready to be compared with one page after the other."""

    pieces: PrintedPieces
    soft: Grey
    """The blank page, softened."""

    def likeness(self, flat: Grey) -> NDArray[np.float64]:
        """Correlate each piece with a softened page where it should lie, −1 to 1; shape (n,).

        0 where either of the two is all of one brightness.
        """
        dark, likeness = ~flat, np.zeros(len(self.pieces))
        for windows, printed, printed_power in self._printed:
            seen = windows.of(dark)
            product = np.einsum("nk,nk->n", seen, printed) / windows.count
            mean = seen.sum(axis=1) / windows.count
            power = np.einsum("nk,nk->n", seen, seen) / windows.count - mean**2
            spread = power * printed_power
            likeness[windows.which] = np.where(spread > 1, product / np.sqrt(np.maximum(spread, 1)), 0)
        return likeness

    @cached_property
    def _printed(self) -> list[tuple[_Windows, NDArray[np.float32], NDArray[np.float64]]]:
        """The pieces in their windows, their darkness on the blank page without its mean, and the spread of that."""
        dark = ~self.soft
        printed = []
        for windows in _windows(self.pieces, self.soft.shape[1]):
            cut = windows.of(dark)
            mean = (cut.sum(axis=1) / windows.count).astype(np.float32)
            inside = np.broadcast_to(windows.inside > 0, (len(cut), *windows.shape)).reshape(cut.shape)
            rest = np.where(inside, cut - mean[:, None], np.float32(0))
            power = np.einsum("nk,nk->n", rest, rest) / windows.count
            printed.append((windows, rest, power))
        return printed


def _windows(pieces: PrintedPieces, page_width: int) -> Iterator[_Windows]:
    """Sort pieces by the height of their lines."""
    rows, columns = MARGINS_PX
    top, bottom, left, right = pieces.boxes_px.T
    left, right = np.maximum(left - columns, 0), np.minimum(right + columns, page_width)
    heights = bottom - top + 2 * rows
    by_height = (np.flatnonzero(heights == height) for height in np.unique(heights))
    for which in chain.from_iterable(np.array_split(same, -(-len(same) // _MOST_AT_ONCE)) for same in by_height):
        height = int(heights[which[0]])
        first, last = left[which], right[which]
        width = int((last - first).max())
        start = np.minimum(first, page_width - width)
        at = start[:, None] + np.arange(width)
        inside = np.where((at >= first[:, None]) & (at < last[:, None]), 255, 0).astype(np.uint8)
        yield _Windows(which, top[which] - rows, start, (height, width), inside[:, None], height * (last - first))
