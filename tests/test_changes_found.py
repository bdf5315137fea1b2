"""What must not stand on a page is found: notes, struck lines, altered wording, stamps where a signature belongs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from letters import CUSTOMER, ISSUED_ON, TEMPLATES, issue

from forms.issue_form import FormIssuer
from forms.issued_form import IssuedPdf
from forms.lay_out import lay_out
from forms.load_template import load_template
from forms.template import Template
from forms.units import BoxMm
from intake.decision import DecisionContext, decide
from intake.read_document import read_document
from intake.results import AdditionKind, Decision, Reason, ReturnReading, SignatureState, VariantState, Verdict
from simulation.alterations import PasteStrip, TinyMark, WriteBesideSignature, WriteInArea
from simulation.channels import PRESETS
from simulation.files import to_pdf
from simulation.handwriting import Writer
from simulation.pens import Ink, Pen
from simulation.people import (
    Act,
    Behaviour,
    Mark,
    Sign,
    StampReceipt,
    StampSignature,
    StrikeOut,
    TakeBack,
    WriteField,
    WriteNote,
    fill_in,
)
from simulation.signatures import SignatureStyle
from simulation.transmission import transmit

TODAY = date(2026, 12, 5)
FILLED = (WriteField("place", "Berlin"), WriteField("date", "01.12.2026"), WriteField("name", "ANNA WEBER"))
BALLPOINT = Pen(0.4, Ink.BLUE, 0.85)
PLAIN: tuple[Act, ...] = (Mark("A"), *FILLED, Sign("Anna Weber"))
CHANNELS = ["office-200", "bilevel-200", "fax-fine"]


def _read(
    acts: Sequence[Act], channel: str, printed: IssuedPdf | None = None, seed: int = 7
) -> tuple[ReturnReading, Verdict]:
    """Fill in a form (or another print of it), send it through a channel and read it as the issued form."""
    issued, rng = ISSUED, np.random.default_rng(seed)
    filled = fill_in((printed or issued).pdf, Behaviour(tuple(acts)), rng)
    data = to_pdf(transmit(filled, PRESETS[channel], rng))
    reading = read_document(data, {issued.form.form_id: issued}.get, TODAY)
    (answer,) = reading.returns
    return answer, decide(answer, DecisionContext(TODAY))


ISSUED = issue()


@pytest.mark.parametrize("channel", ["office-100", "office-300", *CHANNELS])
def test_a_plain_return_has_no_changes(channel: str) -> None:
    """Ink where it belongs is neither an addition nor a change, whatever the scanner."""
    answer, verdict = _read(PLAIN, channel)
    assert verdict.decision is Decision.ACCEPT, verdict.reasons
    assert answer.additions == ()


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_note_is_found_in_its_place(channel: str) -> None:
    """A condition in the margin goes to a person, with the box where it stands."""
    answer, verdict = _read((*PLAIN, WriteNote("nur nach Anruf", x_mm=120, baseline_mm=95)), channel)
    assert verdict.decision is Decision.REVIEW
    (note,) = answer.additions
    assert (note.kind, note.expected) == (AdditionKind.INK, False)
    assert 118 < note.box_mm.x0 < 125
    assert 88 < note.box_mm.y0 < note.box_mm.y1 < 100


def test_a_pale_note_is_found() -> None:
    """Pencil that hardly writes is still seen on a grey scan."""
    pencil = Pen(width_mm=0.3, ink=Ink.PENCIL, pressure=0.5)
    _, verdict = _read((*PLAIN, WriteNote("nicht am Wochenende", pen=pencil)), "office-200")
    assert Reason.PAGE_ADDITIONS in verdict.reasons


@pytest.mark.parametrize("channel", CHANNELS)
def test_struck_wording_goes_to_a_person(channel: str) -> None:
    """A line through a paragraph changes what was agreed to."""
    answer, verdict = _read((*PLAIN, StrikeOut("B")), channel)
    assert verdict.decision is Decision.REVIEW
    assert Reason.TEXT_STRUCK in verdict.reasons
    _box_a, box_b = (box.box_mm for box in ISSUED.letter.pages[0].checkboxes)
    places = [each.box_mm for each in answer.additions if each.about is Reason.TEXT_STRUCK]
    assert places
    assert all(box_b.y0 - 2 < place.y0 < place.y1 < box_b.y0 + 40 for place in places)


@pytest.mark.parametrize("channel", ["office-150", "office-300", "photo"])
def test_a_receipt_stamp_in_its_zone_is_recorded_and_not_doubted(channel: str) -> None:
    """The office's own stamp costs nobody time, unless black and white has broken it up."""
    answer, verdict = _read((*PLAIN, StampReceipt(("Eingegangen", "27. Nov. 2026"))), channel)
    assert verdict.decision is Decision.ACCEPT, verdict.reasons
    assert {(item.kind, item.expected) for item in answer.additions} == {(AdditionKind.STAMP, True)}


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_note_where_offices_stamp_is_no_stamp(channel: str) -> None:
    """A condition does not pass by being written in the stamps' zone, alone or beside a stamp."""
    stamp = StampReceipt(("Eingegangen", "27. Nov. 2026"), BoxMm(130, 33, 165, 47))
    note = WriteInArea("nur bis 17 Uhr", BoxMm(127, 50, 193, 58), BALLPOINT)
    for acts in ((note,), (stamp, note)):
        answer, verdict = _read((*PLAIN, *acts), channel)
        assert Reason.PAGE_ADDITIONS in verdict.reasons
        assert any(not item.expected and item.box_mm.y0 > 48 for item in answer.additions)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_condition_beside_the_signature_is_found(channel: str) -> None:
    """Words in the signature's own field restrict a consent as well; they are boxed as something added."""
    answer, verdict = _read((*PLAIN, WriteBesideSignature("nur bis 17 Uhr", BALLPOINT)), channel, seed=8)
    assert Reason.PAGE_ADDITIONS in verdict.reasons
    assert answer.additions
    assert all(note.box_mm.x0 > 60 and note.box_mm.y0 > 270 for note in answer.additions)


def test_joined_words_beneath_the_signature_are_no_flourish() -> None:
    """Three words in one row are long and slim; what they wind within their ink tells them from a line."""
    hand = Writer(hand=818654920, height_mm=3.03, slant=0.155, spacing=1.09, unrest=0.886, joined=0.8)
    note = WriteInArea("nur nach Anruf!", BoxMm(90, 286.5, 130, 291.5), Pen(0.35, Ink.BLUE, 0.98, 0.08), hand)
    _, verdict = _read((*PLAIN, note), "office-600", seed=0)
    assert Reason.PAGE_ADDITIONS in verdict.reasons


@pytest.mark.parametrize(
    ("words", "style", "seed"),
    [
        ("nein", SignatureStyle.INITIALS, 0),
        ("nein", SignatureStyle.CURSIVE, 1),
        ("nur mit Rücksprache", SignatureStyle.CURSIVE, 3),
        ("unter Vorbehalt", SignatureStyle.CURSIVE, 3),
    ],
)
def test_words_close_to_a_signature_or_touching_it_are_found(words: str, style: SignatureStyle, seed: int) -> None:
    """By where they stand, by their letters or by what they say: short ones and those that touch it do not pass."""
    note = WriteBesideSignature(words, BALLPOINT, Writer(hand=seed, joined=0.4 * (seed % 2)))
    _, verdict = _read((Mark("A"), *FILLED, Sign("Anna Weber", style, BALLPOINT), note), "office-200", seed=seed)
    assert Reason.PAGE_ADDITIONS in verdict.reasons


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_tiny_mark_in_the_margin_is_found(channel: str) -> None:
    """A cross of two and a half millimetres is no dust."""
    answer, _ = _read((*PLAIN, TinyMark("B", BALLPOINT)), channel)
    assert any(not item.expected for item in answer.additions)


@pytest.mark.parametrize("channel", ["office-150", *CHANNELS, "fax-standard"])
def test_a_stamp_is_no_signature(channel: str) -> None:
    """Company stamps, framed or broken by a fax, never pass for a signature."""
    stamp = StampSignature(("Muster GmbH", "Hauptstraße 5", "10115 Berlin"))
    for seed in range(3):
        answer, verdict = _read((Mark("A"), *FILLED, stamp), channel, seed=seed)
        assert answer.signature is not None
        assert answer.signature.state is SignatureState.UNCLEAR
        assert verdict.decision is Decision.REVIEW


def test_a_square_filled_as_the_letter_tells_is_a_correction() -> None:
    """The filled square is not taken for a choice, and the other one only proposed."""
    answer, verdict = _read((TakeBack("A"), Mark("B"), *FILLED, Sign("Anna Weber")), "office-200")
    assert answer.variant is not None
    assert (answer.variant.state, answer.variant.value) == (VariantState.CORRECTED, "B")
    assert verdict.decision is Decision.REVIEW


def _reprinted(*exchanges: tuple[str, str]) -> IssuedPdf:
    """The same form, same customer and code, with words of the letter exchanged before it was printed."""
    loaded = load_template(TEMPLATES / "remote-support.v1.toml")
    words = loaded.template.model_dump_json()
    for old, new in exchanges:
        assert old in words
        words = words.replace(old, new)
    altered = Template.model_validate_json(words)
    issuer = FormIssuer(lay_out(altered, loaded.sha256), altered)
    return issuer.issue(CUSTOMER, issued_on=ISSUED_ON, form_id=ISSUED.form.form_id)


ALTERATIONS = {
    "headings exchanged": (("Variante A - ", "Variante § - "), ("Variante B - ", "Variante A - "), ("§", "B")),
    "one word": (("erneut", "niemals"),),
    "one letter less": (("kann er keinen", "kann er einen"),),
    "servers": (("immer mit Variante B", "immer mit Variante A"),),
    "without": (("ohne dass ein", "wobei ein"),),
}


@pytest.mark.parametrize("channel", ["office-150", "fax-fine", "photo"])
def test_a_word_that_was_pasted_over_is_found(channel: str) -> None:
    """A word of the letter's own print over another one is other wording, neatly though it sits."""
    for seed in (3, 4):
        _, verdict = _read((*PLAIN, PasteStrip("A")), channel, seed=seed)
        assert Reason.TEXT_DIFFERS in verdict.reasons


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_altered_wording_is_found(alteration: str, channel: str) -> None:
    """A form whose words were exchanged before printing never passes for the one that was issued."""
    answer, verdict = _read(PLAIN, channel, _reprinted(*ALTERATIONS[alteration]))
    assert verdict.decision is Decision.REVIEW
    assert Reason.TEXT_DIFFERS in verdict.reasons
    assert any(each.about is Reason.TEXT_DIFFERS for each in answer.additions)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("altered", [{"postal_code": "10246"}, {"street": "Łódźer Straße 72a"}], ids=["246", "72a"])
def test_a_digit_of_the_address_is_found(altered: dict[str, str], channel: str) -> None:
    """A single exchanged digit of the customer's address does not pass for the page that was issued."""
    other = issue(customer=replace(CUSTOMER, **altered), form_id=ISSUED.form.form_id)
    answer, verdict = _read(PLAIN, channel, other)
    assert Reason.ADDRESS_DIFFERS in verdict.reasons
    places = [each.box_mm for each in answer.additions if each.about is Reason.ADDRESS_DIFFERS]
    assert any(25 < place.x0 < 100 and 60 < place.y0 < 90 for place in places)
