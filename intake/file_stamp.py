"""What tells one state of a file from another, by what the operating system says of it; and its bytes in one state."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells one state of a file from another."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    mode: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileStamp:
        """Take the stamp from what the operating system says."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_mode)

    @property
    def is_regular(self) -> bool:
        """Whether it is a plain file: the only kind that is opened."""
        return stat.S_ISREG(self.mode)

    @property
    def other_kind(self) -> str | None:
        """What it is, in plain words, where it is no plain file; None for a plain file."""
        return None if self.is_regular else _KINDS.get(stat.S_IFMT(self.mode), "a device")

    @property
    def entry(self) -> str:
        """Text that tells this arrival from every other one, also after a restart.

        Renaming changes a file's ctime: what was put away and is put back into the mailbox is another arrival.
        """
        return f"{self.inode}-{self.size}-{self.mtime_ns}-{self.ctime_ns}"

    def same_content(self, other: FileStamp) -> bool:
        """Tell whether size and time of change agree; some shares give a file another inode when it is moved."""
        if not self.is_regular:
            return stat.S_IFMT(self.mode) == stat.S_IFMT(other.mode)
        return other.is_regular and (self.size, self.mtime_ns) == (other.size, other.mtime_ns)


def read_unchanged(handle: int, stamp: FileStamp) -> bytes | None:
    """Read a whole open file, or return None where it is not, or no longer, in the state that was looked at."""
    if FileStamp.of(os.fstat(handle)) != stamp:
        return None
    data = bytearray()
    while chunk := os.read(handle, min(_CHUNK_BYTES, stamp.size + 1 - len(data))):
        data += chunk
        if len(data) > stamp.size:
            return None
    if len(data) != stamp.size or FileStamp.of(os.fstat(handle)) != stamp:
        return None
    return bytes(data)
