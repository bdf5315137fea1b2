"""Writes into the book that a person has read a mail and dealt with it."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import UTC, datetime

from registry.book_decisions import check_person
from registry.errors import MailDealtWith, UnknownMail
from registry.events import EventData, append_event, file_subject, one_writer
from registry.models import Mail, MailDecision
from registry.statuses import EventKind


@one_writer()
def settle_mail(mail_id: int, *, by: str, at: datetime, note: str = "") -> None:
    """Note that a mail was read and dealt with; raises `UnknownMail`, and `MailDealtWith` where somebody was faster."""
    check_person(by)
    mail = Mail.objects.select_related("file").filter(pk=mail_id, file__erased_at=None).first()
    if mail is None:
        raise UnknownMail(mail_id)
    if MailDecision.objects.filter(mail=mail).exists():
        raise MailDealtWith(mail_id)
    decision = MailDecision(mail=mail, by=by, at=at, note=note.strip(), salt=secrets.token_hex(16))
    decision.save(force_insert=True)
    told: EventData = {"mail_decision": decision.pk, "mail_decision_sha256": mail_decision_digest(decision)}
    append_event(EventKind.MAIL_DEALT_WITH, file_subject(mail.file.sha256), told, by)


def mail_decision_digest(decision: MailDecision) -> str:
    """Digest of all that a decision about a mail says; its event holds it."""
    content = {
        "file": decision.mail.file.sha256,
        "by": decision.by,
        "at": decision.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "note": decision.note,
        "salt": decision.salt,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
