"""What has had its time and may be erased: the policy, which docs/decisions/0007-erasing.md explains."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from forms.issued_form import letter_from_json
from registry.events import form_subject
from registry.models import Event, Issue, Letter, MailPart, PageDecision, ReceivedFile, ReceivedPage
from registry.office_time import local_date
from registry.statuses import OPEN, RECEIVED, EventKind, FormEvent, Status, derive_state

_ENDINGS = frozenset({EventKind.SUPERSEDED, EventKind.WITHDRAWN, EventKind.VOIDED})
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Dated:
    """An event of a form, as far as its retention depends on it."""

    kind: EventKind
    day: date
    """The office's date when it was recorded."""


@dataclass(frozen=True, slots=True)
class DueForm:
    """A form whose contents may be erased."""

    form_id: str
    number: str
    """The customer's."""
    template: str
    status: Status
    counted_from: date
    """The last day on which it was of use; its retention is counted from there."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A received file that stays because something in it must."""

    sha256: str
    form_ids: tuple[str, ...]
    """The forms on its pages that are kept."""


def counted_from(status: Status, events: Iterable[Dated], due_on: date) -> date | None:
    """Say from when a form's retention is counted; None while it may not be erased, however old it is."""
    if status in (Status.IN_FORCE, Status.RETURNED):
        return None
    seen = list(events)
    days = [event.day for event in seen if event.kind in RECEIVED]
    if status in OPEN:
        days.append(due_on)
    else:
        days.append(max(event.day for event in seen if event.kind in _ENDINGS))
    return max(days)


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def due_forms(issues: Sequence[Issue], today: date, *, on_request: bool = False) -> list[DueForm]:
    """Choose, of these forms with their customers and letters, those that are due on a day.

    On the customer's request everything is due that is not in force.
    """
    events = _events_of(issues)
    months = {letter.pk: retention_months(letter) for letter in {issue.letter for issue in issues}}
    due = []
    for issue in issues:
        status, dated = events[issue.form_id]
        since = counted_from(status, dated, issue.due_on)
        if on_request and status is not Status.IN_FORCE:
            since = since or today
        elif since is None or months_after(since, months[issue.letter_id]) > today:
            continue
        due.append(DueForm(issue.form_id, issue.customer.number, issue.letter.template, status, since))
    return due


def retention_months(letter: Letter) -> int:
    """How long the letter's forms are kept after they were of use."""
    return letter_from_json(letter.geometry_json).retention_months


def due_files(
    files: Sequence[ReceivedFile], today: date, unplaced_months: int, erased_forms: frozenset[str]
) -> tuple[list[ReceivedFile], list[KeptFile]]:
    """Choose the files in which nothing is left to keep, and those with erased forms that stay for other ones.

    `erased_forms` are taken as erased beside those that are.
    """
    due, kept = [], []
    documents = _documents_of(files)
    pages = defaultdict(list)
    for page in ReceivedPage.objects.filter(file__in=set().union(*documents.values())).select_related("issue"):
        pages[page.file_id].append(page)
    for file in files:
        in_file = [page for document in documents[file.pk] for page in pages[document]]
        issues = {page.issue for page in in_file if page.issue is not None} | _placed_with(in_file)
        gone = {issue for issue in issues if issue.erased_at is not None or issue.form_id in erased_forms}
        has_others = not issues or any(page.issue_id is None for page in in_file)
        if issues - gone:
            if gone:
                kept.append(KeptFile(file.sha256, tuple(sorted(issue.form_id for issue in issues - gone))))
        elif not has_others or months_after(_last_arrival(file), unplaced_months) <= today:
            due.append(file)
    return due, kept


def _placed_with(pages: Sequence[ReceivedPage]) -> set[Issue]:
    """The forms of which a person made the pages a return."""
    placed = PageDecision.objects.filter(page__in=pages, answer__isnull=False).select_related("answer__issue")
    return {made.answer.issue for made in placed if made.answer is not None}


def _documents_of(files: Sequence[ReceivedFile]) -> Mapping[int, set[int]]:
    """The files whose pages count for each file: itself, and those that lay in it where it is a mail."""
    documents = {file.pk: {file.pk} for file in files}
    lying = MailPart.objects.filter(mail__file__in=files, arrival__isnull=False)
    for mail_file, file in lying.values_list("mail__file", "arrival__file"):
        documents[mail_file].add(file)
    return documents


def _last_arrival(file: ReceivedFile) -> date:
    return local_date(file.arrivals.latest("received_at").received_at)


def _events_of(issues: Sequence[Issue]) -> Mapping[str, tuple[Status, list[Dated]]]:
    """Status and dated events of each form."""
    subjects = {form_subject(issue.form_id): issue.form_id for issue in issues}
    found: dict[str, list[tuple[FormEvent, Dated]]] = defaultdict(list)
    for event in Event.objects.filter(subject__in=list(subjects)).order_by("sequence"):
        kind = EventKind(event.kind)
        said = FormEvent(kind, event.data.get("return"), event.data.get("decision"))
        found[subjects[event.subject]].append((said, Dated(kind, local_date(event.recorded_at))))
    return {
        form_id: (derive_state(said for said, _ in events).status, [dated for _, dated in events])
        for form_id, events in found.items()
    }
