"""One return: the page as it was received, what the machine saw on it, and the questions that a person answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from intake.results import FieldReading, SignatureState
from registry.book import Seen, confirm_seen
from registry.case_files import form_file
from registry.errors import ConfirmationRefused, SettledMeanwhile
from registry.evidence import Evidence, evidence_of
from registry.lookup import WaitingReturn, returns_waiting
from review.entry_forms import SeenForm, written_date
from review.roles import Role, page
from review.seen import Crop, crop_beside, crop_of, seen_pages
from review.words import DECISIONS, FIELDS, OBJECTIONS, SIGNATURES, TONES, Words


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the variants that may be marked."""

    option: str
    chosen: bool
    """As the person said, else as the machine read it for certain."""
    crop: Crop | None


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One written field."""

    name: str
    label: Words
    text: str
    crop: Crop | None


@page(Role.REVIEW, methods="GET HEAD POST")
def one_return(request: HttpRequest, return_id: str) -> HttpResponse:
    """Show a return; what is posted confirms it."""
    found = evidence_of([int(return_id)])
    if not found:
        raise Http404
    if request.method == "POST":
        return _confirm(request, found[0])
    return _shown(request, found[0], _proposal(found[0]))


def _proposal(evidence: Evidence) -> SeenForm:
    """What the machine read, to be judged by a person."""
    reading = evidence.reading
    signed = reading.signature is not None and reading.signature.state is SignatureState.PRESENT
    day = next((field.value for field in reading.fields if field.name == "date" and field.value), None)
    return SeenForm(
        initial={
            "variant": reading.variant.value if reading.variant else None,
            "signed": signed,
            "signed_on": written_date(_day(day)),
        }
    )


def _day(text: str | None) -> date | None:
    """A date read as ISO 8601; None where it can't be one."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _shown(request: HttpRequest, evidence: Evidence, form: SeenForm, status: int = 200) -> HttpResponse:
    waiting = _waiting()
    reading, verdict = evidence.reading, evidence.verdict
    signature = reading.signature
    context = {
        "evidence": evidence,
        "reading": reading,
        "waiting": waiting.get(evidence.return_id),
        "file": form_file(reading.form_id),
        "decision": DECISIONS[verdict.decision],
        "tone": TONES[verdict.decision],
        "pages": seen_pages(evidence),
        "form": form,
        "choices": _choices(evidence, form),
        "signature": SIGNATURES[signature.state] if signature else None,
        "signature_crop": crop_of(evidence, signature.page, signature.box_mm) if signature else None,
        "fields": [_field(evidence, field) for field in reading.fields],
        "next": _next(evidence.return_id, list(waiting), waiting),
    }
    return render(request, "review/return.html", context, status=status)


def _waiting() -> dict[int, WaitingReturn]:
    """What waits, in the inbox's order."""
    return {each.return_id: each for each in returns_waiting()}


def _choices(evidence: Evidence, form: SeenForm) -> tuple[Choice, ...]:
    read = evidence.reading.variant
    if read is None:
        return ()
    chosen = form["variant"].value()
    return tuple(Choice(each.option, each.option == chosen, crop_beside(evidence, each)) for each in read.options)


def _field(evidence: Evidence, field: FieldReading) -> FieldShown:
    return FieldShown(field.name, FIELDS[field.name], field.text, crop_of(evidence, field.page, field.box_mm))


def _next(return_id: int, order: list[int], waiting: dict[int, WaitingReturn]) -> WaitingReturn | None:
    """The return that is looked at after this one: the one below it in the inbox as it was, else the topmost."""
    later = order[order.index(return_id) + 1 :] if return_id in order else []
    return next((waiting[other] for other in [*later, *waiting] if other in waiting and other != return_id), None)


def _confirm(request: HttpRequest, evidence: Evidence) -> HttpResponse:
    form = SeenForm(request.POST)
    if not form.is_valid():
        return _shown(request, evidence, form, status=400)
    order = list(_waiting())
    try:
        confirmed = confirm_seen(
            evidence.return_id,
            Seen(form.cleaned_data["variant"], form.cleaned_data["signed_on"]),
            by=request.user.get_username(),
            at=datetime.now(UTC),
        )
    except SettledMeanwhile:
        messages.error(request, _("Somebody else was faster: see below who decided what. Nothing was changed."))
    except ConfirmationRefused as refused:
        messages.error(request, " ".join(str(OBJECTIONS[each.objection]) for each in refused.refusals))
    else:
        said = {"customer": evidence.company, "variant": confirmed.variant}
        messages.success(request, _("%(customer)s: variant %(variant)s is in force.") % said)
        after = _next(evidence.return_id, order, _waiting())  # the confirmation may have settled others
        return redirect("return", after.return_id) if after else redirect("inbox")
    return _shown(request, evidence, form, status=409)
