"""The inbox: the returns that wait for a person, doubtful ones first."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from intake.results import Decision
from registry.lookup import WaitingReturn, returns_waiting
from review.roles import Role, page
from review.words import DECISIONS, SIGNATURES, TONES, Words

ROWS = 50


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One line of the inbox."""

    waiting: WaitingReturn
    decision: Words
    tone: str
    signature: Words
    picture: str | None
    """Digest of the first page's picture."""


@page(Role.REVIEW)
def inbox(request: HttpRequest) -> HttpResponse:
    """Show what waits; `q` looks for a customer, a number or a code, `only` for a decision."""
    words, only = request.GET.get("q", "").strip(), request.GET.get("only", "")
    waiting = returns_waiting()
    counts = [
        (decision.value, DECISIONS[decision], TONES[decision], _count(waiting, decision)) for decision in Decision
    ]
    chosen = [each for each in waiting if only in ("", each.decision) and _matches(each, words)]
    rows = Paginator(chosen, ROWS).get_page(request.GET.get("page"))
    context = {"rows": [_row(each) for each in rows], "slice": rows, "counts": counts, "q": words, "only": only}
    return render(request, "review/inbox.html", context)


def _count(waiting: tuple[WaitingReturn, ...], decision: Decision) -> int:
    return sum(each.decision is decision for each in waiting)


def _matches(waiting: WaitingReturn, words: str) -> bool:
    text = f"{waiting.number} {waiting.company} {waiting.form_id} {waiting.template}".casefold()
    return all(word in text for word in words.casefold().split())


def _row(waiting: WaitingReturn) -> InboxRow:
    return InboxRow(
        waiting=waiting,
        decision=DECISIONS[waiting.decision],
        tone=TONES[waiting.decision],
        signature=SIGNATURES[waiting.signature] if waiting.signature else "",
        picture=waiting.picture.stem if waiting.picture else None,
    )
