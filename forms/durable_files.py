"""Write files that lie there whole or not at all, whatever interrupts us, and are still there after a power cut.

A new file is written without a name (Linux's O_TMPFILE) and gets its name once its bytes are on the disk: an
interruption leaves nothing behind. File systems that cannot do that get a hidden draft, which is renamed.
"""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
from collections.abc import Iterator, Sequence, Set
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_NO_UNNAMED_FILES = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT, errno.ENOSYS})
_NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.EOPNOTSUPP})
_LIBC = ctypes.CDLL(None, use_errno=True)
DRAFT_ENDING = ".part"
DEFAULT_MODE = 0o666
"""Less what the umask takes, as usual."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be written."""

    path: Path
    data: bytes


def write_new(path: Path, data: bytes, *, mode: int = DEFAULT_MODE) -> bool:
    """Write a new file durably; return False, having written nothing, where something lies there already.

    The folder must exist. Raises `OSError` where the disk does not take the bytes; then nothing lies there.
    """
    return bool(write_new_files([NewFile(path, data)], mode=mode))


def write_new_files(files: Sequence[NewFile], *, mode: int = DEFAULT_MODE) -> frozenset[Path]:
    """Write new files durably and return the paths of those that were written, not those that were there already.

    All bytes are on the disk before the first file gets its name, and all names when this returns. Each file takes a
    handle meanwhile: hand over a hundred at a time, not thousands. Raises `OSError`; files that have their name by then
    are whole.
    """
    written = set()
    with ExitStack() as drafts:
        named = [(file.path, drafts.enter_context(_draft(file.path, mode))) for file in files]
        for file, (_, draft) in zip(files, named, strict=True):
            _write_all(draft.handle, file.data)
        _bring_to_disk([draft for _, draft in named])
        for path, draft in named:
            if draft.name(path):
                written.add(path)
    _sync_folders({path.parent for path in written})
    return frozenset(written)


def replace_file(path: Path, data: bytes, *, mode: int = DEFAULT_MODE) -> None:
    """Write a file durably over what may lie there; raises `OSError`, and then the old one still lies there."""
    with _named_draft(path, mode) as draft:
        _write_all(draft.handle, data)
        _bring_to_disk([draft])
        draft.place.replace(path)
    sync_folder(path.parent)


@contextmanager
def new_file(path: Path, *, mode: int = DEFAULT_MODE) -> Iterator[BinaryIO]:
    """Yield a file to write to, piece by piece; it gets its name, durably, once the block has ended without an error.

    Raises `FileExistsError` where the name is taken by then, and `OSError`; either way nothing of ours lies there.
    """
    with _draft(path, mode) as draft:
        with os.fdopen(os.dup(draft.handle), "wb") as file:
            yield file
        _bring_to_disk([draft])
        if not draft.name(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    sync_folder(path.parent)


def make_folder(folder: Path, *, mode: int = 0o777) -> None:
    """Make a folder and its parents durably: a folder's entry lives in its parent, which is synchronised."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True, mode=mode)
    sync_folder(folder.parent)


def check_writable(folder: Path) -> None:
    """Try whether new files can be written into a folder, leaving none there; raises `OSError` where they can't."""
    with _draft(folder / "trial", DEFAULT_MODE):
        pass


def sync_folder(folder: Path) -> None:
    """Make the folder's own entries durable; some network shares cannot, and promise nothing."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(handle)


def _sync_folders(folders: Set[Path]) -> None:
    """Make the entries of several folders on one file system durable.

    Waiting for each by itself takes longer than writing the files did: Linux's syncfs waits for all of them once. For a
    single folder it is not worth while, as it waits for what other programs write, too.
    """
    sync = sync_folder if len(folders) == 1 else _sync_file_system
    for folder in {folder.stat().st_dev: folder for folder in folders}.values():
        sync(folder)


def _sync_file_system(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if _LIBC.syncfs(handle) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class _Unnamed:
    handle: int

    def name(self, path: Path) -> bool:
        """Give the file its name; False where that is taken."""
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            # Python follows the link in /proc, as it must be here, only when it is handed a folder as well.
            os.link(f"/proc/self/fd/{self.handle}", path.name, dst_dir_fd=folder)
        except FileExistsError:
            return False
        finally:
            os.close(folder)
        return True


@dataclass(frozen=True, slots=True)
class _Named:
    handle: int
    place: Path

    def name(self, path: Path) -> bool:
        """Give the draft its name; False where that is taken. Not every file system knows hard links."""
        if os.path.lexists(path):
            return False
        self.place.rename(path)
        return True


@contextmanager
def _draft(path: Path, mode: int) -> Iterator[_Unnamed | _Named]:
    """Make an empty file that has no name yet, or none that counts."""
    try:
        handle = os.open(path.parent, os.O_WRONLY | os.O_TMPFILE | os.O_CLOEXEC, mode)
    except OSError as error:
        if error.errno not in _NO_UNNAMED_FILES or not path.parent.is_dir():
            raise
        with _named_draft(path, mode) as draft:
            yield draft
        return
    try:
        yield _Unnamed(handle)
    finally:
        os.close(handle)


@contextmanager
def _named_draft(path: Path, mode: int) -> Iterator[_Named]:
    place = path.with_name(f".{secrets.token_hex(8)}{DRAFT_ENDING}")
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        yield _Named(handle, place)
    finally:
        os.close(handle)
        with suppress(FileNotFoundError):
            place.unlink()


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _bring_to_disk(drafts: Sequence[_Unnamed | _Named]) -> None:
    """Make the bytes of drafts durable.

    All are sent on their way before the first is waited for: that halves the time a file takes. The advice only starts
    the writing (Linux does so at once); it is fsync that waits, and that tells of an error.
    """
    for draft in drafts:
        os.posix_fadvise(draft.handle, 0, 0, os.POSIX_FADV_DONTNEED)
    for draft in drafts:
        os.fsync(draft.handle)
