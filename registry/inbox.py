"""The inbox, asked by query: how much waits under which state, a page of what somebody asks for, and what comes next.

Nothing here reads more than it tells, however many wait: lists are paged by the place of a line, so nothing is passed
over or shown twice when returns before it are settled meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from django.db.models import Count, Q, QuerySet

from intake.results import Decision, Reason
from registry.customer_search import forms_coded
from registry.inbox_lines import URGENCY
from registry.models import InboxLine
from registry.sampling import sampled_below
from registry.waiting import WaitingLine, told

ASIDE = "aside"
"""What is set aside waits no longer, and is found under this name."""
_PLACE_LENGTH = InboxLine._meta.get_field("place").max_length or 0


class State(StrEnum):
    """Under what a return stands in the inbox, the most doubtful first."""

    REVIEW = "review"
    REJECT = "reject"
    INCOMPLETE = "incomplete"
    BLIND = "blind"
    CLEAR = "clear"


def state_of(line: WaitingLine) -> State:
    """The state of a return; one that is complete, but not clear any more, is to be looked at."""
    if line.blind:
        return State.BLIND
    if line.clear:
        return State.CLEAR
    return State.REVIEW if line.decision is Decision.ACCEPT else State(line.decision.value)


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody asked to see; empty for everything that waits."""

    q: str = ""
    """Words, each of which a return's customer, number, template, file or code holds."""
    only: str = ""
    """A state, or `ASIDE`."""
    reason: str = ""
    template: str = ""
    way: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Filter:
        """As a form has sent it."""
        return cls(**{name: query.get(name, "").strip()[:200] for name in cls.__dataclass_fields__})

    def __bool__(self) -> bool:
        return any(asdict(self).values())


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a list; its neighbours are named by the place where they begin or end."""

    lines: Sequence[WaitingLine]
    before: str
    """Where the page before ends; empty where there is none."""
    after: str
    """Where the page after begins; empty where there is none."""
    number: int
    """How many stand in the whole list."""


def count_by_state() -> Mapping[State, int]:
    """How many returns wait in each state."""
    waiting = InboxLine.objects.filter(is_aside=False)
    counted = waiting.order_by().values_list("is_clear", "decision").annotate(number=Count("*"))
    counts = dict.fromkeys(State, 0)
    for is_clear, decision, number in counted:
        if is_clear:
            counts[State.CLEAR] += number
        else:
            counts[State.REVIEW if decision == Decision.ACCEPT else State(decision)] += number
    counts[State.BLIND] = waiting.filter(is_clear=True, decision=Decision.ACCEPT, drawn__lt=sampled_below()).count()
    counts[State.CLEAR] -= counts[State.BLIND]
    return counts


def reasons_listed(*, aside: bool) -> set[Reason]:
    """The reasons that stand beside what waits, or beside what is set aside."""
    rows = InboxLine.objects.filter(is_aside=aside).order_by("reasons").values_list("reasons", flat=True).distinct()
    return {Reason(code) for reasons in rows for code in reasons.split()}


def templates_listed(*, aside: bool) -> list[str]:
    """The templates of what waits, or of what is set aside, by name."""
    rows = InboxLine.objects.filter(is_aside=aside).order_by("template").values_list("template", flat=True)
    return list(rows.distinct())


def page_of(asked: Filter, *, after: str = "", before: str = "", count: int) -> Slice:
    """The page of a list that begins after a place or ends before one, else the first; at most so many lines.

    A place that is none counts as none.
    """
    rows = _asked(asked)
    keys: list[tuple[int, str]] = []
    if _is_place(before) and not _is_place(after):
        keys = _keys(rows.filter(place__lt=before).order_by("-place"), count)[::-1]
    if len(keys) < count:  # too few are left before it: then it is the first page
        begin = rows.filter(place__gt=after) if _is_place(after) else rows
        keys = _keys(begin.order_by("place"), count)
    first, last = (keys[0][1], keys[-1][1]) if keys else ("", "")
    number = rows.count()
    is_part = 0 < len(keys) < number
    return Slice(
        lines=told(InboxLine.objects.filter(pk__in=[key for key, _place in keys]).order_by("place")),
        before=first if is_part and rows.filter(place__lt=first).exists() else "",
        after=last if is_part and rows.filter(place__gt=last).exists() else "",
        number=number,
    )


def line_of(return_id: int) -> WaitingLine | None:
    """The line of a return that waits; None where it does not."""
    return next(iter(told(InboxLine.objects.filter(pk=return_id, is_aside=False))), None)


def is_blind(return_id: int) -> bool:
    """Whether somebody must say what they see on this return before what was read is shown."""
    return _in_state(State.BLIND).filter(pk=return_id).exists()


def clear_among(return_ids: Collection[int]) -> set[int]:
    """Those of some returns that are clear."""
    return set(_in_state(State.CLEAR).filter(pk__in=return_ids).values_list("pk", flat=True))


def clear_lines(count: int, *, last: Collection[int] = ()) -> tuple[WaitingLine, ...]:
    """The first so many clear returns; those that are named come last."""
    rows = _in_state(State.CLEAR).order_by("place")
    lines = told(rows.exclude(pk__in=last)[:count])
    return lines + told(rows.filter(pk__in=last)[: count - len(lines)])


def what_counts(asked: Filter) -> Filter:
    """What is asked for, while anything that waits is left of it; then everything that waits."""
    return asked if asked.only != ASIDE and _asked(asked).exists() else Filter()


def line_before(asked: Filter, place: str) -> WaitingLine | None:
    """The line before a place in the list; None where there is none."""
    return _first(_asked(asked).filter(place__lt=place).order_by("-place"))


def line_after(asked: Filter, place: str, *, but: int | None = None) -> WaitingLine | None:
    """The line after a place in the list, else the topmost; None where there is none but the return that is named."""
    rows = _asked(asked).exclude(pk=but) if but is not None else _asked(asked)
    return _first(rows.filter(place__gt=place).order_by("place")) or _first(rows.order_by("place"))


def _asked(asked: Filter) -> QuerySet[InboxLine]:
    rows = InboxLine.objects.filter(is_aside=asked.only == ASIDE)
    if asked.only not in ("", ASIDE):
        rows = _in_state(State(asked.only)) if asked.only in set(State) else rows.none()
    if asked.reason:
        rows = rows.filter(reasons__contains=f" {_searchable(asked.reason)} ")
    if asked.template:
        rows = rows.filter(template=_searchable(asked.template))
    if asked.way:
        rows = rows.filter(way=_searchable(asked.way))
    return rows.filter(_holds(asked.q)) if asked.q else rows


_FROM_TO = {
    State.REVIEW: ("0", f"0{URGENCY.index(Decision.REJECT)}"),
    State.REJECT: (f"0{URGENCY.index(Decision.REJECT)}", f"0{URGENCY.index(Decision.INCOMPLETE)}"),
    State.INCOMPLETE: (f"0{URGENCY.index(Decision.INCOMPLETE)}", "1"),
    State.BLIND: ("1", "2"),
    State.CLEAR: ("1", "2"),
}
"""Between which places the returns of each state stand."""


def _in_state(state: State) -> QuerySet[InboxLine]:
    first, end = _FROM_TO[state]
    rows = InboxLine.objects.filter(is_aside=False, place__gte=first, place__lt=end)
    if state is State.BLIND:
        return rows.filter(drawn__lt=sampled_below())
    return rows.filter(drawn__gte=sampled_below()) if state is State.CLEAR else rows


def _holds(words: str) -> Q:
    """Whether a line has every word in it, or is of the form with this code."""
    condition = Q()
    for word in _searchable(words).casefold().split():
        condition &= Q(words__contains=word)
    forms = list(forms_coded(words).values_list("pk", flat=True))
    return condition | Q(issue__in=forms) if forms else condition


def _searchable(text: str) -> str:
    """What PostgreSQL takes: it knows no NUL."""
    return text.replace("\0", " ")


def _is_place(name: str) -> bool:
    return len(name) == _PLACE_LENGTH and name.isascii() and name.isdigit()


def _keys(rows: QuerySet[InboxLine], count: int) -> list[tuple[int, str]]:
    """Keys and places of the first rows: an index holds them, so a long list is not read."""
    return list(rows.values_list("pk", "place")[:count])


def _first(rows: QuerySet[InboxLine]) -> WaitingLine | None:
    keys = _keys(rows, 1)
    return told(InboxLine.objects.filter(pk=keys[0][0]))[0] if keys else None
