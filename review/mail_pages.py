"""Mails without a return: a person reads them, says that they are dealt with, or takes that back."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.mail_contents import PartKind
from registry.book import reopen_mail as book_reopening
from registry.book import settle_mail as book_settlement
from registry.errors import MailDealtWith, MailWaits, UnknownMail
from registry.mails import MailList, count_mails, kept_mail, latest_mails, mails_of
from registry.senders import known_customers
from review.entry_forms import NoteForm, ReasonForm
from review.paging import page_asked_for
from review.roles import Role, page
from review.words import PART_KINDS, Words

ROWS = 50
NAMES: dict[MailList, Words] = {
    MailList.WAITING: gettext_lazy("to be read"),
    MailList.DEALT_WITH: gettext_lazy("dealt with"),
    MailList.ASIDE: gettext_lazy("set aside: nothing of ours"),
}


@page(Role.REVIEW)
def mails(request: HttpRequest) -> HttpResponse:
    """Show one of the lists, the newest first: `list` says which."""
    asked = request.GET.get("list", "")
    name = MailList(asked) if asked in set(MailList) else MailList.WAITING
    shown, start = page_asked_for(request, count_mails(name), ROWS)
    context = {
        "lists": NAMES.items(),
        "name": name,
        "slice": shown,
        "mails": latest_mails(name, start=start, count=ROWS),
    }
    return render(request, "review/mails.html", context)


@page(Role.REVIEW)
def one_mail(request: HttpRequest, mail_id: str) -> HttpResponse:
    """Show what a mail says, what lay in it, and whom it concerns."""
    shown = kept_mail(int(mail_id))
    if shown is None:
        raise Http404
    context = {
        "mail": shown,
        "parts": [(part, PART_KINDS[part.kind]) for part in shown.parts if part.kind is not PartKind.TEXT],
        "customers": known_customers(shown.mentions),
    }
    return render(request, "review/mail.html", context)


@page(Role.REVIEW, methods="POST")
def settle_mail(request: HttpRequest, mail_id: str) -> HttpResponse:
    """Note that a mail is dealt with; then the next one comes."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        return redirect("mail", mail_id)
    try:
        note = form.cleaned_data["note"]
        book_settlement(int(mail_id), by=request.user.get_username(), at=datetime.now(UTC), note=note)
    except UnknownMail:
        raise Http404 from None
    except MailDealtWith:
        messages.error(request, _("Somebody else was faster: the mail is dealt with."))
        return redirect("mail", mail_id)
    messages.success(request, _("The mail is dealt with."))
    following = next(mails_of(MailList.WAITING), None)
    return redirect("mail", following.mail_id) if following else redirect("mails")


@page(Role.REVIEW, methods="POST")
def reopen_mail(request: HttpRequest, mail_id: str) -> HttpResponse:
    """Take back that a mail is dealt with, and show it."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["reason"])))
        return redirect("mail", mail_id)
    reason = form.cleaned_data["reason"]
    try:
        book_reopening(int(mail_id), by=request.user.get_username(), at=datetime.now(UTC), reason=reason)
    except UnknownMail:
        raise Http404 from None
    except MailWaits:
        messages.error(request, _("Somebody else was faster: the mail waits again."))
        return redirect("mail", mail_id)
    messages.success(request, _("The decision is taken back: this mail waits again."))
    return redirect("mail", mail_id)
