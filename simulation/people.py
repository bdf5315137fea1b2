"""What people do to a form on paper: each act is a small frozen description, and a behaviour is a sequence of acts.

`fill_in` carries a behaviour out on the printed pages. The behaviour, with the places where the ink came to lie, is the
truth that a reading is compared with.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

import numpy as np

from forms.units import BoxMm, mm_to_px, px_to_mm
from simulation.handwriting import Writer, write
from simulation.issued_pdf import FormFields, Place, find_fields, render_blank
from simulation.marks import MarkShape, blackened, mark_strokes, open_mark_strokes
from simulation.paper import Picture, Rgb, Sheet
from simulation.pens import Pen, draw
from simulation.printer import Printer, print_out
from simulation.signatures import SignatureStyle, sign
from simulation.stamps import STAMP_BLUE, STAMP_RED, StampShape, print_line, stamp
from simulation.strokes import Stroke, bounds, move, spline, stroke

PLAIN_PEN = Pen()
PLAIN_WRITER = Writer()
_GOOD_LASER = Printer()
RECEIPT_BOX_MM = BoxMm(135.0, 34.0, 185.0, 54.0)
"""Top right, where German offices stamp."""


class Trace(Enum):
    """What kind of thing an act left on the paper."""

    MARK = "mark"
    """In or across a square; `subject` is the option."""
    CORRECTION = "correction"
    """A square blackened or filled in: its mark is taken back, or so it may be meant; `subject` is the option."""
    BESIDE = "beside"
    """Meant for an option (the `subject`), but outside its square."""
    TEXT = "text"
    """Written in a text field (the `subject`)."""
    SIGNATURE = "signature"
    SIGNATURE_STAMP = "signature_stamp"
    """A rubber stamp where the signature belongs."""
    SIGNATURE_ELSEWHERE = "signature_elsewhere"
    BLOCK_LETTERS = "block_letters"
    """A name in block letters where the signature belongs."""
    CIRCLE = "circle"
    """Around printed words; `subject` is the option that they belong to."""
    NOTE = "note"
    STRIKE_OUT = "strike_out"
    COVERED = "covered"
    """Print that was painted or pasted over."""
    PRINTED = "printed"
    """Print that the form was not issued with."""
    RECEIPT_STAMP = "receipt_stamp"
    FAX_HEADER = "fax_header"


ADDITIONS = (
    Trace.SIGNATURE_ELSEWHERE,
    Trace.CIRCLE,
    Trace.NOTE,
    Trace.STRIKE_OUT,
    Trace.COVERED,
    Trace.PRINTED,
    Trace.RECEIPT_STAMP,
    Trace.FAX_HEADER,
)
"""Traces that the form has no place for."""


class Left(NamedTuple):
    """One thing left on the paper: what, for which field or option, in which words, and where."""

    trace: Trace
    subject: str
    text: str
    page: int
    """Counted from 1."""
    box_mm: BoxMm


class Desk(NamedTuple):
    """What lies before somebody who fills in a form."""

    sheets: tuple[Sheet, ...]
    fields: FormFields

    def draw(self, place: Place, strokes: list[Stroke], pen: Pen, rng: np.random.Generator) -> BoxMm:
        """Draw on the page of the place."""
        return draw(self.sheets[place.page], strokes, pen, rng)


class Act(Protocol):
    """One thing that somebody does to the paper."""

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Lay the ink and say what was left where."""


_TRACES = {MarkShape.CIRCLE: Trace.BESIDE, MarkShape.FILLED: Trace.CORRECTION}
"""What is no plain mark: a circle is not in the square, and by the form's own rule a filled square is taken back."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Mark an option in its square."""

    option: str
    shape: MarkShape = MarkShape.CROSS
    pen: Pen = PLAIN_PEN
    reach: float = 1.0
    """Size of the mark, the square being 1."""

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw the mark."""
        place = desk.fields.options[self.option]
        strokes = mark_strokes(self.shape, place.box_mm, self.reach, rng)
        if self.shape is MarkShape.SCRAWL:
            strokes = open_mark_strokes(self.shape, place.box_mm, self.reach, self.pen.width_mm, rng)
        trace = _TRACES.get(self.shape, Trace.MARK)
        return Left(trace, self.option, "", place.page + 1, desk.draw(place, strokes, self.pen, rng))


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Blacken the square of an option, as the form tells who corrects a mark."""

    option: str
    pen: Pen = PLAIN_PEN

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw a cross and black it out."""
        place = desk.fields.options[self.option]
        strokes = mark_strokes(MarkShape.CROSS, place.box_mm, 0.9, rng) + blackened(place.box_mm, rng)
        return Left(Trace.CORRECTION, self.option, "", place.page + 1, desk.draw(place, strokes, self.pen, rng))


@dataclass(frozen=True, slots=True)
class MarkBeside:
    """Mark an option to the left of its square."""

    option: str
    pen: Pen = PLAIN_PEN
    gap_mm: float = 1.5

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw a cross that leaves the gap free."""
        place = desk.fields.options[self.option]
        shift_mm = place.box_mm.width * 1.1 + self.gap_mm
        beside = BoxMm(place.box_mm.x0 - shift_mm, place.box_mm.y0, place.box_mm.x1 - shift_mm, place.box_mm.y1)
        box = desk.draw(place, mark_strokes(MarkShape.CROSS, beside, 0.8, rng), self.pen, rng)
        return Left(Trace.BESIDE, self.option, "", place.page + 1, box)


@dataclass(frozen=True, slots=True)
class WriteField:
    """Write by hand in a text field."""

    field: str
    text: str
    pen: Pen = PLAIN_PEN
    writer: Writer = PLAIN_WRITER

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Write on an imagined line; squeezed where the field is too short."""
        place = desk.fields.texts[self.field]
        field = place.box_mm
        strokes = write(self.text, self.writer, rng)
        start_mm = float(rng.uniform(1.0, 3.0))
        line = bounds(strokes)
        narrower = min(1.0, (field.width - start_mm - 0.8) / line.width)
        height = max(-line.y0, 2.0)
        lower = min(1.0, (field.height - 1.6) / height)
        squeezed = [path * (narrower, max(lower, narrower)) for path in strokes]
        baseline_mm = field.y1 - rng.uniform(1.2, 2.4)
        box = desk.draw(place, move(squeezed, field.x0 + start_mm, baseline_mm), self.pen, rng)
        return Left(Trace.TEXT, self.field, self.text, place.page + 1, box)


@dataclass(frozen=True, slots=True)
class Sign:
    """Sign by hand."""

    name: str
    style: SignatureStyle = SignatureStyle.CURSIVE
    pen: Pen = PLAIN_PEN

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw the signature."""
        place = desk.fields.signature
        box = desk.draw(place, sign(self.name, self.style, place.box_mm, rng), self.pen, rng)
        return Left(Trace.SIGNATURE, "signature", self.name, place.page + 1, box)


@dataclass(frozen=True, slots=True)
class StampSignature:
    """Press the company's stamp where the signature belongs."""

    lines: tuple[str, ...]
    colour: Rgb = STAMP_BLUE
    shape: StampShape = StampShape.FRAMED

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Press the stamp somewhere in the field."""
        place = desk.fields.signature
        height = min(26.0 if self.shape is StampShape.SEAL else 20.0, place.box_mm.height - 4)
        width = height if self.shape is StampShape.SEAL else 52.0
        x = place.box_mm.x0 + rng.uniform(2, max(2.1, place.box_mm.width - width - 4))
        y = place.box_mm.y0 + rng.uniform(2, max(2.1, place.box_mm.height - height - 2))
        area = BoxMm(x, y, x + width, y + height)
        box = stamp(desk.sheets[place.page], self.lines, area, self.colour, rng, self.shape)
        return Left(Trace.SIGNATURE_STAMP, "signature", " ".join(self.lines), place.page + 1, box)


@dataclass(frozen=True, slots=True)
class WriteNote:
    """Write a note where the form has no place for one."""

    text: str
    x_mm: float = 120.0
    baseline_mm: float = 95.0
    page: int = 1
    pen: Pen = PLAIN_PEN
    writer: Writer = PLAIN_WRITER

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Write it."""
        strokes = move(write(self.text, self.writer, rng), self.x_mm, self.baseline_mm)
        return Left(Trace.NOTE, "", self.text, self.page, draw(desk.sheets[self.page - 1], strokes, self.pen, rng))


@dataclass(frozen=True, slots=True)
class StrikeOut:
    """Strike out the printed lines beside and below an option's square."""

    option: str
    lines: int = 3
    pen: Pen = PLAIN_PEN

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Draw a stroke through the middle of each line."""
        place = desk.fields.options[self.option]
        sheet = desk.sheets[place.page]
        left = place.box_mm.x1 + 4
        area = BoxMm(left, place.box_mm.y0, sheet.width_mm - 10, place.box_mm.y0 + 60)
        strokes = []
        for line in printed_lines(sheet, area)[: self.lines]:
            start, end, y = left + rng.normal(0, 1), line.x1 + rng.normal(1, 3), line.centre[1]
            path = stroke((start, y), ((start + end) / 2, y + rng.normal(0, 0.3)), (end, y + rng.normal(0, 0.5)))
            strokes.append(spline(path))
        return Left(Trace.STRIKE_OUT, self.option, "", place.page + 1, draw(sheet, strokes, self.pen, rng))


@dataclass(frozen=True, slots=True)
class StampReceipt:
    """Press the office's stamp of receipt."""

    lines: tuple[str, ...]
    box_mm: BoxMm = RECEIPT_BOX_MM
    colour: Rgb = STAMP_RED

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Press the stamp on the first page."""
        box = stamp(desk.sheets[0], self.lines, self.box_mm, self.colour, rng)
        return Left(Trace.RECEIPT_STAMP, "", " ".join(self.lines), 1, box)


@dataclass(frozen=True, slots=True)
class PrintFaxHeader:
    """The line that a fax machine prints at the upper edge."""

    text: str

    def carry_out(self, desk: Desk, rng: np.random.Generator) -> Left:
        """Print it on the first page."""
        box = print_line(desk.sheets[0], self.text, float(rng.uniform(14, 24)), float(rng.uniform(1.6, 2.4)), 2.4)
        return Left(Trace.FAX_HEADER, "", self.text, 1, box)


class MarkTruth(Enum):
    """What somebody did with an option."""

    EMPTY = "empty"
    MARKED = "marked"
    CORRECTED = "corrected"
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """All that is done to a form, in order."""

    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """What stands on a filled-in form."""

    marks: dict[str, MarkTruth]
    """By option; every option of the form is named."""
    signed: bool
    texts: dict[str, str]
    """What was written in `place`, `date` and `name`; a field left empty is not named."""
    left: tuple[Left, ...]
    """Everything on the paper, in the order of the acts."""

    @property
    def additions(self) -> tuple[Left, ...]:
        """What the form has no place for."""
        return tuple(left for left in self.left if left.trace in ADDITIONS)


@dataclass(frozen=True, slots=True)
class FilledPages:
    """A form on paper, filled in."""

    pages: tuple[Picture, ...]
    """Each of shape (height, width, 3), RGB."""
    dpi: float
    behaviour: Behaviour
    truth: Truth


def fill_in(
    pdf: bytes,
    behaviour: Behaviour,
    rng: np.random.Generator,
    dpi: float = 300,
    printer: Printer = _GOOD_LASER,
) -> FilledPages:
    """Print the form and carry the behaviour out on it.

    Raises NotAFormError where the PDF is none, CannotWriteError for a text that the simulated hand has not learnt.
    """
    fields = find_fields(pdf)
    desk = Desk(tuple(Sheet(print_out(page, dpi, printer, rng), dpi) for page in render_blank(pdf, dpi)), fields)
    left = tuple(act.carry_out(desk, rng) for act in behaviour.acts)
    return FilledPages(tuple(sheet.picture for sheet in desk.sheets), dpi, behaviour, truth_of(fields, left))


def truth_of(fields: FormFields, left: tuple[Left, ...]) -> Truth:
    """Sum up what was left on the paper; of several traces of an option, a correction counts over all others."""
    rank = {Trace.BESIDE: MarkTruth.BESIDE, Trace.MARK: MarkTruth.MARKED, Trace.CORRECTION: MarkTruth.CORRECTED}
    marks = dict.fromkeys(fields.options, MarkTruth.EMPTY)
    for trace, state in rank.items():
        marks |= {item.subject: state for item in left if item.trace is trace}
    texts = {item.subject: item.text for item in left if item.trace is Trace.TEXT}
    return Truth(marks, any(item.trace is Trace.SIGNATURE for item in left), texts, left)


def printed_lines(sheet: Sheet, area: BoxMm) -> list[BoxMm]:
    """Return the boxes of the lines of print in the area, from the top; ruled lines are left out."""
    x0, y0, x1, y1 = sheet.clip_px(area)
    dark = sheet.picture[y0:y1, x0:x1, 1] < 140
    inked = dark.mean(axis=1) > 0.01
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inked.astype(np.int8), [0]])))
    lines = []
    for start, end in edges.reshape(-1, 2):
        if end - start > mm_to_px(0.8, sheet.dpi):
            columns = np.flatnonzero(dark[start:end].any(axis=0))
            ends = (x0 + columns[0], y0 + start, x0 + columns[-1] + 1, y0 + end)
            lines.append(BoxMm(*(px_to_mm(float(value), sheet.dpi) for value in ends)))
    return lines
