"""Django's secret key: from the environment, else made once and kept in the home for this user's eyes only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

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
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(50))
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
