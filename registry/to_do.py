"""What staff still have to do about customers' forms, once the returns themselves are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import QuerySet

from registry.chunks import CHUNK
from registry.models import Standing
from registry.statuses import Status


class Task(StrEnum):
    """What is to be done."""

    SET_UP = "configure"
    """Set the tool up as the form in force says, and book it."""
    REMIND = "overdue"
    """Remind the customer: no answer has come, and it should have."""
    ASK = "incomplete"
    """Ask the customer again: the answer lacks something."""


@dataclass(frozen=True, slots=True)
class ToDo:
    """One form about which something is to be done."""

    number: str
    company: str
    email: str
    template: str
    version: int
    form_id: str
    variant: str
    """In force; empty while none is."""
    since: date
    """Since when it is in force; else when the answer was due, or is."""
    sent_on: date | None
    """When it was sent last; None while nobody has booked that."""


def to_do_count(task: Task, today: date) -> int:
    """How many forms are to be dealt with on a day of the office's calendar."""
    return _standings(task, today).count()


def to_do(task: Task, today: date, *, start: int = 0, count: int) -> tuple[ToDo, ...]:
    """Some of the forms that are to be dealt with on that day, the longest waiting first."""
    # The keys first, which an index holds: nothing is looked up for those that are passed over.
    keys = list(_standings(task, today).order_by("since", "issue").values_list("pk", flat=True)[start : start + count])
    rows = Standing.objects.filter(pk__in=keys).select_related("issue__customer", "issue__letter", "sent")
    rows = rows.defer("issue__form_json", "issue__letter__geometry_json").order_by("since", "issue")
    return tuple(_to_do(row) for row in rows)


def all_to_do(task: Task, today: date) -> Iterator[ToDo]:
    """All of them, read some hundred at a time."""
    start = 0
    while some := to_do(task, today, start=start, count=CHUNK):
        yield from some
        start += len(some)


def _standings(task: Task, today: date) -> QuerySet[Standing]:
    telling = Standing.objects.filter(tells=True)
    match task:
        case Task.SET_UP:
            return telling.filter(status=Status.IN_FORCE, configured=None)
        case Task.REMIND:
            return telling.filter(status__in=(Status.ISSUED, Status.SENT), since__lt=today)
        case Task.ASK:
            return telling.filter(status=Status.INCOMPLETE)


def _to_do(row: Standing) -> ToDo:
    issue = row.issue
    return ToDo(
        number=issue.customer.number,
        company=issue.customer.company,
        email=issue.customer.email,
        template=issue.letter.template,
        version=issue.letter.version,
        form_id=issue.form_id,
        variant=row.variant,
        since=row.since,
        sent_on=row.sent.on if row.sent else None,
    )
