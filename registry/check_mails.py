"""Checks the mails against what the events say of their parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Prefetch

from registry.book_mails import parts_digest
from registry.findings import Finding, FindingCode
from registry.models import Event, Mail, MailPart, ReceivedFile
from registry.statuses import EventKind

_CONTENTS = ("sender", "sender_name", "subject", "message_id", "sent_at", "text", "mentions")


def check_mails(alias: str, files: Sequence[ReceivedFile], events: Mapping[int, Sequence[Event]]) -> Iterator[Finding]:
    """Yield what is wrong with the mails among these files; `events` are those of each file, by its key."""
    parts = Prefetch("parts", MailPart.objects.using(alias).select_related("arrival").order_by("number"))
    rows = Mail.objects.using(alias).filter(file__in=files).prefetch_related(parts)
    mails = {mail.file_id: mail for mail in rows}
    for file in files:
        booked = next((event for event in events[file.pk] if event.kind == EventKind.FILE_BOOKED), None)
        told = None if booked is None else booked.data.get("parts_sha256")
        mail = mails.get(file.pk)
        if mail is not None:
            yield from _check_mail(file, mail, told)
        elif told is not None:
            yield Finding(FindingCode.ROW_MISSING, f"the mail that received file {file.sha256} is")


def _check_mail(file: ReceivedFile, mail: Mail, told: object) -> Iterator[Finding]:
    where = f"mail {mail.pk} (received file {file.sha256})"
    parts = list(mail.parts.all())
    if told is None:
        yield Finding(FindingCode.ROW_SURPLUS, f"{where}: no event says that the file is a mail")
    elif parts_digest((part.number, part.kind, part.sha256) for part in parts) != told:
        yield Finding(FindingCode.ROW_ALTERED, f"{where}: its parts are not those that its event was written of")
    for part in parts:
        if part.arrival is not None and part.arrival.entry != f"mail {file.sha256} part {part.number}":
            yield Finding(FindingCode.ROW_ALTERED, f"{where}: part {part.number} names an arrival that is not its own")
    if file.erased_at is not None and any(getattr(mail, column) for column in _CONTENTS):
        yield Finding(FindingCode.ROW_ALTERED, f"{where}: it was erased, yet contents of it are there")
