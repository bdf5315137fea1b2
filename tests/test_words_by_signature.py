"""What can be read beside a signature goes to a person, and a legible signature does not."""

from __future__ import annotations

import pytest

from intake.text_recognition import Word
from intake.words_by_signature import words_beside

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
