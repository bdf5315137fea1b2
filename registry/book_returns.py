"""Writes into the book what came back and what was read on it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.conf import settings

from intake.results import (
    Decision,
    DocumentReading,
    History,
    Reason,
    ReturnReading,
    UnplacedPage,
    Verdict,
    return_to_json,
)
from registry import archive
from registry.errors import FormErased, Inconsistent, NotReceivedBefore, UnknownForm
from registry.events import EventData, append_event, file_subject, form_states, form_subject, one_writer
from registry.history import history_of
from registry.models import Arrival, Issue, Reading, ReceivedFile, ReceivedPage, Return
from registry.office_time import local_time
from registry.statuses import EventKind

Decide = Callable[[ReturnReading, History], Verdict]


@dataclass(frozen=True, slots=True)
class ReceivedBytes:
    """A file as it arrived."""

    data: bytes
    name: str
    """Its name as received: shown to people, trusted for nothing."""
    channel: str
    """How it came, for example "mailbox"; stands as the actor in the events."""
    received_at: datetime
    """With its time zone."""


@dataclass(frozen=True, slots=True)
class BookedReturn:
    """A return as it stands in the book."""

    return_id: int
    form_id: str
    customer: str
    """The customer's number."""
    verdict: Verdict
    """As decided when it was booked."""
    status: str
    """The form's status now."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What a received file came to."""

    sha256: str
    duplicate_of: str | None
    """Name and local time of the first arrival of the same bytes; None where they are new."""
    returns: tuple[BookedReturn, ...]
    unplaced: tuple[UnplacedPage, ...]
    problem: Reason | None
    """Why the file as a whole could not be read; None where it could."""


def already_received(sha256: str) -> Booked | None:
    """What was booked when these bytes first arrived; None where they never did."""
    file = ReceivedFile.objects.filter(sha256=sha256).first()
    return _as_booked(file, again=True) if file else None


@one_writer()
def book_arrival_again(received: ReceivedBytes) -> Booked:
    """Link one more arrival of known bytes to the first; raises `NotReceivedBefore` where they are new."""
    sha256 = hashlib.sha256(received.data).hexdigest()
    file = ReceivedFile.objects.filter(sha256=sha256).first()
    if file is None:
        raise NotReceivedBefore(f"the bytes {sha256} have not been received before", "read and book them as new")
    return _arrive_again(file, received)


def book_document(received: ReceivedBytes, reading: DocumentReading, decide: Decide) -> Booked:
    """Archive a file with the pictures of its pages, then book all its returns and pages in one transaction.

    Every return is decided inside the transaction, one after the other, with what the book knows by then. Bytes that
    were booked meanwhile become one more arrival. Raises `UnknownForm`, `FormErased` where a form was erased meanwhile,
    `Inconsistent` where the reading does not fit the bytes, and whatever `decide` raises; then nothing was booked.
    """
    _check_reading(received, reading)
    archive.store(received.data, suffix_of(received.data))
    pictures = [_store_pictures(answer) for answer in reading.returns]
    with one_writer():
        known = ReceivedFile.objects.filter(sha256=reading.sha256).first()
        if known is not None:
            return _arrive_again(known, received)
        if archive.find(reading.sha256) is None:  # the same bytes were erased between storing and booking them
            archive.store(received.data, suffix_of(received.data))
        file = _add_file(received, reading)
        for answer, stored in zip(reading.returns, pictures, strict=True):
            _book_return(file, received, answer, stored, decide)
        return _as_booked(file, again=False)


def suffix_of(data: bytes) -> str:
    """What the bytes are, by their first bytes: `.pdf`, `.tif`, `.jpg`, `.png`, or `.bin` where that isn't known."""
    if data.startswith((b"II*\0", b"MM\0*")):
        return ".tif"
    if data.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    # PDF readers accept some rubbish before the header.
    return ".pdf" if b"%PDF-" in data[:1024] else ".bin"


def _check_reading(received: ReceivedBytes, reading: DocumentReading) -> None:
    if hashlib.sha256(received.data).hexdigest() != reading.sha256:
        raise Inconsistent(f"the reading of {reading.sha256} was handed over with other bytes")
    pages = [page.page for answer in reading.returns for page in answer.pages]
    pages += [page.page for page in reading.unplaced]
    readable = 0 if reading.problem else reading.page_count
    if sorted(pages) != list(range(1, readable + 1)):
        raise Inconsistent(f"the reading of {reading.sha256} does not place every page exactly once")
    if not all(answer.pages for answer in reading.returns):
        raise Inconsistent(f"the reading of {reading.sha256} has a return without a page")


def _store_pictures(answer: ReturnReading) -> dict[str, str]:
    return {str(page.page): archive.store(page.picture_png, ".png").sha256 for page in answer.pages if page.picture_png}


def _add_file(received: ReceivedBytes, reading: DocumentReading) -> ReceivedFile:
    file = ReceivedFile.objects.create(
        sha256=reading.sha256,
        size=len(received.data),
        suffix=suffix_of(received.data),
        page_count=reading.page_count,
        problem=reading.problem or "",
    )
    _add_arrival(file, received, duplicate=False)
    for page in reading.unplaced:
        ReceivedPage.objects.create(file=file, page=page.page, reason=page.reason)
    append_event(EventKind.FILE_BOOKED, file_subject(file.sha256), {"pages": reading.page_count}, received.channel)
    return file


def _add_arrival(file: ReceivedFile, received: ReceivedBytes, *, duplicate: bool) -> Arrival:
    # A name from a foreign system may hold what is no text; it is kept, written out with a backslash.
    name = received.name.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    local_time(received.received_at)  # an instant without a time zone is refused
    return Arrival.objects.create(
        file=file, name=name, channel=received.channel, received_at=received.received_at, duplicate=duplicate
    )


def _arrive_again(file: ReceivedFile, received: ReceivedBytes) -> Booked:
    arrival = _add_arrival(file, received, duplicate=True)
    append_event(EventKind.FILE_ARRIVED_AGAIN, file_subject(file.sha256), {"arrival": arrival.pk}, received.channel)
    return _as_booked(file, again=True)


EVENT_OF_DECISION = {
    Decision.ACCEPT: EventKind.RETURN_BOOKED,
    Decision.REVIEW: EventKind.RETURN_BOOKED,
    Decision.INCOMPLETE: EventKind.RETURN_INCOMPLETE,
    Decision.REJECT: EventKind.RETURN_REJECTED,
}
"""The event that books a return, by the machine's decision on it."""


def _book_return(
    file: ReceivedFile, received: ReceivedBytes, answer: ReturnReading, pictures: dict[str, str], decide: Decide
) -> None:
    issue = Issue.objects.select_related("customer", "letter").filter(form_id=answer.form_id).first()
    if issue is None:
        raise UnknownForm(answer.form_id)
    if issue.erased_at is not None:  # while the file was being read: it must be read again
        raise FormErased(answer.form_id)
    verdict = decide(answer, history_of(issue, answer, received.received_at))
    booked = Return.objects.create(issue=issue, received_at=received.received_at)
    for page in answer.pages:
        ReceivedPage.objects.create(file=file, page=page.page, issue=issue, form_page=page.form_page, answer=booked)
    reading = _add_reading(file, booked, answer, pictures, verdict)
    references: EventData = {
        "return": booked.pk,
        "reading": reading.pk,
        "reading_sha256": reading.sha256,
        "file_sha256": file.sha256,
    }
    append_event(EVENT_OF_DECISION[verdict.decision], form_subject(issue.form_id), references, received.channel)


def _add_reading(
    file: ReceivedFile, booked: Return, answer: ReturnReading, pictures: dict[str, str], verdict: Verdict
) -> Reading:
    bare = replace(answer, pages=tuple(replace(page, picture_png=b"") for page in answer.pages))
    reading_json = return_to_json(bare)
    return Reading.objects.create(
        answer=booked,
        file=file,
        reading_json=reading_json.decode(),
        sha256=hashlib.sha256(reading_json).hexdigest(),
        pictures=pictures,
        decision=verdict.decision,
        reasons=list(verdict.reasons),
        program_version=settings.REGISTRY_PROGRAM_VERSION,
        read_at=datetime.now(UTC),
    )


def _as_booked(file: ReceivedFile, *, again: bool) -> Booked:
    if file.erased_at is not None:
        return Booked(file.sha256, _first_arrival(file), (), (), Reason.FILE_ERASED)
    unplaced = file.pages.filter(answer=None).order_by("page")
    return Booked(
        sha256=file.sha256,
        duplicate_of=_first_arrival(file) if again else None,
        returns=_returns_in(file),
        unplaced=tuple(UnplacedPage(page.page, Reason(page.reason)) for page in unplaced),
        problem=Reason(file.problem) if file.problem else None,
    )


def _first_arrival(file: ReceivedFile) -> str:
    first = file.arrivals.earliest("pk")
    return f"{first.name or 'a file'}, received {local_time(first.received_at):%d.%m.%Y %H:%M}"


def _returns_in(file: ReceivedFile) -> tuple[BookedReturn, ...]:
    first_readings: dict[int, Reading] = {}
    for reading in file.readings.select_related("answer__issue__customer").order_by("pk"):
        first_readings.setdefault(reading.answer_id, reading)
    states = form_states([reading.answer.issue.form_id for reading in first_readings.values()])
    return tuple(
        BookedReturn(
            return_id=return_id,
            form_id=reading.answer.issue.form_id,
            customer=reading.answer.issue.customer.number,
            verdict=Verdict(Decision(reading.decision), tuple(Reason(code) for code in reading.reasons)),
            status=states[reading.answer.issue.form_id].status,
        )
        for return_id, reading in first_readings.items()
    )
