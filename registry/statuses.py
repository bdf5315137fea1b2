"""The status of an issued form, derived from what happened to it. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class EventKind(StrEnum):
    """Everything that the book writes down."""

    ISSUED = "form.issued"
    SENT = "form.sent"
    SUPERSEDED = "form.superseded"
    WITHDRAWN = "form.withdrawn"
    VOIDED = "form.voided"
    CONFIGURED = "form.configured"
    RETURN_BOOKED = "return.booked"
    RETURN_INCOMPLETE = "return.incomplete"
    RETURN_REJECTED = "return.rejected"
    RETURN_CONFIRMED = "return.confirmed"
    FILE_BOOKED = "file.booked"
    FILE_ARRIVED_AGAIN = "file.arrived_again"
    FORM_ERASED = "form.erased"
    FILE_ERASED = "file.erased"


class Status(StrEnum):
    """Where an issued form stands."""

    ISSUED = "issued"
    SENT = "sent"
    RETURNED = "returned"
    INCOMPLETE = "incomplete"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    VOID = "void"


OPEN = frozenset({Status.ISSUED, Status.SENT, Status.RETURNED, Status.INCOMPLETE})
"""The customer's answer is still to come, or to be confirmed."""
ENDED = frozenset({Status.WITHDRAWN, Status.VOID})
"""Nothing that happens later brings the form back."""


@dataclass(frozen=True, slots=True)
class FormEvent:
    """What deriving a status needs of an event."""

    kind: EventKind
    return_id: int | None = None
    """The return that it is about; None where it is about the form."""
    decision_id: int | None = None
    """The human decision that it records; None where there is none."""
    repeats: int | None = None
    """The earlier return that says the same as the one it books; None where that stands for itself."""


@dataclass(frozen=True, slots=True)
class FormState:
    """A form's status, and which rows say more about it."""

    status: Status = Status.ISSUED
    sent: int | None = None
    """The human decision that reports the latest sending."""
    confirmed: int | None = None
    """The human decision that put it in force, last."""
    configured: int | None = None
    """The human decision that reports the setting up of what is in force; None where that is still to be done."""
    waiting: frozenset[int] = frozenset()
    """Returns that no person has settled; a confirmation settles the form's earlier returns too."""
    repeats: Mapping[int, int] = field(default_factory=dict)
    """The returns that need no person, each with the earlier one that says the same and is, or was, settled by one."""


def derive_state(events: Iterable[FormEvent]) -> FormState:
    """Derive a form's state from its events, oldest first."""
    state = FormState()
    for event in events:
        state = state_after(state, event)
    return state


def state_after(state: FormState, event: FormEvent) -> FormState:
    """The state that one further event leads to."""
    if event.kind is EventKind.FORM_ERASED:
        return replace(state, waiting=frozenset())
    if state.status in ENDED:
        return _received(state, event)
    match event.kind:
        case EventKind.SENT:
            status = Status.SENT if state.status is Status.ISSUED else state.status
            return replace(state, status=status, sent=event.decision_id)
        case EventKind.RETURN_CONFIRMED:
            return replace(
                state, status=Status.IN_FORCE, confirmed=event.decision_id, configured=None, waiting=frozenset()
            )
        case EventKind.CONFIGURED:
            return replace(state, configured=event.decision_id)
        case EventKind.SUPERSEDED:
            return replace(state, status=Status.SUPERSEDED)
        case EventKind.WITHDRAWN:
            return replace(state, status=Status.WITHDRAWN, waiting=frozenset())
        case EventKind.VOIDED:
            return replace(state, status=Status.VOID, waiting=frozenset())
        case _:
            return _received(state, event)


_STATUS_AFTER_RETURN = {
    # A complete return that waits for its confirmation is not undone by an incomplete one beside it.
    EventKind.RETURN_BOOKED: dict.fromkeys(OPEN, Status.RETURNED),
    EventKind.RETURN_INCOMPLETE: dict.fromkeys(OPEN - {Status.RETURNED}, Status.INCOMPLETE),
    # Nothing legible came back: the customer's answer is still to come.
    EventKind.RETURN_REJECTED: {},
}


def _received(state: FormState, event: FormEvent) -> FormState:
    transitions = _STATUS_AFTER_RETURN.get(event.kind)
    if transitions is None or event.return_id is None:
        return state
    if event.repeats is not None:
        return replace(state, repeats={**state.repeats, event.return_id: event.repeats})
    return replace(state, status=transitions.get(state.status, state.status), waiting=state.waiting | {event.return_id})
