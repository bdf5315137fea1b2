"""The inbox's table: every line says what its return says, whatever happens to it, its form or its customer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import builders
import pytest
from book_steps import Decider, book_return, confirm_return, issue, issue_form, received
from builders import ACCEPT, CONFIRMED_AT, RECEIVED_AT, REVIEW, form_id, make_return
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from registry import book
from registry.erasing import CopyFolders, ErasureOrder, erase
from registry.events import rebuild_lists
from registry.inbox import ASIDE, Filter, Slice, State, count_by_state, page_of
from registry.invariants import violations
from registry.models import HumanDecision, InboxLine

pytestmark = pytest.mark.django_db

Kind = HumanDecision.Kind
TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def _is_as_it_would_be_worked_out_anew() -> Iterator[None]:
    """What the table holds at the end of each test follows from the events."""
    yield
    assert list(violations()) == []
    kept = list(InboxLine.objects.order_by("pk").values())
    rebuild_lists()
    assert list(InboxLine.objects.order_by("pk").values()) == kept


def states() -> list[tuple[int, State]]:
    """Each state in which something waits, with how much."""
    return [(number, state) for state, number in count_by_state().items() if number]


def listed(asked: Filter | None = None) -> list[int]:
    """The returns in the order of the list."""
    return [line.return_id for line in page_of(asked or Filter(), count=50).lines]


def came_back(number: int = 1) -> int:
    """Book an accepted return of this form."""
    return book_return(make_return(form_id(number))).return_id


def settle(return_id: int, how: HumanDecision.Kind) -> None:
    """Settle a return in Petra's name."""
    book.settle(return_id, how, by="Petra", at=CONFIRMED_AT, reason="as it is")


def test_a_second_return_of_the_customer_makes_both_doubtful_until_one_is_settled() -> None:
    """Whether a line is clear depends on the others of its customer and template, also on other forms."""
    issue_form(1)
    first = came_back(1)
    issue_form(2, reissue=True)
    assert states() == [(1, State.REVIEW)]  # a newer form has taken the place of the first
    second = came_back(2)
    assert states() == [(2, State.REVIEW)]
    settle(first, Kind.NOT_OURS)
    assert states() == [(1, State.CLEAR)]
    book.reopen(first, by="Petra", at=CONFIRMED_AT, reason="a slip")
    assert states() == [(2, State.REVIEW)]
    settle(second, Kind.SET_ASIDE)
    assert (listed(), listed(Filter(only=ASIDE))) == ([first], [second])


def test_a_withdrawal_overtakes_what_had_arrived() -> None:
    """The customer withdraws one form while the return of another waits: it is not clear any more."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1))))
    issue_form(2, reissue=True, version=2, wording="second wording")
    came_back(2)
    assert states() == [(1, State.CLEAR)]
    book.withdraw("K-1001", "remote-support", on=TODAY, reason="by phone", by="Petra")
    assert states() == [(1, State.REVIEW)]


def test_erasing_takes_lines_away_and_frees_those_that_only_a_forgotten_withdrawal_overtook() -> None:
    """What is erased is neither listed nor found, and what nobody knows any more speaks against nothing."""
    issue_form(1)
    settle(came_back(1), Kind.SET_ASIDE)
    confirm_return(book_return(make_return(form_id(1))))
    book.withdraw("K-1001", "remote-support", on=TODAY, reason="by phone", by="Petra")
    issue_form(2, version=2, wording="second wording")
    came_back(2)
    assert states() == [(1, State.REVIEW)]
    in_the_past = ErasureOrder(TODAY.replace(year=TODAY.year + 50), 12)
    due = erase(in_the_past, CopyFolders(Path("/nonexistent"), ()), by="Petra", advance=lambda _: None)
    assert [form.form_id for form in due.forms] == [form_id(1)]
    assert states() == [(1, State.CLEAR)]
    assert listed(Filter(only=ASIDE)) == []


def test_further_pages_of_a_return_change_its_line() -> None:
    """The file that brought what was missing stands in the line, with the decision on the whole."""
    issue_form(1)
    first = book_return(make_return(form_id(1), pages=[1]), builders.INCOMPLETE)
    assert states() == [(1, State.INCOMPLETE)]
    data = b"%PDF-1.7 the second page"
    rest = make_return(form_id(1))
    rest = replace(rest, pages=tuple(replace(page, form_page=2) for page in rest.pages))
    reading = builders.make_document(data, [rest])
    booked = book.book_document(received(data, "Seite 2.pdf"), reading, Decider(ACCEPT)).returns[0]
    assert booked.return_id == first.return_id
    assert states() == [(1, State.CLEAR)]
    assert listed(Filter(q="seite 2.PDF")) == [first.return_id]


def test_a_company_that_is_called_otherwise_is_found_by_its_new_name() -> None:
    """The latest list says what a customer is called, whatever form it was given for."""
    issue_form(1)
    waiting = came_back(1)
    renamed = builders.make_customer("K-1001", "Straße & Söhne KG")
    assert issue(builders.make_issued(form_id(2), renamed, builders.make_letter("backup"))) is None
    assert listed(Filter(q="STRASSE söhne")) == [waiting]


def test_the_share_that_is_asked_blind_may_change(settings: Settings) -> None:
    """What was drawn is kept, not what followed from it: no line is written when the settings change."""
    issue_form(1)
    came_back()
    for share, state in ((0, State.CLEAR), (1, State.BLIND)):
        settings.REGISTRY_BLIND_SHARE = share
        assert states() == [(1, state)]
        assert len(listed(Filter(only=state))) == 1


def test_a_page_is_turned_in_both_directions_whatever_is_searched() -> None:
    """Going on and going back pass over nothing and show nothing twice, also in what is set aside."""
    returns = []
    for number in range(1, 8):
        customer = builders.make_customer(f"K-{number}")
        assert issue(builders.make_issued(form_id(number), customer)) is None
        returns.append(book_return(make_return(form_id(number)), REVIEW, at=RECEIVED_AT).return_id)
    for return_id in returns[:5]:
        settle(return_id, Kind.SET_ASIDE)
    assert _turned(Filter(only=ASIDE)) == [returns[4:2:-1], returns[2:0:-1], returns[:1]]
    assert _turned(Filter(q="k-")) == [returns[5:]]
    for return_id in returns[:5]:
        book.reopen(return_id, by="Petra", at=CONFIRMED_AT, reason="a slip")
    assert _turned(Filter()) == [returns[0:2], returns[2:4], returns[4:6], returns[6:]]


def _turned(asked: Filter) -> list[list[int]]:
    """All pages of a list, two lines each; turning back shows them again, the first page always in full."""
    pages, part = [], page_of(asked, count=2)
    pages.append(_ids(part))
    while part.after:
        before, part = part, page_of(asked, after=part.after, count=2)
        assert _ids(page_of(asked, before=part.before, count=2)) == _ids(before)
        pages.append(_ids(part))
    return pages


def _ids(part: Slice) -> list[int]:
    return [line.return_id for line in part.lines]


def test_booking_asks_the_same_however_much_waits() -> None:
    """A return that comes asks the database no more often when others wait."""
    asked = []
    for number in range(1, 5):
        assert issue(builders.make_issued(form_id(number), builders.make_customer(f"K-{number}"))) is None
        with CaptureQueriesContext(connection) as queries:
            came_back(number)
        asked.append(len(queries))
    assert len(set(asked)) == 1
