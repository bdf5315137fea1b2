"""The blind sample: a person says what they see before they are told what the machine read."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from registry.book import BlindAnswer, answer_blind
from registry.errors import Refused
from registry.evidence import Evidence, evidence_of
from registry.settling import last_event_of
from review.entry_forms import BlindForm
from review.questions import choices, signature_crop, written
from review.queue import go_on, neighbours, place_of
from review.roles import Role, page
from review.seen import seen_pages
from review.words import refusal

NOT_TO_BE_SAID = "-"
"""What is posted where nobody can say that exactly one variant is marked."""


@page(Role.REVIEW, methods="POST")
def blind(request: HttpRequest, return_id: str) -> HttpResponse:
    """Write down what a person sees; where the machine read something else, show both."""
    seen = last_event_of(int(return_id))
    found = evidence_of([int(return_id)])
    if not found or seen is None:
        raise Http404
    form = BlindForm(request.POST)
    if not form.is_valid():
        return show_blind(request, found[0], form, seen, status=400)
    place = place_of(found[0].return_id)
    try:
        confirmed = answer_blind(
            found[0].return_id,
            _answer(form),
            by=request.user.get_username(),
            at=datetime.now(UTC),
            last_event=form.cleaned_data["last_event"],
        )
    except Refused as error:
        messages.error(request, str(refusal(error)))
        return redirect("return", return_id)
    if confirmed is None:
        messages.warning(request, _("The machine read something else. Look again: now you see both."))
        return redirect("return", return_id)
    told = {"customer": found[0].company, "variant": confirmed.variant}
    messages.success(request, _("%(customer)s: the machine read the same. Variant %(variant)s is in force.") % told)
    return go_on(request, found[0].return_id, confirmed.form_id, place)


def show_blind(request: HttpRequest, evidence: Evidence, form: BlindForm, seen: int, status: int = 200) -> HttpResponse:
    """Show the page, and nothing that was read on it."""
    context = {
        "evidence": evidence,
        "reading": evidence.reading,
        "seen": seen,
        "pages": seen_pages(evidence),
        "form": form,
        "choices": choices(evidence, form),
        "signature_crop": signature_crop(evidence),
        "written": written(evidence, form, {}, tells_what_was_read=False),
        "beside": neighbours(request, evidence.return_id),
    }
    return render(request, "review/blind.html", context, status=status)


def _answer(form: BlindForm) -> BlindAnswer:
    said = form.cleaned_data
    return BlindAnswer(
        variant=None if said["variant"] == NOT_TO_BE_SAID else said["variant"],
        is_signed=said["signed"] == "yes",
        signed_on=said["signed_on"],
        place=said["place"],
        signer=said["signer"],
    )
