"""Tell what a page is on which no page code could be read: one of ours, somebody else's, or nothing that can be said.

The reading measures (the printed corners, the words); `told_apart` judges, with the wordings of all letters that were
ever issued, which the registry supplies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise

from forms.issued_form import LetterGeometry
from forms.plain_text import plain_words
from intake.results import DocumentReading, Reason, UnplacedPage

OURS_FROM_PAIRS, OURS_FROM_SHARE = 8, 0.25
"""Pairs of neighbouring words that a page has in common with one letter of ours, in all and as a share of its own, from
which it is one of ours."""
FOREIGN_FROM_WORDS, FOREIGN_BELOW_SHARE = 25, 0.15
"""Words of a page from which it is somebody else's, where less of its pairs than this stands in any letter of ours."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A letter's words, as pairs of neighbours: what tells it from other letters of its language."""

    pairs: frozenset[tuple[str, str]]

    def is_on(self, text: str) -> bool:
        """Tell whether a page with this text shows the letter."""
        shown = _shown_pairs(text)
        return self.shared(shown) >= OURS_FROM_PAIRS and self.shared(shown) >= OURS_FROM_SHARE * len(shown)

    def shared(self, shown: Set[tuple[str, str]]) -> int:
        """Count the pairs of a page that stand in the letter."""
        return len(self.pairs & shown)


Wordings = Callable[[], Sequence[Wording]]
"""Gives the wordings of all letters that were ever issued."""


def wording_of(letter: LetterGeometry) -> Wording:
    """Take a letter's words."""
    return Wording(frozenset(_pairs(line.text for page in letter.pages for line in page.text_lines)))


def told_apart(reading: DocumentReading, wordings: Wordings) -> DocumentReading:
    """Say of each page without a readable code what it is, as far as its words tell; all else stays as it was read."""
    if not any(_is_to_be_told(page) for page in reading.unplaced):
        return reading
    known = wordings()
    if not known:
        return reading
    pages = tuple(_told(page, known) if _is_to_be_told(page) else page for page in reading.unplaced)
    return replace(reading, unplaced=pages)


_TO_BE_TOLD = frozenset({Reason.PAGE_NO_CODE, Reason.PAGE_CODE_UNREADABLE})


def _is_to_be_told(page: UnplacedPage) -> bool:
    return page.reason in _TO_BE_TOLD and bool(page.text)


def _told(page: UnplacedPage, wordings: Sequence[Wording]) -> UnplacedPage:
    """Judge by the words where there are enough; else the page stays what its printed corners made of it."""
    if any(wording.is_on(page.text) for wording in wordings):
        return replace(page, reason=Reason.PAGE_CODE_UNREADABLE)
    shown = _shown_pairs(page.text)
    is_legible = len(plain_words(page.text)) >= FOREIGN_FROM_WORDS
    if is_legible and all(wording.shared(shown) < FOREIGN_BELOW_SHARE * len(shown) for wording in wordings):
        return replace(page, reason=Reason.PAGE_FOREIGN)
    return page


def _shown_pairs(text: str) -> frozenset[tuple[str, str]]:
    return frozenset(_pairs(text.splitlines()))


def _pairs(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    return (pair for line in lines for pair in pairwise(plain_words(line)))
