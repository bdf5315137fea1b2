"""Opens a home for the command line: its registry and, when the home is new, its mailbox."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from ruecklauf.config import Config
from ruecklauf.errors import WrongUse
from ruecklauf.open_registry import open_registry, registry_exists


def open_home(config: Config) -> None:
    """Make the registry usable; a new home gets its mailbox folder.

    The mailbox is made only together with the registry: one that is missing later is a fault, and must not look empty.
    A registry that lacks what its archive has anchored is not worked with: `RegistryBehind`.
    """
    from intake.mailbox import make_mailbox

    open_registry(config, when_new=lambda: make_mailbox(config.mailbox))
    from registry.anchors import check_anchored

    check_anchored()


def open_existing_home(config: Config) -> None:
    """Make the registry of a home usable, as it is, to be looked at; raises `WrongUse` where there is none."""
    if not registry_exists(config):
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
