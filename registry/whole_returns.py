"""What a return says as a whole: the latest reading of each file that its pages came in, put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forms.issued_form import letter_from_json
from intake.joining import Part, join
from intake.results import ReturnReading, return_from_json
from registry.models import Reading, ReceivedFile


@dataclass(frozen=True, slots=True)
class WholeReturn:
    """A return, read."""

    row: Reading
    """The latest of its readings: its decision was made on the whole."""
    reading: ReturnReading
    """As booked: its pages carry no pictures. Where they came in several files, they count through all of them."""
    pictures: Mapping[int, str]
    """Digest of each page's picture, by page as in `reading`."""
    files: tuple[ReceivedFile, ...]
    """Those that its pages came in, in the order of arrival."""


def whole_returns(rows: Iterable[Reading]) -> dict[int, WholeReturn]:
    """Put readings together, oldest first, by return id; of a return all readings must be given, with their files."""
    by_return: dict[int, dict[int, Reading]] = defaultdict(dict)
    latest: dict[int, Reading] = {}
    for row in rows:
        by_return[row.answer_id][row.file_id] = row  # keeps the place of the file's first reading
        latest[row.answer_id] = row
    return {return_id: _whole(list(files.values()), latest[return_id]) for return_id, files in by_return.items()}


def joined(rows: Sequence[Reading], further: ReturnReading) -> ReturnReading:
    """What a return that was booked says together with a further file's reading of it."""
    parts = [*_parts(rows), Part(further, sum(row.file.page_count for row in rows))]
    return _join(parts, rows[0])


def _whole(rows: Sequence[Reading], latest: Reading) -> WholeReturn:
    parts = _parts(rows)
    return WholeReturn(
        row=latest,
        reading=parts[0].reading if len(parts) == 1 else _join(parts, latest),
        pictures={
            int(page) + part.pages_before: sha256
            for row, part in zip(rows, parts, strict=True)
            for page, sha256 in row.pictures.items()
        },
        files=tuple(row.file for row in rows),
    )


def _parts(rows: Sequence[Reading]) -> list[Part]:
    parts, before = [], 0
    for row in rows:
        parts.append(Part(return_from_json(row.reading_json), before))
        before += row.file.page_count
    return parts


def _join(parts: Sequence[Part], row: Reading) -> ReturnReading:
    letter = letter_from_json(row.answer.issue.letter.geometry_json)
    return join(parts, form_pages=len(letter.pages), options=[option.option for option in letter.options])
