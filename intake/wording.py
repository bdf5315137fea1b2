"""Compare the printed wording with what was issued: lines struck through, and pieces that no longer say the same.

Lines are compared in pieces of one or two letters, so that one exchanged word, or one letter of a heading, shows. Where
handwriting from a field runs over a caption nothing can be said about the print beneath, and nothing is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.issued_form import TextLine
from forms.units import BoxMm
from intake.sheet import Mask, Sheet, box_of, pixels, px_per_mm

SAME_FROM = 0.67
"""Correlation of a printed piece with its blank (−1 to 1) from which it still says the same."""
OWN_SAME_FROM = (0.78, 0.84)
"""The same for the customer's own lines, on the poorest and the best copies: here one digit counts."""
OWN_BELOW_PAGE = 0.08
"""How far below the page's 5 % of pieces that are least like the customer's own may lie on copies between the two."""
STRUCK_FROM_SHARE = 0.45
STRUCK_FROM_MM = 9.0
"""Share of the gaps in a piece of a printed line that carry ink, and the piece's length."""

_PIECE_MM, _NARROW_MM = 2.6, 1.0
_GAP_EM = 0.11
_LINE_REACH_PX = 4
_PIECE_REACH_PX = 2
_MARGIN_PX = 2
_SOFT_PX = 0.8
_DARK = 160
_BAND_EM = (0.27, 0.1)


@dataclass(frozen=True, slots=True)
class PrintedPiece:
    """A piece of a printed line, and how much it still looks as it was issued."""

    line: TextLine
    box_mm: BoxMm
    likeness: float
    """Correlation with the blank, −1 to 1."""


def own_same_from(pieces: Sequence[PrintedPiece]) -> float:
    """Give the likeness from which the customer's own lines say the same, by all compared pieces of the page.

    A good copy shows one exchanged digit; on a poor one, unchanged print is no more like its blank than that.
    """
    usual = float(np.percentile([piece.likeness for piece in pieces], 5)) if pieces else 1.0
    return float(np.clip(usual - OWN_BELOW_PAGE, *OWN_SAME_FROM))


def compared_pieces(sheet: Sheet, lines: Sequence[TextLine], handwriting: Mask) -> Iterator[PrintedPiece]:
    """Compare printed lines with their blank, piece by piece; `handwriting` hides what lies beneath it."""
    flat, blank = _soft(sheet.flat), _soft(sheet.blank)
    for line in lines:
        rows, spans = _spans(sheet.blank, line)
        if not spans or rows.start < 2 * _LINE_REACH_PX or rows.stop + 2 * _LINE_REACH_PX > len(blank):
            continue
        shift = _line_shift(flat, blank, rows, slice(spans[0].start, spans[-1].stop))
        for span in spans:
            if handwriting[rows, span].any():
                continue
            likeness = _likeness(flat, blank, rows, span, shift)
            yield PrintedPiece(line, box_of(rows, span), round(likeness, 3))


def struck_pieces(sheet: Sheet, lines: Sequence[TextLine]) -> Iterator[BoxMm]:
    """Find strokes through printed lines: in the gaps between their letters there should be no ink."""
    for line in lines:
        em_mm = line.size_pt * 25.4 / 72
        above, below = _BAND_EM[0] * em_mm * 2, _BAND_EM[1]
        band = BoxMm(line.x_mm, line.baseline_mm - above, line.x_mm + line.width_mm, line.baseline_mm - below)
        rows, columns = pixels(band)
        gaps = (~sheet.printed[rows, columns]).all(axis=0)
        inked = sheet.surplus[rows, columns].any(axis=0) & gaps
        window = round(STRUCK_FROM_MM * px_per_mm())
        if gaps.size < window or not inked.any():
            continue
        ones = np.ones(window)
        gap_count, ink_count = np.convolve(gaps, ones, "valid"), np.convolve(inked, ones, "valid")
        struck = (gap_count >= 4) & (ink_count >= np.maximum(4, STRUCK_FROM_SHARE * gap_count))
        if struck.any():
            first, last = np.flatnonzero(struck)[[0, -1]]
            yield box_of(rows, slice(columns.start + int(first), columns.start + int(last) + window))


def _spans(blank: NDArray[np.uint8], line: TextLine) -> tuple[slice, list[slice]]:
    """Part a printed line at its gaps, and long runs again into pieces: rows of the line, columns of each piece."""
    rows, columns = pixels(line.box_mm)
    places = np.flatnonzero((blank[rows, columns] < _DARK).any(axis=0))
    if not len(places):
        return rows, []
    gap_px = max(3, round(line.size_pt * 25.4 / 72 * _GAP_EM * px_per_mm()))
    runs: list[slice] = []
    for run in np.split(places, np.flatnonzero(np.diff(places) > gap_px) + 1):
        start, stop = columns.start + int(run[0]), columns.start + int(run[-1]) + 1
        if runs and stop - start < _NARROW_MM * px_per_mm():
            start = runs.pop().start  # a full stop or a hyphen says too little by itself
        runs.append(slice(start, stop))
    return rows, [piece for run in runs for piece in _pieces(run)]


def _pieces(run: slice) -> list[slice]:
    count = max(1, int(np.ceil((run.stop - run.start) / px_per_mm() / _PIECE_MM)))
    edges = np.linspace(run.start, run.stop, count + 1).round().astype(int)
    return [slice(int(start), int(stop)) for start, stop in pairwise(edges)]


def _line_shift(flat: NDArray[np.uint8], blank: NDArray[np.uint8], rows: slice, columns: slice) -> tuple[int, int]:
    """Give the offset (x, y in pixels) at which the whole line fits best."""
    pattern, window = _cut(blank, rows, columns, 0), _cut(flat, rows, columns, _LINE_REACH_PX)
    if pattern.shape[1] + 2 * _LINE_REACH_PX != window.shape[1]:
        return 0, 0
    _, _, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(window, pattern, cv2.TM_CCOEFF_NORMED))
    return x - _LINE_REACH_PX, y - _LINE_REACH_PX


def _likeness(
    flat: NDArray[np.uint8], blank: NDArray[np.uint8], rows: slice, columns: slice, shift: tuple[int, int]
) -> float:
    """Correlate a piece with its blank at the best place near the line's own."""
    x, y = shift
    moved_rows, moved_columns = slice(rows.start + y, rows.stop + y), slice(columns.start + x, columns.stop + x)
    pattern, window = _cut(blank, rows, columns, 0), _cut(flat, moved_rows, moved_columns, _PIECE_REACH_PX)
    if pattern.shape[0] > window.shape[0] or pattern.shape[1] > window.shape[1]:
        return 1.0  # it hangs over the edge of the page; nothing can be said
    return float(cv2.matchTemplate(window, pattern, cv2.TM_CCOEFF_NORMED).max())


def _cut(picture: NDArray[np.uint8], rows: slice, columns: slice, reach_px: int) -> NDArray[np.uint8]:
    margin = _MARGIN_PX + reach_px
    return picture[
        rows.start - 1 - reach_px : rows.stop + 1 + reach_px, max(0, columns.start - margin) : columns.stop + margin
    ]


def _soft(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Blur a little, so that sharp and poor copies compare alike."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), _SOFT_PX), dtype=np.uint8)
