"""Mails without a form on the review page: somebody reads them, and says that they are dealt with."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import mails
import pytest
from book_steps import Decider, received
from builders import form_id, make_document, make_return, sha256
from django.urls import reverse
from review_steps import issue_to, mail_came, page_png, signed_in

from intake.decision import decide_mail
from intake.mail_contents import MailReading
from intake.open_mail import open_mail
from registry import book
from registry.check_rows import check_rows
from registry.mails import MailList, mails_of
from registry.models import Event, Mail, MailDecision
from review.roles import Role

pytestmark = pytest.mark.django_db


def test_a_mail_is_read_and_dealt_with() -> None:
    """It stands in the inbox until somebody says that it is dealt with; who, when and why stay on record."""
    issue_to(7)
    mail = mail_came(mails.words_only("Betrifft K-7: wir nehmen B", subject="Zur Fernwartung"))
    client = signed_in(Role.REVIEW)
    inbox = client.get(reverse("inbox")).content.decode()
    assert "1 Mail zu lesen" in inbox
    assert "Zur Fernwartung" in client.get(reverse("mails")).content.decode()
    page = client.get(reverse("mail", args=[mail.mail_id])).content.decode()
    assert "Betrifft K-7: wir nehmen B" in page
    assert "?number=K-7" in page
    assert f'href="mailto:{mail.sender}"' in page
    posted = client.post(reverse("settle-mail", args=[mail.mail_id]), {"note": "angerufen"})
    assert posted.headers["Location"] == reverse("mails")
    assert list(mails_of(MailList.WAITING)) == []
    (dealt_with,) = (each.dealt_with for each in mails_of(MailList.DEALT_WITH))
    assert dealt_with is not None
    assert (dealt_with.by, dealt_with.note) == ("petra", "angerufen")
    assert "angerufen" not in str(list(Event.objects.values_list("data", flat=True)))
    assert list(check_rows("default", lambda _count: None)) == []


def test_the_second_person_is_told() -> None:
    """Whoever comes later changes nothing, and hears that somebody else was faster."""
    mail = mail_came(mails.words_only("Anbei zurück"))
    address = reverse("settle-mail", args=[mail.mail_id])
    signed_in(Role.REVIEW).post(address, {"note": "first"})
    told = signed_in(Role.REVIEW, name="paul").post(address, {"note": "second"}, follow=True)
    assert "schneller" in told.content.decode()
    assert [each.dealt_with.note for each in mails_of(MailList.DEALT_WITH) if each.dealt_with] == ["first"]


def test_that_a_mail_is_dealt_with_is_taken_back_with_a_reason() -> None:
    """The mail waits again; who dealt with it and who took that back stand beside it, and may alternate for ever."""
    mail = mail_came(mails.words_only("Betrifft K-7", subject="Zur Fernwartung"))
    client = signed_in(Role.REVIEW)
    settle, reopen = (reverse(name, args=[mail.mail_id]) for name in ("settle-mail", "reopen-mail"))
    assert "wartet wieder" in client.post(reopen, {"reason": "x"}, follow=True).content.decode()  # it never was
    client.post(settle, {"note": "angerufen"})
    assert "Sagen Sie, warum" in client.post(reopen, {"reason": " "}, follow=True).content.decode()
    assert list(mails_of(MailList.WAITING)) == []
    page = client.post(reopen, {"reason": "war besetzt"}, follow=True).content.decode()
    assert ("angerufen" in page, "war besetzt" in page, "Notiz" in page) == (True, True, True)
    assert [each.mail_id for each in mails_of(MailList.WAITING)] == [mail.mail_id]
    assert list(mails_of(MailList.DEALT_WITH)) == []
    client.post(settle, {"note": "jetzt aber"})
    (dealt_with,) = mails_of(MailList.DEALT_WITH)
    assert [made.note for made in dealt_with.decisions] == ["angerufen", "war besetzt", "jetzt aber"]
    assert list(check_rows("default", lambda _count: None)) == []


def test_the_mails_of_a_customer_stand_on_their_page_and_in_their_case_file() -> None:
    """Those that name them and those that brought a form of theirs, each as it was received; nobody else's."""
    issue_to(7)
    issue_to(70)
    spoken = mails.words_only("Betrifft K-7: später", subject="Zur Fernwartung")
    brought = mails.with_attachment(b"%PDF-1.7 form of K-7", "form.pdf", "application/pdf", subject="Anbei")
    mail_came(spoken)
    mail_came(mails.words_only("Betrifft K-70: nein", subject="Von jemand anderem"))
    opened = open_mail(brought)
    answer = replace(make_return(form_id(7)), customer="K-7")
    answer = replace(answer, pages=tuple(replace(page, picture_png=page_png()) for page in answer.pages))
    readings = {part.number: make_document(b"%PDF-1.7 form of K-7", [answer]) for part in opened.documents}
    book.book_mail(received(brought, "2.eml"), MailReading(opened, readings), Decider(), decide_mail)
    client = signed_in(Role.REVIEW)
    page = client.get("/customer/?number=K-7").content.decode()
    assert ["Zur Fernwartung" in page, ">Anbei<" in page, "Von jemand" in page] == [True, True, False]
    assert ">Anbei<" not in signed_in(Role.ISSUE, name="ines").get("/customer/?number=K-7").content.decode()
    response = client.get("/customer/case-file.zip?number=K-7")
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as case:  # type: ignore[attr-defined]
        files = {name: case.read(name) for name in case.namelist()}
    assert {data for name, data in files.items() if name.endswith(".eml")} == {spoken, brought}
    (told,) = (data for name, data in files.items() if name == f"mails/{Mail.objects.earliest('pk').pk}/mail.json")
    assert json.loads(told)["subject"] == "Zur Fernwartung"
    assert sha256(spoken) in files["summary.html"].decode()


def test_hostile_words_stay_words() -> None:
    """What a mail says runs nowhere, whatever stands in its subject, its sender and its words."""
    evil = "<script>alert(1)</script>"
    mail = mail_came(mails.words_only(f"Anbei {evil}", subject=evil, sender='"<b>x</b>" <a@b.example>'))
    client = signed_in(Role.REVIEW)
    for address in (reverse("mails"), reverse("mail", args=[mail.mail_id])):
        page = client.get(address).content.decode()
        assert evil not in page
        assert "<b>x</b>" not in page
        assert "&lt;script&gt;" in page


def test_what_is_set_aside_can_be_found() -> None:
    """A newsletter is no work for anybody, and stands in a list of its own."""
    mail_came(mails.words_only("Die besten Angebote", subject="Angebote"))
    client = signed_in(Role.REVIEW)
    assert "Angebote" not in client.get(reverse("mails")).content.decode()
    assert "Angebote" in client.get(reverse("mails"), {"list": "aside"}).content.decode()


def test_a_decision_on_a_mail_that_was_altered_is_found() -> None:
    """`verify` compares what a person said with what the event says of it."""
    mail = mail_came(mails.words_only("Anbei zurück"))
    signed_in(Role.REVIEW).post(reverse("settle-mail", args=[mail.mail_id]), {"note": "angerufen"})
    MailDecision.objects.update(note="geschrieben")
    assert ["one is not what its event says" in str(each) for each in check_rows("default", lambda _: None)] == [True]
    MailDecision.objects.update(note="angerufen", kind=MailDecision.Kind.REOPENED)
    assert ["one is not what its event says" in str(each) for each in check_rows("default", lambda _: None)] == [True]
    MailDecision.objects.all().delete()
    assert [each.code.value for each in check_rows("default", lambda _: None)] == ["row.missing"]
