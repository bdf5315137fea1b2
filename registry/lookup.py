"""The book's reading side."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path

from django.db.models import OuterRef, Q, QuerySet, Subquery

from forms.issued_form import ErasedForm, IssuedPdf, OptionMeaning, form_from_json, letter_from_json
from forms.page_code import ALPHABET, REFERENCE_LENGTH, reference
from intake.results import Decision, Reason, SignatureState, VariantState
from registry import archive
from registry.chunks import in_chunks
from registry.errors import Damaged
from registry.events import form_states, one_view
from registry.history import overtaken_by
from registry.models import Arrival, Customer, HumanDecision, Issue, Letter, Reading, Return
from registry.office_time import local_date
from registry.sampling import is_sampled
from registry.statuses import OPEN, FormState, Status
from registry.whole_returns import WholeReturn, whole_returns

DECIDED = (
    HumanDecision.Kind.CONFIRMED,
    HumanDecision.Kind.ASKED,
    HumanDecision.Kind.NOT_OURS,
    HumanDecision.Kind.SET_ASIDE,
)
"""The decisions that settle the return that they are about."""
REOPENED = HumanDecision.Kind.REOPENED
_MAY_WAIT_AFTER = (REOPENED, HumanDecision.Kind.ASKED)
"""What may have been decided last about a return that waits: of one that was asked about, a missing page may come."""


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
    blind: bool
    """It would be clear, but belongs to the blind sample: a person says what they see before the machine does."""
    variant: str | None
    variant_state: VariantState | None
    """None where no page with a choice could be read."""
    signature: SignatureState | None
    """None where no page with the signature field could be read."""
    picture: Path | None
    """The first page that could be located, upright; None where none could."""
    file_name: str
    """Where its pages came in several files, all their names."""
    received_at: datetime


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


def returns_waiting() -> tuple[WaitingReturn, ...]:
    """Return what waits for a person, doubtful ones first, then in the order of arrival."""
    found = [each for returns in in_chunks(_unsettled()) for each in _waiting_among(returns)]
    questions = Counter((each.number, each.template) for each in found)
    told = (_as_clear(each, is_only_one=questions[each.number, each.template] == 1) for each in found)
    return tuple(sorted(told, key=_doubtful_first))


def _as_clear(waiting: WaitingReturn, *, is_only_one: bool) -> WaitingReturn:
    is_clear = waiting.clear and is_only_one
    return replace(waiting, clear=is_clear and not waiting.blind, blind=is_clear and waiting.blind)


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


def _unsettled() -> QuerySet[Return]:
    """The returns of which some wait for a person: about the others something was decided for good."""
    of_return = HumanDecision.objects.filter(answer=OuterRef("pk"), kind__in=(*DECIDED, REOPENED))
    latest = of_return.order_by("-pk").values("kind")[:1]
    return Return.objects.annotate(latest=Subquery(latest)).filter(Q(latest=None) | Q(latest__in=_MAY_WAIT_AFTER))


@one_view()
def _waiting_among(returns: list[Return]) -> list[WaitingReturn]:
    """Those of the returns that wait; `clear` as if they were their customers' only ones."""
    states = form_states(Issue.objects.filter(returns__in=returns).values_list("form_id", flat=True))
    waiting = {return_id for state in states.values() for return_id in state.waiting}
    readings = Reading.objects.select_related("answer__issue__customer", "answer__issue__letter", "file")
    readings = readings.defer("answer__issue__form_json", "answer__issue__letter__geometry_json", "file__detail")
    readings = readings.filter(answer__in=[answer for answer in returns if answer.pk in waiting]).order_by("pk")
    wholes = whole_returns(readings)
    files = [file for whole in wholes.values() for file in whole.files]
    names = dict(Arrival.objects.filter(file__in=files, duplicate=False).values_list("file", "name"))
    overtaken = _overtaken(whole.row.answer for whole in wholes.values())
    found = []
    for return_id, whole in wholes.items():
        state = states[whole.row.answer.issue.form_id]
        is_untouched = return_id not in overtaken | state.reopened | state.blind
        is_clear = state.status is Status.RETURNED and is_untouched
        file_names = ", ".join(names[file.pk] for file in whole.files)
        found.append(_waiting_return(whole, state, file_names, is_clear=is_clear))
    return found


def _overtaken(returns: Iterable[Return]) -> set[int]:
    """Those of the returns after whose arrival the customer withdrew."""
    by_question = defaultdict(list)
    for answer in returns:
        by_question[_question(answer.issue)].append(answer)
    withdrawals = HumanDecision.objects.filter(
        kind=HumanDecision.Kind.WITHDRAWN, issue__customer__number__in={number for number, _ in by_question}
    )
    withdrawals = withdrawals.select_related("issue__customer", "issue__letter")
    withdrawals = withdrawals.defer("issue__form_json", "issue__letter__geometry_json")
    return {
        answer.pk
        for withdrawal in withdrawals
        for answer in by_question[_question(withdrawal.issue)]
        if overtaken_by(withdrawal, answer.received_at)
    }


def _question(issue: Issue) -> tuple[str, str]:
    return (issue.customer.number, issue.letter.template)


_URGENCY = (Decision.REVIEW, Decision.ACCEPT, Decision.REJECT, Decision.INCOMPLETE)


def _doubtful_first(waiting: WaitingReturn) -> tuple[bool, int, datetime, int]:
    return (waiting.clear or waiting.blind, _URGENCY.index(waiting.decision), waiting.received_at, waiting.return_id)


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


def _waiting_return(whole: WholeReturn, state: FormState, file_name: str, *, is_clear: bool) -> WaitingReturn:
    row, reading, issue = whole.row, whole.reading, whole.row.answer.issue
    return WaitingReturn(
        return_id=row.answer_id,
        form_id=issue.form_id,
        number=issue.customer.number,
        company=issue.customer.company,
        template=issue.letter.template,
        version=issue.letter.version,
        status=state.status,
        decision=Decision(row.decision),
        clear=row.decision == Decision.ACCEPT and is_clear,
        blind=is_sampled(row.sha256),
        reasons=tuple(Reason(code) for code in row.reasons),
        variant=reading.variant.value if reading.variant else None,
        variant_state=reading.variant.state if reading.variant else None,
        signature=reading.signature.state if reading.signature else None,
        picture=_picture(whole),
        file_name=file_name,
        received_at=row.answer.received_at,
    )


def _picture(whole: WholeReturn) -> Path | None:
    digests = (whole.pictures.get(page.page) for page in whole.reading.pages)
    return next((archive.find(sha256) for sha256 in digests if sha256), None)
