"""What is still to do about customers' forms."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from registry.to_do import to_do_lists
from review.entry_forms import today
from review.roles import EVERY_ROLE, page
from review.words import Words

ROWS = 50
LISTS: dict[str, Words] = {
    "configure": _("to be set up"),
    "overdue": _("overdue"),
    "incomplete": _("incomplete"),
}
SINCE: dict[str, Words] = {"configure": _("in force since"), "overdue": _("was due"), "incomplete": _("due")}


@page(*EVERY_ROLE)
def to_do(request: HttpRequest) -> HttpResponse:
    """Show one of the lists: `list` says which."""
    found = to_do_lists(today())
    lists = {"configure": found.configure, "overdue": found.overdue, "incomplete": found.incomplete}
    asked = request.GET.get("list", "")
    name = asked if asked in lists else next((each for each in lists if lists[each]), "configure")
    context = {
        "lists": [(each, LISTS[each], len(lists[each])) for each in lists],
        "name": name,
        "since": SINCE[name],
        "slice": Paginator(lists[name], ROWS).get_page(request.GET.get("page")),
    }
    return render(request, "review/to_do.html", context)
