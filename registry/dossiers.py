"""All that the book holds about one issued form, one received file or one customer, brought together from its tables.

Long texts (a form's, a letter's, a reading's) are left out. A dossier is right where nobody writes meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from registry.blind_checks import checks_of
from registry.chunks import in_chunks
from registry.events import as_form_event, file_subject, form_subject
from registry.inbox_lines import lines_of
from registry.models import (
    ERASED_CUSTOMER,
    Arrival,
    BlindCheck,
    Customer,
    Event,
    HumanDecision,
    InboxLine,
    Issue,
    PageDecision,
    Reading,
    ReceivedFile,
    ReceivedPage,
    Return,
)
from registry.standings import Course, courses_of
from registry.statuses import EventKind, FormState, derive_state


@dataclass(frozen=True, slots=True)
class FormDossier:
    """One issued form."""

    issue: Issue
    """With its letter and its batch."""
    events: Sequence[Event]
    """Oldest first."""
    decisions: Mapping[int, HumanDecision]
    returns: Mapping[int, Return]
    """With their pages, readings, and the arrivals of the files read."""
    superseded_by: Mapping[str, Issue]
    """The forms that its events say have superseded it, by form id; without any that was never issued."""
    blind_checks: Sequence[BlindCheck]
    """As they are kept."""
    expected_checks: Mapping[int, BlindCheck]
    """As they follow from the events and what these name, by return."""

    @property
    def readings(self) -> Mapping[int, Reading]:
        """The readings of all its returns."""
        return {reading.pk: reading for answer in self.returns.values() for reading in answer.readings.all()}

    @property
    def state(self) -> FormState:
        """As derived from its events."""
        return state_of(self.events)


@dataclass(frozen=True, slots=True)
class FileDossier:
    """One received file."""

    file: ReceivedFile
    arrivals: Sequence[Arrival]
    """Oldest first."""
    pages: Sequence[ReceivedPage]
    """With the returns that they belong to."""
    decisions: Sequence[PageDecision]
    """About its pages, oldest first; with the returns that these became."""
    events: Sequence[Event]
    """Oldest first."""


@dataclass(frozen=True, slots=True)
class CustomerDossier:
    """One customer."""

    number: str
    forms: Sequence[tuple[Issue, FormState]]
    """In the order of issue."""
    courses: Mapping[int, Course]
    """Of at least these forms, by their keys."""
    inbox_lines: Sequence[InboxLine]
    """As they are kept."""
    expected_lines: Mapping[int, InboxLine]
    """As they follow from the events and what these name, by return."""


def form_dossiers(alias: str) -> Iterator[FormDossier]:
    """Yield every form's dossier from the database of this name."""
    for issues in in_chunks(_forms(alias).select_related("letter", "batch")):
        yield from _of_forms(issues, alias)


def file_dossiers(alias: str) -> Iterator[FileDossier]:
    """Yield every received file's dossier from the database of this name."""
    for files in in_chunks(ReceivedFile.objects.using(alias).defer("detail")):
        yield from _of_files(files, alias)


def customer_dossiers(alias: str) -> Iterator[CustomerDossier]:
    """Yield every customer's dossier from the database of this name; erased forms are nobody's."""
    for customers in in_chunks(Customer.objects.using(alias).only("number", "company").exclude(number=ERASED_CUSTOMER)):
        issues = _forms(alias).select_related("letter", "standing__confirmed").order_by("pk")
        lines = InboxLine.objects.using(alias).order_by("pk")
        prefetch_related_objects(customers, Prefetch("issues", issues), Prefetch("inbox_lines", lines))
        subjects = [form_subject(issue.form_id) for customer in customers for issue in customer.issues.all()]
        events = _events_of(subjects, alias)
        courses = courses_of((issue.pk for customer in customers for issue in customer.issues.all()), alias)
        states = {
            customer.pk: [(issue, state_of(events[form_subject(issue.form_id)])) for issue in customer.issues.all()]
            for customer in customers
        }
        expected: dict[int, dict[int, InboxLine]] = defaultdict(dict)
        for return_id, line in lines_of([each for forms in states.values() for each in forms], alias).items():
            expected[line.customer_id][return_id] = line
        for customer in customers:
            kept = list(customer.inbox_lines.all())
            yield CustomerDossier(customer.number, states[customer.pk], courses, kept, expected[customer.pk])


def state_of(events: Iterable[Event]) -> FormState:
    """A form's state, as far as its events are of a known kind."""
    return derive_state(as_form_event(event) for event in events if event.kind in set(EventKind))


def _forms(alias: str) -> QuerySet[Issue]:
    return Issue.objects.using(alias).defer("form_json", "letter__geometry_json")


def _of_forms(issues: list[Issue], alias: str) -> Iterator[FormDossier]:
    readings = Reading.objects.using(alias).select_related("file").order_by("pk")
    prefetch_related_objects(
        issues,
        Prefetch("decisions", HumanDecision.objects.using(alias).order_by("pk")),
        Prefetch("blind_checks", BlindCheck.objects.using(alias).order_by("pk")),
        Prefetch("returns", Return.objects.using(alias).order_by("pk")),
        "returns__pages",
        Prefetch("returns__placed", PageDecision.objects.using(alias).select_related("page")),
        Prefetch("returns__readings", readings.defer("reading_json", "pictures", "file__detail")),
        Prefetch("returns__readings__file__arrivals", Arrival.objects.using(alias).order_by("pk")),
    )
    events = _events_of([form_subject(issue.form_id) for issue in issues], alias)
    named = {str(event.data.get("by")) for each in events.values() for event in each}
    superseding = {issue.form_id: issue for issue in _forms(alias).select_related("letter").filter(form_id__in=named)}
    expected: dict[int, dict[int, BlindCheck]] = defaultdict(dict)
    states = [(issue, state_of(events[form_subject(issue.form_id)])) for issue in issues]
    for return_id, check in checks_of(states, alias).items():
        expected[check.issue_id][return_id] = check
    for issue in issues:
        own = events[form_subject(issue.form_id)]
        yield FormDossier(
            issue,
            own,
            {decision.pk: decision for decision in issue.decisions.all()},
            {answer.pk: answer for answer in issue.returns.all()},
            {by: superseding[by] for event in own if (by := str(event.data.get("by"))) in superseding},
            list(issue.blind_checks.all()),
            expected[issue.pk],
        )


def _of_files(files: list[ReceivedFile], alias: str) -> Iterator[FileDossier]:
    decisions = PageDecision.objects.using(alias).select_related("answer").order_by("pk")
    pages = ReceivedPage.objects.using(alias).select_related("answer").order_by("page", "pk")
    pages = pages.prefetch_related(Prefetch("decisions", decisions))
    prefetch_related_objects(
        files,
        Prefetch("arrivals", Arrival.objects.using(alias).order_by("pk")),
        Prefetch("pages", pages),
    )
    events = _events_of([file_subject(file.sha256) for file in files], alias)
    for file in files:
        in_file = list(file.pages.all())
        made = [decision for page in in_file for decision in page.decisions.all()]
        yield FileDossier(file, list(file.arrivals.all()), in_file, made, events[file_subject(file.sha256)])


def _events_of(subjects: Sequence[str], alias: str) -> Mapping[str, Sequence[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    events = Event.objects.using(alias).filter(subject__in=subjects).order_by("sequence")
    for event in events.only("kind", "subject", "data"):
        found[event.subject].append(event)
    return found
