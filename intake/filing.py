"""Put files away without ever overwriting one, so that they are still there after a power cut."""

from __future__ import annotations

import itertools
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from forms.durable_files import sync_folder
from intake.file_names import numbered_name, printable_name

REASON_ENDING = ".reason.txt"
_MODE = 0o666  # less what the umask takes: staff who share the folder must be able to read a reason


@dataclass(frozen=True, slots=True)
class Note:
    """An explanation that lies in a folder, and the name there that is free for the file it explains."""

    path: Path
    for_name: str


def write_beside(folder: Path, name: str, explanation: str) -> Note:
    """Write an explanation durably, for a file that will come to lie in the folder under `name` or `name (2)`, ...

    An explanation of the same content that lies there without its file (left by an interruption) is used again. Raises
    `OSError` where the folder cannot be written to.
    """
    text = f"{printable_name(name)}\n\n{explanation.rstrip()}\n".encode("utf-8", "backslashreplace")
    limit_bytes = _longest_name_bytes(folder)
    for number in itertools.count(1):
        free_name = numbered_name(name, number, limit_bytes=limit_bytes)
        path = folder / numbered_name(name, number, ending=REASON_ENDING, limit_bytes=limit_bytes)
        if os.path.lexists(folder / free_name):
            continue
        try:
            _write_new(path, text)
        except FileExistsError:
            if not _holds(path, text):
                continue
        sync_folder(folder)
        return Note(path, free_name)
    raise AssertionError("unreachable: the numbers have no end")


def move_without_overwriting(source: Path, folder: Path, name: str) -> Path:
    """Rename `source` into a folder on the same file system, as `name` or, where that is taken, `name (2)`, ...

    The new name is reserved first, so that nobody else's file can be replaced. Returns the new path; raises `OSError`.
    """
    is_folder = stat.S_ISDIR(os.lstat(source).st_mode)
    for number in itertools.count(1):
        target = folder / numbered_name(name, number, limit_bytes=_longest_name_bytes(folder))
        try:
            _reserve(target, is_folder=is_folder)
        except FileExistsError:
            continue
        try:
            os.rename(source, target)  # noqa: PTH104 - beside lstat
        except OSError:
            target.rmdir() if is_folder else target.unlink()
            raise
        return target
    raise AssertionError("unreachable: the numbers have no end")


def _reserve(path: Path, *, is_folder: bool) -> None:
    if is_folder:
        path.mkdir()
    else:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE))


def _write_new(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    with open(handle, "wb") as stream:  # noqa: PTH123 - opened by number
        stream.write(data)
        stream.flush()
        os.fsync(handle)


def _holds(path: Path, data: bytes) -> bool:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as stream:  # noqa: PTH123 - opened by number
        return stream.read(len(data) + 1) == data


def _longest_name_bytes(folder: Path) -> int:
    return os.pathconf(folder, "PC_NAME_MAX")
