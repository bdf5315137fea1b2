"""Whose a page may be on which no page code could be read: open forms whose print is recognised on it, best first.

A proposal to a person and nothing more: a page is never booked by it. What was recognised comes from outside; it is
only compared.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import prod
from typing import NamedTuple

from forms.page_code import reference
from forms.plain_text import plain, plain_words
from forms.readable_code import readable_heads
from registry.models import Issue
from registry.statuses import OPEN
from registry.wordings import wording_named


class Part(StrEnum):
    """A part of a letter that is printed for one customer, and the letter's own words."""

    REFERENCE = "reference"
    NUMBER = "number"
    COMPANY = "company"
    STREET = "street"
    CONTACT = "contact"
    PLACE = "place"
    WORDING = "wording"


WEIGHTS: Mapping[Part, float] = {
    Part.REFERENCE: 0.97,
    Part.NUMBER: 0.55,
    Part.COMPANY: 0.7,
    Part.STREET: 0.5,
    Part.CONTACT: 0.4,
    Part.PLACE: 0.25,
    Part.WORDING: 0.2,
}
"""How much a part speaks for its form where it is on the page: a reference is one form's, a place is many customers'.
What several parts say together is 1 − Π (1 − weight), as if they were independent."""
PROPOSED_FROM = 0.6
"""A company's name is enough, as on a letter of its own; a number, which may count anything, needs a second part."""
MOST_PROPOSALS = 5

_LIKE_FROM = 0.7
"""Share of a part's trigrams that one line of the page must have; one misread letter costs three."""
_SHORTEST_NUMBER = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """An open form that a page may belong to."""

    form_id: str
    number: str
    """The customer's."""
    company: str
    template: str
    version: int
    score: float
    """0 to 1; orders proposals, and is no probability."""
    why: tuple[Part, ...]
    """What was recognised of the form."""


def proposals_for(text: str) -> tuple[Proposal, ...]:
    """The open forms that a page with this text may belong to, best first; none where nothing on it tells."""
    page = _PageWords(text)
    return tuple(heapq.nlargest(MOST_PROPOSALS, _candidates(page), key=lambda proposal: proposal.score))


class _PageWords:
    """A page's text, prepared to be asked for many customers."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.references = {reference(head) for head in readable_heads(text)}
        self.words = set(plain_words(text))
        self._letters: dict[str, bool] = {}
        self._said: dict[str, bool] = {}
        self._lines = [line for line in (_trigrams(plain(line)) for line in text.splitlines()) if line]

    @cached_property
    def trigrams(self) -> Set[str]:
        """Those of all lines."""
        return frozenset().union(*self._lines)

    def says_town(self, town: str) -> bool:
        """Tell as `says` does, but look only once: many customers have the same."""
        if town not in self._said:
            self._said[town] = self.says(town)
        return self._said[town]

    def says(self, part: str) -> bool:
        """Tell whether one line of the page says it, letters misread here and there."""
        wanted = _trigrams(plain(part))
        enough = _LIKE_FROM * len(wanted)
        if not wanted or len(wanted & self.trigrams) < enough:
            return False
        return any(len(wanted & line) >= enough for line in self._lines)

    def shows(self, letter_sha256: str) -> bool:
        """Tell whether it is a page of this letter, whosever."""
        if letter_sha256 not in self._letters:
            self._letters[letter_sha256] = wording_named(letter_sha256).is_on(self.text)
        return self._letters[letter_sha256]


class _Printed(NamedTuple):
    """What is printed on an open form for one customer, and what names the form."""

    form_id: str
    reference: str
    letter: str
    template: str
    version: int
    number: str
    company: str
    street: str
    contact: str
    postal_code: str
    city: str


_OF_CUSTOMER = ("number", "company", "street", "contact", "postal_code", "city")


def _candidates(page: _PageWords) -> Iterator[Proposal]:
    """Every open form of which enough is on the page."""
    rows = Issue.objects.filter(standing__status__in=OPEN).values_list(
        "form_id",
        "reference",
        "letter",
        "letter__template",
        "letter__version",
        *(f"customer__{column}" for column in _OF_CUSTOMER),
    )
    for row in rows.iterator(2000):
        form = _Printed(*row)
        why = tuple(_recognised(page, form))
        score = 1 - prod(1 - WEIGHTS[part] for part in why)
        if score >= PROPOSED_FROM:
            yield Proposal(form.form_id, form.number, form.company, form.template, form.version, round(score, 3), why)


def _recognised(page: _PageWords, form: _Printed) -> Iterator[Part]:
    number = plain(form.number)
    found = {
        Part.REFERENCE: form.reference in page.references,
        Part.NUMBER: len(number) >= _SHORTEST_NUMBER and number in page.words,
        Part.COMPANY: page.says(form.company),
        Part.STREET: page.says(form.street),
        Part.CONTACT: page.says(form.contact),
        Part.PLACE: plain(form.postal_code) in page.words and page.says_town(form.city),
    }
    yield from (part for part, is_found in found.items() if is_found)
    if any(found.values()) and page.shows(form.letter):
        yield Part.WORDING


def _trigrams(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 3] for at in range(len(text) - 2))
