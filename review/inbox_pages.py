"""The inbox: the returns that wait for a person, doubtful ones first."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from intake.results import Reason
from registry.mails import mails_to_read_count
from registry.unplaced import waiting_strays
from registry.waiting import WaitingLine, lines_set_aside, place_in_list, waiting_lines, with_what_was_read
from review.inbox_filter import Filter, State, state_of
from review.queue import remember
from review.roles import Role, page
from review.words import STATES, WAYS

ROWS = 50
ASIDE = "aside"
"""What is set aside waits no longer, and is found under this name."""
_EPOCH, _MICROSECOND = datetime.fromtimestamp(0, UTC), timedelta(microseconds=1)
_Place = tuple[bool, int, datetime, int]


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a list; its neighbours are named by the place where they begin or end.

    So nothing is passed over or shown twice when returns before it are settled meanwhile.
    """

    lines: Sequence[WaitingLine]
    before: str
    """Where the page before ends; empty where there is none."""
    after: str
    number: int
    """How many stand in the whole list."""


@page(Role.REVIEW)
def inbox(request: HttpRequest) -> HttpResponse:
    """Show what waits, or of it what is asked for."""
    asked = Filter.from_query(request.GET)
    waiting = waiting_lines()
    is_aside = asked.only == ASIDE
    listed = lines_set_aside() if is_aside else waiting
    chosen = list((Filter(**asdict(asked) | {"only": ""}) if is_aside else asked).chosen(listed))
    remember(request, asked)
    counts = Counter(state_of(line) for line in waiting)
    part = _slice(chosen, request.GET.get("after", ""), request.GET.get("before", ""))
    context = {
        "asked": asked,
        "query": urlencode({name: value for name, value in asdict(asked).items() if value}),
        "slice": part,
        "rows": [(row, None if is_aside else state_of(row)) for row in with_what_was_read(part.lines)],
        "total": len(waiting),
        "states": [(state, STATES[state], counts[state]) for state in State if counts[state] or asked.only == state],
        "clear": counts[State.CLEAR],
        "strays": waiting_strays(),
        "mails": mails_to_read_count(),
        "reasons": sorted({reason for line in listed for reason in line.reasons} | _known(asked.reason)),
        "templates": sorted({line.template for line in listed}),
        "ways": WAYS.items(),
    }
    return render(request, "review/inbox.html", context)


def _known(code: str) -> set[Reason]:
    return {Reason(code)} if code in set(Reason) else set()


def _slice(lines: Sequence[WaitingLine], after: str, before: str) -> Slice:
    start, places = 0, [place_in_list(line) for line in lines]
    if (place := _place(after)) is not None:
        start = bisect_right(places, place)
    elif (place := _place(before)) is not None:
        start = max(0, bisect_left(places, place) - ROWS)
    shown = lines[start : start + ROWS]
    has_more = start + ROWS < len(lines)
    return Slice(
        lines=shown,
        before=_named(places[start]) if start and shown else "",
        after=_named(places[start + ROWS - 1]) if has_more else "",
        number=len(lines),
    )


def _named(place: _Place) -> str:
    clear, urgency, received_at, return_id = place
    return f"{clear:d}.{urgency}.{(received_at - _EPOCH) // _MICROSECOND}.{return_id}"


def _place(name: str) -> _Place | None:
    """The place that was named; None for none, or what names none."""
    parts = name.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) < 18 for part in parts):
        return None
    clear, urgency, microseconds, return_id = map(int, parts)
    try:
        received_at = _EPOCH + microseconds * _MICROSECOND
    except OverflowError:
        return None
    return (bool(clear), urgency, received_at, return_id)
