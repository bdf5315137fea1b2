"""Confirming: nothing is in force until a person says so, and then exactly what the person saw."""

from __future__ import annotations

from datetime import date

import builders
import pytest
from book_steps import book_return, confirm_return, issue, issue_form, statuses
from builders import CONFIRMED_AT, REVIEW, form_id, make_return

from intake.results import SignatureState
from registry import book, lookup
from registry.errors import ConfirmationRefused, NotAllowedNow, Objection, SettledMeanwhile
from registry.models import HumanDecision, Reading
from registry.statuses import Status
from registry.waiting import returns_waiting

pytestmark = pytest.mark.django_db


def test_confirming_puts_in_force_with_all_dates_apart() -> None:
    """Confirming takes variant and date from the reading and the day from the office's calendar."""
    issue_form(1)
    booked = book_return(make_return(form_id(1), variant="A", signed_on="2026-10-10"))
    assert statuses() == {form_id(1): "returned"}
    confirmed = confirm_return(booked)
    assert (confirmed.variant, confirmed.signed_on) == ("A", date(2026, 10, 10))
    assert confirmed.in_force_from == date(2026, 10, 14)
    (row,) = lookup.customers_status()
    assert (row.status, row.variant) == (Status.IN_FORCE, "A")
    decision = HumanDecision.objects.get()
    assert (decision.by, decision.at, decision.answer_id) == ("Petra", CONFIRMED_AT, booked.return_id)
    assert returns_waiting() == ()


@pytest.mark.parametrize(
    ("value", "agrees", "signed_on"),
    [
        ("2026-10-10", True, date(2026, 10, 10)),
        ("2026-10-10", None, date(2026, 10, 10)),
        ("2026-10-10", False, None),
        ("2036-10-10", True, None),
        ("10.10.2026", True, None),
        (None, None, None),
    ],
)
def test_the_date_read_counts_only_where_it_can_be_right(
    value: str | None, agrees: bool | None, signed_on: date | None
) -> None:
    """A date that disagrees, lies in the future or is none leaves signed_on blank."""
    issue_form(1)
    field = builders.make_date_field(value, agrees=agrees)
    assert confirm_return(book_return(builders.with_date_field(make_return(form_id(1)), field))).signed_on == signed_on


def test_the_persons_word_stands_beside_the_reading() -> None:
    """What the person says counts, and what the machine read stays as it was."""
    issue_form(1)
    booked = book_return(make_return(form_id(1), variant=None, signature=SignatureState.UNCLEAR), REVIEW)
    before = Reading.objects.values().get()
    (confirmed,) = book.confirm(
        [booked.return_id], by="Petra", at=CONFIRMED_AT, variant="B", signed_on=date(2026, 10, 9), signed=True
    )
    assert (confirmed.variant, confirmed.signed_on) == ("B", date(2026, 10, 9))
    assert Reading.objects.values().get() == before


@pytest.mark.parametrize(
    ("variant", "signature", "said", "why"),
    [
        (None, SignatureState.PRESENT, {}, "no variant could be read"),
        ("A", SignatureState.ABSENT, {}, "no signature"),
        ("A", SignatureState.UNCLEAR, {"variant": "A"}, "no signature"),
        ("A", SignatureState.PRESENT, {"variant": "C"}, "no variant 'C'"),
        ("A", SignatureState.PRESENT, {"signed_on": date(2036, 1, 1)}, "future"),
    ],
)
def test_what_nobody_has_said_is_not_confirmed(
    variant: str | None, signature: SignatureState, said: dict[str, str], why: str
) -> None:
    """Without a certain variant and a certain signature a person has to say so; impossible answers are refused."""
    issue_form(1)
    booked = book_return(make_return(form_id(1), variant=variant, signature=signature), REVIEW)
    with pytest.raises(ConfirmationRefused, match=why):
        book.confirm([booked.return_id], by="Petra", at=CONFIRMED_AT, **said)  # type: ignore[arg-type]
    assert HumanDecision.objects.count() == 0


def test_many_are_confirmed_together_or_not_at_all() -> None:
    """One return that can't be confirmed keeps back the others, and every objection is listed."""
    issue_form(1)
    other = builders.make_issued(form_id(2), builders.make_customer("K-1002"))
    assert issue(other) is None
    good = book_return(make_return(form_id(1)))
    bad = book_return(make_return(form_id(2), variant=None), REVIEW)
    with pytest.raises(ConfirmationRefused) as refused:
        book.confirm([good.return_id, bad.return_id, 999], by="Petra", at=CONFIRMED_AT)
    assert [refusal.return_id for refusal in refused.value.refusals] == [bad.return_id, 999]
    assert HumanDecision.objects.count() == 0
    assert len(book.confirm([good.return_id], by="Petra", at=CONFIRMED_AT)) == 1


def test_confirming_needs_a_name_and_one_return_for_what_is_said() -> None:
    """Nobody confirms namelessly, and what a person says is said of one return."""
    issue_form(1)
    booked = book_return(make_return(form_id(1)))
    with pytest.raises(NotAllowedNow, match="--by"):
        book.confirm([booked.return_id], by=" ", at=CONFIRMED_AT)
    with pytest.raises(NotAllowedNow, match="one return"):
        book.confirm([booked.return_id, 2], by="Petra", at=CONFIRMED_AT, variant="A")


def test_two_returns_of_one_customer_are_not_confirmed_in_one_go() -> None:
    """The order of a list must not decide which answer counts."""
    issue_form(1)
    ids = [book_return(make_return(form_id(1))).return_id for _ in range(2)]
    with pytest.raises(ConfirmationRefused, match="another return of this customer"):
        book.confirm(ids, by="Petra", at=CONFIRMED_AT)


def test_a_contradicting_return_is_never_settled_unseen() -> None:
    """While two returns of a form contradict each other, neither is clear, and a person must say which counts."""
    issue_form(1)
    first = book_return(make_return(form_id(1), variant="A"))
    assert [each.clear for each in returns_waiting()] == [True]
    book_return(make_return(form_id(1), variant="B"), REVIEW)
    assert [each.clear for each in returns_waiting()] == [False, False]
    with pytest.raises(ConfirmationRefused, match="says B"):
        confirm_return(first)
    assert confirm_return(first, "A").variant == "A"
    assert returns_waiting() == ()


def test_a_return_is_confirmed_once() -> None:
    """Confirming again is refused."""
    issue_form(1)
    booked = book_return(make_return(form_id(1)))
    confirm_return(booked)
    with pytest.raises(ConfirmationRefused, match="confirmed before"):
        confirm_return(booked)


def test_a_confirmation_supersedes_what_was_in_force() -> None:
    """The newer form takes the place of the earlier one in force."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1))))
    issue_form(2, version=2, wording="second wording")
    assert confirm_return(book_return(make_return(form_id(2), variant="B"))).superseded == (form_id(1),)
    assert statuses() == {form_id(2): "in_force"}


def test_a_superseded_form_with_the_same_wording_still_counts() -> None:
    """The customer answered on the older paper: it comes into force, and the newer one is no longer waited for."""
    issue_form(1)
    issue_form(2, reissue=True)
    assert confirm_return(book_return(make_return(form_id(1)), REVIEW)).superseded == (form_id(2),)
    assert statuses() == {form_id(1): "in_force"}


def test_a_superseded_form_with_other_wording_does_not_count() -> None:
    """Who answered the older question has not answered the newer one."""
    issue_form(1)
    issue_form(2, version=2, wording="second wording", reissue=True)
    with pytest.raises(ConfirmationRefused, match="other wording"):
        confirm_return(book_return(make_return(form_id(1)), REVIEW))


def test_what_a_person_sees_counts_alone() -> None:
    """Confirmed as seen, the reading adds nothing: no date seen is no date, whatever the machine read."""
    issue_form(1)
    booked = book_return(make_return(form_id(1), variant="A", signed_on="2026-10-10"))
    seen = book.confirm_seen(booked.return_id, book.Seen("B"), by="Petra", at=CONFIRMED_AT)
    assert (seen.variant, seen.signed_on) == ("B", None)


def test_a_settled_return_is_not_confirmed_as_seen() -> None:
    """Whoever still looks at a return, or at another one of its form, cannot overwrite what was decided meanwhile."""
    issue_form(1)
    ids = [book_return(make_return(form_id(1)), REVIEW).return_id for _ in range(2)]
    book.confirm_seen(ids[0], book.Seen("A"), by="Petra", at=CONFIRMED_AT)
    for return_id in ids:
        with pytest.raises(SettledMeanwhile):
            book.confirm_seen(return_id, book.Seen("B"), by="Paul", at=CONFIRMED_AT)
    assert [decision.by for decision in HumanDecision.objects.all()] == ["Petra"]


def test_a_return_that_came_after_the_decision_can_be_confirmed() -> None:
    """A change of mind arrives after the first answer came into force: it waits, and takes its place once confirmed."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1))))
    later = book_return(make_return(form_id(1), variant="B"), REVIEW)
    book.confirm_seen(later.return_id, book.Seen("B"), by="Paul", at=CONFIRMED_AT)
    assert [row.variant for row in lookup.customers_status()] == ["B"]


def test_an_unknown_return_is_not_confirmed_as_seen() -> None:
    """There is nothing to look at."""
    with pytest.raises(ConfirmationRefused, match="no such return"):
        book.confirm_seen(999, book.Seen("A"), by="Petra", at=CONFIRMED_AT)


def test_only_what_is_clear_is_confirmed_as_clear() -> None:
    """One that is doubtful, contradicted since, or unknown keeps all from being confirmed; each is named."""
    issue_form(1)
    clear = book_return(make_return(form_id(1)))
    assert issue(builders.make_issued(form_id(2), builders.make_customer("K-1002"))) is None
    doubtful = book_return(make_return(form_id(2)), REVIEW)
    with pytest.raises(ConfirmationRefused) as refused:
        book.confirm_clear([clear.return_id, doubtful.return_id, 999], by="Petra", at=CONFIRMED_AT)
    assert {refusal.return_id: refusal.objection for refusal in refused.value.refusals} == {
        doubtful.return_id: Objection.NOT_CLEAR,
        999: Objection.NOT_CLEAR,
    }
    book_return(make_return(form_id(1), variant="B"), REVIEW)
    with pytest.raises(ConfirmationRefused, match="not clear"):
        book.confirm_clear([clear.return_id], by="Petra", at=CONFIRMED_AT)
    assert not HumanDecision.objects.exists()
