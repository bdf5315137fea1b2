"""Which received files nothing could be made of, and that they are to be read again: after an update, say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from intake.results import Reason
from registry.book_decisions import check_person
from registry.errors import NotAllowedNow, UnknownFile
from registry.events import append_event, file_subject, one_writer
from registry.first_arrivals import first_arrivals
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


def problem_count() -> int:
    """How many received files could not be read and are not erased."""
    return _unread().count()


def problem_files(start: int = 0, count: int | None = None) -> list[ProblemFile]:
    """Some of the files that could not be read and are not erased, the last booked first; all, if not told."""
    files = list(_unread().order_by("-pk")[start : None if count is None else start + count])
    first = first_arrivals(file.pk for file in files)
    waiting = to_be_read_again(files)
    return [
        ProblemFile(
            sha256=file.sha256,
            name=first[file.pk].name,
            channel=first[file.pk].channel,
            received_at=first[file.pk].received_at,
            reason=Reason(file.problem),
            detail=file.detail,
            size=file.size,
            suffix=file.suffix,
            to_be_read_again=file.sha256 in waiting,
        )
        for file in files
    ]


@one_writer()
def ask_to_read_again(sha256: str, *, by: str) -> bool:
    """Book that a file of which nothing could be placed is to be read again when it next arrives.

    False where that was booked before and it has not arrived since. Raises `UnknownFile`, and `NotAllowedNow` for a
    mail, and where pages are placed: what was read on them is for people to judge.
    """
    check_person(by)
    file = _readable(sha256)
    if is_to_be_read_again(file):
        return False
    append_event(EventKind.FILE_RETRY, file_subject(sha256), {}, by)
    return True


def may_be_read_again(sha256: str) -> bool:
    """Whether nothing speaks against reading a received file again."""
    try:
        _readable(sha256)
    except (UnknownFile, NotAllowedNow):
        return False
    return True


def is_to_be_read_again(file: ReceivedFile) -> bool:
    """Whether somebody asked for it, and it has not been read since, nor a page of it been placed by a person."""
    return bool(to_be_read_again([file]))


def to_be_read_again(files: Collection[ReceivedFile]) -> frozenset[str]:
    """The digests of those files of which `is_to_be_read_again` is true."""
    digests = {file_subject(file.sha256): file.sha256 for file in files}
    kinds = (EventKind.FILE_RETRY, EventKind.FILE_READ_AGAIN)
    events = Event.objects.filter(subject__in=digests, kind__in=kinds).order_by("sequence")
    latest = dict(events.values_list("subject", "kind"))
    asked = {digests[subject] for subject, kind in latest.items() if kind == EventKind.FILE_RETRY}
    return frozenset(asked - _with_placed_pages(asked))


def _readable(sha256: str) -> ReceivedFile:
    """A file that may be read again; raises what `ask_to_read_again` raises."""
    file = ReceivedFile.objects.filter(sha256=sha256, erased_at=None).first()
    if file is None:
        raise UnknownFile(sha256)
    if Mail.objects.filter(file=file).exists():
        raise NotAllowedNow("it is a mail", "have its documents read again")
    if file.pages.exclude(answer=None).exists() or _with_placed_pages([sha256]):
        raise NotAllowedNow("returns in this file are booked", "decide about them")
    return file


def _with_placed_pages(digests: Collection[str]) -> set[str]:
    """Those of the files of which a person has placed a page."""
    placed = PageDecision.objects.filter(page__file__sha256__in=digests, kind=PageDecision.Kind.PLACED)
    return set(placed.values_list("page__file__sha256", flat=True))


def _unread() -> QuerySet[ReceivedFile]:
    return ReceivedFile.objects.filter(erased_at=None).exclude(problem="")
