"""What people do that the form has no place for: arrows, words beside a box, circled headings, conditions, and more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forms.units import BoxMm
from simulation.handwriting import Writer, write
from simulation.marks import MarkShape, mark_strokes
from simulation.paper import Sheet
from simulation.pens import Pen, draw
from simulation.people import (
    PLAIN_PEN,
    PLAIN_WRITER,
    RECEIPT_BOX_MM,
    Desk,
    Left,
    Trace,
    printed_lines,
)
from simulation.signatures import SignatureStyle, sign
from simulation.strokes import Stroke, bounds, move, spline, stroke

_ADDRESS_MM = BoxMm(22.0, 63.5, 105.0, 90.0)
_EDGE_MM = 14.0
_NEAR_PRINT_MM = 0.8
_TRIES = 400


@dataclass(frozen=True, slots=True)
class StrikeMark:
    """Mark an option and strike the mark out again, with two lines through the square."""

    option: str
    pen: Pen = PLAIN_PEN

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw a cross and lines that reach beyond the square."""
        place = desk.fields.options[self.option]
        box = place.box_mm
        lines = [
            stroke((box.x0 - rng.uniform(1.5, 3.5), y), (box.x1 + rng.uniform(1.5, 3.5), y + rng.normal(0, 0.5)))
            for y in (box.centre[1] - rng.uniform(0.3, 1.2), box.centre[1] + rng.uniform(0.3, 1.2))
        ]
        strokes = mark_strokes(MarkShape.CROSS, box, 0.9, rng) + lines
        return Left(Trace.CORRECTION, self.option, "", place.page + 1, desk.draw(place, strokes, self.pen, rng))


@dataclass(frozen=True, slots=True)
class PointTo:
    """Point to an option's square with an arrow, from the left margin."""

    option: str
    pen: Pen = PLAIN_PEN

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw a shaft and a head."""
        place = desk.fields.options[self.option]
        tip = (place.box_mm.x0 - rng.uniform(1.0, 2.0), place.box_mm.centre[1] + rng.normal(0, 0.5))
        tail = (tip[0] - rng.uniform(7, 12), tip[1] + rng.normal(0, 3))
        head = [(tip[0] - 2.2, tip[1] - 1.6), tip, (tip[0] - 2.2, tip[1] + 1.6)]
        box = desk.draw(place, [stroke(tail, tip), stroke(*head)], self.pen, rng)
        return Left(Trace.NOTE, self.option, "", place.page + 1, box)


@dataclass(frozen=True, slots=True)
class WriteBeside:
    """Write a short word to the left of an option's square."""

    option: str
    text: str = "ja"
    pen: Pen = PLAIN_PEN
    writer: Writer = PLAIN_WRITER

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Write it so that it ends before the square."""
        place = desk.fields.options[self.option]
        strokes = write(self.text, self.writer, rng)
        end_mm = place.box_mm.x0 - rng.uniform(1.2, 3.0)
        placed = move(strokes, end_mm - bounds(strokes).x1, place.box_mm.y1 - rng.uniform(0.4, 1.4))
        return Left(Trace.NOTE, self.option, self.text, place.page + 1, desk.draw(place, placed, self.pen, rng))


@dataclass(frozen=True, slots=True)
class CircleHeading:
    """Circle the printed heading beside an option's square."""

    option: str
    pen: Pen = PLAIN_PEN

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw a loop around the first line of print beside the square."""
        place = desk.fields.options[self.option]
        sheet, square = desk.sheets[place.page], place.box_mm
        beside = BoxMm(square.x1 + 2, square.y0 - 0.5, sheet.width_mm - 10, square.y1 + 3)
        heading = printed_lines(sheet, beside)[0].grown(1.6)
        turns = np.linspace(-2.0, -2.0 + 2 * np.pi * rng.uniform(1.0, 1.12), 26)
        flat = np.sign(np.stack([np.cos(turns), np.sin(turns)], axis=1))
        rounded = flat * np.abs(np.stack([np.cos(turns), np.sin(turns)], axis=1)) ** np.array((0.35, 0.7))
        half = np.array((heading.width, heading.height + rng.uniform(0.5, 2.0))) / 2
        loop = spline(rounded * half * (1 + rng.normal(0, 0.02, rounded.shape)) + heading.centre)
        return Left(Trace.CIRCLE, self.option, "", place.page + 1, desk.draw(place, [loop], self.pen, rng))


@dataclass(frozen=True, slots=True)
class WriteAnywhere:
    """Write a note where the page is bare and nothing is to be written."""

    text: str
    pen: Pen = PLAIN_PEN
    writer: Writer = PLAIN_WRITER

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Write it on the page with the signature; somewhere near its foot where no bare place was found."""
        page, strokes = desk.fields.signature.page, write(self.text, self.writer, rng)
        placed = _moved_to(strokes, bare_place(desk, page, bounds(strokes), rng))
        return Left(Trace.NOTE, "", self.text, page + 1, draw(desk.sheets[page], placed, self.pen, rng))


@dataclass(frozen=True, slots=True)
class WriteBetweenLines:
    """Squeeze a condition in between two printed lines of an option."""

    option: str
    text: str
    pen: Pen = PLAIN_PEN
    writer: Writer = PLAIN_WRITER

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Write small, on the upper edge of one of the option's lines."""
        place = desk.fields.options[self.option]
        sheet, square = desk.sheets[place.page], place.box_mm
        line = _line_below_heading(sheet, square, rng)
        strokes = write(self.text, self.writer, rng)
        small = [path * (2.2 / self.writer.height_mm) for path in strokes]
        start_mm = float(rng.uniform(line.x0, max(line.x0 + 1, line.x1 - bounds(small).width)))
        placed = move(small, start_mm, line.y0 + 0.3)
        return Left(Trace.NOTE, self.option, self.text, place.page + 1, desk.draw(place, placed, self.pen, rng))


@dataclass(frozen=True, slots=True)
class WriteNameAsSignature:
    """Write the name in block letters where the signature belongs."""

    name: str
    pen: Pen = PLAIN_PEN
    writer: Writer = PLAIN_WRITER
    size: float = 1.0
    """Height of the letters, that of the writer's being 1; squeezed where the field is too short."""

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Write it somewhere in the field."""
        place = desk.fields.signature
        strokes = write(self.name.upper().replace("ß", "SS"), self.writer, rng)
        size = min(self.size, (place.box_mm.width - 4) / bounds(strokes).width)
        strokes = [path * size for path in strokes]
        room_mm = max(1.0, place.box_mm.width - bounds(strokes).width - 4)
        x_mm = place.box_mm.x0 + 2 + float(rng.uniform(0, room_mm))
        placed = move(strokes, x_mm, place.box_mm.centre[1] + float(rng.uniform(0, 0.3)) * place.box_mm.height)
        box = desk.draw(place, placed, self.pen, rng)
        return Left(Trace.BLOCK_LETTERS, "signature", self.name, place.page + 1, box)


@dataclass(frozen=True, slots=True)
class CrossOutPage:
    """Cross the whole text out, from corner to corner: somebody wants none of it."""

    pen: Pen = PLAIN_PEN

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw one long line, or two that cross, over the page with the options."""
        place = next(iter(desk.fields.options.values()))
        sheet = desk.sheets[place.page]
        left, right = rng.uniform(18, 45), sheet.width_mm - rng.uniform(18, 45)
        top, foot = place.box_mm.y0 - rng.uniform(5, 40), place.box_mm.y0 + rng.uniform(45, 85)
        lines = [[(left, foot), (right, top)], [(left, top), (right, foot)]][: int(rng.integers(1, 3))]
        strokes = [spline(stroke(start, _bowed(start, end, rng), end)) for start, end in lines]
        return Left(Trace.STRIKE_OUT, "", "", place.page + 1, desk.draw(place, strokes, self.pen, rng))


@dataclass(frozen=True, slots=True)
class ReplaceWords:
    """Strike a few printed words of an option out and write others above them."""

    option: str
    text: str
    pen: Pen = PLAIN_PEN
    writer: Writer = PLAIN_WRITER

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw the stroke, and the words small on top of it."""
        place = desk.fields.options[self.option]
        sheet, square = desk.sheets[place.page], place.box_mm
        line = _line_below_heading(sheet, square, rng)
        start_mm = float(rng.uniform(line.x0, max(line.x0 + 1, line.x1 - 28)))
        through = stroke((start_mm, line.centre[1]), (start_mm + rng.uniform(12, 24), line.centre[1] + 0.2))
        words = [path * (2.4 / self.writer.height_mm) for path in write(self.text, self.writer, rng)]
        above = move(words, start_mm + 1, line.y0 + 0.2)
        box = desk.draw(place, [through, *above], self.pen, rng)
        return Left(Trace.STRIKE_OUT, self.option, self.text, place.page + 1, box)


@dataclass(frozen=True, slots=True)
class CorrectAddress:
    """Strike a line of the printed address out and write another beside it: the customer has moved."""

    text: str
    pen: Pen = PLAIN_PEN
    writer: Writer = PLAIN_WRITER

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw in the window of the first page (DIN 5008 form B)."""
        sheet = desk.sheets[0]
        lines = printed_lines(sheet, _ADDRESS_MM)
        line = lines[int(rng.integers(1, len(lines)))] if len(lines) > 1 else lines[0]
        through = stroke((line.x0 - 0.5, line.centre[1]), (line.x1 + 1, line.centre[1] + rng.normal(0, 0.4)))
        words = [path * (3.0 / self.writer.height_mm) for path in write(self.text, self.writer, rng)]
        beside = move(words, line.x1 + 3, line.y1 + rng.uniform(-0.3, 0.6))
        box = draw(sheet, [through, *beside], self.pen, rng)
        return Left(Trace.STRIKE_OUT, "address", self.text, 1, box)


@dataclass(frozen=True, slots=True)
class SignElsewhere:
    """Sign where the page is bare, and not in the field."""

    name: str
    pen: Pen = PLAIN_PEN

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw a small signature on the page with the field."""
        page = desk.fields.signature.page
        strokes = sign(self.name, SignatureStyle.SMALL, BoxMm(0, 0, 40, 14), rng)
        placed = _moved_to(strokes, bare_place(desk, page, bounds(strokes), rng))
        box = draw(desk.sheets[page], placed, self.pen, rng)
        return Left(Trace.SIGNATURE_ELSEWHERE, "signature", self.name, page + 1, box)


def _line_below_heading(sheet: Sheet, square: BoxMm, rng: np.random.Generator) -> BoxMm:
    """Choose a printed line of an option, beside and below its square; the first only where there is no other."""
    lines = printed_lines(sheet, BoxMm(square.x1 + 4, square.y0, sheet.width_mm - 10, square.y0 + 25))
    return lines[int(rng.integers(1, len(lines)))] if len(lines) > 1 else lines[0]


def _bowed(start: tuple[float, float], end: tuple[float, float], rng: np.random.Generator) -> tuple[float, float]:
    """Give a point halfway, off the straight line as a hand strays."""
    return (start[0] + end[0]) / 2 + rng.normal(0, 1.5), (start[1] + end[1]) / 2 + rng.normal(0, 1.5)


def bare_place(desk: Desk, page: int, size: BoxMm, rng: np.random.Generator) -> tuple[float, float]:
    """Give the top left corner of a place that is bare of print, of fields and of the offices' usual stamps.

    Where none of many tries finds one, the last is taken: a crowded page is written on all the same.
    """
    sheet = desk.sheets[page]
    places = (*desk.fields.options.values(), *desk.fields.texts.values(), desk.fields.signature)
    taken = [place.box_mm.grown(3) for place in places if place.page == page] + [RECEIPT_BOX_MM.grown(14)]
    x_mm = y_mm = _EDGE_MM
    for _ in range(_TRIES):
        x_mm = float(rng.uniform(_EDGE_MM, max(_EDGE_MM + 1, sheet.width_mm - _EDGE_MM - size.width)))
        y_mm = float(rng.uniform(_EDGE_MM, sheet.height_mm - _EDGE_MM - size.height))
        room = BoxMm(x_mm, y_mm, x_mm + size.width, y_mm + size.height)
        if not any(room.intersects(box) for box in taken) and _is_bare(sheet, room.grown(_NEAR_PRINT_MM)):
            break
    return x_mm, y_mm


def _is_bare(sheet: Sheet, box: BoxMm) -> bool:
    x0, y0, x1, y1 = sheet.clip_px(box)
    return int(sheet.picture[y0:y1, x0:x1].min()) > 200


def _moved_to(strokes: list[Stroke], corner: tuple[float, float]) -> list[Stroke]:
    box = bounds(strokes)
    return move(strokes, corner[0] - box.x0, corner[1] - box.y0)
