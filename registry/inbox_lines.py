"""The inbox's lines, kept beside the events from which they follow: what waits for a person, and what was set aside.

As with `registry.standings`, whoever appends events brings the lines of their forms up to date in the same transaction.
A line has a part of its own form's, made of the form's events and of what was read, and a part of its customer's, which
changes with other returns of the same customer: whether it stands alone, and what overtook it. Only the lines of the
customers that events speak of are looked at, so an event costs the same however many wait.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db import DEFAULT_DB_ALIAS

from intake.results import Decision
from registry.derived_rows import says
from registry.models import Arrival, HumanDecision, InboxLine, Issue, Reading, ReceivedFile, Return
from registry.sampling import draw
from registry.statuses import FormState, Status
from registry.ways import Way
from registry.withdrawals import overtaken_by

URGENCY = (Decision.REVIEW, Decision.ACCEPT, Decision.REJECT, Decision.INCOMPLETE)
"""The order in which the machine's decisions stand in the list, before all that is clear."""

_PHOTOS = frozenset({".jpg", ".png", ".webp", ".heic"})
_BEGINNING, _MICROSECOND = datetime.min.replace(tzinfo=UTC), timedelta(microseconds=1)
_MOST_RETURNS = 10**15 - 1
_WORKED_OUT = tuple(field.name for field in InboxLine._meta.concrete_fields if field.name != "answer")
_Forms = Sequence[tuple[Issue, FormState]]


def store_lines(states: Mapping[str, FormState]) -> None:
    """Bring the lines of some hundred forms up to date, given by form id, and those of their customers' other forms.

    To be called inside `one_writer`.
    """
    issues = Issue.objects.filter(form_id__in=list(states)).select_related("customer", "letter")
    issues = issues.only("form_id", "customer__number", "customer__company", "letter__template")
    forms = [(issue, states[issue.form_id]) for issue in issues]
    customers = {issue.customer_id for issue, _state in forms}
    stored = InboxLine.objects.filter(customer__in=customers).select_related("issue", "customer")
    before = {line.pk: line for line in stored.defer("issue__form_json")}
    own = _own_lines(forms)
    touched = {issue.pk for issue, _state in forms}
    gone = [line.pk for line in before.values() if line.issue_id in touched and line.pk not in own]
    InboxLine.objects.filter(pk__in=gone).delete()
    others = {line.pk: line for line in before.values() if line.issue_id not in touched}
    said = {key: says(line) for key, line in before.items()}
    lines = [*own.values(), *others.values()]
    _settle(lines, _withdrawals({line.customer_id for line in lines if line.is_sound}))
    InboxLine.objects.bulk_create(
        [line for line in lines if said.get(line.pk) != says(line)],
        update_conflicts=True,
        unique_fields=["answer"],
        update_fields=list(_WORKED_OUT),
    )


def lines_of(forms: _Forms, alias: str = DEFAULT_DB_ALIAS) -> Mapping[int, InboxLine]:
    """The lines of some customers' forms, by return: of each customer all forms must be given.

    The forms come with their customers and templates. Nothing is written.
    """
    own = _own_lines(forms, alias)
    _settle(own.values(), _withdrawals({line.customer_id for line in own.values() if line.is_sound}, alias))
    return own


def place_of(line: InboxLine) -> str:
    """The place of a line in its list: clear ones last, doubtful ones first, then in the order of arrival.

    What is set aside stands in a list of its own, the latest return first.
    """
    if line.is_aside:
        return f"{_MOST_RETURNS - line.answer_id:035d}"
    arrived = (line.received_at - _BEGINNING) // _MICROSECOND
    return f"{line.is_clear:d}{URGENCY.index(Decision(line.decision)):d}{arrived:018d}{line.answer_id:015d}"


def _own_lines(forms: _Forms, alias: str = DEFAULT_DB_ALIAS) -> dict[int, InboxLine]:
    """The lines of these forms' returns, by return, as far as they do not depend on what else the customer sent.

    A return that is not there, or of which nothing was read, is left out: `verify` names it for itself.
    """
    listed = {
        return_id: (issue, state)
        for issue, state in forms
        if not state.erased
        for return_id in state.waiting | state.aside
    }
    answers = Return.objects.using(alias).in_bulk(list(listed))
    rows = Reading.objects.using(alias).filter(answer__in=answers).select_related("file").order_by("pk")
    readings: dict[int, list[Reading]] = defaultdict(list)
    for row in rows.defer("reading_json", "pictures", "file__detail"):
        readings[row.answer_id].append(row)
    arrivals = dict.fromkeys((row.file_id for each in readings.values() for row in each), ("", False))
    arrivals |= _first_arrivals(arrivals.keys(), alias)
    return {
        return_id: _own_line(answers[return_id], *listed[return_id], readings[return_id], arrivals)
        for return_id in sorted(answers.keys() & readings.keys())
    }


def _first_arrivals(files: Collection[int], alias: str) -> Mapping[int, tuple[str, bool]]:
    """The name under which each file first arrived, and whether it did so in a mail."""
    arrivals = Arrival.objects.using(alias).filter(file__in=files, duplicate=False)
    return {file: (name, part is not None) for file, name, part in arrivals.values_list("file", "name", "mail_part")}


def _own_line(
    answer: Return,
    issue: Issue,
    state: FormState,
    readings: Sequence[Reading],
    arrivals: Mapping[int, tuple[str, bool]],
) -> InboxLine:
    latest, first = readings[-1], readings[0].file
    is_accepted = state.status is Status.RETURNED and latest.decision == Decision.ACCEPT
    return InboxLine(
        answer=answer,
        issue=issue,
        customer=issue.customer,
        template=issue.letter.template,
        is_aside=answer.pk not in state.waiting,
        decision=latest.decision,
        reasons="".join(f" {code} " for code in latest.reasons),
        drawn=draw(latest.sha256),
        way=_way(first, in_mail=arrivals[first.pk][1]),
        file_name=", ".join(arrivals[file][0] for file in dict.fromkeys(row.file_id for row in readings)),
        received_at=answer.received_at,
        is_sound=is_accepted and answer.pk in state.waiting - state.reopened - state.blind,
    )


def _way(file: ReceivedFile, *, in_mail: bool) -> Way:
    if file.fax:  # also where a fax server has sent it on by mail
        return Way.FAX
    if in_mail:
        return Way.MAIL
    return Way.PHOTO if file.suffix in _PHOTOS else Way.SCAN


def _withdrawals(customers: Collection[int], alias: str = DEFAULT_DB_ALIAS) -> Sequence[HumanDecision]:
    """All withdrawals of some customers, with the forms that ended by them."""
    if not customers:
        return ()
    kind = HumanDecision.Kind.WITHDRAWN
    rows = HumanDecision.objects.using(alias).filter(issue__customer__in=customers, kind=kind)
    rows = rows.select_related("issue__letter")
    return list(rows.only("on", "at", "issue__customer", "issue__letter__template"))


def _settle(lines: Collection[InboxLine], withdrawals: Iterable[HumanDecision]) -> None:
    """Fill in what depends on the customer: of each, all lines must be given."""
    questions = Counter((line.customer_id, line.template) for line in lines if not line.is_aside)
    withdrawn = defaultdict(list)
    for withdrawal in withdrawals:
        withdrawn[withdrawal.issue.customer_id, withdrawal.issue.letter.template].append(withdrawal)
    for line in lines:
        question = (line.customer_id, line.template)
        is_overtaken = any(overtaken_by(withdrawal, line.received_at) for withdrawal in withdrawn[question])
        line.is_clear = line.is_sound and questions[question] == 1 and not is_overtaken
        line.place = place_of(line)
        line.words = _words(line)


def _words(line: InboxLine) -> str:
    customer = line.customer
    said = (customer.number, customer.company, line.issue.form_id, line.template, line.file_name)
    return " ".join(said).casefold()
