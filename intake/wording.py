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
from intake.pictures import Grey
from intake.printed_page import softened
from intake.printed_pieces import CLEAR_PX, MARGINS_PX, PrintedPieces
from intake.sheet import Sheet
from intake.sheet_grid import Mask, box_of, pixels, px_per_mm

SAME_FROM = 0.67
"""Correlation of a printed piece with its blank (−1 to 1) from which it still says the same."""
OWN_SAME_FROM = (0.78, 0.84)
"""The same for the customer's own lines, on the poorest and the best copies: here one digit counts."""
OWN_BELOW_PAGE = 0.08
"""How far below the page's 5 % of pieces that are least like the customer's own may lie on copies between the two."""
STRUCK_FROM_SHARE = 0.45
STRUCK_FROM_MM = 9.0
"""Share of the gaps in a piece of a printed line that carry ink, and the piece's length."""

_ALIKE = OWN_SAME_FROM[1] + OWN_BELOW_PAGE
"""Likeness from which it makes no difference how much more alike a piece is."""

_LINE_REACH_PX = CLEAR_PX // 2
_PIECE_REACH_PX = 2
_BAND_EM = (0.27, 0.1)


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

    def changed(self, lines: range, same_from: float) -> tuple[PrintedPiece, ...]:
        """Give the pieces of some of the lines that are less alike than a limit."""
        among = (self.pieces.line_of >= lines.start) & (self.pieces.line_of < lines.stop)
        return tuple(self._piece(int(index)) for index in np.flatnonzero(among & (self.likeness < same_from)))

    def _piece(self, index: int) -> PrintedPiece:
        top, bottom, left, right = (int(edge) for edge in self.pieces.boxes_px[index])
        line = self.pieces.lines[self.pieces.line_of[index]]
        return PrintedPiece(line, box_of(slice(top, bottom), slice(left, right)), round(float(self.likeness[index]), 3))


def own_same_from(wording: ComparedWording) -> float:
    """Give the likeness from which the customer's own lines say the same, by all compared pieces of the page.

    A good copy shows one exchanged digit; on a poor one, unchanged print is no more like its blank than that.
    """
    usual = float(np.percentile(wording.likeness, 5)) if len(wording.likeness) else 1.0
    return float(np.clip(usual - OWN_BELOW_PAGE, *OWN_SAME_FROM))


def compare_wording(sheet: Sheet, handwriting: Mask) -> ComparedWording:
    """Compare all printed lines with their blank, piece by piece; `handwriting` hides what lies beneath it.

    The pieces are compared where they should lie, all at once; only those that are not quite alike there are looked for
    around it.
    """
    issued = sheet.issued
    pieces = issued.pieces.only(~_hidden(handwriting, issued.pieces.boxes_px))
    flat, blank = softened(sheet.flat), issued.soft
    likeness = _likeness_in_place(flat, blank, pieces)
    shifts: dict[int, tuple[int, int]] = {}
    for index in np.flatnonzero(likeness < _ALIKE):
        box = pieces.boxes_px[index]
        likeness[index] = _likeness_around(flat, blank, box, (0, 0))
        if likeness[index] < _ALIKE:
            line = int(pieces.line_of[index])
            if line not in shifts:
                shifts[line] = _line_shift(flat, blank, pieces.boxes_px[pieces.line_of == line])
            likeness[index] = max(likeness[index], _likeness_around(flat, blank, box, shifts[line]))
    return ComparedWording(pieces, likeness)


def _hidden(handwriting: Mask, boxes_px: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell the pieces that have handwriting on them."""
    counts = cv2.integral(handwriting.view(np.uint8))
    top, bottom, left, right = boxes_px.T
    inked = counts[bottom, right] - counts[top, right] - counts[bottom, left] + counts[top, left]
    return np.asarray(inked > 0)


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


def _likeness_in_place(flat: Grey, blank: Grey, pieces: PrintedPieces) -> NDArray[np.float64]:
    """Correlate pieces with their blank where they should lie; 0 where one of the two is all of one brightness.

    By the sums of each column of a line, one line's behind the other's, summed once more over each piece's columns.
    """
    if not len(pieces.line_of):
        return np.zeros(0)
    seen, printed = ~flat, ~blank
    sums, starts, end = [np.zeros((5, 1), np.float32)], [], 1
    for boxes_px in pieces.by_line():
        first, of_columns = _column_sums(seen, printed, boxes_px)
        starts.append(np.full(len(boxes_px), end - first))
        sums.append(of_columns)
        end += of_columns.shape[1]
    up_to = np.cumsum(np.hstack(sums), axis=1, dtype=np.float64)
    top, bottom, left, right = pieces.boxes_px.T
    rows, columns = MARGINS_PX
    left, right = np.maximum(left - columns, 0), np.minimum(right + columns, flat.shape[1])
    start, count = np.concatenate(starts) - 1, (bottom - top + 2 * rows) * (right - left)
    mean, printed_mean, power, printed_power, product = (up_to[:, start + right] - up_to[:, start + left]) / count
    spread = (power - mean**2) * (printed_power - printed_mean**2)
    return np.where(spread > 1, (product - mean * printed_mean) / np.sqrt(np.maximum(spread, 1)), 0)


def _column_sums(seen: Grey, printed: Grey, boxes_px: NDArray[np.intp]) -> tuple[int, NDArray[np.float32]]:
    """Sum up two pictures, their squares and their product over the rows of a line; gives its first column as well."""
    rows, columns = MARGINS_PX
    top, bottom = int(boxes_px[0, 0]) - rows, int(boxes_px[0, 1]) + rows
    first, last = max(0, int(boxes_px[0, 2]) - columns), int(boxes_px[-1, 3]) + columns
    a, b = seen[top:bottom, first:last], printed[top:bottom, first:last]
    products = (cv2.multiply(one, other, dtype=cv2.CV_16U) for one, other in ((a, a), (b, b), (a, b)))
    sums = [cv2.reduce(picture, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F) for picture in (a, b, *products)]
    return first, np.asarray(np.vstack(sums), dtype=np.float32)


def _line_shift(flat: Grey, blank: Grey, boxes_px: NDArray[np.intp]) -> tuple[int, int]:
    """Give the offset (x, y in pixels) at which the whole line fits best, by the boxes of its pieces."""
    line = np.array((boxes_px[0, 0], boxes_px[0, 1], boxes_px[:, 2].min(), boxes_px[:, 3].max()))
    pattern, window = _cut(blank, line, 0), _cut(flat, line, _LINE_REACH_PX)
    if pattern.shape[1] + 2 * _LINE_REACH_PX != window.shape[1]:
        return 0, 0
    _, _, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(window, pattern, cv2.TM_CCOEFF_NORMED))
    return x - _LINE_REACH_PX, y - _LINE_REACH_PX


def _likeness_around(flat: Grey, blank: Grey, box_px: NDArray[np.intp], shift: tuple[int, int]) -> float:
    """Correlate a piece with its blank at the best place near one."""
    x, y = shift
    pattern, window = _cut(blank, box_px, 0), _cut(flat, box_px + np.array((y, y, x, x)), _PIECE_REACH_PX)
    if pattern.shape[0] > window.shape[0] or pattern.shape[1] > window.shape[1]:
        return 1.0  # it hangs over the edge of the page; nothing can be said
    return float(cv2.matchTemplate(window, pattern, cv2.TM_CCOEFF_NORMED).max())


def _cut(picture: Grey, box_px: NDArray[np.intp], reach_px: int) -> Grey:
    top, bottom, left, right = (int(edge) for edge in box_px)
    rows, columns = (margin + reach_px for margin in MARGINS_PX)
    return picture[top - rows : bottom + rows, max(0, left - columns) : right + columns]
