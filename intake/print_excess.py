"""Measure what printed lines have more ink than their print makes usual, piece by piece.

What a copy does to print (blur, shift, thin, swell) it does to all print alike: what a piece has more of than the
others is somebody's ink. How much of that is suspicious, `intake.ink_on_print` and `intake.thin_strokes` say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.units import BoxMm
from intake.order_statistics import medians, spreads
from intake.pictures import Grey
from intake.printed_pieces import CLEAR_PX, PrintedPieces
from intake.sheet_grid import box_of, px_per_mm

_ROUNDS, _USUAL_SPREADS = 3, 3.0

Amounts = NDArray[np.float64]
PieceBox = NDArray[np.intp]
"""Top, bottom, left and right on the sheet, the ends exclusive."""


@dataclass(frozen=True, slots=True)
class PieceRun:
    """Neighbouring pieces of a line that have much ink together."""

    box_px: PieceBox
    strength: float
    """How much, by the measure that they were looked for with."""

    @property
    def place(self) -> BoxMm:
        """Where they are."""
        return box_of(slice(*self.box_px[:2].tolist()), slice(*self.box_px[2:].tolist()))


class PieceDarkness:
    """How dark a picture of a sheet is within pieces of its lines."""

    def __init__(self, picture: Grey, paper: float, pieces: PrintedPieces) -> None:
        """Sum up the part of a picture that holds the pieces; `paper` is bare paper."""
        top, bottom, left, right = pieces.boxes_px.T
        rows = slice(int(top.min()) - CLEAR_PX, int(bottom.max()) + CLEAR_PX)
        columns = slice(int(left.min()), int(right.max()))
        self._sums: NDArray[Any] = cv2.integral(picture[rows, columns])
        self._paper, self._top = paper, rows.start
        self._left, self._right = left - columns.start, right - columns.start

    def between(self, first: NDArray[np.intp], last: NDArray[np.intp]) -> Amounts:
        """Give it from a row of the sheet to another of each piece, as an area of black in mm²; shape (…, pieces).

        The rows may lie so far above and below the piece as there is clear room around it.
        """
        sums, left, right, top, bottom = self._sums, self._left, self._right, first - self._top, last - self._top
        bright = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        return np.asarray(((last - first) * (right - left) - bright / self._paper) / px_per_mm() ** 2, dtype=np.float64)


def beyond_print(causes: Amounts, seen: Amounts, pieces: PrintedPieces) -> Amounts:
    """Take out what the causes explain, by least squares over the pieces that are usual, and what a type shares.

    `causes` has shape (measures, pieces, causes), `seen` and what is left (measures, pieces): about 0, of either sign.
    """
    usual = np.ones(seen.shape, dtype=bool)
    excess = seen
    for _ in range(_ROUNDS):
        among = np.swapaxes(causes * usual[..., np.newaxis], 1, 2)
        factors = np.linalg.pinv(among @ causes) @ (among @ seen[..., np.newaxis])
        excess = seen - (causes @ factors)[..., 0]
        excess -= medians(excess)
        usual = np.abs(excess) <= _USUAL_SPREADS * spreads(excess)
    return pieces.without_what_types_share(excess)


def strongest_runs(pieces: PrintedPieces, measured: Iterable[tuple[int, Amounts]], least: float) -> Iterator[PieceRun]:
    """Give runs of pieces of one line with at least so much, the strongest first, none over another.

    `measured` are numbers of neighbours, each with what a piece then counts.
    """
    found: list[tuple[float, int, int]] = []
    for count, amounts in measured:
        sums = np.convolve(amounts, np.ones(count), "valid")
        is_of_one_line = pieces.line_of[: len(sums)] == pieces.line_of[count - 1 :]
        places = np.flatnonzero(is_of_one_line & (sums >= least)).tolist()
        found += [(float(sums[place]), place, count) for place in places]
    taken = np.zeros(len(pieces), dtype=bool)
    for strength, first, count in sorted(found, reverse=True):
        if not taken[first : first + count].any():
            taken[first : first + count] = True
            (top, bottom, left, _), (*_, right) = pieces.boxes_px[first], pieces.boxes_px[first + count - 1]
            yield PieceRun(np.array((top, bottom, left, right)), strength)
