"""The contact sheet: many clear returns at a glance, to be confirmed together but for the odd one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.book import confirm_clear, reopen_unchanged
from registry.errors import ConfirmationRefused
from registry.evidence import Evidence, evidence_of
from registry.inbox import State, clear_lines, count_by_state
from registry.waiting import WaitingReturn, taken_back, with_what_was_read
from review.entry_forms import ReasonForm
from review.roles import Role, page
from review.seen import Crop, crop_beside, crop_of
from review.words import OBJECTIONS, Words

AT_ONCE = 30
TAKEN_OUT = "taken_out"
"""Where a session keeps the returns that were taken out: they are shown again, but never chosen again by themselves."""
UNDO_BATCH = "undo_batch"
"""Where a session keeps what was confirmed together last, to be taken back by one key on the page that follows."""
_SEEN = re.compile(r"([0-9]{1,15}):([0-9]{1,15})\Z", re.ASCII)
"""A return, and the last event of its form that the person has seen."""


@dataclass(frozen=True, slots=True)
class Card:
    """One return on the sheet."""

    return_id: int
    company: str
    number: str
    variant: str
    marks: tuple[Crop | None, ...]
    signature: Crop | None
    chosen: bool
    was_taken_back: bool
    """It was confirmed with others before, and that was taken back."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A return that could not be confirmed, and why."""

    return_id: int
    company: str
    why: Words


@page(Role.REVIEW, methods="GET HEAD POST")
def contact_sheet(request: HttpRequest) -> HttpResponse:
    """Show clear returns; those that are posted as chosen are confirmed, all of them or none."""
    if request.method == "POST":
        return _confirm(request)
    return _sheet(request, taken_out=request.session.get(TAKEN_OUT, ()))


def _confirm(request: HttpRequest) -> HttpResponse:
    chosen, shown = _posted(request, "chosen"), _posted(request, "shown")
    taken_out = {*request.session.get(TAKEN_OUT, ()), *shown} - {*chosen}
    request.session[TAKEN_OUT] = sorted(taken_out)
    if not chosen:
        return redirect("clear")
    try:
        confirmed = confirm_clear(chosen, by=request.user.get_username(), at=datetime.now(UTC))
    except ConfirmationRefused as refused:
        why = {refusal.return_id: OBJECTIONS[refusal.objection] for refusal in refused.refusals}
        return _sheet(request, taken_out=taken_out, refused=why, status=409)
    request.session[UNDO_BATCH] = [f"{each.return_id}:{each.last_event}" for each in confirmed]
    number = len(confirmed)
    said = ngettext("%(number)d return is in force.", "%(number)d returns are in force.", number) % {"number": number}
    messages.success(request, said)
    return redirect("clear")


@page(Role.REVIEW, methods="POST")
def undo_batch(request: HttpRequest) -> HttpResponse:
    """Take back what was confirmed together; what somebody else decided about meanwhile is told and left alone."""
    seen = {int(match[1]): int(match[2]) for text in request.POST.getlist("confirmed") if (match := _SEEN.match(text))}
    form = ReasonForm(request.POST)
    if not form.is_valid() or not seen:
        raise Http404  # our own page sends both
    by, reason = request.user.get_username(), form.cleaned_data["reason"]
    left = reopen_unchanged(seen, by=by, at=datetime.now(UTC), reason=reason)
    if number := len(seen) - len(left):
        said = ngettext(
            "%(number)d return waits again, as before.",
            "%(number)d returns wait again, as before.",
            number,
        )
        messages.success(request, said % {"number": number})
    if left:
        companies = ", ".join(each.company for each in evidence_of(left)) or str(len(left))
        said = _("Left as they are, because something happened to them meanwhile: %(companies)s")
        messages.error(request, said % {"companies": companies})
    return redirect("clear")


def _posted(request: HttpRequest, name: str) -> list[int]:
    return [int(text) for text in request.POST.getlist(name) if text.isascii() and text.isdigit() and len(text) < 16]


def _sheet(
    request: HttpRequest,
    *,
    taken_out: Collection[int],
    refused: Mapping[int, Words] | None = None,
    status: int = 200,
) -> HttpResponse:
    # Those that were taken out come last, so that a sheet is never full of them.
    sheet = with_what_was_read(clear_lines(AT_ONCE, last=taken_out))
    why = refused or {}
    evidence = {each.return_id: each for each in evidence_of([*(each.return_id for each in sheet), *why])}
    reopened = taken_back([each.return_id for each in sheet])
    context = {
        "cards": [
            _card(
                each,
                evidence[each.return_id],
                chosen=each.return_id not in {*taken_out, *why},
                was_taken_back=each.return_id in reopened,
            )
            for each in sheet
        ],
        "more": count_by_state()[State.CLEAR] - len(sheet),
        "batch": request.session.pop(UNDO_BATCH, ()),
        "refused": [Refused(key, evidence[key].company, words) for key, words in why.items() if key in evidence],
    }
    return render(request, "review/contact_sheet.html", context, status=status)


def _card(waiting: WaitingReturn, evidence: Evidence, *, chosen: bool, was_taken_back: bool) -> Card:
    variant, signature = evidence.reading.variant, evidence.reading.signature
    return Card(
        return_id=waiting.return_id,
        company=waiting.company,
        number=waiting.number,
        variant=waiting.variant or "",
        marks=tuple(crop_beside(evidence, option) for option in variant.options) if variant else (),
        signature=crop_of(evidence, signature.page, signature.box_mm) if signature else None,
        chosen=chosen,
        was_taken_back=was_taken_back,
    )
