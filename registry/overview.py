"""The book in figures: how many forms went out, came back and were decided, over time and as they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, QuerySet

from registry.models import HumanDecision, Standing
from registry.statuses import Status

Kind = HumanDecision.Kind
WEEKS = 26
"""So many weeks, back from the last one, are shown one by one; what was before is in the first."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How the customers of a template stand; each is counted once, but twice while a newer form is open."""

    asked: int
    """Customers who were issued a form."""
    in_force: int
    to_confirm: int
    """Answered in full; a person must still confirm it."""
    incomplete: int
    outstanding: int
    """No answer so far."""
    overdue: int
    """Of those without an answer, the ones whose answer is due."""
    ended: int
    """Withdrawn or void."""
    doubtful: int
    """Forms of which a return waits for a person."""
    variants: Mapping[str, int]
    """How many have chosen each variant, of those in force."""

    @property
    def answered(self) -> int:
        """Customers who have answered, in whatever way."""
        return self.in_force + self.to_confirm + self.incomplete

    @property
    def return_rate(self) -> float | None:
        """The share of customers who have answered, of those who still are asked; None where nobody is."""
        of = self.answered + self.outstanding
        return self.answered / of if of else None


@dataclass(frozen=True, slots=True)
class Week:
    """What had happened by the end of a week."""

    monday: date
    issued: int
    sent: int
    returned: int
    """Forms of which something has come back."""
    doubtful: int
    """Forms of which something has come back that the machine did not accept."""
    confirmed: int

    @property
    def outstanding(self) -> int:
        """Forms of which nothing has come back."""
        return self.issued - self.returned


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures and course of one template, or of all."""

    figures: Figures
    weeks: tuple[Week, ...]
    """Counted from the beginning, to the end of each week; the last is the current one."""


def templates_issued() -> tuple[str, ...]:
    """The templates of which forms were issued, by name."""
    return tuple(Standing.objects.order_by("template").values_list("template", flat=True).distinct())


def overview(template: str | None, today: date) -> Overview:
    """Count the forms of one template, or of all, as they stand on a day of the office's calendar."""
    standings = Standing.objects.all() if template is None else Standing.objects.filter(template=template)
    return Overview(_figures(standings, today), _weeks(standings, today))


_HAPPENED = ("issued_on", "first_sent_on", "first_returned_on", "first_doubted_on", "first_confirmed_on")


def _figures(standings: QuerySet[Standing], today: date) -> Figures:
    by_status: Counter[Status] = Counter()
    variants: Counter[str] = Counter()
    telling = standings.filter(tells=True)
    # Those that do not tell are counted too: an index holds the rows in just this order.
    counted = standings.order_by().values_list("template", "tells", "status", "variant").annotate(number=Count("*"))
    for _template, tells, status, variant, number in counted:
        by_status[Status(status)] += number if tells else 0
        if variant and tells:
            variants[variant] += number
    unanswered = telling.filter(status__in=(Status.ISSUED, Status.SENT))
    return Figures(
        asked=by_status.total(),
        in_force=by_status[Status.IN_FORCE],
        to_confirm=by_status[Status.RETURNED],
        incomplete=by_status[Status.INCOMPLETE],
        outstanding=by_status[Status.ISSUED] + by_status[Status.SENT],
        overdue=unanswered.filter(since__lt=today).count(),
        ended=by_status[Status.WITHDRAWN] + by_status[Status.VOID] + by_status[Status.SUPERSEDED],
        doubtful=standings.filter(waits=True).count(),
        variants=dict(sorted(variants.items())),
    )


def _weeks(standings: QuerySet[Standing], today: date) -> tuple[Week, ...]:
    """Count what had happened by the end of each week; what was issued first is in the first of them."""
    by_week: dict[str, Counter[date]] = {name: Counter() for name in _HAPPENED}
    for row in standings.order_by().values_list("template", *_HAPPENED).annotate(number=Count("*")):
        for name, day in zip(_HAPPENED, row[1:-1], strict=True):
            if day is not None:
                by_week[name][_monday(day)] += row[-1]
    begun = [monday for counts in by_week.values() for monday in counts]
    last = _monday(today)
    first = max(min(begun, default=last), last - timedelta(weeks=WEEKS - 1))
    mondays = [first + timedelta(weeks=number) for number in range((last - first).days // 7 + 1)]
    return tuple(Week(monday, *(_by(by_week[name], monday) for name in _HAPPENED)) for monday in mondays)


def _by(counts: Counter[date], monday: date) -> int:
    return sum(number for week, number in counts.items() if week <= monday)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
