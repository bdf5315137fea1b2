"""Tell whether a printed frame shows where it was printed: else paper bulges, and what lies within may be the frame."""

from __future__ import annotations

import numpy as np

from forms.units import BoxMm
from intake.sheet import Sheet
from intake.sheet_grid import px_per_mm

SHOWS_FROM = 0.5
"""Share of each side that must show near its place.

Of signature fields all of it does on 67 of 72 plain pages, 0.57 on a fax, 0 to 0.30 on four photos of folded letters,
on which the frame lies within the field; of text fields 0.63 at least on 125 plain pages; of the squares of checkboxes
all of it, within a tenth of a millimetre, on 118 of 120: lost lines had taken the other two.
"""

_DARK = 0.25


def shows_in_place(sheet: Sheet, frame: BoxMm, reach_mm: float) -> bool:
    """Tell whether each side of a frame shows so near to where it was printed, along enough of its length.

    `frame` runs along the middle of its lines.
    """
    top, bottom, left, right = (round(edge * px_per_mm()) for edge in (frame.y0, frame.y1, frame.x0, frame.x1))
    reach = round(reach_mm * px_per_mm())
    level = [sheet.darkness(np.s_[at - reach : at + reach + 1, left:right]).max(axis=0) for at in (top, bottom)]
    upright = [sheet.darkness(np.s_[top:bottom, at - reach : at + reach + 1]).max(axis=1) for at in (left, right)]
    return all(float((side >= _DARK).mean()) >= SHOWS_FROM for side in (*level, *upright))
