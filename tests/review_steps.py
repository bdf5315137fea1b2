"""Steps that tests of the review page take: who signs in, and what waits for them."""

from __future__ import annotations

import io
from dataclasses import replace

import builders
from book_steps import Decider, book_return, issue, received
from builders import ACCEPT, form_id, make_return
from django.contrib.auth.models import Group, User
from django.test import Client
from PIL import Image

from intake.decision import decide_mail
from intake.mail_contents import MailReading
from intake.open_mail import open_mail
from intake.results import Reason, SignatureState, UnplacedPage, Verdict
from registry import book
from registry.mails import BookedMail
from registry.unplaced import StrayPage, stray_pages
from review.roles import Role

COMPANY = "Łódź & Söhne GmbH"


def page_png(shade: int = 240) -> bytes:
    """A page's picture as the reading makes it: 100 dpi, grey."""
    data = io.BytesIO()
    Image.new("L", (827, 1169), shade).save(data, "PNG")
    return data.getvalue()


def user_with(*roles: Role, name: str = "petra") -> User:
    """A user with these roles and no password that could be used."""
    user = User.objects.create_user(name)
    user.groups.set([Group.objects.get_or_create(name=role.value)[0] for role in roles])
    return user


def signed_in(*roles: Role, name: str = "petra") -> Client:
    """A browser in which such a user has signed in."""
    client = Client()
    # The first of our back ends only counts wrong passwords; it knows nobody.
    client.force_login(user_with(*roles, name=name), backend="django.contrib.auth.backends.ModelBackend")
    return client


def issue_to(number: int, company: str = COMPANY) -> str:
    """Issue a form to the customer of this number, K-1, K-2 …, and return its id."""
    customer = builders.make_customer(f"K-{number}", company)
    assert issue(builders.make_issued(form_id(number), customer), reissue=True) is None
    return form_id(number)


def came_back(
    number: int,
    verdict: Verdict = ACCEPT,
    *,
    company: str = COMPANY,
    variant: str | None = "A",
    signature: SignatureState = SignatureState.PRESENT,
) -> book.BookedReturn:
    """Issue a form to the customer of this number, and book a return of it, with a picture of its own."""
    answer = replace(
        make_return(issue_to(number, company), variant=variant, signature=signature), customer=f"K-{number}"
    )
    pages = tuple(replace(page, picture_png=page_png(100 + number)) for page in answer.pages)
    return book_return(replace(answer, pages=pages), verdict)


def stray_came(shade: int = 90, reason: Reason = Reason.PAGE_NO_CODE, text: str = "") -> StrayPage:
    """Take in a file of one page that belongs to no form, with a picture of its own and what was recognised on it."""
    data = f"%PDF-1.7 stray {shade}".encode()
    unplaced = [UnplacedPage(1, reason, page_png(shade), text)]
    book.book_document(received(data), builders.make_document(data, unplaced=unplaced), Decider())
    return list(stray_pages())[-1]


def mail_came(mail: bytes) -> BookedMail:
    """Take in a mail without documents."""
    reading = MailReading(open_mail(mail), {})
    booked = book.book_mail(received(mail, "1.eml"), reading, Decider(), decide_mail).mail
    assert booked is not None
    return booked
