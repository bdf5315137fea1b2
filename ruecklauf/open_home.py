"""Opens a home for the command line: its registry and, when the home is new, its mailbox."""

from __future__ import annotations

from forms.durable_files import make_folder
from ruecklauf.config import Config
from ruecklauf.open_registry import open_registry


def open_home(config: Config) -> None:
    """Make the registry usable; a new home gets its mailbox first.

    The mailbox is made only together with the registry: one that is missing later is a fault, and must not look empty.
    """
    if not config.database.exists():
        from intake.mailbox import make_mailbox

        make_folder(config.home, mode=0o700)
        make_mailbox(config.mailbox)
    open_registry(config)
