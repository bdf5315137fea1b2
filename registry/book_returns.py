"""Writes into the book what came back and what was read on it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from django.conf import settings

from intake.results import (
    Decision,
    DocumentReading,
    History,
    Reason,
    ReturnedPage,
    ReturnReading,
    UnplacedPage,
    Verdict,
    return_to_json,
)
from registry import archive
from registry.errors import FormErased, Inconsistent, UnknownForm
from registry.events import EventData, append_event, file_subject, form_states, form_subject, one_writer
from registry.history import past_of, returns_decided
from registry.mails import BookedMail, booked_mail, documents_of
from registry.models import Arrival, HumanDecision, Issue, Reading, ReceivedFile, ReceivedPage, Return
from registry.office_time import local_time
from registry.proposals import RecognisedByPage, note_recognised, recognised_in
from registry.retrying import is_to_be_read_again
from registry.senders import is_another_customers
from registry.statuses import EventKind
from registry.suffixes import suffix_of
from registry.whole_returns import joined

Page = TypeVar("Page", ReturnedPage, UnplacedPage, ReturnedPage | UnplacedPage)
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
    entry: str = ""
    """What tells this arrival from all others, also after a restart (`Arrival.entry`); empty where nothing does."""
    sender: str = ""
    """The address that the mail comes from in which it lay; empty where it lay in none."""


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
    repeats: int | None = None
    """The earlier return that says the same, and beside which it needs no person; None where it stands for itself."""


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
    detail: str
    """More about the problem, for people; may be empty."""
    mail: BookedMail | None
    """What is to be said of a mail, besides the returns in it; None for every other file."""
    booked_before: bool
    """This very arrival stood in the book already: nothing was written, and all else is as it was told then."""

    @property
    def is_new(self) -> bool:
        """Its bytes were booked for the first time."""
        return self.duplicate_of is None and not self.booked_before


def book_known_bytes(received: ReceivedBytes) -> Booked | None:
    """Book what arrived if its bytes are known; None, and nothing is written, where they must be read first.

    Known bytes become one more arrival of the first, unless this very arrival stands in the book already: then it was
    booked before an interruption, and only needs to be put away.
    """
    file = _find_file(hashlib.sha256(received.data).hexdigest())
    if file is None or is_to_be_read_again(file):
        return None
    with one_writer():
        return _arrive_again(file, received)


def book_document(received: ReceivedBytes, reading: DocumentReading, decide: Decide) -> Booked:
    """Book a file with all its returns and pages, and archive it with the pictures of its pages, in one transaction.

    Every return is decided inside the transaction, one after the other, with what the book knows by then. Bytes that
    were booked meanwhile are booked as `book_known_bytes` does. Raises `UnknownForm`, `FormErased` where a form was
    erased meanwhile, `Inconsistent` where the reading does not fit the bytes, and whatever `decide` raises; then
    nothing was booked.
    """
    check_reading(received, reading)
    recognised = recognised_in(reading)
    with one_writer():
        booked = enter_document(received, reading, recognised, decide)
        # Last, when nothing speaks against it any more: so the archive holds nothing that was not booked.
        if booked.is_new:
            archive_document(received, reading)
        return booked


def enter_document(
    received: ReceivedBytes, reading: DocumentReading, recognised: RecognisedByPage, decide: Decide
) -> Booked:
    """Write the rows of a file with all its returns and pages; to be called inside `one_writer`."""
    known = _find_file(reading.sha256)
    if known is not None:
        if is_to_be_read_again(known) or _is_read_at_last(known, reading):
            return _read_again(known, received, reading, recognised, decide)
        return _arrive_again(known, received)
    file = add_file(received, reading, {"pages": reading.page_count})
    _enter_unplaced(file, reading, recognised)
    for answer in reading.returns:
        _book_return(file, received, answer, decide)
    return as_booked(file, duplicate=False)


def archive_document(received: ReceivedBytes, reading: DocumentReading) -> None:
    """Put a file and the pictures of its pages into the archive."""
    archive.store(received.data, suffix_of(received.data))
    archive.store_all([page.picture_png for page in _pictured(_all_pages(reading))], ".png")


def check_reading(received: ReceivedBytes, reading: DocumentReading) -> None:
    """Refuse a reading that is not of these bytes, or does not place every page once; raises `Inconsistent`."""
    if hashlib.sha256(received.data).hexdigest() != reading.sha256:
        raise Inconsistent(f"the reading of {reading.sha256} was handed over with other bytes")
    pages = [page.page for page in _all_pages(reading)]
    readable = 0 if reading.problem else reading.page_count
    if sorted(pages) != list(range(1, readable + 1)):
        raise Inconsistent(f"the reading of {reading.sha256} does not place every page exactly once")
    if not all(answer.pages for answer in reading.returns):
        raise Inconsistent(f"the reading of {reading.sha256} has a return without a page")


def _pictured(pages: Iterable[Page]) -> Iterator[Page]:
    return (page for page in pages if page.picture_png)


def _all_pages(reading: DocumentReading) -> Iterator[ReturnedPage | UnplacedPage]:
    yield from (page for answer in reading.returns for page in answer.pages)
    yield from reading.unplaced


def add_file(received: ReceivedBytes, reading: DocumentReading, told: EventData) -> ReceivedFile:
    """Add a file that is not known, without its pages; `told` is what its event says."""
    file = ReceivedFile.objects.create(
        sha256=reading.sha256,
        size=len(received.data),
        suffix=suffix_of(received.data),
        page_count=reading.page_count,
        problem=reading.problem or "",
        detail=_as_text(reading.detail) if reading.problem else "",
        fax=reading.fax,
    )
    _add_arrival(file, received, duplicate=False)
    append_event(EventKind.FILE_BOOKED, file_subject(file.sha256), told, received.channel)
    return file


def _find_file(sha256: str) -> ReceivedFile | None:
    return ReceivedFile.objects.filter(sha256=sha256).first()


def _add_arrival(file: ReceivedFile, received: ReceivedBytes, *, duplicate: bool) -> Arrival:
    local_time(received.received_at)  # an instant without a time zone is refused
    return Arrival.objects.create(
        file=file,
        name=_as_text(received.name),
        channel=received.channel,
        received_at=received.received_at,
        duplicate=duplicate,
        entry=received.entry,
    )


def _as_text(foreign: str) -> str:
    """What comes from a foreign system may hold what is no text; it is kept, written out with a backslash."""
    return foreign.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _arrive_again(file: ReceivedFile, received: ReceivedBytes) -> Booked:
    """Book one more arrival of a file; one that stands in the book is not booked again."""
    booked = file.arrivals.filter(entry=received.entry).first() if received.entry else None
    if booked is not None:
        return replace(as_booked(file, duplicate=booked.duplicate), booked_before=True)
    arrival = _add_arrival(file, received, duplicate=True)
    append_event(EventKind.FILE_ARRIVED_AGAIN, file_subject(file.sha256), {"arrival": arrival.pk}, received.channel)
    return as_booked(file, duplicate=True)


def _is_read_at_last(file: ReceivedFile, reading: DocumentReading) -> bool:
    """Whether a file could not be read when it first came, and now that it came again (in a mail, say) it could."""
    return bool(file.problem) and reading.problem is None and file.erased_at is None


def _read_again(
    file: ReceivedFile,
    received: ReceivedBytes,
    reading: DocumentReading,
    recognised: RecognisedByPage,
    decide: Decide,
) -> Booked:
    """Book what was read on a file of which nothing could be placed before; it counts as received when it first was.

    A file that was read by then is read otherwise only where all its pages are read again.
    """
    if not file.arrivals.filter(entry=received.entry).exclude(entry="").exists():
        arrival = _add_arrival(file, received, duplicate=True)
        append_event(EventKind.FILE_ARRIVED_AGAIN, file_subject(file.sha256), {"arrival": arrival.pk}, received.channel)
    was_read, is_read = not file.problem, reading.problem is None
    if not was_read or (is_read and reading.page_count == file.page_count):
        file.page_count = reading.page_count
        file.problem = reading.problem or ""
        file.detail = _as_text(reading.detail) if reading.problem else ""
        file.fax = reading.fax
        file.save(update_fields=["page_count", "problem", "detail", "fax"])
        _enter_unplaced(file, reading, recognised)
        first = replace(received, received_at=file.arrivals.earliest("pk").received_at)
        for answer in reading.returns:
            _book_return(file, first, answer, decide)
    append_event(EventKind.FILE_READ_AGAIN, file_subject(file.sha256), {"pages": file.page_count}, received.channel)
    return as_booked(file, duplicate=False)


def _enter_unplaced(file: ReceivedFile, reading: DocumentReading, recognised: RecognisedByPage) -> None:
    """Write down the pages that belong to no form; a picture that a page has already is kept."""
    for page in reading.unplaced:
        picture = hashlib.sha256(page.picture_png).hexdigest() if page.picture_png else ""
        said = {"reason": page.reason, "text": _as_text(page.text), "is_compared": True}
        if not file.pages.filter(page=page.page).update(**said):
            ReceivedPage.objects.create(file=file, page=page.page, picture=picture, **said)
    note_recognised({row.pk: recognised.get(row.page, ()) for row in file.pages.filter(issue=None)})


_NOTHING_UNPLACED = {"reason": "", "text": "", "is_compared": True}
"""Of a page that has its place: nothing says why it has none."""

EVENT_OF_DECISION = {
    Decision.ACCEPT: EventKind.RETURN_BOOKED,
    Decision.REVIEW: EventKind.RETURN_BOOKED,
    Decision.INCOMPLETE: EventKind.RETURN_INCOMPLETE,
    Decision.REJECT: EventKind.RETURN_REJECTED,
}
"""The event that books a return, by the machine's decision on it."""


def _book_return(file: ReceivedFile, received: ReceivedBytes, answer: ReturnReading, decide: Decide) -> None:
    issue = Issue.objects.select_related("customer", "letter").filter(form_id=answer.form_id).first()
    if issue is None:
        raise UnknownForm(answer.form_id)
    if issue.erased_at is not None:  # while the file was being read: it must be read again
        raise FormErased(answer.form_id)
    torn = _torn_return(issue, answer)
    said = answer if torn is None else joined(list(_latest_of_each_file(torn)), answer)
    past = past_of(issue, said, received.received_at, joins=torn.pk if torn else None)
    sender = is_another_customers(received.sender, issue.customer.number)
    verdict = decide(said, replace(past.history, sender=sender))
    booked = torn or Return.objects.create(issue=issue, received_at=received.received_at)
    if received.received_at < booked.received_at:  # files that arrive together are booked in the order they are read in
        booked.received_at = received.received_at
        booked.save(update_fields=["received_at"])
    for page in answer.pages:
        place = {"issue": issue, "form_page": page.form_page, "answer": booked, **_NOTHING_UNPLACED}
        if not file.pages.filter(page=page.page).update(**place):  # a page that is read again had no place before
            ReceivedPage.objects.create(file=file, page=page.page, **place)
    reading = _add_reading(file, booked, answer, verdict)
    references: dict[str, str | int | None] = {
        "return": booked.pk,
        "reading": reading.pk,
        "reading_sha256": reading.sha256,
        "file_sha256": file.sha256,
    }
    if torn is None and (earlier := past.repeated_by(verdict)) is not None:
        references["repeats"] = earlier
    append_event(EVENT_OF_DECISION[verdict.decision], form_subject(issue.form_id), references, received.channel)


def _torn_return(issue: Issue, answer: ReturnReading) -> Return | None:
    """The one return that waits for just these pages of the form; None where there is none, or more than one.

    One about which the customer was asked waits for what is missing, too.
    """
    waiting = form_states([issue.form_id])[issue.form_id].waiting
    asked = returns_decided([issue], HumanDecision.Kind.ASKED)
    came = {page.form_page for page in answer.pages}
    returns = Return.objects.filter(pk__in={*waiting, *asked}).prefetch_related("pages", "placed").order_by("pk")
    lacking = [each for each in returns if came.isdisjoint(_form_pages(each))]
    return lacking[0] if len(lacking) == 1 else None


def _form_pages(answer: Return) -> set[int | None]:
    """The pages of the form that a return has, as read or as a person said."""
    return {page.form_page for page in answer.pages.all()} | {made.form_page for made in answer.placed.all()}


def _latest_of_each_file(answer: Return) -> Iterable[Reading]:
    """The latest reading in each file of a return, in the order in which the files came."""
    rows = answer.readings.select_related("answer__issue__letter", "file").order_by("pk")
    return {row.file_id: row for row in rows}.values()


def _add_reading(file: ReceivedFile, booked: Return, answer: ReturnReading, verdict: Verdict) -> Reading:
    bare = replace(answer, pages=tuple(replace(page, picture_png=b"") for page in answer.pages))
    reading_json = return_to_json(bare)
    return Reading.objects.create(
        answer=booked,
        file=file,
        reading_json=reading_json.decode(),
        sha256=hashlib.sha256(reading_json).hexdigest(),
        pictures={str(page.page): hashlib.sha256(page.picture_png).hexdigest() for page in _pictured(answer.pages)},
        decision=verdict.decision,
        reasons=list(verdict.reasons),
        program_version=settings.REGISTRY_PROGRAM_VERSION,
        read_at=datetime.now(UTC),
    )


def as_booked(file: ReceivedFile, *, duplicate: bool) -> Booked:
    """Say what a file came to, by its rows."""
    if file.erased_at is not None:
        return Booked(file.sha256, _first_arrival(file), (), (), Reason.FILE_ERASED, "", None, booked_before=False)
    unplaced = file.pages.filter(answer=None).order_by("page")
    mail = booked_mail(file)
    return Booked(
        sha256=file.sha256,
        duplicate_of=_first_arrival(file) if duplicate else None,
        returns=tuple(each for part in documents_of(file) for each in _returns_in(part)),
        unplaced=tuple(UnplacedPage(page.page, Reason(page.reason)) for page in unplaced),
        problem=Reason(file.problem) if file.problem else None,
        detail=file.detail,
        mail=mail,
        booked_before=False,
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
            repeats=states[reading.answer.issue.form_id].repeats.get(return_id),
        )
        for return_id, reading in first_readings.items()
    )
