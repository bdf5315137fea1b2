"""What the book knows of mails, and of how a return came: the reading side, for commands and for whoever decides."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from intake.mail_contents import PartKind
from intake.results import Reason, UnplacedPage
from registry.chunks import in_chunks
from registry.models import Arrival, Mail, MailDecision, MailPart, ReceivedFile, ReceivedPage

_LATEST = Subquery(MailDecision.objects.filter(mail=OuterRef("pk")).order_by("-pk").values("kind")[:1])
"""The kind of what was decided about a mail last."""
NEEDS_A_PERSON = (Reason.MAIL_NOT_OPENED, Reason.MAIL_UNREAD, Reason.MAIL_MENTIONS)


@dataclass(frozen=True, slots=True)
class BookedPart:
    """One part of a mail, with what became of it."""

    number: int
    name: str
    kind: PartKind
    file_sha256: str | None
    """The received file that it is; None unless it is a document."""
    problem: Reason | None
    """Why a document could not be read as a whole."""
    detail: str
    unplaced: tuple[UnplacedPage, ...]
    """Its pages that belong to no form."""


@dataclass(frozen=True, slots=True)
class DecidedOnMail:
    """That a person has read a mail and dealt with it, or took that back."""

    kind: MailDecision.Kind
    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class BookedMail:
    """A mail as it stands in the book. What stands in it was written by whoever sent it, and may be forged."""

    mail_id: int
    file_sha256: str
    file_name: str
    """As it first arrived; empty once it is erased."""
    channel: str
    received_at: datetime
    """When it first arrived, in UTC."""
    sender: str
    """Address; empty where it cannot be understood: then all of From is the name."""
    sender_name: str
    subject: str
    message_id: str
    sent_at: datetime | None
    text: str
    """Plain text over several lines."""
    mentions: tuple[str, ...]
    """Numbers of the customers that it speaks of or comes from, and ids of the forms that it names."""
    reason: Reason | None
    """Why a person must read it, or that nothing in it is ours; None where its returns speak for it."""
    parts: tuple[BookedPart, ...]
    decisions: tuple[DecidedOnMail, ...]
    """What people decided about it, in order."""

    @property
    def dealt_with(self) -> DecidedOnMail | None:
        """Who has read it and dealt with it; None while nobody has, and since that was taken back."""
        latest = self.decisions[-1] if self.decisions else None
        return latest if latest is not None and latest.kind is MailDecision.Kind.DEALT_WITH else None

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody must read the mail itself."""
        return self.reason in NEEDS_A_PERSON


@dataclass(frozen=True, slots=True)
class Origin:
    """How a return came, by the first arrival of the file that it came in first."""

    channel: str
    """"mailbox", "imap" or "command line"."""
    file_name: str
    received_at: datetime
    mail: BookedMail | None
    """The mail that the file was attached to; None where it came by itself."""


def booked_mail(file: ReceivedFile) -> BookedMail | None:
    """The mail that a received file is; None for every other file."""
    return next(_told(_with_all(Mail.objects.filter(file=file))), None)


def kept_mail(mail_id: int) -> BookedMail | None:
    """The mail with this id; None where there is none, or it was erased."""
    return next(_told(_with_all(_kept().filter(pk=mail_id))), None)


def kept_mails(chosen: QuerySet[Mail]) -> Iterator[BookedMail]:
    """Yield those of some mails that were not erased, in the order in which they were booked."""
    return _each(_kept().filter(pk__in=chosen.values("pk")))


def documents_of(file: ReceivedFile) -> list[ReceivedFile]:
    """The files that the documents of a mail are, in their order and each once; of every other file, itself."""
    parts = MailPart.objects.filter(mail__file=file, arrival__isnull=False).select_related("arrival__file")
    files = [part.arrival.file for part in parts.order_by("number") if part.arrival is not None]
    if files or Mail.objects.filter(file=file).exists():
        return list(dict.fromkeys(files))
    return [file]


class MailList(StrEnum):
    """The lists of mails."""

    WAITING = "waiting"
    """A person must read them themselves, and nobody has."""
    DEALT_WITH = "dealt-with"
    """Somebody has read them and dealt with them."""
    ASIDE = "aside"
    """They have nothing to do with us."""


def mails_of(which: MailList) -> Iterator[BookedMail]:
    """Yield all mails of a list, in the order in which they were booked."""
    return _each(_list(which))


def latest_mails(which: MailList, *, start: int, count: int) -> list[BookedMail]:
    """Some mails of a list, the newest first."""
    keys = _list(which).order_by("-pk").values_list("pk", flat=True)[start : start + count]
    return [*_with_keys(list(keys))][::-1]


def count_mails(which: MailList) -> int:
    """How many mails are in a list."""
    return _list(which).count()


def origins(return_ids: Collection[int]) -> dict[int, Origin]:
    """Say how returns came; one that is erased or not known is left out."""
    first: dict[int, Arrival] = {}
    arrivals = Arrival.objects.filter(file__readings__answer__in=return_ids, duplicate=False, file__erased_at=None)
    rows = arrivals.order_by("-pk").values_list("file__readings__answer", "pk")
    by_pk = Arrival.objects.select_related("mail_part__mail__file").in_bulk({pk for _, pk in rows})
    for return_id, pk in rows:
        first[return_id] = by_pk[pk]
    return {return_id: _origin(arrival) for return_id, arrival in first.items()}


def _kept() -> QuerySet[Mail]:
    return Mail.objects.filter(file__erased_at=None)


def _list(which: MailList) -> QuerySet[Mail]:
    match which:
        case MailList.WAITING:
            undecided = Q(latest=None) | Q(latest=MailDecision.Kind.REOPENED)
            return _kept().filter(reason__in=NEEDS_A_PERSON).annotate(latest=_LATEST).filter(undecided)
        case MailList.DEALT_WITH:
            return _kept().annotate(latest=_LATEST).filter(latest=MailDecision.Kind.DEALT_WITH)
        case MailList.ASIDE:
            return _kept().filter(reason=Reason.MAIL_NOTHING)


def _each(rows: QuerySet[Mail]) -> Iterator[BookedMail]:
    for some in in_chunks(rows):
        yield from _with_keys([mail.pk for mail in some])


def _with_keys(keys: Sequence[int]) -> Iterator[BookedMail]:
    """The mails with these keys, in the order in which they were booked."""
    return _told(_with_all(Mail.objects.filter(pk__in=keys)))


def _with_all(rows: QuerySet[Mail]) -> list[Mail]:
    """The mails with all that is told of them, in a handful of queries."""
    parts = MailPart.objects.select_related("arrival__file").order_by("number")
    unplaced = ReceivedPage.objects.filter(answer=None).order_by("page")
    found = rows.select_related("file").order_by("pk")
    return list(
        found.prefetch_related(
            Prefetch("file__arrivals", Arrival.objects.order_by("pk")),
            Prefetch("parts", parts),
            Prefetch("decisions", MailDecision.objects.order_by("pk")),
            Prefetch("parts__arrival__file__pages", unplaced),
        )
    )


def _origin(arrival: Arrival) -> Origin:
    part = getattr(arrival, "mail_part", None)
    mail = None if part is None else booked_mail(part.mail.file)
    return Origin(arrival.channel, arrival.name, arrival.received_at, mail)


def _told(mails: list[Mail]) -> Iterator[BookedMail]:
    for mail in mails:
        first, *_ = mail.file.arrivals.all()
        yield BookedMail(
            mail_id=mail.pk,
            file_sha256=mail.file.sha256,
            file_name=first.name,
            channel=first.channel,
            received_at=first.received_at,
            sender=mail.sender,
            sender_name=mail.sender_name,
            subject=mail.subject,
            message_id=mail.message_id,
            sent_at=mail.sent_at,
            text=mail.text,
            mentions=tuple(mail.mentions),
            reason=Reason(mail.reason) if mail.reason else None,
            parts=tuple(map(_part, mail.parts.all())),
            decisions=tuple(map(_decided, mail.decisions.all())),
        )


def _decided(row: MailDecision) -> DecidedOnMail:
    return DecidedOnMail(MailDecision.Kind(row.kind), row.by, row.at, row.note)


def _part(row: MailPart) -> BookedPart:
    file = row.arrival.file if row.arrival else None
    return BookedPart(
        number=row.number,
        name=row.name,
        kind=PartKind(row.kind),
        file_sha256=file.sha256 if file else None,
        problem=_problem_of(file) if file else None,
        detail=file.detail if file else "",
        unplaced=tuple(UnplacedPage(page.page, Reason(page.reason)) for page in file.pages.all()) if file else (),
    )


def _problem_of(file: ReceivedFile) -> Reason | None:
    if file.erased_at is not None:
        return Reason.FILE_ERASED
    return Reason(file.problem) if file.problem else None
