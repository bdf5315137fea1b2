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
    RESTORED = "form.restored"
    WITHDRAWN = "form.withdrawn"
    VOIDED = "form.voided"
    CONFIGURED = "form.configured"
    RETURN_BOOKED = "return.booked"
    RETURN_INCOMPLETE = "return.incomplete"
    RETURN_REJECTED = "return.rejected"
    RETURN_CONFIRMED = "return.confirmed"
    RETURN_ASKED = "return.asked"
    RETURN_NOT_OURS = "return.not_ours"
    RETURN_MOVED = "return.moved"
    RETURN_SET_ASIDE = "return.set_aside"
    RETURN_REOPENED = "return.reopened"
    RETURN_BLIND = "return.blind"
    FILE_BOOKED = "file.booked"
    FILE_ARRIVED_AGAIN = "file.arrived_again"
    PAGE_PLACED = "page.placed"
    PAGE_NOT_OURS = "page.not_ours"
    PAGE_BLANK = "page.blank"
    PAGE_REOPENED = "page.reopened"
    MAIL_DEALT_WITH = "mail.dealt_with"
    MAIL_REOPENED = "mail.reopened"
    FILE_RETRY = "file.retry"
    FILE_READ_AGAIN = "file.read_again"
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
    together: bool = False
    """It takes back what was decided about many returns at once: no doubt about one of them."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What put a form in force, and what its being taken back brings back."""

    decision_id: int | None
    return_id: int | None
    settled: frozenset[int]
    """The returns that it settled, the confirmed one among them."""
    was_superseded: bool
    """The form was, until then."""
    configured: int | None
    """The report that the tool was set up, until then."""


@dataclass(frozen=True, slots=True)
class FormState:
    """What became of a form, and which rows say more about it."""

    ended: Status | None = None
    """Withdrawn or void."""
    erased: bool = False
    """Its contents were erased."""
    is_superseded: bool = False
    sent: int | None = None
    """The human decision that reports the latest sending."""
    confirmations: tuple[Confirmation, ...] = ()
    """What put it in force and was not taken back since, oldest first: the last one counts."""
    configured: int | None = None
    """The human decision that reports the setting up of what is in force; None where that is still to be done."""
    returns: frozenset[int] = frozenset()
    complete: frozenset[int] = frozenset()
    """Returns that came with nothing certainly missing."""
    incomplete: frozenset[int] = frozenset()
    """Returns that came with something missing."""
    waiting: frozenset[int] = frozenset()
    """Returns that no person has settled; a confirmation settles the form's earlier returns too."""
    repeats: Mapping[int, int] = field(default_factory=dict)
    """The returns that need no person, each with the earlier one that says the same and is, or was, settled by one."""
    settled: frozenset[int] = frozenset()
    """Returns that a person settled without putting them in force."""
    aside: frozenset[int] = frozenset()
    """Those of them that were set aside."""
    to_ask: frozenset[int] = frozenset()
    """Returns about which the customer is to be asked, until the form is sent again."""
    reopened: frozenset[int] = frozenset()
    """Returns on which a decision was taken back by itself: somebody had a doubt about them."""
    blind: frozenset[int] = frozenset()
    """Returns of which a person has said what they see without knowing what the machine read."""

    @property
    def confirmed(self) -> int | None:
        """The human decision that put it in force, last."""
        return self.confirmations[-1].decision_id if self.confirmations else None

    @property
    def confirmed_returns(self) -> frozenset[int | None]:
        """The returns that put it in force at some time, unless that was taken back."""
        return frozenset(each.return_id for each in self.confirmations)

    def is_in_force_by(self, return_id: int | None) -> bool:
        """Whether it is this return that put the form in force, and the form still is."""
        return self.status is Status.IN_FORCE and self.confirmations[-1].return_id == return_id

    def may_reopen(self, return_id: int | None) -> bool:
        """Whether what was decided about a return may be taken back: a confirmation only while it is what counts."""
        if return_id in self.confirmed_returns:
            return self.is_in_force_by(return_id)
        return return_id in self.returns - self.waiting

    @property
    def status(self) -> Status:
        """Where the form stands."""
        if self.ended is not None:
            return self.ended
        if self.is_superseded:
            return Status.SUPERSEDED
        if self.confirmations:
            return Status.IN_FORCE
        # A complete return that waits for its confirmation is not undone by an incomplete one beside it.
        if self.waiting & self.complete:
            return Status.RETURNED
        if self.waiting & self.incomplete or self.to_ask:
            return Status.INCOMPLETE
        # Of a return that was illegible or is none the customer's answer is still to come.
        return Status.ISSUED if self.sent is None else Status.SENT


def derive_state(events: Iterable[FormEvent]) -> FormState:
    """Derive a form's state from its events, oldest first."""
    state = FormState()
    for event in events:
        state = state_after(state, event)
    return state


RECEIVED = frozenset({EventKind.RETURN_BOOKED, EventKind.RETURN_INCOMPLETE, EventKind.RETURN_REJECTED})
"""A return came."""
SETTLED = frozenset(
    {EventKind.RETURN_ASKED, EventKind.RETURN_NOT_OURS, EventKind.RETURN_MOVED, EventKind.RETURN_SET_ASIDE}
)
"""A person settled a return without putting it in force."""


def state_after(state: FormState, event: FormEvent) -> FormState:
    """The state that one further event leads to."""
    if event.kind is EventKind.FORM_ERASED:
        return replace(state, erased=True, waiting=frozenset(), to_ask=frozenset(), aside=frozenset())
    if event.return_id is not None:
        if event.kind in RECEIVED:
            return _received(state, event, event.return_id)
        if event.kind in SETTLED:
            return _settled(state, event.kind, event.return_id)
        if event.kind is EventKind.RETURN_REOPENED:
            doubted = frozenset() if event.together else frozenset({event.return_id})
            return replace(_reopened(state, event.return_id), reopened=state.reopened | doubted)
        if event.kind is EventKind.RETURN_BLIND:
            return replace(state, blind=state.blind | {event.return_id})
    return state if state.ended else _moved_on(state, event)


def _moved_on(state: FormState, event: FormEvent) -> FormState:
    """The state that something leads to which happens to a form that has not ended."""
    match event.kind:
        case EventKind.SENT:
            return replace(state, sent=event.decision_id, to_ask=frozenset())
        case EventKind.RETURN_CONFIRMED:
            return _confirmed(state, event)
        case EventKind.CONFIGURED:
            return replace(state, configured=event.decision_id)
        case EventKind.SUPERSEDED:
            return replace(state, is_superseded=True)
        case EventKind.RESTORED:
            return replace(state, is_superseded=False)
        case EventKind.WITHDRAWN:
            return replace(state, ended=Status.WITHDRAWN, waiting=frozenset(), to_ask=frozenset())
        case EventKind.VOIDED:
            return replace(state, ended=Status.VOID, waiting=frozenset(), to_ask=frozenset())
        case _:
            return state


def _received(state: FormState, event: FormEvent, return_id: int) -> FormState:
    """A return came, or further pages of one that lacked them: then what was decided about it counts no longer."""
    state = replace(
        state,
        returns=state.returns | {return_id},
        settled=state.settled - {return_id},
        aside=state.aside - {return_id},
        to_ask=state.to_ask - {return_id},
    )
    if event.kind is EventKind.RETURN_BOOKED:
        state = replace(state, complete=state.complete | {return_id})
    elif event.kind is EventKind.RETURN_INCOMPLETE:
        state = replace(state, incomplete=state.incomplete | {return_id})
    if event.repeats is not None:
        return replace(state, repeats={**state.repeats, return_id: event.repeats})
    return replace(state, waiting=state.waiting | {return_id})


def _settled(state: FormState, kind: EventKind, return_id: int) -> FormState:
    is_to_ask = kind is EventKind.RETURN_ASKED and not state.ended
    return replace(
        state,
        waiting=state.waiting - {return_id},
        settled=state.settled | {return_id},
        aside=state.aside | {return_id} if kind is EventKind.RETURN_SET_ASIDE else state.aside,
        to_ask=state.to_ask | {return_id} if is_to_ask else state.to_ask,
    )


def _confirmed(state: FormState, event: FormEvent) -> FormState:
    confirmation = Confirmation(
        event.decision_id, event.return_id, state.waiting, state.is_superseded, state.configured
    )
    return replace(
        state,
        confirmations=(*state.confirmations, confirmation),
        is_superseded=False,
        configured=None,
        waiting=frozenset(),
        to_ask=frozenset(),
    )


def _reopened(state: FormState, return_id: int) -> FormState:
    """A decision on a return is taken back; if it put the form in force, all is as if it had not been made."""
    state = replace(
        state,
        waiting=state.waiting | {return_id},
        settled=state.settled - {return_id},
        aside=state.aside - {return_id},
        to_ask=state.to_ask - {return_id},
        repeats={later: earlier for later, earlier in state.repeats.items() if later != return_id},
    )
    if not state.is_in_force_by(return_id):
        return state
    *earlier, last = state.confirmations
    return replace(
        state,
        confirmations=tuple(earlier),
        is_superseded=last.was_superseded,
        configured=last.configured,
        waiting=state.waiting | last.settled,
    )
