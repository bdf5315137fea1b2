"""Suspect thin level strokes on printed words: a word struck out with a fine pen, or only just underlined.

Such a stroke adds little to all the ink of a word, and much to a narrow band of it. The thresholds are measured in
docs/decisions/0023-ink-on-print.md.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from intake.order_statistics import spread
from intake.print_excess import Amounts, PieceDarkness, PieceRun, beyond_print, strongest_runs
from intake.printed_pieces import PrintedPieces
from intake.sheet import Sheet
from intake.sheet_grid import px_per_mm

SUSPECT_FROM_SPREADS, SURE_FROM_SPREADS = 6.5, 14.0
"""Ink that two or three neighbouring pieces have in a band beyond their print, as a multiple of what it varies by and
the root of their number, from which it may be a stroke; and from which nothing else makes as much."""

_BANDS = ((0.16, 0.40), (0.28, 0.52), (0.36, 0.60), (0.46, 0.70))
"""Of the height of a printed line, from its top."""
_COUNTS = (2, 3)
_LEAST_SPREAD_MM2 = 0.008


def suspected_strokes(sheet: Sheet, pieces: PrintedPieces, seen: PieceDarkness) -> Iterator[PieceRun]:
    """Give the places where a stroke may run along printed words; their strength is that of `SUSPECT_FROM_SPREADS`.

    `seen` is the page's darkness beside its paper.
    """
    measured = (
        (count, excess / (max(spread(excess), _LEAST_SPREAD_MM2) * count**0.5))
        for excess in _excess_by_band(sheet, pieces, seen)
        for count in _COUNTS
    )
    return strongest_runs(pieces, measured, SUSPECT_FROM_SPREADS)


def _excess_by_band(sheet: Sheet, pieces: PrintedPieces, seen: PieceDarkness) -> Amounts:
    """Ink of each piece, in mm², beyond what its print makes usual on this page; shape (bands, pieces)."""
    top, bottom, left, right = pieces.boxes_px.T
    soft = PieceDarkness(sheet.issued.soft, 255, pieces)
    first, last = (
        np.asarray(top + np.round(np.outer(shares, bottom - top)), dtype=np.intp) for shares in np.transpose(_BANDS)
    )
    shifted = soft.between(first - 1, last - 1) - soft.between(first + 1, last + 1)
    area = (last - first) * (right - left) / px_per_mm() ** 2
    causes = np.stack((area, soft.between(first, last), shifted), axis=-1)
    return beyond_print(causes, seen.between(first, last) / (1 - sheet.black), pieces)
