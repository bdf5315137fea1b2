"""What a return's machine reading says, with the pictures of its pages: for whoever looks at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db.models import QuerySet

from intake.results import Decision, Reason, ReturnReading, Verdict, return_from_json
from registry import archive
from registry.models import Reading


@dataclass(frozen=True, slots=True)
class Evidence:
    """The latest reading of one return."""

    return_id: int
    company: str
    reading: ReturnReading
    """As booked: its pages carry no pictures."""
    verdict: Verdict
    pictures: Mapping[int, Path]
    """Each located page's picture in the archive, by page of the file (counting from 1)."""


def evidence_of(return_ids: Iterable[int]) -> tuple[Evidence, ...]:
    """Return the latest reading of each return, by return id; what is not in the book, or was erased, is left out."""
    rows = _kept(return_ids).select_related("answer__issue__customer")
    rows = rows.defer("answer__issue__form_json").order_by("pk")
    latest = {row.answer_id: row for row in rows}
    return tuple(_evidence(latest[return_id]) for return_id in sorted(latest))


def picture_of(return_id: int, sha256: str) -> Path | None:
    """The picture with this digest among those that the reading made of a return's pages; None where it is not."""
    row = _kept([return_id]).only("pictures").order_by("pk").last()
    return archive.find(sha256) if row is not None and sha256 in row.pictures.values() else None


def _kept(return_ids: Iterable[int]) -> QuerySet[Reading]:
    return Reading.objects.filter(answer__in=list(return_ids), answer__issue__erased_at=None)


def _evidence(row: Reading) -> Evidence:
    found = {int(page): archive.find(sha256) for page, sha256 in row.pictures.items()}
    return Evidence(
        return_id=row.answer_id,
        company=row.answer.issue.customer.company,
        reading=return_from_json(row.reading_json),
        verdict=Verdict(Decision(row.decision), tuple(Reason(code) for code in row.reasons)),
        pictures={page: path for page, path in found.items() if path is not None},
    )
