"""The book's reading side."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path

from django.db.models import QuerySet

from forms.issued_form import IssuedPdf, form_from_json, letter_from_json
from intake.results import Decision, Reason, ReturnReading, SignatureState, VariantState, return_from_json
from registry import archive
from registry.errors import Damaged
from registry.events import form_states, one_view
from registry.models import HumanDecision, Issue, Reading
from registry.office_time import local_date
from registry.statuses import OPEN, FormState, Status


@dataclass(frozen=True, slots=True)
class CurrentForm:
    """A form that says where its customer stands, with what people decided about it."""

    issue: Issue
    state: FormState
    confirmed: HumanDecision | None
    """What put it in force; None unless it is in force now."""
    configured: HumanDecision | None
    """That the tool was set up since; None unless it is in force now."""


@dataclass(frozen=True, slots=True)
class CustomerStatus:
    """One line of the overview."""

    number: str
    company: str
    template: str
    version: int
    form_id: str
    status: Status
    variant: str | None
    """The variant in force; None while none is."""
    due_on: date
    overdue: bool
    """The answer should have come by now, and has not, or not completely."""


@dataclass(frozen=True, slots=True)
class WaitingReturn:
    """A return that a person must still confirm or settle, with what the machine proposes."""

    return_id: int
    form_id: str
    number: str
    company: str
    template: str
    version: int
    status: Status
    """The form's status."""
    decision: Decision
    reasons: tuple[Reason, ...]
    clear: bool
    """Accepted, and nothing that came since speaks against it: it may be confirmed together with others."""
    variant: str | None
    variant_state: VariantState | None
    """None where no page with a choice could be read."""
    signature: SignatureState | None
    """None where no page with the signature field could be read."""
    picture: Path | None
    """The first page that could be located, upright; None where none could."""
    file_name: str
    received_at: datetime


def find_issued(form_id: str) -> IssuedPdf | None:
    """Return all that reading needs of an issued form; None where no such form was issued here.

    Raises `Damaged` where what is stored is no longer what was issued.
    """
    issue = Issue.objects.select_related("letter").filter(form_id=form_id).first()
    if issue is None:
        return None
    _check_digest(issue.form_json, issue.form_sha256, f"the form {form_id}")
    _check_digest(issue.letter.geometry_json, issue.letter.sha256, f"the letter of the form {form_id}")
    return IssuedPdf(
        form=form_from_json(issue.form_json),
        letter=letter_from_json(issue.letter.geometry_json),
        pdf=archive.load(issue.pdf_sha256),
    )


def customers_status(template: str | None = None, *, today: date | None = None) -> tuple[CustomerStatus, ...]:
    """Say where every customer stands, by number and template; None means all templates.

    A customer has two lines of a template while one form is in force and a newer one is open. `today` is the office's
    date by default.
    """
    day = today or local_date(datetime.now(UTC))
    return tuple(_customer_status(form, day) for form in current_forms(template))


@one_view()
def current_forms(template: str | None = None) -> tuple[CurrentForm, ...]:
    """Return each customer's form in force and newest open form, else their newest; by customer and template."""
    issues = _issues().order_by("pk")
    if template is not None:
        issues = issues.filter(letter__template=template)
    states = form_states()
    decisions = HumanDecision.objects.filter(kind__in=[HumanDecision.Kind.CONFIRMED, HumanDecision.Kind.CONFIGURED])
    by_id = {decision.pk: decision for decision in decisions.select_related("answer")}
    # Sorted here: databases do not agree on the order of texts.
    by_question = groupby(sorted(issues, key=_question), key=_question)
    return tuple(
        _current_form(issue, states[issue.form_id], by_id)
        for _, forms in by_question
        for issue in _telling(list(forms), states)
    )


def returns_waiting() -> tuple[WaitingReturn, ...]:
    """Return what waits for a person, doubtful ones first, then in the order of arrival."""
    states = form_states()
    waiting = {return_id for state in states.values() for return_id in state.waiting}
    readings = Reading.objects.select_related("answer__issue__customer", "answer__issue__letter", "file")
    readings = readings.defer("answer__issue__form_json", "answer__issue__letter__geometry_json").order_by("pk")
    latest = {reading.answer_id: reading for reading in readings.iterator() if reading.answer_id in waiting}
    questions = Counter(_question(reading.answer.issue) for reading in latest.values())
    found = [
        _waiting_return(
            reading, states[reading.answer.issue.form_id], alone=questions[_question(reading.answer.issue)] == 1
        )
        for reading in latest.values()
    ]
    return tuple(sorted(found, key=_doubtful_first))


def _question(issue: Issue) -> tuple[str, str]:
    return (issue.customer.number, issue.letter.template)


_URGENCY = (Decision.REVIEW, Decision.ACCEPT, Decision.REJECT, Decision.INCOMPLETE)


def _doubtful_first(waiting: WaitingReturn) -> tuple[bool, int, datetime, int]:
    return (waiting.clear, _URGENCY.index(waiting.decision), waiting.received_at, waiting.return_id)


def _issues() -> QuerySet[Issue]:
    """All forms, without their long texts: ten thousand of those would not fit into memory."""
    return Issue.objects.select_related("customer", "letter").defer("form_json", "letter__geometry_json")


def _check_digest(text: str, sha256: str, what: str) -> None:
    if hashlib.sha256(text.encode()).hexdigest() != sha256:
        raise Damaged(f"{what} was altered after it was issued", "restore the registry from the backup")


def _telling(forms: list[Issue], states: dict[str, FormState]) -> Iterable[Issue]:
    """Choose, of one customer's forms of one template in the order of issue, those that say where they stand."""
    in_force = [form for form in forms if states[form.form_id].status is Status.IN_FORCE]
    open_forms = [form for form in forms if states[form.form_id].status in OPEN]
    valid = [form for form in forms if states[form.form_id].status is not Status.VOID]
    return in_force + open_forms[-1:] or valid[-1:] or forms[-1:]


def _current_form(issue: Issue, state: FormState, decisions: dict[int, HumanDecision]) -> CurrentForm:
    if state.status is not Status.IN_FORCE or state.confirmed is None:
        return CurrentForm(issue, state, None, None)
    configured = decisions[state.configured] if state.configured is not None else None
    return CurrentForm(issue, state, decisions[state.confirmed], configured)


def _customer_status(form: CurrentForm, today: date) -> CustomerStatus:
    issue, status = form.issue, form.state.status
    return CustomerStatus(
        number=issue.customer.number,
        company=issue.customer.company,
        template=issue.letter.template,
        version=issue.letter.version,
        form_id=issue.form_id,
        status=status,
        variant=form.confirmed.variant if form.confirmed else None,
        due_on=issue.due_on,
        overdue=status in OPEN - {Status.RETURNED} and issue.due_on < today,
    )


def _waiting_return(row: Reading, state: FormState, *, alone: bool) -> WaitingReturn:
    """`alone` says that no other return of the same customer and template waits."""
    issue = row.answer.issue
    reading = return_from_json(row.reading_json)
    return WaitingReturn(
        return_id=row.answer_id,
        form_id=issue.form_id,
        number=issue.customer.number,
        company=issue.customer.company,
        template=issue.letter.template,
        version=issue.letter.version,
        status=state.status,
        decision=Decision(row.decision),
        clear=row.decision == Decision.ACCEPT and state.status is Status.RETURNED and alone,
        reasons=tuple(Reason(code) for code in row.reasons),
        variant=reading.variant.value if reading.variant else None,
        variant_state=reading.variant.state if reading.variant else None,
        signature=reading.signature.state if reading.signature else None,
        picture=_picture(reading, row),
        file_name=row.file.arrivals.earliest("pk").name,
        received_at=row.answer.received_at,
    )


def _picture(reading: ReturnReading, row: Reading) -> Path | None:
    digests = (row.pictures.get(str(page.page)) for page in reading.pages)
    return next((archive.find(sha256) for sha256 in digests if sha256), None)
