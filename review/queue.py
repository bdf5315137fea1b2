"""The order in which returns are looked at: from one that is decided to the one that comes next."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from registry.events import last_event
from registry.inbox import Filter, line_after, line_before, line_of, what_counts
from registry.waiting import WaitingLine, WaitingReturn, with_what_was_read

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


def neighbours(request: HttpRequest, return_id: int) -> Neighbours:
    """The returns beside one, of what somebody looks at in the inbox while anything of it is left.

    After the last one, and for one that is settled, the topmost comes next.
    """
    asked, place = _asked(request), place_of(return_id)
    before = line_before(asked, place) if place else None
    after = line_after(asked, place, but=return_id)
    return Neighbours(before, next(iter(with_what_was_read([after] if after else [])), None))


def place_of(return_id: int) -> str:
    """Where a return stands in the inbox; before all others where it does not."""
    line = line_of(return_id)
    return line.place if line else ""


def go_on(request: HttpRequest, return_id: int, form_id: str, place: str) -> HttpResponse:
    """Lead to the return that stands below the place that the one decided had in the inbox, else to the topmost.

    The decision may have settled others too. It can be taken back by one key from there.
    """
    request.session[UNDO] = {"return_id": return_id, "seen": last_event(form_id)}
    following = line_after(_asked(request), place, but=return_id)
    return redirect("return", following.return_id) if following is not None else redirect("inbox")


def undo_for_templates(request: HttpRequest) -> dict[str, object]:
    """Offer once to take back what was decided last."""
    session = getattr(request, "session", None)
    if session is None:
        return {}
    return {"undo": session.pop(UNDO, None), "undo_page": session.pop(UNDO_PAGE, None)}


def _asked(request: HttpRequest) -> Filter:
    """What of the inbox somebody looks at, while anything of it is left."""
    return what_counts(Filter.from_query(request.session.get(ASKED, {})))
