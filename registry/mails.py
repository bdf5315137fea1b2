"""What the book knows of mails, and of how a return came: the reading side, for commands and for whoever decides."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from intake.mail_contents import PartKind
from intake.results import Reason, UnplacedPage
from registry.chunks import in_chunks
from registry.models import Arrival, Mail, MailPart, ReceivedFile

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
    mail = Mail.objects.filter(file=file).select_related("file").first()
    return None if mail is None else _told(mail)


def documents_of(file: ReceivedFile) -> list[ReceivedFile]:
    """The files that the documents of a mail are, in their order and each once; of every other file, itself."""
    parts = MailPart.objects.filter(mail__file=file, arrival__isnull=False).select_related("arrival__file")
    files = [part.arrival.file for part in parts.order_by("number") if part.arrival is not None]
    if files or Mail.objects.filter(file=file).exists():
        return list(dict.fromkeys(files))
    return [file]


def mails(*reasons: Reason) -> Iterator[BookedMail]:
    """Yield the mails with one of these reasons that are not erased, in the order in which they were booked."""
    rows = Mail.objects.filter(reason__in=reasons, file__erased_at=None).select_related("file")
    for some in in_chunks(rows):
        yield from map(_told, some)


def mails_to_read() -> Iterator[BookedMail]:
    """Yield the mails that a person must read themselves, in the order in which they were booked."""
    return mails(*NEEDS_A_PERSON)


def mails_set_aside() -> Iterator[BookedMail]:
    """Yield the mails that have nothing to do with us, in the order in which they were booked."""
    return mails(Reason.MAIL_NOTHING)


def origins(return_ids: Collection[int]) -> dict[int, Origin]:
    """Say how returns came; one that is erased or not known is left out."""
    first: dict[int, Arrival] = {}
    arrivals = Arrival.objects.filter(file__readings__answer__in=return_ids, duplicate=False, file__erased_at=None)
    rows = arrivals.order_by("-pk").values_list("file__readings__answer", "pk")
    by_pk = Arrival.objects.select_related("mail_part__mail__file").in_bulk({pk for _, pk in rows})
    for return_id, pk in rows:
        first[return_id] = by_pk[pk]
    return {return_id: _origin(arrival) for return_id, arrival in first.items()}


def _origin(arrival: Arrival) -> Origin:
    part = getattr(arrival, "mail_part", None)
    mail = None if part is None else _told(part.mail)
    return Origin(arrival.channel, arrival.name, arrival.received_at, mail)


def _told(mail: Mail) -> BookedMail:
    arrival = mail.file.arrivals.earliest("pk")
    return BookedMail(
        mail_id=mail.pk,
        file_sha256=mail.file.sha256,
        file_name=arrival.name,
        channel=arrival.channel,
        received_at=arrival.received_at,
        sender=mail.sender,
        sender_name=mail.sender_name,
        subject=mail.subject,
        message_id=mail.message_id,
        sent_at=mail.sent_at,
        text=mail.text,
        mentions=tuple(mail.mentions),
        reason=Reason(mail.reason) if mail.reason else None,
        parts=tuple(_part(row) for row in mail.parts.select_related("arrival__file").order_by("number")),
    )


def _part(row: MailPart) -> BookedPart:
    file = row.arrival.file if row.arrival else None
    pages = file.pages.filter(answer=None).order_by("page") if file else ()
    return BookedPart(
        number=row.number,
        name=row.name,
        kind=PartKind(row.kind),
        file_sha256=file.sha256 if file else None,
        problem=_problem_of(file) if file else None,
        detail=file.detail if file else "",
        unplaced=tuple(UnplacedPage(page.page, Reason(page.reason)) for page in pages),
    )


def _problem_of(file: ReceivedFile) -> Reason | None:
    if file.erased_at is not None:
        return Reason.FILE_ERASED
    return Reason(file.problem) if file.problem else None
