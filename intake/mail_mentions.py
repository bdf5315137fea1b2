"""What in a mail's words may speak of a customer or a form of ours; the registry knows whether it does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forms.page_code import ALPHABET, FORM_ID_LENGTH, REFERENCE_LENGTH, reference

_MOST_TOKENS = 3_000
_LOOKED_AT = 50_000
_SHORTEST_BARE_NUMBER = 4
"""Digits of a customer number that is nothing else: shorter ones stand in every date."""
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_REFERENCE = re.compile(rf"(?<!\w)([{ALPHABET}]{{4}})[ -]?([{ALPHABET}]{{4}})[ -]?([{ALPHABET}]{{2}})(?!\w)")
_WORDS = re.compile(
    r"\banbei\b|\bim anhang\b|\bbeigefügt|\bbeiliegend|\bals anlage\b|\bunterschrieben|\bunterzeichnet|\bausgefüllt"
    r"|\bformular|\beinwilligung|\bzustimmung|\beinverstanden|\bwiderruf|\bvariante [ab]\b|\bfernwartung"
    r"|\bkunden-?(?:nummer|nr)|\bkd\.?-?\s?nr"
    r"|\battached\b|\benclosed\b|\bsigned\b|\bconsent|\bwithdraw|\bvariant [ab]\b|\bremote support\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """Words that may mean something to the registry."""

    speaks_of_forms: bool
    """The mail speaks of an enclosure, a form, a consent, a customer's number: in German or English."""
    references: frozenset[str]
    """Readable codes of forms, spelled as on the letter; their check characters are right."""
    form_ids: frozenset[str]
    numbers: frozenset[str]
    """What could be a customer's number, as written and in capitals."""
    text: str
    """Subject and text in one, folded: to look for titles of letters in."""


def mentions_in(subject: str, text: str) -> Mentions:
    """Find the words that count."""
    whole = f"{subject}\n{text}"[:_LOOKED_AT]
    tokens = [found.rstrip("._-") for found in _TOKEN.findall(whole)[:_MOST_TOKENS]]
    told = {token for token in tokens if not token.isdigit() or len(token) >= _SHORTEST_BARE_NUMBER}
    spelled = told | {token.upper() for token in told}
    return Mentions(
        speaks_of_forms=_WORDS.search(whole) is not None,
        references=frozenset(_references(whole.upper())),
        form_ids=frozenset(token for token in spelled if len(token) == FORM_ID_LENGTH and set(token) <= set(ALPHABET)),
        numbers=frozenset(token for token in spelled if any(sign.isdigit() for sign in token)),
        text=" ".join(whole.casefold().split()),
    )


def _references(text: str) -> list[str]:
    spelled = []
    for head, tail, check in _REFERENCE.findall(text):
        found = reference((head + tail).ljust(FORM_ID_LENGTH, ALPHABET[0])[:FORM_ID_LENGTH])
        if len(head + tail) == REFERENCE_LENGTH and found.endswith(check):
            spelled.append(found)
    return spelled
