"""What people report: sent, configured, withdrawn, void; and what the events keep of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import builders
import pytest
from book_steps import book_return, confirm_return, issue, issue_form, open_batch, statuses
from builders import REVIEW, form_id, make_return
from pytest_django import DjangoAssertNumQueries

from registry import book
from registry.book_decisions import decision_digest
from registry.errors import ConfirmationRefused, NotAllowedNow, NothingInForce, UnknownForm
from registry.events import verify_chain
from registry.invariants import violations
from registry.models import Event, HumanDecision

pytestmark = pytest.mark.django_db


def test_withdrawal_ends_consent_and_revives_nothing() -> None:
    """After a withdrawal nothing is in force, earlier papers can't be confirmed, a new form can."""
    issue_form(1)
    issue_form(2, reissue=True)
    old = book_return(make_return(form_id(1)), REVIEW)
    confirm_return(book_return(make_return(form_id(2))))
    today = datetime.now(UTC).date()
    book.withdraw("K-1001", "remote-support", on=today - timedelta(days=1), reason="by phone", by="Petra")
    assert statuses() == {form_id(2): "withdrawn"}
    with pytest.raises(NothingInForce):
        book.withdraw("K-1001", "remote-support", on=today, reason="again", by="Petra")
    with pytest.raises(ConfirmationRefused, match="withdrew"):
        confirm_return(old)
    with pytest.raises(ConfirmationRefused, match="withdrawn"):
        confirm_return(book_return(make_return(form_id(2)), REVIEW))
    issue_form(3)
    new = book_return(make_return(form_id(3), variant="B"), at=datetime.now(UTC))
    assert book.confirm([new.return_id], by="Petra", at=datetime.now(UTC))[0].variant == "B"


def test_forms_are_sent_configured_and_voided() -> None:
    """What people report is booked, with its limits."""
    issue_form(1)
    day = builders.ISSUED_ON
    book.record_sent([form_id(1)], on=day, channel="post", actor="Petra")
    assert statuses() == {form_id(1): "sent"}
    with pytest.raises(NothingInForce):
        book.record_configured("K-1001", "remote-support", by="Uwe", on=day)
    confirm_return(book_return(make_return(form_id(1))))
    book.record_configured("K-1001", "remote-support", by="Uwe", on=day)
    with pytest.raises(NotAllowedNow, match="withdraw"):
        book.void(form_id(1), by="Petra", reason="mistake")
    with pytest.raises(UnknownForm):
        book.void(form_id(7), by="Petra", reason="mistake")
    with pytest.raises(NotAllowedNow, match="in the future"):
        book.record_sent([form_id(1)], on=date(2999, 1, 1), channel="post", actor="Petra")
    with pytest.raises(UnknownForm):
        book.record_sent([form_id(7)], on=day, channel="post", actor="Petra")


def test_what_was_booked_is_not_booked_again() -> None:
    """Whoever repeats a step, because its answer got lost, is told that it is booked; nothing is doubled."""
    issue_form(1)
    day = datetime.now(UTC).date()
    earlier = day - timedelta(days=1)
    for on, channel in ((day, "post"), (day, "e-mail"), (earlier, "post")):
        book.record_sent([form_id(1)], on=on, channel=channel, actor="Petra")
    with pytest.raises(NotAllowedNow, match="booked as sent on"):
        book.record_sent([form_id(1)], on=day, channel="e-mail", actor="Petra")
    confirm_return(book_return(make_return(form_id(1))))
    for on in (earlier, day):
        book.record_configured("K-1001", "remote-support", by="Uwe", on=on)
    with pytest.raises(NotAllowedNow, match="booked as set up on"):
        book.record_configured("K-1001", "remote-support", by="Uwe", on=day)
    book.withdraw("K-1001", "remote-support", on=day, reason="by phone", by="Petra")
    booked = Event.objects.count()
    with pytest.raises(NotAllowedNow, match="booked as withdrawn on"):
        book.withdraw("K-1001", "remote-support", on=day, reason="by phone", by="Petra")
    with pytest.raises(NothingInForce):
        book.withdraw("K-1001", "remote-support", on=day, reason="by letter", by="Petra")
    assert Event.objects.count() == booked


def test_many_forms_are_booked_as_sent_in_a_handful_of_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    """Forty-one letters take hardly more queries than one, each with its event; one that cannot be sent stops all."""
    forms = [builders.make_issued(form_id(number), builders.make_customer(f"K-{number}")) for number in range(1, 42)]
    book.book_issues(forms, open_batch(forms[0].letter), actor="generate", at=builders.ISSUED_AT)
    ids = [issued.form.form_id for issued in forms]
    on = builders.ISSUED_ON
    with pytest.raises(UnknownForm):
        book.record_sent([*ids, form_id(99)], on=on, channel="post", actor="Petra")
    assert set(statuses().values()) == {"issued"}
    with django_assert_max_num_queries(25):
        book.record_sent([*ids, ids[0]], on=on, channel="post", actor="Petra")
    assert set(statuses().values()) == {"sent"}
    assert HumanDecision.objects.count() == Event.objects.filter(kind="form.sent").count() == len(ids)
    assert list(violations()) == []
    assert verify_chain() == Event.objects.count()


def test_events_hold_no_personal_data() -> None:
    """After a whole circle the events hold nothing of the customer, and their chain verifies."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1))))
    day = datetime.now(UTC).date()
    book.withdraw("K-1001", "remote-support", on=day, reason="Frau Weiß rief an", by="Petra")
    written = " ".join(f"{event.subject} {event.data}" for event in Event.objects.all())
    for word in ("K-1001", "Łódź", "Weiß", "Torstr", "SCN_0001", "2026-10-10"):
        assert word not in written
    assert verify_chain() == Event.objects.count()


def test_an_instant_without_a_time_zone_is_refused() -> None:
    """Nobody can say which day such an instant belongs to."""
    naive = datetime(2026, 10, 1, 8, 0)  # noqa: DTZ001  # just that is tested
    with pytest.raises(ValueError, match="time zone"):
        issue(builders.make_issued(form_id(1)), at=naive)
    issue_form(1)
    with pytest.raises(ValueError, match="time zone"):
        book_return(make_return(form_id(1)), at=naive)


def test_steps_that_come_too_late_are_refused() -> None:
    """A superseded form is not sent any more, and a void one is not voided again."""
    issue_form(1)
    issue_form(2, reissue=True)
    with pytest.raises(NotAllowedNow, match="superseded"):
        book.record_sent([form_id(1)], on=builders.ISSUED_ON, channel="post", actor="Petra")
    book.void(form_id(1), by="Petra", reason="mistake")
    with pytest.raises(NotAllowedNow, match="void already"):
        book.void(form_id(1), by="Petra", reason="mistake")


def test_a_form_that_was_in_force_was_no_mistake() -> None:
    """What was confirmed once stays a consent of its time, also after another form has replaced it."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1))))
    issue_form(2, version=2, wording="second wording")
    confirm_return(book_return(make_return(form_id(2))))
    with pytest.raises(NotAllowedNow, match="was in force"):
        book.void(form_id(1), by="Petra", reason="mistake")


def test_events_vouch_for_decisions_and_give_none_away() -> None:
    """The event holds the decision's digest, so altering it shows; equal decisions have unequal digests."""
    issue_form(1)
    for channel in ("post", "e-mail"):
        book.record_sent([form_id(1)], on=builders.ISSUED_ON, channel=channel, actor="Petra")
    digests = [event.data["decision_sha256"] for event in Event.objects.filter(kind="form.sent").order_by("sequence")]
    decisions = list(HumanDecision.objects.order_by("pk"))
    assert [decision_digest(decision) for decision in decisions] == digests
    decisions[0].note = "fax"
    assert decision_digest(decisions[0]) != digests[0]
    first, second = decisions
    first.note, first.at = second.note, second.at
    assert decision_digest(first) != decision_digest(second)
