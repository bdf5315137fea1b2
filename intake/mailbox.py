"""The mailbox folder: which files in it are complete, their bytes, and where they go afterwards.

Truth is a look at the whole folder. Events of the operating system only wake the loop earlier: they get lost, and
network shares send none. A file counts as complete when its size and time of change were the same at two looks at least
`settle_s` apart. Nothing but a regular file is ever opened.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from forms.durable_files import sync_folder
from intake.errors import DocumentProblem, MailboxUnavailable
from intake.file_names import is_temporary
from intake.filing import move_without_overwriting, write_beside
from intake.results import Reason

DONE = "done"
PROBLEMS = "problems"
_SHORTEST_PAUSE_S = 0.2
_LONGEST_SLEEP_S = 0.25
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """How patiently the folder is watched; all times in seconds."""

    settle_s: float = 2.0
    """How long a file must not change before it counts as complete."""
    rescan_s: float = 5.0
    """How often the whole folder is looked at."""
    patience_s: float = 30.0
    """How long an empty file is taken for one that is still being written, and a folder for one being copied."""
    polling: bool = False
    """Look only every `rescan_s` and ask for no events: for network shares."""


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells one state of a file from another."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    mode: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileStamp:
        """Take the stamp from what the operating system says."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode)

    @property
    def is_regular(self) -> bool:
        """Whether it is a plain file: the only kind that is opened."""
        return stat.S_ISREG(self.mode)

    def same_content(self, other: FileStamp) -> bool:
        """Tell whether size and time of change agree; some shares give a file another inode when it is moved."""
        if not self.is_regular:
            return stat.S_IFMT(self.mode) == stat.S_IFMT(other.mode)
        return other.is_regular and (self.size, self.mtime_ns) == (other.size, other.mtime_ns)


@dataclass(frozen=True, slots=True)
class MailboxFile:
    """Something in the mailbox that was looked at."""

    path: Path
    stamp: FileStamp

    @property
    def name(self) -> str:
        """The name in the folder, as the operating system gives it: show it only through `printable_name`."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """Something in the mailbox that is not a file and will not be opened."""

    file: MailboxFile
    kind: str
    """What it is, in plain words: a folder, a link, ..."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the folder found, oldest first."""

    settled: tuple[MailboxFile, ...]
    refused: tuple[RefusedEntry, ...]
    unsettled: int
    """How many entries are still being written, as far as can be told; temporary names are not counted."""


@dataclass(frozen=True, slots=True)
class _Seen:
    stamp: FileStamp
    since_s: float


class SettleTracker:
    """Tells which entries have stopped changing, from one look to the next."""

    def __init__(self, settings: MailboxSettings) -> None:
        self._settings = settings
        self._seen: dict[tuple[str, int], _Seen] = {}

    def observe(self, files: list[MailboxFile], now_s: float) -> frozenset[MailboxFile]:
        """Take in one complete look, made at `now_s` on a monotonic clock, and return what has settled."""
        before, self._seen = self._seen, {}
        settled = set()
        for file in files:
            key = (file.name, file.stamp.inode)
            seen = before.get(key)
            if seen is None or seen.stamp != file.stamp:
                seen = _Seen(file.stamp, now_s)
            elif now_s - seen.since_s >= self._wait_s(file.stamp):
                settled.add(file)
            self._seen[key] = seen
        return frozenset(settled)

    def _wait_s(self, stamp: FileStamp) -> float:
        may_be_unfinished = stat.S_ISDIR(stamp.mode) or (stamp.is_regular and stamp.size == 0)
        return max(self._settings.settle_s, self._settings.patience_s if may_be_unfinished else 0.0)


class Mailbox:
    """The folder that scans are dropped into, with `done/` and `problems/` inside it.

    Use it as a context manager: inside, the operating system's hints are listened to.
    """

    def __init__(self, folder: Path, settings: MailboxSettings, clock: Callable[[], float] = time.monotonic) -> None:
        """Open the folder; raises `MailboxUnavailable` where it is missing or cannot hold its two subfolders.

        `clock` gives seconds and never runs backwards.
        """
        self.folder = folder
        self.settings = settings
        self._clock = clock
        self._tracker = SettleTracker(settings)
        self._hint = threading.Event()
        self._woken = False
        self._observer: BaseObserver | None = None
        self._identity = self._folder_identity()
        for name in (DONE, PROBLEMS):
            self._prepare_subfolder(folder / name)

    def __enter__(self) -> Self:
        if not self.settings.polling:
            self._listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    def look(self) -> Look:
        """Look at the whole folder once; raises `MailboxUnavailable` where it cannot be looked at."""
        files = sorted(self._entries(), key=lambda file: (file.stamp.mtime_ns, file.name))
        kinds = {file: _refused_kind(file.stamp) for file in files}
        settled = self._tracker.observe(files, self._clock())
        return Look(
            settled=tuple(file for file in files if file in settled and kinds[file] is None),
            refused=tuple(RefusedEntry(file, kind) for file in files if file in settled and (kind := kinds[file])),
            unsettled=len(files) - len(settled),
        )

    def wait(self, look: Look) -> None:
        """Sleep until the next look is due, a hint comes or `wake` is called."""
        longest_s = min(self.settings.rescan_s, self.settings.settle_s) if look.unsettled else self.settings.rescan_s
        ends_s = time.monotonic() + longest_s
        while not self._woken and (left_s := ends_s - time.monotonic()) > 0:
            if self._hint.wait(min(left_s, _LONGEST_SLEEP_S)):
                time.sleep(_SHORTEST_PAUSE_S)  # a file that is being written sends hints without end
                break
        self._woken = False
        self._hint.clear()

    def wake(self) -> None:
        """End a running `wait` soon; takes no lock, so that a signal handler may call it at any moment."""
        self._woken = True

    def read_settled(self, file: MailboxFile, max_bytes: int) -> bytes | None:
        """Return the bytes of a settled file, or None where it changed or went away since the look.

        Raises `DocumentProblem` where it is larger than `max_bytes`, or cannot be opened or read.
        """
        if kind := _refused_kind(file.stamp):
            raise DocumentProblem(Reason.FILE_UNSUPPORTED, f"it is {kind}")
        if file.stamp.size > max_bytes:
            raise DocumentProblem(Reason.FILE_TOO_LARGE, f"{file.stamp.size} bytes, at most {max_bytes} are read")
        try:
            handle = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ELOOP, errno.EBUSY, errno.EAGAIN, errno.ETXTBSY):
                return None
            raise DocumentProblem(Reason.FILE_BROKEN, os.strerror(error.errno or 0)) from error
        try:
            return _read_unchanged(handle, file.stamp)
        finally:
            os.close(handle)

    def move_to_done(self, file: MailboxFile) -> Path | None:
        """Move a file to `done/` and return its new path, or None where it changed since and stays to be read again."""
        return self._move(file, DONE, None)

    def move_to_problems(self, file: MailboxFile, explanation: str) -> Path | None:
        """Move a file to `problems/`, with the explanation in a text file beside it that is written first."""
        return self._move(file, PROBLEMS, explanation)

    def _move(self, file: MailboxFile, subfolder: str, explanation: str | None) -> Path | None:
        try:
            if not self._unchanged(file):
                return None
            target = self.folder / subfolder
            note = None if explanation is None else write_beside(target, file.name, explanation)
            name = file.name if note is None else note.for_name
            moved = move_without_overwriting(file.path, target, name)
            if not file.stamp.same_content(FileStamp.of(os.lstat(moved))):
                self._put_back(file, moved, None if note is None else note.path)
                return None
            sync_folder(target)
            sync_folder(self.folder)
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not self._exists(file):
                return None
            raise MailboxUnavailable(
                f"a file cannot be moved from the mailbox to {subfolder}/: {os.strerror(error.errno or 0)}",
                f"check the rights and the free space of {self.folder}",
            ) from error
        return moved

    def _put_back(self, file: MailboxFile, moved: Path, note: Path | None) -> None:
        """Return something to the mailbox that took the read file's place between reading and moving."""
        move_without_overwriting(moved, self.folder, file.name)
        if note is not None:
            note.unlink()

    def _unchanged(self, file: MailboxFile) -> bool:
        return self._exists(file) and FileStamp.of(os.lstat(file.path)) == file.stamp

    def _exists(self, file: MailboxFile) -> bool:
        """Tell whether the entry is there; raises `MailboxUnavailable` where the whole mailbox is not."""
        self._folder_identity()
        return os.path.lexists(file.path)

    def _entries(self) -> Iterator[MailboxFile]:
        if self._folder_identity() != self._identity:
            raise MailboxUnavailable(
                f"the mailbox {self.folder} is another folder than before",
                "check whether a network share or disk went away, then start the watcher again",
            )
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    if entry.name in (DONE, PROBLEMS) or is_temporary(entry.name):
                        continue
                    with suppress(FileNotFoundError):
                        yield MailboxFile(Path(entry.path), FileStamp.of(entry.stat(follow_symlinks=False)))
        except OSError as error:
            raise self._unavailable(error) from error

    def _folder_identity(self) -> tuple[int, int]:
        try:
            status = os.stat(self.folder)  # noqa: PTH116 - beside lstat and scandir
        except OSError as error:
            raise self._unavailable(error) from error
        if not stat.S_ISDIR(status.st_mode):
            raise self._unavailable(NotADirectoryError(errno.ENOTDIR, ""))
        return status.st_dev, status.st_ino

    def _prepare_subfolder(self, path: Path) -> None:
        try:
            path.mkdir(exist_ok=True)
            status = os.lstat(path)
        except OSError as error:
            raise self._unavailable(error) from error
        if not stat.S_ISDIR(status.st_mode) or status.st_dev != self._identity[0]:
            raise MailboxUnavailable(
                f"{path} is not a folder on the same disk as the mailbox",
                "move it away; it is made anew at the next start",
            )

    def _unavailable(self, error: OSError) -> MailboxUnavailable:
        return MailboxUnavailable(
            f"the mailbox {self.folder} cannot be looked into: {os.strerror(error.errno or 0)}",
            "check that the folder exists, that its disk or share is connected, and its rights",
        )

    def _listen(self) -> None:
        logging.getLogger("watchdog").setLevel(logging.CRITICAL)  # it warns of its own orderly end
        observer = Observer()
        observer.schedule(_Hints(self._hint), str(self.folder))
        try:
            observer.start()
        except OSError as error:
            _log.warning("mailbox.no_events", error=os.strerror(error.errno or 0), rescan_s=self.settings.rescan_s)
            return
        self._observer = observer


class _Hints(FileSystemEventHandler):
    """Wakes the loop on what may have brought a file; our own looking and reading must not wake it."""

    def __init__(self, hint: threading.Event) -> None:
        self._hint = hint

    def on_created(self, event: FileSystemEvent) -> None:  # noqa: ARG002
        self._hint.set()

    def on_closed(self, event: FileSystemEvent) -> None:  # noqa: ARG002
        self._hint.set()

    def on_moved(self, event: FileSystemEvent) -> None:  # noqa: ARG002
        self._hint.set()


def _refused_kind(stamp: FileStamp) -> str | None:
    """Say in plain words what kind of thing it is, or None for a regular file."""
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return None if stamp.is_regular else kinds.get(stat.S_IFMT(stamp.mode), "a device")


def _read_unchanged(handle: int, stamp: FileStamp) -> bytes | None:
    """Read a whole open file, or return None where it is not, or no longer, the one that was looked at."""
    if FileStamp.of(os.fstat(handle)) != stamp:
        return None
    data = bytearray()
    try:
        while chunk := os.read(handle, min(1 << 20, stamp.size + 1 - len(data))):
            data += chunk
            if len(data) > stamp.size:
                return None
    except OSError as error:
        raise DocumentProblem(Reason.FILE_BROKEN, os.strerror(error.errno or 0)) from error
    if len(data) != stamp.size or FileStamp.of(os.fstat(handle)) != stamp:
        return None
    return bytes(data)
