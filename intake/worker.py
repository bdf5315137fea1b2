"""Read each document in a worker process of its own, with limits on time and memory.

A parser that hangs, crashes or eats memory costs its document a clear reason and nothing else. The worker asks us for
the issued form that a page code names; what it says is checked before it is believed: only bytes and JSON cross, a
return may only name a form that was looked up, and every page must be accounted for.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import selectors
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from multiprocessing import forkserver
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from forms.issued_form import ErasedForm, IssuedForm, IssuedPdf, LetterGeometry
from intake.errors import WorkerUnavailable
from intake.mail_contents import MailContents, contents_from_json
from intake.mail_format import looks_like_mail
from intake.packed_reading import unpack_reading
from intake.results import LONGEST_TEXT, DocumentReading, Reason
from intake.scratch_folder import remove_abandoned, scratch_folder
from intake.sealed_letters import PreparedLetters
from intake.stray_pages import Wordings, told_apart
from intake.validate_signatures import Certificates
from intake.worker_channel import Frame, FrameKind, GarbageError, ParentChannel, pack_issued, send_handles
from intake.worker_process import FormLookup, WorkerJob, clean_environment, run

READER = "intake.read_received:read_received"
READER_WITHOUT_PICTURES = "intake.read_received:read_without_pictures"
_PRELOADED = [
    *("numpy", "cv2", "pypdfium2", "PIL.Image", "pydantic"),
    *("intake.worker_process", "intake.read_received", "intake.ready_to_read"),
]
_LONGEST_WAIT_S = 1.0
_LAST_WORDS_S = 5.0
_MOST_LOOKUPS = 2000

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What one document may cost."""

    base_s: float = 60.0
    """Wall time for any file; processor time is limited alike."""
    per_page_s: float = 10.0
    """Further time for each page that the file has."""
    max_pages: int = 500
    """Pages beyond these earn no further time."""
    memory_bytes: int = 1 << 30
    max_file_bytes: int = 256 << 20


def read_isolated(
    data: bytes, lookup: FormLookup, today: date, limits: WorkerLimits, *, reader: str = READER
) -> DocumentReading:
    """Read one document in a worker process; whatever the document does, the answer is a reading.

    Raises `WorkerUnavailable` where no process can be started, and what `lookup` raises.
    """
    pool = ReadingPool(lookup, lambda: today, limits, size=1, reader=reader)
    ((_, reading),) = pool.read([(None, data)])
    return reading


class ReadingPool:
    """Reads several documents at once, each in its own worker process."""

    def __init__(
        self,
        lookup: FormLookup,
        today: Callable[[], date],
        limits: WorkerLimits,
        *,
        size: int = 2,
        reader: str = READER,
        wordings: Wordings = tuple,
        trusted: Certificates = (),
    ) -> None:
        self._lookup = lookup
        self._today = today
        self._limits = limits
        self._size = size
        self._reader = reader
        self._wordings = wordings
        self._trusted = tuple(trusted)
        self._letters = PreparedLetters()
        remove_abandoned()

    def read(self, documents: Iterable[tuple[Key, bytes]]) -> Iterator[tuple[Key, DocumentReading]]:
        """Do as `work` does with documents alone; a mail among them is refused."""
        for key, found in self.work(documents):
            if isinstance(found, MailContents):
                yield key, _problem(found.sha256, Reason.FILE_UNSUPPORTED, "a mail, where a document was expected")
            else:
                yield key, found

    def work(self, documents: Iterable[tuple[Key, bytes]]) -> Iterator[tuple[Key, DocumentReading | MailContents]]:
        """Yield each document's key with its reading, and each mail's with its contents, as soon as done, in any order.

        Documents are taken from the iterable only when a worker is free; one that had nothing more is asked again as
        long as others are being read, for a mail brings further documents. Lookups run in the caller's thread. The
        time that the caller spends between two results is not counted against any document. Closing the generator
        kills what is still running.
        """
        waiting = iter(documents)
        running: list[_Worker[Key]] = []
        try:
            while True:
                yield from self._fill(running, waiting)
                if not running:
                    return
                _wait_for_news(running)
                for worker in list(running):
                    reading = worker.advance()
                    if reading is not None:
                        running.remove(worker)
                        worker.end()
                        paused_s = time.monotonic()
                        yield worker.key, self._told(reading)
                        _forgive(running, time.monotonic() - paused_s)
        finally:
            for worker in running:
                worker.end()

    def _find(self, form_id: str) -> IssuedPdf | ErasedForm | None:
        issued = self._lookup(form_id)
        if isinstance(issued, IssuedPdf):
            self._letters.note(issued)
        return issued

    def _told(self, found: DocumentReading | MailContents) -> DocumentReading | MailContents:
        return found if isinstance(found, MailContents) else told_apart(found, self._wordings)

    def _fill(
        self, running: list[_Worker[Key]], waiting: Iterator[tuple[Key, bytes]]
    ) -> Iterator[tuple[Key, DocumentReading | MailContents]]:
        while len(running) < self._size:
            began_s = time.monotonic()
            following = next(waiting, None)
            letters = [] if following is None else self._letters.handles()
            _forgive(running, time.monotonic() - began_s)
            if following is None:
                return
            key, data = following
            if len(data) > self._limits.max_file_bytes:
                detail = f"{len(data)} bytes, at most {self._limits.max_file_bytes} are read"
                yield key, _problem(hashlib.sha256(data).hexdigest(), Reason.FILE_TOO_LARGE, detail)
            else:
                running.append(
                    _Worker(key, data, self._find, self._today(), self._limits, self._reader, self._trusted, letters)
                )


class _Worker(Generic[Key]):
    """One running worker process and what we know of it."""

    def __init__(
        self,
        key: Key,
        data: bytes,
        lookup: FormLookup,
        today: date,
        limits: WorkerLimits,
        reader: str,
        trusted: tuple[bytes, ...],
        letters: Sequence[int],
    ) -> None:
        self.key = key
        self._sha256 = hashlib.sha256(data).hexdigest()
        self._is_mail = looks_like_mail(data)
        self._lookup = lookup
        self._limits = limits
        self._issued: dict[str, IssuedPdf] = {}
        self._lookups = 0
        self._has_announced = False
        self._folder = Path(tempfile.mkdtemp(prefix="reading-", dir=scratch_folder()))
        ours, theirs = socket.socketpair()
        job = WorkerJob(
            reader=reader,
            today=today,
            temporary_folder=str(self._folder),
            memory_bytes=limits.memory_bytes,
            base_s=limits.base_s,
            per_page_s=limits.per_page_s,
            max_pages=limits.max_pages,
            trusted=trusted,
        )
        try:
            self._process = _start(theirs, job)
        except BaseException:
            ours.close()
            shutil.rmtree(self._folder)
            raise
        finally:
            theirs.close()
        send_handles(ours, letters)
        self.channel = ParentChannel(ours)
        self.deadline_s = time.monotonic() + limits.base_s + limits.per_page_s
        """When the document's time is over, on the monotonic clock."""
        self.channel.send(FrameKind.DOCUMENT, data)

    @property
    def sentinel(self) -> int:
        """Becomes readable when the process has ended."""
        return self._process.sentinel

    def advance(self) -> DocumentReading | MailContents | None:
        """Answer what the worker asks, without waiting; return what was found when it is there, or the problem."""
        has_ended = not self._process.is_alive()  # asked first: what it said before it ended is then complete
        self.channel.flush()
        try:
            while frames := self.channel.receive():
                for frame in frames:
                    reading = self._take(frame)
                    if reading is not None:
                        return reading
        except (GarbageError, ValidationError, ValueError) as error:
            return self._problem(Reason.FILE_CRASHED, f"the worker sent garbage: {type(error).__name__}")
        if has_ended or self.channel.at_end:
            return self._obituary()
        if time.monotonic() >= self.deadline_s:
            return self._problem(Reason.FILE_TIMEOUT, "the time for this document is over")
        return None

    def end(self) -> None:
        """Kill the process with all its children, and remove what it left."""
        with suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        self._process.kill()  # it may not have come to lead its own group yet
        self._process.join(_LAST_WORDS_S)
        self.channel.socket.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _pid(self) -> int:
        pid = self._process.pid
        if pid is None:
            raise RuntimeError("the worker was never started")
        return pid

    def _take(self, frame: Frame) -> DocumentReading | MailContents | None:
        if frame.kind is FrameKind.LOOKUP:
            self._answer(frame.payload.decode("ascii"))
        elif frame.kind is FrameKind.PAGE_COUNT:
            self._grant_time(int(frame.payload))
        elif frame.kind is FrameKind.RESULT:
            return self._checked(unpack_reading(frame.payload))
        elif frame.kind is FrameKind.CONTENTS:
            return self._checked_contents(contents_from_json(frame.payload))
        elif frame.kind is FrameKind.OUT_OF_MEMORY:
            return self._problem(Reason.FILE_MEMORY, frame.payload.decode("utf-8", "replace"))
        elif frame.kind is FrameKind.FAILURE:
            return self._problem(Reason.FILE_CRASHED, frame.payload.decode("utf-8", "replace"))
        return None

    def _grant_time(self, pages: int) -> None:
        if self._has_announced:
            raise GarbageError("the pages were announced before")
        self._has_announced = True
        self.deadline_s += self._limits.per_page_s * max(min(pages, self._limits.max_pages) - 1, 0)

    def _answer(self, form_id: str) -> None:
        if not form_id.isalnum():  # a NUL, for one, is nothing that a database may be asked for
            raise GarbageError("this is no form id")
        self._lookups += 1
        if self._lookups > _MOST_LOOKUPS or self.channel.has_to_send:  # a sound worker waits for each answer
            raise GarbageError("too many lookups")
        began_s = time.monotonic()
        issued = self._lookup(form_id)
        if isinstance(issued, IssuedPdf):
            self._issued[issued.form.form_id] = issued
        self.channel.send(FrameKind.FORM, *pack_issued(issued))
        self.deadline_s += time.monotonic() - began_s

    def _checked(self, reading: DocumentReading) -> DocumentReading:
        """Return the reading; raises `GarbageError` where it says what a sound worker cannot say."""
        if reading.sha256 != self._sha256:
            raise GarbageError("the reading is of another document")
        pages = [page.page for item in reading.returns for page in item.pages] + [p.page for p in reading.unplaced]
        readable = 0 if reading.problem else reading.page_count
        if sorted(pages) != list(range(1, readable + 1)):
            raise GarbageError("not every page is accounted for exactly once")
        if any(len(page.text) > LONGEST_TEXT for page in reading.unplaced):
            raise GarbageError("a page says more than is kept")
        if not all(item.pages for item in reading.returns):
            raise GarbageError("a return has no page")
        for item in reading.returns:
            issued = self._issued.get(item.form_id)
            named = (item.template, item.version, item.customer)
            if issued is None or named != _named_by(issued.form, issued.letter):
                raise GarbageError("a return names a form that was not looked up")
        return reading

    def _checked_contents(self, contents: MailContents) -> MailContents:
        """Return the opened mail; raises `GarbageError` where it says what a sound worker cannot say."""
        if not self._is_mail or contents.sha256 != self._sha256:
            raise GarbageError("these are the contents of another mail")
        if [part.number for part in contents.parts] != list(range(1, len(contents.parts) + 1)):
            raise GarbageError("the parts are not numbered one by one")
        for part in contents.documents:
            if (len(part.data), hashlib.sha256(part.data).hexdigest()) != (part.size, part.sha256):
                raise GarbageError("a part is not what its digest says")
        return contents

    def _obituary(self) -> DocumentReading:
        """Say of what a worker died that gave no result."""
        self._process.join(_LAST_WORDS_S)
        code = self._process.exitcode
        if code == -signal.SIGXCPU:
            return self._problem(Reason.FILE_TIMEOUT, "the processor time for this document is over")
        if code == -signal.SIGKILL:
            return self._problem(Reason.FILE_MEMORY, "the operating system killed the worker, probably for its memory")
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return self._problem(Reason.FILE_CRASHED, f"the worker ended with {how} and no result")

    def _problem(self, reason: Reason, detail: str) -> DocumentReading:
        return _problem(self._sha256, reason, detail)


def _named_by(form: IssuedForm, letter: LetterGeometry) -> tuple[str, int, str]:
    return letter.template, letter.version, form.customer.number


def _problem(sha256: str, reason: Reason, detail: str) -> DocumentReading:
    return DocumentReading(sha256=sha256, problem=reason, detail=detail, page_count=0, returns=(), unplaced=())


def _start(end: socket.socket, job: WorkerJob) -> multiprocessing.process.BaseProcess:
    """Start a worker: a fork of a server process that has the libraries loaded and holds none of our secrets."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    process = context.Process(target=run, args=(end, job), daemon=True)
    try:
        with _clean_surroundings():
            forkserver.ensure_running()
        process.start()
    except (OSError, EOFError) as error:
        raise WorkerUnavailable(
            f"no worker process can be started: {error}", "check the machine's memory and its limit of processes"
        ) from error
    return process


@contextmanager
def _clean_surroundings() -> Iterator[None]:
    """Show a process that is started inside only what a worker may see; its socket lies in our scratch folder."""
    ours, theirs, temporary = dict(os.environ), clean_environment(), tempfile.tempdir
    tempfile.tempdir = str(scratch_folder())
    os.environ.clear()
    os.environ.update(theirs)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(ours)
        tempfile.tempdir = temporary


def _wait_for_news(running: list[_Worker[Key]]) -> None:
    """Sleep until a worker says something, can be told something, has ended or has used up its time."""
    with selectors.DefaultSelector() as selector:
        for worker in running:
            writing = selectors.EVENT_WRITE if worker.channel.has_to_send else 0
            selector.register(worker.channel.socket, selectors.EVENT_READ | writing)
            selector.register(worker.sentinel, selectors.EVENT_READ)
        left_s = min(worker.deadline_s for worker in running) - time.monotonic()
        selector.select(min(max(left_s, 0.0), _LONGEST_WAIT_S))


def _forgive(running: list[_Worker[Key]], spent_s: float) -> None:
    """Give running workers back the time in which nobody could answer them."""
    for worker in running:
        worker.deadline_s += spent_s
