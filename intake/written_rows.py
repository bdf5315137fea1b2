"""Find a row of letters written by hand: pieces of ink of about one size, one beside the other, that are no signature.

Words that touch a signature, or stand within it, leave most of their letters lying free, or hang together in low
pieces with a letter for every two strokes. A signature leaves few such pieces, or, where its pen skips, many more than
stand in any one row. The thresholds are measured in docs/decisions/0023-ink-on-print.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forms.units import BoxMm, enclosing
from intake.sheet import piece_boxes, sides_mm, strokes_by_row
from intake.sheet_grid import Mask, box_of

ROW_FROM_PIECES, ROW_FROM_LETTERS, ROW_FROM_SHARE = 4, 6, 0.5
"""Pieces of the size of letters, or letters, from which a row is words, where it holds so large a share of all."""
ROW_FROM_WIDTH_MM = 4.5
LETTER_HEIGHT_MM, LETTER_WIDTH_MM = (0.8, 6.5), (0.2, 7.0)
JOINED_FROM_STROKES, JOINED_TO_WIDTH_MM, JOINED_FROM_BREADTH_MM = 3, 28.0, 1.8
"""Strokes side by side, width and breadth of a piece in which several letters hang together."""
SIGNATURE_WIDTH_MM, SIGNATURE_HEIGHT_MM, SIGNATURE_BREADTH_MM = 6.0, 2.5, 2.4
"""Size of a piece beside the row from which that is a signature: a row alone may be a legible one."""
HIGHER_THAN = 1.1
"""Height of the highest letter at most, as a multiple of that piece's."""

_NARROW_MM = 2.5
_MIDDLE = (0.25, 0.8)
_GAP_MM, _GAP_HEIGHTS, _LAP_MM, _LAP_WIDTHS = 2.0, 1.1, 0.3, 0.35
"""How far apart neighbours stand at most, at least and as a multiple of the height, and how far one may reach over the
other."""
_BESIDE, _SIZES = 0.45, 2.8
"""Share of the lower neighbour's height at which both stand side by side, and how many times as high one may be."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of ink."""

    box_mm: BoxMm
    breadth_mm: float
    """Of the narrowest rectangle around it, at any angle."""
    strokes: int
    """That lie side by side in its middle."""

    @property
    def letters(self) -> int:
        """How many letters it may hold; 0 where it has not the size of any."""
        box = self.box_mm
        if not LETTER_HEIGHT_MM[0] <= box.height <= LETTER_HEIGHT_MM[1] or box.width < LETTER_WIDTH_MM[0]:
            return 0
        is_joined = self.strokes >= JOINED_FROM_STROKES and self.breadth_mm >= JOINED_FROM_BREADTH_MM
        if box.width > (JOINED_TO_WIDTH_MM if is_joined else LETTER_WIDTH_MM[1]):
            return 0
        return max(1, self.strokes // 2) if box.width > _NARROW_MM else 1

    def may_be_signature_beside(self, height_mm: float) -> bool:
        """Tell whether it may be the signature beside letters of a height."""
        least_mm = max(SIGNATURE_HEIGHT_MM, height_mm / HIGHER_THAN)
        is_broad = self.breadth_mm >= SIGNATURE_BREADTH_MM
        return is_broad and self.box_mm.width >= SIGNATURE_WIDTH_MM and self.box_mm.height >= least_mm


def find_written_row(ink: Mask) -> BoxMm | None:
    """Give the box of a row of letters beside a signature, from the corner of the ink; None where there is none."""
    pieces = [_piece(ink, *box) for box in _boxes(ink)]
    row = _longest_row(sorted((piece for piece in pieces if piece.letters), key=lambda piece: piece.box_mm.x0))
    rest = [piece for piece in pieces if piece not in row]
    return enclosing([piece.box_mm for piece in row]) if _are_words(row, rest) else None


def _boxes(ink: Mask) -> list[tuple[int, int, int, int]]:
    """Give left, top, width and height of each piece, in pixels."""
    return [(left, top, width, height) for left, top, width, height, _ in piece_boxes(ink).tolist()]


def _piece(ink: Mask, left: int, top: int, width: int, height: int) -> _Piece:
    """Measure a piece by the ink in its box; what of other pieces reaches into that hardly matters."""
    part = ink[top : top + height, left : left + width]
    first, last = int(_MIDDLE[0] * height), max(int(_MIDDLE[0] * height) + 1, int(_MIDDLE[1] * height))
    breadth_mm, _ = sides_mm(part)
    box = box_of(slice(top, top + height), slice(left, left + width))
    return _Piece(box, breadth_mm, int(np.median(strokes_by_row(part[first:last]))))


def _are_words(row: Sequence[_Piece], rest: Sequence[_Piece]) -> bool:
    """Tell whether a row of letters is long enough, and stands beside something that may be the signature."""
    if not row or row[-1].box_mm.x1 - row[0].box_mm.x0 < ROW_FROM_WIDTH_MM:
        return False
    letters, others = (sum(piece.letters for piece in pieces) for pieces in (row, rest))
    are_most_letters = letters >= max(ROW_FROM_LETTERS, ROW_FROM_SHARE * (letters + others))
    are_most_pieces = len(row) >= max(ROW_FROM_PIECES, ROW_FROM_SHARE * (len(row) + len(rest)))
    height_mm = max(piece.box_mm.height for piece in row)
    is_beside = any(piece.may_be_signature_beside(height_mm) for piece in rest)
    return is_beside and (are_most_letters or are_most_pieces)


def _longest_row(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Give the row of neighbours with most letters among pieces that are given from the left."""
    rows: list[list[_Piece]] = []
    for piece in pieces:
        before = [row for row in rows if _follows(row[-1].box_mm, piece.box_mm)]
        rows.append([*max(before, key=_letters, default=[]), piece])
    return max(rows, key=_letters, default=[])


def _letters(row: Sequence[_Piece]) -> int:
    return sum(piece.letters for piece in row)


def _follows(one: BoxMm, other: BoxMm) -> bool:
    """Tell whether a letter may be another one's neighbour to the right."""
    gap_mm = other.x0 - one.x1
    higher_mm, lower_mm = max(one.height, other.height), min(one.height, other.height)
    beside_mm = min(one.y1, other.y1) - max(one.y0, other.y0)
    is_near = -_LAP_WIDTHS * min(one.width, other.width) - _LAP_MM <= gap_mm <= max(_GAP_MM, _GAP_HEIGHTS * higher_mm)
    return is_near and beside_mm >= _BESIDE * lower_mm and higher_mm <= _SIZES * lower_mm
