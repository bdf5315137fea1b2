"""What people do to the printed words: strike one, circle one, write over a letter, cover lines, print or paste others.

Each is small on purpose. A consent whose "nicht" was struck out is another consent, however little ink that took.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.units import BoxMm, mm_to_px, px_to_mm
from simulation.handwriting import Writer, write
from simulation.paper import Picture, Rgb, Sheet
from simulation.pens import Pen, draw
from simulation.people import PLAIN_PEN, PLAIN_WRITER, Desk, Left, Trace, printed_lines
from simulation.strokes import bounds, move, spline, stroke

PAPER: Rgb = (255, 255, 255)
CORRECTION_FLUID: Rgb = (250, 250, 246)
STICKY_NOTE: Rgb = (255, 242, 130)
_WORD_GAP_MM = 0.55
_SHORT_WORD_MM, _LONG_WORD_MM = 3.5, 16.0
_OTHER_MM = 0.5
_OPTION_MM = 26.0


@dataclass(frozen=True, slots=True)
class StrikeWord:
    """Strike a single printed word of an option out."""

    option: str
    pen: Pen = PLAIN_PEN

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw one stroke through its middle, hardly longer than it."""
        place, word = _word_of(desk, self.option, rng)
        start, end = word.x0 - rng.uniform(-0.3, 1.0), word.x1 + rng.uniform(-0.3, 1.0)
        middle = word.centre[1] + rng.normal(0, 0.15)
        path = stroke((start, middle + rng.normal(0, 0.3)), (end, middle + rng.normal(0, 0.3)))
        return Left(Trace.STRIKE_OUT, self.option, "", place + 1, draw(desk.sheets[place], [path], self.pen, rng))


@dataclass(frozen=True, slots=True)
class UnderlineWord:
    """Underline a single printed word of an option."""

    option: str
    pen: Pen = PLAIN_PEN

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw one stroke beneath it."""
        place, word = _word_of(desk, self.option, rng)
        foot = word.y1 + rng.uniform(0.1, 0.7)
        path = stroke((word.x0 - rng.uniform(-0.3, 0.6), foot), (word.x1 + rng.uniform(-0.3, 0.8), foot))
        return Left(Trace.NOTE, self.option, "", place + 1, draw(desk.sheets[place], [path], self.pen, rng))


@dataclass(frozen=True, slots=True)
class CircleWord:
    """Circle a single printed word of an option."""

    option: str
    pen: Pen = PLAIN_PEN

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw a loop around it."""
        place, word = _word_of(desk, self.option, rng)
        turns = np.linspace(-2.0, -2.0 + 2 * np.pi * rng.uniform(0.97, 1.1), 22)
        half = np.array((word.width + rng.uniform(1.5, 3.5), word.height + rng.uniform(1.2, 3.0))) / 2
        loop = np.stack([np.cos(turns), np.sin(turns)], axis=1) * half * 1.1 * (1 + rng.normal(0, 0.02, (22, 2)))
        box = draw(desk.sheets[place], [spline(loop + np.array(word.centre))], self.pen, rng)
        return Left(Trace.CIRCLE, self.option, "", place + 1, box)


@dataclass(frozen=True, slots=True)
class WriteOver:
    """Write a character over a printed one of an option, in its size: a digit or letter made another."""

    option: str
    pen: Pen = PLAIN_PEN
    writer: Writer = PLAIN_WRITER

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Write it at the beginning or the end of a word."""
        place, word = _word_of(desk, self.option, rng)
        strokes = write(str(rng.choice(list("k30un8"))), self.writer, rng)
        small = [path * (2.3 / max(bounds(strokes).height, 1.5)) for path in strokes]
        x_mm = word.x0 if rng.random() < 0.5 else word.x1 - bounds(small).width
        box = draw(desk.sheets[place], move(small, x_mm - bounds(small).x0, word.y1 - 0.2), self.pen, rng)
        return Left(Trace.STRIKE_OUT, self.option, "", place + 1, box)


@dataclass(frozen=True, slots=True)
class InsertMark:
    """Squeeze a tiny word or sign in before or behind a printed word: "k" before "einen", "nicht" above a line."""

    option: str
    text: str
    pen: Pen = PLAIN_PEN
    writer: Writer = PLAIN_WRITER

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Write it as small as the print, into the gap above a word."""
        place, word = _word_of(desk, self.option, rng)
        strokes = write(self.text, self.writer, rng)
        small = [path * (rng.uniform(1.6, 2.2) / self.writer.height_mm) for path in strokes]
        box = draw(desk.sheets[place], move(small, word.x0, word.y0 + rng.uniform(-0.4, 0.3)), self.pen, rng)
        return Left(Trace.NOTE, self.option, self.text, place + 1, box)


@dataclass(frozen=True, slots=True)
class TinyMark:
    """Draw a tiny cross or tick beside the printed lines of an option."""

    option: str
    pen: Pen = PLAIN_PEN
    size_mm: float = 2.5

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw it in the right or the left margin."""
        place = desk.fields.options[self.option]
        sheet = desk.sheets[place.page]
        y = place.box_mm.y0 + rng.uniform(10, 24)
        x = rng.uniform(8, 18) if rng.random() < 0.5 else sheet.width_mm - rng.uniform(8, 17)
        half = self.size_mm / 2
        cross = [stroke((x - half, y - half), (x + half, y + half)), stroke((x - half, y + half), (x + half, y - half))]
        tick = [stroke((x - half, y), (x - half / 3, y + half), (x + half, y - half))]
        strokes = cross if rng.random() < 0.6 else tick
        return Left(Trace.NOTE, self.option, "", place.page + 1, draw(sheet, strokes, self.pen, rng))


@dataclass(frozen=True, slots=True)
class WriteInArea:
    """Write a note in a part of the page that offices or nobody use: its head, its foot, the stamps' zone."""

    text: str
    area_mm: BoxMm
    pen: Pen = PLAIN_PEN
    writer: Writer = PLAIN_WRITER
    page: int = 0

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Write it somewhere in the area; smaller where it would not fit."""
        strokes = write(self.text, self.writer, rng)
        size = bounds(strokes)
        scale = min(1.0, self.area_mm.width / size.width, self.area_mm.height / size.height)
        strokes = [path * scale for path in strokes]
        size = bounds(strokes)
        x = self.area_mm.x0 - size.x0 + float(rng.uniform(0, max(0.01, self.area_mm.width - size.width)))
        y = self.area_mm.y0 - size.y0 + float(rng.uniform(0, max(0.01, self.area_mm.height - size.height)))
        box = draw(desk.sheets[self.page], move(strokes, x, y), self.pen, rng)
        return Left(Trace.NOTE, "", self.text, self.page + 1, box)


@dataclass(frozen=True, slots=True)
class WriteBesideSignature:
    """Write a condition small into the signature's field, beneath or beside the signature."""

    text: str
    pen: Pen = PLAIN_PEN
    writer: Writer = PLAIN_WRITER

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Write it in the field's lower right."""
        place = desk.fields.signature
        strokes = write(self.text, self.writer, rng)
        size = bounds(strokes)
        scale = min(1.0, 0.5 * place.box_mm.width / size.width)
        small = [path * scale for path in strokes]
        x = place.box_mm.x1 - bounds(small).width - rng.uniform(1, 5)
        box = desk.draw(place, move(small, x, place.box_mm.y1 - rng.uniform(1.5, 5)), self.pen, rng)
        return Left(Trace.NOTE, "signature", self.text, place.page + 1, box)


@dataclass(frozen=True, slots=True)
class CoverWord:
    """Paint correction fluid over one printed word of an option, or over a letter of it."""

    option: str
    letter_only: bool = False

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Cover it with a ragged patch nearly as white as the paper."""
        place, word = _word_of(desk, self.option, rng)
        if self.letter_only:
            start = float(rng.uniform(word.x0, word.x1 - 1.5))
            word = BoxMm(start, word.y0, start + 1.7, word.y1)
        return Left(Trace.COVERED, self.option, "", place + 1, _cover(desk.sheets[place], word.grown(0.4), rng))


@dataclass(frozen=True, slots=True)
class CoverLines:
    """Stick paper over printed lines of an option: white, or a coloured note; its edge casts a shadow or does not."""

    option: str
    lines: int = 2
    colour: Rgb = PAPER
    shadow: float = 0.15

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Cover the lines in their whole width."""
        place = desk.fields.options[self.option]
        sheet = desk.sheets[place.page]
        lines = _lines_of(desk, self.option)
        first = int(rng.integers(1, max(2, len(lines) - self.lines + 1)))
        covered = lines[first : first + self.lines] or lines[-1:]
        box = BoxMm(covered[0].x0, covered[0].y0, max(line.x1 for line in covered), covered[-1].y1).grown(0.7)
        _lay_paper(sheet, box, self.colour, self.shadow)
        return Left(Trace.COVERED, self.option, "", place.page + 1, box)


@dataclass(frozen=True, slots=True)
class PrintWord:
    """Print a word more, in the letter's own type: a word of the page, laid behind the end of an option's line."""

    option: str

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Copy a word to the end of a line that has room."""
        place, word = _word_of(desk, self.option, rng)
        sheet = desk.sheets[place]
        lines = [line for line in _lines_of(desk, self.option) if line.x1 + word.width + 2 < sheet.width_mm - 9]
        line = lines[int(rng.integers(len(lines)))] if lines else _lines_of(desk, self.option)[-1]
        box = _copy(sheet, word, (line.x1 + 1.0, line.y1 - word.height), edge_shadow=0.0)
        return Left(Trace.PRINTED, self.option, "", place + 1, box)


@dataclass(frozen=True, slots=True)
class PasteStrip:
    """Paste a strip with other printed words of the letter over a piece of an option's line."""

    option: str

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Lay one word with its paper over another, a little off the line."""
        place, word = _word_of(desk, self.option, rng)
        _, other = _word_of(desk, self.option, rng, unlike=word)
        at = (word.x0 + rng.normal(0, 0.2), word.y0 + rng.normal(0, 0.15))
        box = _copy(desk.sheets[place], other, at, edge_shadow=float(rng.choice([0.0, 0.12])))
        return Left(Trace.COVERED, self.option, "", place + 1, box)


def words_in(sheet: Sheet, line: BoxMm) -> list[BoxMm]:
    """Return the boxes of the words of a printed line, from the left."""
    x0, y0, x1, y1 = sheet.clip_px(line)
    dark = (sheet.picture[y0:y1, x0:x1, 1] < 140).any(axis=0)
    places = np.flatnonzero(dark)
    breaks = np.flatnonzero(np.diff(places) > mm_to_px(_WORD_GAP_MM, sheet.dpi))
    starts, ends = places[np.concatenate(([0], breaks + 1))], places[np.concatenate((breaks, [-1]))] + 1
    edges = zip((starts + x0).tolist(), (ends + x0).tolist(), strict=True)
    return [BoxMm(px_to_mm(start, sheet.dpi), line.y0, px_to_mm(end, sheet.dpi), line.y1) for start, end in edges]


def _lines_of(desk: Desk, option: str) -> list[BoxMm]:
    place = desk.fields.options[option]
    square, sheet = place.box_mm, desk.sheets[place.page]
    return printed_lines(sheet, BoxMm(square.x1 + 4, square.y0, sheet.width_mm - 10, square.y0 + _OPTION_MM))


def _word_of(desk: Desk, option: str, rng: np.random.Generator, unlike: BoxMm | None = None) -> tuple[int, BoxMm]:
    """Choose a word of an option below its heading: the page, counted from 0, and its box; one of another width."""
    place = desk.fields.options[option]
    lines = _lines_of(desk, option)
    words = [word for line in lines[1:] or lines for word in words_in(desk.sheets[place.page], line)]
    fitting = [word for word in words if _SHORT_WORD_MM <= word.width <= _LONG_WORD_MM] or words
    fitting = [word for word in fitting if unlike is None or abs(word.width - unlike.width) > _OTHER_MM] or words
    return place.page, fitting[int(rng.integers(len(fitting)))]


def _cover(sheet: Sheet, box: BoxMm, rng: np.random.Generator) -> BoxMm:
    x0, y0, x1, y1 = sheet.clip_px(box)
    patch = cv2.GaussianBlur(rng.random((y1 - y0, x1 - x0), dtype=np.float32), (0, 0), mm_to_px(0.25, sheet.dpi))
    tone = np.array(CORRECTION_FLUID, np.float32) * (1 - 0.04 * (patch - patch.min()))[..., None]
    sheet.picture[y0:y1, x0:x1] = np.clip(tone, 0, 255).astype(np.uint8)
    return box


def _lay_paper(sheet: Sheet, box: BoxMm, colour: Rgb, shadow: float) -> None:
    x0, y0, x1, y1 = sheet.clip_px(box)
    sheet.picture[y0:y1, x0:x1] = np.array(colour, np.uint8)
    edge = max(1, round(mm_to_px(0.2, sheet.dpi)))
    for rows, columns in ((slice(y1, y1 + edge), slice(x0, x1)), (slice(y0, y1), slice(x1, x1 + edge))):
        area = sheet.picture[rows, columns]
        area[...] = (area * (1 - shadow)).astype(np.uint8)


def _copy(sheet: Sheet, what: BoxMm, at_mm: tuple[float, float], *, edge_shadow: float) -> BoxMm:
    grown = what.grown(0.3)
    x0, y0, x1, y1 = sheet.clip_px(grown)
    patch: Picture = sheet.picture[y0:y1, x0:x1].copy()
    box = BoxMm(at_mm[0], at_mm[1], at_mm[0] + grown.width, at_mm[1] + grown.height)
    _lay_paper(sheet, box, PAPER, edge_shadow)
    left, top, right, bottom = sheet.clip_px(box)
    height, width = min(bottom - top, patch.shape[0]), min(right - left, patch.shape[1])
    target: NDArray[np.uint8] = sheet.picture[top : top + height, left : left + width]
    target[...] = patch[:height, :width]
    return box
