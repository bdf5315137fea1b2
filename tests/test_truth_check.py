"""What counts as wrong: every truth against every decision, and each fault by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, combinations, product

import pytest
from builders import form_id, make_document, make_return

from forms.units import BoxMm
from intake.results import Decision, Reason, SignatureState, UnplacedPage, Verdict
from ruecklauf.truth_check import (
    EVERYTHING,
    Fault,
    Judged,
    Outcome,
    Standing,
    find_fault,
    judge,
    judge_document,
    standing,
)
from simulation.people import Left, MarkTruth, Trace, Truth

OURS, STRANGER = form_id(1), form_id(2)
TEXTS = ("place", "date", "name")
MISSING = (
    Reason.VARIANT_NONE,
    Reason.SIGNATURE_ABSENT,
    Reason.PLACE_EMPTY,
    Reason.DATE_EMPTY,
    Reason.NAME_EMPTY,
    Reason.PAGE_MISSING,
)
HARMLESS = (None, Trace.RECEIPT_STAMP, Trace.FAX_HEADER)
SEEN = (Trace.NOTE, Trace.STRIKE_OUT, Trace.CIRCLE, Trace.SIGNATURE_ELSEWHERE, Trace.BLOCK_LETTERS)
ACCEPTED = Verdict(Decision.ACCEPT, ())


def truth(
    a: MarkTruth = MarkTruth.MARKED,
    b: MarkTruth = MarkTruth.EMPTY,
    *traces: Trace | None,
    signed: bool = True,
    texts: tuple[str, ...] = TEXTS,
) -> Truth:
    """What stands on a form: marked A, signed and all written unless told otherwise."""
    left = tuple(Left(trace, "", "", 1, BoxMm(0, 0, 1, 1)) for trace in traces if trace is not None)
    return Truth({"A": a, "B": b}, signed, dict.fromkeys(texts, "x"), left)


def all_truths() -> Iterator[tuple[Truth, Trace | None]]:
    """Every choice of marks, signature, written fields and one further trace."""
    subsets = list(chain.from_iterable(combinations(TEXTS, n) for n in range(4)))
    further = (*HARMLESS, *SEEN, Trace.SIGNATURE_STAMP)
    for a, b, signed, texts, trace in product(MarkTruth, MarkTruth, (True, False), subsets, further):
        yield truth(a, b, trace, signed=signed, texts=texts), trace


def is_clear(true: Truth, trace: Trace | None) -> bool:
    """Nothing on the paper asks for a person: at most one plain mark, and no trace but what offices leave."""
    marks = sorted(mark.value for mark in true.marks.values())
    return marks in (["empty", "empty"], ["empty", "marked"]) and (
        trace in HARMLESS or (trace is Trace.SIGNATURE_STAMP and true.signed)
    )


def lacks(true: Truth) -> set[Reason]:
    """What is truly missing."""
    missing = {Reason(f"{name}.empty") for name in TEXTS if name not in true.texts}
    missing |= set() if true.signed else {Reason.SIGNATURE_ABSENT}
    return missing | ({Reason.VARIANT_NONE} if set(true.marks.values()) == {MarkTruth.EMPTY} else set())


def test_accepting_is_right_only_for_the_one_complete_truth() -> None:
    """Of all truths, accepting A is right for those alone in which A is clearly marked and nothing is missing."""
    answer, right = make_return(OURS, variant="A"), 0
    for true, trace in all_truths():
        wanted = is_clear(true, trace) and not lacks(true) and true.marks["A"] is MarkTruth.MARKED
        assert (judge(true, answer, ACCEPTED) is Outcome.RIGHT) == wanted, true
        assert (find_fault(true, answer, ACCEPTED) is None) == wanted, true
        right += wanted
    assert right == len(HARMLESS) + 1


@pytest.mark.parametrize("reasons", [set(pair) for n in (1, 2) for pair in combinations(MISSING, n)])
def test_incomplete_is_right_only_for_what_is_missing(reasons: set[Reason]) -> None:
    """Whatever is called missing must be missing, and nothing else on the paper may ask for a person."""
    verdict = Verdict(Decision.INCOMPLETE, tuple(reasons))
    for true, trace in all_truths():
        wanted = is_clear(true, trace) and reasons <= lacks(true)
        assert (judge(true, make_return(OURS, variant=None), verdict) is Outcome.RIGHT) == wanted, true


@pytest.mark.parametrize("decision", [Decision.REVIEW, Decision.REJECT])
def test_what_goes_to_a_person_is_never_wrong(decision: Decision) -> None:
    """A needless look is work, and nothing worse."""
    verdict = Verdict(decision, (Reason.VARIANT_UNCLEAR,))
    assert {judge(true, make_return(OURS), verdict) for true, _ in all_truths()} == {Outcome.FLAGGED}


@pytest.mark.parametrize(
    ("true", "reasons", "fault"),
    [
        (truth(MarkTruth.EMPTY, MarkTruth.MARKED), (), Fault.OTHER_VARIANT),
        (truth(MarkTruth.EMPTY), (), Fault.OTHER_VARIANT),
        (truth(signed=False), (), Fault.UNSIGNED),
        (truth(texts=("place", "date")), (), Fault.FIELD_EMPTY),
        (truth(MarkTruth.MARKED, MarkTruth.MARKED), (), Fault.UNSEEN),
        (truth(MarkTruth.MARKED, MarkTruth.CORRECTED), (), Fault.UNSEEN),
        (truth(MarkTruth.BESIDE), (Reason.VARIANT_NONE,), Fault.UNSEEN),
        (truth(MarkTruth.MARKED, MarkTruth.EMPTY, Trace.NOTE), (), Fault.UNSEEN),
        (truth(MarkTruth.MARKED, MarkTruth.EMPTY, Trace.SIGNATURE_STAMP, signed=False), (), Fault.UNSEEN),
        (truth(), (Reason.SIGNATURE_ABSENT,), Fault.NOT_MISSING),
        (truth(signed=False), (Reason.SIGNATURE_ABSENT, Reason.DATE_EMPTY), Fault.NOT_MISSING),
        (truth(signed=False), (Reason.RETURN_LATE,), Fault.NOT_MISSING),
    ],
)
def test_each_fault_is_named(true: Truth, reasons: tuple[Reason, ...], fault: Fault) -> None:
    """Without reasons the return is accepted as A, with reasons it is called incomplete for them."""
    verdict = Verdict(Decision.INCOMPLETE if reasons else Decision.ACCEPT, reasons)
    assert find_fault(true, make_return(OURS), verdict) is fault


def test_accepting_without_having_seen_the_signature_is_wrong() -> None:
    """That the paper is signed is no excuse for accepting a reading that says otherwise."""
    answer = make_return(OURS, signature=SignatureState.UNCLEAR)
    assert find_fault(truth(), answer, ACCEPTED) is Fault.UNSIGNED
    assert find_fault(truth(), replace(answer, signature=None), ACCEPTED) is Fault.UNSIGNED
    assert find_fault(truth(), replace(answer, variant=None), ACCEPTED) is Fault.OTHER_VARIANT


def test_what_a_template_does_not_ask_for_may_be_missing() -> None:
    """A field that need not be filled in makes no return incomplete."""
    true = truth(texts=("date", "name"))
    assert standing(true) is Standing.LACKING
    assert standing(true, EVERYTHING - {"place"}) is Standing.COMPLETE
    assert find_fault(true, make_return(OURS), ACCEPTED, EVERYTHING - {"place"}) is None


def test_another_customers_form_is_wrong_whatever_was_decided() -> None:
    """Being taken for a stranger's return is a fault even if a person will look at it."""
    verdict = Verdict(Decision.REVIEW, (Reason.CODE_DISAGREE,))
    for answers in ([make_return(STRANGER)], [make_return(OURS), make_return(STRANGER)]):
        document = make_document(b"x", answers)
        judged = judge_document(truth(), OURS, document, [verdict] * len(answers))
        assert (judged.outcome, judged.fault) == (Outcome.WRONG, Fault.OTHER_CUSTOMER)


def test_a_return_that_is_not_recognised_goes_to_a_person() -> None:
    """No form of ours on the page, or a file that could not be opened: work, with the reason that was given."""
    document = make_document(b"x", (), [UnplacedPage(1, Reason.PAGE_NO_CODE)])
    flagged = Judged(Outcome.FLAGGED, None, Decision.REJECT, (Reason.PAGE_NO_CODE,))
    assert judge_document(truth(), OURS, document, []) == flagged
    broken = replace(document, problem=Reason.FILE_TIMEOUT, unplaced=())
    assert judge_document(truth(), OURS, broken, []).reasons == (Reason.FILE_TIMEOUT,)


def test_the_own_return_is_judged_with_its_reasons() -> None:
    """Where the right form was found, the decision on it counts."""
    judged = judge_document(truth(), OURS, make_document(b"x", [make_return(OURS)]), [ACCEPTED])
    assert judged == Judged(Outcome.RIGHT, None, Decision.ACCEPT, ())
