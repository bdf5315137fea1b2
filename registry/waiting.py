"""What waits for a person: first in short, as a list is sorted and searched, then with what was read.

The lines are kept in a table (`registry.inbox_lines`), and `registry.inbox` asks for some of them. What the machine
read is looked up only for those that are shown: a list of thousands stays fast.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from django.db.models import QuerySet

from intake.results import Decision, Reason, SignatureState, VariantState
from registry import archive
from registry.chunks import parted
from registry.events import one_view
from registry.models import HumanDecision, InboxLine, Reading
from registry.sampling import sampled_below
from registry.statuses import Status
from registry.ways import Way
from registry.whole_returns import WholeReturn, whole_returns


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
    place: str
    """Its place in the list, which no other return has: lists are sorted by it."""


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


def told(rows: QuerySet[InboxLine]) -> tuple[WaitingLine, ...]:
    """Say what lines of the inbox say, in their order."""
    rows = rows.select_related("customer", "issue__letter", "issue__standing")
    rows = rows.defer("words", "issue__form_json", "issue__letter__geometry_json")
    below = sampled_below()
    return tuple(_line(row, below) for row in rows)


@one_view()
def returns_waiting() -> tuple[WaitingReturn, ...]:
    """Return all that waits for a person, with what was read: doubtful ones first, then in the order of arrival."""
    lines = told(InboxLine.objects.filter(is_aside=False).order_by("place"))
    return tuple(each for some in parted(lines) for each in with_what_was_read(some))


@one_view()
def with_what_was_read(lines: Sequence[WaitingLine]) -> tuple[WaitingReturn, ...]:
    """Add to lines what the machine read on the returns, in the same order."""
    ids = [line.return_id for line in lines]
    rows = Reading.objects.filter(answer__in=ids).select_related("answer__issue__letter", "file").order_by("pk")
    wholes = whole_returns(rows.defer("answer__issue__form_json", "file__detail"))
    return tuple(_with_reading(line, wholes[line.return_id]) for line in lines if line.return_id in wholes)


def _line(row: InboxLine, below: int) -> WaitingLine:
    issue, is_sampled = row.issue, row.drawn < below
    return WaitingLine(
        return_id=row.pk,
        form_id=issue.form_id,
        number=row.customer.number,
        company=row.customer.company,
        template=row.template,
        version=issue.letter.version,
        status=Status(issue.standing.status),
        decision=Decision(row.decision),
        reasons=tuple(Reason(code) for code in row.reasons.split()),
        clear=row.is_clear and not is_sampled,
        blind=row.is_clear and is_sampled,
        way=Way(row.way),
        file_name=row.file_name,
        received_at=row.received_at,
        place=row.place,
    )


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


def taken_back(return_ids: Collection[int]) -> frozenset[int]:
    """Those of some returns about which a decision was taken back at some time."""
    rows = HumanDecision.objects.filter(answer__in=return_ids, kind=HumanDecision.Kind.REOPENED)
    return frozenset(rows.values_list("answer_id", flat=True))
