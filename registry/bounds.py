"""What a count of failures says about the true rate (Clopper and Pearson, 1934)."""

from __future__ import annotations

from math import exp, lgamma, log, log1p

_CHANCE = 0.05
_STEPS = 50


def upper_bound_95(failures: int, trials: int) -> float:
    """Give the rate that 95 % of such samples would have shown to be too high: one-sided.

    With no failure in n trials this is close to 3/n. Without trials nothing is known: 1.
    """
    return _upper(failures, trials, _CHANCE)


def bounds_95(failures: int, trials: int) -> tuple[float, float]:
    """Give the rates between which the true one lies, wrongly in 5 % of such samples at most: two-sided.

    Without trials nothing is known: 0 and 1.
    """
    return 1 - _upper(trials - failures, trials, _CHANCE / 2), _upper(failures, trials, _CHANCE / 2)


def _upper(failures: int, trials: int, chance: float) -> float:
    """The rate at which so few failures, or fewer, have just this chance."""
    if failures >= trials:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(failures, trials, middle) > chance else (low, middle)
    return high


def _at_most(failures: int, trials: int, rate: float) -> float:
    """Chance of at most so many failures; in logarithms, since the binomial coefficients outgrow every float."""
    whole = lgamma(trials + 1)
    return sum(
        exp(whole - lgamma(k + 1) - lgamma(trials - k + 1) + k * log(rate) + (trials - k) * log1p(-rate))
        for k in range(failures + 1)
    )
