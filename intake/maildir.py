"""Maildir folders: `new/` and `cur/` hold one mail a file, `tmp/` those that are still being delivered.

See https://cr.yp.to/proto/maildir.html. A mail in `new/` or `cur/` is complete; a mail program may move it from the one
to the other at any moment, and give it another name.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

MAILDIR = frozenset({"new", "cur", "tmp"})
_COMPLETE = ("new", "cur")
_HOW = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def is_maildir(handle: int) -> bool:
    """Tell whether an open folder is a Maildir."""
    try:
        statuses = [os.stat(name, dir_fd=handle, follow_symlinks=False) for name in MAILDIR]
    except FileNotFoundError:
        return False
    return all(stat.S_ISDIR(status.st_mode) for status in statuses)


def mails_in(handle: int) -> Iterator[tuple[str, str, os.stat_result]]:
    """Yield the complete mails of an open Maildir: subfolder, name, and what the system says of the file."""
    for subfolder in _COMPLETE:
        with opened_folder(subfolder, handle) as inside, os.scandir(inside) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # moved on since
                    continue
                yield subfolder, entry.name, status


@contextmanager
def opened_folder(name: str, within: int) -> Iterator[int]:
    """Open a folder that lies in an open one, and close it again; raises `OSError` for a link and for no folder."""
    handle = os.open(name, _HOW, dir_fd=within)
    try:
        yield handle
    finally:
        os.close(handle)
