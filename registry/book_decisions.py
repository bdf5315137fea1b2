"""Writes into the book what people decided or reported: sent, withdrawn, voided, configured.

What they decide about returns is written by `registry.confirming`, which puts forms in force, and `registry.settling`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from registry.chunks import parted
from registry.errors import FormErased, NotAllowedNow, NothingInForce, UnknownForm
from registry.events import EventData, NewEvent, append_events, form_states, form_subject, one_writer
from registry.models import HumanDecision, Issue
from registry.office_time import local_date
from registry.statuses import OPEN, EventKind, FormState, Status

Kind = HumanDecision.Kind

EVENT_OF_KIND = {
    Kind.SENT: EventKind.SENT,
    Kind.CONFIRMED: EventKind.RETURN_CONFIRMED,
    Kind.ASKED: EventKind.RETURN_ASKED,
    Kind.NOT_OURS: EventKind.RETURN_NOT_OURS,
    Kind.MOVED: EventKind.RETURN_MOVED,
    Kind.SET_ASIDE: EventKind.RETURN_SET_ASIDE,
    Kind.REOPENED: EventKind.RETURN_REOPENED,
    Kind.BLIND: EventKind.RETURN_BLIND,
    Kind.CONFIGURED: EventKind.CONFIGURED,
    Kind.WITHDRAWN: EventKind.WITHDRAWN,
    Kind.VOIDED: EventKind.VOIDED,
}
"""The event that records each kind of decision."""


@one_writer()
def record_sent(form_ids: Sequence[str], *, on: date, channel: str, actor: str) -> None:
    """Book forms as sent on a local date by a channel ("post", "e-mail"); all of them or none.

    Raises `UnknownForm`, `FormErased`, and `NotAllowedNow` for a form that is superseded, has ended, or was booked
    just so before.
    """
    check_person(actor)
    _check_not_in_future(on)
    for some in parted(list(dict.fromkeys(form_ids))):
        forms = _issues_and_states(some)
        before = _booked_on([issue for issue, _state in forms], Kind.SENT, on, note=channel)
        for issue, state in forms:
            if state.status not in OPEN | {Status.IN_FORCE}:
                raise NotAllowedNow(f"the form {issue.form_id} is {state.status}", "send the customer's current form")
            if issue.pk in before:
                raise _done_before(f"the form {issue.form_id}", "sent", on)
        _write_down_all(
            HumanDecision(issue=issue, kind=Kind.SENT, by=actor, on=on, note=channel) for issue, _state in forms
        )


@one_writer()
def withdraw(number: str, template: str, *, on: date, reason: str, by: str) -> None:
    """End the customer's form in force from a local date; no earlier form comes back into force.

    Raises `NothingInForce`, and `NotAllowedNow` where just this withdrawal was booked before.
    """
    check_person(by)
    _check_not_in_future(on)
    try:
        issue = _in_force(number, template)
    except NothingInForce:
        same = HumanDecision.objects.filter(kind=Kind.WITHDRAWN, on=on, note=reason, by=by)
        same = same.filter(issue__customer__number=number, issue__letter__template=template)
        if same.exists():
            raise _done_before(f"customer {number}: {template}", "withdrawn", on) from None
        raise
    write_down(HumanDecision(issue=issue, kind=Kind.WITHDRAWN, by=by, on=on, note=reason))


@one_writer()
def record_configured(number: str, template: str, *, by: str, on: date) -> None:
    """Book that the tool was set up as the customer's form in force says.

    Raises `NothingInForce`, and `NotAllowedNow` where this was booked with the same date since it is in force.
    """
    check_person(by)
    _check_not_in_future(on)
    issue = _in_force(number, template)
    _write_set_up([(issue, form_states([issue.form_id])[issue.form_id])], by=by, on=on)


@one_writer()
def record_set_up(form_ids: Sequence[str], *, by: str, on: date) -> None:
    """Book that the tool was set up as these forms say; all of them or none.

    Raises `UnknownForm`, `FormErased`, and `NotAllowedNow` for a form that is not in force or was booked just so.
    """
    check_person(by)
    _check_not_in_future(on)
    for some in parted(list(dict.fromkeys(form_ids))):
        forms = _issues_and_states(some)
        for issue, state in forms:
            if state.status is not Status.IN_FORCE:
                raise NotAllowedNow(
                    f"the form {issue.form_id} is {state.status}", "see what is in force for the customer"
                )
        _write_set_up(forms, by=by, on=on)


@one_writer()
def void(form_id: str, *, by: str, reason: str) -> None:
    """Declare a form issued by mistake.

    Raises `UnknownForm`, `FormErased`, and `NotAllowedNow` once it was in force or has ended.
    """
    check_person(by)
    issue, state = _issue_and_state(form_id)
    if state.status is Status.IN_FORCE:
        raise NotAllowedNow(f"the form {form_id} is in force", "withdraw it instead")
    if state.status not in OPEN | {Status.SUPERSEDED}:
        raise NotAllowedNow(f"the form {form_id} is {state.status} already", "there is nothing left to do")
    if state.confirmed is not None:
        raise NotAllowedNow(f"the form {form_id} was in force", "there is nothing left to do: another has replaced it")
    write_down(HumanDecision(issue=issue, kind=Kind.VOIDED, by=by, note=reason))


def _write_set_up(forms: Sequence[tuple[Issue, FormState]], *, by: str, on: date) -> None:
    """Book the tools of forms that are in force as set up, unless that was booked since they are."""
    before = _booked_on([issue for issue, _state in forms], Kind.CONFIGURED, on)
    for issue, state in forms:
        if before.get(issue.pk, 0) > (state.confirmed or 0):
            raise _done_before(f"the form {issue.form_id}", "set up", on)
    _write_down_all(HumanDecision(issue=issue, kind=Kind.CONFIGURED, by=by, on=on) for issue, _state in forms)


def _booked_on(issues: Sequence[Issue], kind: HumanDecision.Kind, on: date, **further: str) -> dict[int, int]:
    """The last decision of this kind and date about each form, both by their keys."""
    rows = HumanDecision.objects.filter(issue__in=issues, kind=kind, on=on, **further).order_by("pk")
    return dict(rows.values_list("issue", "pk"))


def write_down(decision: HumanDecision, references: EventData | None = None) -> None:
    """Save a decision and append its event, with further references; to be called inside `one_writer`."""
    _salt(decision)
    decision.save(force_insert=True)
    append_events([_event_of(decision, references or {})], decision.by)


def _write_down_all(decisions: Iterable[HumanDecision]) -> None:
    """Save decisions of one person and append their events, in a handful of queries."""
    made = list(decisions)
    for decision in made:
        _salt(decision)
    HumanDecision.objects.bulk_create(made)
    append_events([_event_of(decision, {}) for decision in made], made[0].by)


def _salt(decision: HumanDecision) -> None:
    decision.salt = secrets.token_hex(16)
    decision.at = decision.at or datetime.now(UTC)


def _event_of(decision: HumanDecision, references: EventData) -> NewEvent:
    data: EventData = {**references, "decision": decision.pk, "decision_sha256": decision_digest(decision)}
    return NewEvent(EVENT_OF_KIND[Kind(decision.kind)], form_subject(decision.issue.form_id), data)


def decision_digest(decision: HumanDecision) -> str:
    """Digest of all that a decision says; its event holds it."""
    content = {
        "form": decision.issue.form_id,
        "return": decision.answer_id,
        "kind": str(decision.kind),
        "by": decision.by,
        "at": decision.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "on": _iso(decision.on),
        "variant": decision.variant,
        "signed_on": _iso(decision.signed_on),
        "in_force_from": _iso(decision.in_force_from),
        "note": decision.note,
        "salt": decision.salt,
    }
    # Only where they say something: decisions that are older than these columns keep their digests.
    content |= {name: text for name in ("place", "signer") if (text := getattr(decision, name))}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def check_person(name: str) -> None:
    """Refuse a decision that nobody answers for; raises `NotAllowedNow`."""
    if not name.strip():
        raise NotAllowedNow("nobody is named who decides this", "name the person, with --by")


def _check_not_in_future(day: date) -> None:
    if day > local_date(datetime.now(UTC)):
        raise NotAllowedNow(f"{day:%d.%m.%Y} lies in the future", "give the date on which it was done")


def _done_before(what: str, done: str, on: date) -> NotAllowedNow:
    """Refuse to book twice what was done once: the answer to the first time may have been lost on its way."""
    return NotAllowedNow(f"{what} was booked as {done} on {on:%d.%m.%Y} before", "there is nothing left to do")


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _issue_and_state(form_id: str) -> tuple[Issue, FormState]:
    return _issues_and_states([form_id])[0]


def _issues_and_states(form_ids: Sequence[str]) -> list[tuple[Issue, FormState]]:
    """The forms with where they stand, in the order of their ids; raises `UnknownForm` and `FormErased`."""
    issues = {issue.form_id: issue for issue in Issue.objects.filter(form_id__in=form_ids).defer("form_json")}
    for form_id in form_ids:
        if form_id not in issues:
            raise UnknownForm(form_id)
        if issues[form_id].erased_at is not None:
            raise FormErased(form_id)
    states = form_states(form_ids)
    return [(issues[form_id], states[form_id]) for form_id in form_ids]


def _in_force(number: str, template: str) -> Issue:
    issues = Issue.objects.filter(customer__number=number, letter__template=template)
    states = form_states([issue.form_id for issue in issues])
    for issue in issues:
        if states[issue.form_id].status is Status.IN_FORCE:
            return issue
    raise NothingInForce(number, template)
