"""Erasing takes every trace of whose form it was and what came back; the events and the rest stay whole."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import builders
import pytest
from book_steps import Decider, book_return, confirm_return, issue, issue_form, open_batch, received, statuses
from builders import CONFIRMED_AT, INCOMPLETE, REVIEW, form_id, make_return
from django.db import connection
from keeping_steps import age_archive, found

from forms.issued_form import ErasedForm
from intake.results import Reason, UnplacedPage
from registry import archive, book, export, lookup
from registry.anchors import write_anchor
from registry.erasing import CopyFolders, Due, ErasureOrder, erase, what_is_due
from registry.errors import ConfirmationRefused, FormErased, NotAllowedNow
from registry.models import (
    ERASED_CUSTOMER,
    Arrival,
    Batch,
    Customer,
    Event,
    HumanDecision,
    Issue,
    PageLikeness,
    Reading,
    ReceivedPage,
)
from registry.office_time import local_date
from registry.proposals import proposals_for
from registry.retention import Dated, counted_from, months_after
from registry.statuses import EventKind, Status
from registry.unplaced import stray_page, stray_pages
from registry.waiting import returns_waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_book")]

TODAY = date(2030, 6, 1)
"""More than the letter's 36 months after everything that the tests book."""


def order(today: date = TODAY, customer: str | None = None) -> ErasureOrder:
    """Erase what is due on a day."""
    return ErasureOrder(today, 12, customer)


def erased(tmp_path: Path, what: ErasureOrder | None = None) -> Due:
    """Erase in Petra's name, with folders for copies."""
    folders = [tmp_path / name for name in ("forms", "done", "problems")]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    due = erase(what or order(), CopyFolders(folders[0], tuple(folders[1:])), by="Petra", advance=lambda _: None)
    write_anchor()
    return due


def withdrawn_form() -> bytes:
    """A form that was issued, sent, answered, confirmed and withdrawn; returns the bytes that came back."""
    issue_form(1)
    data = b"%PDF-1.7 Weiss signed"
    booked = book.book_document(
        received(data, "Weiss.pdf"), builders.make_document(data, [make_return(form_id(1))]), Decider()
    )
    confirm_return(booked.returns[0])
    book.withdraw("K-1001", "remote-support", on=local_date(CONFIRMED_AT), reason="Frau Weiss rief an", by="Petra")
    return data


@pytest.mark.parametrize(
    ("status", "events", "since"),
    [
        (Status.ISSUED, [(EventKind.ISSUED, 1)], date(2026, 1, 29)),
        (Status.SENT, [(EventKind.ISSUED, 1), (EventKind.SENT, 2)], date(2026, 1, 29)),
        (Status.ISSUED, [(EventKind.ISSUED, 1), (EventKind.RETURN_REJECTED, 31)], date(2026, 1, 31)),
        (Status.INCOMPLETE, [(EventKind.ISSUED, 1), (EventKind.RETURN_INCOMPLETE, 3)], date(2026, 1, 29)),
        (Status.RETURNED, [(EventKind.ISSUED, 1), (EventKind.RETURN_BOOKED, 3)], None),
        (Status.IN_FORCE, [(EventKind.ISSUED, 1), (EventKind.RETURN_CONFIRMED, 3)], None),
        (Status.WITHDRAWN, [(EventKind.RETURN_CONFIRMED, 3), (EventKind.WITHDRAWN, 9)], date(2026, 1, 9)),
        (Status.VOID, [(EventKind.ISSUED, 1), (EventKind.VOIDED, 4)], date(2026, 1, 4)),
        (Status.SUPERSEDED, [(EventKind.ISSUED, 1), (EventKind.SUPERSEDED, 5)], date(2026, 1, 5)),
        (Status.SUPERSEDED, [(EventKind.SUPERSEDED, 5), (EventKind.RETURN_BOOKED, 8)], date(2026, 1, 8)),
    ],
)
def test_retention_is_counted_from_the_end(
    status: Status, events: list[tuple[EventKind, int]], since: date | None
) -> None:
    """From what ended the form, else from its due date; from a later return; never in force or waiting for a person."""
    dated = [Dated(kind, date(2026, 1, day)) for kind, day in events]
    assert counted_from(status, dated, date(2026, 1, 29)) == since


def test_months_end_on_days_that_exist() -> None:
    """A month after 31 January is the last of February; years carry over."""
    assert months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_after(date(2026, 11, 23), 36) == date(2029, 11, 23)
    assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)


def test_nothing_is_due_a_day_too_early() -> None:
    """A form that nobody answered is due on the very day on which its months after its due date are over."""
    issue_form(1)
    day = months_after(Issue.objects.get().due_on, 36)
    assert what_is_due(order(day - timedelta(days=1))).forms == ()
    assert [form.form_id for form in what_is_due(order(day)).forms] == [form_id(1)]


def test_nothing_of_an_erased_form_is_left(tmp_path: Path) -> None:
    """Rows, archive, letters and received files lose it, verify still holds, and SQLite keeps no trace in its file."""
    data = withdrawn_form()
    pdf = archive.find(Issue.objects.get().pdf_sha256)
    for name in ("forms", "done", "problems"):
        (tmp_path / name).mkdir()
    letter = tmp_path / "forms" / f"K-1001-remote-support.v1-{form_id(1)}.pdf"
    copy, explained = tmp_path / "problems" / "Weiss (2).pdf", tmp_path / "problems" / "Weiss (2).pdf.reason.txt"
    other = tmp_path / "done" / "other.pdf"
    for path in (letter, copy, explained):
        path.write_bytes(data)
    other.write_bytes(data[::-1])
    before = Event.objects.count()
    due = erased(tmp_path)
    assert ([form.form_id for form in due.forms], len(due.files)) == ([form_id(1)], 1)
    assert [path.exists() for path in (letter, copy, explained, other)] == [False, False, False, True]
    assert pdf is not None
    assert not pdf.exists()
    assert not [path for path in archive.archive_root().glob("*/*") if path.is_file()]
    assert Event.objects.count() == before + 2
    row = Issue.objects.get()
    assert (row.form_json, row.customer.number, row.erased_at is None) == ("", ERASED_CUSTOMER, False)
    assert not Customer.objects.filter(number="K-1001").exists()
    assert list(HumanDecision.objects.values_list("note", "salt", "variant", "signed_on")) == [("", "", "", None)] * 2
    assert (Reading.objects.get().reading_json, Arrival.objects.get().name) == ("", "")
    assert Batch.objects.get().seed == ""
    assert found() == []
    if connection.vendor == "sqlite":
        stored = Path(connection.settings_dict["NAME"]).read_bytes()
        for trace in ("K-1001", "Weiß", "Weiss", "Łódź", "jana@example.org", "Torstr"):
            assert trace.encode() not in stored


def test_what_is_in_force_or_waits_is_never_due(tmp_path: Path) -> None:
    """However old: a consent in force and an answer that no person has looked at stay."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1))))
    other = builders.make_issued(form_id(2), builders.make_customer("K-1002"))
    issue(other)
    book_return(make_return(form_id(2)), REVIEW)
    assert erased(tmp_path, order(date(2099, 1, 1))) == Due((), (), (), ())
    age_archive()
    assert found() == []


def test_an_open_form_is_void_once_it_is_erased(tmp_path: Path) -> None:
    """What nobody answered completely no longer keeps its customer from getting a form."""
    issue_form(1)
    book_return(make_return(form_id(1)), INCOMPLETE)
    erased(tmp_path)
    kinds = list(Event.objects.order_by("-sequence").values_list("kind", flat=True)[:3])
    assert kinds == ["file.erased", "form.erased", "form.voided"]
    assert statuses() == {}
    issue_form(2)
    assert statuses() == {form_id(2): "issued"}
    assert found() == []


def test_a_stack_stays_until_its_last_form_is_erased(tmp_path: Path) -> None:
    """A file that also holds pages of a form that is kept stays, and is told; later it goes."""
    withdrawn_form()
    issue(builders.make_issued(form_id(2), builders.make_customer("K-1002")))
    stack = b"%PDF-1.7 stack"
    answers = [make_return(form_id(1), pages=[1]), make_return(form_id(2), pages=[2])]
    booked = book.book_document(received(stack), builders.make_document(stack, answers), Decider())
    confirm_return(booked.returns[1])
    due = erased(tmp_path)
    assert [(file.sha256, file.form_ids) for file in due.kept_files] == [(booked.sha256, (form_id(2),))]
    assert archive.load(booked.sha256) == stack
    age_archive()
    assert found() == []
    book.withdraw("K-1002", "remote-support", on=local_date(CONFIRMED_AT), reason="letter", by="Petra")
    due = erased(tmp_path)
    assert (due.files, due.kept_files) == ((booked.sha256,), ())
    assert archive.find(booked.sha256) is None
    assert found() == []


def test_foreign_pages_have_a_retention_of_their_own(tmp_path: Path) -> None:
    """A file without a form of ours goes so many months after it last arrived."""
    data = b"%PDF-1.7 junk"
    stray = UnplacedPage(1, Reason.PAGE_NO_CODE, builders.PICTURE_PNG, "Frau Weiss")
    book.book_document(received(data), builders.make_document(data, unplaced=[stray]), Decider())
    day = months_after(local_date(builders.RECEIVED_AT), 12)
    assert what_is_due(order(day - timedelta(days=1))).files == ()
    (page,) = stray_pages()
    assert page.picture is not None
    assert page.text == "Frau Weiss"
    assert erased(tmp_path, order(day)).files == (builders.sha256(data),)
    assert archive.find(page.picture) is None
    assert (list(stray_pages()), stray_page(page.page_id)) == ([], None)
    assert ReceivedPage.objects.get().text == ""
    assert found() == []


def test_what_a_page_and_a_form_share_goes_with_either(tmp_path: Path) -> None:
    """That a customer is recognised on a page says something of them: erased with the form, and with the page."""
    issue_form(1)
    issue(builders.make_issued(form_id(2), builders.make_customer("K-1002", "Sommer Gartenbau")))
    data = b"%PDF-1.7 junk"
    stray = UnplacedPage(1, Reason.PAGE_NO_CODE, b"", "Łódź & Söhne GmbH\nSommer Gartenbau")
    book.book_document(received(data), builders.make_document(data, unplaced=[stray]), Decider())
    (page,) = stray_pages()
    assert {each.number for each in proposals_for(page.page_id)} == {"K-1001", "K-1002"}
    erased(tmp_path, order(date(2026, 12, 1), "K-1001"))
    assert [row.issue.form_id for row in PageLikeness.objects.all()] == [form_id(2)]
    assert found() == []
    erased(tmp_path, order(months_after(local_date(builders.RECEIVED_AT), 12)))
    assert not PageLikeness.objects.exists()
    PageLikeness.objects.create(
        page_id=page.page_id, issue=Issue.objects.get(form_id=form_id(2)), score=1, why="number"
    )
    assert found() == ["row.altered"]


def test_a_customers_request_goes_ahead_of_time(tmp_path: Path) -> None:
    """On request everything of a customer's goes at once, but what is in force; others keep theirs."""
    today = local_date(CONFIRMED_AT)
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1))))
    issue_form(2, reissue=True, wording="second wording", version=2)
    issue(builders.make_issued(form_id(3), builders.make_customer("K-1002")))
    due = erased(tmp_path, order(today, "K-1001"))
    assert ([form.form_id for form in due.forms], due.in_force) == ([form_id(2)], (form_id(1),))
    assert statuses() == {form_id(1): "in_force", form_id(3): "issued"}
    assert Customer.objects.filter(number="K-1001").exists()
    age_archive()
    assert found() == []
    with pytest.raises(NotAllowedNow):
        what_is_due(order(today, "K-9999"))


def test_whoever_asks_for_an_erased_form_is_told(tmp_path: Path) -> None:
    """Its code, its file and every step that names it get a clear answer; lists no longer show it."""
    data = withdrawn_form()
    erased(tmp_path)
    assert lookup.find_issued(form_id(1)) == ErasedForm(form_id(1))
    again = book.book_known_bytes(received(data, "Weiss.pdf"))
    assert again is not None
    assert (again.problem, again.returns) == (Reason.FILE_ERASED, ())
    assert returns_waiting() == ()
    assert list(lookup.customers_status()) == []
    assert list(export.book_rows()[1]) == []
    later = b"%PDF-1.7 once more"
    with pytest.raises(FormErased):
        book.book_document(received(later), builders.make_document(later, [make_return(form_id(1))]), Decider())
    with pytest.raises(FormErased):
        book.void(form_id(1), by="Petra", reason="mistake")
    issue_form(2)
    answer = book_return(make_return(form_id(2)), INCOMPLETE)
    erased(tmp_path)
    with pytest.raises(ConfirmationRefused, match="erased"):
        confirm_return(answer, "A", signed=True)


def test_an_interrupted_erasure_is_named_and_finished(tmp_path: Path) -> None:
    """Where the rows are erased and a file still lies there, verify says so, and the next erasure removes it."""
    data = withdrawn_form()
    erased(tmp_path)
    archive.store(data, ".pdf")
    assert found() == ["erasure.unfinished"]
    assert erased(tmp_path) == Due((), (), (), ())
    assert found() == []


@pytest.mark.sqlite  # what PostgreSQL keeps in its files, the server vacuums
def test_many_erased_forms_leave_no_trace_among_those_that_stay(tmp_path: Path) -> None:
    """Rows that lay between others, and that the database moved about, are gone from SQLite's file too."""
    letter = builders.make_letter()
    names = [f"Firma-{number:04d}-{builders.sha256(str(number))[:20]}" for number in range(150)]
    batch = open_batch(letter)
    for at in range(0, 150, 50):
        issued = [
            builders.make_issued(form_id(number), builders.make_customer(f"K-{number}", names[number]), letter)
            for number in range(at, at + 50)
        ]
        book.book_issues(issued, batch, actor="generate", at=builders.ISSUED_AT)
    going = [number for number in range(150) if number % 7 in (0, 3, 4)]
    for number in going:
        erased(tmp_path, order(date(2026, 11, 1), f"K-{number}"))
    stored = Path(connection.settings_dict["NAME"]).read_bytes()
    assert [name for name in names if name.encode() not in stored] == [names[number] for number in going]


def test_bytes_that_are_still_needed_stay(tmp_path: Path) -> None:
    """A letter that came back exactly as it was issued is one file for two: it stays for the one that is kept."""
    issue_form(1)
    issued = builders.make_issued(form_id(1))
    book.book_document(
        received(issued.pdf),
        builders.make_document(issued.pdf, unplaced=[UnplacedPage(1, Reason.PAGE_NO_CODE)]),
        Decider(),
    )
    due = erased(tmp_path, order(months_after(local_date(builders.RECEIVED_AT), 12)))
    assert (due.forms, len(due.files)) == ((), 1)
    assert archive.load(builders.sha256(issued.pdf)) == issued.pdf
    age_archive()
    assert found() == []
