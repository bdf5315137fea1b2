"""Whether somebody takes in what arrives: a watcher holds a lock in the home for as long as it lives."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from ruecklauf.config import Config


@contextmanager
def watching(config: Config) -> Iterator[None]:
    """Let others see that this process watches; the kernel ends it with the process, however that ends."""
    with config.presence.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def somebody_watches(config: Config) -> bool:
    """Whether a watcher of this home is running."""
    with config.presence.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
