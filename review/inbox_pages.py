"""The inbox: the returns that wait for a person, doubtful ones first."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from intake.results import Reason
from registry.inbox import (
    ASIDE,
    Filter,
    State,
    count_by_state,
    page_of,
    reasons_listed,
    state_of,
    templates_listed,
)
from registry.mails import MailList, count_mails
from registry.unplaced import waiting_strays, waiting_strays_count
from registry.waiting import with_what_was_read
from review.queue import remember
from review.roles import Role, page
from review.words import STATES, WAYS

ROWS = 50
STRAY = "stray"
"""Pages of nobody are found under this name."""
STRAY_ROWS = 200


@page(Role.REVIEW)
def inbox(request: HttpRequest) -> HttpResponse:
    """Show what waits, or of it what is asked for."""
    asked = Filter.from_query(request.GET)
    remember(request, asked)
    is_aside = asked.only == ASIDE
    part = page_of(asked, after=request.GET.get("after", ""), before=request.GET.get("before", ""), count=ROWS)
    counts = count_by_state()
    context = {
        "asked": asked,
        "query": urlencode({name: value for name, value in asdict(asked).items() if value}),
        "slice": part,
        "rows": [(row, None if is_aside else state_of(row)) for row in with_what_was_read(part.lines)],
        "total": sum(counts.values()),
        "states": [(state, STATES[state], counts[state]) for state in State if counts[state] or asked.only == state],
        "clear": counts[State.CLEAR],
        "strays": waiting_strays(STRAY_ROWS if asked.only == STRAY else 1),
        "stray_count": waiting_strays_count(),
        "mails": count_mails(MailList.WAITING),
        "reasons": sorted(reasons_listed(aside=is_aside) | _known(asked.reason)),
        "templates": templates_listed(aside=is_aside),
        "ways": WAYS.items(),
    }
    return render(request, "review/inbox.html", context)


def _known(code: str) -> set[Reason]:
    return {Reason(code)} if code in set(Reason) else set()
