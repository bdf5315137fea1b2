"""Lists in pages of which only the rows that are shown are looked up."""

from __future__ import annotations

from django.core.paginator import Page, Paginator
from django.http import HttpRequest


def page_asked_for(request: HttpRequest, number: int, rows: int) -> tuple[Page[int], int]:
    """The page asked for of a list of so many rows, or the nearest there is, and how many rows come before it."""
    shown = Paginator(range(number), rows).get_page(request.GET.get("page"))
    return shown, max(shown.start_index() - 1, 0)
