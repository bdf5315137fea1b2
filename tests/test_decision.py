"""The decision: pure policy, every reason in its place, and no doubt outweighed by a lack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from builders import make_return, make_variant
from hypothesis import given
from hypothesis import strategies as st

from forms.units import BoxMm
from intake.decision import IMPLAUSIBLE_FROM, DecisionContext, decide
from intake.results import (
    Addition,
    AdditionKind,
    Decision,
    FieldState,
    History,
    Reason,
    ReturnReading,
    SignatureState,
    VariantState,
)

TODAY = date(2026, 12, 1)
CONTEXT = DecisionContext(TODAY)
CLEAR = make_return("7F3Q9X4CBDEFGHJK")
NOTE = Addition(1, BoxMm(120, 90, 160, 96), AdditionKind.INK, expected=False)
STAMP = Addition(1, BoxMm(130, 35, 170, 50), AdditionKind.STAMP, expected=True)


def _with_variant(state: VariantState) -> ReturnReading:
    return replace(CLEAR, variant=replace(make_variant("A"), state=state))


def _with_signature(state: SignatureState, printed_text: str = "", *, digital: bool = False) -> ReturnReading:
    assert CLEAR.signature is not None
    printed = bool(printed_text)
    signature = replace(CLEAR.signature, state=state, printed_text=printed_text, printed=printed, digital=digital)
    return replace(CLEAR, signature=signature)


def _with_date(**changes: object) -> ReturnReading:
    (field,) = CLEAR.fields
    return replace(CLEAR, fields=(replace(field, **changes),))  # type: ignore[arg-type]


def test_a_clear_return_is_accepted_without_reasons() -> None:
    """Marked, signed and dated, with nothing else on the page."""
    assert decide(CLEAR, CONTEXT) == decide(CLEAR, CONTEXT)
    assert decide(CLEAR, CONTEXT).decision is Decision.ACCEPT
    assert decide(CLEAR, CONTEXT).reasons == ()


CASES = [
    (_with_variant(VariantState.NONE), Decision.INCOMPLETE, Reason.VARIANT_NONE),
    (_with_variant(VariantState.SEVERAL), Decision.REVIEW, Reason.VARIANT_SEVERAL),
    (_with_variant(VariantState.CORRECTED), Decision.REVIEW, Reason.VARIANT_CORRECTED),
    (_with_variant(VariantState.UNCLEAR), Decision.REVIEW, Reason.VARIANT_UNCLEAR),
    (_with_signature(SignatureState.ABSENT), Decision.INCOMPLETE, Reason.SIGNATURE_ABSENT),
    (_with_signature(SignatureState.UNCLEAR), Decision.REVIEW, Reason.SIGNATURE_UNCLEAR),
    (_with_signature(SignatureState.UNCLEAR, "Muster GmbH"), Decision.REVIEW, Reason.SIGNATURE_PRINT),
    (_with_signature(SignatureState.UNCLEAR, digital=True), Decision.REVIEW, Reason.SIGNATURE_DIGITAL),
    (_with_date(state=FieldState.EMPTY, value=None), Decision.INCOMPLETE, Reason.DATE_EMPTY),
    (_with_date(faint=True, value=None), Decision.REVIEW, Reason.DATE_FAINT),
    (_with_date(agrees=False, confidence=1.0), Decision.REVIEW, Reason.DATE_IMPLAUSIBLE),
    (replace(CLEAR, additions=(NOTE,)), Decision.REVIEW, Reason.PAGE_ADDITIONS),
    (replace(CLEAR, findings=(Reason.PAGE_MISSING,)), Decision.INCOMPLETE, Reason.PAGE_MISSING),
    *(
        (replace(CLEAR, findings=(reason,)), Decision.REVIEW, reason)
        for reason in (
            Reason.PAGE_NOT_LOCATED,
            Reason.PAGE_POOR_FIT,
            Reason.PAGE_CUT,
            Reason.PAGE_DOUBLED,
            Reason.PAGE_LOW_RESOLUTION,
            Reason.CODE_DISAGREE,
            Reason.ADDRESS_DIFFERS,
            Reason.TEXT_STRUCK,
            Reason.TEXT_DIFFERS,
            Reason.VALUE_DISAGREES,
        )
    ),
]


@pytest.mark.parametrize(("reading", "decision", "reason"), CASES, ids=[str(case[2]) for case in CASES])
def test_each_finding_has_its_decision(reading: ReturnReading, decision: Decision, reason: Reason) -> None:
    """One thing found on an otherwise clear return decides it, under its own reason."""
    verdict = decide(reading, CONTEXT)
    assert verdict.decision is decision
    assert verdict.reasons == (reason,)


@pytest.mark.parametrize(
    ("history", "decision", "reason"),
    [
        (History(superseded=True), Decision.REVIEW, Reason.RETURN_SUPERSEDED),
        (History(withdrawn=True), Decision.REVIEW, Reason.RETURN_WITHDRAWN),
        (History(contradicts=True), Decision.REVIEW, Reason.RETURN_CONTRADICTS),
        (History(late=True), Decision.ACCEPT, Reason.RETURN_LATE),
        (History(duplicate=True), Decision.ACCEPT, Reason.RETURN_DUPLICATE),
    ],
)
def test_history_speaks_with_its_own_reasons(history: History, decision: Decision, reason: Reason) -> None:
    """What only the book knows is said; being late or the same again costs nobody time."""
    verdict = decide(CLEAR, DecisionContext(TODAY, history))
    assert (verdict.decision, verdict.reasons) == (decision, (reason,))


def test_office_ink_in_its_zone_is_no_doubt() -> None:
    """A receipt stamp where it belongs is recorded and not asked about."""
    assert decide(replace(CLEAR, additions=(STAMP,)), CONTEXT).decision is Decision.ACCEPT


@pytest.mark.parametrize("finding", [Reason.PAGE_FAINT, Reason.PAGE_BLACK_AND_WHITE])
def test_nothing_is_called_missing_where_ink_may_be_lost(finding: Reason) -> None:
    """On a black-and-white scan a lack goes to a person; what is all there needs none."""
    faint = replace(CLEAR, findings=(finding,))
    assert decide(faint, CONTEXT).decision is Decision.ACCEPT
    unsigned = replace(_with_signature(SignatureState.ABSENT), findings=(finding,))
    assert decide(unsigned, CONTEXT).decision is Decision.REVIEW


def test_an_unsure_reading_of_handwriting_decides_nothing() -> None:
    """A date that does not agree, read without confidence, is shown and does not doubt the return."""
    doubtful = _with_date(agrees=False, confidence=IMPLAUSIBLE_FROM - 0.01)
    assert decide(doubtful, CONTEXT).decision is Decision.ACCEPT


def test_a_field_that_may_stay_empty_is_not_missed() -> None:
    """Only what the template requires can be missing."""
    assert decide(_with_date(state=FieldState.EMPTY, required=False), CONTEXT).decision is Decision.ACCEPT


@given(st.lists(st.sampled_from([case[0] for case in CASES]), min_size=2, max_size=4))
def test_no_doubt_is_outweighed(readings: list[ReturnReading]) -> None:
    """However findings combine, nothing is accepted that one of them would not let pass, and no doubt called a lack."""
    findings = tuple(dict.fromkeys(finding for reading in readings for finding in reading.findings))
    merged = replace(readings[0], findings=findings)
    verdict = decide(merged, CONTEXT)
    alone = [decide(replace(CLEAR, findings=(finding,)), CONTEXT).decision for finding in findings]
    alone += [decide(replace(readings[0], findings=()), CONTEXT).decision]
    if Decision.REVIEW in alone:
        assert verdict.decision is Decision.REVIEW
    elif Decision.INCOMPLETE in alone:
        assert verdict.decision is not Decision.ACCEPT
