"""What waits for a person: first in short, as a list is sorted and searched, then with what was read.

What the machine read is looked up only for those that are shown: a list of thousands stays fast.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.db.models import OuterRef, QuerySet, Subquery

from intake.results import Decision, Reason, SignatureState, VariantState
from registry import archive
from registry.chunks import in_chunks
from registry.events import form_states, one_view
from registry.history import overtaken_by
from registry.models import Arrival, HumanDecision, Issue, Reading, ReceivedFile, Return
from registry.sampling import is_sampled
from registry.statuses import FormState, Status
from registry.whole_returns import WholeReturn, whole_returns

Kind = HumanDecision.Kind
_PHOTOS = frozenset({".jpg", ".png", ".webp", ".heic"})


class Way(StrEnum):
    """How a return came, as far as its file says."""

    MAIL = "mail"
    PHOTO = "photo"
    SCAN = "scan"


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A return that a person must still confirm or settle, in short."""

    return_id: int
    form_id: str
    number: str
    company: str
    template: str
    version: int
    status: Status
    """The form's status."""
    decision: Decision
    reasons: tuple[Reason, ...]
    clear: bool
    """Accepted, and nothing that came since speaks against it: it may be confirmed together with others."""
    blind: bool
    """It would be clear, but belongs to the blind sample: a person says what they see before the machine does."""
    way: Way
    file_name: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingReturn(WaitingLine):
    """A return that a person must still confirm or settle, with what the machine proposes."""

    variant: str | None
    variant_state: VariantState | None
    """None where no page with a choice could be read."""
    signature: SignatureState | None
    """None where no page with the signature field could be read."""
    picture: Path | None
    """The first page that could be located, upright; None where none could."""
    is_on_screen: bool
    """It was filled in on screen."""


def waiting_lines() -> tuple[WaitingLine, ...]:
    """Return what waits for a person, in short: doubtful ones first, then in the order of arrival."""
    found = [each for returns in in_chunks(_unsettled()) for each in _lines(returns, waiting_alone=True)]
    questions = Counter((each.number, each.template) for each in found)
    told = (_as_clear(each, is_only_one=questions[each.number, each.template] == 1) for each in found)
    return tuple(sorted(told, key=place_in_list))


def lines_set_aside() -> tuple[WaitingLine, ...]:
    """Return what was set aside and still is, the latest first; nothing of it is clear."""
    found = [each for returns in in_chunks(_set_aside()) for each in _lines(returns, waiting_alone=False)]
    told = (replace(each, clear=False, blind=False) for each in found)
    return tuple(sorted(told, key=lambda each: each.return_id, reverse=True))


def returns_waiting() -> tuple[WaitingReturn, ...]:
    """Return what waits for a person, with what was read: doubtful ones first, then in the order of arrival."""
    return with_what_was_read(waiting_lines())


@one_view()
def with_what_was_read(lines: Sequence[WaitingLine]) -> tuple[WaitingReturn, ...]:
    """Add to lines what the machine read on the returns, in the same order."""
    ids = [line.return_id for line in lines]
    rows = Reading.objects.filter(answer__in=ids).select_related("answer__issue__letter", "file").order_by("pk")
    wholes = whole_returns(rows.defer("answer__issue__form_json", "file__detail"))
    return tuple(_with_reading(line, wholes[line.return_id]) for line in lines if line.return_id in wholes)


def place_in_list(line: WaitingLine) -> tuple[bool, int, datetime, int]:
    """What lists of returns are sorted by; two returns never have the same place."""
    return (line.clear or line.blind, _URGENCY.index(line.decision), line.received_at, line.return_id)


_URGENCY = (Decision.REVIEW, Decision.ACCEPT, Decision.REJECT, Decision.INCOMPLETE)


def _as_clear(line: WaitingLine, *, is_only_one: bool) -> WaitingLine:
    is_clear = line.clear and is_only_one
    return replace(line, clear=is_clear and not line.blind, blind=is_clear and line.blind)


def _set_aside() -> QuerySet[Return]:
    """The returns that were set aside last."""
    deciding = (Kind.CONFIRMED, Kind.ASKED, Kind.NOT_OURS, Kind.MOVED, Kind.SET_ASIDE, Kind.REOPENED)
    of_return = HumanDecision.objects.filter(answer=OuterRef("pk"), kind__in=deciding)
    ever = HumanDecision.objects.filter(kind=Kind.SET_ASIDE).values("answer")
    returns = Return.objects.filter(pk__in=ever, issue__erased_at=None)
    returns = returns.annotate(latest=Subquery(of_return.order_by("-pk").values("kind")[:1]))
    returns = returns.filter(latest=Kind.SET_ASIDE).select_related("issue__customer", "issue__letter")
    return returns.defer("issue__form_json", "issue__letter__geometry_json")


def _unsettled() -> QuerySet[Return]:
    """The returns of forms of which a return waits: however many are settled, they are not looked at."""
    returns = Return.objects.filter(issue__standing__waits=True).select_related("issue__customer", "issue__letter")
    return returns.defer("issue__form_json", "issue__letter__geometry_json")


@one_view()
def _lines(returns: list[Return], *, waiting_alone: bool) -> list[WaitingLine]:
    """The returns in short, or only those that wait; `clear` as if they were their customers' only ones."""
    states = form_states({answer.issue.form_id for answer in returns})
    chosen = [answer for answer in returns if not waiting_alone or answer.pk in states[answer.issue.form_id].waiting]
    readings = Reading.objects.filter(answer__in=chosen).order_by("pk").defer("reading_json", "pictures")
    by_return: dict[int, list[Reading]] = defaultdict(list)
    for reading in readings.select_related("file"):
        by_return[reading.answer_id].append(reading)
    arrivals = _first_arrivals({reading.file_id for rows in by_return.values() for reading in rows})
    overtaken = _overtaken(chosen)
    found = []
    for answer in chosen:
        state = states[answer.issue.form_id]
        is_untouched = answer.pk not in overtaken | state.reopened | state.blind
        is_clear = state.status is Status.RETURNED and is_untouched
        found.append(_line(answer, by_return[answer.pk], state, arrivals, is_clear=is_clear))
    return found


def _first_arrivals(files: Iterable[int]) -> Mapping[int, tuple[str, bool]]:
    """The name under which each file first arrived, and whether it did so in a mail."""
    arrivals = Arrival.objects.filter(file__in=files, duplicate=False)
    return {file: (name, part is not None) for file, name, part in arrivals.values_list("file", "name", "mail_part")}


def _line(
    answer: Return,
    readings: Sequence[Reading],
    state: FormState,
    arrivals: Mapping[int, tuple[str, bool]],
    *,
    is_clear: bool,
) -> WaitingLine:
    issue, latest = answer.issue, readings[-1]
    files = {reading.file_id: reading.file for reading in readings}
    return WaitingLine(
        return_id=answer.pk,
        form_id=issue.form_id,
        number=issue.customer.number,
        company=issue.customer.company,
        template=issue.letter.template,
        version=issue.letter.version,
        status=state.status,
        decision=Decision(latest.decision),
        reasons=tuple(Reason(code) for code in latest.reasons),
        clear=latest.decision == Decision.ACCEPT and is_clear,
        blind=is_sampled(latest.sha256),
        way=_way(readings[0].file, in_mail=arrivals[readings[0].file_id][1]),
        file_name=", ".join(arrivals[file][0] for file in files),
        received_at=answer.received_at,
    )


def _way(file: ReceivedFile, *, in_mail: bool) -> Way:
    if in_mail:
        return Way.MAIL
    return Way.PHOTO if file.suffix in _PHOTOS else Way.SCAN


def _with_reading(line: WaitingLine, whole: WholeReturn) -> WaitingReturn:
    reading = whole.reading
    options = reading.variant.options if reading.variant else ()
    return WaitingReturn(
        **{field.name: getattr(line, field.name) for field in fields(line)},
        variant=reading.variant.value if reading.variant else None,
        variant_state=reading.variant.state if reading.variant else None,
        signature=reading.signature.state if reading.signature else None,
        picture=_picture(whole),
        is_on_screen=any(option.on_screen is not None for option in options),
    )


def _picture(whole: WholeReturn) -> Path | None:
    digests = (whole.pictures.get(page.page) for page in whole.reading.pages)
    return next((archive.find(sha256) for sha256 in digests if sha256), None)


def _overtaken(returns: Iterable[Return]) -> set[int]:
    """Those of the returns after whose arrival the customer withdrew."""
    by_question = defaultdict(list)
    for answer in returns:
        by_question[_question(answer.issue)].append(answer)
    withdrawals = HumanDecision.objects.filter(
        kind=Kind.WITHDRAWN, issue__customer__number__in={number for number, _ in by_question}
    )
    withdrawals = withdrawals.select_related("issue__customer", "issue__letter")
    withdrawals = withdrawals.defer("issue__form_json", "issue__letter__geometry_json")
    return {
        answer.pk
        for withdrawal in withdrawals
        for answer in by_question[_question(withdrawal.issue)]
        if overtaken_by(withdrawal, answer.received_at)
    }


def _question(issue: Issue) -> tuple[str, str]:
    return (issue.customer.number, issue.letter.template)
