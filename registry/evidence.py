"""What a return's machine reading says, with the pictures of its pages: for whoever looks at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db.models import QuerySet

from intake.results import Decision, Reason, ReturnReading, Verdict
from registry import archive
from registry.models import Reading
from registry.whole_returns import WholeReturn, whole_returns


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read last on one return."""

    return_id: int
    company: str
    issued_on: date
    """When the form was issued: nobody signed it before."""
    reading: ReturnReading
    """As booked: its pages carry no pictures. Where they came in several files, they count through all of them."""
    verdict: Verdict
    pictures: Mapping[int, Path]
    """Each page's picture in the archive, by page as in `reading`."""


def evidence_of(return_ids: Iterable[int]) -> tuple[Evidence, ...]:
    """Return the latest reading of each return, by return id; what is not in the book, or was erased, is left out."""
    rows = _kept(return_ids).select_related("answer__issue__customer", "answer__issue__letter", "file")
    rows = rows.defer("answer__issue__form_json", "answer__issue__letter__geometry_json").order_by("pk")
    found = whole_returns(rows)
    return tuple(_evidence(found[return_id]) for return_id in sorted(found))


def picture_of(return_id: int, sha256: str) -> Path | None:
    """The picture with this digest among those that the reading made of a return's pages; None where it is not."""
    rows = _kept([return_id]).values_list("pictures", flat=True)
    return archive.find(sha256) if any(sha256 in pictures.values() for pictures in rows) else None


def _kept(return_ids: Iterable[int]) -> QuerySet[Reading]:
    return Reading.objects.filter(answer__in=list(return_ids), answer__issue__erased_at=None)


def _evidence(whole: WholeReturn) -> Evidence:
    found = {page: archive.find(sha256) for page, sha256 in whole.pictures.items()}
    return Evidence(
        return_id=whole.row.answer_id,
        company=whole.row.answer.issue.customer.company,
        issued_on=whole.row.answer.issue.issued_on,
        reading=whole.reading,
        verdict=Verdict(Decision(whole.row.decision), tuple(Reason(code) for code in whole.row.reasons)),
        pictures={page: path for page, path in found.items() if path is not None},
    )
