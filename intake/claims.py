"""Claims: several watchers of one mailbox agree on who takes in which file.

A claim is a POSIX lock on one byte of a file that all watchers share; the byte's place is the inode of what is claimed.
The kernel drops a process's claims when it ends, however it ends. It also drops them all as soon as the process closes
*any* handle of that file: a process has one `Claims` for a home, and opens the file nowhere else. Worker processes
inherit neither the handle nor the claims.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

_PLACES = 1 << 62
"""Some file systems give inodes that are no offset into a file; two that share a place are taken in one by one."""


class Claims:
    """What this process has taken upon itself. Use it as a context manager."""

    def __init__(self, lock_file: Path) -> None:
        """Open the shared file, which is made where it is missing; raises `OSError`."""
        self._handle = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._held: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)

    def claim(self, inode: int) -> bool:
        """Claim a file; False where it is claimed already, by whomever. Raises `OSError` where locks do not work."""
        place = inode % _PLACES
        if place in self._held:
            return False
        try:
            fcntl.lockf(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):  # POSIX allows either answer
            return False
        self._held.add(place)
        return True

    def release(self, inode: int) -> None:
        """Give a claim up; one that is not held may be given up too."""
        place = inode % _PLACES
        if place in self._held:
            fcntl.lockf(self._handle, fcntl.LOCK_UN, 1, place)
            self._held.discard(place)

    def release_all(self) -> None:
        """Give all claims up."""
        fcntl.lockf(self._handle, fcntl.LOCK_UN)
        self._held.clear()
