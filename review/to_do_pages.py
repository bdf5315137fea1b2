"""What is still to do about customers' forms: each list with its action, for many at a time, and as a file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from registry.book import record_sent, record_set_up
from registry.errors import Refused
from registry.export import harmless
from registry.to_do import Task, all_to_do, to_do_count
from registry.to_do import to_do as listed
from review.entry_forms import SentForm, SetUpForm, today, written_date
from review.paging import page_asked_for
from review.roles import EVERY_ROLE, Role, page
from review.words import CHANNELS, Words, refusal

ROWS = 50
LISTS: dict[Task, Words] = {
    Task.SET_UP: _("to be set up"),
    Task.REMIND: _("overdue"),
    Task.ASK: _("incomplete"),
}
SINCE: dict[Task, Words] = {
    Task.SET_UP: _("in force since"),
    Task.REMIND: _("was due"),
    Task.ASK: _("due"),
}
COLUMNS = ("number", "company", "email", "template", "version", "form", "variant", "since", "sent_on")
"""Of the lists as files; named as in the export."""


@page(*EVERY_ROLE)
def to_do(request: HttpRequest) -> HttpResponse:
    """Show one of the lists: `list` says which."""
    return _shown(request, request.GET.get("list", ""))


@page(*EVERY_ROLE)
def to_do_file(request: HttpRequest, task: str) -> StreamingHttpResponse:  # noqa: ARG001 - `page` asks it
    """One of the lists, whole, as CSV that a German Excel opens."""
    lines = (_csv_line(row) for row in _csv_rows(Task(task)))
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=f"{task}.csv") or ""}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@page(Role.ISSUE, Role.REVIEW, methods="POST")
def set_up(request: HttpRequest) -> HttpResponse:
    """Book that the tool was set up as the forms say that are ticked."""

    def book(form_ids: Sequence[str], said: Mapping[str, Any], by: str) -> str:
        record_set_up(form_ids, on=said["on"], by=by)
        return ngettext("%(count)d is booked as set up.", "%(count)d are booked as set up.", len(form_ids))

    return _report(request, Task.SET_UP, SetUpForm(request.POST), book)


@page(Role.ISSUE, Role.REVIEW, methods="POST")
def asked_again(request: HttpRequest) -> HttpResponse:
    """Book that the letters of the forms that are ticked were sent again, to remind or because something lacked."""

    def book(form_ids: Sequence[str], said: Mapping[str, Any], by: str) -> str:
        record_sent(form_ids, on=said["on"], channel=said["channel"], actor=by)
        return ngettext("%(count)d is booked as asked again.", "%(count)d are booked as asked again.", len(form_ids))

    task = Task.ASK if request.POST.get("list") == Task.ASK else Task.REMIND
    return _report(request, task, SentForm(request.POST), book)


def _shown(request: HttpRequest, asked: str, form: Form | None = None, status: int = 200) -> HttpResponse:
    counts = {task: to_do_count(task, today()) for task in Task}
    task = Task(asked) if asked in set(Task) else next((each for each in Task if counts[each]), Task.SET_UP)
    shown, start = page_asked_for(request, counts[task], ROWS)
    context = {
        "lists": [(each, LISTS[each], counts[each]) for each in Task],
        "name": task,
        "since": SINCE[task],
        "slice": shown,
        "rows": listed(task, today(), start=start, count=ROWS),
        "form": form or SentForm(initial={"on": written_date(today()), "channel": "e-mail"}),
        "channels": CHANNELS.items(),
    }
    return render(request, "review/to_do.html", context, status=status)


def _report(request: HttpRequest, task: Task, form: Form, book: Callable[..., str]) -> HttpResponse:
    """Book what was done about the forms that are ticked, all of them or none, and show the list again."""
    form_ids = list(dict.fromkeys(request.POST.getlist("form")))
    if not form.is_valid() or not form_ids:
        if not form_ids:
            messages.error(request, _("Nothing was chosen."))
        return _shown(request, task, form, status=400)
    try:
        done = book(form_ids, form.cleaned_data, request.user.get_username())
    except Refused as error:
        messages.error(request, str(refusal(error)))
        return _shown(request, task, form, status=409)
    messages.success(request, done % {"count": len(form_ids)})
    return redirect(f"{reverse('to-do')}?list={task}")


def _csv_rows(task: Task) -> Iterator[Sequence[object]]:
    yield COLUMNS
    for row in all_to_do(task, today()):
        yield (
            row.number,
            row.company,
            row.email,
            row.template,
            row.version,
            row.form_id,
            row.variant,
            row.since.isoformat(),
            row.sent_on.isoformat() if row.sent_on else "",
        )


class _Echo:
    """What `csv` writes to: it gives back what it gets."""

    def write(self, text: str) -> str:
        """Give a line back."""
        return text


_WRITER = csv.writer(_Echo(), delimiter=";", lineterminator="\r\n")


def _csv_line(row: Sequence[object]) -> bytes:
    """A line for Excel; what it might take for a formula is made harmless."""
    line: str = _WRITER.writerow([harmless(str(cell)) for cell in row])
    return (("\ufeff" if row is COLUMNS else "") + line).encode()
