"""Where customers stand, as lines of a list: some customers at a time, however large the book."""

from __future__ import annotations

from datetime import date

from registry.customer_search import customers_matching
from registry.lookup import CustomerStatus
from registry.models import Standing
from registry.statuses import OPEN, Status


def count_customers(words: str) -> int:
    """How many customers a search finds."""
    return customers_matching(words).count()


def customer_lines(words: str, today: date, *, start: int, count: int) -> tuple[CustomerStatus, ...]:
    """Some of the customers that a search finds, by number, on a day of the office's calendar.

    Each has a line for each template, two while one form is in force and a newer one is open.
    """
    customers = list(customers_matching(words).values_list("pk", flat=True)[start : start + count])
    rows = Standing.objects.filter(customer__in=customers, tells=True).select_related("customer", "issue__letter")
    rows = rows.defer("issue__form_json", "issue__letter__geometry_json")
    return tuple(_line(row, today) for row in rows.order_by("customer__number", "template", "issue"))


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
