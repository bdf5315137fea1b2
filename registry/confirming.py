"""Writes into the book what puts a form in force: a person's confirmation of a return.

The person may say what the machine could not read; what the machine read stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from forms.issued_form import letter_from_json
from intake.results import FieldState, ReturnReading, SignatureState, VariantState, return_from_json
from registry.book_decisions import check_person, write_down
from registry.errors import ConfirmationRefused, NotAllowedNow, Objection, Refusal
from registry.events import append_event, form_states, form_subject, last_event, one_writer
from registry.inbox import clear_among
from registry.models import HumanDecision, Issue, Reading, Return
from registry.office_time import local_date
from registry.settling import check_waits, seen_in
from registry.statuses import ENDED, OPEN, EventKind, FormState, Status
from registry.whole_returns import whole_returns
from registry.withdrawals import overtaken_by


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A return that is in force now."""

    return_id: int
    form_id: str
    customer: str
    """The customer's number."""
    company: str
    variant: str
    signed_on: date | None
    in_force_from: date
    superseded: tuple[str, ...]
    """Form ids of the customer's forms that it replaced."""
    last_event: int
    """Number of the event by which it came into force: whoever takes it back says that they have seen that much."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What the confirming person says beyond the reading."""

    variant: str | None
    signed_on: date | None
    signed: bool
    looked: bool = False
    """The person looked at the page: the reading adds nothing to what they say."""
    place: str = ""
    signer: str = ""

    @property
    def anything(self) -> bool:
        return self.variant is not None or self.signed_on is not None or self.signed


@dataclass(frozen=True, slots=True)
class _Confirmable:
    """A return that nothing speaks against."""

    answer: Return
    variant: str
    signed_on: date | None
    said: _Said


class _Objected(Exception):  # never leaves this module
    def __init__(self, objection: Objection, why: str, remedy: str) -> None:
        super().__init__(why)
        self.objection = objection
        self.why = why
        self.remedy = remedy


@one_writer()
def confirm(
    return_ids: Sequence[int],
    *,
    by: str,
    at: datetime,
    variant: str | None = None,
    signed_on: date | None = None,
    signed: bool = False,
) -> tuple[Confirmed, ...]:
    """Put returns in force from the local date of `at`, in the name of a person; all of them or none.

    `variant`, `signed_on` and `signed` are what the person saw on the paper, for one return at a time; without them the
    reading counts. Raises `ConfirmationRefused` with every objection, `NotAllowedNow` for a call that makes no sense.
    """
    check_person(by)
    said = _Said(variant, signed_on, signed)
    chosen = tuple(dict.fromkeys(return_ids))
    if said.anything and len(chosen) != 1:
        raise NotAllowedNow("a variant, a date or a signature is said of one return at a time", "name one return")
    confirmable = _examine(chosen, said, local_date(at))
    return tuple(_put_in_force(each, by, at) for each in confirmable)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person sees on a returned page, besides that it is signed."""

    variant: str
    signed_on: date | None = None
    """None means that there is no date to be read."""
    place: str = ""
    signer: str = ""
    """The name beside the signature."""


@one_writer()
def confirm_seen(return_id: int, seen: Seen, *, by: str, at: datetime, last_event: int | None = None) -> Confirmed:
    """Put a return that still waits in force, as the person sees it on the page: signed, and marked so.

    What the machine read adds nothing. `last_event` is the last one of the form that the person has seen, None where
    nobody else decides meanwhile. Raises `SettledMeanwhile` and `ChangedMeanwhile` where somebody else was faster, and
    what `confirm` raises.
    """
    check_person(by)
    answer = Return.objects.select_related("issue").filter(pk=return_id).first()
    if answer is not None:  # one that is not in the book is left to `_examine`
        check_waits(answer, last_event)
    said = _Said(
        seen.variant, seen.signed_on, signed=True, looked=True, place=seen.place.strip(), signer=seen.signer.strip()
    )
    (confirmable,) = _examine([return_id], said, local_date(at))
    return _put_in_force(confirmable, by, at)


@one_writer()
def confirm_clear(return_ids: Sequence[int], *, by: str, at: datetime) -> tuple[Confirmed, ...]:
    """Put returns in force as they were read, all of them or none; each must still be clear.

    Raises what `confirm` raises.
    """
    clear = clear_among(return_ids)
    unclear = tuple(
        Refusal(return_id, Objection.NOT_CLEAR, "it is not clear, or not any more", "look at it by itself")
        for return_id in dict.fromkeys(return_ids)
        if return_id not in clear
    )
    if unclear:
        raise ConfirmationRefused(unclear)
    return confirm(return_ids, by=by, at=at)


def _examine(return_ids: Sequence[int], said: _Said, today: date) -> list[_Confirmable]:
    confirmable: dict[tuple[int, str], _Confirmable] = {}
    refusals: list[Refusal] = []
    for return_id in return_ids:
        try:
            each = _examine_one(return_id, said, today)
            _check_only_one(each, confirmable)
            confirmable[_question(each)] = each
        except _Objected as objected:
            refusals.append(Refusal(return_id, objected.objection, objected.why, objected.remedy))
    if refusals:
        raise ConfirmationRefused(tuple(refusals))
    return list(confirmable.values())


def _check_only_one(each: _Confirmable, others: Collection[tuple[int, str]]) -> None:
    """Object to a second answer to the same question: the order of the list must not say which one counts."""
    if _question(each) in others:
        raise _Objected(
            Objection.SAME_QUESTION,
            "another return of this customer stands before it",
            "confirm only the one that counts",
        )


def _question(each: _Confirmable) -> tuple[int, str]:
    return (each.answer.issue.customer_id, each.answer.issue.letter.template)


def _examine_one(return_id: int, said: _Said, today: date) -> _Confirmable:
    answer = Return.objects.select_related("issue__customer", "issue__letter").filter(pk=return_id).first()
    if answer is None:
        raise _Objected(Objection.UNKNOWN, "there is no such return", "see `ruecklauf status` for those that wait")
    _check_undecided(answer)
    _check_form(answer)
    reading = whole_returns(answer.readings.select_related("file").order_by("pk"))[answer.pk].reading
    variant = _variant(answer.issue, reading, said)
    _check_signed(reading, said)
    _check_uncontradicted(answer, variant, said)
    return _Confirmable(answer, variant, _signed_on(reading, said, today), said)


def _check_undecided(answer: Return) -> None:
    """Object where a person decided about the return before, and did not take it back."""
    state = form_states([answer.issue.form_id])[answer.issue.form_id]
    if answer.pk in state.confirmed_returns:
        raise _Objected(Objection.CONFIRMED_BEFORE, "it was confirmed before", "there is nothing left to do")
    if answer.pk in state.settled:
        raise _Objected(Objection.SETTLED, "something else was decided about it", "take that back first: `reopen`")


def _check_form(answer: Return) -> None:
    """Object where the form can't come into force any more."""
    issue = answer.issue
    if issue.erased_at is not None:
        raise _Objected(Objection.ERASED, "the contents of its form were erased", "issue a new form if one is needed")
    others = Issue.objects.filter(customer=issue.customer, letter__template=issue.letter.template)
    states = form_states([other.form_id for other in others])
    status = states[issue.form_id].status
    if status in ENDED:
        raise _Objected(Objection.FORM_ENDED, f"its form is {status}", "issue a new form with --reissue")
    later = others.filter(pk__gt=issue.pk).exclude(letter__wording_sha256=issue.letter.wording_sha256)
    if status is Status.SUPERSEDED and any(states[other.form_id].status is not Status.VOID for other in later):
        raise _Objected(
            Objection.OTHER_WORDING,
            "a form with other wording has taken its place",
            "wait for the newer form to come back",
        )
    withdrawals = HumanDecision.objects.filter(issue__in=others, kind=HumanDecision.Kind.WITHDRAWN)
    if any(overtaken_by(withdrawal, answer.received_at) for withdrawal in withdrawals):
        raise _Objected(
            Objection.WITHDRAWN_SINCE, "the customer withdrew after it had arrived", "issue a new form with --reissue"
        )


def _variant(issue: Issue, reading: ReturnReading, said: _Said) -> str:
    """The variant that the person says, else the one that was read."""
    options = [option.option for option in letter_from_json(issue.letter.geometry_json).options]
    choices = ", ".join(options)
    if said.variant is not None:
        if said.variant not in options:
            raise _Objected(
                Objection.NO_SUCH_VARIANT, f"the form has no variant {said.variant!r}", f"choose one of {choices}"
            )
        return said.variant
    read = reading.variant
    if read is None or read.value is None or read.state not in (VariantState.MARKED, VariantState.CORRECTED):
        raise _Objected(
            Objection.NO_VARIANT, "no variant could be read", f"look at the page and say which of {choices} is marked"
        )
    return read.value


def _check_signed(reading: ReturnReading, said: _Said) -> None:
    if said.signed or (reading.signature is not None and reading.signature.state is SignatureState.PRESENT):
        return
    raise _Objected(
        Objection.NO_SIGNATURE, "no signature was found for certain", "look at the page and say so if it is signed"
    )


def _check_uncontradicted(answer: Return, variant: str, said: _Said) -> None:
    """Object while another return of the form waits and says otherwise: confirming settles that one too."""
    if said.variant is not None:
        return
    waiting = form_states([answer.issue.form_id])[answer.issue.form_id].waiting - {answer.pk}
    for row in Reading.objects.filter(answer__in=waiting).order_by("pk"):
        other = return_from_json(row.reading_json).variant
        if other is not None and other.value not in (None, variant):
            raise _Objected(
                Objection.CONTRADICTED,
                f"return {row.answer_id} of the same form says {other.value}",
                "look at both and say which variant counts",
            )


def _signed_on(reading: ReturnReading, said: _Said, today: date) -> date | None:
    """The date that the person says, else the one that was read and fits; None where there is neither."""
    if said.signed_on is not None or said.looked:
        if said.signed_on is not None and said.signed_on > today:
            raise _Objected(
                Objection.FUTURE_DATE, "the date of signature lies in the future", "give the date beside the signature"
            )
        return said.signed_on
    for field in reading.fields:
        if field.name == "date" and field.state is FieldState.READ and field.value and field.agrees is not False:
            return _not_after(field.value, today)
    return None


def _not_after(value: str, today: date) -> date | None:
    """A date read as ISO 8601, unless it can't be one: what a machine read is never worth failing for."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if day <= today else None


def _put_in_force(each: _Confirmable, by: str, at: datetime) -> Confirmed:
    issue = each.answer.issue
    replaced = _replaced_by(issue)
    decision = HumanDecision(
        issue=issue,
        answer=each.answer,
        kind=HumanDecision.Kind.CONFIRMED,
        by=by,
        at=at,
        variant=each.variant,
        signed_on=each.signed_on,
        in_force_from=local_date(at),
        place=each.said.place,
        signer=each.said.signer,
    )
    write_down(decision, seen_in(each.answer))
    for form_id in replaced:
        append_event(EventKind.SUPERSEDED, form_subject(form_id), {"by": issue.form_id}, by)
    return Confirmed(
        return_id=each.answer.pk,
        form_id=issue.form_id,
        customer=issue.customer.number,
        company=issue.customer.company,
        variant=each.variant,
        signed_on=each.signed_on,
        in_force_from=local_date(at),
        superseded=replaced,
        last_event=last_event(issue.form_id),
    )


def _replaced_by(issue: Issue) -> tuple[str, ...]:
    """The customer's forms that this one replaces: the one in force; for a late return also the one asking the same."""
    others = Issue.objects.filter(customer=issue.customer, letter__template=issue.letter.template).exclude(pk=issue.pk)
    states = form_states([issue.form_id, *(other.form_id for other in others)])
    was_superseded = states[issue.form_id].status is Status.SUPERSEDED
    return tuple(
        other.form_id
        for other in others.select_related("letter").order_by("pk")
        if _gives_way(states[other.form_id], same_question=was_superseded and _same_wording(issue, other))
    )


def _gives_way(state: FormState, *, same_question: bool) -> bool:
    return state.status is Status.IN_FORCE or (same_question and state.status in OPEN)


def _same_wording(issue: Issue, other: Issue) -> bool:
    return issue.letter.wording_sha256 == other.letter.wording_sha256
