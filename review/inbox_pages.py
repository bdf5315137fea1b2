"""The inbox: the returns that wait for a person, doubtful ones first."""

from __future__ import annotations

from collections import Counter

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from intake.results import Decision
from registry.lookup import WaitingReturn, returns_waiting
from review.roles import Role, page

ROWS = 50


@page(Role.REVIEW)
def inbox(request: HttpRequest) -> HttpResponse:
    """Show what waits; `q` looks for a customer, a number or a code, `only` for a decision."""
    words, only = request.GET.get("q", "").strip(), request.GET.get("only", "")
    waiting = returns_waiting()
    counts = Counter(each.decision for each in waiting)
    chosen = [each for each in waiting if only in ("", each.decision) and _matches(each, words)]
    context = {
        "slice": Paginator(chosen, ROWS).get_page(request.GET.get("page")),
        "counts": [(decision, counts[decision]) for decision in Decision if counts[decision]],
        "clear": sum(each.clear for each in waiting),
        "q": words,
        "only": only,
    }
    return render(request, "review/inbox.html", context)


def _matches(waiting: WaitingReturn, words: str) -> bool:
    text = f"{waiting.number} {waiting.company} {waiting.form_id} {waiting.template}".casefold()
    return all(word in text for word in words.casefold().split())
