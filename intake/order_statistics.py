"""Medians and percentiles of what a page holds by the ten thousand, where NumPy's own take several times as long."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_OF_NORMAL = 0.6745
"""Median size of what is spread normally about 0, as a share of its deviation."""


def median(values: NDArray[Any]) -> float:
    """Give the median of not too many values, of which there is at least one."""
    ordered = np.sort(values, axis=None)
    return (float(ordered[(len(ordered) - 1) // 2]) + float(ordered[len(ordered) // 2])) / 2


def medians(values: NDArray[Any]) -> NDArray[np.float64]:
    """Give the median of each row of not too many values; shape (rows, 1)."""
    ordered = np.sort(values, axis=-1)
    count = ordered.shape[-1]
    return np.asarray(ordered[..., (count - 1) // 2, np.newaxis] + ordered[..., count // 2, np.newaxis]) / 2


def quantiles(values: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Give the value below which so large a share of each row lies, to the digit as `np.quantile`; shape (rows,)."""
    ordered = np.sort(values, axis=-1)
    place = share * (ordered.shape[-1] - 1)
    below = int(place)
    first, second = ordered[..., below], ordered[..., min(below + 1, ordered.shape[-1] - 1)]
    beyond, gap = place - below, second - first
    return np.asarray(first + gap * beyond if beyond < 0.5 else second - gap * (1 - beyond))


def spread(values: NDArray[Any]) -> float:
    """Give the deviation of values about 0, by the median of their size, which a few far ones do not move."""
    return median(np.abs(values)) / _OF_NORMAL


def spreads(values: NDArray[Any]) -> NDArray[np.float64]:
    """Give the same of each row; shape (rows, 1)."""
    return medians(np.abs(values)) / _OF_NORMAL


def percentile(levels: NDArray[np.integer[Any]], share: float) -> int:
    """Give the level, of levels from 0 to 255, that so large a share (0 to 1) of them is not above."""
    counted = cv2.calcHist([np.ascontiguousarray(levels, dtype=np.uint8)], [0], None, [256], [0, 256])
    counts = np.cumsum(counted, dtype=np.int64)
    return int(np.searchsorted(counts, share * counts[-1]))
