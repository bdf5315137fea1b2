"""A customer's part of a page in PDF's own words: text in the static letter's fonts, and the page code."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from forms.draw import EmbeddedFont
from forms.issued_form import FontName, OwnPage, PageGeometry
from forms.page_code import code_modules, code_runs
from forms.units import BoxMm, mm_to_pt


@dataclass(frozen=True, slots=True)
class OwnContent:
    """What a page needs beside the static letter."""

    page: bytes
    """Operators to be run after the page's static ones; they call for the page code as /Code."""
    code: bytes
    """Operators that draw the page code in a square of `modules` units, from (0, 0) upwards and to the right."""
    modules: int


def own_content(fonts: Mapping[FontName, EmbeddedFont], page: PageGeometry, own: OwnPage) -> OwnContent:
    """Write a customer's part of a page; raises UnicodeEncodeError for a character that the fonts do not carry."""
    modules = code_modules(own.code)
    count = len(modules)
    squares = "".join(f"{start} {count - 1 - row} {end - start} 1 re\n" for row, start, end in code_runs(modules))
    codes = "".join(_placed_code(box, page.height_mm, count) for box in page.codes_mm)
    words = "".join(
        f"{_colour(line.colour)} {fonts[line.font].resource} {line.size_pt:g} Tf "
        f"1 0 0 1 {mm_to_pt(line.x_mm):.4f} {mm_to_pt(page.height_mm - line.baseline_mm):.4f} Tm "
        f"<{_encoded(line.text, fonts[line.font])}> Tj\n"
        for line in own.text_lines
    )
    return OwnContent(f"q\nBT\n{words}ET\n0 g\n{codes}Q\n".encode("ascii"), f"{squares}f\n".encode("ascii"), count)


def _encoded(text: str, font: EmbeddedFont) -> str:
    """Spell a text in the font's codes, as hexadecimal digits: no bracket or backslash in it can mean anything."""
    return codecs.charmap_encode(text, "strict", font.codes)[0].hex()


def _placed_code(box: BoxMm, height_mm: float, modules: int) -> str:
    scale = mm_to_pt(box.width) / modules
    return f"q {scale:.6f} 0 0 {scale:.6f} {mm_to_pt(box.x0):.4f} {mm_to_pt(height_mm - box.y1):.4f} cm /Code Do Q\n"


@lru_cache(maxsize=64)
def _colour(colour: str) -> str:
    """Write a colour such as #004a99 as the operator that fills with it."""
    red, green, blue = (value / 255 for value in bytes.fromhex(colour[1:]))
    return f"{red:.4g} {green:.4g} {blue:.4g} rg"
