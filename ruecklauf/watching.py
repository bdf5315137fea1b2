"""The watch loop: mailbox → worker → registry and archive → `done/` or `problems/`.

A file leaves the mailbox only after it was archived and booked. What fails in one file is booked as that file's
problem; what fails in our own system is raised, and leaves the file where it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime

from intake.errors import DocumentProblem
from intake.file_names import printable_name
from intake.mailbox import Mailbox, MailboxFile, RefusedEntry
from intake.results import DocumentReading, Reason
from intake.worker import ReadingPool
from registry.anchors import write_anchor
from registry.book import ReceivedBytes, already_received, book_arrival_again
from ruecklauf.booking import Handled, book_reading, handled, not_taken_in

CHANNEL = "mailbox"
_ANCHORED_AFTER = 100
"""Files; the events are also anchored after each look into the mailbox."""


class Watch:
    """Takes in what arrives in a mailbox, until it is told to stop."""

    def __init__(
        self,
        mailbox: Mailbox,
        pool: ReadingPool,
        *,
        max_file_bytes: int,
        today: Callable[[], date],
        report: Callable[[Handled], None],
    ) -> None:
        self._mailbox = mailbox
        self._pool = pool
        self._max_file_bytes = max_file_bytes
        self._today = today
        self._report = report
        self._stopping = False
        self._handled = 0

    def stop(self) -> None:
        """End after the documents that are being read; may be called from a signal handler."""
        self._stopping = True
        self._mailbox.wake()

    def run(self, *, once: bool = False) -> None:
        """Take in files until `stop`; with `once`, until everything that lay in the mailbox is settled and taken in.

        Raises `IntakeBroken`, `RegistryError`, `django.db.Error` and `OSError` where our own system is broken.
        """
        with self._mailbox:
            while not self._stopping:
                look, handled_before = self._mailbox.look(), self._handled
                for entry in look.refused:
                    self._refuse(entry)
                for (file, received), reading in self._pool.read(self._arrivals(look.settled)):
                    self._finish(file, received, reading)
                write_anchor()
                if once and not (look.settled or look.refused or look.unsettled):
                    return
                if not self._stopping and self._handled == handled_before:
                    self._mailbox.wait(look)

    def _arrivals(self, files: Iterable[MailboxFile]) -> Iterator[tuple[tuple[MailboxFile, ReceivedBytes], bytes]]:
        """Yield the files that must be read; what is known already or cannot be taken in is dealt with at once."""
        for file in files:
            if self._stopping:
                return
            try:
                data = self._mailbox.read_settled(file, self._max_file_bytes)
            except DocumentProblem as problem:
                self._put_away(file, not_taken_in(file.name, problem))
                continue
            if data is None:
                continue
            received = ReceivedBytes(data, printable_name(file.name), CHANNEL, datetime.now(UTC))
            if already_received(hashlib.sha256(data).hexdigest()):
                self._put_away(file, handled(file.name, book_arrival_again(received)))
            else:
                yield (file, received), data

    def _finish(self, file: MailboxFile, received: ReceivedBytes, reading: DocumentReading) -> None:
        if self._stopping and reading.problem is Reason.FILE_CRASHED:
            return  # whoever stopped us may have ended the worker too: the file is read again at the next start
        self._put_away(file, book_reading(received, reading, self._today()))

    def _refuse(self, entry: RefusedEntry) -> None:
        explanation = f"This is {entry.kind}, not a file; it was not opened.\nWhat to do: Drop the files themselves."
        self._put_away(entry.file, Handled(printable_name(entry.file.name), None, explanation))

    def _put_away(self, file: MailboxFile, result: Handled) -> None:
        """Move the file out of the mailbox; one that changed meanwhile stays, and its new content is read next."""
        if result.problem is None:
            self._mailbox.move_to_done(file)
        else:
            again = result.booked.duplicate_of if result.booked else None
            known = f"\n\nThe same file was received before: {printable_name(again)}" if again else ""
            self._mailbox.move_to_problems(file, result.problem + known)
        self._handled += 1
        self._report(result)
        if self._handled % _ANCHORED_AFTER == 0:
            write_anchor()
