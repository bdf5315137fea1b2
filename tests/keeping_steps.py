"""Steps that tests of keeping take: a small book with everything in it, and what `verify` says of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import builders
from book_steps import Decider, confirm_return, issue_form, received
from builders import CONFIRMED_AT, form_id, make_return

from intake.results import Reason, UnplacedPage
from registry import archive, book
from registry.anchors import write_anchor
from registry.findings import Finding
from registry.office_time import local_date
from registry.verification import Verified, verify

STACK = b"%PDF-1.7 a stack of a return and a foreign page"

STRAY_PNG = b"\x89PNG\r\n\x1a\n foreign page"


def small_book() -> book.Booked:
    """Issue a form and reissue it, take in a stack, book it as sent, confirm, set up; anchor it. All files are old."""
    issue_form(1)
    issue_form(2, reissue=True)
    book.record_sent([form_id(2)], on=local_date(CONFIRMED_AT), channel="post", actor="Petra")
    answer = make_return(form_id(2), pages=[1])
    reading = builders.make_document(STACK, [answer], [UnplacedPage(2, Reason.PAGE_NO_CODE, STRAY_PNG)])
    booked = book.book_document(received(STACK), reading, Decider())
    book.book_known_bytes(received(STACK, "again.pdf"))
    confirm_return(booked.returns[0])
    book.record_configured("K-1001", "remote-support", by="Petra", on=local_date(CONFIRMED_AT))
    write_anchor()
    age_archive()
    return booked


def age_archive() -> None:
    """Let all archived files be an hour old: young ones may be about to be booked."""
    for path in archived_files():
        an_hour_ago_ns = path.stat().st_mtime_ns - 3600 * 10**9
        os.utime(path, ns=(an_hour_ago_ns, an_hour_ago_ns))


def archived_files() -> Iterator[Path]:
    """The files in the archive, without the anchors."""
    return (path for path in sorted(archive.archive_root().glob("*/*")) if path.is_file())


def checked(head: tuple[int, str] | None = None) -> tuple[Verified, list[Finding]]:
    """Verify; return what was looked at and what was found."""
    findings: list[Finding] = []
    return verify(findings.append, lambda _step, _done, _total: None, head=head), findings


def found(head: tuple[int, str] | None = None) -> list[str]:
    """Verify; return the codes of what was found."""
    return [finding.code.value for finding in checked(head)[1]]
