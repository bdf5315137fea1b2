"""Book files that are named on the command line; they stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from intake.errors import DocumentProblem
from intake.file_formats import read_without_opening
from intake.file_names import printable_name
from intake.given_files import read_given_file
from intake.read_arrivals import read_arrivals
from intake.worker import ReadingPool
from registry.book import ReceivedBytes, book_known_bytes
from ruecklauf.booking import Handled, book_reading, handled, not_taken_in

CHANNEL = "command line"


def ingest(
    paths: Iterable[Path],
    pool: ReadingPool,
    *,
    max_file_bytes: int,
    today: Callable[[], date],
    report: Callable[[Handled], None],
) -> None:
    """Take in the files, several at once; each is reported when it is done.

    A file that was taken in before and has not been touched since is not booked again.

    Raises `IntakeBroken`, `RegistryError`, `django.db.Error` and `OSError` where our own system is broken.
    """

    def arrivals() -> Iterator[tuple[ReceivedBytes, bytes]]:
        for path in paths:
            try:
                file = read_given_file(path, max_file_bytes)
            except DocumentProblem as problem:
                report(not_taken_in(path.name, problem))
                continue
            received = ReceivedBytes(file.data, printable_name(path.name), CHANNEL, datetime.now(UTC), file.entry)
            if known := book_known_bytes(received):
                report(handled(path.name, known))
            elif reading := read_without_opening(file.data):
                report(book_reading(received, reading, today()))
            else:
                yield received, file.data

    for received, reading in read_arrivals(pool, arrivals()):
        report(book_reading(received, reading, today()))
