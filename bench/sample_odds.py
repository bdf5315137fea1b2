"""What a large book holds beside its plain returns: pages of nobody, mails, what was set aside, a customer with much.

All is booked as it is in earnest, one by one. To be used once `bench.sample_book` has filled the book.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from functools import lru_cache
from io import BytesIO

from PIL import Image

from bench.sample_book import CONFIRMED_AT, ISSUED_AT, RECEIVED_AT, sample_issued, sample_reading
from forms.issued_form import IssuedPdf
from forms.page_code import form_id_from
from intake.decision import decide_mail
from intake.mail_contents import MailReading
from intake.open_mail import open_mail
from intake.results import Decision, DocumentReading, Reason, ReturnReading, UnplacedPage, Verdict
from registry import book
from registry.book import BatchOrder, ReceivedBytes
from registry.models import Customer, HumanDecision, InboxLine, Mail, MailDecision, ReceivedPage

BUSY = "K-BUSY"
"""The customer with much."""
_FORMS = 40
_IN_A_STACK = 500


@lru_cache(maxsize=1)
def _picture() -> bytes:
    """An empty sheet, as reading makes a picture of a page that it cannot place."""
    data = BytesIO()
    Image.new("L", (827, 1169), 240).save(data, "PNG")
    return data.getvalue()


def add_odd_ones(count: int) -> None:
    """Add pages of nobody, mails, and returns that are set aside, until there are so many of each; and the customer."""
    for first in range(ReceivedPage.objects.filter(issue=None).count(), count, _IN_A_STACK):
        _book_strays(range(first, min(first + _IN_A_STACK, count)))
    for number in range(Mail.objects.count(), count):
        _book_mail(number)
    for mail in Mail.objects.filter(decisions=None).order_by("pk")[: count // 2 - MailDecision.objects.count()]:
        book.settle_mail(mail.pk, by="Petra", at=CONFIRMED_AT)
    aside = InboxLine.objects.filter(is_aside=True).count()
    doubtful = InboxLine.objects.filter(is_aside=False, decision=Decision.REVIEW).order_by("place")
    for line in list(doubtful[: count - aside]):
        reason = "holds nothing that concerns the form"
        book.settle(line.pk, HumanDecision.Kind.SET_ASIDE, by="Petra", at=CONFIRMED_AT, reason=reason)
    if not Customer.objects.filter(number=BUSY).exists():
        _book_busy_customer()


def _book_strays(numbers: range) -> None:
    """Book a stack of pages of nobody, each with the customer of one of these numbers on it."""
    data = f"%PDF pages of nobody from {numbers.start}".encode()
    pages = tuple(
        UnplacedPage(at, Reason.PAGE_NO_CODE, _picture(), stray_text(number)) for at, number in enumerate(numbers, 1)
    )
    reading = DocumentReading(hashlib.sha256(data).hexdigest(), None, "", len(pages), (), pages)
    book.book_document(_received(data, f"SCN_{numbers.start}.pdf"), reading, _decide)


def stray_text(number: int) -> str:
    """What is recognised on a letter of the customer of this number."""
    customer = sample_issued(number).form.customer
    return f"{customer.company}\n{customer.street}\n{customer.postal_code} {customer.city}\n\nIhr Schreiben {number}\n"


def _book_mail(number: int) -> None:
    customer = sample_issued(number).form.customer
    message = EmailMessage()
    message["From"], message["Subject"] = customer.email or "office@example.org", f"Frage {number}"
    message["Message-ID"] = f"<{number}@example.org>"
    message.set_content(f"Guten Tag,\n\nwas bedeutet Variante B?\n\n{customer.company}, Kunde {customer.number}\n")
    data = message.as_bytes()
    book.book_mail(_received(data, f"{number}.eml"), MailReading(open_mail(data), {}), _decide, decide_mail)


def _book_busy_customer() -> None:
    """One customer with many forms, each of which came back three times; the last one waits."""
    for number, issued in enumerate(_busy_forms()):
        letter = issued.letter
        list_sha256 = hashlib.sha256(f"busy {number}".encode()).hexdigest()
        order = BatchOrder(letter.template, letter.version, letter.template_sha256, list_sha256, reissue=True)
        batch = book.open_batch(order, today=ISSUED_AT.date())
        book.book_issues([issued], batch, actor="bench", at=ISSUED_AT)
        returns = [_book_return(issued, attempt) for attempt in range(3)]
        if number < _FORMS - 1:
            book.confirm(returns[:1], by="Petra", at=CONFIRMED_AT, variant="A", signed=True)


def _busy_forms() -> Iterator[IssuedPdf]:
    for number in range(_FORMS):
        sample = sample_issued(0)
        form_id = form_id_from(hashlib.sha256(f"busy form {number}".encode()).digest())
        form = replace(sample.form, form_id=form_id, customer=replace(sample.form.customer, number=BUSY))
        yield replace(sample, form=form, pdf=f"%PDF busy {number}".encode())


def _book_return(issued: IssuedPdf, attempt: int) -> int:
    data = f"%PDF scan {attempt} of {issued.form.form_id}".encode()
    answer = sample_reading(issued)
    reading = DocumentReading(hashlib.sha256(data).hexdigest(), None, "", len(answer.pages), (answer,), ())
    received = replace(_received(data, f"SCN_{attempt}.pdf"), received_at=RECEIVED_AT + timedelta(hours=attempt))
    return book.book_document(received, reading, _decide).returns[0].return_id


def _received(data: bytes, name: str) -> ReceivedBytes:
    return ReceivedBytes(data, name, "mailbox", RECEIVED_AT)


def _decide(_reading: ReturnReading, _history: object) -> Verdict:
    return Verdict(Decision.REVIEW, (Reason.VARIANT_SEVERAL,))
