"""Which forms are recognised on pages whose page code could not be read: by what is printed for their customers.

What was recognised comes from outside; it is only compared. All pages of a file are compared with each form at once:
what is printed on a form is taken apart once, however many pages there are.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from math import ceil, prod
from operator import or_
from typing import NamedTuple

from forms.page_code import reference
from forms.plain_text import plain, plain_words
from forms.readable_code import readable_heads
from registry.chunks import parted
from registry.models import Issue
from registry.statuses import ENDED, OPEN
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
RECOGNISED_FROM = 0.6
"""A company's name is enough, as on a letter of its own; a number, which may count anything, needs a second part."""
MOST_RECOGNISED = 20
"""Of one page: several times as many as are proposed, for some of the forms will have their answers by then."""

_LIKE_FROM = 0.7
"""Share of a part's trigrams that one line of the page must have; one misread letter costs three."""
_SHORTEST_NUMBER = 3
_PAGES_AT_ONCE = 250
"""A few dozen MB are enough to compare them."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A form that is recognised on a page."""

    issue: int
    """Key of its row."""
    score: float
    """0 to 1; orders forms, and is no probability."""
    why: tuple[Part, ...]
    """What was recognised of the form."""


def forms_recognised(texts: Sequence[str]) -> list[tuple[Recognised, ...]]:
    """The forms that are recognised on each of some pages, given by their texts; best first, open ones before others.

    Of one page no more than `MOST_RECOGNISED`; without forms that have ended or were erased.
    """
    stacks = parted(texts, _PAGES_AT_ONCE)
    return [found for some in stacks for found in _recognised_on([_Page(text) for text in some])]


class _Page:
    """A page's text, prepared to be asked for many customers."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._letters: dict[str, bool] = {}
        self.references = {reference(head) for head in readable_heads(text)}
        self.words = set(plain_words(text))
        self.lines = [line for line in (_trigrams(plain(line)) for line in text.splitlines()) if line]

    def shows(self, letter_sha256: str) -> bool:
        """Tell whether it is a page of this letter, whosever."""
        if letter_sha256 not in self._letters:
            self._letters[letter_sha256] = wording_named(letter_sha256).is_on(self._text)
        return self._letters[letter_sha256]


class _Printed(NamedTuple):
    """What is printed on a form for one customer, and what names the form."""

    issue: int
    reference: str
    letter: str
    status: str
    number: str
    company: str
    street: str
    contact: str
    postal_code: str
    city: str


_OF_CUSTOMER = ("number", "company", "street", "contact", "postal_code", "city")
_Set = int
"""A set of pages or lines, by their numbers from 0, each a bit: whole sets are joined and met in one step."""


class _Stack:
    """Some pages, prepared to say on which of them a part of a form stands."""

    def __init__(self, pages: Sequence[_Page]) -> None:
        self._page_of = [at for at, page in enumerate(pages) for _ in page.lines]
        self._lines_with = _index(line for page in pages for line in page.lines)
        self._pages_with_word = _index(page.words for page in pages)
        self._pages_with_reference = _index(page.references for page in pages)
        self._saying_town: dict[str, _Set] = {}

    def parts_of(self, form: _Printed) -> dict[Part, _Set]:
        """The pages on which each part of a form stands, but for its wording."""
        number = plain(form.number)
        return {
            Part.REFERENCE: self._pages_with_reference.get(form.reference, 0),
            Part.NUMBER: self._pages_with_word.get(number, 0) if len(number) >= _SHORTEST_NUMBER else 0,
            Part.COMPANY: self._saying(form.company),
            Part.STREET: self._saying(form.street),
            Part.CONTACT: self._saying(form.contact),
            Part.PLACE: self._in_town(form),
        }

    def _in_town(self, form: _Printed) -> _Set:
        with_code = self._pages_with_word.get(plain(form.postal_code), 0)
        if not with_code:
            return 0
        if form.city not in self._saying_town:  # many customers have the same
            self._saying_town[form.city] = self._saying(form.city)
        return with_code & self._saying_town[form.city]

    def _saying(self, part: str) -> _Set:
        """The pages of which one line says it, letters misread here and there."""
        trigrams = _trigrams(plain(part))
        enough = ceil(_LIKE_FROM * len(trigrams))
        lines = [held for trigram in trigrams if (held := self._lines_with.get(trigram))]
        if not trigrams or len(lines) < enough:
            return 0
        saying = _in_at_least(enough, lines, self._every_line)
        return reduce(or_, (1 << self._page_of[line] for line in _members(saying)), 0)

    @property
    def _every_line(self) -> _Set:
        return (1 << len(self._page_of)) - 1


def _recognised_on(pages: Sequence[_Page]) -> list[tuple[Recognised, ...]]:
    """As `forms_recognised`, of pages that are prepared."""
    stack, best = _Stack(pages), [_Best() for _ in pages]
    for form in _printed_forms():
        parts = stack.parts_of(form)
        for at in _members(_worth_a_look(parts)):
            why = tuple(part for part, found in parts.items() if found >> at & 1)
            if pages[at].shows(form.letter):
                why += (Part.WORDING,)
            score = 1 - prod(1 - WEIGHTS[part] for part in why)
            if score >= RECOGNISED_FROM:
                best[at].take(Recognised(form.issue, round(score, 3), why), is_open=form.status in OPEN)
    return [each.in_order() for each in best]


def _worth_a_look(parts: Mapping[Part, _Set]) -> _Set:
    """The pages on which enough may be recognised: most customers have their town in common with somebody."""
    own = parts[Part.REFERENCE] | parts[Part.NUMBER] | parts[Part.COMPANY] | parts[Part.STREET]
    return own | parts[Part.CONTACT] & parts[Part.PLACE]


def _printed_forms() -> Iterator[_Printed]:
    columns = ("pk", "reference", "letter", "standing__status", *(f"customer__{column}" for column in _OF_CUSTOMER))
    rows = Issue.objects.filter(erased_at=None).exclude(standing__status__in=ENDED).order_by().values_list(*columns)
    return (_Printed(*row) for row in rows.iterator(2000))


class _Best:
    """The forms that are best recognised on one page, of those that were taken so far."""

    def __init__(self) -> None:
        self._kept: list[tuple[tuple[bool, float, int], Recognised]] = []

    def take(self, form: Recognised, *, is_open: bool) -> None:
        """Take one more, if it is among the best."""
        # Where two are recognised as well as each other, the one that was issued first.
        ranked = ((is_open, form.score, -form.issue), form)
        if len(self._kept) < MOST_RECOGNISED:
            heapq.heappush(self._kept, ranked)
        else:
            heapq.heappushpop(self._kept, ranked)

    def in_order(self) -> tuple[Recognised, ...]:
        """The best first."""
        return tuple(form for _rank, form in sorted(self._kept, reverse=True))


def _index(holders: Iterable[Iterable[str]]) -> Mapping[str, _Set]:
    """The holders of each word, by their numbers, of what each of them holds."""
    holding: dict[str, _Set] = defaultdict(int)
    for at, words in enumerate(holders):
        for word in words:
            holding[word] |= 1 << at
    return dict(holding)


def _in_at_least(count: int, sets: Iterable[_Set], everything: _Set) -> _Set:
    """The members of at least so many of some sets.

    All members are counted at once: each digit of their counts, in base 2, is a set. The counts begin so that they
    run over as soon as they come to `count`.
    """
    width = count.bit_length()
    begun = (1 << width) - count
    digits = [everything if begun >> place & 1 else 0 for place in range(width)]
    reached = 0
    for carried in sets:
        for place, digit in enumerate(digits):
            digits[place] = digit ^ carried
            carried &= digit
            if not carried:
                break
        reached |= carried
    return reached


def _members(numbers: _Set) -> Iterator[int]:
    """The members of a set, in order."""
    while numbers:
        lowest = numbers & -numbers
        yield lowest.bit_length() - 1
        numbers ^= lowest


def _trigrams(text: str) -> frozenset[str]:
    return frozenset([text[at : at + 3] for at in range(len(text) - 2)])
