"""What stands behind a place, a date or a name goes to a person, and what people otherwise write there does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from builders import make_date_field, make_return
from letters import CUSTOMER

from forms.issued_form import Customer, FieldName
from intake.decision import DecisionContext, decide
from intake.further_words import DATE_AND_WORD_STROKES, DATE_STROKES, NAME_STROKES, PLACE_STROKES, holds_further_words
from intake.results import Decision, Reason
from intake.text_recognition import Word

WEBER = replace(CUSTOMER, city="Köln", contact="Anna Weber", company="Metallbau Weber GmbH")


def _words(text: str, confidence: float) -> list[Word]:
    return [Word(word, confidence) for word in text.split()]


def _further(field: FieldName, text: str, confidence: float = 0.9, customer: Customer = WEBER) -> bool:
    return holds_further_words(field, _words(text, confidence), 0, customer)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "Anna Weber, nicht C"),
        ("name", "Uwe Böhm nur A"),
        ("name", "Anna Weber vielleicht"),
        ("name", "Uwe Böhm - probehalber"),
        ("name", "Uwe Böhm (Azubi"),
        ("name", "Anna Weber 31.12."),
        ("place", "Köln unter Vorbehalt"),
        ("place", "Köln, mal sehen"),
        ("place", "Köln bis 31.12."),
        ("place", "Potsdam subject to approval"),
        ("date", "12.10.26 nur bis 31.12."),
        ("date", "12.10.2026 morgens"),
        ("date", "12.10.26 Mo-Fr"),
        ("date", "12.10.2026 31.12.2026"),
    ],
)
def test_words_behind_what_belongs_there_are_told(field: FieldName, text: str) -> None:
    """By what they say, by the comma before them, or as more than was expected."""
    assert _further(field, text)


@pytest.mark.parametrize("text", ["Uwe Böhm nlcht C", "Köln ohne Sorvor", "Uwe Böhm Vorbehait"])
def test_conditions_are_told_as_poor_recognition_spells_them(text: str) -> None:
    """Without being sure of a word the engine still comes near it."""
    assert _further("name", text, 0.4)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "Anna Weber"),
        ("name", "Weber, Anna"),
        ("name", "Dr. Anna Maria Weber"),
        ("name", "Anna Weber, Geschäftsführerin"),
        ("name", "ANNA WEBER (Metallbau Weber GmbH)"),
        ("name", "Nguyen Thi Lan"),
        ("name", "Uwe Heine"),
        ("name", "Karin Licht"),
        ("place", "Köln, den"),
        ("place", "50667 Köln"),
        ("place", "Köln, 12.10.2026"),
        ("place", "Frankfurt (Oder)"),
        ("place", "Rothenburg ob der Tauber"),
        ("date", "12. Oktober 2026"),
        ("date", "den 12.10.26"),
        ("date", "2026-10-12"),
    ],
)
def test_what_people_write_there_is_no_doubt(field: FieldName, text: str) -> None:
    """Titles and offices, family names first, a postal code, a colleague's name, months in words."""
    assert not _further(field, text)


@pytest.mark.parametrize(("field", "least"), [("date", DATE_STROKES), ("place", PLACE_STROKES), ("name", NAME_STROKES)])
def test_writing_that_is_far_longer_is_told_whatever_it_says(field: FieldName, least: int) -> None:
    """An illegible hand leaves nothing to read, but its strokes can be counted."""
    assert holds_further_words(field, (), least, WEBER)
    assert not holds_further_words(field, (), least - 1, WEBER)


def test_a_name_misread_is_no_condition() -> None:
    """What two plain names were read as: letters taken for a number, and a word that is only somewhat like another."""
    for words in (
        [Word("Thom", 0.96), Word("25", 0.88), Word("Weber", 0.6)],
        [Word("Nichast", 0.34), Word("Schala", 0.2)],
    ):
        assert not holds_further_words("name", words, 0, WEBER)


def test_a_long_date_with_letters_behind_it_is_more_than_a_date() -> None:
    """However badly both were read; a long date alone is read as one word, and months in words are dates."""
    for text, is_more in (("2UX0% keineatulls", True), ("25.10.2026", False), ("12. Oktobcr 2026", False)):
        further = holds_further_words("date", _words(text, 0.1), DATE_AND_WORD_STROKES, WEBER)
        assert further is is_more, text


@pytest.mark.parametrize("confidence", [0.0, 0.2])
def test_what_the_engine_only_guesses_says_nothing(confidence: float) -> None:
    """On a poor copy a plain field is read as anything."""
    assert not _further("name", "gr, nein 0058", confidence)
    assert not _further("date", "ZUG", confidence)
    assert not _further("place", "177")


def test_further_words_send_a_return_to_a_person() -> None:
    """And say at which field."""
    plain = make_return("7F3Q9X4CBDEFGHJK")
    field = replace(make_date_field("2026-10-10"), further=True)
    verdict = decide(replace(plain, fields=(field,)), DecisionContext(date(2026, 12, 1)))
    assert (verdict.decision, verdict.reasons) == (Decision.REVIEW, (Reason.DATE_FURTHER,))
