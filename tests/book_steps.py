"""Steps that tests of the book take: issue to K-1001, book a return, confirm it."""

from __future__ import annotations

import secrets
from datetime import datetime

import builders
from builders import ACCEPT, CONFIRMED_AT, RECEIVED_AT, form_id

from forms.issued_form import IssuedPdf, LetterGeometry
from intake.results import History, ReturnReading, Verdict
from registry import book, lookup
from registry.models import ReceivedFile


class Decider:
    """Gives one verdict and remembers the history that it was given."""

    def __init__(self, verdict: Verdict = ACCEPT) -> None:
        self.verdict = verdict
        self.histories: list[History] = []

    def __call__(self, _reading: ReturnReading, history: History) -> Verdict:
        """Decide."""
        self.histories.append(history)
        return self.verdict


def open_batch(letter: LetterGeometry, *, reissue: bool = False, customers: str | None = None) -> book.OpenBatch:
    """Open the batch of a run over a list of customers; of a list that was never seen before unless it is named."""
    order = book.BatchOrder(
        template=letter.template,
        version=letter.version,
        template_sha256=letter.template_sha256,
        list_sha256=builders.sha256(customers or secrets.token_hex(8)),
        reissue=reissue,
    )
    return book.open_batch(order, today=builders.ISSUED_ON)


def issue(
    issued: IssuedPdf, *, reissue: bool = False, actor: str = "generate", at: datetime = builders.ISSUED_AT
) -> book.StandingForm | None:
    """Issue one form in a batch of its own; return the form that stood in its way."""
    batch = open_batch(issued.letter, reissue=reissue)
    return book.book_issues([issued], batch, actor=actor, at=at).get(issued.form.customer.number)


def issue_form(number: int = 1, *, reissue: bool = False, wording: str = "first wording", version: int = 1) -> str:
    """Issue a form to K-1001 and return its id; nothing may stand in its way."""
    letter = builders.make_letter(wording=wording, version=version)
    issued = builders.make_issued(form_id(number), letter=letter)
    assert issue(issued, reissue=reissue) is None
    return form_id(number)


def received(data: bytes, name: str = "SCN_0001.pdf", at: datetime = RECEIVED_AT) -> book.ReceivedBytes:
    """Bytes as the mailbox hands them over."""
    return book.ReceivedBytes(data, name, "mailbox", at)


def book_return(answer: ReturnReading, verdict: Verdict = ACCEPT, *, at: datetime = RECEIVED_AT) -> book.BookedReturn:
    """Book a return as the only one of a new file."""
    data = f"%PDF-1.7 scan {ReceivedFile.objects.count()}".encode()
    booked = book.book_document(received(data, at=at), builders.make_document(data, [answer]), Decider(verdict))
    return booked.returns[0]


def history_given(answer: ReturnReading, *, at: datetime = RECEIVED_AT) -> History:
    """Book a return and say what history its decision was given."""
    data = f"%PDF-1.7 scan {ReceivedFile.objects.count()}".encode()
    decider = Decider()
    book.book_document(received(data, at=at), builders.make_document(data, [answer]), decider)
    return decider.histories[0]


def confirm_return(booked: book.BookedReturn, variant: str | None = None, *, signed: bool = False) -> book.Confirmed:
    """Confirm one return in Petra's name."""
    return book.confirm([booked.return_id], by="Petra", at=CONFIRMED_AT, variant=variant, signed=signed)[0]


def statuses() -> dict[str, str]:
    """Status of every form in the overview, by form id."""
    return {row.form_id: row.status for row in lookup.customers_status()}
