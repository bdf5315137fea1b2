"""Whether what stands in a text field fits what is known of the customer and the form. It never alters what was read.

That it does not fit is no fault by itself: people sign away from home, and colleagues for each other. Only a date that
cannot be true is a reason to look (`intake.decision`).
"""

from __future__ import annotations

import re
from datetime import date
from difflib import SequenceMatcher

from forms.issued_form import FieldName, IssuedForm
from forms.plain_text import plain

AGREES_FROM = 0.75
"""Similarity (0 to 1) from which a word counts as the expected one: one letter in four misread."""

_MONTHS = ("jan", "feb", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez")
_DATE = re.compile(r"(?<!\d)([0-3]?\d)\s?[.,/\-]\s?([01]?\d)\s?[.,/\-]\s?((?:20)?\d\d)(?!\d)")
_DATE_IN_WORDS = re.compile(r"(?<!\d)([0-3]?\d)\s?[.,]?\s?([^\W\d_]{3})[^\W\d_]*\.?\s+((?:20)?\d\d)(?!\d)")
_ISO_DATE = re.compile(r"(?<!\d)(20\d\d)-([01]\d)-([0-3]\d)(?!\d)")
TITLES = frozenset({"herr", "frau", "dr", "prof", "dipl", "ing", "med", "mag"})
_SPELT_OUT = {"ä": "ae", "ö": "oe", "ü": "ue"}
_SHORTEST_NAME = 3
_MONTH_LETTERS = 3


def agrees(field: FieldName, value: str, form: IssuedForm, today: date) -> bool | None:
    """Say whether a field's value fits; None where nothing is known that it could fit. `today` is the local date."""
    if field == "date":
        return form.issued_on <= date.fromisoformat(value) <= today
    if field == "place":
        return _is_place(value, form.customer.city) if form.customer.city else None
    if form.customer.contact:
        return _is_name(value, form.customer.contact)
    return _is_name(value, form.customer.company) or None  # the company may bear its owner's name, or nobody's


def parse_date(text: str) -> date | None:
    """Understand a date as people write it: 1.12.2026, 01.12.26, 1. Dezember 2026 or 2026-12-01; None for no date."""
    if match := _ISO_DATE.search(text):
        year, month, day = (int(group) for group in match.groups())
    elif match := _DATE.search(text):
        day, month, year = (int(group) for group in match.groups())
    elif (match := _DATE_IN_WORDS.search(text)) and _month(match[2]):
        day, month, year = int(match[1]), _month(match[2]), int(match[3])
    else:
        return None
    try:
        return date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        return None


def similarity(left: str, right: str) -> float:
    """Compare two texts regardless of case, accents and punctuation: 0 nothing in common, 1 the same."""
    return SequenceMatcher(None, plain(left), plain(right)).ratio()


def begins_like_a_month(word: str) -> bool:
    """Tell a month in words, or its beginning."""
    return bool(_month(word[:_MONTH_LETTERS]))


def _month(word: str) -> int:
    """The month that a word begins like, counted from 1; 0 for none."""
    beginning = word.casefold().replace("maerz", "mär").replace("mar", "mär").replace("mae", "mär")
    return _MONTHS.index(beginning) + 1 if beginning in _MONTHS else 0


def _is_place(value: str, city: str) -> bool:
    """Tell whether a place is the city, a part of it, or the city without what tells it from others of its name."""
    said, known = ([word for word in words_in(text) if len(word) >= _SHORTEST_NAME] for text in (value, city))
    if not said or not known:
        return False
    alike = similarity(_spelt_out(value), _spelt_out(city)) >= AGREES_FROM
    return alike or (_alike(said[0], known[0]) and len(said[0]) > _SHORTEST_NAME)


def _is_name(value: str, known: str) -> bool:
    """Tell whether a name is the known one: in any order, with initials or without first names, without titles."""
    said, expected = ([word for word in words_in(text) if word not in TITLES] for text in (value, known))
    whole = [word for word in said if len(word) >= _SHORTEST_NAME]
    initials = [word for word in said if len(word) < _SHORTEST_NAME]
    return (
        bool(whole)
        and all(any(_alike(word, other) for other in expected) for word in whole)
        and all(any(other.startswith(initial) for other in expected) for initial in initials)
    )


def _alike(word: str, other: str) -> bool:
    return SequenceMatcher(None, word, other).ratio() >= AGREES_FROM


def words_in(text: str) -> list[str]:
    """Give the words of a text, without case, accents and punctuation."""
    return [word for part in re.split(r"[\s\-.,/()]+", _spelt_out(text)) if (word := plain(part))]


def _spelt_out(text: str) -> str:
    """Write umlauts as two letters, as some people do: Koeln is Köln."""
    return "".join(_SPELT_OUT.get(character, character) for character in text.casefold())
