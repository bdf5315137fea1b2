"""The evidence about a customer as files: what was issued, what was received, what was read, decided, and happened."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from PIL import Image

from forms.units import BoxMm
from intake.results import ReturnReading
from registry import archive
from registry.customer_mails import mails_of_customer
from registry.events import file_subject, form_subject
from registry.mails import BookedMail
from registry.models import ERASED_CUSTOMER, Event, HumanDecision, Issue, Reading, Return
from registry.whole_returns import WholeReturn, whole_returns

Entry = tuple[str, bytes]
_PAGE_WIDTH_MM = 210.0
_AROUND_MM = 3.0
_DECISION = (
    *(
        "kind",
        "by",
        "at",
        "on",
        "answer_id",
        "variant",
        "signed_on",
        "in_force_from",
        "place",
        "signer",
        "note",
        "salt",
    ),
)


def case_evidence(number: str) -> Iterator[Entry]:
    """Yield the name and the bytes of each file, form by form in the order of issue; nothing for an unknown customer.

    What was issued and received are the archived bytes, unchanged; readings are the bytes that their digests were taken
    of. Raises `ArchiveDamaged` where archived bytes are missing or altered.
    """
    issues = Issue.objects.exclude(customer__number=ERASED_CUSTOMER).filter(customer__number=number, erased_at=None)
    for issue in issues.select_related("letter").order_by("pk"):
        folder = f"forms/{issue.form_id}"
        yield f"{folder}/issued.pdf", archive.load(issue.pdf_sha256)
        yield f"{folder}/issued.json", issue.form_json.encode()
        yield f"{folder}/events.json", _json([_told(event) for event in _events(issue)])
        decisions = HumanDecision.objects.filter(issue=issue).order_by("pk")
        yield f"{folder}/decisions.json", _json([_decided(decision) for decision in decisions])
        for answer in Return.objects.filter(issue=issue).order_by("pk"):
            yield from _of_return(answer, f"{folder}/returns/{answer.pk}")
    for mail in mails_of_customer(number):
        yield from _of_mail(mail, f"mails/{mail.mail_id}")


def _of_mail(mail: BookedMail, folder: str) -> Iterator[Entry]:
    """A mail as it was received, what is known of it, and what happened to it."""
    yield f"{folder}/received-{mail.file_sha256}.eml", archive.load(mail.file_sha256)
    yield f"{folder}/mail.json", _json(asdict(mail))
    events = Event.objects.filter(subject=file_subject(mail.file_sha256)).order_by("sequence")
    yield f"{folder}/events.json", _json([_told(event) for event in events])


def _of_return(answer: Return, folder: str) -> Iterator[Entry]:
    rows = list(Reading.objects.filter(answer=answer).select_related("file", "answer__issue__letter").order_by("pk"))
    for row in rows:
        yield f"{folder}/reading-{row.pk}.json", row.reading_json.encode()
        verdict = {"decision": row.decision, "reasons": row.reasons, "read_at": row.read_at, "sha256": row.sha256}
        yield f"{folder}/reading-{row.pk}.decision.json", _json({**verdict, "program_version": row.program_version})
    for file in {row.file_id: row.file for row in rows}.values():
        if file.erased_at is None:
            yield f"{folder}/received-{file.sha256}{file.suffix}", archive.load(file.sha256)
    for whole in whole_returns(rows).values():
        yield from _pictures(whole, folder)


def _pictures(whole: WholeReturn, folder: str) -> Iterator[Entry]:
    """The pages as the reading saw them, and what was judged on those that were located."""
    for page, sha256 in sorted(whole.pictures.items()):
        picture = archive.load(sha256)
        yield f"{folder}/page-{page}.png", picture
        for name, box in _judged(whole.reading, page):
            yield f"{folder}/crops/{name}.png", _crop(picture, box)


def _judged(reading: ReturnReading, page: int) -> Iterator[tuple[str, BoxMm]]:
    for option in reading.variant.options if reading.variant else ():
        if option.page == page:
            yield f"variant-{option.option}", option.box_mm
    if reading.signature is not None and reading.signature.page == page:
        yield "signature", reading.signature.box_mm
    for field in reading.fields:
        if field.page == page:
            yield field.name, field.box_mm
    for number, addition in enumerate(reading.additions, 1):
        if addition.page == page:
            yield f"addition-{number}", addition.box_mm


def _crop(picture: bytes, box: BoxMm) -> bytes:
    data = io.BytesIO()
    with Image.open(io.BytesIO(picture), formats=["PNG"]) as image:
        scale = image.width / _PAGE_WIDTH_MM
        left, top = max(0, (box.x0 - _AROUND_MM) * scale), max(0, (box.y0 - _AROUND_MM) * scale)
        right, bottom = (box.x1 + _AROUND_MM) * scale, (box.y1 + _AROUND_MM) * scale
        image.crop((int(left), int(top), int(min(right, image.width)), int(min(bottom, image.height)))).save(
            data, "PNG"
        )
    return data.getvalue()


def _events(issue: Issue) -> Iterator[Event]:
    return iter(Event.objects.filter(subject=form_subject(issue.form_id)).order_by("sequence"))


def _told(event: Event) -> dict[str, Any]:
    return {field.attname: getattr(event, field.attname) for field in event._meta.concrete_fields}


def _decided(decision: HumanDecision) -> dict[str, Any]:
    return {"id": decision.pk} | {name: getattr(decision, name) for name in _DECISION}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain).encode() + b"\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
