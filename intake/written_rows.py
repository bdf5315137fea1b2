"""Find a row of letters written by hand: pieces of ink of about one size, one beside the other, that are no signature.

Words that touch a signature, or stand within it, leave most of their letters lying free. A signature leaves few such
pieces, or, where its pen skips, many more than stand in any one row. The thresholds are measured in
docs/decisions/0023-ink-on-print.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forms.units import BoxMm
from intake.sheet import piece_boxes
from intake.sheet_grid import Mask, px_per_mm

Boxes = NDArray[np.float64]
"""Left, top, width and height of pieces of ink, in mm; shape (n, 4)."""

ROW_FROM_LETTERS, LONG_ROW_FROM_LETTERS = 4, 6
"""Letters from which a row is words, where it holds at least ROW_FROM_SHARE of all pieces; and where it holds fewer."""
ROW_FROM_SHARE = 0.5
ROW_FROM_WIDTH_MM = 4.5
LETTER_HEIGHT_MM, LETTER_WIDTH_MM = (0.8, 6.0), (0.2, 7.0)
SIGNATURE_WIDTH_MM, SIGNATURE_HEIGHT_MM = 6.0, 2.5
"""Size of a piece beside the row from which that is a signature: a row alone may be a legible one."""
HIGHER_THAN = 1.1
"""Height of the highest letter at most, as a multiple of that piece's."""

_GAP_MM, _GAP_HEIGHTS, _LAP_MM, _LAP_WIDTHS = 2.0, 1.1, 0.3, 0.35
"""How far apart neighbours stand at most, at least and as a multiple of the height, and how far one may reach over the
other."""
_BESIDE, _SIZES = 0.45, 2.8
"""Share of the lower neighbour's height at which both stand side by side, and how many times as high one may be."""


def find_written_row(ink: Mask) -> BoxMm | None:
    """Give the box of a row of letters beside a signature, from the corner of the ink; None where there is none."""
    pieces = piece_boxes(ink)[:, :4] / px_per_mm()
    letters, rest = _longest_row(pieces)
    row = pieces[letters]
    if not _are_words(row, pieces[rest]):
        return None
    (left, top), (right, foot) = row[:, :2].min(axis=0), (row[:, :2] + row[:, 2:]).max(axis=0)
    return BoxMm(float(left), float(top), float(right), float(foot))


def _are_words(row: Boxes, rest: Boxes) -> bool:
    """Tell whether a row of letters is long enough, and stands beside something that may be the signature."""
    is_long = len(row) >= LONG_ROW_FROM_LETTERS
    is_most = len(row) >= max(ROW_FROM_LETTERS, ROW_FROM_SHARE * (len(row) + len(rest)))
    if not (is_long or is_most) or (row[:, 0] + row[:, 2]).max() - row[:, 0].min() < ROW_FROM_WIDTH_MM:
        return False
    _, _, width, height = rest.T
    signed = (width >= SIGNATURE_WIDTH_MM) & (height >= max(SIGNATURE_HEIGHT_MM, row[:, 3].max() / HIGHER_THAN))
    return bool(signed.any())


def _longest_row(pieces: Boxes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the longest row of letter-sized pieces, from the left, and all other pieces."""
    _, _, width, height = pieces.T
    fits = (height >= LETTER_HEIGHT_MM[0]) & (height <= LETTER_HEIGHT_MM[1])
    fits &= (width >= LETTER_WIDTH_MM[0]) & (width <= LETTER_WIDTH_MM[1])
    letters = np.flatnonzero(fits)
    letters = letters[np.argsort(pieces[letters, 0])]
    follows = _follow(pieces[letters])
    rows: list[list[int]] = []
    for index in range(len(letters)):
        before = max((rows[earlier] for earlier in np.flatnonzero(follows[:index, index])), key=len, default=[])
        rows.append([*before, index])
    row = letters[max(rows, key=len, default=[])]
    return row, np.setdiff1d(np.arange(len(pieces)), row)


def _follow(letters: Boxes) -> NDArray[np.bool_]:
    """Tell for each two letters whether the second may be the first one's neighbour to the right; shape (n, n)."""
    left, top, width, height = letters.T
    gap = left - (left + width)[:, None]
    higher, lower = np.maximum(height, height[:, None]), np.minimum(height, height[:, None])
    beside = np.minimum(top + height, (top + height)[:, None]) - np.maximum(top, top[:, None])
    is_near = (gap >= -_LAP_WIDTHS * np.minimum(width, width[:, None]) - _LAP_MM) & (
        gap <= np.maximum(_GAP_MM, _GAP_HEIGHTS * higher)
    )
    return np.asarray(is_near & (beside >= _BESIDE * lower) & (higher <= _SIZES * lower))
