"""The mailbox in the browser: files dropped here go the way of a scanner's, and one sees what becomes of them."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.file_names import is_temporary, printable_name
from registry.arrivals import latest_arrivals
from registry.retrying import problem_count
from review.roles import Role, page
from ruecklauf.config import Config
from ruecklauf.open_config import open_config
from ruecklauf.uploads import mailbox_is_there, put_into_mailbox
from ruecklauf.watch_presence import somebody_watches

ARRIVALS = 50
MOST_WAITING = 200
FROM_SCRIPT = "X-From-Script"
"""A header of requests that our script sends: they are answered in JSON."""


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file in the mailbox that nobody has taken in yet."""

    name: str
    since: datetime
    size: int


class NotTaken(Exception):
    """An upload that was not put into the mailbox; says why, to people."""


def _largest() -> int:
    return open_config().file_limit_mb << 20


@page(Role.REVIEW, methods="GET HEAD POST", largest_request=_largest)
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show what lies in the mailbox and what arrived lately; what is posted is put into it."""
    if request.method == "POST":
        return _take(request)
    config = open_config()
    waiting = _waiting(config)
    context = {
        "waiting": waiting[:MOST_WAITING],
        "more": max(len(waiting) - MOST_WAITING, 0),
        "arrivals": latest_arrivals(ARRIVALS),
        "watched": somebody_watches(config),
        "there": mailbox_is_there(config.mailbox),
        "most_mb": config.file_limit_mb,
        "problems": problem_count(),
    }
    return render(request, "review/mailbox.html", context)


def _take(request: HttpRequest) -> HttpResponse:
    """Put uploaded files into the mailbox; each of them that cannot be taken is told, and the others are."""
    taken, refused = [], []
    for upload in request.FILES.getlist("files"):
        try:
            taken.append(_put(upload))
        except NotTaken as error:
            refused.append((printable_name(upload.name or ""), str(error)))
    if FROM_SCRIPT in request.headers:
        why = [why for _name, why in refused]
        return JsonResponse({"taken": taken, "refused": why}, status=200 if taken and not refused else 400)
    for name, reason in refused:
        messages.error(request, f"{name}: {reason}")
    if not (taken or refused):
        messages.error(request, _("Choose the files that came back."))
    if taken:
        count = len(taken)
        told = ngettext("%(count)d file lies in the mailbox now.", "%(count)d files lie in the mailbox now.", count)
        messages.success(request, told % {"count": count})
    return redirect("mailbox")


def _put(upload: UploadedFile[Any]) -> str:
    config = open_config()
    if not upload.size:
        raise NotTaken(_("This file is empty."))
    if upload.size > _largest():
        raise NotTaken(_("This file is larger than %(most)d MB.") % {"most": config.file_limit_mb})
    if not mailbox_is_there(config.mailbox):
        raise NotTaken(_("The mailbox folder is not there: its disk or share may be away."))
    try:
        return put_into_mailbox(config.mailbox, upload.name or "", upload.chunks)
    except OSError as error:
        raise NotTaken(_("It could not be written: %(why)s.") % {"why": error.strerror}) from error


def _waiting(config: Config) -> list[WaitingFile]:
    """What lies in the mailbox, oldest first; nothing is opened."""
    if not mailbox_is_there(config.mailbox):
        return []
    found = []
    with os.scandir(config.mailbox) as entries:
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # the watcher was faster
                continue
            if stat.S_ISREG(status.st_mode) and not is_temporary(entry.name):
                since = datetime.fromtimestamp(status.st_mtime, UTC)
                found.append(WaitingFile(printable_name(entry.name), since, status.st_size))
    return sorted(found, key=lambda each: each.since)
