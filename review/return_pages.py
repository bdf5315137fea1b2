"""One return: the page as it was received, what the machine saw on it, and the questions that a person answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from intake.results import FieldReading, ReturnReading, SignatureState
from registry import archive
from registry.book import confirm
from registry.errors import Refused
from registry.evidence import Evidence, evidence_of
from registry.lookup import returns_waiting
from review.roles import Role, page
from review.seen import Crop, crop_beside, crop_of, seen_pages
from review.words import DECISIONS, FIELDS, SIGNATURES, TONES, Words


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the variants that may be marked."""

    option: str
    proposed: bool
    """The machine read that this one is marked, and no other."""
    crop: Crop | None


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One written field."""

    name: str
    label: Words
    text: str
    crop: Crop | None


@page(Role.REVIEW, methods="GET HEAD POST")
def one_return(request: HttpRequest, return_id: int) -> HttpResponseBase:
    """Show a return; what is posted confirms it."""
    found = evidence_of([return_id])
    if not found:
        raise Http404
    if request.method == "POST":
        return _confirm(request, found[0])
    return _shown(request, found[0])


@page(Role.REVIEW)
def picture(request: HttpRequest, sha256: str) -> HttpResponseBase:  # noqa: ARG001 - the decorator checks who asks
    """A page's picture, as the reading made it; nothing else of the archive is shown."""
    path = archive.find(sha256)
    if path is None or path.suffix != ".png":
        raise Http404
    # Named by its content, so it never changes; but it shows personal data, so only this browser may keep it.
    return FileResponse(path.open("rb"), headers={"Cache-Control": "private, max-age=3600, immutable"})


def _shown(request: HttpRequest, evidence: Evidence, status: int = 200) -> HttpResponse:
    waiting = {each.return_id: each for each in returns_waiting()}
    reading, verdict = evidence.reading, evidence.verdict
    signature = reading.signature
    context = {
        "evidence": evidence,
        "reading": reading,
        "waits": evidence.return_id in waiting,
        "waiting": waiting.get(evidence.return_id),
        "decision": DECISIONS[verdict.decision],
        "tone": TONES[verdict.decision],
        "reasons": verdict.reasons,
        "pages": seen_pages(evidence),
        "choices": _choices(evidence),
        "signature": SIGNATURES[signature.state] if signature else None,
        "signed": signature is not None and signature.state is SignatureState.PRESENT,
        "signature_crop": crop_of(evidence, signature.page, signature.box_mm) if signature else None,
        "fields": [_field(evidence, field) for field in reading.fields],
        "signed_on": _date(reading),
        "next": _next(evidence.return_id, list(waiting)),
    }
    return render(request, "review/return.html", context, status=status)


def _choices(evidence: Evidence) -> tuple[Choice, ...]:
    read = evidence.reading.variant
    if read is None:
        return ()
    return tuple(Choice(each.option, each.option == read.value, crop_beside(evidence, each)) for each in read.options)


def _field(evidence: Evidence, field: FieldReading) -> FieldShown:
    return FieldShown(field.name, FIELDS[field.name], field.text, crop_of(evidence, field.page, field.box_mm))


def _date(reading: ReturnReading) -> str:
    """The date as read, as the browser's date input wants it; empty where none was."""
    return next((field.value for field in reading.fields if field.name == "date" and field.value), "")


def _next(return_id: int, waiting: list[int]) -> int | None:
    """The return that is looked at after this one: the one below it in the inbox, else the topmost."""
    later = waiting[waiting.index(return_id) + 1 :] if return_id in waiting else waiting
    return next((other for other in [*later, *waiting] if other != return_id), None)


def _confirm(request: HttpRequest, evidence: Evidence) -> HttpResponseBase:
    after = _next(evidence.return_id, [each.return_id for each in returns_waiting()])
    try:
        (confirmed,) = confirm(
            [evidence.return_id],
            by=request.user.get_username(),
            at=datetime.now(UTC),
            variant=request.POST.get("variant") or None,
            signed=request.POST.get("signed") == "yes",
            signed_on=_posted_date(request),
        )
    except (Refused, ValueError) as error:
        messages.error(request, str(error))
        return _shown(request, evidence, status=409)
    said = {"customer": evidence.company, "variant": confirmed.variant}
    messages.success(request, _("%(customer)s: variant %(variant)s is in force.") % said)
    return redirect("return", after) if after is not None else redirect("inbox")


def _posted_date(request: HttpRequest) -> date | None:
    text = request.POST.get("signed_on", "")
    return date.fromisoformat(text) if text else None
