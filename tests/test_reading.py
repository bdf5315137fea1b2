"""Reading as a whole, on forms of the real templates: right, or left to a person, and never wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sending_back import Read, decided, issued, posted, read

from forms.issued_form import IssuedPdf
from forms.units import BoxMm, mm_to_px
from intake.results import Decision, MarkState, Reason, SignatureState
from ruecklauf.truth_check import Outcome, judge
from simulation.channels import PRESETS, Channel, Mode, Scan
from simulation.files import to_pdf
from simulation.issued_pdf import render_blank
from simulation.paper import Picture
from simulation.people import Behaviour, MarkTruth, Sign, Truth, fill_in
from simulation.returns import plain_behaviour, random_signatory, send
from simulation.transmission import transmit

A_FEW = settings(max_examples=6, derandomize=True, deadline=None, database=None, phases=[Phase.generate])
"""Always the same ones; what fails is not made smaller, which would take minutes."""
OFFICE = cast(Channel, PRESETS["office-200"])
_STATES = {MarkTruth.EMPTY: MarkState.EMPTY, MarkTruth.MARKED: MarkState.MARKED}


@st.composite
def channels(draw: st.DrawFn) -> Channel:
    """Scanners of every kind: any orientation, ±5° askew, shrunk to 92 %, 100 to 600 dpi, grey or black and white."""
    dpi = draw(st.sampled_from([100, 150, 200, 300, 600]))
    mode = draw(st.sampled_from([Mode.GREY, Mode.BILEVEL]))
    skew_deg, scale = draw(st.floats(-5, 5)), draw(st.floats(0.92, 1.0))
    turn = draw(st.sampled_from([0, 90, 180, 270]))
    return replace(
        OFFICE,
        x_dpi=dpi,
        y_dpi=dpi,
        mode=mode,
        orientations=(turn,),
        skew_deg=(skew_deg, skew_deg),
        scale=(scale, scale),
        threshold=(120.0, 170.0),
    )


@A_FEW
@given(channel=channels(), seed=st.integers(0, 999), option=st.sampled_from("AB"), signed=st.booleans())
def test_mark_and_signature_are_right_or_flagged(channel: Channel, seed: int, option: str, signed: bool) -> None:
    """Whatever the scanner does to an honest return, nothing is decided that is not true."""
    form, rng = issued(), np.random.default_rng(seed)
    who = random_signatory(posted(form), rng)
    acts = plain_behaviour(who, option, rng).acts
    acts = acts if signed else tuple(act for act in acts if not isinstance(act, Sign))
    filled = fill_in(form.pdf, Behaviour(acts), rng, dpi=200)
    (answer,) = decided(read(to_pdf(transmit(filled, channel, rng)), form))
    _assert_true_or_flagged(answer, filled.truth)


def _assert_true_or_flagged(answer: Read, truth: Truth) -> None:
    assert judge(truth, answer.reading, answer.verdict) is not Outcome.WRONG, answer.verdict
    if answer.verdict.decision is Decision.REVIEW:
        return
    assert answer.reading.variant is not None
    assert answer.reading.signature is not None
    read_marks = {box.option: box.state for box in answer.reading.variant.options}
    assert read_marks == {option: _STATES[mark] for option, mark in truth.marks.items()}
    assert (answer.reading.signature.state is SignatureState.PRESENT) is truth.signed


@pytest.mark.parametrize("channel", ["office-150", "office-300", "bilevel-300", "upside-down", "fit-to-page"])
def test_an_honest_return_needs_no_review(channel: str) -> None:
    """What is clear is accepted: sending everything to a person would be no reading."""
    form, rng = issued(), np.random.default_rng(7)
    behaviour = plain_behaviour(random_signatory(posted(form), rng), "B", rng)
    (answer,) = decided(read(send("plain", "", [posted(form)], [behaviour], PRESETS[channel], rng).data, form))
    assert (answer.verdict.decision, answer.reading.variant and answer.reading.variant.value) == (Decision.ACCEPT, "B")


def test_a_blank_form_is_incomplete() -> None:
    """Nothing written means: everything that is required is missing, for certain."""
    scans = _scans(issued(), Behaviour())
    (answer,) = decided(read(to_pdf(scans), issued()))
    assert answer.verdict.decision is Decision.INCOMPLETE
    assert set(answer.verdict.reasons) == {
        Reason.VARIANT_NONE,
        Reason.SIGNATURE_ABSENT,
        Reason.PLACE_EMPTY,
        Reason.DATE_EMPTY,
        Reason.NAME_EMPTY,
    }


def test_a_code_pasted_onto_another_letter_goes_to_a_person() -> None:
    """A valid code on another customer's letter is found, for the address there is not the one that was issued."""
    own, other = issued(customer=0), issued(customer=1)
    filled = fill_in(other.pdf, _plain(other), np.random.default_rng(3))
    page, source = filled.pages[0].copy(), render_blank(own.pdf, filled.dpi)[0]
    for box in own.letter.pages[0].codes_mm:
        _paste(source, page, box.grown(1.0), filled.dpi)
    scans = transmit(replace(filled, pages=(page,)), OFFICE, np.random.default_rng(3))
    (answer,) = decided(read(to_pdf(scans), own, other))
    assert answer.reading.customer == own.form.customer.number
    assert answer.verdict.decision is Decision.REVIEW


def test_pages_of_two_letters_are_never_mixed() -> None:
    """A stack whose pages come in any order, turned, is parted by what the pages say."""
    forms = [issued("data-backup.v1", customer) for customer in (2, 3)]
    scans = [_scans(form, _plain(form, option), "turned") for form, option in zip(forms, "CA", strict=True)]
    shuffled = [scans[1][1], scans[0][0], scans[1][0], scans[0][1]]
    answers = {answer.reading.customer: answer for answer in decided(read(to_pdf(shuffled), *forms))}
    assert {number: _said(answer) for number, answer in answers.items()} == {
        forms[0].form.customer.number: (Decision.ACCEPT, "C", (2, 4)),
        forms[1].form.customer.number: (Decision.ACCEPT, "A", (1, 3)),
    }


@pytest.mark.parametrize("option", ["A", "B", "C"])
def test_a_template_with_three_options_reads_too(option: str) -> None:
    """Nothing of the first letter is wired into reading: three options on two pages, in English."""
    form = issued("data-backup.v1")
    (answer,) = decided(read(to_pdf(_scans(form, _plain(form, option))), form))
    assert _said(answer) == (Decision.ACCEPT, option, (1, 2))


@pytest.mark.parametrize("kept", [0, 1])
def test_a_missing_page_is_named(kept: int) -> None:
    """One page of two is never a complete answer, and what stands on the other is not guessed."""
    form = issued("data-backup.v1")
    scans = _scans(form, _plain(form, "C"))
    (answer,) = decided(read(to_pdf(scans[kept : kept + 1]), form))
    assert answer.verdict.decision is Decision.INCOMPLETE
    assert answer.verdict.reasons == (Reason.PAGE_MISSING,)


def _plain(form: IssuedPdf, option: str = "A") -> Behaviour:
    rng = np.random.default_rng(11)
    return plain_behaviour(random_signatory(posted(form), rng), option, rng)


def _scans(form: IssuedPdf, behaviour: Behaviour, channel: str = "office-200") -> list[Scan]:
    rng = np.random.default_rng(12)
    return transmit(fill_in(form.pdf, behaviour, rng), PRESETS[channel], rng)


def _said(answer: Read) -> tuple[Decision, str | None, Sequence[int]]:
    value = answer.reading.variant.value if answer.reading.variant else None
    return answer.verdict.decision, value, tuple(page.page for page in answer.reading.pages)


def _paste(source: Picture, target: Picture, box: BoxMm, dpi: float) -> None:
    x0, y0, x1, y1 = (round(mm_to_px(value, dpi)) for value in box)
    target[y0:y1, x0:x1] = source[y0:y1, x0:x1]
