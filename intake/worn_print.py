"""Lay on the blank page what a worn drum or a blocked nozzle left out of its print: a pale line along the paper's way.

All print that such a line runs through is pale, from the top of the page to its foot, and nobody changed any of it.
Laid on the blank, it hides no change: what stands in the line is compared as pale as the rest of it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from intake.flag_runs import runs_of
from intake.pictures import Grey
from intake.sheet import PAPER_LEVEL, Sheet
from intake.sheet_grid import px_per_mm

PALE_BELOW = 0.8
"""Share of the blackness usual on the page, below which the print in a column is pale, in every part of the page."""
WIDEST_MM = 1.4
"""Width of a line, at most."""

_PARTS, _FEWEST_PARTS = 4, 2
_LEAST_PX = 8
_SOLID_BELOW = 128
_BESIDE_PX = 2


def with_worn_print(sheet: Sheet) -> Sheet | None:
    """Give the sheet beside a blank page that is as worn as its print; None where that is not worn."""
    shares = worn_shares(sheet)
    if shares.min() == 1:
        return None
    issued = sheet.issued
    shared = replace(issued.shared, blank=_paled(issued.shared.blank, shares))
    return replace(sheet, issued=replace(issued, shared=shared, own_blank=_paled(issued.own_blank, shares)))


def worn_shares(sheet: Sheet) -> NDArray[np.float64]:
    """Give how black the print is in each column of the sheet that is worn, the page's usual print being 1."""
    solid = (sheet.blank < _SOLID_BELOW).view(np.uint8)
    seen = _by_part(np.asarray(PAPER_LEVEL - np.minimum(sheet.brightness, PAPER_LEVEL), np.uint8) * solid)
    printed = _by_part(solid)
    tells = printed >= _LEAST_PX
    black = seen / np.maximum(printed, 1)
    usual = np.array([np.median(part[told]) if told.any() else 1.0 for part, told in zip(black, tells, strict=True)])
    shares = black / np.maximum(usual[:, None], 1.0)
    is_pale = ((shares < PALE_BELOW) | ~tells).all(axis=0) & (np.count_nonzero(tells, axis=0) >= _FEWEST_PARTS)
    worn = np.ones(is_pale.size)
    mean = (shares * printed).sum(axis=0) / np.maximum(printed.sum(axis=0), 1)
    for run in runs_of(is_pale):
        if run.stop - run.start <= WIDEST_MM * px_per_mm():
            columns = slice(max(0, run.start - _BESIDE_PX), run.stop + _BESIDE_PX)
            worn[columns] = np.minimum(1.0, mean[columns])
    return worn


def _by_part(picture: Grey) -> NDArray[np.float64]:
    """Sum a picture up by column, in each part of the page from top to foot; shape (parts, width)."""
    rows = len(picture) // _PARTS
    parts = picture[: rows * _PARTS].reshape(_PARTS, rows, -1)
    return np.asarray(np.add.reduce(parts, axis=1, dtype=np.uint32), dtype=np.float64)


def _paled(blank: Grey, shares: NDArray[np.float64]) -> Grey:
    return np.asarray(np.round(255 - (255.0 - blank) * shares), dtype=np.uint8)
