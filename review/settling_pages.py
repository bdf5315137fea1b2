"""What a person decides about a return besides confirming it, and what they take back."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from registry.book import reopen as book_reopening
from registry.book import settle as book_settlement
from registry.errors import Refused, UnknownReturn
from registry.evidence import evidence_of
from registry.models import HumanDecision
from review.entry_forms import ReopenForm, SettleForm
from review.queue import go_on, place_of
from review.roles import Role, page
from review.words import KINDS, refusal


@page(Role.REVIEW, methods="POST")
def settle(request: HttpRequest, return_id: str) -> HttpResponse:
    """Settle a return otherwise than by confirming it; then the next one comes."""
    form = SettleForm(request.POST)
    if not form.is_valid():
        return _complain(request, return_id, form)
    found = evidence_of([int(return_id)])
    place = place_of(int(return_id))
    kind = HumanDecision.Kind(form.cleaned_data["how"])
    try:
        book_settlement(
            int(return_id),
            kind,
            by=request.user.get_username(),
            at=datetime.now(UTC),
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["last_event"],
        )
    except Refused as error:
        return _refuse(request, return_id, error)
    messages.success(request, f"{found[0].company}: {KINDS[kind]}")
    return go_on(request, int(return_id), found[0].reading.form_id, place)


@page(Role.REVIEW, methods="POST")
def reopen(request: HttpRequest, return_id: str) -> HttpResponse:
    """Take back what was decided about a return, and show it."""
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _complain(request, return_id, form)
    try:
        book_reopening(
            int(return_id),
            by=request.user.get_username(),
            at=datetime.now(UTC),
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["last_event"],
        )
    except Refused as error:
        return _refuse(request, return_id, error)
    messages.success(request, _("The decision is taken back: this return waits again."))
    return redirect("return", return_id)


def _complain(request: HttpRequest, return_id: str, form: Form) -> HttpResponse:
    for errors in form.errors.values():
        messages.error(request, " ".join(map(str, errors)))
    return redirect("return", return_id)


def _refuse(request: HttpRequest, return_id: str, error: Refused) -> HttpResponse:
    if isinstance(error, UnknownReturn):
        raise Http404
    messages.error(request, str(refusal(error)))
    return redirect("return", return_id)
