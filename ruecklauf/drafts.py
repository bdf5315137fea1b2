"""Customer lists that were uploaded and not yet issued to: files in the home, for a day at most.

Their names are ours alone; what a browser called them is shown once and kept nowhere.
"""

from __future__ import annotations

import csv
import re
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import astuple
from io import StringIO
from pathlib import Path

from forms.customers import COLUMNS
from forms.durable_files import make_folder, write_new
from forms.issued_form import Customer

_KEPT_S = 24 * 3600
_TOKEN = re.compile(r"[0-9a-f]{32}")


def keep_draft(folder: Path, data: bytes) -> str:
    """Keep a list, and return the token by which it is found; those older than a day are thrown away."""
    make_folder(folder, mode=0o700)
    _throw_old_away(folder)
    token = secrets.token_hex(16)
    write_new(_path(folder, token), data, mode=0o600)
    return token


def find_draft(folder: Path, token: str) -> Path | None:
    """Where a list lies; None where there is none of this token (any more)."""
    path = _path(folder, token) if _TOKEN.fullmatch(token) else None
    return path if path is not None and path.is_file() else None


def throw_away(draft: Path) -> None:
    """Delete a list; somebody else may have done so."""
    draft.unlink(missing_ok=True)


def list_of(customers: Iterable[Customer]) -> bytes:
    """Write customers of the book as a list, like one that is uploaded."""
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(customer) for customer in customers)
    return text.getvalue().encode()


def _path(folder: Path, token: str) -> Path:
    return folder / f"{token}.list"


def _throw_old_away(folder: Path) -> None:
    for path in folder.glob("*.list"):
        with suppress(FileNotFoundError):  # another request was faster
            if time.time() - path.stat().st_mtime > _KEPT_S:
                path.unlink()
