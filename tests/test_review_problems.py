"""Files that could not be read, on the review page: one button has each read again, and one sees what became of it."""

from __future__ import annotations

from pathlib import Path

import mails
import pytest
from book_steps import Decider, received
from builders import make_document, make_return, sha256
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from review_steps import issue_to, signed_in, stray_came

from intake.decision import decide_mail
from intake.mail_contents import MailReading
from intake.mailbox import make_mailbox
from intake.open_mail import open_mail
from intake.results import DocumentReading, Reason
from registry import book
from registry.models import Event
from registry.retrying import problem_files
from registry.statuses import EventKind
from review.roles import Role
from ruecklauf.open_config import open_config

pytestmark = pytest.mark.django_db

DATA = b"%PDF-1.7 of a customer"


@pytest.fixture(autouse=True)
def mailbox(settings: Settings, tmp_path: Path) -> Path:
    """A mailbox of the test's own."""
    settings.RUECKLAUF_CONFIG = settings.RUECKLAUF_CONFIG.model_copy(update={"home": tmp_path})
    make_mailbox(tmp_path / "mailbox")
    return tmp_path / "mailbox"


def not_read(data: bytes, reason: Reason = Reason.FILE_TIMEOUT) -> DocumentReading:
    """The reading of a file of which nothing could be read."""
    return DocumentReading(sha256(data), reason, "", 0, (), ())


def unreadable(data: bytes = DATA, name: str = "scan.pdf") -> None:
    """Take in a file that cannot be read in time, and put it among the problems, with its note."""
    book.book_document(received(data, name), not_read(data), Decider())
    problems = open_config().mailbox / "problems"
    (problems / name).write_bytes(data)
    (problems / f"{name}.reason.txt").write_text("Reading took too long.")


def again(client: Client, data: bytes = DATA) -> str:
    """Press the button beside a file, and return the page that follows."""
    return client.post(reverse("read-again"), {"file": sha256(data)}, follow=True).content.decode()


def files_in(folder: Path) -> list[str]:
    """What lies in a folder itself, but for its folders."""
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_file_is_read_again_by_one_button(mailbox: Path) -> None:
    """It lies in the mailbox again, who wanted it is booked; once read, everybody is told what it holds."""
    unreadable()
    client = signed_in(Role.REVIEW)
    assert "dauerte zu lange" in client.get(reverse("problems")).content.decode()
    assert "1 Datei mit einem Problem" in client.get(reverse("mailbox")).content.decode()
    page = again(client)
    assert "Noch einmal zum Lesen gegeben" in page
    assert "ruecklauf watch" in page  # nobody takes in what lies there: that is said, too
    assert (files_in(mailbox), files_in(mailbox / "problems")) == (["scan.pdf"], [])
    assert [event.actor for event in Event.objects.filter(kind=EventKind.FILE_RETRY)] == ["petra"]

    reading = make_document(DATA, [make_return(issue_to(7))])
    book.book_document(received(DATA, "scan.pdf"), reading, Decider())
    for colleague in (client, signed_in(Role.REVIEW, name="anna")):
        page = colleague.get(reverse("problems")).content.decode()
        assert "Łódź &amp; Söhne GmbH" in page
        assert "von petra" in page
        assert "Keine Datei hat ein Problem" in page


def test_the_page_asks_until_nothing_waits() -> None:
    """While a file waits, the page that polls is to ask again; then htmx is told to stop."""
    unreadable()
    client = signed_in(Role.REVIEW)
    again(client)
    polled = {"X-Polled": "yes"}
    assert client.get(reverse("problems"), headers=polled).status_code == 200
    book.book_document(received(DATA), not_read(DATA, Reason.FILE_CRASHED), Decider())
    answer = client.get(reverse("problems"), headers=polled)
    assert answer.status_code == 286
    assert "Das Leseprogramm ist an der Datei gescheitert" in answer.content.decode()


def test_files_are_listed_by_the_page() -> None:
    """Of many files the last ones come first, fifty at a time, each with its own name."""
    for number in range(52):
        unreadable(b"%%PDF-1.7 no. %d" % number, f"{number}.pdf")
    client = signed_in(Role.REVIEW)
    first, second = (client.get(reverse("problems"), {"page": page}).content.decode() for page in (1, 2))
    assert (">51.pdf<" in first, ">1.pdf<" in first) == (True, False)
    assert (">51.pdf<" in second, ">1.pdf<" in second) == (False, True)
    assert [each.name for each in problem_files(50, 50)] == ["1.pdf", "0.pdf"]


def test_what_was_mended_in_the_folder_is_taken_in_again(mailbox: Path) -> None:
    """One button puts all that lies among the problems back, also what the book has never seen."""
    unreadable()
    (mailbox / "problems" / "mended.pdf").write_bytes(b"%PDF-1.7 mended")
    page = signed_in(Role.REVIEW).post(reverse("all-again"), follow=True).content.decode()
    assert "2 Dateien wurden zurückgelegt" in page
    assert files_in(mailbox) == ["mended.pdf", "scan.pdf"]
    assert [each.to_be_read_again for each in problem_files()] == [True]


def test_a_file_with_booked_returns_is_not_read_again(mailbox: Path) -> None:
    """What was read in it is for people to judge; the page says so, and nothing is booked or written."""
    book.book_document(received(DATA), make_document(DATA, [make_return(issue_to(7))]), Decider())
    assert "Entscheiden Sie über diese" in again(signed_in(Role.REVIEW))
    assert files_in(mailbox) == []
    assert not Event.objects.filter(kind=EventKind.FILE_RETRY).exists()


def test_without_a_mailbox_nothing_is_asked_for(mailbox: Path) -> None:
    """Where the mailbox's disk is away the page says so, and no file is booked as to be read again."""
    unreadable()
    for path in (mailbox / "problems").iterdir():
        path.unlink()
    for folder in ("done", "problems"):
        (mailbox / folder).rmdir()
    assert "Der Eingangsordner ist nicht da" in again(signed_in(Role.REVIEW))
    assert [each.to_be_read_again for each in problem_files()] == [False]


def test_a_file_that_nobody_sent_does_not_exist() -> None:
    """A digest that is asked for and not in the book is answered as any address that nobody has."""
    assert signed_in(Role.REVIEW).post(reverse("read-again"), {"file": "0" * 64}).status_code == 404


def test_a_page_of_nobody_and_a_part_of_a_mail_have_the_button(mailbox: Path) -> None:
    """A newer program may place the page, and open the attachment: each goes into the mailbox by itself."""
    stray = stray_came()
    client = signed_in(Role.REVIEW)
    page = client.get(reverse("stray", args=[stray.page_id])).content.decode()
    assert f'name="file" value="{stray.file_sha256}"' in page
    client.post(reverse("read-again"), {"file": stray.file_sha256})
    assert len(files_in(mailbox)) == 1

    mail = mails.with_attachment(DATA, "form.pdf", "application/pdf")
    opened = open_mail(mail)
    readings = {part.number: not_read(DATA) for part in opened.documents}
    booked = book.book_mail(received(mail, "1.eml"), MailReading(opened, readings), Decider(), decide_mail).mail
    assert booked is not None
    page = client.get(reverse("mail", args=[booked.mail_id])).content.decode()
    assert f'name="file" value="{sha256(DATA)}"' in page
    again(client)
    assert len(files_in(mailbox)) == 2
