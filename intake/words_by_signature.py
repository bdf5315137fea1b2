"""Tell words beside a signature, or in its place, by what they say: an engine reads "nein", and no signature.

A legible signature can be read as well; but that is the name that stands beside it, or the contact's. The thresholds
are measured in docs/decisions/0023-ink-on-print.md. Where a hand is illegible, only shape and place tell
(`intake.beside_signature`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from intake.further_words import CONDITIONS, is_condition
from intake.plausibility import words_in
from intake.text_recognition import Word

LEGIBLE_FROM, SHORT_LEGIBLE_FROM = 0.65, 0.85
"""Confidence from which a word was written so that it can be read; of a word of three characters, of which many a
signature is made."""
SHORTEST = 3
NAME_FROM, LEGIBLE_NAME_FROM = 0.5, 0.6
"""Likeness to a word of a name from which a word is that name, hurriedly written or misread; the second for what was
read with as much confidence as short words are asked for."""
DENIAL_FROM = 0.25
"""Confidence from which a word like those of a denial or a condition is one."""
NUMBER_FROM, LONG_NUMBER_FROM, LONG_NUMBER_DIGITS = 0.7, 0.4, 4
"""Confidence from which two digits are a number (as which question marks are read, too), and so many a date."""
_QUESTION_FROM, _NUMBER_DIGITS = 0.5, 2


def words_instead(words: Sequence[Word], names: Iterable[str]) -> str:
    """Give the words in a signature's field that nobody signs with: a denial, a condition, a date, question marks."""
    known = [part for name in names for part in _parts(name)]
    told = [word.text for word in words if _denies(word, known) or _is_number(word)]
    return " ".join(dict.fromkeys(told))


def _denies(word: Word, known: Sequence[str]) -> bool:
    parts = words_in(word.text)
    if sum(map(len, parts)) <= SHORTEST or not is_condition(word, DENIAL_FROM):
        return False
    is_itself = any(part in CONDITIONS and part not in known for part in parts)
    return is_itself or _likeness(word, known) < LEGIBLE_NAME_FROM


def _is_number(word: Word) -> bool:
    if "?" in word.text and word.confidence >= _QUESTION_FROM:
        return True
    digits, letters = (sum(map(kind, word.text)) for kind in (str.isdigit, str.isalpha))
    is_long = digits >= LONG_NUMBER_DIGITS and word.confidence >= LONG_NUMBER_FROM
    return not letters and (is_long or (digits >= _NUMBER_DIGITS and word.confidence >= NUMBER_FROM))


def words_beside(words: Sequence[Word], names: Iterable[str]) -> tuple[str, ...]:
    """Give the words recognised in a signature's field that are certainly words, and none of these names."""
    known = [part for name in names for part in _parts(name)]
    return tuple(word.text for word in words if _is_legible(word) and not _is_one_of(word, known))


def _is_legible(word: Word) -> bool:
    length = sum(character.isalnum() for character in word.text)
    if length <= SHORTEST:
        return length == SHORTEST and word.confidence >= SHORT_LEGIBLE_FROM and not word.text.isupper()
    return word.confidence >= LEGIBLE_FROM


def _parts(name: str) -> list[str]:
    """Give the words of a name, and all of them in one."""
    words = words_in(name)
    return [*words, "".join(words)]


def _is_one_of(word: Word, known: Sequence[str]) -> bool:
    return _likeness(word, known) >= (NAME_FROM if word.confidence < SHORT_LEGIBLE_FROM else LEGIBLE_NAME_FROM)


def _likeness(word: Word, known: Sequence[str]) -> float:
    ratios = (SequenceMatcher(None, part, name).ratio() for part in words_in(word.text) for name in known)
    return max(ratios, default=0.0)
