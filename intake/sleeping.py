"""Sleep that a signal handler can end."""

from __future__ import annotations

import time
from collections.abc import Callable

_LONGEST_SLICE_S = 0.25


class Sleeper:
    """Sleeps in slices: only a flag that is looked at often can be set by a signal, without any lock."""

    def __init__(self) -> None:
        self._woken = False

    def wake(self) -> None:
        """End a running sleep soon, or else the next one; a signal handler may call it at any moment."""
        self._woken = True

    def sleep(self, longest_s: float, hint: Callable[[float], bool] | None = None) -> None:
        """Sleep so long, or until `wake`, or until `hint`, which waits so many seconds, says that there is news."""
        ends_s = time.monotonic() + longest_s
        while not self._woken and (left_s := ends_s - time.monotonic()) > 0:
            slice_s = min(left_s, _LONGEST_SLICE_S)
            if hint is None:
                time.sleep(slice_s)
            elif hint(slice_s):
                break
        self._woken = False
