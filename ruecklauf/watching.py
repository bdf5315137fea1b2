"""The watch loop: mailbox → worker → registry and archive → `done/` or `problems/`.

A file leaves the mailbox only after it was archived and booked. What fails in one file is booked as that file's
problem. What fails in our own system leaves the file where it was, to be taken in once the system works again.

Several watchers may share a mailbox: a file is claimed before it is read (see `intake.claims`). Should two take in the
same one all the same, because somebody removed the file of the claims, the book refuses the second arrival.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Generic

from django.db import Error as DatabaseError
from django.db import connections

from intake.claims import Claims
from intake.errors import DocumentProblem, IntakeBroken, MailboxUnavailable
from intake.file_formats import read_without_opening
from intake.file_names import printable_name
from intake.mail_contents import MailReading
from intake.read_arrivals import read_arrivals
from intake.results import DocumentReading, Reason
from intake.sources import Item, Look, RefusedEntry, Source
from intake.worker import ReadingPool
from registry.anchors import write_anchor
from registry.book import ReceivedBytes, book_known_bytes
from registry.errors import RegistryError
from ruecklauf.alarm import Alarm
from ruecklauf.booking import Handled, book_reading, handled, not_taken_in
from ruecklauf.errors import HeldByAnotherWatcher

_ANCHORED_AFTER = 100
"""Files; the events are also anchored after each look into the mailbox."""
_PATIENCE_WITH_OTHERS_S = 600.0
"""How long `run_once` waits while other watchers get nowhere with what they have claimed."""

_Trouble = MailboxUnavailable | RegistryError


@dataclass(frozen=True, slots=True)
class _Round(Generic[Item]):
    """What came of one look into the mailbox."""

    look: Look[Item]
    handled: int
    with_others: frozenset[Item]
    """What other watchers have claimed."""
    trouble: _Trouble | None
    """The first that kept a single file from being taken in; the others were taken in."""


class Watch(Generic[Item]):
    """Takes in what arrives in a mailbox folder or a mail account, until it is told to stop."""

    def __init__(
        self,
        source: Source[Item],
        claims: Claims,
        pool: ReadingPool,
        *,
        max_file_bytes: int,
        today: Callable[[], date],
        report: Callable[[Handled], None],
    ) -> None:
        self._source = source
        self._claims = claims
        self._pool = pool
        self._max_file_bytes = max_file_bytes
        self._today = today
        self._report = report
        self._stopping = False
        self._handled = 0
        self._with_others: set[Item] = set()
        self._trouble: _Trouble | None = None
        self._tell: Callable[[Exception], None] = _keep_for_the_end

    def stop(self) -> None:
        """End after the documents that are being read; may be called from a signal handler."""
        self._stopping = True
        self._source.wake()

    def run(self, alarm: Alarm) -> None:
        """Take in files until `stop`. Where our own system is broken, raise the alarm and try again until it works."""
        self._tell = alarm.tell
        with self._source:
            while not self._stopping:
                try:
                    done = self._take_in()
                except (IntakeBroken, RegistryError, DatabaseError, OSError) as error:
                    alarm.tell(error)
                    connections.close_all()  # one that failed may never work again
                    self._source.pause(alarm.next_pause_s())
                else:
                    self._go_on(done, alarm)

    def _go_on(self, done: _Round[Item], alarm: Alarm) -> None:
        """Wait for the next round, as long as the last one gives reason to."""
        if done.handled:
            alarm.shorten_pause()
        if done.trouble:
            self._source.pause(alarm.next_pause_s())
            return
        if done.handled or done.look.is_empty:
            alarm.end()
        if not done.handled:
            self._wait(done)

    def run_once(self) -> None:
        """Take in files until everything that lay in the mailbox is settled and taken in, by whomever, or until `stop`.

        What other watchers have claimed is waited for, as long as they get on: whoever calls this wants to know
        afterwards that all is booked. Raises `IntakeBroken`, `RegistryError`, `HeldByAnotherWatcher`,
        `django.db.Error` and `OSError` where our own system is broken.
        """
        held, since_s = frozenset[Item](), time.monotonic()
        with self._source:
            while not self._stopping:
                done = self._take_in()
                if done.trouble:
                    raise done.trouble
                if done.look.is_empty:
                    return
                if done.handled or done.with_others != held:
                    held, since_s = done.with_others, time.monotonic()
                elif held and time.monotonic() - since_s > _PATIENCE_WITH_OTHERS_S:
                    raise HeldByAnotherWatcher(sorted(printable_name(file.name) for file in held))
                if not done.handled:
                    self._wait(done)

    def _take_in(self) -> _Round[Item]:
        """Look into the mailbox once and take in what is settled."""
        look, handled_before = self._source.look(), self._handled
        self._with_others.clear()
        self._trouble = None
        try:
            for entry in look.refused:
                self._refuse(entry)
            for (file, received), reading in read_arrivals(self._pool, self._arrivals(look.settled)):
                self._finish(file, received, reading)
        finally:
            self._claims.release_all()
        write_anchor()
        return _Round(look, self._handled - handled_before, frozenset(self._with_others), self._trouble)

    def _wait(self, done: _Round[Item]) -> None:
        if not self._stopping:
            self._source.wait(soon=bool(done.look.unsettled or done.with_others))

    def _arrivals(self, files: Iterable[Item]) -> Iterator[tuple[tuple[Item, ReceivedBytes], bytes]]:
        """Yield the files that must be read; what is known already or cannot be taken in is dealt with at once."""
        for file in files:
            if self._stopping:
                return
            if not self._claims.claim(file.claim):
                self._with_others.add(file)
                continue
            received = None
            with self._trouble_of_one_file():
                received = self._receive(file)
            if received is None:
                self._claims.release(file.claim)
            else:
                yield (file, received), received.data

    def _receive(self, file: Item) -> ReceivedBytes | None:
        """Return what must be read; None where the file is dealt with, or went away since the look."""
        try:
            data = self._source.read_settled(file, self._max_file_bytes)
        except DocumentProblem as problem:
            self._put_away(file, not_taken_in(file.name, problem))
            return None
        if data is None:
            return None
        received = ReceivedBytes(data, printable_name(file.name), self._source.channel, datetime.now(UTC), file.entry)
        if known := book_known_bytes(received):
            self._put_away(file, handled(file.name, known))
        elif reading := read_without_opening(data):
            self._put_away(file, book_reading(received, reading, self._today()))
        else:
            return received
        return None

    def _finish(self, file: Item, received: ReceivedBytes, reading: DocumentReading | MailReading) -> None:
        if self._stopping and _has_crashed(reading):
            return  # whoever stopped us may have ended the worker too: the file is read again at the next start
        with self._trouble_of_one_file():
            self._put_away(file, book_reading(received, reading, self._today()))
        self._claims.release(file.claim)

    def _refuse(self, entry: RefusedEntry[Item]) -> None:
        if not self._claims.claim(entry.file.claim):
            self._with_others.add(entry.file)
            return
        explanation = f"This is {entry.kind}, not a file; it was not opened.\nWhat to do: Drop the files themselves."
        with self._trouble_of_one_file():
            self._put_away(entry.file, Handled(printable_name(entry.file.name), None, explanation))
        self._claims.release(entry.file.claim)

    @contextmanager
    def _trouble_of_one_file(self) -> Iterator[None]:
        """Tell what keeps one file from being taken in; the file stays, and does not hold up the others."""
        try:
            yield
        except (MailboxUnavailable, RegistryError) as error:
            self._trouble = self._trouble or error
            self._tell(error)

    def _put_away(self, file: Item, result: Handled) -> None:
        """Move the file out of the mailbox; one that changed meanwhile stays, and its new content is read next."""
        if result.problem is None:
            moved = self._source.set_aside(file) if result.is_nothing_of_ours else self._source.move_to_done(file)
        else:
            again = result.booked.duplicate_of if result.booked else None
            known = f"\n\nThe same file was received before: {printable_name(again)}" if again else ""
            moved = self._source.move_to_problems(file, result.problem + known)
        if moved is None and result.booked is None:
            return  # another watcher has put it away since the look, or it changed: nothing was done about it here
        self._handled += 1
        self._report(result)
        if self._handled % _ANCHORED_AFTER == 0:
            write_anchor()


def _has_crashed(reading: DocumentReading | MailReading) -> bool:
    documents = reading.documents.values() if isinstance(reading, MailReading) else (reading,)
    return any(document.problem is Reason.FILE_CRASHED for document in documents)


def _keep_for_the_end(_error: Exception) -> None:
    """Tell nobody yet: `run_once` raises what went wrong when the other files are taken in."""
