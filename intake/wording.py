"""Compare the printed wording with what was issued: lines struck through, and pieces that no longer say the same.

Lines are compared in pieces of one or two letters, so that one exchanged word, or one letter of a heading, shows. Where
handwriting from a field runs over a caption nothing can be said about the print beneath, and nothing is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.issued_form import TextLine
from forms.units import BoxMm
from intake.order_statistics import quantiles
from intake.pictures import Grey
from intake.printed_page import softened
from intake.printed_pieces import CLEAR_PX, MARGINS_PX, PrintedPieces, letter_band
from intake.sheet import Sheet, bounds_px
from intake.sheet_grid import Mask, box_of, pixels, px_per_mm

SAME_FROM = (0.67, 0.82)
"""Correlation of a printed piece with its blank (−1 to 1) from which it says the same, on the worst and best copies."""
BELOW_PAGE = 0.11
"""How far below the page's 1 % of pieces that are least like it may lie on copies between the two."""
STEM_MM = 0.8
"""Width below which a piece is a lone stem, as of I or l."""
OWN_SAME_FROM = (0.78, 0.84)
"""The same for the customer's own lines, on the poorest and the best copies: here one digit counts."""
OWN_BELOW_PAGE = 0.08
"""How far below the page's 5 % of pieces that are least like the customer's own may lie on copies between the two."""
STRUCK_FROM_SHARE = 0.45
STRUCK_FROM_MM = 9.0
"""Share of the gaps in a piece of a printed line that carry ink, and the piece's length."""
STRUCK_FROM_GAPS = 2
"""Gaps with ink in such a piece, or ends of them: a speck of dust lies in one."""

_ALIKE = OWN_SAME_FROM[1] + OWN_BELOW_PAGE
"""Likeness from which it makes no difference how much more alike a piece is."""

_LINE_REACH_PX = CLEAR_PX // 2
_PIECE_REACH_PX = 2


@dataclass(frozen=True, slots=True)
class PrintedPiece:
    """A piece of a printed line that does not look as it was issued."""

    line: TextLine
    box_mm: BoxMm
    likeness: float
    """Correlation with the blank, −1 to 1."""


@dataclass(frozen=True, slots=True)
class ComparedWording:
    """Printed lines beside their blank, piece by piece; pieces under handwriting are left out."""

    pieces: PrintedPieces
    likeness: NDArray[np.float64]
    """Correlation of each piece with its blank, −1 to 1; what is 0.92 or more may be more alike still."""

    def changed(self, lines: range, same_from: float | NDArray[np.float64]) -> tuple[PrintedPiece, ...]:
        """Give the pieces of some of the lines that are less alike than a limit."""
        among = (self.pieces.line_of >= lines.start) & (self.pieces.line_of < lines.stop)
        return tuple(self._piece(int(index)) for index in np.flatnonzero(among & (self.likeness < same_from)))

    def _piece(self, index: int) -> PrintedPiece:
        top, bottom, left, right = (int(edge) for edge in self.pieces.boxes_px[index])
        line = self.pieces.lines[self.pieces.line_of[index]]
        return PrintedPiece(line, box_of(slice(top, bottom), slice(left, right)), round(float(self.likeness[index]), 3))


def same_from(wording: ComparedWording) -> NDArray[np.float64]:
    """Give the likeness from which each piece of the wording says the same, by all compared pieces of the page.

    How like its blank a lone stem is, hangs on where it falls between the pixels: no more is asked of it than on the
    poorest copies.
    """
    least = float(quantiles(wording.likeness, 0.01)) if len(wording.likeness) else 1.0
    *_, left, right = wording.pieces.boxes_px.T
    is_stem = right - left < STEM_MM * px_per_mm()
    return np.where(is_stem, SAME_FROM[0], np.clip(least - BELOW_PAGE, *SAME_FROM))


def own_same_from(wording: ComparedWording) -> float:
    """Give the likeness from which the customer's own lines say the same, by all compared pieces of the page.

    A good copy shows one exchanged digit; on a poor one, unchanged print is no more like its blank than that.
    """
    usual = float(quantiles(wording.likeness, 0.05)) if len(wording.likeness) else 1.0
    return float(np.clip(usual - OWN_BELOW_PAGE, *OWN_SAME_FROM))


def compare_wording(sheet: Sheet, handwriting: Mask) -> ComparedWording:
    """Compare all printed lines with their blank, piece by piece; `handwriting` hides what lies beneath it.

    The pieces are compared where they should lie, all at once; only those that are not quite alike there are looked for
    around it.
    """
    issued = sheet.issued
    flat, blank = softened(sheet.flat), issued.soft
    is_open = ~_hidden(handwriting, issued.pieces.boxes_px)
    pieces, likeness = issued.pieces.only(is_open), issued.likeness(flat)[is_open]
    shifts: dict[int, tuple[int, int]] = {}
    boxes_px = pieces.boxes_px.tolist()
    for index in np.flatnonzero(likeness < _ALIKE).tolist():
        box = boxes_px[index]
        likeness[index] = _likeness_around(flat, blank, box, (0, 0))
        if likeness[index] < _ALIKE:
            line = int(pieces.line_of[index])
            if line not in shifts:
                shifts[line] = _line_shift(flat, blank, pieces.boxes_px[pieces.line_of == line])
            likeness[index] = max(likeness[index], _likeness_around(flat, blank, box, shifts[line]))
    return ComparedWording(pieces, likeness)


def _hidden(handwriting: Mask, boxes_px: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell the pieces that have handwriting on them."""
    rows, columns = bounds_px(handwriting)
    counts = cv2.integral(handwriting[rows, columns].view(np.uint8))
    top, bottom = np.clip(boxes_px[:, :2].T - rows.start, 0, rows.stop - rows.start)
    left, right = np.clip(boxes_px[:, 2:].T - columns.start, 0, columns.stop - columns.start)
    inked = counts[bottom, right] - counts[top, right] - counts[bottom, left] + counts[top, left]
    return np.asarray(inked > 0)


def struck_pieces(sheet: Sheet, lines: Sequence[TextLine]) -> Iterator[BoxMm]:
    """Find strokes through printed lines: in the gaps between their letters there should be no ink."""
    inked_rows = np.flatnonzero((sheet.surplus & sheet.issued.gaps()).any(axis=1))
    for line in lines:
        rows, columns = pixels(letter_band(line))
        if not ((inked_rows >= rows.start) & (inked_rows < rows.stop)).any():
            continue
        gaps = np.asarray((~sheet.printed[rows, columns]).all(axis=0))
        inked = np.asarray(sheet.surplus[rows, columns].any(axis=0) & gaps)
        window = round(STRUCK_FROM_MM * px_per_mm())
        if gaps.size < window or not inked.any():
            continue
        ones = np.ones(window)
        gap_count, ink_count = np.convolve(gaps, ones, "valid"), np.convolve(inked, ones, "valid")
        struck = (gap_count >= 4) & (ink_count >= np.maximum(4, STRUCK_FROM_SHARE * gap_count))
        struck &= np.convolve(_begins_of_inked(gaps, inked), ones, "valid") >= STRUCK_FROM_GAPS
        if struck.any():
            first, last = np.flatnonzero(struck)[[0, -1]]
            yield box_of(rows, slice(columns.start + int(first), columns.start + int(last) + window))


def _begins_of_inked(gaps: Mask, inked: Mask) -> Mask:
    """Mark the first column of each gap that has ink in it."""
    begins = gaps & ~np.concatenate(([False], gaps[:-1]))
    number = np.cumsum(begins)
    has_ink = np.zeros(number[-1] + 1, dtype=bool)
    has_ink[number[inked]] = True
    return np.asarray(begins & has_ink[number])


def _line_shift(flat: Grey, blank: Grey, boxes_px: NDArray[np.intp]) -> tuple[int, int]:
    """Give the offset (x, y in pixels) at which the whole line fits best, by the boxes of its pieces."""
    line = [int(edge) for edge in (*boxes_px[0, :2], boxes_px[:, 2].min(), boxes_px[:, 3].max())]
    pattern, window = _cut(blank, line, 0), _cut(flat, line, _LINE_REACH_PX)
    if pattern.shape[1] + 2 * _LINE_REACH_PX != window.shape[1]:
        return 0, 0
    _, _, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(window, pattern, cv2.TM_CCOEFF_NORMED))
    return x - _LINE_REACH_PX, y - _LINE_REACH_PX


def _likeness_around(flat: Grey, blank: Grey, box_px: Sequence[int], shift: tuple[int, int]) -> float:
    """Correlate a piece with its blank at the best place near one."""
    (x, y), (top, bottom, left, right) = shift, box_px
    pattern = _cut(blank, box_px, 0)
    window = _cut(flat, (top + y, bottom + y, left + x, right + x), _PIECE_REACH_PX)
    if pattern.shape[0] > window.shape[0] or pattern.shape[1] > window.shape[1]:
        return 1.0  # it hangs over the edge of the page; nothing can be said
    return float(cv2.matchTemplate(window, pattern, cv2.TM_CCOEFF_NORMED).max())


def _cut(picture: Grey, box_px: Sequence[int], reach_px: int) -> Grey:
    top, bottom, left, right = box_px
    rows, columns = MARGINS_PX[0] + reach_px, MARGINS_PX[1] + reach_px
    return picture[top - rows : bottom + rows, max(0, left - columns) : right + columns]
