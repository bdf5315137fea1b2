"""The order in which returns are looked at: from one that is decided to the one that comes next."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from registry.events import last_event
from registry.waiting import WaitingLine, WaitingReturn, waiting_lines, with_what_was_read
from review.inbox_filter import Filter

ASKED = "asked"
"""Where a session keeps what of the inbox somebody looks at."""
UNDO_PAGE = "undo_page"
"""Where a session keeps the page of nobody about which something was decided last, likewise."""
UNDO = "undo"
"""Where a session keeps what was decided last, to be taken back by one key on the page that follows."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What stands before and after a return in the inbox."""

    before: WaitingLine | None
    after: WaitingReturn | None
    """With its picture, which is fetched while this one is looked at."""


def remember(request: HttpRequest, asked: Filter) -> None:
    """Remember what of the inbox somebody looks at: what comes next is taken from there."""
    if request.session.get(ASKED, {}) != (kept := asdict(asked) if asked else {}):
        request.session[ASKED] = kept


def waiting_in_order(request: HttpRequest) -> dict[int, WaitingLine]:
    """What waits, in the inbox's order: of what somebody looks at there, while anything of it is left."""
    waiting = waiting_lines()
    asked = Filter.from_query(request.session.get(ASKED, {}))
    return {each.return_id: each for each in [*asked.chosen(waiting)] or waiting}


def neighbours(return_id: int, waiting: dict[int, WaitingLine]) -> Neighbours:
    """The returns beside one in the inbox; after the last one, and for one that is settled, the topmost comes next."""
    order = list(waiting)
    at = order.index(return_id) if return_id in waiting else -1
    before = waiting[order[at - 1]] if at > 0 else None
    after = waiting[order[(at + 1) % len(order)]] if order else None
    following = [] if after is None or after.return_id == return_id else [after]
    return Neighbours(before, next(iter(with_what_was_read(following)), None))


def go_on(request: HttpRequest, return_id: int, form_id: str, order: list[int]) -> HttpResponse:
    """Lead to the return that stood below the one decided in the inbox as it was, else to the topmost.

    The decision may have settled others too. It can be taken back by one key from there.
    """
    request.session[UNDO] = {"return_id": return_id, "seen": last_event(form_id)}
    waiting = waiting_in_order(request)
    later = order[order.index(return_id) + 1 :] if return_id in order else []
    following = next((each for each in [*later, *waiting] if each in waiting and each != return_id), None)
    return redirect("return", following) if following is not None else redirect("inbox")


def undo_for_templates(request: HttpRequest) -> dict[str, object]:
    """Offer once to take back what was decided last."""
    session = getattr(request, "session", None)
    if session is None:
        return {}
    return {"undo": session.pop(UNDO, None), "undo_page": session.pop(UNDO_PAGE, None)}
