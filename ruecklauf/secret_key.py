"""Django's secret key: from the environment, else made once and kept in the home for this user's eyes only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from forms.durable_files import make_folder, write_new

KEY_VARIABLE = "RUECKLAUF_SECRET_KEY"


def read_or_make_secret_key(path: Path) -> str:
    """Return the key from $RUECKLAUF_SECRET_KEY, else from the file, which is made with mode 0600 on first use.

    Raises `OSError` where the file can be neither read nor made.
    """
    given = os.environ.get(KEY_VARIABLE)
    if given:
        return given
    if not path.exists():
        _make(path)
    return path.read_text("ascii")


def _make(path: Path) -> None:
    """Write a new key whole or not at all; where another process was faster, its key stands."""
    make_folder(path.parent)
    write_new(path, secrets.token_urlsafe(50).encode("ascii"), mode=0o600)
