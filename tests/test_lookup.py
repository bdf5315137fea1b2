"""The reading side: who has not answered, and what waits for a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import builders
import pytest
from book_steps import book_return, confirm_return, issue, issue_form, statuses
from builders import ACCEPT, INCOMPLETE, REVIEW, form_id, make_return
from letters import issue as letter_for

from forms.issued_form import IssuedPdf
from intake.results import Decision, Reason, SignatureState
from registry import book, lookup
from registry.errors import Damaged
from registry.models import Issue
from registry.statuses import Status
from registry.waiting import returns_waiting

pytestmark = pytest.mark.django_db


def test_an_altered_form_is_noticed() -> None:
    """A form whose stored text was changed is not given out."""
    issue_form(1)
    Issue.objects.update(form_json=Issue.objects.get().form_json.replace("Berlin", "Bremen"))
    with pytest.raises(Damaged, match="altered"):
        lookup.find_issued(form_id(1))


def test_a_form_is_found_by_what_its_readable_code_spells() -> None:
    """The first characters of its id name it, unless two forms share them or it was never issued here."""
    head = "7F3Q9X4C"
    first, second = (letter_for(form_id=f"{head}BDEFGHJ{last}") for last in "KM")
    assert issue(first) is None
    found = lookup.find_issued(head)
    assert isinstance(found, IssuedPdf)
    assert found.form == first.form
    assert lookup.find_issued("7F3Q9X4D") is None
    assert lookup.find_issued("7F3Q9X4U") is None
    assert issue(second, reissue=True) is None
    assert lookup.find_issued(head) is None


def test_what_was_clear_is_clear_no_more_once_superseded() -> None:
    """An accepted return waits among the doubtful ones when a newer form has been issued since."""
    issue_form(1)
    book_return(make_return(form_id(1)))
    issue_form(2, reissue=True)
    (waiting,) = returns_waiting()
    assert (waiting.decision, waiting.status, waiting.clear) == (Decision.ACCEPT, Status.SUPERSEDED, False)


def test_what_the_customer_withdrew_meanwhile_is_not_clear() -> None:
    """An answer to the newer form that had arrived before a withdrawal can't be confirmed, so it is not clear."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1))))
    issue_form(2, version=2, wording="second wording")
    book_return(make_return(form_id(2)))
    assert [each.clear for each in returns_waiting()] == [True]
    book.withdraw("K-1001", "remote-support", on=datetime.now(UTC).date(), reason="by phone", by="Petra")
    assert [each.clear for each in returns_waiting()] == [False]


def _overdue(today: date) -> bool:
    (line,) = lookup.customers_status(today=today)
    return line.overdue


def test_overdue_is_who_has_not_answered_completely() -> None:
    """After the due date an issued or incomplete form is overdue; one that waits for us is not."""
    issue_form(1)
    after = builders.ISSUED_ON + timedelta(days=29)
    assert not _overdue(after - timedelta(days=1))
    assert _overdue(after)
    book_return(make_return(form_id(1), signature=SignatureState.ABSENT), INCOMPLETE)
    assert _overdue(after)
    book_return(make_return(form_id(1)))
    assert not _overdue(after)


def test_doubtful_returns_wait_in_front() -> None:
    """Returns for review come before those that are clear, whatever their order of arrival."""
    verdicts = [ACCEPT, INCOMPLETE, REVIEW]
    for number, verdict in enumerate(verdicts):
        issued = builders.make_issued(form_id(number), builders.make_customer(f"K-{number}"))
        assert issue(issued) is None
        book_return(make_return(form_id(number)), verdict)
    waiting = returns_waiting()
    assert [each.decision for each in waiting] == [Decision.REVIEW, Decision.INCOMPLETE, Decision.ACCEPT]
    assert (waiting[0].number, waiting[0].reasons) == ("K-2", (Reason.VARIANT_CORRECTED,))
    assert waiting[0].file_name == "SCN_0001.pdf"


def test_a_form_issued_by_mistake_hides_nothing() -> None:
    """Where the newest form is void, the one before it says where the customer stands."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1))))
    book.withdraw("K-1001", "remote-support", on=datetime.now(UTC).date(), reason="by phone", by="Petra")
    issue_form(2)
    book.void(form_id(2), by="Petra", reason="mistake")
    assert statuses() == {form_id(1): "withdrawn"}
