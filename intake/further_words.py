"""Tell that a place, a date or a name holds more than that: "Anna Weber, nicht C", "nur bis 31.12.".

What is written behind a name may restrict the consent as well as a note in the margin. It is told by what a place, a
date or a name cannot contain (words of denial or condition, numbers, words behind a comma or behind all that was
expected), and by handwriting that is far longer than what was expected, however badly it was read. The thresholds are
measured in docs/decisions/0023-ink-on-print.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from forms.issued_form import Customer, FieldName
from intake.plausibility import AGREES_FROM, TITLES, begins_like_a_month, parse_date, words_in
from intake.text_recognition import Word

READ_FROM = 0.5
"""Confidence from which a word further than expected counts."""
LETTERS_IN_DATE_FROM = 0.75
"""The same for letters in a date: digits are read as letters at times, but not as surely."""
CONDITION_FROM = 0.3
"""The same for a word that is alike one of a condition, however surely it was read."""
SURE_FROM, ALIKE_FROM, SURELY_ALIKE_FROM = 0.85, 0.8, 0.9
"""Confidence from which a word stands there as it was read; likeness to a word of a condition below that, and from it
on: "Heine" was not misread for "keine" if it was read surely."""
SHORT_BELOW = 5
"""Letters below which a word of a condition must be read as it is: too many names are like it."""
DATE_STROKES, DATE_AND_WORD_STROKES = 17, 14
"""Strokes side by side from which more is written than a date in digits; and from which it is so if behind the first
word another one has letters, however badly it was read: a long date is read as one word, or as digits."""
STROKES_PER_LETTER, FURTHER_STROKES = 2.2, 4
"""Strokes of each expected letter, and beside all of them, from which more is written than a place or a name."""
PLACE_STROKES, NAME_STROKES = 30, 36
"""The least of such limits: who signs elsewhere, or for a colleague, may need that much."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


CONDITIONS = _set(
    """
    nicht nein kein keine keinen keinerlei keinesfalls nie niemals nur ausser ausserhalb ausgenommen
    ausschliesslich ohne sofern falls solange erst gilt bis widerruf widerrufen widersprochen widerspruch vorbehalt
    vorbehaltlich entfaellt entfallen abgelehnt ablehnung lehne einverstanden zugestimmt siehe anlage anhang rueckseite
    anruf absprache ruecksprache bedingung bedingt befristet probeweise vorerst vorlaeufig ungueltig gestrichen
    genehmigung zugriff server
    not none only except without until unless subject provided refuse refused rejected declined pending void condition
    conditional conditions temporarily attached enclosed agreed disagree
    """
)
"""Words of denial or condition as `words_in` gives them; any other such word is told only by where it stands."""
_FILLERS = _set("den dem der die das am an im in bei ob und auf bad vor")
_RIVERS = _set("main oder saale havel spree rhein ruhr neckar isar donau weser elbe")
_ROLES = _set(
    """
    geschaeftsfuehrer geschaeftsfuehrerin geschaeftsfuehrung geschf inhaber inhaberin prokurist prokuristin prokura
    vorstand leiter leiterin leitung gf ppa von van de zu vom zum
    """
)
_BRACKETS, _DASHES = ("(", "["), ("-", "–", "—")
"""A dash stands alone: what ends or begins with one is a double name."""
_LEAST_LETTERS, _LEAST_LETTERS_READ, _LEAST_DIGITS, _POSTAL_CODE_DIGITS = 3, 2, 3, 5
_LETTERS_FOR_EACH_ASTRAY = 4
"""Of so many letters of a condition one may be lost or added."""
_WORDS_OF_A_NAME, _MOST_WORDS, _DIGITS_OF_TWO_DATES = 2, 3, 10
"""Of two words the first may be the family name, with a comma behind it."""


def holds_further_words(field: FieldName, words: Sequence[Word], strokes: int, customer: Customer) -> bool:
    """Say whether more stands in a text field than belongs there; `strokes` lie side by side in it."""
    expected = {"place": customer.city, "date": "", "name": customer.contact}[field]
    known = words_in(" ".join((expected, customer.company)))
    if any(is_condition(word) for word in words if not _is_one_of(word.text, known)):
        return True
    if field == "date":
        return _is_more_than_a_date(words, strokes)
    least, fillers = (PLACE_STROKES, _FILLERS | _RIVERS) if field == "place" else (NAME_STROKES, TITLES | _ROLES)
    letters = len("".join(words_in(expected)))
    is_long = strokes >= max(least, STROKES_PER_LETTER * letters + FURTHER_STROKES)
    own = [word for word in words if word.confidence >= READ_FROM]
    may_be_turned = field == "name" and len(own) == _WORDS_OF_A_NAME
    separated = len(own) if may_be_turned else _first_separated(own)
    begins = min(separated, _end_of_expected(own, words_in(expected)))
    return is_long or _has_number(own, field) or _goes_on(own, begins, known, fillers)


def is_condition(word: Word, from_confidence: float = CONDITION_FROM) -> bool:
    """Tell a word of denial or condition, as poor recognition spells it."""
    alike_from = SURELY_ALIKE_FROM if word.confidence >= SURE_FROM else ALIKE_FROM
    return word.confidence >= from_confidence and any(_is_alike(part, alike_from) for part in words_in(word.text))


def _is_alike(part: str, alike_from: float) -> bool:
    if part in CONDITIONS:
        return len(part) >= _LEAST_LETTERS
    if len(part) < SHORT_BELOW:
        return False
    return any(
        len(condition) >= SHORT_BELOW
        and abs(len(part) - len(condition)) <= len(condition) // _LETTERS_FOR_EACH_ASTRAY
        and SequenceMatcher(None, part, condition).ratio() >= alike_from
        for condition in CONDITIONS
    )


def _is_more_than_a_date(words: Sequence[Word], strokes: int) -> bool:
    letters = [part for word in words if word.confidence >= LETTERS_IN_DATE_FROM for part in _letters(word)]
    if any(part not in _FILLERS and not begins_like_a_month(part) for part in letters):
        return True
    digits = "".join(character for word in words if word.confidence >= READ_FROM for character in _digits(word))
    is_long = strokes >= DATE_STROKES or (strokes >= DATE_AND_WORD_STROKES and any(map(_has_letters, words[1:])))
    in_words = any(begins_like_a_month(part) for word in words for part in _letters(word))
    return len(digits) >= _DIGITS_OF_TWO_DATES or (is_long and not in_words)


def _has_number(words: Sequence[Word], field: FieldName) -> bool:
    """Tell a number behind something else: neither a postal code nor the date that some write behind the place."""
    numbers = [digits for word in words[1:] if len(digits := _digits(word)) >= _LEAST_DIGITS]
    if field == "place":
        dated = parse_date(" ".join(word.text for word in words)) is not None
        return not dated and any(len(digits) != _POSTAL_CODE_DIGITS for digits in numbers)
    return bool(numbers)


def _goes_on(words: Sequence[Word], begins: int, known: Sequence[str], fillers: frozenset[str]) -> bool:
    """Tell words from where something else begins, or more of them than a place or a name has."""
    counted = [index for index, word in enumerate(words) if any(part not in fillers for part in _letters(word))]
    further = [index for index in counted if not _is_one_of(words[index].text, known)]
    return any(index >= begins for index in further) or (bool(further) and len(counted) > _MOST_WORDS)


def _end_of_expected(words: Sequence[Word], expected: Sequence[str]) -> int:
    """Give the index behind the last word of what was expected; that behind all words where not all of it is there."""
    places = [
        next((index for index, word in enumerate(words) if _is_one_of(word.text, [part])), None) for part in expected
    ]
    found = [place for place in places if place is not None]
    return max(found) + 1 if found and len(found) == len(places) else len(words)


def _first_separated(words: Sequence[Word]) -> int:
    """Give the index of the first word behind a comma, a dash or a bracket; that behind all words if there is none."""
    texts = [word.text for word in words]
    behind = (
        index
        for index in range(1, len(texts))
        if texts[index].startswith(_BRACKETS) or texts[index - 1].endswith(",") or texts[index - 1] in _DASHES
    )
    return next(behind, len(texts))


def _is_one_of(text: str, known: Sequence[str]) -> bool:
    return any(SequenceMatcher(None, part, name).ratio() >= AGREES_FROM for part in words_in(text) for name in known)


def _letters(word: Word) -> list[str]:
    """Give the parts of a word that are letters alone, long enough to be words: both of "Mo-Fr" together are."""
    parts = [part for part in words_in(word.text) if part.isalpha()]
    whole = ["".join(parts)] if len(parts) > 1 and "." not in word.text else []
    return [part for part in (*parts, *whole) if len(part) >= _LEAST_LETTERS]


def _has_letters(word: Word) -> bool:
    return sum(map(str.isalpha, word.text)) >= _LEAST_LETTERS_READ


def _digits(word: Word) -> str:
    return "".join(filter(str.isdigit, word.text))
