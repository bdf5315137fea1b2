"""The blind sample: some clear returns are asked without the machine's answer, so that its rate of errors is known."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count

from registry.blind_checks import NOT_SIGNED, SIGNED, variant_of
from registry.book_decisions import check_person, write_down
from registry.bounds import bounds_95
from registry.confirming import Confirmed, Seen, confirm_seen
from registry.errors import NotAllowedNow
from registry.events import one_writer
from registry.inbox import is_blind
from registry.models import BlindCheck, HumanDecision
from registry.settling import check_waits, find_return, seen_in
from registry.whole_returns import whole_returns

Kind = HumanDecision.Kind


@dataclass(frozen=True, slots=True)
class BlindAnswer:
    """What a person sees on a page, without knowing what the machine read."""

    variant: str | None
    """None where they cannot say that exactly one is marked."""
    is_signed: bool
    signed_on: date | None = None
    place: str = ""
    signer: str = ""


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """How often the machine is wrong where it says that all is clear, as far as the blind sample tells."""

    judged: int
    """Returns that were asked blind and are decided."""
    wrong: int
    """Those of them of which the machine had said something else than people finally did."""
    slips: int
    """Those of them of which the blind answer was something else than people finally said."""
    undecided: int
    """Returns that were asked blind and are not decided yet, or were set aside."""
    low: float
    """The true rate lies between this and `high`, with 95 % confidence (Clopper–Pearson)."""
    high: float


@one_writer()
def answer_blind(
    return_id: int, answer: BlindAnswer, *, by: str, at: datetime, last_event: int | None = None
) -> Confirmed | None:
    """Write down what a person sees; where the machine read the same, put it in force.

    None means that they differ: the return waits, and is looked at with both answers. Raises what `confirm_seen` does,
    and `NotAllowedNow` for a return that is not to be asked blind.
    """
    check_person(by)
    row = find_return(return_id)
    check_waits(row, last_event)
    if not is_blind(return_id):
        raise NotAllowedNow(f"return {return_id} is not to be asked blind", "look at it as at others")
    decision = HumanDecision(
        issue=row.issue,
        answer=row,
        kind=Kind.BLIND,
        by=by,
        at=at,
        variant=answer.variant or "",
        signed_on=answer.signed_on,
        place=answer.place.strip(),
        signer=answer.signer.strip(),
        note=SIGNED if answer.is_signed else NOT_SIGNED,
    )
    write_down(decision, seen_in(row))
    rows = row.readings.select_related("answer__issue__letter", "file").order_by("pk")
    if not answer.is_signed or answer.variant != variant_of(whole_returns(rows)[return_id].reading):
        return None
    seen = Seen(answer.variant, answer.signed_on, answer.place, answer.signer)
    return confirm_seen(return_id, seen, by=by, at=at)


def machine_error_rate() -> ErrorRate:
    """Compare what the machine had read with what people finally said, of all returns that were asked blind."""
    judged: Counter[str] = Counter()
    undecided = 0
    columns = ("is_decided", "read", "seen", "counts")
    for is_decided, read, seen, counts, number in BlindCheck.objects.values_list(*columns).annotate(number=Count("*")):
        if not is_decided:
            undecided += number
            continue
        judged["all"] += number
        judged["wrong"] += number if not counts or read != counts else 0
        judged["slips"] += number if seen != counts else 0
    bounds = bounds_95(judged["wrong"], judged["all"])
    return ErrorRate(judged["all"], judged["wrong"], judged["slips"], undecided, *bounds)
