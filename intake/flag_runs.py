"""Where flags in a row are set, one run after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def runs_of(flags: NDArray[np.bool_]) -> Iterator[slice]:
    """Give the runs of flags that are set, from the first on; the ends are exclusive."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.view(np.int8), [0]))))
    return (slice(start, stop) for start, stop in edges.reshape(-1, 2).tolist())
