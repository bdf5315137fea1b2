"""Read files without booking them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from intake.decision import DecisionContext, decide, decide_mail
from intake.errors import DocumentProblem
from intake.given_files import read_given_file
from intake.json_lines import json_lines
from intake.mail_contents import MailContext, MailReading, PartKind
from intake.mail_mentions import mentions_in
from intake.read_arrivals import read_arrivals
from intake.results import DocumentReading, History, Reason, Verdict
from intake.worker import ReadingPool


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """One document as it was read, with the decision on each of its returns."""

    part: str | None
    """Its name in the mail that it was attached to; None where it is the file itself."""
    reading: DocumentReading
    verdicts: tuple[Verdict, ...]
    """In the order of the reading's returns; decided as if nothing had ever been booked."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file as it was read: itself, or the documents of a mail."""

    path: Path
    sha256: str
    """Of the whole file; empty where it could not be opened."""
    documents: tuple[ReadDocument, ...]

    def json_lines(self) -> list[str]:
        """Return its lines for other programs."""
        return [
            line
            for each in self.documents
            for line in json_lines(
                self.path.name, each.reading, each.verdicts, part=each.part, sha256=self.sha256 or None
            )
        ]


def read_files(paths: Iterable[Path], pool: ReadingPool, *, max_file_bytes: int, today: date) -> Iterator[ReadFile]:
    """Read the files, several at once, and yield them in the order given."""
    opened: _Opened = {}
    following = 0
    for number, reading in read_arrivals(pool, _documents(paths, opened, max_file_bytes)):
        opened[number] = (opened[number][0], reading)
        yield from (ready := _ready(opened, following, today))
        following += len(ready)
    yield from _ready(opened, following, today)


_Opened = dict[int, tuple[Path, DocumentReading | MailReading | None]]
"""Each file by its number, with its reading when it is read."""


def _documents(paths: Iterable[Path], opened: _Opened, max_file_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Yield the bytes of each file with its number; note what cannot be opened as read."""
    for number, path in enumerate(paths):
        try:
            data = read_given_file(path, max_file_bytes).data
        except DocumentProblem as problem:
            opened[number] = (path, DocumentReading("", problem.reason, problem.detail, 0, (), ()))
            continue
        opened[number] = (path, None)
        yield number, data


def _ready(opened: _Opened, first: int, today: date) -> list[ReadFile]:
    """Take out the files that are read, from the first one on without a gap."""
    ready = []
    while first in opened and (reading := opened[first][1]) is not None:
        path, _ = opened.pop(first)
        ready.append(ReadFile(path, reading.sha256, tuple(_decided(reading, today))))
        first += 1
    return ready


def _decided(reading: DocumentReading | MailReading, today: date) -> Iterator[ReadDocument]:
    if isinstance(reading, MailReading):
        for part in reading.contents.documents:
            yield _read_document(part.name, reading.documents[part.number], today)
        if reason := _reason_to_read(reading):
            yield ReadDocument(None, DocumentReading(reading.sha256, reason, "", 0, (), ()), ())
    else:
        yield _read_document(None, reading, today)


def _read_document(part: str | None, reading: DocumentReading, today: date) -> ReadDocument:
    context = DecisionContext(today, History())
    return ReadDocument(part, reading, tuple(decide(item, context) for item in reading.returns))


def _reason_to_read(mail: MailReading) -> Reason | None:
    """Why a person must read the mail itself, as far as can be told without the book."""
    contents = mail.contents
    all_opened = all(part.kind is not PartKind.NOT_OPENED for part in contents.parts)
    mentions = mentions_in(contents.headers.subject, contents.text).speaks_of_forms
    return decide_mail(MailContext(tuple(mail.documents.values()), all_opened, mentions))
