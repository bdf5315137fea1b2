"""Opens a home for the command line: its registry and, when the home is new, its mailbox."""

from __future__ import annotations

from ruecklauf.config import Config
from ruecklauf.open_registry import open_registry


def open_home(config: Config) -> None:
    """Make the registry usable; a new home gets its mailbox folder.

    The mailbox is made only together with the registry: one that is missing later is a fault, and must not look empty.
    """
    from intake.mailbox import make_mailbox

    open_registry(config, when_new=lambda: make_mailbox(config.mailbox))
