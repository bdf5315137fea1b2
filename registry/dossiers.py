"""All that the book holds about one customer or one received file, brought together from its tables.

Long texts (a form's, a letter's, a reading's) are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, prefetch_related_objects

from registry.chunks import in_chunks
from registry.events import file_subject, form_subject, one_writer
from registry.models import Arrival, Customer, Event, HumanDecision, Issue, Reading, ReceivedFile, ReceivedPage, Return


@dataclass(frozen=True, slots=True)
class FormDossier:
    """One issued form."""

    issue: Issue
    """With its letter and its batch."""
    events: Sequence[Event]
    """Oldest first."""
    decisions: Mapping[int, HumanDecision]
    returns: Mapping[int, Return]
    """With their pages and readings."""

    @property
    def readings(self) -> Mapping[int, Reading]:
        """The readings of all its returns."""
        return {reading.pk: reading for answer in self.returns.values() for reading in answer.readings.all()}


@dataclass(frozen=True, slots=True)
class CustomerDossier:
    """One customer."""

    number: str
    forms: Sequence[FormDossier]
    """In the order of issue."""


@dataclass(frozen=True, slots=True)
class FileDossier:
    """One received file."""

    file: ReceivedFile
    arrivals: Sequence[Arrival]
    """Oldest first."""
    pages: Sequence[ReceivedPage]
    """With the returns that they belong to."""
    events: Sequence[Event]
    """Oldest first."""


def customer_dossiers() -> Iterator[CustomerDossier]:
    """Yield every customer's dossier; each as it stands at one moment."""
    for customers in in_chunks(Customer.objects.only("number")):
        with one_writer():
            dossiers = _of_customers(customers)
        yield from dossiers


def file_dossiers() -> Iterator[FileDossier]:
    """Yield every received file's dossier; each as it stands at one moment."""
    for files in in_chunks(ReceivedFile.objects.defer("detail")):
        with one_writer():
            dossiers = _of_files(files)
        yield from dossiers


_ISSUES = Issue.objects.select_related("letter", "batch").defer("form_json", "letter__geometry_json")


def _of_customers(customers: list[Customer]) -> list[CustomerDossier]:
    readings = Reading.objects.defer("reading_json", "pictures").order_by("pk")
    prefetch_related_objects(
        customers,
        Prefetch("issues", _ISSUES.order_by("pk")),
        Prefetch("issues__decisions", HumanDecision.objects.order_by("pk")),
        Prefetch("issues__returns", Return.objects.order_by("pk")),
        "issues__returns__pages",
        Prefetch("issues__returns__readings", readings),
    )
    issues = [issue for customer in customers for issue in customer.issues.all()]
    events = _events_of(form_subject(issue.form_id) for issue in issues)
    return [
        CustomerDossier(
            customer.number, [_form(issue, events[form_subject(issue.form_id)]) for issue in customer.issues.all()]
        )
        for customer in customers
    ]


def _form(issue: Issue, events: Sequence[Event]) -> FormDossier:
    decisions = {decision.pk: decision for decision in issue.decisions.all()}
    returns = {answer.pk: answer for answer in issue.returns.all()}
    return FormDossier(issue, events, decisions, returns)


def _of_files(files: list[ReceivedFile]) -> list[FileDossier]:
    prefetch_related_objects(
        files,
        Prefetch("arrivals", Arrival.objects.order_by("pk")),
        Prefetch("pages", ReceivedPage.objects.select_related("answer").order_by("page", "pk")),
    )
    events = _events_of(file_subject(file.sha256) for file in files)
    return [
        FileDossier(file, list(file.arrivals.all()), list(file.pages.all()), events[file_subject(file.sha256)])
        for file in files
    ]


def _events_of(subjects: Iterable[str]) -> Mapping[str, Sequence[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(subject__in=list(subjects)).order_by("sequence"):
        found[event.subject].append(event)
    return found
