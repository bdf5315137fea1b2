"""Suspect thin level strokes on printed words: a word struck out with a fine pen, or only just underlined.

Such a stroke adds little to all the ink of a word, and much to a narrow band of it. What a copy does to print
(blur, shift, thin, swell) shows in the same band of every other piece of print. The thresholds are measured in
docs/decisions/0023-ink-on-print.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.units import BoxMm
from intake.order_statistics import median, medians
from intake.printed_pieces import PrintedPieces
from intake.sheet import PAPER_LEVEL, Sheet
from intake.sheet_grid import box_of, px_per_mm

SUSPECT_FROM_SPREADS, SURE_FROM_SPREADS = 6.5, 14.0
"""Ink that two or three neighbouring pieces have in a band beyond their print, as a multiple of what it varies by and
the root of their number, from which it may be a stroke; and from which nothing else makes as much."""

_BANDS = ((0.16, 0.40), (0.28, 0.52), (0.36, 0.60), (0.46, 0.70))
"""Of the height of a printed line, from its top."""
_COUNTS = (2, 3)
_LEAST_SPREAD_MM2 = 0.008
_USUAL_SPREADS = 3.0

Amounts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SuspectedStroke:
    """Neighbouring pieces of a line with suspiciously much ink in one band."""

    box_px: NDArray[np.intp]
    """Top, bottom, left and right on the sheet, the ends exclusive."""
    spreads: float

    @property
    def is_sure(self) -> bool:
        """Whether it is a stroke, however little of it is left over where the print is taken out."""
        return self.spreads >= SURE_FROM_SPREADS

    @property
    def place(self) -> BoxMm:
        """Where it is."""
        return box_of(slice(*self.box_px[:2].tolist()), slice(*self.box_px[2:].tolist()))


def suspected_strokes(sheet: Sheet, pieces: PrintedPieces) -> Iterator[SuspectedStroke]:
    """Give the places where a stroke may run along printed words, the likeliest first, none over another."""
    found: list[tuple[float, int, int]] = []
    for excess in _excess_by_band(sheet, pieces):
        spread = max(median(np.abs(excess)) / 0.6745, _LEAST_SPREAD_MM2)
        for count in _COUNTS:
            sums = np.convolve(excess, np.ones(count), "valid") / (spread * count**0.5)
            is_of_one_line = pieces.line_of[: len(sums)] == pieces.line_of[count - 1 :]
            places = np.flatnonzero(is_of_one_line & (sums >= SUSPECT_FROM_SPREADS)).tolist()
            found += [(float(sums[place]), place, count) for place in places]
    taken = np.zeros(len(pieces.line_of), dtype=bool)
    for spreads, first, count in sorted(found, reverse=True):
        if not taken[first : first + count].any():
            taken[first : first + count] = True
            (top, bottom, left, _), (*_, right) = pieces.boxes_px[first], pieces.boxes_px[first + count - 1]
            yield SuspectedStroke(np.array((top, bottom, left, right)), spreads)


def _excess_by_band(sheet: Sheet, pieces: PrintedPieces) -> Amounts:
    """Ink of each piece, in mm², beyond what its print makes usual on this page; shape (bands, pieces)."""
    top, bottom, left, right = pieces.boxes_px.T
    rows = slice(max(0, int(top.min()) - 1), int(bottom.max()) + 1)
    columns = slice(int(left.min()), int(right.max()))
    places = left - columns.start, right - columns.start
    pictures = (sheet.brightness, PAPER_LEVEL), (sheet.issued.soft, 255)
    seen, soft = (_Darkness(cv2.integral(picture[rows, columns]), paper, *places) for picture, paper in pictures)
    first, last = (
        np.asarray(top - rows.start + np.round(np.outer(shares, bottom - top)), dtype=np.intp)
        for shares in np.transpose(_BANDS)
    )
    shifted = soft.between(first - 1, last - 1) - soft.between(first + 1, last + 1)
    area = (last - first) * (right - left) / px_per_mm() ** 2
    causes = np.stack((area, soft.between(first, last), shifted), axis=-1)
    return _beyond(causes, seen.between(first, last) / (1 - sheet.black), pieces)


@dataclass(frozen=True, slots=True)
class _Darkness:
    """How dark a picture is within pieces."""

    sums: NDArray[Any]
    """Of brightness, above and to the left of each pixel."""
    paper: int
    left: NDArray[np.intp]
    right: NDArray[np.intp]

    def between(self, first: NDArray[np.intp], last: NDArray[np.intp]) -> Amounts:
        """Give it between two rows of each piece, as an area of black in mm²; of any shape (…, pieces)."""
        sums, left, right = self.sums, self.left, self.right
        bright = sums[last, right] - sums[first, right] - sums[last, left] + sums[first, left]
        return np.asarray(((last - first) * (right - left) - bright / self.paper) / px_per_mm() ** 2, dtype=np.float64)


def _beyond(causes: Amounts, seen: Amounts, pieces: PrintedPieces) -> Amounts:
    """Take out what the causes explain, by least squares over the pieces that are usual, and what a type shares.

    Shapes (bands, pieces, causes) and (bands, pieces).
    """
    usual = np.ones(seen.shape, dtype=bool)
    excess = seen
    for _ in range(3):
        among = np.swapaxes(causes * usual[..., np.newaxis], 1, 2)
        factors = np.linalg.pinv(among @ causes) @ (among @ seen[..., np.newaxis])
        excess = seen - (causes @ factors)[..., 0]
        excess -= medians(excess)
        usual = np.abs(excess) <= _USUAL_SPREADS * medians(np.abs(excess)) / 0.6745
    return pieces.without_what_types_share(excess)
