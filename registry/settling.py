"""Writes into the book what people decide about a return besides putting it in force, and what they take back.

Each of these decisions settles the return: it waits no longer. None of them puts anything in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from registry.book_decisions import check_person, write_down
from registry.errors import (
    ChangedMeanwhile,
    FormErased,
    NotAllowedNow,
    SettledMeanwhile,
    UnknownReturn,
)
from registry.events import EventData, append_event, form_states, form_subject, last_event, one_writer
from registry.models import Event, HumanDecision, Issue, Return
from registry.statuses import EventKind, FormState, Status

Kind = HumanDecision.Kind

SETTLING = (Kind.ASKED, Kind.NOT_OURS, Kind.SET_ASIDE)
"""The decisions that settle a return without putting it in force."""


@one_writer()
def settle(
    return_id: int, how: HumanDecision.Kind, *, by: str, at: datetime, reason: str, seen: int | None = None
) -> None:
    """Settle a return that waits: ask the customer again, it is none of ours, or it is set aside; with the reason.

    `seen` is the last event of the form that the person has seen, None where nobody else decides meanwhile. Raises
    `UnknownReturn`, `FormErased`, `SettledMeanwhile`, `ChangedMeanwhile`, and `NotAllowedNow` for a call that makes no
    sense.
    """
    check_person(by)
    check_reason(reason)
    if how not in SETTLING:
        raise NotAllowedNow(f"{how} settles no return", f"choose one of {', '.join(SETTLING)}")
    answer = find_return(return_id)
    check_waits(answer, seen)
    write_down(_decision(answer, how, by, at, reason), seen_in(answer))


@one_writer()
def reopen(
    return_id: int, *, by: str, at: datetime, reason: str, seen: int | None = None, together: bool = False
) -> tuple[str, ...]:
    """Take back what was decided about a return, with the reason: it waits again, and both stay in the history.

    `together` says that it is taken back with others that were decided at once: it is as clear then as it was before.
    Where it had put the form in force, that is so no longer, and what it had replaced is restored: the ids of those
    forms are returned. Raises `UnknownReturn`, `FormErased`, `ChangedMeanwhile`, and `NotAllowedNow` where nothing is
    decided, or what was decided is no longer what counts.
    """
    check_person(by)
    check_reason(reason)
    answer = find_return(return_id)
    check_unchanged(answer, seen)
    state = form_states([answer.issue.form_id])[answer.issue.form_id]
    _check_can_reopen(answer, state)
    replaced = _replaced_by_confirming(answer, state)
    write_down(
        _decision(answer, Kind.REOPENED, by, at, reason), {"return": answer.pk} | ({"together": 1} if together else {})
    )
    for form_id in replaced:
        append_event(EventKind.RESTORED, form_subject(form_id), {"instead_of": answer.issue.form_id}, by)
    return replaced


@one_writer()
def reopen_unchanged(seen: Mapping[int, int], *, by: str, at: datetime, reason: str) -> frozenset[int]:
    """Take back what was decided about returns, each with the last event of its form that the person has seen.

    Returns those that are left as they are: something happened to their form meanwhile, or nothing can be taken back.
    """
    left = set()
    for return_id in sorted(seen, reverse=True):
        try:
            reopen(return_id, by=by, at=at, reason=reason, seen=seen[return_id], together=True)
        except (ChangedMeanwhile, FormErased, NotAllowedNow, UnknownReturn):
            left.add(return_id)
    return frozenset(left)


def last_event_of(return_id: int) -> int | None:
    """Number of the last event of the return's form; None where there is no such return."""
    form_id = Return.objects.filter(pk=return_id).values_list("issue__form_id", flat=True).first()
    return last_event(form_id) if form_id is not None else None


def find_return(return_id: int) -> Return:
    """The return with its form; raises `UnknownReturn`, and `FormErased` where its contents are gone."""
    answer = Return.objects.select_related("issue__customer", "issue__letter").filter(pk=return_id).first()
    if answer is None:
        raise UnknownReturn(return_id)
    if answer.issue.erased_at is not None:
        raise FormErased(answer.issue.form_id)
    return answer


def check_waits(answer: Return, seen: int | None) -> None:
    """Refuse a return that is settled, or whose form something happened to since the person looked."""
    if answer.pk not in form_states([answer.issue.form_id])[answer.issue.form_id].waiting:
        raise SettledMeanwhile(answer.pk)
    check_unchanged(answer, seen)


def check_unchanged(answer: Return, seen: int | None) -> None:
    """Refuse where something happened to the return's form since the person looked; None means that nobody asks."""
    if seen is not None and seen != last_event(answer.issue.form_id):
        raise ChangedMeanwhile(answer.pk)


def check_reason(reason: str) -> None:
    """Refuse a decision that nobody could understand later."""
    if not reason.strip():
        raise NotAllowedNow("no reason is given", "say why; it is kept with the decision")


def _check_can_reopen(answer: Return, state: FormState) -> None:
    """Refuse to take back what is not decided, or counts no longer; raises `NotAllowedNow`."""
    if answer.pk in state.waiting:
        raise NotAllowedNow(f"nothing is decided about return {answer.pk}", "decide about it")
    if not state.may_reopen(answer.pk):
        raise NotAllowedNow(
            f"what was decided about return {answer.pk} is not what counts now", "see what was decided since"
        )


def seen_in(answer: Return) -> EventData:
    """What an event says of the return that was decided about: the reading that stood beside it."""
    reading = answer.readings.latest("pk")
    return {"return": answer.pk, "reading": reading.pk, "reading_sha256": reading.sha256}


def _decision(answer: Return, kind: HumanDecision.Kind, by: str, at: datetime, reason: str) -> HumanDecision:
    return HumanDecision(issue=answer.issue, answer=answer, kind=kind, by=by, at=at, note=reason.strip())


def _replaced_by_confirming(answer: Return, state: FormState) -> tuple[str, ...]:
    """Ids of the customer's forms that the return's confirmation had superseded and that nothing ended since."""
    if not state.is_in_force_by(answer.pk):
        return ()
    others = Issue.objects.filter(
        customer=answer.issue.customer_id, letter__template=answer.issue.letter.template, erased_at=None
    )
    form_ids = list(others.exclude(pk=answer.issue_id).order_by("pk").values_list("form_id", flat=True))
    states = form_states(form_ids)
    since = _confirmed_in(answer, state)
    return tuple(
        form_id
        for form_id in form_ids
        if states[form_id].status is Status.SUPERSEDED and _was_superseded(form_id, answer.issue.form_id, since)
    )


def _was_superseded(form_id: str, by: str, since: int) -> bool:
    events = Event.objects.filter(subject=form_subject(form_id), kind=EventKind.SUPERSEDED, sequence__gt=since)
    return any(event.data.get("by") == by for event in events)


def _confirmed_in(answer: Return, state: FormState) -> int:
    """Number of the event that records the confirmation."""
    events = Event.objects.filter(subject=form_subject(answer.issue.form_id), kind=EventKind.RETURN_CONFIRMED)
    return next(each.sequence for each in events.order_by("-sequence") if each.data.get("decision") == state.confirmed)
