"""Compare what was read and decided with what the simulation knows to be true."""

from __future__ import annotations

from enum import StrEnum

from intake.results import Decision, Reason, ReturnReading, SignatureState, VariantState, Verdict
from simulation.people import MarkTruth, Trace, Truth


class Outcome(StrEnum):
    """How a decision stands to the truth."""

    RIGHT = "right"
    """Accepted as it is, or called incomplete for what is really missing."""
    FLAGGED = "to a person"
    """Somebody must look: nothing can come into force by itself."""
    WRONG = "WRONG"
    """Decided without a person, and not true: the one thing that must never happen."""


_ONLY_SAID = frozenset({Reason.RETURN_LATE, Reason.RETURN_DUPLICATE})


def judge(truth: Truth, reading: ReturnReading, verdict: Verdict) -> Outcome:
    """Say whether the decision on one return is right, leaves it to a person, or is wrong."""
    match verdict.decision:
        case Decision.ACCEPT:
            return Outcome.RIGHT if _may_be_accepted(truth, reading) else Outcome.WRONG
        case Decision.INCOMPLETE:
            said = [reason for reason in verdict.reasons if reason not in _ONLY_SAID]
            return Outcome.RIGHT if all(_is_missing(reason, truth) for reason in said) else Outcome.WRONG
        case Decision.REVIEW | Decision.REJECT:
            return Outcome.FLAGGED


def chosen(truth: Truth) -> str | None:
    """The one option that somebody chose; None where it is none or several, or where it stands beside its square."""
    marked = [option for option, mark in truth.marks.items() if mark is MarkTruth.MARKED]
    beside = any(mark is MarkTruth.BESIDE for mark in truth.marks.values())
    return marked[0] if len(marked) == 1 and not beside else None


def _may_be_accepted(truth: Truth, reading: ReturnReading) -> bool:
    choice, variant, signature = chosen(truth), reading.variant, reading.signature
    untouched = not any(left.trace in (Trace.NOTE, Trace.STRIKE_OUT) for left in truth.left)
    complete = truth.signed and {"place", "date", "name"} <= truth.texts.keys()
    read_right = (
        variant is not None
        and signature is not None
        and (variant.value, variant.state) == (choice, VariantState.MARKED)
        and signature.state is SignatureState.PRESENT
    )
    return choice is not None and untouched and complete and read_right


def _is_missing(reason: Reason, truth: Truth) -> bool:
    match reason:
        case Reason.VARIANT_NONE:
            return all(mark is MarkTruth.EMPTY for mark in truth.marks.values())
        case Reason.SIGNATURE_ABSENT:
            return not truth.signed
        case Reason.PLACE_EMPTY | Reason.DATE_EMPTY | Reason.NAME_EMPTY:
            return reason.partition(".")[0] not in truth.texts
        case _:
            return False
