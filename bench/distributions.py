"""Print how a measure is spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_PERCENTILES = (0, 1, 5, 50, 95, 99, 100)


def print_distribution(values: Sequence[float]) -> None:
    """Print the mean and the percentiles of a measure in one line."""
    spread = np.percentile(np.array(values, dtype=np.float64), _PERCENTILES)
    names = ("min", "1 %", "5 %", "median", "95 %", "99 %", "max")
    cells = "  ".join(f"{name} {value:.4g}" for name, value in zip(names, spread, strict=True))
    print(f"    n {len(values)}  mean {np.mean(values):.3g}  {cells}")
