"""What the book knows about a return beyond its page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from book_steps import book_return, confirm_return, history_given, issue_form
from builders import INCOMPLETE, REVIEW, form_id, make_return

from intake.results import History, SignatureState
from registry import book

pytestmark = pytest.mark.django_db


def test_history_of_a_first_return_in_time_is_empty() -> None:
    """A first return within its time brings no history; on the day it is due it is still in time."""
    issue_form(1)
    assert history_given(make_return(form_id(1)), at=datetime(2026, 10, 29, 22, 59, tzinfo=UTC)) == History()


def test_lateness_counts_by_the_offices_calendar() -> None:
    """Half past midnight in Berlin on the day after the due date is late, though it is the due date in UTC."""
    issue_form(1)
    assert history_given(make_return(form_id(1)), at=datetime(2026, 10, 29, 23, 30, tzinfo=UTC)).late


def test_a_second_return_that_says_the_same_is_a_duplicate() -> None:
    """Same variant and signature: duplicate; the signature supplied later: neither duplicate nor contradiction."""
    issue_form(1)
    book_return(make_return(form_id(1), signature=SignatureState.ABSENT), INCOMPLETE)
    assert history_given(make_return(form_id(1))) == History()
    assert history_given(make_return(form_id(1))) == History(duplicate=True)


def test_a_return_that_says_something_else_contradicts() -> None:
    """Another variant than an earlier return's contradicts, on the form itself and on one with the same wording."""
    issue_form(1)
    book_return(make_return(form_id(1), variant="A"))
    assert history_given(make_return(form_id(1), variant="B")) == History(contradicts=True)
    issue_form(2, reissue=True)
    assert history_given(make_return(form_id(2), variant="B")).contradicts


def test_what_a_person_decided_outweighs_what_was_read() -> None:
    """Where a person corrected the reading, later returns are compared with the person's word."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1), variant="A"), REVIEW), "B")
    assert not history_given(make_return(form_id(1), variant="B")).contradicts


def test_a_form_with_other_wording_asks_another_question() -> None:
    """An answer to version 2 contradicts no answer to version 1."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1), variant="A")))
    issue_form(2, version=2, wording="second wording")
    assert history_given(make_return(form_id(2), variant="B")) == History()


def test_superseded_and_ended_forms_are_said_so() -> None:
    """A return on a superseded, withdrawn or void form carries that into its decision."""
    issue_form(1)
    issue_form(2, reissue=True)
    assert history_given(make_return(form_id(1))) == History(superseded=True)
    book.void(form_id(2), by="Petra", reason="wrong address")
    assert history_given(make_return(form_id(2))).withdrawn


def test_who_withdrew_may_choose_anew() -> None:
    """An answer whose consent was withdrawn contradicts no later one."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1), variant="A")))
    book.withdraw("K-1001", "remote-support", on=datetime.now(UTC).date(), reason="by phone", by="Petra")
    issue_form(2)
    assert history_given(make_return(form_id(2), variant="B")) == History()
