"""Where each form stands, kept beside the events from which it follows: what lists are made from.

A book of a hundred thousand forms has some half a million events, and a list of fifty customers must not read them all.
So whoever appends events brings the standings of their forms up to date, in the same transaction
(`registry.events.append_events`, the only place). They are an index: they can be made anew at any time, no decision is
taken by them, and `verify` compares them with the events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Min

from intake.results import Decision
from registry.models import HumanDecision, Issue, Reading, Return, Standing
from registry.office_time import local_date
from registry.statuses import OPEN, FormState, Status

Kind = HumanDecision.Kind
_WORKED_OUT = tuple(field.name for field in Standing._meta.concrete_fields if field.name != "issue")
_ATTRIBUTES = tuple(field.attname for field in Standing._meta.concrete_fields)


@dataclass(frozen=True, slots=True)
class Course:
    """When things happened to a form first, by the office's calendar; None where they did not."""

    sent_on: date | None = None
    returned_on: date | None = None
    doubted_on: date | None = None
    confirmed_on: date | None = None


def courses_of(issues: Iterable[int], alias: str = DEFAULT_DB_ALIAS) -> Mapping[int, Course]:
    """The courses of some forms, by their keys."""
    keys = list(issues)
    decisions = HumanDecision.objects.using(alias).filter(issue__in=keys, kind__in=(Kind.SENT, Kind.CONFIRMED))
    first = {
        (issue, kind): (on, at)
        for issue, kind, on, at in decisions.order_by().values_list("issue", "kind").annotate(Min("on"), Min("at"))
    }
    returns = Return.objects.using(alias).filter(issue__in=keys)
    returned = dict(returns.order_by().values_list("issue").annotate(Min("received_at")))
    doubts = Reading.objects.using(alias).filter(answer__issue__in=keys).exclude(decision=Decision.ACCEPT)
    doubted = dict(doubts.order_by().values_list("answer__issue").annotate(Min("answer__received_at")))
    return {
        key: Course(
            sent_on=first[key, Kind.SENT][0] if (key, Kind.SENT) in first else None,
            returned_on=local_date(returned[key]) if key in returned else None,
            doubted_on=local_date(doubted[key]) if key in doubted else None,
            confirmed_on=local_date(first[key, Kind.CONFIRMED][1]) if (key, Kind.CONFIRMED) in first else None,
        )
        for key in keys
    }


def store_standings(states: Mapping[str, FormState]) -> None:
    """Bring the standings of some hundred forms up to date, given by form id; to be called inside `one_writer`."""
    erased = [form_id for form_id, state in states.items() if state.erased]
    touched = set(Standing.objects.filter(issue__form_id__in=erased).values_list("customer", flat=True))
    Standing.objects.filter(issue__form_id__in=erased).delete()
    kept = Issue.objects.filter(form_id__in=states.keys() - set(erased), erased_at=None).select_related("letter")
    kept = kept.only("form_id", "customer", "issued_on", "due_on", "letter__template").order_by("pk")
    issues, confirmed = list(kept), _confirmations(states.values())
    courses = courses_of(issue.pk for issue in issues)
    new = {}
    for issue in issues:
        state = states[issue.form_id]
        new[issue.pk] = _standing(issue, state, confirmed.get(state.confirmed or 0), courses[issue.pk])
    touched |= {row.customer_id for row in new.values()}
    Standing.objects.bulk_create(
        _chosen_anew(touched, new),
        update_conflicts=True,
        unique_fields=["issue"],
        update_fields=list(_WORKED_OUT),
    )


def telling(forms: Sequence[tuple[int, Status]]) -> frozenset[int]:
    """Choose, of one customer's forms of one template, those that say where they stand: each by key and status.

    The forms are given in the order of issue. It is what is in force and the newest open one; without those the newest
    that is not void, else the newest.
    """
    in_force = [key for key, status in forms if status is Status.IN_FORCE]
    open_forms = [key for key, status in forms if status in OPEN]
    valid = [key for key, status in forms if status is not Status.VOID]
    newest = [key for key, _status in forms]
    return frozenset(in_force + open_forms[-1:] or valid[-1:] or newest[-1:])


def wrong_standings(forms: Sequence[tuple[Issue, FormState]], courses: Mapping[int, Course]) -> Iterator[str]:
    """Yield the ids of one customer's forms that stand otherwise than their events say.

    The forms are given in the order of issue, with their letters and standings and what confirmed them; their courses
    by key.
    """
    by_template = defaultdict(list)
    for issue, state in forms:
        by_template[issue.letter.template].append((issue.pk, state.status))
    tell = frozenset[int]().union(*map(telling, by_template.values()))
    for issue, state in forms:
        stored: Standing | None = getattr(issue, "standing", None)
        expected = _standing(issue, state, stored.confirmed if stored else None, courses[issue.pk])
        expected.tells = issue.pk in tell
        if stored is None or any(getattr(stored, name) != getattr(expected, name) for name in _ATTRIBUTES):
            yield issue.form_id


def _confirmations(states: Iterable[FormState]) -> Mapping[int, HumanDecision]:
    ids = {state.confirmed for state in states if state.status is Status.IN_FORCE}
    return HumanDecision.objects.only("variant", "in_force_from").in_bulk(ids - {None})


def _standing(issue: Issue, state: FormState, confirmed: HumanDecision | None, course: Course) -> Standing:
    in_force = state.status is Status.IN_FORCE
    return Standing(
        issue_id=issue.pk,
        customer_id=issue.customer_id,
        template=issue.letter.template,
        status=state.status.value,
        tells=False,
        since=(confirmed.in_force_from if in_force and confirmed else None) or issue.due_on,
        waits=bool(state.waiting),
        to_ask=bool(state.to_ask),
        variant=confirmed.variant if in_force and confirmed else "",
        confirmed_id=state.confirmed if in_force else None,
        configured_id=state.configured if in_force else None,
        sent_id=state.sent,
        issued_on=issue.issued_on,
        first_sent_on=course.sent_on,
        first_returned_on=course.returned_on,
        first_doubted_on=course.doubted_on,
        first_confirmed_on=course.confirmed_on if state.confirmations else None,
    )


def _chosen_anew(customers: Iterable[int], new: Mapping[int, Standing]) -> list[Standing]:
    """The new standings, and those of the same customers that tell now what they did not, or the other way round."""
    standing = {row.pk: row for row in Standing.objects.filter(customer__in=list(customers))} | dict(new)
    groups = defaultdict(list)
    for key in sorted(standing):
        row = standing[key]
        groups[row.customer_id, row.template].append((key, Status(row.status)))
    tell = frozenset[int]().union(*map(telling, groups.values()))
    changed = []
    for key, row in standing.items():
        if key in new or row.tells != (key in tell):
            row.tells = key in tell
            changed.append(row)
    return changed
