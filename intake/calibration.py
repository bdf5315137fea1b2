"""How sure a reading is, in figures that can be checked: of readings given 0.9, nine in ten are right.

Each curve maps one raw measure to a probability and never falls. They are fitted on simulated returns by `python -m
bench.calibration --fit` and checked on others without it; see docs/decisions/0018-confidence.md. No state is decided by
them: the thresholds do that, and stay where they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

NOTHING_CLAIMED = 0.5
"""The confidence of a state that is unclear."""


@dataclass(frozen=True)
class Curve:
    """A rising curve through some points; beyond the first and the last it stays level."""

    points: tuple[tuple[float, float], ...]
    """Raw measure and probability, by the raw measure."""

    @cached_property
    def _axes(self) -> tuple[list[float], list[float]]:
        return [raw for raw, _ in self.points], [probability for _, probability in self.points]

    def __call__(self, raw: float) -> float:
        """Give the probability for a raw measure."""
        return float(np.interp(raw, *self._axes))


def log_ink(amount: float) -> float:
    """Put an amount of ink on the scale on which pens differ evenly."""
    return math.log10(max(amount, 1e-4))


MARKED = Curve(
    (
        (-4.0, 0.0014),
        (-2.319, 0.0014),
        (-2.097, 0.5),
        (-1.398, 0.5),
        (-1.305, 0.9531),
        (-0.921, 0.9531),
        (-0.915, 0.9984),
        (-0.13, 0.9984),
    )
)
"""Share of ink in a square (log10) → a mark. Fitted on 709 samples."""
MARKED_LOSSY = Curve(
    (
        (-4.0, 0.2262),
        (-2.495, 0.9808),
        (-0.338, 0.9808),
    )
)
"""The same on a page that may have lost ink. Fitted on 66 samples."""
CORRECTED = Curve(
    (
        (0.0, 0.0144),
        (0.381, 0.0144),
        (0.4, 0.5),
        (0.739, 0.9643),
        (0.923, 0.9643),
    )
)
"""Share of a square on solid ground → filled in, to take a mark back. Fitted on 397 samples."""
SIGNED = Curve(
    (
        (-4.0, 0.0057),
        (0.22, 0.0057),
        (1.022, 0.9444),
        (1.484, 0.9444),
        (1.484, 0.9979),
        (2.633, 0.9979),
    )
)
"""Ink in the signature field, mm² (log10) → a signature. Fitted on 354 samples."""
SIGNED_LOSSY = Curve(
    (
        (-4.0, 0.3929),
        (-0.066, 0.9706),
        (2.208, 0.9706),
    )
)
"""The same on a page that may have lost ink. Fitted on 29 samples."""
EMPTY = Curve(((-0.0, 0.9909),))
"""Ink in a field that is called empty, −mm² → nothing was written. Fitted on 54 samples."""
PLACE = Curve(
    (
        (0.0, 0.0938),
        (0.025, 0.0938),
        (0.04, 0.1528),
        (0.28, 0.1528),
        (0.285, 0.2045),
        (0.352, 0.2045),
        (0.355, 0.3125),
        (0.378, 0.3125),
        (0.385, 0.3276),
        (0.491, 0.3276),
        (0.492, 0.5),
        (0.509, 0.5),
        (0.51, 0.5448),
        (0.802, 0.5448),
        (0.809, 0.5833),
        (0.814, 0.5833),
        (0.815, 0.7212),
        (0.917, 0.7212),
        (0.918, 0.7222),
        (0.925, 0.7222),
        (0.925, 0.75),
        (0.928, 0.75),
        (0.929, 0.8913),
        (0.946, 0.8913),
        (0.946, 0.9375),
        (0.959, 0.9375),
        (0.959, 0.9938),
        (0.97, 0.9938),
    )
)
"""Mean confidence of the engine in its words → the place is right. Fitted on 384 samples."""
DATE = Curve(
    (
        (0.0, 0.0093),
        (0.318, 0.0093),
        (0.323, 0.1071),
        (0.473, 0.1071),
        (0.479, 0.1774),
        (0.609, 0.1774),
        (0.616, 0.2619),
        (0.767, 0.2619),
        (0.768, 0.2778),
        (0.817, 0.2778),
        (0.818, 0.3214),
        (0.836, 0.3214),
        (0.838, 0.3824),
        (0.865, 0.3824),
        (0.866, 0.4167),
        (0.909, 0.4167),
        (0.91, 0.5),
        (0.91, 0.5833),
        (0.913, 0.5833),
        (0.915, 0.6346),
        (0.937, 0.6346),
        (0.938, 0.6944),
        (0.95, 0.6944),
        (0.95, 0.95),
        (0.969, 0.95),
    )
)
"""The same for the date: the right day. Fitted on 380 samples."""
NAME = Curve(
    (
        (0.0, 0.0102),
        (0.181, 0.0102),
        (0.186, 0.119),
        (0.316, 0.119),
        (0.32, 0.1518),
        (0.604, 0.1518),
        (0.624, 0.3),
        (0.636, 0.3),
        (0.638, 0.3649),
        (0.739, 0.3649),
        (0.751, 0.5),
        (0.801, 0.5),
        (0.801, 0.7578),
        (0.901, 0.7578),
        (0.902, 0.7727),
        (0.908, 0.7727),
        (0.908, 0.9571),
        (0.938, 0.9571),
        (0.939, 0.9949),
        (0.969, 0.9949),
    )
)
"""The same for the name. Fitted on 386 samples."""
TEXT = {"place": PLACE, "date": DATE, "name": NAME}
"""By field."""
