"""Decisions that settle a return without putting it in force, and decisions that are taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from book_steps import book_return, confirm_return, history_given, issue_form, statuses
from builders import CONFIRMED_AT, INCOMPLETE, REVIEW, form_id, make_return

from registry import book, lookup
from registry.errors import (
    ChangedMeanwhile,
    ConfirmationRefused,
    NotAllowedNow,
    SettledMeanwhile,
    UnknownReturn,
)
from registry.events import last_event
from registry.export import book_rows
from registry.invariants import violations
from registry.models import Event, HumanDecision
from registry.settling import SETTLING
from registry.to_do import Task, to_do
from registry.waiting import returns_waiting

pytestmark = pytest.mark.django_db

Kind = HumanDecision.Kind


def came_back(number: int = 1, variant: str = "A") -> int:
    """Book a return that a person must look at."""
    return book_return(make_return(form_id(number), variant=variant), REVIEW).return_id


def settle(return_id: int, how: HumanDecision.Kind = Kind.NOT_OURS, *, seen: int | None = None) -> None:
    """Settle a return in Petra's name."""
    book.settle(return_id, how, by="Petra", at=CONFIRMED_AT, reason="as the paper says", seen=seen)


def reopen(return_id: int, *, seen: int | None = None) -> tuple[str, ...]:
    """Take back in Paul's name what was decided about a return."""
    return book.reopen(return_id, by="Paul", at=CONFIRMED_AT, reason="a slip", seen=seen)


def waiting() -> list[int]:
    """What waits for a person."""
    return sorted(each.return_id for each in returns_waiting())


@pytest.mark.parametrize("how", SETTLING)
def test_each_settling_decision_empties_the_inbox_and_puts_nothing_in_force(how: HumanDecision.Kind) -> None:
    """The return waits no longer; who decided what, and why, stands in the book; the export has no variant."""
    issue_form(1)
    return_id = came_back()
    settle(return_id, how)
    assert waiting() == []
    decision = HumanDecision.objects.get()
    assert (decision.kind, decision.by, decision.note) == (how, "Petra", "as the paper says")
    assert Event.objects.latest("sequence").data["return"] == return_id
    _, rows = book_rows()
    assert [row["variant"] for row in rows] == [None]
    assert list(violations()) == []


@pytest.mark.parametrize(
    ("how", "status"), [(Kind.ASKED, "incomplete"), (Kind.NOT_OURS, "sent"), (Kind.SET_ASIDE, "sent")]
)
def test_the_form_stands_where_it_stood_before_the_return(how: HumanDecision.Kind, status: str) -> None:
    """The customer's answer is still to come; where they are to be asked, the form is incomplete."""
    issue_form(1)
    book.record_sent([form_id(1)], on=datetime.now(UTC).date(), channel="post", actor="Petra")
    settle(came_back(), how)
    assert statuses() == {form_id(1): status}


def test_asking_again_is_to_do_until_the_form_is_sent_again() -> None:
    """The list of what is incomplete names the form until somebody has sent it once more."""
    issue_form(1)
    settle(book_return(make_return(form_id(1)), INCOMPLETE).return_id, Kind.ASKED)
    today = datetime.now(UTC).date()
    assert [each.form_id for each in to_do(Task.ASK, today, count=9)] == [form_id(1)]
    book.record_sent([form_id(1)], on=today, channel="e-mail", actor="Petra")
    assert (statuses(), to_do(Task.ASK, today, count=9)) == ({form_id(1): "sent"}, ())


def test_another_return_of_the_form_still_waits() -> None:
    """Settling one return says nothing of the other, and the form is still returned."""
    issue_form(1)
    first, second = came_back(), came_back()
    settle(first, Kind.SET_ASIDE)
    assert waiting() == [second]
    assert statuses() == {form_id(1): "returned"}


def test_what_is_settled_is_neither_settled_again_nor_confirmed() -> None:
    """Whoever still looks at it is told; taking the decision back comes first."""
    issue_form(1)
    return_id = came_back()
    settle(return_id)
    with pytest.raises(SettledMeanwhile):
        settle(return_id, Kind.ASKED)
    with pytest.raises(SettledMeanwhile):
        book.confirm_seen(return_id, book.Seen("A"), by="Paul", at=CONFIRMED_AT)
    with pytest.raises(ConfirmationRefused, match="take that back first"):
        book.confirm([return_id], by="Paul", at=CONFIRMED_AT)
    assert HumanDecision.objects.count() == 1


def test_what_happened_since_one_looked_must_be_seen_first() -> None:
    """A second return has arrived: nobody decides on the first without having seen that, whatever they decide."""
    issue_form(1)
    return_id = came_back()
    seen = last_event(form_id(1))
    came_back(variant="B")
    with pytest.raises(ChangedMeanwhile):
        settle(return_id, seen=seen)
    with pytest.raises(ChangedMeanwhile):
        book.confirm_seen(return_id, book.Seen("A"), by="Paul", at=CONFIRMED_AT, last_event=seen)
    settle(return_id, seen=last_event(form_id(1)))
    with pytest.raises(ChangedMeanwhile):
        reopen(return_id, seen=seen)


def test_a_decision_needs_a_reason_a_person_and_a_return() -> None:
    """Without any of them nothing is written."""
    issue_form(1)
    return_id = came_back()
    for reason, by in ((" ", "Petra"), ("as it says", " ")):
        with pytest.raises(NotAllowedNow):
            book.settle(return_id, Kind.ASKED, by=by, at=CONFIRMED_AT, reason=reason)
    with pytest.raises(NotAllowedNow, match="settles no return"):
        settle(return_id, Kind.WITHDRAWN)
    with pytest.raises(UnknownReturn):
        settle(999)
    assert not HumanDecision.objects.exists()


def test_a_settling_decision_is_taken_back_and_both_stay() -> None:
    """The return waits again and can be confirmed; the history tells all three decisions and whose they were."""
    issue_form(1)
    return_id = came_back()
    settle(return_id, Kind.ASKED)
    assert reopen(return_id) == ()
    assert (waiting(), statuses()) == ([return_id], {form_id(1): "returned"})
    book.confirm_seen(return_id, book.Seen("B", place="Berlin", signer="Jana Weiß"), by="Paul", at=CONFIRMED_AT)
    told = HumanDecision.objects.order_by("pk").values_list("kind", "by", "variant", "place", "signer")
    assert list(told) == [
        ("asked", "Petra", "", "", ""),
        ("reopened", "Paul", "", "", ""),
        ("confirmed", "Paul", "B", "Berlin", "Jana Weiß"),
    ]
    assert list(violations()) == []


def test_a_confirmation_taken_back_ends_what_it_put_in_force() -> None:
    """Nothing is in force, the other return that it had settled waits again too, and the right variant can follow."""
    issue_form(1)
    first, second = came_back(variant="A"), came_back(variant="B")
    book.confirm_seen(first, book.Seen("A"), by="Petra", at=CONFIRMED_AT)
    assert waiting() == []
    reopen(first)
    assert (waiting(), statuses()) == ([first, second], {form_id(1): "returned"})
    book.confirm_seen(first, book.Seen("B"), by="Petra", at=CONFIRMED_AT)
    assert [row.variant for row in lookup.customers_status()] == ["B"]
    assert list(violations()) == []


def test_taking_back_a_confirmation_restores_what_it_had_replaced() -> None:
    """The customer's earlier consent is in force again, and still set up as it was."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1), variant="A")))
    book.record_configured("K-1001", "remote-support", by="Uwe", on=datetime.now(UTC).date())
    issue_form(2, version=2, wording="second wording")
    newer = came_back(2, variant="B")
    book.confirm_seen(newer, book.Seen("B"), by="Petra", at=CONFIRMED_AT)
    assert reopen(newer) == (form_id(1),)
    assert statuses() == {form_id(1): "in_force", form_id(2): "returned"}
    assert [row.variant for row in lookup.customers_status()] == ["A", None]
    assert to_do(Task.SET_UP, datetime.now(UTC).date(), count=9) == ()
    assert list(violations()) == []


def test_what_no_longer_counts_is_not_taken_back() -> None:
    """A confirmation that another one has followed, or a withdrawal, stays; and what is undecided cannot be undone."""
    issue_form(1)
    first = came_back()
    with pytest.raises(NotAllowedNow, match="nothing is decided"):
        reopen(first)
    book.confirm_seen(first, book.Seen("A"), by="Petra", at=CONFIRMED_AT)
    second = came_back(variant="B")
    book.confirm_seen(second, book.Seen("B"), by="Petra", at=CONFIRMED_AT)
    with pytest.raises(NotAllowedNow, match="not what counts now"):
        reopen(first)
    book.withdraw("K-1001", "remote-support", on=datetime.now(UTC).date(), reason="by phone", by="Petra")
    with pytest.raises(NotAllowedNow, match="not what counts now"):
        reopen(second)


def test_a_return_that_was_reopened_is_never_clear_again() -> None:
    """Somebody found a slip in it: it is looked at by itself, and not confirmed among others."""
    issue_form(1)
    return_id = book_return(make_return(form_id(1))).return_id
    assert [each.clear for each in returns_waiting()] == [True]
    book.confirm_clear([return_id], by="Petra", at=CONFIRMED_AT)
    reopen(return_id)
    assert [each.clear for each in returns_waiting()] == [False]


def test_what_is_not_ours_contradicts_nothing() -> None:
    """A page that turned out to be none of the customer's says nothing about what they chose."""
    issue_form(1)
    settle(came_back(variant="B"), Kind.NOT_OURS)
    assert not history_given(make_return(form_id(1), variant="A")).contradicts
