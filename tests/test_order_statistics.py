"""What replaces NumPy's order statistics for speed gives the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from intake.order_statistics import quantiles


@pytest.mark.parametrize("count", [1, 2, 7, 20, 101, 1500])
def test_quantiles_are_those_of_numpy(count: int) -> None:
    """To the last digit: thresholds are compared with them."""
    rows = np.random.default_rng(count).normal(size=(4, count))
    for percent in (1, 5, 10, 50, 90):
        assert quantiles(rows, percent / 100).tolist() == np.percentile(rows, percent, axis=1).tolist()
