"""Tell whether a printed frame shows where it was printed: else paper bulges, and what lies within may be the frame."""

from __future__ import annotations

import numpy as np

from forms.units import BoxMm
from intake.sheet import Sheet
from intake.sheet_grid import Mask, pixels, px_per_mm

SHOWS_FROM = 0.5
"""Share of each side that must show near its place.

Of signature fields all of it does on 67 of 72 plain pages, 0.57 on a fax, 0 to 0.30 on four photos of folded letters,
on which the frame lies within the field; of text fields 0.63 at least on 125 plain pages; of the squares of checkboxes
all of it, within a tenth of a millimetre, on 118 of 120: lost lines had taken the other two.
"""

STRAYED_FROM = 0.45
"""In black and white a side may be lost that shows nowhere else: share of its length, a little within the frame, that
shows a line or looks like one, from which it may be that side. Of 24 signature fields on faxes that lost one, writing
leaves 0.30 there at most, and once 0.58."""

FIELD_REACH_MM = 0.7
"""How near to its place the frame of a field must show."""

_DARK = 0.25
_STRAYS_MM, _STRAYS_SHARE = 6.0, 0.4
"""How far within the frame a side is looked for: so far, and by no more than that share of the frame."""


def shows_in_place(sheet: Sheet, frame: BoxMm, reach_mm: float) -> bool:
    """Tell whether each side of a frame shows so near to where it was printed, along enough of its length.

    `frame` runs along the middle of its lines.
    """
    top, bottom, left, right = (round(edge * px_per_mm()) for edge in (frame.y0, frame.y1, frame.x0, frame.x1))
    reach = round(reach_mm * px_per_mm())
    level = [sheet.darkness(np.s_[at - reach : at + reach + 1, left:right]).max(axis=0) for at in (top, bottom)]
    upright = [sheet.darkness(np.s_[top:bottom, at - reach : at + reach + 1]).max(axis=1) for at in (left, right)]
    lost = [float((side >= _DARK).mean()) < SHOWS_FROM for side in (*level, *upright)]
    return not any(lost) or (sheet.bilevel and not _has_strayed(sheet, frame, reach, lost))


def _has_strayed(sheet: Sheet, frame: BoxMm, reach: int, lost: list[bool]) -> bool:
    """Tell whether one of the sides that are lost from their places seems to lie within the frame."""
    inner = np.asarray(sheet.darkness(pixels(frame)) >= _DARK, dtype=bool)
    sides = (inner, np.flipud(inner), inner.T, np.fliplr(inner).T)  # each as if it were the upper one
    return any(_holds_line(side, reach) for side, is_lost in zip(sides, lost, strict=True) if is_lost)


def _holds_line(within: Mask, reach: int) -> bool:
    """Tell whether a line seems to run beneath a frame's upper side."""
    high, deep = 2 * reach + 1, round(min(_STRAYS_MM * px_per_mm(), _STRAYS_SHARE * len(within)))
    shares = (
        float(np.asarray(within[row : row + high].any(axis=0))[reach : len(within[0]) - reach].mean())
        for row in range(reach + 1, reach + 1 + deep)
    )
    return max(shares) >= STRAYED_FROM
