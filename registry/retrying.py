"""Which received files nothing could be made of, and that they are to be read again: after an update, say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from intake.results import Reason
from registry.book_decisions import check_person
from registry.chunks import in_chunks
from registry.errors import NotAllowedNow, UnknownFile
from registry.events import append_event, file_subject, one_writer
from registry.models import Event, Mail, PageDecision, ReceivedFile
from registry.statuses import EventKind


@dataclass(frozen=True, slots=True)
class ProblemFile:
    """A received file that could not be read as a whole."""

    sha256: str
    name: str
    """As it first arrived: shown to people, trusted for nothing."""
    channel: str
    received_at: datetime
    reason: Reason
    detail: str
    """More about it, for support; may be empty."""
    size: int
    suffix: str
    """What the bytes are, as an ending such as `.pdf`."""
    to_be_read_again: bool
    """Somebody asked for it, and it has not been read since."""


def problem_files() -> Iterator[ProblemFile]:
    """Yield the files that could not be read and are not erased, in the order in which they were booked."""
    for files in in_chunks(_unread()):
        for file in files:
            first = file.arrivals.earliest("pk")
            yield ProblemFile(
                sha256=file.sha256,
                name=first.name,
                channel=first.channel,
                received_at=first.received_at,
                reason=Reason(file.problem),
                detail=file.detail,
                size=file.size,
                suffix=file.suffix,
                to_be_read_again=is_to_be_read_again(file),
            )


@one_writer()
def ask_to_read_again(sha256: str, *, by: str) -> bool:
    """Book that a file of which nothing could be placed is to be read again when it next arrives.

    False where that was booked before and it has not arrived since. Raises `UnknownFile`, and `NotAllowedNow` for a
    mail, and where pages are placed: what was read on them is for people to judge.
    """
    check_person(by)
    file = ReceivedFile.objects.filter(sha256=sha256, erased_at=None).first()
    if file is None:
        raise UnknownFile(sha256)
    if Mail.objects.filter(file=file).exists():
        raise NotAllowedNow("it is a mail", "have its documents read again")
    if file.pages.exclude(answer=None).exists() or _has_placed_pages(file):
        raise NotAllowedNow("returns in this file are booked", "decide about them")
    if is_to_be_read_again(file):
        return False
    append_event(EventKind.FILE_RETRY, file_subject(sha256), {}, by)
    return True


def is_to_be_read_again(file: ReceivedFile) -> bool:
    """Whether somebody asked for it, and it has not been read since, nor a page of it been placed by a person."""
    if _has_placed_pages(file):
        return False
    kinds = (EventKind.FILE_RETRY, EventKind.FILE_READ_AGAIN)
    latest = Event.objects.filter(subject=file_subject(file.sha256), kind__in=kinds).order_by("-sequence").first()
    return latest is not None and latest.kind == EventKind.FILE_RETRY


def _has_placed_pages(file: ReceivedFile) -> bool:
    return PageDecision.objects.filter(page__file=file, kind=PageDecision.Kind.PLACED).exists()


def _unread() -> QuerySet[ReceivedFile]:
    return ReceivedFile.objects.filter(erased_at=None).exclude(problem="")
