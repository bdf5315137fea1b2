"""Find single characters of the customer's own lines that are others than were printed: 10245 come back as 10246.

Correlation hardly falls where one digit of a whole piece is exchanged. So each character is asked for by itself: of all
that differs between it and one that could stand in its place, how much does the page show? 0 is what was printed, 1 is
the other. See docs/decisions/0014-exchanged-characters.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from forms.issued_form import FontName, TextLine
from forms.typeset import FONT_FILES
from forms.units import PT_PER_INCH, BoxMm
from intake.sampling import best_corner, cut_at
from intake.sheet import Sheet
from intake.sheet_grid import SHEET_DPI, Mask, box_of, px_per_mm

EXCHANGED_FROM = 0.6
"""How much of the difference to another character the page must show, 0 to 1, to show that one."""
SUSPECTED_FROM, FITS_BETTER_BY = 0.15, 0.03
"""The same from which a character is looked at with its neighbours alone, and the correlation by which the other one
must fit better there: where it is wider or narrower than the printed one, the rest of the word moved and hides it."""
LEAST_DIFFERENCE = 1.5
"""Below this difference (squared blackness, summed over pixels) two characters look alike in so blurred a picture."""

_GROUPS = ("0123456789", "abcdefghijklmnopqrstuvwxyzäöüß", "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ")
_WIDTH_WITHIN, _WIDTH_WITHIN_EM = 0.3, 0.13
"""Characters whose widths differ by more than this share, and by more than this, look different altogether, and their
piece is unlike: a share alone left out narrow ones, of which r for i passed."""
_BLURS_PX = (0.5, 0.8, 1.1, 1.5, 2.0)
_BLUR_WORDS = 5
_REACH_PX, _MARGIN_PX = 3, 4
_ABOVE_EM, _BELOW_EM, _ASIDE_PX = 0.9, 0.35, 3
_FINER = 4
_LEAST_CONTRAST = 0.1
_NOT_SPACE = re.compile(r"\S+")

Ink = NDArray[np.float32]
"""Blackness of pixels: 0 paper, 1 black."""


@dataclass(frozen=True, slots=True)
class AskedCharacter:
    """One printed character, and the other one that the page comes nearest to."""

    line: TextLine
    printed: str
    other: str
    """Of those nearly as wide as the printed one, the one that the page comes nearest to."""
    towards: float
    """How much of the difference between the two the page shows: 0 none, the printed one; 1 all of it, the other."""
    box_mm: BoxMm


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a printed line, on the sheet's grid."""

    line: TextLine
    text: str
    pens_px: tuple[float, ...]
    """Where each character begins, and where the last ends."""
    baseline_px: float
    region: tuple[slice, slice]
    """Rows and columns that hold the word and a margin."""


@dataclass(frozen=True, slots=True)
class _CutWord:
    """A word as it was printed, and the part of the page in which it is looked for."""

    word: _Word
    printed: Ink
    window: Ink


@dataclass(frozen=True, slots=True)
class _SeenWord:
    """A word as the page shows it, beside what was printed, both on the sheet's grid and equally blurred."""

    seen: Ink
    printed: Ink


def exchanged_characters(sheet: Sheet, handwriting: Mask) -> tuple[AskedCharacter, ...]:
    """Give the characters of the customer's own lines in whose place the page shows others.

    Words under `handwriting` are left out: nothing can be said about the print beneath.
    """
    return tuple(asked_characters(sheet, handwriting, only_exchanged=True))


def asked_characters(sheet: Sheet, handwriting: Mask, *, only_exchanged: bool = False) -> Iterator[AskedCharacter]:
    """Ask for each character of the customer's own lines what the page shows in its place."""
    words = [
        word
        for line in sheet.issued.own.text_lines
        for word in _cut_out(sheet, [word for word in _words(line) if _is_open(word, sheet, handwriting)])
    ]
    if not words:
        return
    blur_px = _blur_of(words)
    for word in words:
        yield from _asked(word, blur_px, only_exchanged=only_exchanged)


def _words(line: TextLine) -> Iterator[_Word]:
    em_px, baseline_px = _em_px(line.size_pt), line.baseline_mm * px_per_mm()
    rows = slice(
        int(baseline_px - _ABOVE_EM * em_px) - _MARGIN_PX, int(baseline_px + _BELOW_EM * em_px) + 1 + _MARGIN_PX
    )
    advances = [_advance_em(character, line.font) * em_px for character in line.text]
    pens_px = (line.x_mm * px_per_mm() + np.cumsum([0.0, *advances])).tolist()
    for word in _NOT_SPACE.finditer(line.text):
        first, end = word.span()
        columns = slice(int(pens_px[first]) - _MARGIN_PX, int(pens_px[end]) + 1 + _MARGIN_PX)
        yield _Word(line, word.group(), tuple(pens_px[first : end + 1]), baseline_px, (rows, columns))


def _is_open(word: _Word, sheet: Sheet, handwriting: Mask) -> bool:
    return _has_room(word, sheet) and not bool(handwriting[word.region].any())


def _cut_out(sheet: Sheet, words: Sequence[_Word]) -> Iterator[_CutWord]:
    """Cut the words of one line out of the page and its blank."""
    if not words:
        return
    rows, left = words[0].region[0], words[0].region[1].start - _REACH_PX
    strip = np.s_[rows.start - _REACH_PX : rows.stop + _REACH_PX, left : words[-1].region[1].stop + _REACH_PX]
    seen, printed = _ink(sheet.flat[strip]), _ink(sheet.issued.own_blank[strip])
    for word in words:
        first, end = word.region[1].start - left, word.region[1].stop - left
        window = seen[:, first - _REACH_PX : end + _REACH_PX]
        yield _CutWord(word, printed[_REACH_PX:-_REACH_PX, first:end], window)


def _has_room(word: _Word, sheet: Sheet) -> bool:
    rows, columns = word.region
    height, width = sheet.flat.shape
    return bool(
        min(rows.start, columns.start) >= _REACH_PX
        and rows.stop + _REACH_PX <= height
        and columns.stop + _REACH_PX <= width
    )


def _blur_of(words: Sequence[_CutWord]) -> float:
    """How blurred the page is, by its longest words: the blur at which the print is most like it."""
    longest = sorted(words, key=lambda each: -len(each.word.text))[:_BLUR_WORDS]
    return _BLURS_PX[int(np.sum([_likeness_by_blur(each) for each in longest], axis=0).argmax())]


def _likeness_by_blur(word: _CutWord) -> Ink:
    """Correlate a word with what was printed, at each blur, in the place where it is found with a middling one."""
    printed, window = word.printed, word.window
    blurred = [cv2.GaussianBlur(printed, (0, 0), blur_px) for blur_px in _BLURS_PX]
    _, _, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(window, blurred[len(blurred) // 2], cv2.TM_CCOEFF_NORMED))
    seen = window[y : y + printed.shape[0], x : x + printed.shape[1]]
    by_blur = np.reshape(blurred, (len(blurred), -1))
    by_blur = by_blur - by_blur.mean(axis=1, keepdims=True)
    spreads = np.sqrt(np.einsum("ij,ij->i", by_blur, by_blur) * max(float(seen.var()) * seen.size, 1e-6))
    return np.asarray(by_blur @ seen.ravel() / np.maximum(spreads, 1e-6))


def _compared(word: _CutWord, blur_px: float) -> _SeenWord:
    """Find the word near its place, to a fraction of a pixel."""
    printed = np.asarray(cv2.GaussianBlur(word.printed, (0, 0), blur_px), dtype=np.float32)
    _, corner = best_corner(word.window, printed)
    return _SeenWord(cut_at(word.window, corner, printed.shape), printed)


def _asked(cut: _CutWord, blur_px: float, *, only_exchanged: bool) -> Iterator[AskedCharacter]:
    """Take out what was printed, in the page's own contrast, and look at what is left for other characters."""
    found = _compared(cut, blur_px)
    printed = found.printed - np.float32(cv2.mean(found.printed)[0])
    contrast = float(np.vdot(printed, found.seen) / np.vdot(printed, printed))
    if contrast < _LEAST_CONTRAST:
        return  # nothing like the word is there: its pieces are unlike, and found by that
    left_over = (found.seen - np.float32(cv2.mean(found.seen)[0])) / np.float32(contrast) - printed
    left_up_to = np.concatenate(([0.0], np.cumsum(np.einsum("ij,ij->j", left_over, left_over))))
    word, (rows, columns), line = cut.word, cut.word.region, cut.word.line
    baseline_px = word.baseline_px - rows.start
    up_to, width = left_up_to.tolist(), len(left_up_to) - 1
    for index, (character, (pen_px, next_px)) in enumerate(zip(word.text, pairwise(word.pens_px), strict=True)):
        others = _differences(character, line.font, line.size_pt, blur_px)
        if not others.characters:
            continue
        corner = (pen_px - columns.start - _ASIDE_PX, baseline_px - others.above_px)
        left = int(corner[0])
        left_over_here = up_to[min(left + others.shape[1] + 2, width)] - up_to[max(0, left)]
        if only_exchanged and left_over_here < SUSPECTED_FROM**2 * others.smallest:
            continue  # too little for that, by Schwarz's inequality
        shown = others.directions @ cut_at(left_over, corner, others.shape).ravel()
        best = int(shown.argmax())
        other, towards = others.characters[best], float(shown[best])
        if only_exchanged and towards < SUSPECTED_FROM:
            continue
        if only_exchanged and towards < EXCHANGED_FROM and not _fits_better(cut, index, other, blur_px):
            continue
        box = box_of(rows, slice(round(pen_px), round(next_px)))
        yield AskedCharacter(word.line, character, other, round(towards, 3), box)


def _fits_better(cut: _CutWord, index: int, other: str, blur_px: float) -> bool:
    """Tell whether another character between a printed one's neighbours fits the page better than that one does."""
    as_printed, as_other = (_likeness(cut, index, each, blur_px) for each in (cut.word.text[index], other))
    return as_other - as_printed >= FITS_BETTER_BY


def _likeness(cut: _CutWord, index: int, character: str, blur_px: float) -> float:
    """Correlate a character and the printed one's neighbours, set as a line is, with the page where they fit best."""
    word, line, first = cut.word, cut.word.line, max(0, index - 1)
    text = word.text[first:index] + character + word.text[index + 1 : index + 2]
    em_px, (rows, columns) = _em_px(line.size_pt), word.region
    pens_px = np.cumsum([word.pens_px[first], *(_advance_em(each, line.font) * em_px for each in text)]).tolist()
    left = int(pens_px[0]) - _ASIDE_PX
    drawn: Ink = np.zeros((rows.stop - rows.start, int(pens_px[-1]) + _ASIDE_PX - left), np.float32)
    down = round(_ABOVE_EM * em_px) - (word.baseline_px - rows.start)
    for each, pen_px in zip(text, pens_px[:-1], strict=True):
        drawn += cut_at(_drawn(each, line.font, line.size_pt), (left + _ASIDE_PX - pen_px, down), drawn.shape)
    drawn = np.asarray(cv2.GaussianBlur(drawn, (0, 0), blur_px), dtype=np.float32)
    start = left - columns.start
    window = cut.window[:, start : start + drawn.shape[1] + 2 * _REACH_PX]
    _, corner = best_corner(window, drawn)
    return float(cv2.matchTemplate(cut_at(window, corner, drawn.shape), drawn, cv2.TM_CCOEFF_NORMED)[0, 0])


@dataclass(frozen=True, slots=True)
class _Differences:
    """What tells a character from each that could stand in its place."""

    characters: str
    directions: Ink
    """Shape (characters, pixels): each times what is left over of the page says how much of the difference it shows."""
    shape: tuple[int, int]
    above_px: int
    """Rows above the baseline."""
    smallest: float
    """The smallest of the differences, squared and summed over pixels."""


@lru_cache(maxsize=512)
def _differences(printed: str, font: FontName, size_pt: float, blur_px: float) -> _Differences:
    own = _glyph(printed, font, size_pt, blur_px)
    directions, characters, sizes = [], "", [np.inf]
    for other in _could_stand_for(printed, font):
        difference = (_glyph(other, font, size_pt, blur_px) - own).ravel()
        size = float(difference @ difference)
        if size >= LEAST_DIFFERENCE:
            directions.append(difference / size)
            sizes.append(size)
            characters += other
    above_px = round(_ABOVE_EM * _em_px(size_pt))
    return _Differences(characters, np.array(directions, np.float32), own.shape, above_px, min(sizes))


@lru_cache(maxsize=512)
def _could_stand_for(printed: str, font: FontName) -> str:
    base = unicodedata.normalize("NFD", printed)[0]
    alike = "".join(group for group in _GROUPS if printed in group or base in group)
    width_em = _advance_em(printed, font)
    most_em = max(_WIDTH_WITHIN * width_em, _WIDTH_WITHIN_EM)
    return "".join(other for other in alike if other != printed and abs(_advance_em(other, font) - width_em) <= most_em)


def draw_characters(styles: Iterable[tuple[FontName, float]]) -> None:
    """Draw all characters that are asked about in some fonts and sizes (pt), so that they need not be drawn later."""
    for font, size_pt in styles:
        for character in chain.from_iterable(_GROUPS):
            _drawn(character, font, size_pt)


@lru_cache(maxsize=2048)
def _glyph(character: str, font: FontName, size_pt: float, blur_px: float) -> Ink:
    """A character on the sheet's grid, as blurred as the page."""
    return np.asarray(cv2.GaussianBlur(_drawn(character, font, size_pt), (0, 0), blur_px), dtype=np.float32)


@lru_cache(maxsize=2048)
def _drawn(character: str, font: FontName, size_pt: float) -> Ink:
    """Draw a character on the sheet's grid, its pen at a whole pixel; of a size that holds every character."""
    em_px = _em_px(size_pt)
    above, below, width = round(_ABOVE_EM * em_px), round(_BELOW_EM * em_px), round(em_px) + 2 * _ASIDE_PX
    canvas = Image.new("L", (width * _FINER, (above + below) * _FINER), 0)
    pen = (_ASIDE_PX * _FINER, above * _FINER)
    ImageDraw.Draw(canvas).text(pen, character, font=_face(font, em_px * _FINER), fill=255, anchor="ls")
    fine = np.asarray(canvas, dtype=np.float32) / 255
    return np.asarray(fine.reshape(above + below, _FINER, width, _FINER).mean(axis=(1, 3)), dtype=np.float32)


@lru_cache(maxsize=4096)
def _advance_em(character: str, font: FontName) -> float:
    return _face(font, 1000.0).getlength(character) / 1000


@lru_cache(maxsize=32)
def _face(font: FontName, size_px: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT_FILES[font]), size_px, layout_engine=ImageFont.Layout.BASIC)


def _em_px(size_pt: float) -> float:
    return size_pt / PT_PER_INCH * SHEET_DPI


def _ink(picture: NDArray[np.uint8]) -> Ink:
    return np.asarray((255 - picture.astype(np.float32)) / 255, dtype=np.float32)
