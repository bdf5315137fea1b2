"""Writes into the book that a person has read a mail and dealt with it, and that this is taken back."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import UTC, datetime

from registry.book_decisions import check_person
from registry.errors import MailDealtWith, MailWaits, UnknownMail
from registry.events import EventData, append_event, file_subject, one_writer
from registry.models import Mail, MailDecision
from registry.settling import check_reason
from registry.statuses import EventKind

Kind = MailDecision.Kind

EVENT_OF_MAIL_DECISION = {Kind.DEALT_WITH: EventKind.MAIL_DEALT_WITH, Kind.REOPENED: EventKind.MAIL_REOPENED}
"""The event that records each kind of decision about a mail."""


@one_writer()
def settle_mail(mail_id: int, *, by: str, at: datetime, note: str = "") -> None:
    """Note that a mail was read and dealt with; raises `UnknownMail`, and `MailDealtWith` where somebody was faster."""
    check_person(by)
    mail = _find(mail_id)
    if _is_dealt_with(mail):
        raise MailDealtWith(mail_id)
    _write(MailDecision(mail=mail, kind=Kind.DEALT_WITH, by=by, at=at, note=note.strip()))


@one_writer()
def reopen_mail(mail_id: int, *, by: str, at: datetime, reason: str) -> None:
    """Take back, with the reason, that a mail is dealt with: it waits again, and both stay on record.

    Raises `UnknownMail`, `MailWaits` where it is not dealt with, and `NotAllowedNow` without a reason.
    """
    check_person(by)
    check_reason(reason)
    mail = _find(mail_id)
    if not _is_dealt_with(mail):
        raise MailWaits(mail_id)
    _write(MailDecision(mail=mail, kind=Kind.REOPENED, by=by, at=at, note=reason.strip()))


def _find(mail_id: int) -> Mail:
    mail = Mail.objects.select_related("file").filter(pk=mail_id, file__erased_at=None).first()
    if mail is None:
        raise UnknownMail(mail_id)
    return mail


def _is_dealt_with(mail: Mail) -> bool:
    latest = mail.decisions.order_by("-pk").first()
    return latest is not None and latest.kind == Kind.DEALT_WITH


def _write(decision: MailDecision) -> None:
    decision.salt = secrets.token_hex(16)
    decision.save(force_insert=True)
    told: EventData = {"mail_decision": decision.pk, "mail_decision_sha256": mail_decision_digest(decision)}
    kind = EVENT_OF_MAIL_DECISION[Kind(decision.kind)]
    append_event(kind, file_subject(decision.mail.file.sha256), told, decision.by)


def mail_decision_digest(decision: MailDecision) -> str:
    """Digest of all that a decision about a mail says; its event holds it."""
    content = {
        "file": decision.mail.file.sha256,
        "by": decision.by,
        "at": decision.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "note": decision.note,
        "salt": decision.salt,
    }
    if decision.kind != Kind.DEALT_WITH:  # decisions that are older than their kind keep their digests
        content["kind"] = str(decision.kind)
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
