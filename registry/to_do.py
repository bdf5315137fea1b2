"""What staff still have to do about customers' forms, once the returns themselves are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from registry.lookup import CurrentForm, current_forms
from registry.statuses import Status


@dataclass(frozen=True, slots=True)
class ToDo:
    """One form about which something is to be done."""

    number: str
    company: str
    template: str
    version: int
    form_id: str
    variant: str | None
    """In force; None while none is."""
    since: date
    """Since when it is in force; else when the answer was due, or is."""


@dataclass(frozen=True, slots=True)
class ToDoLists:
    """Everything to do, the longest waiting first."""

    configure: tuple[ToDo, ...]
    """In force, and nobody has set the tool up since."""
    overdue: tuple[ToDo, ...]
    """No answer has come, and it should have."""
    incomplete: tuple[ToDo, ...]
    """The answer lacks something: ask the customer again."""


def to_do_lists(today: date) -> ToDoLists:
    """Return what is to do on a day of the office's calendar."""
    configure, overdue, incomplete = [], [], []
    for form in current_forms():
        status = form.state.status
        if form.confirmed is not None and form.configured is None:
            configure.append(_to_do(form))
        elif status in (Status.ISSUED, Status.SENT) and form.issue.due_on < today:
            overdue.append(_to_do(form))
        elif status is Status.INCOMPLETE:
            incomplete.append(_to_do(form))
    return ToDoLists(_longest_first(configure), _longest_first(overdue), _longest_first(incomplete))


def _to_do(form: CurrentForm) -> ToDo:
    issue, confirmed = form.issue, form.confirmed
    return ToDo(
        number=issue.customer.number,
        company=issue.customer.company,
        template=issue.letter.template,
        version=issue.letter.version,
        form_id=issue.form_id,
        variant=confirmed.variant if confirmed else None,
        since=(confirmed.in_force_from if confirmed else None) or issue.due_on,
    )


def _longest_first(found: list[ToDo]) -> tuple[ToDo, ...]:
    return tuple(sorted(found, key=lambda each: (each.since, each.number)))
