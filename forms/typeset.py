"""Fonts and line breaking: how wide words are, and which of them share a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from forms.issued_form import FontName, TextLine
from forms.messages import Message
from forms.units import pt_to_mm

FONT_FOLDER = Path(__file__).parent / "fonts"
FONT_FILES: dict[FontName, Path] = {
    "regular": FONT_FOLDER / "Lato-Regular.ttf",
    "bold": FONT_FOLDER / "Lato-Bold.ttf",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How a run of text is set."""

    size_pt: float
    leading_pt: float
    font: FontName = "regular"
    colour: str = "#000000"

    @property
    def leading_mm(self) -> float:
        """Distance from baseline to baseline."""
        return pt_to_mm(self.leading_pt)


class TooWide(ValueError):
    """A single word is wider than the line it should stand on."""

    def __init__(self, word: str, width_mm: float) -> None:
        self.what = Message(
            "“{word}” is wider than the {width} mm that there are for it", word=word, width=f"{width_mm:.0f}"
        )
        super().__init__(self.what)
        self.word = word
        self.width_mm = width_mm


@cache
def pdf_font(font: FontName) -> str:
    """Name under which reportlab knows the font; registers its file on first use."""
    name = f"Lato-{font}"
    # Without asciiReadable only the characters that are used travel with the PDF.
    pdfmetrics.registerFont(TTFont(name, FONT_FILES[font], asciiReadable=False))
    return name


class _Advances(dict[str, float]):
    """How far each character moves the pen, in thousandths of the size; kept as characters are asked for."""

    def __init__(self, font: FontName) -> None:
        super().__init__()
        self._face = pdfmetrics.getFont(pdf_font(font)).face

    def __missing__(self, character: str) -> float:
        advance: float = self._face.getCharWidth(ord(character))
        self[character] = advance
        return advance


@cache
def _advances(font: FontName) -> _Advances:
    return _Advances(font)


def text_width_mm(text: str, size_pt: float, font: FontName = "regular") -> float:
    """Width of a text set on one line."""
    return pt_to_mm(0.001 * size_pt * sum(map(_advances(font).__getitem__, text)))


def set_line(text: str, x_mm: float, baseline_mm: float, style: Style) -> TextLine:
    """Set a text on one line, its left end at x."""
    width_mm = text_width_mm(text, style.size_pt, style.font)
    return TextLine(
        text, round(x_mm, 4), round(baseline_mm, 4), round(width_mm, 4), style.size_pt, style.font, style.colour
    )


def set_line_ending_at(text: str, x_mm: float, baseline_mm: float, style: Style) -> TextLine:
    """Set a text on one line, its right end at x."""
    return set_line(text, x_mm - text_width_mm(text, style.size_pt, style.font), baseline_mm, style)


def wrap(text: str, width_mm: float, style: Style, lead: str = "") -> list[list[TextLine]]:
    """Break a text into lines no wider than the width, at spaces only.

    A lead-in is set in bold before the text. Every line is a list of runs with x from 0 and baselines from 0 downwards.
    Raises TooWide for a word that no line can hold.
    """
    words: list[tuple[str, FontName]] = [(word, "bold") for word in lead.split(" ") if word]
    words += [(word, style.font) for word in text.split(" ") if word]
    return [_set_runs(line, index, style) for index, line in enumerate(_break_lines(words, width_mm, style))]


def wrap_text(text: str, width_mm: float, style: Style) -> list[str]:
    """Break a text into lines no wider than the width, at spaces only; raises TooWide for a word no line can hold."""
    words = [word for word in text.split(" ") if word]
    line = " ".join(words)
    if words and text_width_mm(line, style.size_pt, style.font) <= width_mm:
        return [line]
    broken = _break_lines([(word, style.font) for word in words], width_mm, style)
    return [" ".join(word for word, _ in line) for line in broken]


def wrap_anywhere(text: str, width_mm: float, style: Style) -> list[str]:
    """Break a text without spaces into pieces no wider than the width; joined, the pieces are the text again."""
    if text_width_mm(text, style.size_pt, style.font) <= width_mm:
        return [text]
    pieces, piece = [], ""
    for character in text:
        if piece and text_width_mm(piece + character, style.size_pt, style.font) > width_mm:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]


def _break_lines(
    words: list[tuple[str, FontName]], width_mm: float, style: Style
) -> Iterator[list[tuple[str, FontName]]]:
    line: list[tuple[str, FontName]] = []
    used_mm = 0.0
    for word, font in words:
        word_mm = text_width_mm(word, style.size_pt, font)
        if word_mm > width_mm:
            raise TooWide(word, width_mm)
        space_mm = text_width_mm(" ", style.size_pt, font) if line else 0.0
        if line and used_mm + space_mm + word_mm > width_mm:
            yield line
            line, used_mm, space_mm = [], 0.0, 0.0
        line.append((word, font))
        used_mm += space_mm + word_mm
    if line:
        yield line


def _set_runs(line: list[tuple[str, FontName]], index: int, style: Style) -> list[TextLine]:
    runs, x_mm = [], 0.0
    for font, words in groupby(line, key=lambda word: word[1]):
        text = " ".join(word for word, _ in words)
        run_style = Style(style.size_pt, style.leading_pt, font, style.colour)
        run = set_line(text, x_mm, index * style.leading_mm, run_style)
        runs.append(run)
        x_mm += run.width_mm + text_width_mm(" ", style.size_pt, font)
    return runs
