"""Book what arrived: one file's bytes and reading in, what it came to and what staff must be told out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import structlog
from django.db import Error as DatabaseError

from intake.decision import DecisionContext, decide, decide_mail
from intake.errors import DocumentProblem
from intake.explanations import explain_file_problem, explain_nothing_of_ours, in_one_sentence
from intake.file_names import printable_name
from intake.mail_contents import MailReading
from intake.mail_explanations import PartOutcome, explain_mail
from intake.results import DocumentReading, History, Reason, ReturnReading, UnplacedPage, Verdict
from registry.book import Booked, BookedReturn, ReceivedBytes, book_document, book_mail
from registry.errors import RegistryError
from registry.mails import BookedMail

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one file."""

    name: str
    """Its name, safe to print on one line."""
    booked: Booked | None
    """None where nothing was booked: the file could not be taken in at all."""
    problem: str | None
    """Why a person must deal with the whole file, over several lines; None where it holds a form of ours."""

    @property
    def is_nothing_of_ours(self) -> bool:
        """Whether it is a mail that nobody needs to read, and that brought nothing back."""
        mail = self.booked.mail if self.booked else None
        return mail is not None and mail.reason is Reason.MAIL_NOTHING

    @property
    def summary(self) -> str:
        """What became of it, on one line."""
        parts = []
        if self.booked and self.booked.booked_before:
            parts.append("taken in before")
        if self.booked and self.booked.duplicate_of:
            parts.append(f"the same file as {printable_name(self.booked.duplicate_of)}")
        if self.problem:
            parts.append(self.problem.splitlines()[0])
        elif self.booked and self.booked.mail and self.booked.mail.reason:
            parts.append(in_one_sentence(self.booked.mail.reason))
        if self.booked:
            parts += [_summary(item) for item in self.booked.returns]
            parts += [] if self.problem else _other_pages(self.booked.unplaced)
        return "; ".join(parts)


def book_reading(received: ReceivedBytes, reading: DocumentReading | MailReading, today: date) -> Handled:
    """Archive and book a file, or a mail with its documents, as it was read.

    A fault of ours that only this document brings out is booked as a crash, so that it cannot stop the others. Raises
    `RegistryError`, `django.db.Error` and `OSError`: then our system is broken and nothing was booked.
    """

    def decide_now(item: ReturnReading, history: History) -> Verdict:
        return decide(item, DecisionContext(today, history))

    try:
        if isinstance(reading, MailReading):
            booked = book_mail(received, reading, decide_now, decide_mail)
        else:
            booked = book_document(received, reading, decide_now)
    except (RegistryError, DatabaseError, OSError):
        raise
    except Exception as error:
        _log.exception("booking.failed", sha256=reading.sha256)
        detail = f"booking failed: {type(error).__name__}"
        unread = DocumentReading(reading.sha256, Reason.FILE_CRASHED, detail, page_count=0, returns=(), unplaced=())
        booked = book_document(received, unread, decide_now)
    return handled(received.name, booked)


def handled(name: str, booked: Booked) -> Handled:
    """Say what a booked file came to."""
    return Handled(printable_name(name), booked, _problem(booked))


def not_taken_in(name: str, problem: DocumentProblem) -> Handled:
    """Say why a file could not even be opened; nothing was booked."""
    explanation = f"The file was not taken in: {problem.detail}.\n{explain_file_problem(problem.reason)}"
    return Handled(printable_name(name), None, explanation)


def _problem(booked: Booked) -> str | None:
    if booked.problem is not None:
        return explain_file_problem(booked.problem, booked.detail)
    if booked.mail is not None:
        return _mail_problem(booked.mail)
    return None if booked.returns else explain_nothing_of_ours(booked.unplaced)


def _mail_problem(mail: BookedMail) -> str | None:
    if mail.reason is None or not mail.needs_a_person:
        return None
    parts = [PartOutcome(part.name, part.kind, part.problem, part.unplaced) for part in mail.parts]
    sender = f"{mail.sender_name} <{mail.sender}>".strip()
    return explain_mail(mail.reason, sender, mail.subject, parts, mail.text)


def _summary(item: BookedReturn) -> str:
    if item.repeats is not None:
        return f"return {item.return_id} of {item.customer}: says the same as return {item.repeats}, nothing to do"
    text = f"return {item.return_id} of {item.customer}: {item.verdict.decision.value}"
    reasons = " ".join(in_one_sentence(reason) for reason in item.verdict.reasons)
    return f"{text} ({reasons})" if reasons else text


def _other_pages(pages: Sequence[UnplacedPage]) -> list[str]:
    """Say which pages belong to no return, and why."""
    numbers: dict[Reason, list[str]] = {}
    for page in pages:
        numbers.setdefault(page.reason, []).append(str(page.page))
    return [
        f"{'page' if len(some) == 1 else 'pages'} {', '.join(some)}: {in_one_sentence(reason)}"
        for reason, some in numbers.items()
    ]
