"""The mailbox folder: which files in it are complete, their bytes, and where they go afterwards.

Truth is a look at the whole folder. Events of the operating system only wake the loop earlier. A file counts as
complete when its size and time of change were the same at two looks at least `settle_s` apart. Nothing but a regular
file is ever opened. The mailbox may be a Maildir, or hold some: their mails are files of the mailbox.

The mailbox is the folder that holds `done/` and `problems/`: a mount point whose disk is not there has neither, and is
never taken for an empty mailbox.
"""

from __future__ import annotations

import errno
import heapq
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from forms.durable_files import make_folder
from intake.errors import DocumentProblem, MailboxUnavailable
from intake.file_names import is_temporary
from intake.file_stamp import FileStamp, read_unchanged
from intake.filing import finish_move, put_away, put_back
from intake.folder_events import FolderEvents
from intake.maildir import MAILDIR, is_maildir, mails_in, opened_folder
from intake.results import Reason
from intake.sleeping import Sleeper
from intake.sources import Look, RefusedEntry

DONE = "done"
PROBLEMS = "problems"
_MOST_AT_A_LOOK = 2000
"""So many are handed out at once, however many wait: they take up memory, and what arrives meanwhile is seen sooner."""
_CHANGED_MEANWHILE = frozenset({errno.ENOENT, errno.ELOOP, errno.EBUSY, errno.EAGAIN, errno.ETXTBSY})
_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM})


def make_mailbox(folder: Path) -> None:
    """Make the mailbox of a new home; never call it for an old one, where a missing mailbox is a fault.

    Raises `MailboxUnavailable` where something else lies there, `OSError` where the disk does not take it.
    """
    try:
        for name in (DONE, PROBLEMS):
            make_folder(folder / name)
    except (FileExistsError, NotADirectoryError) as error:
        raise _unavailable(folder, error) from error


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
class MailboxFile:
    """Something in the mailbox that was looked at."""

    folder: Path
    name: str
    """The name in the folder, as the operating system gives it: show it only through `printable_name`."""
    stamp: FileStamp

    @property
    def path(self) -> Path:
        """Where it lay. Not kept: thousands may wait."""
        return self.folder / self.name

    @property
    def claim(self) -> int:
        """The number by which watchers agree on who takes it in."""
        return self.stamp.inode

    @property
    def entry(self) -> str:
        """Text that tells this arrival from every other one."""
        return self.stamp.entry


@dataclass(frozen=True, slots=True)
class _Seen:
    stamp: FileStamp
    since_s: float


class SettleTracker:
    """Tells which entries have stopped changing, from one look to the next."""

    def __init__(self, settings: MailboxSettings) -> None:
        self._settings = settings
        self._seen: dict[tuple[Path, str], _Seen] = {}

    def observe(self, files: Iterable[MailboxFile], now_s: float) -> Iterator[tuple[MailboxFile, bool]]:
        """Take in one complete look, made at `now_s` on a monotonic clock; say of each entry whether it has settled.

        A look that breaks off is as if it had not been made.
        """
        seen_now = {}
        for file in files:
            place = (file.folder, file.name)
            seen = self._seen.get(place)
            if seen is None or seen.stamp != file.stamp:
                seen = _Seen(file.stamp, now_s)
            seen_now[place] = seen
            yield file, now_s - seen.since_s >= self._wait_s(file.stamp)
        self._seen = seen_now

    def _wait_s(self, stamp: FileStamp) -> float:
        may_be_unfinished = stat.S_ISDIR(stamp.mode) or (stamp.is_regular and stamp.size == 0)
        return max(self._settings.settle_s, self._settings.patience_s if may_be_unfinished else 0.0)


class Mailbox:
    """The folder that scans are dropped into, with `done/` and `problems/` inside it.

    Use it as a context manager: inside, the operating system's hints are listened to. Folders and disks that go away
    and come back, also as others, are taken as they are at each look.
    """

    channel = "mailbox"

    def __init__(self, folder: Path, settings: MailboxSettings, clock: Callable[[], float] = time.monotonic) -> None:
        """Open the folder; raises `MailboxUnavailable` where it is not a mailbox.

        `clock` gives seconds and never runs backwards.
        """
        self.folder = folder
        self.settings = settings
        self._clock = clock
        self._tracker = SettleTracker(settings)
        self._events = None if settings.polling else FolderEvents(folder)
        self._sleeper = Sleeper()
        with self._opened() as handle:
            self._identity = _identity(handle)

    def __enter__(self) -> Self:
        if self._events is not None:
            self._events.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._events is not None:
            self._events.stop()

    def look(self) -> Look[MailboxFile]:
        """Look at the whole folder once; raises `MailboxUnavailable` where it cannot be looked at."""
        unsettled = 0

        def settled() -> Iterator[MailboxFile]:
            nonlocal unsettled
            for file, has_settled in self._tracker.observe(self._entries(), self._clock()):
                if has_settled:
                    yield file
                else:
                    unsettled += 1

        oldest = heapq.nsmallest(_MOST_AT_A_LOOK, settled(), key=lambda file: (file.stamp.mtime_ns, file.name))
        return Look(
            settled=tuple(file for file in oldest if file.stamp.is_regular),
            refused=tuple(RefusedEntry(file, kind) for file in oldest if (kind := file.stamp.other_kind)),
            unsettled=unsettled,
        )

    def wait(self, *, soon: bool) -> None:
        """Sleep until the next look is due, a hint comes or `wake` is called; `soon`: something there is not done."""
        longest_s = min(self.settings.rescan_s, self.settings.settle_s) if soon else self.settings.rescan_s
        self._sleeper.sleep(longest_s, self._events.wait if self._events is not None else None)

    def pause(self, pause_s: float) -> None:
        """Sleep so long, whatever happens in the folder, or until `wake` is called."""
        self._sleeper.sleep(pause_s)

    def wake(self) -> None:
        """End a running `wait` or `pause` soon; takes no lock, so that a signal handler may call it at any moment."""
        self._sleeper.wake()

    def read_settled(self, file: MailboxFile, max_bytes: int) -> bytes | None:
        """Return the bytes of a settled file, or None where it changed or went away since the look.

        Raises `DocumentProblem` where it is larger than `max_bytes` or we may not open it, `MailboxUnavailable` where
        the disk or share does not hand it out.
        """
        if kind := file.stamp.other_kind:
            raise DocumentProblem(Reason.FILE_UNSUPPORTED, f"it is {kind}")
        if file.stamp.size > max_bytes:
            raise DocumentProblem(Reason.FILE_TOO_LARGE, f"{file.stamp.size} bytes, at most {max_bytes} are read")
        try:
            if not self._lies_there(file):
                return None
            handle = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                return read_unchanged(handle, file.stamp)
            finally:
                os.close(handle)
        except OSError as error:
            if error.errno in _CHANGED_MEANWHILE:
                return None
            if error.errno in _NOT_ALLOWED:
                raise DocumentProblem(Reason.FILE_BROKEN, os.strerror(error.errno)) from error
            raise MailboxUnavailable(
                f"a file cannot be read from the mailbox: {os.strerror(error.errno or 0)}",
                f"check the disk or share of {self.folder}; if it is only one file, move it out by hand",
            ) from error

    def move_to_done(self, file: MailboxFile) -> Path | None:
        """Move a file to `done/` and return its new path, or None where it changed since and stays to be read again."""
        return self._move(file, DONE, None)

    def set_aside(self, file: MailboxFile) -> Path | None:
        """Put away what has nothing to do with us: it is done, and the book lists it."""
        return self.move_to_done(file)

    def move_to_problems(self, file: MailboxFile, explanation: str) -> Path | None:
        """Move a file to `problems/`, with the explanation in a text file beside it that is written first."""
        return self._move(file, PROBLEMS, explanation)

    def _move(self, file: MailboxFile, subfolder: str, explanation: str | None) -> Path | None:
        try:
            if not self._lies_there(file):
                return None
            filed = put_away(file.path, self.folder / subfolder, explanation)
            if not file.stamp.same_content(FileStamp.of(os.lstat(filed.path))):
                put_back(filed, file.path)
                return None
        except FileNotFoundError as error:
            with self._opened():  # the mailbox is there: it is the file that went away
                if not os.path.lexists(file.path):
                    return None
            raise self._cannot_move(subfolder, error) from error
        except OSError as error:
            raise self._cannot_move(subfolder, error) from error
        return filed.path

    def _cannot_move(self, subfolder: str, error: OSError) -> MailboxUnavailable:
        return MailboxUnavailable(
            f"a file cannot be moved from the mailbox to {subfolder}/: {os.strerror(error.errno or 0)}",
            f"check the rights and the free space of {self.folder}",
        )

    def _lies_there(self, file: MailboxFile) -> bool:
        """Tell whether the very file that was looked at still lies there, and is not put away already."""
        with suppress(FileNotFoundError):
            if FileStamp.of(os.lstat(file.path)) == file.stamp:
                return not any(finish_move(file.path, self.folder / name) for name in (DONE, PROBLEMS))
        return False

    def _entries(self) -> Iterator[MailboxFile]:
        """Yield what lies there. All of it comes from one open folder, so that no disk can go away in between."""
        with self._opened() as handle:
            self._follow(_identity(handle))
            try:
                yield from self._entries_of(handle)
            except OSError as error:
                raise _unavailable(self.folder, error) from error

    def _entries_of(self, handle: int) -> Iterator[MailboxFile]:
        """Yield the files of the open mailbox, and the mails of the Maildir that it is, or of those that lie in it."""
        skipped = {DONE, PROBLEMS}
        if is_maildir(handle):
            skipped |= MAILDIR
            yield from self._mails(handle, self.folder)
        with os.scandir(handle) as entries:
            for entry in entries:
                if entry.name in skipped or is_temporary(entry.name):
                    continue
                with suppress(FileNotFoundError):
                    stamp = FileStamp.of(entry.stat(follow_symlinks=False))
                    if stat.S_ISDIR(stamp.mode):
                        yield from self._folder(entry.name, stamp, handle)
                    else:
                        yield MailboxFile(self.folder, entry.name, stamp)

    def _folder(self, name: str, stamp: FileStamp, mailbox: int) -> Iterator[MailboxFile]:
        """Yield the mails of a folder in the mailbox; of one that is no Maildir, itself: it is refused."""
        try:
            with opened_folder(name, mailbox) as handle:
                if is_maildir(handle):
                    yield from self._mails(handle, self.folder / name)
                    return
        except PermissionError:
            pass  # whatever it is, nobody lets us look
        yield MailboxFile(self.folder, name, stamp)

    @staticmethod
    def _mails(maildir: int, folder: Path) -> Iterator[MailboxFile]:
        for subfolder, name, status in mails_in(maildir):
            yield MailboxFile(folder / subfolder, name, FileStamp.of(status))

    def _follow(self, identity: tuple[int, int]) -> None:
        """Listen to the folder that lies there now, where it is another one than before."""
        if identity != self._identity and self._events is not None:
            self._events.restart()
        self._identity = identity

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """Open the folder; raises `MailboxUnavailable` where it is not there, or is not the mailbox."""
        try:
            handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise _unavailable(self.folder, error) from error
        try:
            for name in (DONE, PROBLEMS):
                _check_subfolder(handle, self.folder, name)
            yield handle
        finally:
            os.close(handle)


def _identity(handle: int) -> tuple[int, int]:
    status = os.fstat(handle)
    return status.st_dev, status.st_ino


def _check_subfolder(mailbox: int, folder: Path, name: str) -> None:
    try:
        status = os.stat(name, dir_fd=mailbox, follow_symlinks=False)
    except FileNotFoundError as error:
        raise MailboxUnavailable(
            f"{folder} is not the mailbox: the folder {name}/ is not in it",
            f"connect its disk or share; if it is the right folder, make {name}/ in it",
        ) from error
    except OSError as error:
        raise _unavailable(folder, error) from error
    if not stat.S_ISDIR(status.st_mode) or status.st_dev != os.fstat(mailbox).st_dev:
        raise MailboxUnavailable(
            f"{folder / name} is not a folder on the same disk as the mailbox",
            "move it away and make a folder of that name",
        )


def _unavailable(folder: Path, error: OSError) -> MailboxUnavailable:
    if folder.is_symlink() and not folder.exists():
        return MailboxUnavailable(
            f"the mailbox {folder} is a link that leads nowhere", "connect the disk that it leads to, or mend the link"
        )
    if folder.exists() and not folder.is_dir():
        return MailboxUnavailable(f"the mailbox {folder} is a file, not a folder", "move the file away")
    return MailboxUnavailable(
        f"the mailbox {folder} cannot be looked into: {os.strerror(error.errno or 0)}",
        "check that the folder exists, that its disk or share is connected, and its rights",
    )
