"""Files that could not be read: what is wrong with each, and having it read again.

Nothing is read here: a file goes back into the mailbox, and whoever watches that reads it. The page asks every two
seconds what has become of those that somebody wanted read, until none of them waits.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.mailbox import PROBLEMS
from registry.arrivals import read_again
from registry.errors import NotAllowedNow, UnknownFile
from registry.retrying import problem_count, problem_files
from review.middleware import POLLED
from review.paging import page_asked_for
from review.roles import Role, page
from ruecklauf.open_config import open_config
from ruecklauf.retrying import files_in_problems, put_back_into_mailbox
from ruecklauf.retrying import read_again as ask_for
from ruecklauf.uploads import mailbox_is_there
from ruecklauf.watch_presence import somebody_watches

ROWS = 50
_MOST_ASKED_FOR = 20
_TOLD_FOR = timedelta(days=7)
"""For how long it is told what became of a file that somebody wanted read again."""
_STOP_POLLING = 286
"""What htmx takes for: do not ask again."""


@page(Role.REVIEW)
def problems(request: HttpRequest) -> HttpResponse:
    """Show the files that could not be read, and what became of those that anybody wanted read again lately."""
    config = open_config()
    is_there = mailbox_is_there(config.mailbox)
    asked = read_again(_MOST_ASKED_FOR, datetime.now(UTC) - _TOLD_FOR)
    shown, start = page_asked_for(request, problem_count(), ROWS)
    context = {
        "slice": shown,
        "rows": problem_files(start, ROWS),
        "asked": asked,
        "there": is_there,
        "watched": somebody_watches(config),
        "lying": len(files_in_problems(config.mailbox)) if is_there else 0,
        "folder": PROBLEMS,
    }
    is_over = POLLED in request.headers and not any(each.waits for each in asked)
    return render(request, "review/problems.html", context, status=_STOP_POLLING if is_over else 200)


@page(Role.REVIEW, methods="POST")
def read_file_again(request: HttpRequest) -> HttpResponse:
    """Have the received files with the posted digests read again."""
    digests = list(dict.fromkeys(request.POST.getlist("file")))
    if not _can_take_in(request):
        return redirect("problems")
    for sha256 in digests:
        _ask_for(request, sha256)
    return redirect("problems")


@page(Role.REVIEW, methods="POST")
def take_problems_in_again(request: HttpRequest) -> HttpResponse:
    """Put all that lies in `problems/` back into the mailbox: what was mended there, or what a newer program reads."""
    if not _can_take_in(request):
        return redirect("problems")
    mailbox = open_config().mailbox
    try:
        count = len(list(put_back_into_mailbox(files_in_problems(mailbox), mailbox, by=request.user.get_username())))
    except OSError as error:
        _complain(request, error)
        return redirect("problems")
    told = ngettext(
        "%(count)d file was put back: see below what becomes of it.",
        "%(count)d files were put back: see below what becomes of them.",
        count,
    )
    messages.success(request, told % {"count": count})
    return redirect("mailbox")


def _can_take_in(request: HttpRequest) -> bool:
    """Whether the mailbox is there; where it is not, nothing must be booked as to be read again."""
    if mailbox_is_there(open_config().mailbox):
        return True
    messages.error(request, _("The mailbox folder is not there: its disk or share may be away."))
    return False


def _ask_for(request: HttpRequest, sha256: str) -> None:
    """Have one file read again; where that cannot be, say why."""
    try:
        ask_for(sha256, open_config().mailbox, by=request.user.get_username())
    except UnknownFile as error:
        raise Http404 from error
    except NotAllowedNow:
        messages.error(request, _("Returns in this file are booked: decide about them, it is not read again."))
    except OSError as error:
        _complain(request, error)


def _complain(request: HttpRequest, error: OSError) -> None:
    messages.error(request, _("It could not be written: %(why)s.") % {"why": error.strerror})
