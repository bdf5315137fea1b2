"""Where customers stand, as lines of a list: some of them at a time, however large the book."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from registry.customer_search import customers_matching
from registry.lookup import CustomerStatus
from registry.models import Standing
from registry.statuses import OPEN, Status


def count_lines(words: str) -> int:
    """How many lines a search finds; a customer has one for each template, two while a newer form is open."""
    return _lines(words).count()


def customer_lines(words: str, today: date, *, start: int, count: int) -> tuple[CustomerStatus, ...]:
    """Some of the lines that a search finds, by number and template; on a day of the office's calendar."""
    rows = _lines(words).order_by("customer__number", "template", "issue")[start : start + count]
    rows = rows.select_related("customer", "issue__letter").defer("issue__form_json", "issue__letter__geometry_json")
    return tuple(_line(row, today) for row in rows)


def _lines(words: str) -> QuerySet[Standing]:
    telling = Standing.objects.filter(tells=True)
    return telling.filter(customer__in=customers_matching(words).order_by()) if words.strip() else telling


def _line(row: Standing, today: date) -> CustomerStatus:
    status = Status(row.status)
    return CustomerStatus(
        number=row.customer.number,
        company=row.customer.company,
        template=row.template,
        version=row.issue.letter.version,
        form_id=row.issue.form_id,
        status=status,
        variant=row.variant or None,
        due_on=row.issue.due_on,
        overdue=status in OPEN - {Status.RETURNED} and row.issue.due_on < today,
    )
