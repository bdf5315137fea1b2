"""Compare what was read and decided with what the simulation knows to be true: the one place that says wrong.

Nothing here measures or reads; every function is pure. docs/prove.md says the same in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from intake.results import Decision, DocumentReading, Reason, ReturnReading, SignatureState, VariantState, Verdict
from simulation.people import MarkTruth, Trace, Truth

EVERYTHING = frozenset({"place", "date", "name", "signature"})
"""What a form asks for beside the mark, unless its template says that something may be left out."""


class Outcome(StrEnum):
    """How a decision stands to the truth."""

    RIGHT = "right"
    """Accepted as it is, or called incomplete for what is really missing."""
    FLAGGED = "to a person"
    """Somebody must look: nothing can come into force by itself."""
    WRONG = "WRONG"
    """Decided without a person, and not true: the one thing that must never happen."""


class Fault(StrEnum):
    """In which way a decision is wrong."""

    OTHER_CUSTOMER = "taken for another customer's form"
    UNSEEN = "decided without a person, though something must be seen"
    UNSIGNED = "accepted without a signature"
    FIELD_EMPTY = "accepted though a field is empty"
    OTHER_VARIANT = "accepted with another variant than was marked"
    NOT_MISSING = "called incomplete for something that is there"


class Standing(StrEnum):
    """What a return truly is, and so what may become of it without a person."""

    COMPLETE = "complete"
    """One clear mark, everything written, signed: may be accepted."""
    LACKING = "lacking"
    """Something needed is not there, and nothing stands for it: may be called incomplete."""
    TO_BE_SEEN = "to be seen"
    """A person must look at it, whatever else is right."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one return that was sent, against the truth."""

    outcome: Outcome
    fault: Fault | None
    """None unless the outcome is wrong."""
    decision: Decision
    """REJECT where the return was not recognised as this customer's form."""
    reasons: tuple[Reason, ...]


_ONLY_SAID = frozenset({Reason.RETURN_LATE, Reason.RETURN_DUPLICATE})
_TO_BE_SEEN = frozenset(
    {
        Trace.CORRECTION,
        Trace.BESIDE,
        Trace.CIRCLE,
        Trace.NOTE,
        Trace.STRIKE_OUT,
        Trace.COVERED,
        Trace.PRINTED,
        Trace.SIGNATURE_ELSEWHERE,
        Trace.BLOCK_LETTERS,
    }
)
"""What no program may decide on. A receipt stamp and a fax header are the offices' own and may be passed over."""


def judge_document(
    truth: Truth,
    form_id: str,
    document: DocumentReading,
    verdicts: Sequence[Verdict],
    required: frozenset[str] = EVERYTHING,
) -> Judged:
    """Judge what was made of a file that holds one return, of the form with this id; verdicts in the readings' order.

    A return that is not recognised goes to a person with the file, and is not wrong; one that is taken for another
    customer's form is, whatever was decided on it.
    """
    own = [pair for pair in zip(document.returns, verdicts, strict=True) if pair[0].form_id == form_id]
    if len(own) < len(document.returns):
        stranger = next(
            verdict for reading, verdict in zip(document.returns, verdicts, strict=True) if reading.form_id != form_id
        )
        return Judged(Outcome.WRONG, Fault.OTHER_CUSTOMER, stranger.decision, stranger.reasons)
    if not own:
        found = (document.problem,) if document.problem else tuple(page.reason for page in document.unplaced)
        return Judged(Outcome.FLAGGED, None, Decision.REJECT, tuple(dict.fromkeys(found)))
    ((reading, verdict),) = own
    fault = find_fault(truth, reading, verdict, required)
    return Judged(judge(truth, reading, verdict, required), fault, verdict.decision, verdict.reasons)


def judge(truth: Truth, reading: ReturnReading, verdict: Verdict, required: frozenset[str] = EVERYTHING) -> Outcome:
    """Say whether the decision on one return is right, leaves it to a person, or is wrong."""
    if find_fault(truth, reading, verdict, required) is not None:
        return Outcome.WRONG
    return Outcome.RIGHT if verdict.decision in (Decision.ACCEPT, Decision.INCOMPLETE) else Outcome.FLAGGED


def find_fault(
    truth: Truth, reading: ReturnReading, verdict: Verdict, required: frozenset[str] = EVERYTHING
) -> Fault | None:
    """Say in which way the decision on a return of the right customer is wrong; None where it is not."""
    if verdict.decision not in (Decision.ACCEPT, Decision.INCOMPLETE):
        return None
    if standing(truth, required) is Standing.TO_BE_SEEN:
        return Fault.UNSEEN
    if verdict.decision is Decision.INCOMPLETE:
        said = [reason for reason in verdict.reasons if reason not in _ONLY_SAID]
        return None if said and all(_is_missing(reason, truth) for reason in said) else Fault.NOT_MISSING
    return _fault_of_accepting(truth, reading, required)


def standing(truth: Truth, required: frozenset[str] = EVERYTHING) -> Standing:
    """Say what may become of a return without a person; what must be seen outweighs what is lacking."""
    traces = {left.trace for left in truth.left}
    stamp_only = Trace.SIGNATURE_STAMP in traces and not truth.signed
    if traces & _TO_BE_SEEN or stamp_only or len(_marked(truth)) > 1 or _marked_otherwise(truth):
        return Standing.TO_BE_SEEN
    written = truth.texts.keys() | ({"signature"} if truth.signed else set())
    return Standing.COMPLETE if _marked(truth) and required <= written else Standing.LACKING


def chosen(truth: Truth) -> str | None:
    """The one option that somebody chose; None where it is none or several, or where it stands beside its square."""
    marked = _marked(truth)
    beside = any(mark is MarkTruth.BESIDE for mark in truth.marks.values())
    return marked[0] if len(marked) == 1 and not beside else None


def _marked(truth: Truth) -> list[str]:
    return [option for option, mark in truth.marks.items() if mark is MarkTruth.MARKED]


def _marked_otherwise(truth: Truth) -> bool:
    return any(mark in (MarkTruth.CORRECTED, MarkTruth.BESIDE) for mark in truth.marks.values())


def _fault_of_accepting(truth: Truth, reading: ReturnReading, required: frozenset[str]) -> Fault | None:
    """Say what is wrong with accepting a return in which nothing had to be seen."""
    variant, signature = reading.variant, reading.signature
    if variant is None or variant.state is not VariantState.MARKED or [variant.value] != _marked(truth):
        return Fault.OTHER_VARIANT
    said_signed = signature is not None and signature.state is SignatureState.PRESENT
    if "signature" in required and not (truth.signed and said_signed):
        return Fault.UNSIGNED
    return None if required - {"signature"} <= truth.texts.keys() else Fault.FIELD_EMPTY


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
