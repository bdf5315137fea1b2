"""A form's status follows from what happened to it, and from nothing else."""

from __future__ import annotations

import pytest

from registry.statuses import EventKind, FormEvent, Status, derive_state

K = EventKind


def _state_after(*kinds: EventKind) -> Status:
    return derive_state(FormEvent(kind, return_id=1, decision_id=number) for number, kind in enumerate(kinds)).status


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        ((K.ISSUED,), Status.ISSUED),
        ((K.ISSUED, K.SENT), Status.SENT),
        ((K.ISSUED, K.RETURN_BOOKED), Status.RETURNED),
        ((K.ISSUED, K.RETURN_BOOKED, K.SENT), Status.RETURNED),
        ((K.ISSUED, K.SENT, K.RETURN_INCOMPLETE), Status.INCOMPLETE),
        ((K.ISSUED, K.RETURN_INCOMPLETE, K.RETURN_BOOKED), Status.RETURNED),
        ((K.ISSUED, K.RETURN_BOOKED, K.RETURN_INCOMPLETE), Status.RETURNED),
        ((K.ISSUED, K.SENT, K.RETURN_REJECTED), Status.SENT),
        ((K.ISSUED, K.RETURN_BOOKED, K.RETURN_CONFIRMED), Status.IN_FORCE),
        ((K.ISSUED, K.RETURN_BOOKED, K.RETURN_CONFIRMED, K.RETURN_INCOMPLETE), Status.IN_FORCE),
        ((K.ISSUED, K.RETURN_BOOKED, K.RETURN_CONFIRMED, K.CONFIGURED), Status.IN_FORCE),
        ((K.ISSUED, K.SUPERSEDED), Status.SUPERSEDED),
        ((K.ISSUED, K.SUPERSEDED, K.RETURN_BOOKED), Status.SUPERSEDED),
        ((K.ISSUED, K.SUPERSEDED, K.RETURN_BOOKED, K.RETURN_CONFIRMED), Status.IN_FORCE),
        ((K.ISSUED, K.RETURN_BOOKED, K.RETURN_CONFIRMED, K.WITHDRAWN), Status.WITHDRAWN),
        ((K.ISSUED, K.VOIDED), Status.VOID),
        ((K.ISSUED, K.RETURN_BOOKED, K.RETURN_NOT_OURS), Status.ISSUED),
        ((K.ISSUED, K.SENT, K.RETURN_INCOMPLETE, K.RETURN_SET_ASIDE), Status.SENT),
        ((K.ISSUED, K.RETURN_BOOKED, K.RETURN_ASKED), Status.INCOMPLETE),
        ((K.ISSUED, K.RETURN_BOOKED, K.RETURN_ASKED, K.SENT), Status.SENT),
        ((K.ISSUED, K.RETURN_INCOMPLETE, K.RETURN_SET_ASIDE, K.RETURN_REOPENED), Status.INCOMPLETE),
        ((K.ISSUED, K.RETURN_BOOKED, K.RETURN_CONFIRMED, K.RETURN_REOPENED), Status.RETURNED),
        ((K.ISSUED, K.SUPERSEDED, K.RETURN_BOOKED, K.RETURN_CONFIRMED, K.RETURN_REOPENED), Status.SUPERSEDED),
        ((K.ISSUED, K.RETURN_BOOKED, K.RETURN_CONFIRMED, K.SUPERSEDED, K.RESTORED), Status.IN_FORCE),
    ],
)
def test_status_follows_from_the_events(kinds: tuple[EventKind, ...], status: Status) -> None:
    """Each course of events gives its status."""
    assert _state_after(*kinds) is status


@pytest.mark.parametrize("end", [K.WITHDRAWN, K.VOIDED])
@pytest.mark.parametrize("later", [K.SENT, K.RETURN_BOOKED, K.RETURN_CONFIRMED, K.SUPERSEDED, K.WITHDRAWN, K.VOIDED])
def test_nothing_revives_a_form_that_has_ended(end: EventKind, later: EventKind) -> None:
    """Withdrawn and void stay what they are, whatever comes later."""
    assert _state_after(K.ISSUED, end, later) is _state_after(K.ISSUED, end)


def test_a_confirmation_settles_earlier_returns_and_asks_for_new_configuration() -> None:
    """Returns wait until one of their form is confirmed; what was configured before no longer counts then."""
    events = [
        FormEvent(K.ISSUED),
        FormEvent(K.RETURN_INCOMPLETE, return_id=1),
        FormEvent(K.RETURN_BOOKED, return_id=2),
        FormEvent(K.RETURN_CONFIRMED, return_id=2, decision_id=10),
        FormEvent(K.CONFIGURED, decision_id=11),
        FormEvent(K.RETURN_BOOKED, return_id=3),
    ]
    assert derive_state(events[:3]).waiting == {1, 2}
    assert derive_state(events[:4]).waiting == frozenset()
    before = derive_state(events)
    assert (before.confirmed, before.configured, before.waiting) == (10, 11, frozenset({3}))
    after = derive_state([*events, FormEvent(K.RETURN_CONFIRMED, return_id=3, decision_id=12)])
    assert (after.confirmed, after.configured) == (12, None)


def test_a_return_that_says_what_an_earlier_one_says_does_not_wait() -> None:
    """It is on the record beside the earlier one; whoever takes it up on purpose makes it wait by itself."""
    events = [
        FormEvent(K.ISSUED),
        FormEvent(K.RETURN_BOOKED, return_id=1),
        FormEvent(K.RETURN_BOOKED, return_id=2, repeats=1),
    ]
    state = derive_state(events)
    assert (state.status, sorted(state.waiting), dict(state.repeats)) == (Status.RETURNED, [1], {2: 1})
    assert state.may_reopen(2)
    confirmed = derive_state([*events, FormEvent(K.RETURN_CONFIRMED, return_id=1, decision_id=5)])
    assert (confirmed.status, confirmed.waiting) == (Status.IN_FORCE, frozenset())
    taken_up = derive_state([*events, FormEvent(K.RETURN_REOPENED, return_id=2, decision_id=6)])
    assert sorted(taken_up.waiting) == [1, 2]
    assert not taken_up.repeats


def test_further_pages_make_a_settled_return_wait_again() -> None:
    """The customer was asked for a missing page, and it came: what was decided before counts no longer."""
    state = derive_state(
        [
            FormEvent(K.ISSUED),
            FormEvent(K.RETURN_INCOMPLETE, return_id=1),
            FormEvent(K.RETURN_ASKED, return_id=1, decision_id=5),
            FormEvent(K.RETURN_BOOKED, return_id=1),
        ]
    )
    assert (state.status, sorted(state.waiting)) == (Status.RETURNED, [1])
    assert not state.settled | state.to_ask
