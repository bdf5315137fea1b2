"""What a count of failures says about the true rate."""

from __future__ import annotations

from math import comb

_CHANCE = 0.05
_STEPS = 40


def upper_bound_95(failures: int, trials: int) -> float:
    """Give the rate that 95 % of such samples would have shown to be too high (Clopper–Pearson, one-sided).

    With no failure in n trials this is close to 3/n. Without trials nothing is known: 1.
    """
    if failures >= trials:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(failures, trials, middle) > _CHANCE else (low, middle)
    return high


def _at_most(failures: int, trials: int, rate: float) -> float:
    """Chance of at most so many failures."""
    return sum(comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(failures + 1))
