"""What arrived lately, and what became of each file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from intake.results import Decision, Reason
from registry.events import sha256_of
from registry.models import Arrival, Event, Reading, ReceivedPage
from registry.retrying import to_be_read_again
from registry.statuses import EventKind


@dataclass(frozen=True, slots=True)
class ReturnFound:
    """A return that a file holds pages of."""

    return_id: int
    number: str
    company: str
    decision: Decision
    """The machine's, as it read this file last."""


@dataclass(frozen=True, slots=True)
class FileArrived:
    """One time that a file arrived."""

    arrival_id: int
    name: str
    channel: str
    received_at: datetime
    duplicate: bool
    """The same bytes had arrived before."""
    problem: Reason | None
    """Why the file as a whole could not be read; None where it could."""
    returns: tuple[ReturnFound, ...]
    unplaced: tuple[Reason, ...]
    """Why pages belong to no form; each reason once."""


def latest_arrivals(count: int) -> tuple[FileArrived, ...]:
    """The last files that arrived, newest first; erased ones are left out."""
    return _told(list(_kept().order_by("-pk")[:count]))


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """A file that somebody wanted to be read again."""

    arrived: FileArrived
    """Its last arrival, and what became of the file by now."""
    by: str
    """Who wanted it, last."""
    waits: bool
    """It has not been read since."""


def read_again(count: int, since: datetime) -> tuple[ReadAgain, ...]:
    """What became of the files that anybody wanted read again since then: so many, the last first, each once.

    Erased ones are left out.
    """
    asked = Event.objects.filter(kind=EventKind.FILE_RETRY, recorded_at__gte=since).order_by("-sequence")
    actors: dict[str, str] = {}
    for subject, actor in asked.values_list("subject", "actor")[: 2 * count]:
        actors.setdefault(sha256_of(subject), actor)
    latest = {row.file.sha256: row for row in _kept().filter(file__sha256__in=actors).order_by("pk")}
    rows = [latest[sha256] for sha256 in list(actors)[:count] if sha256 in latest]
    waiting = to_be_read_again([row.file for row in rows])
    return tuple(
        ReadAgain(told, actors[row.file.sha256], row.file.sha256 in waiting)
        for row, told in zip(rows, _told(rows), strict=True)
    )


def _kept() -> QuerySet[Arrival]:
    return Arrival.objects.filter(file__erased_at=None).select_related("file")


def _told(rows: Collection[Arrival]) -> tuple[FileArrived, ...]:
    files = {row.file_id for row in rows}
    returns, unplaced = _returns_of(files), _unplaced_of(files)
    return tuple(
        FileArrived(
            arrival_id=row.pk,
            name=row.name,
            channel=row.channel,
            received_at=row.received_at,
            duplicate=row.duplicate,
            problem=Reason(row.file.problem) if row.file.problem else None,
            returns=tuple(returns[row.file_id]),
            unplaced=tuple(unplaced[row.file_id]),
        )
        for row in rows
    )


def _returns_of(files: set[int]) -> Mapping[int, Sequence[ReturnFound]]:
    """The returns that files hold pages of, by file, in their order."""
    readings = Reading.objects.filter(file__in=files, answer__issue__erased_at=None).order_by("pk")
    readings = readings.select_related("answer__issue__customer").defer("reading_json", "answer__issue__form_json")
    latest = {(row.file_id, row.answer_id): row for row in readings}
    found = defaultdict(list)
    for (file_id, return_id), row in sorted(latest.items()):
        customer = row.answer.issue.customer
        found[file_id].append(ReturnFound(return_id, customer.number, customer.company, Decision(row.decision)))
    return found


def _unplaced_of(files: set[int]) -> Mapping[int, Sequence[Reason]]:
    """Why pages of files belong to no form, by file."""
    found: defaultdict[int, list[Reason]] = defaultdict(list)
    pages = ReceivedPage.objects.filter(file__in=files).exclude(reason="").order_by("page", "pk")
    for file_id, reason in pages.values_list("file", "reason"):
        if Reason(reason) not in found[file_id]:
            found[file_id].append(Reason(reason))
    return found
