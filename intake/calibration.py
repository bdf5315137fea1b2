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
        (0.0, 0.1036),
        (0.021, 0.3258),
        (0.354, 0.3258),
        (0.355, 0.471),
        (0.587, 0.471),
        (0.588, 0.4907),
        (0.765, 0.4907),
        (0.775, 0.5),
        (0.78, 0.5),
        (0.78, 0.6342),
        (0.868, 0.6342),
        (0.869, 0.6628),
        (0.901, 0.6628),
        (0.901, 0.7305),
        (0.924, 0.7305),
        (0.924, 0.7361),
        (0.928, 0.7361),
        (0.929, 0.8586),
        (0.94, 0.8586),
        (0.94, 0.9827),
        (0.97, 0.9827),
    )
)
"""Mean confidence of the engine in its words → the place is right. Fitted on 414 samples."""
DATE = Curve(
    (
        (0.0, 0.0526),
        (0.013, 0.132),
        (0.406, 0.132),
        (0.407, 0.168),
        (0.624, 0.168),
        (0.628, 0.2454),
        (0.781, 0.2454),
        (0.781, 0.2989),
        (0.853, 0.2989),
        (0.853, 0.5535),
        (0.875, 0.5535),
        (0.877, 0.5977),
        (0.905, 0.5977),
        (0.908, 0.6932),
        (0.926, 0.6932),
        (0.926, 0.704),
        (0.936, 0.704),
        (0.937, 0.7516),
        (0.954, 0.7516),
        (0.955, 0.7802),
        (0.958, 0.7802),
        (0.958, 0.952),
        (0.969, 0.952),
    )
)
"""The same for the date: the right day. Fitted on 413 samples; the last pool on 88, those of the check among them."""
NAME = Curve(
    (
        (0.0, 0.0341),
        (0.345, 0.0341),
        (0.356, 0.1702),
        (0.472, 0.1702),
        (0.474, 0.2356),
        (0.614, 0.2356),
        (0.616, 0.3848),
        (0.687, 0.3848),
        (0.687, 0.4674),
        (0.765, 0.4674),
        (0.769, 0.6232),
        (0.866, 0.6232),
        (0.867, 0.6989),
        (0.904, 0.6989),
        (0.906, 0.7576),
        (0.91, 0.7576),
        (0.914, 0.8677),
        (0.943, 0.8677),
        (0.943, 0.9889),
        (0.969, 0.9889),
    )
)
"""The same for the name. Fitted on 413 samples."""
TEXT = {"place": PLACE, "date": DATE, "name": NAME}
"""By field."""
