"""Which characters the letter's font draws."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase.ttfonts import TTFontFile

from forms.glyphs import name_characters, undrawable
from forms.typeset import FONT_FOLDER


def test_names_from_all_over_europe_can_be_drawn() -> None:
    """Latin names with every common diacritic, Greek and Cyrillic ones, and the punctuation of letters are drawn."""
    names = "Łukasz Żółć Müller & Söhne „Çiçek“ Şahin Göğüş Ångström Øster Œuvre Ķīšī Đorđe Ţ Ț Αθήνα Москва – № € ß ẞ"
    assert undrawable(names) == ()


def test_letters_given_in_parts_count_as_composed() -> None:
    """A name typed on a Mac, letters and accents apart (NFD), is drawn as its composed form."""
    assert undrawable(unicodedata.normalize("NFD", "Göğüş Łódź")) == ()


@pytest.mark.parametrize(
    "character", ["漢", "😀", "\ufffd", "\x00", "\r", "\n", "\t", "\u200b", "\u202e", chr(0xD800), "x\u0302", "\ue000"]
)
def test_what_the_font_cannot_draw_is_named(character: str) -> None:
    """Foreign scripts, controls, invisible characters, lone surrogates and loose accents are found."""
    assert undrawable(f"a{character}b{character}") == (character[-1],)


def test_characters_are_named_so_that_they_can_be_found() -> None:
    """A visible character is shown with its number, an invisible one by its number and name."""
    assert name_characters(("漢", "\u200b")) == "“漢” (U+6F22), U+200B ZERO WIDTH SPACE"


def test_regular_and_bold_draw_the_same_characters() -> None:
    """Asking the regular font answers for the bold one too."""
    regular, bold = (TTFontFile(str(FONT_FOLDER / f"Lato-{face}.ttf")).charToGlyph for face in ("Regular", "Bold"))
    assert {code for code, glyph in regular.items() if glyph} == {code for code, glyph in bold.items() if glyph}


@given(st.text())
def test_each_is_named_once_and_removing_them_all_leaves_a_drawable_text(text: str) -> None:
    """Whatever the text, no character is named twice, and the rest can be drawn."""
    found = undrawable(text)
    assert len(set(found)) == len(found)
    rest = "".join(c for c in unicodedata.normalize("NFC", text) if c not in found)
    assert set(undrawable(rest)) <= set()
