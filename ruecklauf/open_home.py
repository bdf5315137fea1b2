"""Opens a home for the command line: its registry and, when the home is new, its mailbox."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from forms.durable_files import make_folder
from ruecklauf.config import Config
from ruecklauf.errors import WrongUse
from ruecklauf.open_registry import open_registry


def open_home(config: Config) -> None:
    """Make the registry usable; a new home gets its mailbox folder.

    The mailbox is made only together with the registry: one that is missing later is a fault, and must not look empty.
    """
    open_registry(config, when_new=lambda: make_folder(config.mailbox))


@contextmanager
def only_watcher(config: Config) -> Iterator[None]:
    """Keep a second watcher away from the same mailbox; raises `WrongUse` where one is running."""
    with (config.home / "watch.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WrongUse("another watcher takes in this mailbox already", "let it do the work, or end it") from None
        yield
