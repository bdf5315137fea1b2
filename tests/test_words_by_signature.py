"""What can be read beside a signature goes to a person, and a legible signature does not."""

from __future__ import annotations

import pytest

from intake.text_recognition import Word
from intake.words_by_signature import words_beside, words_instead

NAMES = ("Jürgen Weißmüller", "ANNA WEBER")


@pytest.mark.parametrize(
    "words",
    [
        [Word("nur", 0.9), Word("nach", 0.92), Word("Anruf!", 0.4)],
        [Word("AW", 0.88), Word("nein", 0.96)],
        [Word("Weber", 0.9), Word("Vorbehalt", 0.7)],
        [Word("2026", 0.96)],
    ],
    ids=["a condition", "beside initials", "beside a legible name", "a year"],
)
def test_words_that_are_no_name_are_told(words: list[Word]) -> None:
    """One word that is certainly one is enough, whatever else was read."""
    assert words_beside(words, NAMES)


@pytest.mark.parametrize(
    "words",
    [
        [Word("Weber", 0.95)],
        [Word("AnnaWeber", 0.9), Word("—", 0.99)],
        [Word("Weissmueller", 0.93)],
        [Word("Wefer", 0.7)],
        [Word("Rnd", 0.7), Word("Mhng", 0.4)],
        [Word("NIL", 0.9)],
        [],
    ],
    ids=["the name", "in one", "umlauts spelt out", "misread", "a scrawl", "initials", "nothing"],
)
def test_a_signature_is_no_words(words: list[Word]) -> None:
    """A legible name is expected there; of a scrawl the engine is not sure; three capitals are initials."""
    assert words_beside(words, NAMES) == ()


@pytest.mark.parametrize(
    "words",
    [
        [Word("nein", 0.5)],
        [Word("entfaelli", 0.3)],
        [Word("nicht", 0.6), Word("einverstanden", 0.2)],
        [Word("siehe", 0.4), Word("Anlage", 0.6)],
        [Word("12.10.26", 0.56)],
        [Word("v2?", 0.6)],
        [Word("77", 0.74)],
    ],
    ids=["no", "void, misread", "not agreed", "see there", "a date", "question marks", "read as digits"],
)
def test_what_nobody_signs_with_is_told(words: list[Word]) -> None:
    """Less surely read than what may be any word: a signature is hardly ever read as one of these."""
    assert words_instead(words, NAMES)


@pytest.mark.parametrize(
    "words",
    [
        [Word("Weber", 0.9)],
        [Word("Sofern", 0.09)],
        [Word("NIE", 0.67)],
        [Word("165", 0.65)],
        [Word("Stempel", 0.5)],
    ],
    ids=["the name", "a scrawl", "initials", "a scrawl of strokes", "another word, hardly read"],
)
def test_a_signature_is_no_denial(words: list[Word]) -> None:
    """What a signature was read as in plain returns is not taken for a word; neither is a word that is not known."""
    assert words_instead(words, NAMES) == ""


def test_a_signatory_may_bear_a_name_like_a_denial() -> None:
    """Who is called Heine signs so."""
    assert words_instead([Word("Heine", 0.6)], ("Klaus Heine",)) == ""
