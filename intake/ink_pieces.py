"""Tell the separate pieces of ink in a part of a sheet apart, and measure them.

Most of a sheet is bare paper. So pieces are labelled on the picture, and all else is asked of the inked pixels alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.sheet_grid import Mask


@dataclass(frozen=True)
class InkPieces:
    """The pieces of ink of a mask, counted from 0; what touches by a corner is one piece."""

    shape: tuple[int, int]
    """Height and width of the mask."""
    places: NDArray[np.intp]
    """Where its inked pixels lie, in the mask's own order; shape (pixels,)."""
    piece_of: NDArray[np.int32]
    """Which piece each of them belongs to."""
    count: int

    @cached_property
    def areas_px(self) -> NDArray[np.intp]:
        """Pixels of each piece; shape (count,)."""
        return np.bincount(self.piece_of, minlength=self.count)

    @cached_property
    def boxes_px(self) -> NDArray[np.intp]:
        """Left, top, width, height and area of each piece; shape (count, 5)."""
        rows, columns = np.divmod(self.places, self.shape[1])
        first, last = np.full((2, self.count), max(self.shape)), np.zeros((2, self.count), dtype=np.intp)
        for axis, at in enumerate((columns, rows)):
            np.minimum.at(first[axis], self.piece_of, at)
            np.maximum.at(last[axis], self.piece_of, at)
        return np.stack((*first, *(last - first + 1), self.areas_px), axis=1)

    def touched_by(self, mask: Mask) -> NDArray[np.bool_]:
        """Tell which pieces have a pixel in another mask of the same shape; shape (count,)."""
        touched = np.zeros(self.count, dtype=bool)
        touched[self.piece_of[mask.ravel()[self.places]]] = True
        return touched

    def only(self, keep: NDArray[np.bool_]) -> Mask:
        """Give the mask with no more than some of the pieces."""
        kept = np.zeros(self.shape, dtype=bool)
        kept.reshape(-1)[self.places[keep[self.piece_of]]] = True
        return kept

    def one(self, piece: int) -> Mask:
        """Give one piece within its box."""
        left, top, width, height, _ = (int(value) for value in self.boxes_px[piece])
        rows, columns = np.divmod(self.places[self.piece_of == piece], self.shape[1])
        mask = np.zeros((height, width), dtype=bool)
        mask[rows - top, columns - left] = True
        return mask


def ink_pieces(ink: Mask, reach_px: int = 1) -> InkPieces:
    """Tell the pieces of a mask apart; with `reach_px` (odd), parts that lie less than that apart are one piece."""
    height, width = ink.shape
    joined = ink.view(np.uint8)
    if reach_px > 1:
        joined = np.asarray(cv2.dilate(joined, np.ones((reach_px, reach_px), np.uint8)), dtype=np.uint8)
    count, labels = cv2.connectedComponentsWithAlgorithm(joined, 8, cv2.CV_32S, cv2.CCL_BBDT)
    places = np.flatnonzero(ink)
    piece_of = np.asarray(labels, dtype=np.int32).reshape(-1)[places] - 1
    return InkPieces((height, width), places, piece_of, count - 1)
