"""The blind sample: some clear returns are asked without the machine's answer, so that its rate of errors is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from intake.results import ReturnReading, SignatureState
from registry.book_decisions import check_person, write_down
from registry.bounds import bounds_95
from registry.confirming import Confirmed, Seen, confirm_seen
from registry.errors import NotAllowedNow
from registry.events import one_writer
from registry.inbox import is_blind
from registry.models import HumanDecision, Reading
from registry.settling import check_waits, find_return, seen_in
from registry.whole_returns import whole_returns

Kind = HumanDecision.Kind
SIGNED, NOT_SIGNED = "signed", "not signed"
"""What a blind answer's note says of the signature."""


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
    if answer.variant is None or (answer.variant, answer.is_signed) != _read([return_id])[return_id]:
        return None
    seen = Seen(answer.variant, answer.signed_on, answer.place, answer.signer)
    return confirm_seen(return_id, seen, by=by, at=at)


def machine_error_rate() -> ErrorRate:
    """Compare what the machine had read with what people finally said, of all returns that were asked blind."""
    blind = HumanDecision.objects.filter(kind=Kind.BLIND, issue__erased_at=None).order_by("pk")
    asked = {each.answer_id or 0: each for each in blind}
    final = _finally_said(list(asked))
    read = _read(list(asked))
    judged = [return_id for return_id in asked if return_id in final]
    wrong = sum(read[return_id] != final[return_id] for return_id in judged)
    slips = sum(_said_blind(asked[return_id]) != final[return_id] for return_id in judged)
    return ErrorRate(len(judged), wrong, slips, len(asked) - len(judged), *bounds_95(wrong, len(judged)))


_Said = tuple[str | None, bool]
"""The variant, and whether the page is signed."""


def _read(return_ids: Sequence[int]) -> Mapping[int, _Said]:
    """What the machine read on returns."""
    rows = Reading.objects.filter(answer__in=return_ids).select_related("answer", "file").order_by("pk")
    return {return_id: _says(whole.reading) for return_id, whole in whole_returns(rows).items()}


def _said_blind(decision: HumanDecision) -> _Said | None:
    """What a person saw; None where it could not be confirmed."""
    return (decision.variant, True) if decision.variant and decision.note == SIGNED else None


def _says(reading: ReturnReading) -> _Said:
    signature = reading.signature
    is_signed = signature is not None and signature.state is SignatureState.PRESENT
    return (reading.variant.value if reading.variant else None, is_signed)


def _finally_said(return_ids: Sequence[int]) -> Mapping[int, _Said | None]:
    """What counts about returns; None where people said that there is nothing to be confirmed."""
    decisions: dict[int, list[HumanDecision]] = defaultdict(list)
    kinds = (Kind.CONFIRMED, Kind.ASKED, Kind.NOT_OURS, Kind.MOVED, Kind.SET_ASIDE, Kind.REOPENED)
    for each in HumanDecision.objects.filter(answer__in=return_ids, kind__in=kinds).order_by("pk"):
        decisions[each.answer_id or 0].append(each)
    latest = {return_id: made[-1] for return_id, made in decisions.items()}
    return {
        return_id: (each.variant, True) if each.kind == Kind.CONFIRMED else None
        for return_id, each in latest.items()
        if each.kind not in (Kind.SET_ASIDE, Kind.REOPENED)
    }
