"""Pages whose owner a person knows: made a return of their form, or nobody's; returns that are another customer's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from book_steps import book_return, statuses
from builders import CONFIRMED_AT, form_id, make_return
from review_steps import came_back, issue_to, stray_came

from intake.results import Decision, Reason
from registry import book
from registry.check_rows import check_rows
from registry.erasing import CopyFolders, ErasureOrder, erase
from registry.errors import (
    ChangedMeanwhile,
    NotAllowedNow,
    PageSettled,
    SettledMeanwhile,
    UnknownForm,
    UnknownPage,
)
from registry.events import last_event
from registry.evidence import evidence_of
from registry.findings import Finding
from registry.invariants import violations
from registry.models import Event, HumanDecision, PageDecision, Reading, ReceivedFile
from registry.retrying import is_to_be_read_again
from registry.unplaced import stray_page
from registry.waiting import returns_waiting

pytestmark = pytest.mark.django_db

Kind = PageDecision.Kind


@pytest.fixture(autouse=True)
def _the_book_stays_sound() -> Iterator[None]:
    yield
    assert list(violations()) == []
    assert findings() == []


def findings() -> list[Finding]:
    """What is wrong with the rows."""
    return list(check_rows("default", lambda _: None))


def place(page_id: int, number: int = 1, form_page: int = 1) -> book.Placed:
    """Say in Petra's name that a page is a customer's."""
    return book.place(page_id, form_id(number), form_page=form_page, by="Petra", at=CONFIRMED_AT)


def move(return_id: int, number: int, *, seen: int | None = None) -> book.Placed:
    """Say in Petra's name that a return is another customer's."""
    return book.move(
        return_id, form_id(number), by="Petra", at=CONFIRMED_AT, reason="the address says so", last_event=seen
    )


def test_what_comes_later_is_no_further_page_of_a_return_that_a_person_made() -> None:
    """It has its page already: the same page of the form that comes in another file is another return."""
    issue_to(1)
    placed = place(stray_came().page_id)
    later = book_return(make_return(form_id(1)))
    assert later.return_id != placed.return_id
    assert len(returns_waiting()) == 2


def test_a_page_that_is_placed_is_a_return_that_waits() -> None:
    """It has its picture and no reading; a person answers the questions, and it comes into force like any other."""
    stray = stray_came()
    issue_to(1)
    placed = place(stray.page_id)
    assert (placed.form_id, placed.number) == (form_id(1), "K-1")
    (waiting,) = returns_waiting()
    assert (waiting.return_id, waiting.decision, waiting.reasons) == (
        placed.return_id,
        Decision.REVIEW,
        (Reason.PAGE_PLACED,),
    )
    assert (waiting.variant, waiting.clear, waiting.received_at) == (None, False, stray.received_at)
    (evidence,) = evidence_of([placed.return_id])
    assert {page: path.stem for page, path in evidence.pictures.items()} == {1: stray.picture}
    assert statuses() == {form_id(1): "returned"}
    book.confirm_seen(placed.return_id, book.Seen("B"), by="Petra", at=CONFIRMED_AT)
    assert statuses() == {form_id(1): "in_force"}


def test_what_the_machine_said_of_the_page_stays() -> None:
    """The page is still one that it could not place; the person's word stands beside it, in their name."""
    stray = stray_came()
    issue_to(1)
    place(stray.page_id)
    after = stray_page(stray.page_id)
    assert after is not None
    assert (after.reason, after.waits) == (stray.reason, False)
    placed = Event.objects.get(kind="page.placed")
    assert (placed.actor, placed.subject) == ("Petra", f"file:{stray.file_sha256}")


@pytest.mark.parametrize("how", [Kind.NOT_OURS, Kind.BLANK])
def test_a_page_that_is_nobodys_waits_no_longer_until_that_is_taken_back(how: PageDecision.Kind) -> None:
    """Both decisions stay; then it can be placed after all."""
    stray = stray_came()
    issue_to(1)
    book.settle_page(stray.page_id, how, by="Petra", at=CONFIRMED_AT, note="advertising")
    with pytest.raises(PageSettled):
        place(stray.page_id)
    book.reopen_page(stray.page_id, by="Paul", at=CONFIRMED_AT)
    place(stray.page_id)
    assert [made.kind for made in PageDecision.objects.order_by("pk")] == [how, "reopened", "placed"]


def test_what_cannot_be_is_refused_and_nothing_is_written() -> None:
    """No such page, no such form, no such page of the form, nobody who decides, or decided before."""
    stray, booked = stray_came(), came_back(1)
    issue_to(2)
    with pytest.raises(UnknownPage):
        place(999)
    with pytest.raises(UnknownForm):
        place(stray.page_id, 77)
    with pytest.raises(NotAllowedNow, match="has 1 pages"):
        place(stray.page_id, 2, form_page=2)
    with pytest.raises(NotAllowedNow, match="named"):
        book.place(stray.page_id, form_id(2), form_page=1, by=" ", at=CONFIRMED_AT)
    with pytest.raises(NotAllowedNow, match="settles no page"):
        book.settle_page(stray.page_id, Kind.PLACED, by="Petra", at=CONFIRMED_AT)
    with pytest.raises(NotAllowedNow, match="taken back"):
        book.reopen_page(stray.page_id, by="Petra", at=CONFIRMED_AT)
    with pytest.raises(NotAllowedNow, match="already"):
        move(booked.return_id, 1)
    assert not PageDecision.objects.exists()
    assert not HumanDecision.objects.exists()
    place(stray.page_id, 2)
    with pytest.raises(PageSettled):
        place(stray.page_id, 1)


def test_a_form_that_has_ended_takes_no_page() -> None:
    """A void or withdrawn form is not answered by anything."""
    stray = stray_came()
    book.void(issue_to(1), by="Petra", reason="mistake")
    with pytest.raises(NotAllowedNow, match="is void"):
        place(stray.page_id)


def test_a_return_is_moved_to_the_customer_whose_it_is() -> None:
    """The form that its code names waits for its answer again; the other one has a return with the same picture."""
    booked = came_back(1, company="Falsch GmbH")
    issue_to(2, "Richtig GmbH")
    (before,) = evidence_of([booked.return_id])
    moved = move(booked.return_id, 2)
    assert (moved.number, moved.company) == ("K-2", "Richtig GmbH")
    assert statuses() == {form_id(1): "issued", form_id(2): "returned"}
    assert [each.return_id for each in returns_waiting()] == [moved.return_id]
    (after,) = evidence_of([moved.return_id])
    assert after.pictures == before.pictures
    assert after.reading.variant is None
    with pytest.raises(SettledMeanwhile):
        move(booked.return_id, 2)
    again = move(moved.return_id, 1)
    assert [each.return_id for each in returns_waiting()] == [again.return_id]
    assert Reading.objects.count() == 3


def test_a_return_is_not_moved_unseen() -> None:
    """Something happened to its form since the person looked."""
    booked = came_back(1)
    issue_to(2)
    with pytest.raises(ChangedMeanwhile):
        move(booked.return_id, 2, seen=last_event(form_id(1)) - 1)


def test_a_file_with_a_placed_page_is_not_read_again() -> None:
    """What a person said of the page counts, also where somebody had asked before: it never becomes two returns."""
    stray = stray_came()
    issue_to(1)
    assert book.ask_to_read_again(stray.file_sha256, by="Petra")
    place(stray.page_id)
    assert not is_to_be_read_again(ReceivedFile.objects.get())
    with pytest.raises(NotAllowedNow):
        book.ask_to_read_again(stray.file_sha256, by="Petra")


def test_a_placed_pages_file_is_kept_with_its_form_and_erased_after_it(tmp_path: Path) -> None:
    """Its bytes go neither before the form nor never; what is left of the decision says nothing, and still verifies."""
    stray = stray_came()
    issue_to(1)
    placed = place(stray.page_id)
    book.settle(placed.return_id, HumanDecision.Kind.NOT_OURS, by="Petra", at=CONFIRMED_AT, reason="no")
    today = datetime.now(UTC).date()
    folders = CopyFolders(tmp_path, ())
    due = erase(ErasureOrder(today.replace(year=today.year + 2), 12), folders, by="Petra", advance=lambda _: None)
    assert (due.forms, due.files) == ((), ())
    due = erase(ErasureOrder(today.replace(year=today.year + 9), 12), folders, by="Petra", advance=lambda _: None)
    assert due.files == (stray.file_sha256,)
    assert PageDecision.objects.get().salt == ""


def test_an_altered_decision_about_a_page_is_found() -> None:
    """Whoever changes the row itself is found out."""
    stray = stray_came()
    book.settle_page(stray.page_id, Kind.NOT_OURS, by="Petra", at=CONFIRMED_AT)
    PageDecision.objects.update(note="something else")
    assert any("not what event" in finding.what for finding in findings())
    PageDecision.objects.update(note="")
