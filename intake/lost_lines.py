"""Mend the lines that a fax lost on the way: a machine that cannot decode a line of the picture repeats the one before.

Print and pens never leave two lines of a scan alike to the last pixel, as long as there is much in them: where such
lines repeat, the telephone line was bad. Each of them then takes the nearer of the two lines around it that did arrive,
and tells nothing of the print, which is taken for what was issued. The thresholds are measured in
docs/decisions/0024-black-and-white.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from intake.flag_runs import runs_of

MUCH_FROM_EDGES = 30
"""Changes between black and white along a line from which nothing but a bad telephone line repeats it."""
SOME_FROM_EDGES, LONG_FROM = 20, 0.03
"""The same, and length of its black runs in the mean as a share of the line, from which any other repeated line of such
a picture was lost too: what is left are frames' sides, anchors and page codes, which are alike from line to line."""
REPEATED_BELOW = 0.1
"""Share of the lines with much in them that may be repeated: in a picture that a computer drew more may be."""
MOST_LINES = 8
"""Repeated lines in a row up to which they are mended: more of them may hide what somebody wrote."""

_BLACK_BELOW = 128


@dataclass(frozen=True, slots=True)
class Mended:
    """A fax with its lost lines mended."""

    grey: NDArray[np.uint8]
    lines: tuple[slice, ...] = ()
    """Where lines had been repeated."""

    def lines_at(self, scale: float) -> tuple[slice, ...]:
        """Give the rows that those lines reach into where the picture is made so many times as high."""
        return tuple(slice(floor(run.start * scale), ceil(run.stop * scale)) for run in self.lines)


def mend_lost_lines(grey: NDArray[np.uint8]) -> Mended:
    """Mend a black-and-white picture as received, one row a line; one that lost nothing is given back as it is."""
    is_repeated = np.zeros(len(grey), dtype=bool)
    is_repeated[1:] = ~(grey[1:] != grey[:-1]).any(axis=1)
    edges = np.count_nonzero(grey[:, 1:] != grey[:, :-1], axis=1)
    has_much = edges >= MUCH_FROM_EDGES
    if not 0 < np.count_nonzero(is_repeated & has_much) < REPEATED_BELOW * np.count_nonzero(has_much):
        return Mended(grey)
    black = np.count_nonzero(grey < _BLACK_BELOW, axis=1)
    has_some = (edges >= SOME_FROM_EDGES) | ((edges > 0) & (2 * black >= LONG_FROM * grey.shape[1] * edges))
    lost = tuple(run for run in runs_of(is_repeated & has_some) if run.stop - run.start <= MOST_LINES)
    mended = grey.copy()
    for run in lost:
        mended[(run.start + run.stop + 1) // 2 : run.stop] = grey[min(run.stop, len(grey) - 1)]
    return Mended(mended, lost)
