"""Which characters the letter's font can draw: asked before anything is issued, so that no word comes out as boxes."""

from __future__ import annotations

import unicodedata
from functools import cache

from reportlab.pdfbase.ttfonts import TTFontFile

from forms.typeset import FONT_FOLDER

_UNDRAWN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn", "Mc", "Me"})
"""Controls, invisible characters, and marks that would have to be set over a letter: we put no such pairs together."""


def undrawable(text: str) -> tuple[str, ...]:
    """Return the characters of the text that the letter's font cannot draw, each once, in order of appearance.

    The text is taken in its composed form (NFC): a letter and its accent that Unicode knows as one character count as
    that character.
    """
    composed = unicodedata.normalize("NFC", text)
    return tuple(dict.fromkeys(character for character in composed if not _can_draw(character)))


def name_characters(characters: tuple[str, ...]) -> str:
    """Name characters so that staff can find them: the character where it can be shown, and its number."""
    return ", ".join(_name(character) for character in characters)


def _can_draw(character: str) -> bool:
    if unicodedata.category(character) in _UNDRAWN_CATEGORIES:
        return False
    # Glyph 0 is the font's picture for "not known".
    return _glyphs().get(ord(character), 0) != 0


def _name(character: str) -> str:
    number = f"U+{ord(character):04X}"
    known_as = unicodedata.name(character, "")
    if unicodedata.category(character) in _UNDRAWN_CATEGORIES or not character.isprintable():
        return f"{number} {known_as}".rstrip()
    return f"“{character}” ({number})"


@cache
def _glyphs() -> dict[int, int]:
    font = TTFontFile(str(FONT_FOLDER / "Lato-Regular.ttf"))
    return dict(font.charToGlyph)
