"""Read files without booking them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from intake.decision import DecisionContext, decide
from intake.errors import DocumentProblem
from intake.given_files import read_given_file
from intake.json_lines import json_lines
from intake.results import DocumentReading, History, Verdict
from intake.worker import ReadingPool


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file as it was read, with the decision on each of its returns."""

    path: Path
    reading: DocumentReading
    verdicts: tuple[Verdict, ...]
    """In the order of the reading's returns; decided as if nothing had ever been booked."""

    def json_lines(self) -> list[str]:
        """Return its lines for other programs."""
        return json_lines(self.path.name, self.reading, self.verdicts)


def read_files(paths: Iterable[Path], pool: ReadingPool, *, max_file_bytes: int, today: date) -> Iterator[ReadFile]:
    """Read the files, several at once, and yield them in the order given."""
    opened: dict[int, tuple[Path, DocumentReading | None]] = {}
    following = 0
    for number, reading in pool.read(_documents(paths, opened, max_file_bytes)):
        opened[number] = (opened[number][0], reading)
        yield from (ready := _ready(opened, following, today))
        following += len(ready)
    yield from _ready(opened, following, today)


def _documents(
    paths: Iterable[Path], opened: dict[int, tuple[Path, DocumentReading | None]], max_file_bytes: int
) -> Iterator[tuple[int, bytes]]:
    """Yield the bytes of each file with its number; note what cannot be opened as read."""
    for number, path in enumerate(paths):
        try:
            data = read_given_file(path, max_file_bytes).data
        except DocumentProblem as problem:
            opened[number] = (path, DocumentReading("", problem.reason, problem.detail, 0, (), ()))
            continue
        opened[number] = (path, None)
        yield number, data


def _ready(opened: dict[int, tuple[Path, DocumentReading | None]], first: int, today: date) -> list[ReadFile]:
    """Take out the files that are read, from the first one on without a gap."""
    ready = []
    while first in opened and (reading := opened[first][1]) is not None:
        path, _ = opened.pop(first)
        context = DecisionContext(today, History())
        ready.append(ReadFile(path, reading, tuple(decide(item, context) for item in reading.returns)))
        first += 1
    return ready
