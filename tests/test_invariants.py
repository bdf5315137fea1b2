"""The invariants of the book can fail: each is broken behind the program's back, and the row is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import builders
import pytest
from book_steps import Decider, book_return, confirm_return, issue, issue_form, received
from builders import CONFIRMED_AT, form_id, make_return
from django.db import connection, transaction
from django.test import override_settings

from intake.results import Reason, UnplacedPage
from registry import book
from registry.blind_sample import BlindAnswer, answer_blind
from registry.file_invariants import OF_FILES
from registry.invariants import OF_CUSTOMERS, OF_FORMS, OF_TABLES, violations
from registry.models import HumanDecision, PageDecision, ReceivedPage

FILE = b"%PDF-1.7 a page of nobody"
OLD, NEW, OTHER, LISTED, ASKED = map(form_id, range(1, 6))
"""K-1001's form that was superseded, the one in force, K-1002's, withdrawn, K-1003's, which waits, and K-1004's,
which was asked blind."""


@pytest.fixture(autouse=True)
def _book_of_all_kinds(db: None) -> Iterator[None]:  # noqa: ARG001  # opens the database
    """Put something of everything into the book, unprotected, and undo it all."""
    with transaction.atomic():
        _fill()
        _drop_triggers()
        yield
        transaction.set_rollback(True)


def _fill() -> None:
    today = datetime.now(UTC).date()
    issue_form(1)
    confirm_return(book_return(make_return(OLD)))
    book.record_configured("K-1001", "remote-support", by="Uwe", on=today)
    issue_form(2, version=2, wording="second wording")
    confirm_return(book_return(make_return(NEW)))
    other = builders.make_issued(OTHER, builders.make_customer("K-1002"))
    assert issue(other) is None
    book.record_sent([OTHER], on=today, channel="post", actor="Petra")
    confirm_return(book_return(make_return(OTHER)))
    book.withdraw("K-1002", "remote-support", on=today, reason="by phone", by="Petra")
    assert issue(builders.make_issued(LISTED, builders.make_customer("K-1003"))) is None
    aside = book_return(make_return(LISTED)).return_id
    book.settle(aside, HumanDecision.Kind.SET_ASIDE, by="Petra", at=CONFIRMED_AT, reason="holds nothing")
    book_return(make_return(LISTED))
    blind = BlindAnswer("B", is_signed=True)
    with override_settings(REGISTRY_BLIND_SHARE=1):
        assert issue(builders.make_issued(ASKED, builders.make_customer("K-1004"))) is None
        answer_blind(book_return(make_return(ASKED)).return_id, blind, by="Petra", at=CONFIRMED_AT)
    reading = builders.make_document(FILE, unplaced=[UnplacedPage(1, Reason.PAGE_NO_CODE, text="Weiss")])
    book.book_document(received(FILE), reading, Decider())
    book.book_known_bytes(received(FILE))
    page = ReceivedPage.objects.get(issue=None)
    book.settle_page(page.pk, PageDecision.Kind.NOT_OURS, by="Petra", at=CONFIRMED_AT)


def _drop_triggers() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("ALTER TABLE registry_event DISABLE TRIGGER USER")


def _issue(form: str) -> str:
    return f"(SELECT id FROM registry_issue WHERE form_id = '{form}')"


def _return(form: str) -> str:
    return f"(SELECT id FROM registry_return WHERE issue_id = {_issue(form)})"


EVENT = "registry_event WHERE subject = 'form:{}' AND kind = '{}'"
BREAKS = [
    ("row.refers", "issue", "DELETE FROM registry_customer WHERE number = 'K-1002'"),
    (
        "event.refers",
        OTHER,
        "UPDATE registry_event SET kind = 'return.reopened', data = '{\"repeats\": 77}' WHERE kind = 'form.sent'",
    ),
    ("row.refers", "reading", f"DELETE FROM registry_return WHERE issue_id = {_issue(OLD)}"),
    ("event.subject", "form:gone", "UPDATE registry_event SET subject = 'form:gone' WHERE kind = 'form.sent'"),
    ("event.subject", "form.lost", "UPDATE registry_event SET kind = 'form.lost' WHERE kind = 'form.sent'"),
    ("force.one", NEW, f"DELETE FROM {EVENT.format(OLD, 'form.superseded')}"),
    ("form.standing", NEW, f"UPDATE registry_standing SET status = 'void' WHERE issue_id = {_issue(NEW)}"),
    ("form.standing", NEW, f"UPDATE registry_standing SET tells = NOT tells WHERE issue_id = {_issue(NEW)}"),
    ("form.standing", NEW, f"UPDATE registry_standing SET variant = 'X' WHERE issue_id = {_issue(NEW)}"),
    ("form.standing", OLD, f"DELETE FROM registry_standing WHERE issue_id = {_issue(OLD)}"),
    ("inbox.line", "return", "UPDATE registry_inboxline SET is_clear = NOT is_clear WHERE NOT is_aside"),
    ("inbox.line", "return", "UPDATE registry_inboxline SET words = 'k-1003' WHERE is_aside"),
    ("inbox.line", "return", "UPDATE registry_inboxline SET is_aside = NOT is_aside WHERE NOT is_aside"),
    ("blind.check", "return", "UPDATE registry_blindcheck SET counts = 'B', is_decided = NOT is_decided"),
    ("blind.check", "return", "DELETE FROM registry_blindcheck"),
    ("inbox.line", "return", "DELETE FROM registry_inboxline WHERE NOT is_aside"),
    ("inbox.line", "return", f"UPDATE registry_inboxline SET answer_id = {_return(NEW)} WHERE is_aside"),
    (
        "form.superseded",
        OLD,
        f"UPDATE registry_event SET data = '{{\"by\": \"{OTHER}\"}}' WHERE kind = 'form.superseded'",
    ),
    ("force.confirmed", NEW, f"UPDATE registry_humandecision SET \"by\" = ' ' WHERE issue_id = {_issue(NEW)}"),
    ("force.confirmed", NEW, f"UPDATE registry_humandecision SET kind = 'sent' WHERE issue_id = {_issue(NEW)}"),
    (
        "force.confirmed",
        NEW,
        f"UPDATE registry_humandecision SET answer_id = NULL WHERE issue_id = {_issue(NEW)}",
    ),
    ("form.course", OTHER, "UPDATE registry_event SET kind = 'form.configured' WHERE kind = 'form.sent'"),
    ("form.course", OTHER, f"DELETE FROM {EVENT.format(OTHER, 'form.issued')}"),
    ("form.course", OTHER, f"DELETE FROM registry_event WHERE subject = 'form:{OTHER}'"),
    ("form.course", OLD, "UPDATE registry_event SET kind = 'form.voided' WHERE kind = 'form.configured'"),
    ("form.course", OTHER, "UPDATE registry_event SET kind = 'return.set_aside' WHERE kind = 'form.withdrawn'"),
    ("form.course", OTHER, "UPDATE registry_event SET kind = 'form.restored' WHERE kind = 'form.sent'"),
    (
        "form.course",
        OTHER,
        "UPDATE registry_event SET kind = 'return.reopened', data = '{\"return\": 77}' WHERE kind = 'form.sent'",
    ),
    ("event.refers", OLD, f"UPDATE registry_reading SET sha256 = 'x' WHERE answer_id = {_return(OLD)}"),
    ("event.refers", OLD, f"UPDATE registry_issue SET pdf_sha256 = 'x' WHERE form_id = '{OLD}'"),
    (
        "event.refers",
        NEW,
        f"UPDATE registry_humandecision SET answer_id = NULL WHERE issue_id = {_issue(NEW)}",
    ),
    ("decision.event", OLD, "DELETE FROM registry_event WHERE kind = 'form.configured'"),
    ("decision.event", OTHER, "DELETE FROM registry_humandecision WHERE kind = 'sent'"),
    ("reading.event", NEW, f"UPDATE registry_reading SET decision = 'reject' WHERE answer_id = {_return(NEW)}"),
    ("reading.event", NEW, f"DELETE FROM registry_reading WHERE answer_id = {_return(NEW)}"),
    ("return.whole", NEW, f"DELETE FROM registry_reading WHERE answer_id = {_return(NEW)}"),
    ("return.whole", NEW, f"DELETE FROM registry_receivedpage WHERE answer_id = {_return(NEW)}"),
    ("return.confirmed", NEW, f"DELETE FROM {EVENT.format(NEW, 'return.booked')}"),
    ("return.confirmed", OLD, "UPDATE registry_event SET kind = 'return.confirmed' WHERE kind = 'form.configured'"),
    ("date.order", OLD, f"UPDATE registry_issue SET due_on = '2026-09-30' WHERE form_id = '{OLD}'"),
    ("date.order", OTHER, "UPDATE registry_humandecision SET \"on\" = '2999-01-01' WHERE kind = 'withdrawn'"),
    ("date.order", NEW, f"UPDATE registry_humandecision SET signed_on = '2026-10-15' WHERE issue_id = {_issue(NEW)}"),
    (
        "date.order",
        NEW,
        f"UPDATE registry_humandecision SET in_force_from = '2026-10-16' WHERE issue_id = {_issue(NEW)}",
    ),
    ("form.batch", OLD, f"UPDATE registry_issue SET batch_id = 77 WHERE form_id = '{OLD}'"),
    ("page.once", builders.sha256(FILE), "DELETE FROM registry_receivedpage WHERE reason <> ''"),
    ("page.once", builders.sha256(FILE), "UPDATE registry_receivedfile SET problem = 'file.broken'"),
    (
        "page.place",
        "page 1",
        f"UPDATE registry_receivedpage SET issue_id = {_issue(OLD)} WHERE answer_id = {_return(NEW)}",
    ),
    ("page.erased", builders.sha256(FILE), "UPDATE registry_receivedfile SET erased_at = '2026-10-20 00:00:00+00:00'"),
    ("page.decision", builders.sha256(FILE), "DELETE FROM registry_event WHERE kind = 'page.not_ours'"),
    ("page.decision", builders.sha256(FILE), "DELETE FROM registry_pagedecision"),
    ("page.decided", builders.sha256(FILE), "UPDATE registry_pagedecision SET \"by\" = ' '"),
    ("page.decided", builders.sha256(FILE), "UPDATE registry_pagedecision SET kind = 'reopened'"),
    ("arrival.event", builders.sha256(FILE), "UPDATE registry_arrival SET duplicate = NOT duplicate"),
    ("arrival.event", builders.sha256(FILE), "DELETE FROM registry_event WHERE kind = 'file.arrived_again'"),
    ("return.received", "return", "UPDATE registry_return SET received_at = '2026-10-01 00:00:00+00:00'"),
]


def test_a_book_of_all_kinds_is_sound() -> None:
    """What the program wrote breaks no invariant."""
    assert list(violations()) == []


@pytest.mark.parametrize(("code", "named", "statement"), BREAKS)
def test_each_invariant_can_fail(code: str, named: str, statement: str) -> None:
    """Whoever alters rows in the database itself is found out, and the rows are named."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_batch (id, template, version, list_sha256, reissue, seed, issued_on, started_at)"
            " VALUES (77, 'backup', 1, '', false, '', '2026-10-01', '2026-10-01 08:00:00+00:00')"
        )
        cursor.execute(statement)
    found = [violation for violation in violations() if violation.code == code]
    assert any(named in violation.where for violation in found)


def test_every_invariant_is_broken_here() -> None:
    """No invariant is left out above, and no two share a code."""
    codes = [each.code for group in (OF_TABLES, OF_CUSTOMERS, OF_FORMS, OF_FILES) for each in group]
    assert sorted(codes) == sorted({code for code, _, _ in BREAKS})
