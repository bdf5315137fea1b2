"""Tell words beside a signature by what they say: an engine reads "nur nach Anruf", and no signature.

A legible signature can be read as well; but that is the name that stands beside it, or the contact's. The thresholds
are measured in docs/decisions/0023-ink-on-print.md. Where a hand is illegible, only shape and place tell
(`intake.beside_signature`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from intake.plausibility import words_in
from intake.text_recognition import Word

LEGIBLE_FROM, SHORT_LEGIBLE_FROM = 0.65, 0.85
"""Confidence from which a word was written so that it can be read; of a word of three characters, of which many a
signature is made."""
SHORTEST = 3
NAME_FROM, LEGIBLE_NAME_FROM = 0.5, 0.6
"""Likeness to a word of a name from which a word is that name, hurriedly written or misread; the second for what was
read with as much confidence as short words are asked for."""


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
    alike_from = NAME_FROM if word.confidence < SHORT_LEGIBLE_FROM else LEGIBLE_NAME_FROM
    parts = words_in(word.text)
    return any(SequenceMatcher(None, part, name).ratio() >= alike_from for part in parts for name in known)
