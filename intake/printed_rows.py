"""Find rows of printed letters: pieces of ink of like height on a common base line, one beside the other.

Stamps and typed names are made of them, whatever frame or logo stands beside; a pen's pieces hardly ever line up so.
The thresholds are measured in docs/decisions/0004-thresholds.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.sheet import INK_FROM, piece_boxes, without_specks
from intake.sheet_grid import Mask, px_per_mm

ROW_FROM_LETTERS = 4
"""Pieces in a row from which it is counted at all."""

_CORE_FROM = 0.5
"""Darkness that parts letters which have run into each other."""
_PALE_SPECK_MM2, _CORE_SPECK_MM2 = 0.02, 0.06
_CLOSED_MM = 0.6
_HEIGHT_MM = (0.9, 7.0)
_WIDEST = 3.0
"""Width of a piece as a multiple of its height: letters that touch are one piece."""
_OFF_LINE_MM = 0.12
"""How far a foot may lie off the line by the pixels' own doubt."""
_GAP = 1.6
"""Widest gap between neighbours, as a multiple of the height."""
_SLOPES = np.linspace(-0.12, 0.12, 25)
_MOST_ROWS = 3


@dataclass(frozen=True, slots=True)
class _Row:
    """What pieces have in common that stand in one row."""

    heights: tuple[float, float]
    """Heights as a share of one of the pieces."""
    off_line: float
    """How far a foot may lie off the line, as a share of the height."""


_ANY_ROW = _Row((0.6, 1.12), 0.1)
"""Small letters beside capitals."""
_EVEN_ROW = _Row((0.92, 1.08), 0.05)
"""Letters all of one height, as no hand writes them for long."""


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Pieces of ink by their boxes, in mm; each an array of the same length."""

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    foot: NDArray[np.float64]
    height: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.left)

    def only(self, which: NDArray[np.bool_]) -> _Pieces:
        return _Pieces(self.left[which], self.right[which], self.foot[which], self.height[which])


def letters_in_rows(inked: Mask, darkness: NDArray[np.float32], *, even: bool = False) -> int:
    """Count the pieces that stand in rows like printed letters, in the longest few rows of a part of a sheet.

    `inked` is its ink with the pale ink that touches it. Looked at thrice: with broken letters closed, so and with no
    pale ink, and with letters that have run together parted. `even` counts only rows of letters of one height.
    """
    core = without_specks(darkness > _CORE_FROM, _CORE_SPECK_MM2)
    looks = (_closed(inked), _closed(np.asarray(darkness > INK_FROM)), core)
    return max(_in_rows(ink, _EVEN_ROW if even else _ANY_ROW) for ink in looks)


def _closed(ink: Mask) -> Mask:
    closing = np.ones((round(_CLOSED_MM * px_per_mm()), 1), np.uint8)
    pieces = without_specks(ink, _PALE_SPECK_MM2).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(pieces, cv2.MORPH_CLOSE, closing) > 0)


def _in_rows(ink: Mask, kind: _Row) -> int:
    pieces, total = _letter_sized(ink), 0
    for _ in range(_MOST_ROWS):
        row = _longest_row(pieces, kind)
        if np.count_nonzero(row) < ROW_FROM_LETTERS:
            break
        total += int(np.count_nonzero(row))
        pieces = pieces.only(~row)
    return total


def _letter_sized(ink: Mask) -> _Pieces:
    x, y, width, height, _ = piece_boxes(ink).T / px_per_mm()
    fits = (height >= _HEIGHT_MM[0]) & (height <= _HEIGHT_MM[1]) & (width <= _WIDEST * height)
    return _Pieces(x, x + width, y + height, height).only(fits)


def _longest_row(pieces: _Pieces, kind: _Row) -> NDArray[np.bool_]:
    """Mark the pieces of the longest row there is, on lines of any slope that a stamp may have."""
    longest = np.zeros(len(pieces), dtype=bool)
    height, middle = pieces.height, (pieces.left + pieces.right) / 2
    least, most = kind.heights
    alike = (height >= least * height[:, None]) & (height <= most * height[:, None])
    if len(pieces) < ROW_FROM_LETTERS:
        return longest
    foot = pieces.foot - _SLOPES[:, None] * middle
    off_line = np.abs(foot[:, None, :] - foot[:, :, None])
    by_slope = alike & (off_line <= _OFF_LINE_MM + kind.off_line * height[:, None])
    for on_line, counts in zip(by_slope, np.count_nonzero(by_slope, axis=2), strict=True):
        for index in np.flatnonzero(counts > np.count_nonzero(longest)):
            row = _unbroken(pieces, np.flatnonzero(on_line[index]), _GAP * height[index])
            if len(row) > np.count_nonzero(longest):
                longest = np.zeros(len(pieces), dtype=bool)
                longest[row] = True
    return longest


def _unbroken(pieces: _Pieces, row: NDArray[np.intp], widest_gap: float) -> NDArray[np.intp]:
    """Give the longest part of a row without a gap."""
    row = row[np.argsort(pieces.left[row])]
    gaps = pieces.left[row][1:] - pieces.right[row][:-1]
    return max(np.split(row, np.flatnonzero(gaps > widest_gap) + 1), key=len)
