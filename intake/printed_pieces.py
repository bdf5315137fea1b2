"""Part the printed lines of a page into pieces of one or two letters: what its wording is compared by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from forms.issued_form import TextLine
from forms.units import BoxMm, pt_to_mm
from intake.order_statistics import medians
from intake.pictures import Grey
from intake.sheet_grid import Mask, pixels, px_per_mm, touching

CLEAR_PX = 8
"""Room above and below a printed line in which it is looked for."""
MARGINS_PX = (1, 2)
"""What is compared with a piece around it: rows above and below, columns left and right."""

_PIECE_MM, _NARROW_MM = 2.6, 1.0
_GAP_EM = 0.11
_DARK = 160
_BAND_EM = (0.27, 0.1)


@dataclass(frozen=True, slots=True)
class PrintedPieces:
    """Pieces of printed lines, all in one table, line by line."""

    lines: tuple[TextLine, ...]
    line_of: NDArray[np.intp]
    """Which of the lines each piece is of; shape (n,)."""
    boxes_px: NDArray[np.intp]
    """Top, bottom, left and right of each piece on the sheet, the ends exclusive; shape (n, 4)."""

    def __len__(self) -> int:
        return len(self.line_of)

    def only(self, which: NDArray[np.bool_]) -> PrintedPieces:
        """Keep some of the pieces."""
        return PrintedPieces(self.lines, self.line_of[which], self.boxes_px[which])

    def and_then(self, others: PrintedPieces) -> PrintedPieces:
        """Put other lines and their pieces behind these."""
        return PrintedPieces(
            (*self.lines, *others.lines),
            np.concatenate((self.line_of, others.line_of + len(self.lines))),
            np.concatenate((self.boxes_px, others.boxes_px)),
        )

    def without_what_types_share(self, amounts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take out of an amount of each piece what print of its font, size and colour has in common.

        Black and white makes pale print black, for one. Shape (pieces,), or (…, pieces) for several amounts.
        """
        known: dict[tuple[object, ...], int] = {}
        types = [known.setdefault((line.font, line.size_pt, line.colour), len(known)) for line in self.lines]
        type_of, rest = np.array(types)[self.line_of], amounts.copy()
        for index in np.flatnonzero(np.bincount(type_of)):
            of_type = type_of == index
            rest[..., of_type] -= medians(rest[..., of_type])
        return rest

    def touch(self, regions: Iterable[tuple[slice, slice]]) -> NDArray[np.bool_]:
        """Tell which pieces, or what is compared around them, reach into regions of the sheet."""
        top, bottom, left, right = self.boxes_px.T
        margin = max(MARGINS_PX)
        return touching(top - margin, bottom + margin, left - margin, right + margin, regions)


def find_pieces(blank: Grey, lines: Sequence[TextLine]) -> PrintedPieces:
    """Find the pieces of printed lines on the blank page.

    A line too near to the page's upper or lower edge has none: there is no room to look for it.
    """
    line_of, boxes = [], []
    for index, line in enumerate(lines):
        rows, columns = pixels(line.box_mm)
        if rows.start < CLEAR_PX or rows.stop + CLEAR_PX > len(blank):
            continue
        for left, right in _spans(blank[rows, columns], line.size_pt):
            line_of.append(index)
            boxes.append((rows.start, rows.stop, columns.start + left, columns.start + right))
    return PrintedPieces(
        tuple(lines), np.array(line_of, dtype=np.intp), np.array(boxes, dtype=np.intp).reshape(len(boxes), 4)
    )


def letter_band(line: TextLine) -> BoxMm:
    """The middle of a printed line's small letters: where a stroke runs that strikes it out."""
    em_mm = pt_to_mm(line.size_pt)
    above, below = _BAND_EM[0] * em_mm * 2, _BAND_EM[1]
    return BoxMm(line.x_mm, line.baseline_mm - above, line.x_mm + line.width_mm, line.baseline_mm - below)


def mark_letter_gaps(gaps: Mask, printed: Mask, lines: Sequence[TextLine]) -> None:
    """Add to a mask the columns of each line's band that hold no print; `printed` is where print may lie."""
    for line in lines:
        band = pixels(letter_band(line))
        gaps[band] |= ~printed[band].any(axis=0)


def _spans(printed: Grey, size_pt: float) -> Iterator[tuple[int, int]]:
    """Part a printed line at its gaps, and long runs again into pieces: gives the columns of each."""
    places = np.flatnonzero((printed < _DARK).any(axis=0))
    if not len(places):
        return
    gap_px = max(3, round(size_pt * 25.4 / 72 * _GAP_EM * px_per_mm()))
    breaks = np.flatnonzero(np.diff(places) > gap_px)
    starts, stops = places[np.concatenate(([0], breaks + 1))], places[np.concatenate((breaks, [-1]))] + 1
    runs: list[tuple[int, int]] = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        is_narrow = stop - start < _NARROW_MM * px_per_mm()  # a full stop or a hyphen says too little by itself
        runs.append((runs.pop()[0] if runs and is_narrow else start, stop))
    for start, stop in runs:
        yield from _pieces(start, stop)


def _pieces(start: int, stop: int) -> Iterator[tuple[int, int]]:
    count = max(1, -(-(stop - start) // (_PIECE_MM * px_per_mm())))
    edges = [round(start + (stop - start) * index / count) for index in range(int(count) + 1)]
    return pairwise(edges)
