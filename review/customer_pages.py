"""Customers: where each one stands, and all that happened with one of them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.book import record_configured
from registry.book import withdraw as book_withdrawal
from registry.case_files import customer_file
from registry.customer_lines import count_lines, customer_lines
from registry.errors import Refused
from review.entry_forms import ConfiguredForm, WithdrawForm, today, written_date
from review.roles import EVERY_ROLE, Role, page
from review.words import refusal

ROWS = 50


@page(*EVERY_ROLE)
def customers(request: HttpRequest) -> HttpResponse:
    """Show where customers stand; `q` looks for a customer, a number or a code."""
    words = request.GET.get("q", "").strip()
    shown = Paginator(range(count_lines(words)), ROWS).get_page(request.GET.get("page"))
    lines = customer_lines(words, today(), start=max(shown.start_index() - 1, 0), count=ROWS)
    context = {"q": words, "slice": shown, "lines": lines}
    return render(request, "review/customers.html", context)


@page(*EVERY_ROLE)
def customer(request: HttpRequest) -> HttpResponse:
    """Show all about the customer with this `number`."""
    return _shown(request, request.GET.get("number", ""))


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
    context = {"customer": found, "today": written_date(today()), "posted": request.POST}
    return render(request, "review/customer.html", context, status=status)
