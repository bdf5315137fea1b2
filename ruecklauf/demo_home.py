"""The demo's own home: made anew at each start. Only a folder that the demo itself made is ever emptied."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ruecklauf.errors import WrongUse

MARKER = ".made-by-the-demo"
_TEXT = "The demo of Rücklauf made this folder. It removes everything in it when it is started again.\n"


@contextmanager
def fresh_demo_home(home: Path) -> Iterator[None]:
    """Empty the demo's folder, or make it where there is none or an empty one; no other demo uses it meanwhile.

    Raises `WrongUse`, and touches nothing, where the folder holds what no demo has made or another demo is running in
    it; `OSError` where it cannot be emptied.
    """
    _check_made_by_demo(home)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Opened without following a link, and not truncated: until it is locked, it may be another demo's.
    handle = os.open(home / MARKER, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "r+", encoding="utf-8") as marker:
        try:
            fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WrongUse(f"another demo is running in {home}", "wait for it, or name another --home") from error
        marker.write(_TEXT)
        marker.truncate()
        marker.flush()
        _empty(home)
        yield


def _check_made_by_demo(home: Path) -> None:
    if not os.path.lexists(home):
        return
    marker = home / MARKER
    made_by_demo = marker.is_file() and not marker.is_symlink()
    if home.is_symlink() or not home.is_dir() or (any(home.iterdir()) and not made_by_demo):
        raise WrongUse(
            f"{home} was not made by the demo, and the demo removes what it finds in its folder",
            "name a new or empty folder with --home",
        )


def _empty(home: Path) -> None:
    """Remove everything but the marker, which goes never: an interrupted demo leaves a folder that is still its own."""
    for entry in home.iterdir():
        if entry.name == MARKER:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
