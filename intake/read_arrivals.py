"""Read whatever arrives, files and mails alike: a mail is opened first, then its documents are read as files are.

Each document of a mail has a worker, a time and a limit of memory of its own, so that one that fails costs only itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from intake.file_formats import read_without_opening
from intake.mail_contents import MailContents, MailReading
from intake.results import DocumentReading
from intake.worker import ReadingPool

Key = TypeVar("Key")


def read_arrivals(
    pool: ReadingPool, arrivals: Iterable[tuple[Key, bytes]]
) -> Iterator[tuple[Key, DocumentReading | MailReading]]:
    """Yield each arrival's key with its reading as soon as it is done, in any order; a mail's with all its documents.

    Arrivals are taken only when a worker is free and no opened mail has documents left to read.
    """
    queue = _Queue(iter(arrivals))
    for task, found in pool.work(queue):
        if isinstance(found, MailContents):
            mail = _OpenedMail(task.key, found)
            queue.add_documents_of(mail)
        elif task.mail is None:
            yield task.key, found
            continue
        else:
            mail = task.mail
            mail.documents[task.part] = found
        if mail.is_read:
            yield mail.key, MailReading(mail.contents, mail.documents)


@dataclass(slots=True)
class _OpenedMail(Generic[Key]):
    """A mail whose documents are being read."""

    key: Key
    contents: MailContents
    documents: dict[int, DocumentReading] = field(default_factory=dict)

    @property
    def is_read(self) -> bool:
        return len(self.documents) == len(self.contents.documents)


@dataclass(frozen=True, slots=True)
class _Task(Generic[Key]):
    """An arrival, or one document of a mail."""

    key: Key
    mail: _OpenedMail[Key] | None = None
    part: int = 0


class _Queue(Iterator[tuple[_Task[Key], bytes]]):
    """What is to be read next: the documents of opened mails before further arrivals."""

    def __init__(self, arrivals: Iterator[tuple[Key, bytes]]) -> None:
        self._arrivals = arrivals
        self._documents: deque[tuple[_Task[Key], bytes]] = deque()

    def add_documents_of(self, mail: _OpenedMail[Key]) -> None:
        """Line up the documents of a mail; what is told without opening it needs no worker."""
        for part in mail.contents.documents:
            if reading := read_without_opening(part.data):
                mail.documents[part.number] = reading
            else:
                self._documents.append((_Task(mail.key, mail, part.number), part.data))

    def __next__(self) -> tuple[_Task[Key], bytes]:
        if self._documents:
            return self._documents.popleft()
        key, data = next(self._arrivals)
        return _Task(key), data
