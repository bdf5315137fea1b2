"""Put files away without ever overwriting one, so that they are still there after a power cut.

The order is: the note, whole or not at all; the move, in one step; then both folders are made durable. Whoever does it
again after an interruption, with the same words, comes to the same end.
"""

from __future__ import annotations

import ctypes
import errno
import itertools
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from forms.durable_files import sync_folder, write_new
from intake.file_names import numbered_name, printable_name

REASON_ENDING = ".reason.txt"
_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_NO_SUCH_RENAME = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Filed:
    """Where something was put."""

    path: Path
    note: Path | None
    """The explanation beside it; None where there is none."""


def put_away(source: Path, folder: Path, explanation: str | None) -> Filed:
    """Move something into a folder on the same file system, as `name` or, where that is taken, `name (2)`, ...

    An explanation is written first, as a text file that lies beside it; one with these very words that lies there
    without its file was left by an interruption and is used again. Raises `OSError`; then the source is where it was,
    unless only making the move durable failed.
    """
    limit_bytes = os.pathconf(folder, "PC_NAME_MAX")
    for number in itertools.count(1):
        target = folder / numbered_name(source.name, number, limit_bytes=limit_bytes)
        note = folder / numbered_name(source.name, number, ending=REASON_ENDING, limit_bytes=limit_bytes)
        if os.path.lexists(target) or not (explanation is None or _write_note(note, source.name, explanation)):
            continue
        if _move_new(source, target):
            sync_folder(folder)
            sync_folder(source.parent)
            return Filed(target, None if explanation is None else note)
        if explanation is not None:  # somebody put a file of this name there in this very moment
            note.unlink()
    raise AssertionError("unreachable: the numbers have no end")


def put_back(filed: Filed, source: Path) -> None:
    """Undo `put_away`; what lies where it came from by now stays, and it comes beside that. Raises `OSError`."""
    limit_bytes = os.pathconf(source.parent, "PC_NAME_MAX")
    for number in itertools.count(1):
        if _move_new(filed.path, source.with_name(numbered_name(source.name, number, limit_bytes=limit_bytes))):
            break
    sync_folder(source.parent)
    if filed.note is not None:
        filed.note.unlink()


def finish_move(source: Path, folder: Path) -> bool:
    """Finish a move into the folder that was interrupted where a move takes two steps; False where there was none."""
    status = os.lstat(source)
    if status.st_nlink == 1 or stat.S_ISDIR(status.st_mode):
        return False
    with os.scandir(folder) as entries:
        if not any(entry.inode() == status.st_ino for entry in entries):
            return False
    sync_folder(folder)
    source.unlink()
    sync_folder(source.parent)
    return True


def _move_new(source: Path, target: Path) -> bool:
    """Rename where nothing lies under the new name; False where something does. Raises `OSError`."""
    old, new = os.fsencode(source), os.fsencode(target)
    if _libc.renameat2(_AT_FDCWD, old, _AT_FDCWD, new, _RENAME_NOREPLACE) == 0:
        return True
    number = ctypes.get_errno()
    if number == errno.EEXIST:
        return False
    if number in _NO_SUCH_RENAME:
        return _move_new_by_link(source, target)
    raise OSError(number, os.strerror(number), str(source), None, str(target))


def _move_new_by_link(source: Path, target: Path) -> bool:
    """Move on file systems (some network shares) that cannot rename without replacing; `finish_move` mends a half one.

    A folder cannot be linked; but renaming one replaces nothing except an empty folder.
    """
    if stat.S_ISDIR(os.lstat(source).st_mode):
        if os.path.lexists(target):
            return False
        source.rename(target)
        return True
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        return False
    source.unlink()
    return True


def _write_note(path: Path, name: str, explanation: str) -> bool:
    """Write the note, or find these very words there; False where something else lies there."""
    text = f"{printable_name(name)}\n\n{explanation.rstrip()}\n".encode("utf-8", "backslashreplace")
    return write_new(path, text) or _holds(path, text)


def _holds(path: Path, data: bytes) -> bool:
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):  # not ours, or not there any more
        return False
    with open(handle, "rb") as stream:  # noqa: PTH123 - opened by number
        return stream.read(len(data) + 1) == data
