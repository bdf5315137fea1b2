"""What happened with a customer's forms: what was issued, what came back, what people decided, in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from intake.results import Decision
from registry.events import form_states, form_subject
from registry.models import ERASED_CUSTOMER, Customer, Event, HumanDecision, Issue, Reading
from registry.statuses import EventKind, FormState, Status


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """What a person decided or reported about a form."""

    kind: HumanDecision.Kind
    by: str
    at: datetime
    on: date | None
    """When it was done, for what is done outside the program."""
    return_id: int | None
    variant: str
    """Empty for all but a confirmation."""
    signed_on: date | None
    in_force_from: date | None
    place: str
    """As the person read it beside the signature; empty where nobody said, as is the name."""
    signer: str
    note: str


@dataclass(frozen=True, slots=True)
class ReturnReceived:
    """A return of a form."""

    return_id: int
    received_at: datetime
    decision: Decision
    """The machine's, in its latest reading."""
    waits: bool
    """No person has settled it."""
    may_be_reopened: bool
    """What was decided about it may be taken back."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One event."""

    sequence: int
    kind: EventKind
    at: datetime
    actor: str
    return_id: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class FormFile:
    """All about one form."""

    form_id: str
    reference: str
    template: str
    version: int
    issued_on: date
    due_on: date
    status: Status
    in_force: DecisionMade | None
    """The confirmation that put it in force; None unless it is in force now."""
    configured: DecisionMade | None
    """That the tool was set up since; None unless it is in force now."""
    returns: tuple[ReturnReceived, ...]
    decisions: tuple[DecisionMade, ...]
    events: tuple[Happened, ...]


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """All about one customer, as the latest list has them; the newest form first."""

    number: str
    company: str
    contact: str
    street: str
    place: str
    """Postal code, city and country."""
    email: str
    forms: tuple[FormFile, ...]


def customer_file(number: str) -> CustomerFile | None:
    """Return all about one customer; None where there is none with this number."""
    customer = Customer.objects.exclude(number=ERASED_CUSTOMER).filter(number=number).first()
    if customer is None:
        return None
    return CustomerFile(
        number=customer.number,
        company=customer.company,
        contact=customer.contact,
        street=customer.street,
        place=", ".join(filter(None, (f"{customer.postal_code} {customer.city}".strip(), customer.country))),
        email=customer.email,
        forms=_form_files(Issue.objects.filter(customer=customer).order_by("-pk")),
    )


def form_file(form_id: str) -> FormFile | None:
    """Return all about one form; None where no such form was issued."""
    return next(iter(_form_files(Issue.objects.filter(form_id=form_id))), None)


def _form_files(issues: QuerySet[Issue]) -> tuple[FormFile, ...]:
    found = list(issues.select_related("letter").defer("form_json", "letter__geometry_json"))
    states = form_states([issue.form_id for issue in found])
    decisions = _decisions(found)
    readings = _latest_readings(found)
    events = _events(found)
    return tuple(
        FormFile(
            form_id=issue.form_id,
            reference=issue.reference,
            template=issue.letter.template,
            version=issue.letter.version,
            issued_on=issue.issued_on,
            due_on=issue.due_on,
            status=states[issue.form_id].status,
            in_force=_while_in_force(states[issue.form_id], states[issue.form_id].confirmed, decisions),
            configured=_while_in_force(states[issue.form_id], states[issue.form_id].configured, decisions),
            returns=tuple(_return_received(row, states[issue.form_id]) for row in readings[issue.pk]),
            decisions=tuple(_made(decision) for decision in decisions.values() if decision.issue_id == issue.pk),
            events=events[form_subject(issue.form_id)],
        )
        for issue in found
    )


def _decisions(issues: Sequence[Issue]) -> dict[int, HumanDecision]:
    """What was decided about the forms, by its key, in order."""
    return {each.pk: each for each in HumanDecision.objects.filter(issue__in=issues).order_by("pk")}


def _latest_readings(issues: Sequence[Issue]) -> Mapping[int, list[Reading]]:
    """The latest reading of each return, by the form's key, in the order of the returns."""
    rows = Reading.objects.filter(answer__issue__in=issues).select_related("answer").defer("reading_json")
    latest = {row.answer_id: row for row in rows.order_by("pk")}
    by_issue = defaultdict(list)
    for return_id in sorted(latest):
        by_issue[latest[return_id].answer.issue_id].append(latest[return_id])
    return by_issue


def _events(issues: Sequence[Issue]) -> Mapping[str, tuple[Happened, ...]]:
    """What happened to the forms, by subject, oldest first."""
    by_subject: dict[str, tuple[Happened, ...]] = defaultdict(tuple)
    subjects = [form_subject(issue.form_id) for issue in issues]
    for event in Event.objects.filter(subject__in=subjects).order_by("sequence"):
        by_subject[event.subject] += (
            Happened(
                sequence=event.sequence,
                kind=EventKind(event.kind),
                at=event.recorded_at,
                actor=event.actor,
                return_id=event.data.get("return"),
                sha256=event.sha256,
            ),
        )
    return by_subject


def _while_in_force(state: FormState, key: int | None, decisions: Mapping[int, HumanDecision]) -> DecisionMade | None:
    """A decision about what is in force; None where nothing is, or the decision is not made."""
    return _made(decisions[key]) if state.status is Status.IN_FORCE and key is not None else None


def _return_received(row: Reading, state: FormState) -> ReturnReceived:
    return ReturnReceived(
        return_id=row.answer_id,
        received_at=row.answer.received_at,
        decision=Decision(row.decision),
        waits=row.answer_id in state.waiting,
        may_be_reopened=state.may_reopen(row.answer_id),
    )


def _made(row: HumanDecision) -> DecisionMade:
    return DecisionMade(
        kind=HumanDecision.Kind(row.kind),
        by=row.by,
        at=row.at,
        on=row.on,
        return_id=row.answer_id,
        variant=row.variant,
        signed_on=row.signed_on,
        in_force_from=row.in_force_from,
        place=row.place,
        signer=row.signer,
        note=row.note,
    )
