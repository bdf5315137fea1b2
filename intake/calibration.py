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
        (-4.0, 0.0035),
        (-2.319, 0.0035),
        (-2.097, 0.5),
        (-1.398, 0.5),
        (-1.305, 0.9341),
        (-0.921, 0.9341),
        (-0.915, 0.996),
        (-0.13, 0.996),
    )
)
"""Share of ink in a square (log10) → a mark. Fitted on 759 samples."""
MARKED_LOSSY = Curve(
    (
        (-4.0, 0.2217),
        (-2.495, 0.9559),
        (-0.338, 0.9559),
    )
)
"""The same on a page that may have lost ink. Fitted on 72 samples."""
CORRECTED = Curve(
    (
        (0.0, 0.0154),
        (0.381, 0.0154),
        (0.4, 0.5),
        (0.739, 0.9139),
        (0.923, 0.9139),
    )
)
"""Share of a square on solid ground → filled in, to take a mark back. Fitted on 425 samples."""
SIGNED = Curve(
    (
        (-4.0, 0.0153),
        (0.22, 0.0153),
        (1.022, 0.9258),
        (1.484, 0.9258),
        (1.484, 0.9949),
        (2.633, 0.9949),
    )
)
"""Ink in the signature field, mm² (log10) → a signature. Fitted on 379 samples."""
SIGNED_LOSSY = Curve(
    (
        (-4.0, 0.4045),
        (-0.066, 0.9377),
        (2.208, 0.9377),
    )
)
"""The same on a page that may have lost ink. Fitted on 32 samples."""
EMPTY = Curve(((-0.0, 0.9836),))
"""Ink in a field that is called empty, −mm² → nothing was written. Fitted on 80 samples."""
PLACE = Curve(
    (
        (0.0, 0.1258),
        (0.025, 0.1258),
        (0.04, 0.1641),
        (0.28, 0.1641),
        (0.285, 0.2082),
        (0.352, 0.2082),
        (0.355, 0.3455),
        (0.378, 0.3455),
        (0.385, 0.3581),
        (0.491, 0.3581),
        (0.492, 0.5),
        (0.509, 0.5),
        (0.51, 0.5402),
        (0.802, 0.5402),
        (0.809, 0.5649),
        (0.814, 0.5649),
        (0.815, 0.7249),
        (0.928, 0.7249),
        (0.929, 0.8643),
        (0.946, 0.8643),
        (0.946, 0.9233),
        (0.959, 0.9233),
        (0.959, 0.9838),
        (0.97, 0.9838),
    )
)
"""Mean confidence of the engine in its words → the place is right. Fitted on 398 samples."""
DATE = Curve(
    (
        (0.0, 0.0234),
        (0.318, 0.0234),
        (0.323, 0.1477),
        (0.394, 0.1477),
        (0.395, 0.1571),
        (0.473, 0.1571),
        (0.479, 0.1731),
        (0.609, 0.1731),
        (0.616, 0.2526),
        (0.767, 0.2526),
        (0.768, 0.2812),
        (0.817, 0.2812),
        (0.818, 0.3408),
        (0.836, 0.3408),
        (0.838, 0.4239),
        (0.865, 0.4239),
        (0.866, 0.4358),
        (0.909, 0.4358),
        (0.91, 0.5),
        (0.91, 0.5649),
        (0.913, 0.5649),
        (0.915, 0.6197),
        (0.928, 0.6197),
        (0.929, 0.636),
        (0.937, 0.636),
        (0.938, 0.6776),
        (0.95, 0.6776),
        (0.95, 0.9387),
        (0.969, 0.9387),
    )
)
"""The same for the date: the right day. Fitted on 403 samples."""
NAME = Curve(
    (
        (0.0, 0.0247),
        (0.181, 0.0247),
        (0.186, 0.1357),
        (0.316, 0.1357),
        (0.32, 0.1541),
        (0.607, 0.1541),
        (0.624, 0.3509),
        (0.636, 0.3509),
        (0.638, 0.3615),
        (0.739, 0.3615),
        (0.751, 0.5584),
        (0.801, 0.5584),
        (0.801, 0.7477),
        (0.908, 0.7477),
        (0.908, 0.9407),
        (0.938, 0.9407),
        (0.939, 0.9871),
        (0.969, 0.9871),
    )
)
"""The same for the name. Fitted on 409 samples."""
TEXT = {"place": PLACE, "date": DATE, "name": NAME}
"""By field."""
