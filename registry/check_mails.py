"""Checks the mails against what the events say of their parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Prefetch

from registry.book_mails import parts_digest
from registry.findings import Finding, FindingCode
from registry.models import Event, Mail, MailDecision, MailPart, ReceivedFile
from registry.settling_mails import EVENT_OF_MAIL_DECISION, mail_decision_digest
from registry.statuses import EventKind

_DECIDED = frozenset(EVENT_OF_MAIL_DECISION.values())
_CONTENTS = ("sender", "sender_name", "subject", "message_id", "sent_at", "text", "mentions")


def check_mails(alias: str, files: Sequence[ReceivedFile], events: Mapping[int, Sequence[Event]]) -> Iterator[Finding]:
    """Yield what is wrong with the mails among these files; `events` are those of each file, by its key."""
    parts = Prefetch("parts", MailPart.objects.using(alias).select_related("arrival").order_by("number"))
    decisions = Prefetch("decisions", MailDecision.objects.using(alias).order_by("pk"))
    rows = Mail.objects.using(alias).filter(file__in=files).select_related("file").prefetch_related(parts, decisions)
    mails = {mail.file_id: mail for mail in rows}
    for file in files:
        booked = next((event for event in events[file.pk] if event.kind == EventKind.FILE_BOOKED), None)
        told = None if booked is None else booked.data.get("parts_sha256")
        mail = mails.get(file.pk)
        if mail is not None:
            yield from _check_mail(file, mail, told)
            yield from _check_decisions(file, mail, events[file.pk])
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


def _check_decisions(file: ReceivedFile, mail: Mail, events: Sequence[Event]) -> Iterator[Finding]:
    where = f"decisions on mail {mail.pk} (received file {file.sha256})"
    told = {event.data.get("mail_decision"): event for event in events if event.kind in _DECIDED}
    made = {decision.pk: decision for decision in mail.decisions.all()}
    if list(told) != list(made):
        code = FindingCode.ROW_SURPLUS if len(made) > len(told) else FindingCode.ROW_MISSING
        yield Finding(code, f"{where}: events name {len(told)}, and {len(made)} are there")
        return
    for key, decision in made.items():
        if file.erased_at is not None:
            if decision.note or decision.salt:
                yield Finding(FindingCode.ROW_ALTERED, f"{where}: one was erased, yet contents of it are there")
        elif not _is_as_told(decision, told[key]):
            yield Finding(FindingCode.ROW_ALTERED, f"{where}: one is not what its event says")


def _is_as_told(decision: MailDecision, event: Event) -> bool:
    kind = EVENT_OF_MAIL_DECISION.get(MailDecision.Kind(decision.kind))
    return event.kind == kind and event.data.get("mail_decision_sha256") == mail_decision_digest(decision)
