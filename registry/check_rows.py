"""Checks the rows that events name by number or digest: all there, none altered, none slipped in past the events."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from forms.issued_form import form_from_json, letter_from_json
from registry.book_decisions import decision_digest
from registry.check_mails import check_mails
from registry.events import file_subject, form_subject
from registry.findings import Finding, FindingCode
from registry.models import (
    ERASED_CUSTOMER,
    Arrival,
    Event,
    HumanDecision,
    Issue,
    Letter,
    PageDecision,
    PageLikeness,
    Reading,
    ReceivedFile,
    Return,
)
from registry.placing import page_decision_digest
from registry.statuses import RECEIVED, EventKind

Row = TypeVar("Row", bound=Model)
_AT_ONCE = 200


def check_rows(alias: str, advance: Callable[[int], None]) -> Iterator[Finding]:
    """Yield what is wrong with the rows; `advance` is told how many forms and received files were looked at."""
    yield from _check_subjects(alias)
    yield from _check_likenesses(alias)
    for letter in Letter.objects.using(alias).order_by("pk").iterator(_AT_ONCE):
        yield from _check_letter(letter)
    issues = Issue.objects.using(alias).select_related("customer").order_by("pk")
    for forms in _pages(issues):
        yield from _check_forms(alias, forms)
        advance(len(forms))
    for files in _pages(ReceivedFile.objects.using(alias).order_by("pk")):
        yield from _check_files(alias, files)
        advance(len(files))


def _pages(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    found = rows.iterator(_AT_ONCE)
    while page := list(islice(found, _AT_ONCE)):
        yield page


def _check_subjects(alias: str) -> Iterator[Finding]:
    """Name forms and files that events speak of but that no row stands for."""
    subjects = Event.objects.using(alias).order_by("subject").values_list("subject", flat=True).distinct()
    found = subjects.iterator(_AT_ONCE)
    while page := list(islice(found, _AT_ONCE)):
        ids = {subject.partition(":")[2] for subject in page}
        forms = Issue.objects.using(alias).filter(form_id__in=ids).values_list("form_id", flat=True)
        files = ReceivedFile.objects.using(alias).filter(sha256__in=ids).values_list("sha256", flat=True)
        known = {form_subject(form_id) for form_id in forms} | {file_subject(sha256) for sha256 in files}
        for subject in page:
            if subject not in known:
                yield Finding(FindingCode.ROW_MISSING, f"{subject}: events speak of it, but the registry has no row")


def _check_likenesses(alias: str) -> Iterator[Finding]:
    """Name what is still noted of pages or forms that were erased."""
    is_erased = Q(page__file__erased_at__isnull=False) | Q(issue__erased_at__isnull=False)
    for row in PageLikeness.objects.using(alias).filter(is_erased).select_related("page__file").order_by("pk"):
        where = f"page {row.page.page} of received file {row.page.file.sha256}"
        yield Finding(FindingCode.ROW_ALTERED, f"{where}: it or a form was erased, yet what they share is there")


def _check_letter(letter: Letter) -> Iterator[Finding]:
    where = f"letter {letter} ({letter.sha256})"
    if _sha256(letter.geometry_json) != letter.sha256:
        yield Finding(FindingCode.ROW_ALTERED, f"{where}: its geometry is not what its digest was taken of")
        return
    geometry = letter_from_json(letter.geometry_json)
    yield from _compared(
        where,
        template=(letter.template, geometry.template),
        version=(letter.version, geometry.version),
        template_sha256=(letter.template_sha256, geometry.template_sha256),
        wording_sha256=(letter.wording_sha256, geometry.wording_sha256),
    )


@dataclass(frozen=True, slots=True)
class _Form:
    """A form with all that belongs to it."""

    issue: Issue
    events: list[Event] = field(default_factory=list)
    readings: dict[int, Reading] = field(default_factory=dict)
    returns: dict[int, Return] = field(default_factory=dict)
    decisions: dict[int, HumanDecision] = field(default_factory=dict)

    @property
    def where(self) -> str:
        return f"form {self.issue.form_id}"

    @property
    def is_erased(self) -> bool:
        return self.issue.erased_at is not None

    def of_kind(self, *kinds: EventKind) -> list[Event]:
        return [event for event in self.events if event.kind in kinds]


def _check_forms(alias: str, issues: Sequence[Issue]) -> Iterator[Finding]:
    forms = {issue.pk: _Form(issue) for issue in issues}
    by_subject = {form_subject(issue.form_id): forms[issue.pk] for issue in issues}
    for event in Event.objects.using(alias).filter(subject__in=list(by_subject)).order_by("sequence"):
        by_subject[event.subject].events.append(event)
    for answer in Return.objects.using(alias).filter(issue__in=list(forms)).order_by("pk"):
        forms[answer.issue_id].returns[answer.pk] = answer
    readings = Reading.objects.using(alias).filter(answer__issue__in=list(forms)).select_related("answer")
    for reading in readings.order_by("pk"):
        forms[reading.answer.issue_id].readings[reading.pk] = reading
    for decision in HumanDecision.objects.using(alias).filter(issue__in=list(forms)).order_by("pk"):
        decision.issue = forms[decision.issue_id].issue
        forms[decision.issue_id].decisions[decision.pk] = decision
    for form in forms.values():
        yield from chain(_check_issue(form), _check_readings(form), _check_decisions(form))


def _check_issue(form: _Form) -> Iterator[Finding]:
    issue, issued = form.issue, form.of_kind(EventKind.ISSUED)
    if len(issued) != 1:
        yield Finding(FindingCode.ROW_SURPLUS, f"{form.where}: {len(issued)} events say that it was issued")
        return
    stated = issued[0].data
    yield from _compared(
        form.where,
        letter_sha256=(issue.letter_id, stated.get("letter_sha256")),
        form_sha256=(issue.form_sha256, stated.get("form_sha256")),
        pdf_sha256=(issue.pdf_sha256, stated.get("pdf_sha256")),
        erased_at=(form.is_erased, bool(form.of_kind(EventKind.FORM_ERASED))),
    )
    if form.is_erased:
        if issue.form_json or issue.customer.number != ERASED_CUSTOMER:
            yield Finding(FindingCode.ROW_ALTERED, f"{form.where}: it was erased, yet contents of it are there")
    else:
        yield from _check_contents(form)


def _check_contents(form: _Form) -> Iterator[Finding]:
    issue = form.issue
    if _sha256(issue.form_json) != issue.form_sha256:
        yield Finding(FindingCode.ROW_ALTERED, f"{form.where}: its contents are not what their digest was taken of")
        return
    contents = form_from_json(issue.form_json)
    yield from _compared(
        form.where,
        form_id=(issue.form_id, contents.form_id),
        reference=(issue.reference, contents.reference),
        customer=(issue.customer.number, contents.customer.number),
        issued_on=(issue.issued_on, contents.issued_on),
        due_on=(issue.due_on, contents.due_on),
        letter=(issue.letter_id, contents.letter_sha256),
    )


def _check_readings(form: _Form) -> Iterator[Finding]:
    events = form.of_kind(*RECEIVED, EventKind.RETURN_CONFIRMED)
    for event in events:
        reading = form.readings.get(_number(event, "reading"))
        where = f"reading {event.data.get('reading')} of {form.where}"
        if reading is None:
            yield Finding(FindingCode.ROW_MISSING, f"{where}: event {event.sequence} names it")
            continue
        yield from _compared(
            where,
            sha256=(reading.sha256, event.data.get("reading_sha256")),
            answer=(reading.answer_id, event.data.get("return")),
        )
    booked = [event for event in events if event.kind in RECEIVED]
    yield from _not_named(f"reading {{}} of {form.where}", form.readings, [_number(each, "reading") for each in booked])
    yield from _not_named(f"return {{}} of {form.where}", form.returns, [_number(each, "return") for each in booked])
    for number, reading in form.readings.items():
        expected = hashlib.sha256(b"").hexdigest() if form.is_erased else reading.sha256
        if _sha256(reading.reading_json) != expected:
            yield Finding(
                FindingCode.ROW_ALTERED,
                f"reading {number} of {form.where}: its contents are not what their digest was taken of",
            )


def _check_decisions(form: _Form) -> Iterator[Finding]:
    events = [event for event in form.events if "decision" in event.data]
    for event in events:
        decision = form.decisions.get(_number(event, "decision"))
        where = f"decision {event.data.get('decision')} on {form.where}"
        if decision is None:
            yield Finding(FindingCode.ROW_MISSING, f"{where}: event {event.sequence} names it")
        elif form.is_erased:
            if decision.note or decision.salt or decision.place or decision.signer:
                yield Finding(FindingCode.ROW_ALTERED, f"{where}: it was erased, yet contents of it are there")
        elif decision_digest(decision) != event.data.get("decision_sha256"):
            yield Finding(FindingCode.ROW_ALTERED, f"{where}: it is not what event {event.sequence} says")
    named = [_number(event, "decision") for event in events]
    yield from _not_named(f"decision {{}} on {form.where}", form.decisions, named)


def _check_files(alias: str, files: Sequence[ReceivedFile]) -> Iterator[Finding]:
    events: dict[str, list[Event]] = defaultdict(list)
    subjects = [file_subject(file.sha256) for file in files]
    for event in Event.objects.using(alias).filter(subject__in=subjects).order_by("sequence"):
        events[event.subject].append(event)
    arrivals: dict[int, dict[int, Arrival]] = defaultdict(dict)
    for arrival in Arrival.objects.using(alias).filter(file__in=files).order_by("pk"):
        arrivals[arrival.file_id][arrival.pk] = arrival
    decisions: dict[int, dict[int, PageDecision]] = defaultdict(dict)
    made = PageDecision.objects.using(alias).filter(page__file__in=files)
    for decision in made.select_related("page__file", "answer__issue").order_by("pk"):
        decisions[decision.page.file_id][decision.pk] = decision
    for file in files:
        of_file = events[file_subject(file.sha256)]
        yield from _check_file(file, of_file, arrivals[file.pk])
        yield from _check_page_decisions(file, of_file, decisions[file.pk])
    yield from check_mails(alias, files, {file.pk: events[file_subject(file.sha256)] for file in files})


def _check_file(file: ReceivedFile, events: Sequence[Event], arrivals: dict[int, Arrival]) -> Iterator[Finding]:
    where = f"received file {file.sha256}"
    kinds = Counter(event.kind for event in events)
    booked = [event for event in events if event.kind == EventKind.FILE_BOOKED]
    read_again = [event for event in events if event.kind == EventKind.FILE_READ_AGAIN]
    if len(booked) != 1:
        yield Finding(FindingCode.ROW_SURPLUS, f"{where}: {len(booked)} events say that it was booked")
        return
    yield from _compared(
        where,
        page_count=(file.page_count, (booked + read_again)[-1].data.get("pages")),
        erased_at=(file.erased_at is not None, kinds[EventKind.FILE_ERASED] > 0),
    )
    again = [_number(event, "arrival") for event in events if event.kind == EventKind.FILE_ARRIVED_AGAIN]
    for number in again:
        if number not in arrivals:
            yield Finding(FindingCode.ROW_MISSING, f"arrival {number} of {where}: an event names it")
    first, *later = sorted(arrivals) or [0]
    if not first:
        yield Finding(FindingCode.ROW_MISSING, f"{where}: its first arrival is not there")
    yield from _not_named(f"arrival {{}} of {where}", dict.fromkeys(later), again)


def _check_page_decisions(
    file: ReceivedFile, events: Sequence[Event], decisions: dict[int, PageDecision]
) -> Iterator[Finding]:
    told = [event for event in events if "page_decision" in event.data]
    for event in told:
        decision = decisions.get(_number(event, "page_decision"))
        where = f"decision {event.data.get('page_decision')} on a page of {file.sha256}"
        if decision is None:
            yield Finding(FindingCode.ROW_MISSING, f"{where}: event {event.sequence} names it")
        elif _is_erased(decision):
            if decision.note or decision.salt:
                yield Finding(FindingCode.ROW_ALTERED, f"{where}: it was erased, yet contents of it are there")
        elif page_decision_digest(decision) != event.data.get("page_decision_sha256"):
            yield Finding(FindingCode.ROW_ALTERED, f"{where}: it is not what event {event.sequence} says")
    named = [_number(event, "page_decision") for event in told]
    yield from _not_named(f"decision {{}} on a page of {file.sha256}", decisions, named)


def _is_erased(decision: PageDecision) -> bool:
    in_erased_form = decision.answer is not None and decision.answer.issue.erased_at is not None
    return in_erased_form or decision.page.file.erased_at is not None


def _compared(where: str, **columns: tuple[object, object]) -> Iterator[Finding]:
    """Name the columns that do not say what they should."""
    for column, (found, expected) in columns.items():
        if found != expected:
            yield Finding(FindingCode.ROW_ALTERED, f"{where}: its {column} is {found}, not {expected}")


def _not_named(where: str, rows: dict[int, Row] | dict[int, None], named: Sequence[int]) -> Iterator[Finding]:
    for number in rows.keys() - set(named):
        yield Finding(FindingCode.ROW_SURPLUS, f"{where.format(number)}: no event names it")


def _number(event: Event, key: str) -> int:
    value = event.data.get(key)
    return value if isinstance(value, int) else -1


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
