"""Pages of nobody: a person says whose they are, or that they are nobody's."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from registry.book import Placed, move, place, reopen_page, settle_page
from registry.errors import PageSettled, Refused, UnknownPage
from registry.evidence import evidence_of
from registry.models import PageDecision
from registry.proposals import proposals_for
from registry.retrying import may_be_read_again
from registry.settling import last_event_of
from registry.targets import targets_by_id, targets_named
from registry.unplaced import StrayPage, stray_page, stray_picture, waiting_strays
from review.entry_forms import MoveForm, PlaceForm, SettlePageForm
from review.queue import UNDO_PAGE
from review.roles import Role, page
from review.seen import PAGE_MM, seen_pages, size_as_paper
from review.words import PAGE_KINDS, refusal


@page(Role.REVIEW)
def one_stray(request: HttpRequest, page_id: str) -> HttpResponse:
    """Show a page of nobody with the customers whose it may be; `q` looks for others."""
    shown = stray_page(int(page_id))
    if shown is None:
        raise Http404
    return _shown(request, shown)


@page(Role.REVIEW, methods="POST")
def place_stray(request: HttpRequest, page_id: str) -> HttpResponse:
    """Say whose the page is; then come the questions about it."""
    form = PlaceForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say whose page this is."))
        return redirect("stray", page_id)
    said = form.cleaned_data
    try:
        placed = place(
            int(page_id),
            said["form_id"],
            form_page=said["form_page"] or 1,
            by=request.user.get_username(),
            at=datetime.now(UTC),
        )
    except Refused as error:
        return _refuse(request, page_id, error)
    return _go_to(request, placed)


@page(Role.REVIEW, methods="POST")
def settle_stray(request: HttpRequest, page_id: str) -> HttpResponse:
    """Say that the page is nobody's; then the next one comes."""
    form = SettlePageForm(request.POST)
    if not form.is_valid():
        return redirect("stray", page_id)
    kind = PageDecision.Kind(form.cleaned_data["how"])
    try:
        settle_page(int(page_id), kind, by=request.user.get_username(), at=datetime.now(UTC))
    except Refused as error:
        return _refuse(request, page_id, error)
    messages.success(request, str(PAGE_KINDS[kind]))
    request.session[UNDO_PAGE] = int(page_id)
    following = _next(int(page_id))
    return redirect("stray", following.page_id) if following else redirect("inbox")


@page(Role.REVIEW, methods="POST")
def reopen_stray(request: HttpRequest, page_id: str) -> HttpResponse:
    """Take back that the page is nobody's."""
    try:
        reopen_page(int(page_id), by=request.user.get_username(), at=datetime.now(UTC))
    except Refused as error:
        return _refuse(request, page_id, error)
    messages.success(request, _("The decision is taken back: this page waits again."))
    return redirect("stray", page_id)


@page(Role.REVIEW, methods="GET HEAD POST")
def assign(request: HttpRequest, return_id: str) -> HttpResponse:
    """Show a return with the customers whose it may be instead; what is posted moves it there."""
    seen = last_event_of(int(return_id))
    found = evidence_of([int(return_id)])
    if not found or seen is None:
        raise Http404
    if request.method == "POST":
        return _move(request, return_id)
    words = request.GET.get("q", "").strip()[:200]
    context = {
        "evidence": found[0],
        "seen": seen,
        "pages": seen_pages(found[0]),
        "q": words,
        "targets": [each for each in targets_named(words) if each.form_id != found[0].reading.form_id],
    }
    return render(request, "review/assign.html", context)


def _go_to(request: HttpRequest, placed: Placed) -> HttpResponse:
    """Lead to the return that the pages became."""
    said = _("%(customer)s: booked with this form. Now answer the questions.") % {"customer": placed.company}
    messages.success(request, said)
    return redirect("return", placed.return_id)


def _move(request: HttpRequest, return_id: str) -> HttpResponse:
    form = MoveForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect("assign", return_id)
    said = form.cleaned_data
    try:
        placed = move(
            int(return_id),
            said["form_id"],
            by=request.user.get_username(),
            at=datetime.now(UTC),
            reason=said["reason"],
            last_event=said["last_event"],
        )
    except Refused as error:
        messages.error(request, str(refusal(error)))
        return redirect("return", return_id)
    return _go_to(request, placed)


def _shown(request: HttpRequest, shown: StrayPage) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:200]
    proposals = proposals_for(shown.page_id)
    forms = targets_by_id([each.form_id for each in proposals])
    picture = stray_picture(shown.page_id, shown.picture) if shown.picture else None
    width_mm, height_mm = size_as_paper(picture) if picture else PAGE_MM
    context = {
        "stray": shown,
        "q": words,
        "proposals": [(forms[each.form_id], each.why) for each in proposals if each.form_id in forms],
        "targets": targets_named(words),
        "may_be_read_again": may_be_read_again(shown.file_sha256),
        "next": _next(shown.page_id),
        "width": width_mm,
        "height": height_mm,
    }
    return render(request, "review/stray.html", context)


def _next(page_id: int) -> StrayPage | None:
    """The page of nobody that comes after one, else the first other one."""
    found = [*waiting_strays(1, after=page_id), *waiting_strays(2)]
    return next((each for each in found if each.page_id != page_id), None)


def _refuse(request: HttpRequest, page_id: str, error: Refused) -> HttpResponse:
    if isinstance(error, UnknownPage):
        raise Http404
    said = _("Somebody else was faster: this page is settled.") if isinstance(error, PageSettled) else refusal(error)
    messages.error(request, str(said))
    return redirect("stray", page_id)
