"""Mails from the mailbox into the book: every part has one outcome, and what a person must read reaches one."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import mails
import pytest
from django.db.models import Model
from office_steps import LIMITS, Office, new_office, scans_of

from intake.mail_contents import PartKind
from intake.results import Decision, Reason
from intake.worker import ReadingPool
from registry import archive
from registry.backup_rows import add_rows, kept_tables, rows_in_parts
from registry.check_rows import check_rows
from registry.erasing import CopyFolders, ErasureOrder, erase
from registry.events import verify_chain
from registry.invariants import violations
from registry.lookup import find_issued
from registry.mails import MailList, mails_of, origins
from registry.models import Arrival, Customer, Event, Mail, MailDecision, MailPart, ReceivedFile, Return
from registry.settling_mails import settle_mail
from registry.waiting import returns_waiting
from ruecklauf.reading import read_files
from simulation.files import to_pdf

pytestmark = pytest.mark.django_db

LAST_WEEK = datetime.now(UTC).date() - timedelta(days=7)
"""When the letters were issued: they are not due yet."""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office that has sent its letter."""
    return new_office(tmp_path, issued_on=LAST_WEEK)


def scan(office: Office, customer: int = 0, option: str = "A") -> bytes:
    """What a customer sends back."""
    return to_pdf(scans_of(office.letters[customer], option))


def address_of(office: Office, customer: int) -> str:
    """Give a customer an address, and say which."""
    address = f"post{customer}@kunde.example"
    Customer.objects.filter(number=office.letters[customer].key).update(email=f"Post{customer}@Kunde.example")
    return address


def test_a_return_in_a_mail_is_read_as_a_file_is(office: Office) -> None:
    """The form is accepted, every part is on record, the mail goes to done/, and how the return came can be told."""
    pdf, sender = scan(office), address_of(office, 0)
    mail = mails.outlook(pdf, sender=sender)
    (handled,) = office.drop({"1.eml": mail})
    assert handled.problem is None
    (waiting,) = returns_waiting()
    assert (waiting.number, waiting.decision, waiting.reasons) == (office.letters[0].key, Decision.ACCEPT, ())
    assert [(part.kind, part.arrival is not None) for part in MailPart.objects.order_by("number")] == [
        ("text", False),
        ("text", False),
        ("footer_picture", False),
        ("document", True),
    ]
    origin = origins([waiting.return_id])[waiting.return_id]
    assert (origin.channel, origin.file_name) == ("mailbox", "Fernwartung Bäckerei.pdf")
    assert origin.mail is not None
    assert (origin.mail.sender, origin.mail.reason) == (sender, None)
    assert archive.load(origin.mail.file_sha256) == mail
    assert (office.mailbox / "done" / "1.eml").read_bytes() == mail
    assert list(violations()) == []


def test_a_mail_that_comes_again_is_booked_once(office: Office) -> None:
    """The same bytes are one more arrival of the first; the same form in another mail is no second return."""
    pdf = scan(office)
    office.drop({"1.eml": mails.gmail(pdf)})
    (again,) = office.drop({"2.eml": mails.gmail(pdf)})
    (other,) = office.drop({"3.eml": mails.thunderbird(pdf)})
    assert again.summary.startswith("the same file as 1.eml")
    assert (Return.objects.count(), Mail.objects.count()) == (1, 2)
    assert ReceivedFile.objects.get(suffix=".pdf").arrivals.count() == 2
    assert (again.problem, other.problem) == (None, None)
    assert list(violations()) == []


def test_another_customers_form_goes_to_a_person(office: Office) -> None:
    """A form from the address of a customer whom it was not issued to is looked at; from an unknown one it is not."""
    stranger = address_of(office, 1)
    office.drop({"1.eml": mails.outlook(scan(office, 0), sender=stranger)})
    office.drop({"2.eml": mails.outlook(scan(office, 2), sender="steuerbuero@anderswo.example")})
    decided = {each.number: (each.decision, each.reasons) for each in returns_waiting()}
    assert decided == {
        office.letters[0].key: (Decision.REVIEW, (Reason.RETURN_SENDER,)),
        office.letters[2].key: (Decision.ACCEPT, ()),
    }


def test_mails_without_a_return(office: Office) -> None:
    """What speaks of a customer or a form reaches a person with its words; the rest is recorded and set aside."""
    known = address_of(office, 0)
    number = office.letters[3].key
    results = office.drop(
        {
            "forgotten.eml": mails.words_only("Anbei zurück, mit freundlichen Grüßen"),
            "customer.eml": mails.words_only("Wir nehmen das zweite.", sender=known),
            "number.eml": mails.words_only(f"Betrifft {number.lower()}: bitte anrufen"),
            "title.eml": mails.words_only("Was heißt das?", subject="AW: Konfiguration Remote Support"),
            "letter.eml": mails.with_attachment(office.letters[4].pdf, "brief.pdf", said="Unzustellbar"),
            "newsletter.eml": mails.words_only("Die besten Angebote der Woche", sender="news@shop.example"),
        }
    )
    problems = {handled.name: handled.problem for handled in results}
    assert {name for name, problem in problems.items() if problem is None} == {"newsletter.eml"}
    assert "Anbei zurück, mit freundlichen Grüßen" in str(problems["forgotten.eml"])
    told = {mail.subject + mail.text[:5]: set(mail.mentions) for mail in mails_of(MailList.WAITING)}
    assert told["HalloWir n"] == {office.letters[0].key}
    assert number in told["HalloBetri"]
    assert Return.objects.count() == 0
    assert MailPart.objects.filter(kind=PartKind.OUR_LETTER).count() == 1
    assert [mail.sender for mail in mails_of(MailList.ASIDE)] == ["news@shop.example"]
    assert (office.mailbox / "done" / "newsletter.eml").exists()
    note = (office.mailbox / "problems" / "letter.eml.reason.txt").read_text("utf-8")
    assert "brief.pdf: our own letter, as it was issued" in note


def test_what_cannot_be_read_in_a_mail_is_named_with_advice(office: Office) -> None:
    """Each unreadable attachment has its own reason; one beside a return does not hold the return up."""
    winmail = b"\x78\x9f\x3e\x22" + bytes(100)
    sealed = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80" + bytes(100)
    pgp = b"-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n"
    archive_with_both = mails.zipped({"form.pdf": scan(office), "winmail.dat": winmail})
    (both,) = office.drop({"both.eml": mails.with_attachment(archive_with_both, "post.zip")})
    results = office.drop(
        {
            "smime.eml": mails.with_attachment(sealed, "smime.p7m", "application/pkcs7-mime"),
            "pgp.eml": mails.with_attachment(pgp, "encrypted.asc"),
            "empty.eml": mails.with_attachment(b"", "scan.pdf"),
        }
    )
    assert [waiting.decision for waiting in returns_waiting()] == [Decision.ACCEPT]
    assert "post.zip/winmail.dat: It is a winmail.dat" in str(both.problem)
    assert both.summary.endswith(f"of {office.letters[0].key}: accept")
    assert {handled.name: str(handled.problem).count("file.sealed") > 0 for handled in results} == {
        "smime.eml": True,
        "pgp.eml": True,
        "empty.eml": False,
    }
    assert {mail.reason for mail in mails_of(MailList.WAITING)} == {Reason.MAIL_UNREAD}


def test_events_hold_nothing_personal(office: Office) -> None:
    """Neither address, name, subject nor words of a mail stand in the events."""
    office.drop({"1.eml": mails.outlook(scan(office), said="Kennwort Zitrone", subject="Betreff Zitrone")})
    told = " ".join(str(event.data) + event.subject + event.actor for event in Event.objects.all())
    for secret in ("Zitrone", "morgenroete", "Großkopf", "Bäckerei", "1.eml"):
        assert secret not in told


def test_verify_knows_mails(office: Office) -> None:
    """A sound book has no finding; a part that was altered, taken away or slipped in is found."""
    office.drop({"1.eml": mails.outlook(scan(office))})
    assert _findings() == []
    part = MailPart.objects.get(kind="footer_picture")
    MailPart.objects.filter(pk=part.pk).update(kind="notice")
    assert "its parts are not those" in "".join(_findings())
    MailPart.objects.filter(pk=part.pk).update(kind="footer_picture")
    MailPart.objects.filter(pk=part.pk).delete()
    assert "its parts are not those" in "".join(_findings())


def test_a_mail_is_erased_with_the_form_that_came_in_it(office: Office) -> None:
    """When the customer's form goes, its mail goes too: bytes, headers, words and names; the events still verify."""
    mail = mails.outlook(scan(office))
    office.drop({"1.eml": mail, "2.eml": mails.words_only("Anbei zurück")})
    copies = CopyFolders(office.folder / "forms", (office.mailbox / "done", office.mailbox / "problems"))
    order = ErasureOrder(office.today, 12, customer=office.letters[0].key)
    due = erase(order, copies, by="Petra", advance=lambda _count: None)
    assert len(due.files) == 2
    erased = Mail.objects.get(file__erased_at__isnull=False)
    assert (erased.sender, erased.subject, erased.text, erased.sent_at, erased.message_id) == ("", "", "", None, "")
    assert set(erased.parts.values_list("name", flat=True)) == {""}
    assert archive.find(erased.file.sha256) is None
    assert not (office.mailbox / "done" / "1.eml").exists()
    assert Mail.objects.get(file__erased_at=None).text == "Anbei zurück"
    assert Arrival.objects.filter(file__erased_at__isnull=False).exclude(name="").count() == 0
    verify_chain()
    assert _findings() == []


def _findings() -> list[str]:
    return [f"{finding}" for finding in check_rows("default", lambda _count: None)]


def test_rows_of_mails_outlast_a_backup(office: Office) -> None:
    """Mails, their parts and what a person said of them come back from their lines just as they were."""
    office.drop({"1.eml": mails.outlook(scan(office)), "2.eml": mails.words_only("Anbei zurück")})
    (waiting,) = mails_of(MailList.WAITING)
    settle_mail(waiting.mail_id, by="Petra", at=datetime.now(UTC), note="angerufen")
    tables: tuple[type[Model], ...] = (Mail, MailPart, MailDecision)
    assert {model._meta.db_table for model in tables} <= kept_tables().keys()
    before = [list(model._base_manager.order_by("pk").values()) for model in tables]
    lines = [b"".join(rows_in_parts(model, "default")).splitlines(keepends=True) for model in tables]
    for model in reversed(tables):
        model._base_manager.all().delete()
    for model, saved in zip(tables, lines, strict=True):
        add_rows(model, saved)
    assert [list(model._base_manager.order_by("pk").values()) for model in tables] == before
    assert _findings() == []


def test_reading_without_booking_names_the_attachment(office: Office) -> None:
    """Each document of a mail has its line with the mail's own digest, and the mail has one where it needs a person."""
    mail = mails.with_attachment(mails.zipped({"form.pdf": scan(office), "x.dat": b"\0\1"}), "post.zip")
    path = office.folder / "1.eml"
    path.write_bytes(mail)
    pool = ReadingPool(find_issued, lambda: office.today, LIMITS)
    (read,) = read_files([path], pool, max_file_bytes=1 << 28, today=office.today)
    lines = [json.loads(line) for line in read.json_lines()]
    assert [(line["source"], line["part"], line["pages"], line["decision"]) for line in lines] == [
        ("1.eml", "post.zip/form.pdf", [1], "accept"),
        ("1.eml", "post.zip/x.dat", [], "reject"),
        ("1.eml", None, [], "reject"),
    ]
    assert {line["sha256"] for line in lines} == {hashlib.sha256(mail).hexdigest()}
    assert lines[-1]["reasons"] == ["mail.unread"]
    assert Mail.objects.count() == 0
