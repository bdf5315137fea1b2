"""Receiving: every file and every page that arrives has its one place in the book."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import builders
import pytest
from book_steps import Decider, book_return, issue, issue_form, received
from builders import ACCEPT, INCOMPLETE, RECEIVED_AT, REVIEW, form_id, make_return

from intake.results import History, Reason, ReturnedPage, ReturnReading, SignatureState, UnplacedPage, Verdict
from registry import archive, book
from registry.errors import Inconsistent, UnknownForm
from registry.invariants import violations
from registry.models import Arrival, Event, Reading, ReceivedFile, ReceivedPage, Return
from registry.waiting import returns_waiting

pytestmark = pytest.mark.django_db


def test_every_page_of_a_stack_is_booked_in_one_place() -> None:
    """A stack of two returns and a foreign page is booked page by page, and its bytes and pictures are archived."""
    issue_form(1)
    other = builders.make_issued(form_id(2), builders.make_customer("K-1002"))
    assert issue(other) is None
    data = b"%PDF-1.7 stack"
    reading = builders.make_document(
        data,
        [make_return(form_id(1), pages=[3]), make_return(form_id(2), pages=[1])],
        [UnplacedPage(2, Reason.PAGE_NO_CODE)],
    )
    booked = book.book_document(received(data), reading, Decider())
    assert [(each.form_id, each.customer, each.status) for each in booked.returns] == [
        (form_id(1), "K-1001", "returned"),
        (form_id(2), "K-1002", "returned"),
    ]
    assert booked.unplaced == (UnplacedPage(2, Reason.PAGE_NO_CODE),)
    assert booked.duplicate_of is None
    places = ReceivedPage.objects.order_by("page").values_list("page", "issue__form_id", "reason")
    assert list(places) == [(1, form_id(2), ""), (2, None, "page.no_code"), (3, form_id(1), "")]
    assert archive.load(booked.sha256) == data
    assert [archive.load(row.pictures[page]) for row, page in zip(Reading.objects.order_by("pk"), "31", strict=True)]


def test_pictures_are_not_kept_in_the_database() -> None:
    """The stored reading is the reading with empty pictures; the picture lies in the archive."""
    issue_form(1)
    book_return(make_return(form_id(1)))
    row = Reading.objects.get()
    assert '"picture_png":""' in row.reading_json
    assert archive.load(row.pictures["1"]) == builders.PICTURE_PNG
    waiting = returns_waiting()[0]
    assert waiting.picture is not None
    assert waiting.picture.suffix == ".png"


def test_a_page_that_came_earlier_and_is_booked_later() -> None:
    """Of files that arrive together either may be booked first: their return was received with the first to arrive."""
    issue_form(1)
    page_2 = replace(make_return(form_id(1)), pages=(ReturnedPage(1, 2, 300.0, 0.1, builders.PICTURE_PNG),))
    later = book_return(make_return(form_id(1)), at=RECEIVED_AT + timedelta(seconds=1))
    assert book_return(page_2, at=RECEIVED_AT).return_id == later.return_id
    assert Return.objects.get().received_at == returns_waiting()[0].received_at == RECEIVED_AT
    assert list(violations()) == []


def test_the_same_bytes_again_are_linked_to_the_first() -> None:
    """Arriving again adds an arrival, says what was booked the first time, and reads nothing anew."""
    issue_form(1)
    data = b"%PDF-1.7 scan"
    assert book.book_known_bytes(received(data)) is None
    reading = builders.make_document(data, [make_return(form_id(1))])
    first = book.book_document(received(data), reading, Decider(REVIEW))
    later = received(data, "again.pdf", RECEIVED_AT + timedelta(days=1))
    again = book.book_known_bytes(later)
    assert again == replace(first, duplicate_of="SCN_0001.pdf, received 12.10.2026 11:30")
    assert book.book_document(later, reading, Decider(ACCEPT)) == again
    assert (ReceivedFile.objects.count(), Return.objects.count(), Arrival.objects.count()) == (1, 1, 3)
    assert list(Arrival.objects.order_by("pk").values_list("duplicate", flat=True)) == [False, True, True]


def test_an_arrival_is_booked_once_however_often_it_is_met() -> None:
    """After an interruption the same entry of the mailbox is what it was before; another entry is another arrival."""
    issue_form(1)
    data = b"%PDF-1.7 scan"
    reading = builders.make_document(data, [make_return(form_id(1))])
    first = replace(received(data), entry="1-13-5-5")
    second = replace(received(data, "again.pdf"), entry="2-13-5-6")
    booked = book.book_document(first, reading, Decider())
    assert book.book_known_bytes(first) == replace(booked, booked_before=True)
    assert book.book_document(first, reading, Decider()) == replace(booked, booked_before=True)
    repeat = book.book_known_bytes(second)
    assert repeat is not None
    events = Event.objects.count()
    assert repeat.duplicate_of == "SCN_0001.pdf, received 12.10.2026 11:30"
    assert book.book_known_bytes(second) == replace(repeat, booked_before=True)
    assert Event.objects.count() == events
    assert list(Arrival.objects.order_by("pk").values_list("duplicate", "entry")) == [
        (False, first.entry),
        (True, second.entry),
    ]


def test_the_same_name_with_other_bytes_is_another_return() -> None:
    """Scanners use names again: a name links nothing."""
    issue_form(1)
    for data in (b"%PDF-1.7 one", b"%PDF-1.7 two"):
        booked = book.book_document(
            received(data, "SCN_0001.pdf"), builders.make_document(data, [make_return(form_id(1))]), Decider()
        )
        assert booked.duplicate_of is None
    assert Return.objects.count() == 2


def test_a_file_that_cannot_be_read_is_booked_with_its_problem() -> None:
    """An unreadable file is kept and its reason said, also when it arrives again."""
    data = b"not a scan"
    reading = replace(builders.make_document(data), problem=Reason.FILE_UNSUPPORTED, detail="begins \udcff\0")
    booked = book.book_document(received(data), reading, Decider())
    assert booked.detail == r"begins \udcff\x00"
    assert (booked.problem, booked.returns, booked.unplaced) == (Reason.FILE_UNSUPPORTED, (), ())
    again = book.book_known_bytes(received(data))
    assert again is not None
    assert (again.problem, again.detail) == (booked.problem, booked.detail)
    assert archive.load(booked.sha256) == data


@pytest.mark.parametrize(
    "name", ["scan\udcff.pdf", "a\0b.pdf", "'; DROP TABLE x; --.pdf", "../../etc/passwd", "\ud800"]
)
def test_hostile_file_names_are_kept_as_text(name: str) -> None:
    """Whatever a file is called, it is booked, and its name leads nowhere."""
    data = b"%PDF-1.7 scan"
    reading = builders.make_document(data, unplaced=[UnplacedPage(1, Reason.PAGE_BLANK)])
    book.book_document(received(data, name), reading, Decider())
    assert Arrival.objects.get().name


def test_a_reading_that_does_not_fit_its_bytes_is_not_booked() -> None:
    """Other bytes, a page left out or placed twice, pages of an unreadable file, a return without pages: not booked."""
    issue_form(1)
    data = b"%PDF-1.7 scan"
    fitting = builders.make_document(data, [make_return(form_id(1))])
    twice = replace(fitting, unplaced=(UnplacedPage(1, Reason.PAGE_BLANK),))
    for handed_over, reading in (
        (received(b"other"), fitting),
        (received(data), replace(fitting, page_count=2)),
        (received(data), twice),
        (received(data), replace(fitting, problem=Reason.FILE_BROKEN)),
        (received(data), replace(fitting, returns=(*fitting.returns, make_return(form_id(1), pages=[])))),
    ):
        with pytest.raises(Inconsistent):
            book.book_document(handed_over, reading, Decider())
    with pytest.raises(UnknownForm):
        book.book_document(received(data), builders.make_document(data, [make_return(form_id(9))]), Decider())
    assert ReceivedFile.objects.count() == 0


def test_a_decision_that_fails_leaves_nothing_booked() -> None:
    """Booking a document is one transaction."""
    issue_form(1)
    data = b"%PDF-1.7 scan"
    events = Event.objects.count()

    def fail(_reading: ReturnReading, _history: History) -> Verdict:
        raise RuntimeError("no decision")

    with pytest.raises(RuntimeError):
        book.book_document(received(data), builders.make_document(data, [make_return(form_id(1))]), fail)
    assert (ReceivedFile.objects.count(), Return.objects.count(), Event.objects.count()) == (0, 0, events)


def test_an_incomplete_return_leaves_the_form_open() -> None:
    """Incomplete is a status of its own; a complete return then takes over."""
    issue_form(1)
    assert book_return(make_return(form_id(1), signature=SignatureState.ABSENT), INCOMPLETE).status == "incomplete"
    assert book_return(make_return(form_id(1))).status == "returned"
