"""What was issued together: its letters to download and print, and to book as sent."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.book import record_sent
from registry.errors import Refused
from registry.runs import Run, letter_file, letter_files, letters_of, run_of, unsent_forms
from review.entry_forms import SentForm, today, written_date
from review.paging import page_asked_for
from review.roles import Role, page
from review.words import CHANNELS, refusal
from review.zip_stream import zipped
from ruecklauf.print_file import print_file

ROWS = 50
MOST_PRINTED = 1000
"""Letters that are chosen one by one."""


@page(Role.ISSUE, methods="GET HEAD POST")
def run(request: HttpRequest, run_id: str) -> HttpResponse:
    """Show what a run issued; what is posted books letters as sent."""
    found = _run(run_id)
    if request.method == "POST":
        return _book_sent(request, found)
    return _shown(request, found, SentForm(initial={"on": written_date(today()), "channel": "post"}))


@page(Role.ISSUE)
def run_zip(request: HttpRequest, run_id: str) -> HttpResponseBase:  # noqa: ARG001 - `page` asks it
    """All letters of a run, each as its own PDF, in one archive."""
    found = _run(run_id)
    pieces = zipped((letter.name, letter.read()) for letter in letter_files(found.run_id))
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=f"{_stem(found)}.zip") or ""
    }
    return StreamingHttpResponse(pieces, content_type="application/zip", headers=headers)


@page(Role.ISSUE)
def run_print(request: HttpRequest, run_id: str) -> HttpResponse:  # noqa: ARG001 - `page` asks it
    """All letters of a run in one PDF, for the printer."""
    found = _run(run_id)
    data = print_file(letter.read() for letter in letter_files(found.run_id))
    return _attached(data, f"{_stem(found)}.pdf")


@page(Role.ISSUE, Role.REVIEW, methods="POST")
def print_some(request: HttpRequest) -> HttpResponse:
    """The letters of the forms that are ticked in one PDF, for the printer: to be sent again."""
    files = [found for form_id in request.POST.getlist("form")[:MOST_PRINTED] if (found := letter_file(form_id))]
    if not files:
        messages.error(request, _("Nothing was chosen."))
        return redirect("to-do")
    return _attached(print_file(each.read() for each in files), f"{today():%Y-%m-%d}.pdf")


@page(Role.ISSUE, Role.REVIEW)
def letter(request: HttpRequest, form_id: str) -> HttpResponse:  # noqa: ARG001 - `page` asks it
    """The PDF of one form, as it was issued."""
    found = letter_file(form_id)
    if found is None:
        raise Http404
    return _attached(found.read(), found.name)


def _run(run_id: str) -> Run:
    found = run_of(int(run_id))
    if found is None:
        raise Http404
    return found


def _shown(request: HttpRequest, found: Run, form: SentForm, status: int = 200) -> HttpResponse:
    shown, start = page_asked_for(request, found.letters, ROWS)
    context = {
        "run": found,
        "form": form,
        "channels": CHANNELS.items(),
        "slice": shown,
        "letters": letters_of(found.run_id, start=start, count=ROWS),
    }
    return render(request, "review/run.html", context, status=status)


def _book_sent(request: HttpRequest, found: Run) -> HttpResponse:
    form = SentForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form, status=400)
    chosen = unsent_forms(found.run_id) if "everything" in request.POST else request.POST.getlist("form")
    if not chosen:
        messages.error(request, _("Nothing was chosen."))
        return _shown(request, found, form, status=400)
    said = form.cleaned_data
    try:
        record_sent(chosen, on=said["on"], channel=said["channel"], actor=request.user.get_username())
    except Refused as error:
        messages.error(request, str(refusal(error)))
        return _shown(request, found, form, status=409)
    count = len(set(chosen))
    told = ngettext("%(count)d letter is booked as sent.", "%(count)d letters are booked as sent.", count)
    messages.success(request, told % {"count": count})
    return redirect("run", found.run_id)


def _stem(found: Run) -> str:
    return f"{found.template}.v{found.version}-{found.issued_on:%Y-%m-%d}-{found.run_id}"


def _attached(pdf: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
