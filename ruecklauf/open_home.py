"""Opens a home for the command line: its registry and, when the home is new, its mailbox."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from ruecklauf.config import Config
from ruecklauf.errors import RegistryMissing, WrongUse
from ruecklauf.open_registry import open_registry

ANCHORS = "anchors"
"""The anchors' file in the archive: whoever has it has had a registry."""


def open_home(config: Config) -> None:
    """Make the registry usable; a new home gets its mailbox folder.

    The mailbox is made only together with the registry: one that is missing later is a fault, and must not look empty.
    A registry that lacks what its archive has anchored is not worked with: `RegistryMissing`, `RegistryBehind`.
    """
    is_new = not config.database.exists()
    if is_new and (config.archive / ANCHORS).exists():
        raise RegistryMissing(
            f"{config.home} holds an archive, but its registry is not there",
            "put the registry back, or restore the newest backup into a new home (see docs/backup.md)",
        )
    open_registry(config)
    if is_new:
        make_mailbox(config)
    from registry.anchors import check_anchored

    check_anchored()


def make_mailbox(config: Config) -> None:
    """Make the folder for what arrives."""
    config.mailbox.mkdir(parents=True, exist_ok=True)


def open_existing_home(config: Config) -> None:
    """Make the registry of a home usable, as it is, to be looked at; raises `WrongUse` where there is none."""
    if not config.database.exists():
        raise WrongUse(f"{config.home} holds no registry", "check --home")
    open_registry(config)


def anchor_what_was_booked() -> None:
    """Note how far the events of the open home have come, beside its archived files."""
    from registry.anchors import write_anchor

    write_anchor()


@contextmanager
def keeping(config: Config, *, alone: bool) -> Iterator[None]:
    """Wait until nobody erases; `alone`: until nobody checks or saves either. Then keep the others waiting."""
    with (config.home / "keeping.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


@contextmanager
def only_watcher(config: Config) -> Iterator[None]:
    """Keep a second watcher away from the same mailbox; raises `WrongUse` where one is running."""
    with (config.home / "watch.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WrongUse("another watcher takes in this mailbox already", "let it do the work, or end it") from None
        yield
