"""Customers: where each one stands, and all that happened with one of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from registry.book import record_configured
from registry.book import withdraw as book_withdrawal
from registry.case_evidence import case_evidence
from registry.case_files import CustomerFile, customer_file
from registry.customer_lines import count_customers, customer_lines
from registry.customer_mails import mails_of_customer
from registry.errors import Refused
from review.entry_forms import ConfiguredForm, WithdrawForm, today, written_date
from review.paging import page_asked_for
from review.roles import EVERY_ROLE, Role, page, roles_of
from review.words import refusal
from review.zip_stream import zipped

ROWS = 50


@page(*EVERY_ROLE)
def customers(request: HttpRequest) -> HttpResponse:
    """Show where customers stand; `q` looks for a customer, a number or a code."""
    words = request.GET.get("q", "").strip()
    shown, start = page_asked_for(request, count_customers(words), ROWS)
    lines = customer_lines(words, today(), start=start, count=ROWS)
    context = {"q": words, "slice": shown, "lines": lines}
    return render(request, "review/customers.html", context)


@page(*EVERY_ROLE)
def customer(request: HttpRequest) -> HttpResponse:
    """Show all about the customer with this `number`."""
    return _shown(request, request.GET.get("number", ""))


@page(Role.REVIEW)
def case_file(request: HttpRequest) -> StreamingHttpResponse:
    """All evidence about a customer in one archive, with a summary that a person can read."""
    number = request.GET.get("number", "")
    found = customer_file(number) if number.isprintable() else None
    if found is None:
        raise Http404
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", found.number).lstrip(".")
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=f"{stem}.zip") or ""}
    pieces = zipped(_with_summary(found, get_language()))
    return StreamingHttpResponse(pieces, content_type="application/zip", headers=headers)


@page(Role.ISSUE, Role.REVIEW, methods="POST")
def configured(request: HttpRequest) -> HttpResponse:
    """Book that the tool was set up as the form in force says."""
    form = ConfiguredForm(request.POST)
    return _report(request, form, _("%(number)s: booked as set up."), record_configured)


@page(Role.REVIEW, methods="POST")
def withdraw(request: HttpRequest) -> HttpResponse:
    """Book that the customer withdrew."""
    form = WithdrawForm(request.POST)
    return _report(request, form, _("%(number)s: booked as withdrawn."), book_withdrawal)


def _report(request: HttpRequest, form: Form, done: str, book: Callable[..., None]) -> HttpResponse:
    """Book what was reported, and show the customer again."""
    number = request.POST.get("number", "")
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return _shown(request, number, status=400)
    try:
        book(by=request.user.get_username(), **form.cleaned_data)
    except Refused as error:
        messages.error(request, str(refusal(error)))
        return _shown(request, number, status=409)
    messages.success(request, done % {"number": number})
    return redirect(f"{reverse('customer')}?{urlencode({'number': number})}")


def _shown(request: HttpRequest, number: str, status: int = 200) -> HttpResponse:
    # No number has such characters, and PostgreSQL takes no NUL.
    found = customer_file(number) if number.isprintable() else None
    if found is None:
        raise Http404
    context = {
        "customer": found,
        "mails": mails_of_customer(found.number) if Role.REVIEW in roles_of(request.user) else (),
        "today": written_date(today()),
        "posted": request.POST,
    }
    return render(request, "review/customer.html", context, status=status)


def _with_summary(found: CustomerFile, language: str | None) -> Iterator[tuple[str, bytes]]:
    """The evidence file by file, and at last the summary, which names each with its digest."""
    files = []
    for name, data in case_evidence(found.number):
        files.append((name, hashlib.sha256(data).hexdigest()))
        yield name, data
    context = {
        "customer": found,
        "mails": mails_of_customer(found.number),
        "files": files,
        "language": language,
        "now": datetime.now(UTC),
    }
    with override(language):  # the archive is made after the page's own language has been put back
        yield "summary.html", render_to_string("review/case_summary.html", context).encode()
