"""The book's reading side."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby

from django.db.models import QuerySet

from forms.issued_form import ErasedForm, IssuedPdf, OptionMeaning, form_from_json, letter_from_json
from forms.page_code import ALPHABET, REFERENCE_LENGTH, reference
from registry import archive
from registry.chunks import in_chunks
from registry.errors import Damaged
from registry.events import form_states, one_view
from registry.models import Customer, HumanDecision, Issue, Letter
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


def find_issued(form_id: str) -> IssuedPdf | ErasedForm | None:
    """Return all that reading needs of an issued form; None where no such form was issued here.

    The first characters of its id that stand in the readable code will do, where they name one form alone. Raises
    `Damaged` where what is stored is no longer what was issued.
    """
    is_head = len(form_id) == REFERENCE_LENGTH and all(character in ALPHABET for character in form_id)
    named = {"reference": reference(form_id)} if is_head else {"form_id": form_id}
    found = list(Issue.objects.select_related("letter").filter(**named)[:2])
    if len(found) != 1:
        return None
    (issue,) = found
    if issue.erased_at is not None:
        return ErasedForm(issue.form_id)
    _check_digest(issue.form_json, issue.form_sha256, f"the form {issue.form_id}")
    _check_digest(issue.letter.geometry_json, issue.letter.sha256, f"the letter of the form {issue.form_id}")
    return IssuedPdf(
        form=form_from_json(issue.form_json),
        letter=letter_from_json(issue.letter.geometry_json),
        pdf=archive.load(issue.pdf_sha256),
    )


def options_of(form_id: str) -> tuple[OptionMeaning, ...]:
    """The variants that can be marked on an issued form, which is in the book."""
    letter = Letter.objects.get(issues__form_id=form_id)
    return letter_from_json(letter.geometry_json).options


def customers_status(template: str | None = None, *, today: date | None = None) -> Iterator[CustomerStatus]:
    """Say where every customer stands, by number and template; None means all templates.

    A customer has two lines of a template while one form is in force and a newer one is open. `today` is the office's
    date by default.
    """
    day = today or local_date(datetime.now(UTC))
    return (_customer_status(form, day) for form in current_forms(template))


def current_forms(template: str | None = None) -> Iterator[CurrentForm]:
    """Yield each customer's form in force and newest open form, else their newest; by customer and template.

    They are read some hundred customers at a time, each customer's forms as they stand at one moment.
    """
    for customers in in_chunks(Customer.objects.only("number"), "number"):
        with one_view():
            forms = _forms_of(customers, template)
        yield from forms


def _forms_of(customers: list[Customer], template: str | None) -> list[CurrentForm]:
    kept = _issues().filter(customer__in=customers, erased_at=None)
    ordered = kept.order_by("customer__number", "letter__template", "pk")
    # The database is not asked for the template: SQLite would go through all forms of the letter to find these.
    issues = [issue for issue in ordered if template in (None, issue.letter.template)]
    states = form_states([issue.form_id for issue in issues])
    told = [issue for _, forms in groupby(issues, key=_question) for issue in _telling(list(forms), states)]
    decisions = _decisions(states[issue.form_id] for issue in told)
    return [_current_form(issue, states[issue.form_id], decisions) for issue in told]


def _decisions(states: Iterable[FormState]) -> dict[int, HumanDecision]:
    """What people decided about the forms in force."""
    in_force = [state for state in states if state.status is Status.IN_FORCE]
    ids = {decision_id for state in in_force for decision_id in (state.confirmed, state.configured)}
    return HumanDecision.objects.select_related("answer").in_bulk(ids - {None})


def _question(issue: Issue) -> tuple[str, str]:
    return (issue.customer.number, issue.letter.template)


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
