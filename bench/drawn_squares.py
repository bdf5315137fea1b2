"""Tell marks from fillings in black and white, on many squares at once: `python -m bench.drawn_squares`.

Squares of the letter's own size are printed where its wording stands, marked, filled in or blackened by the simulation's
pens, and sent through its black-and-white channels. Printed is, by channel and by what was drawn, how many are read as
what, and how many of the plain marks left so little that nobody could tell a mark from a filling. The rest of the page is
written firmly (`--firm`, as if another pen had marked the square) or with a pen that is lost as well.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from bench.sample_forms import issue_sample
from forms.issued_form import Checkbox, IssuedPdf, PageGeometry
from forms.units import BoxMm, mm_to_px
from intake.checkbox import CheckboxMeasures, mark_area, measure_checkbox, read_checkbox
from intake.find_codes import find_codes
from intake.locate import NotLocated, locate
from intake.opening import open_document
from intake.printed_page import PrintedPage, SharedPage, printed_page
from intake.sheet import flatten
from intake.sheet_grid import Mask, grid_shape
from simulation import paper
from simulation.channels import PRESETS, Channel
from simulation.conduct import any_pen
from simulation.files import to_tiff
from simulation.issued_pdf import render_blank
from simulation.marks import MarkShape, blackened, mark_strokes, open_mark_strokes
from simulation.pens import Ink, Pen, draw
from simulation.scanner import scan
from simulation.strokes import Stroke

CHANNELS = ("bilevel-200", "bilevel-300", "bilevel-folded", "fax-fine", "fax-standard", "bilevel-dark", "bilevel-light")
_PRINT_DPI = 300
_CLEARED_MM = BoxMm(20.0, 86.0, 200.0, 237.0)
_FIRST_MM, _PITCH_MM = (27.0, 92.0), 18.0
_COLUMNS, _ROWS = 9, 8
_FIRM = Pen(0.5, Ink.BLACK, 1.0)


@dataclass(frozen=True)
class Square:
    """One square that was drawn in, and what was made of it."""

    channel: str
    kind: str
    """A shape of a plain mark, "filled" or "blackened"."""
    pen: Pen
    measures: CheckboxMeasures
    state: str
    ink: Mask
    """The ink that belongs to it."""


def squares(channel: str, pages: int, seed: int) -> Iterator[Square]:
    rng = np.random.default_rng([seed, CHANNELS.index(channel)])
    for _ in range(pages):
        yield from _page(channel, rng)


def _page(channel: str, rng: np.random.Generator) -> Iterator[Square]:
    issued = issue_sample(rng)
    printed = _with_squares(issued)
    sheet = paper.Sheet(_blank_picture(issued, printed.geometry), _PRINT_DPI)
    _write_firmly(sheet, printed.geometry, rng)
    drawn = [_draw(sheet, box, rng) for box in printed.geometry.checkboxes]
    preset = PRESETS[channel]
    assert isinstance(preset, Channel)
    scanned = scan(sheet.picture, _PRINT_DPI, preset, rng)
    with open_document(to_tiff([scanned])) as received:
        picture = received.picture(0)
    located = locate(picture, find_codes(picture), printed.geometry, printed.tiles)
    if isinstance(located, NotLocated):
        return
    read = flatten(located.view, printed, bilevel=True)
    for (kind, pen), box in zip(drawn, printed.geometry.checkboxes, strict=True):
        state = read_checkbox(read, box, 1, None).state
        yield Square(channel, kind, pen, measure_checkbox(read, box), state.value, mark_area(read, box)[1])


def _with_squares(issued: IssuedPdf) -> PrintedPage:
    """Give the letter's page with squares where its wording stood."""
    printed = printed_page(issued, 1)
    own = printed.geometry
    side, line = own.checkboxes[0].box_mm.width, own.checkboxes[0].line_width_mm
    boxes = []
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            x, y = _FIRST_MM[0] + column * _PITCH_MM, _FIRST_MM[1] + row * _PITCH_MM
            boxes.append(Checkbox(f"{row}-{column}", BoxMm(x, y, x + side, y + side), line))
    lines = tuple(line for line in own.text_lines if not _CLEARED_MM.intersects(line.box_mm))
    geometry = replace(own, checkboxes=tuple(boxes), text_lines=lines)
    fine = cv2.cvtColor(_blank_picture(issued, geometry), cv2.COLOR_RGB2GRAY)
    height, width = grid_shape(geometry)
    blank = np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    for region in printed.own_regions:  # the customer's own part is laid over it
        blank[region] = np.where(printed.own_blank[region] < 250, 255, blank[region])
    return PrintedPage(SharedPage(geometry, blank), printed.own, printed.own_blank, printed.own_regions)


def _blank_picture(issued: IssuedPdf, geometry: PageGeometry) -> paper.Picture:
    picture = render_blank(issued.pdf, _PRINT_DPI)[0].copy()
    sheet = paper.Sheet(picture, _PRINT_DPI)
    x0, y0, x1, y1 = sheet.clip_px(_CLEARED_MM)
    picture[y0:y1, x0:x1] = 255
    for box in geometry.checkboxes:
        x0, y0, x1, y1 = (round(mm_to_px(value, _PRINT_DPI)) for value in box.box_mm)
        line = round(mm_to_px(box.line_width_mm, _PRINT_DPI))
        picture[y0:y1, x0:x1] = 0
        picture[y0 + line : y1 - line, x0 + line : x1 - line] = 255
    return picture


def _write_firmly(sheet: paper.Sheet, geometry: PageGeometry, rng: np.random.Generator) -> None:
    """Write so much in the fields, and so firmly, that nothing there tells of lost ink."""
    rooms = [field.box_mm for field in geometry.text_fields]
    rooms += [] if geometry.signature is None else [geometry.signature.box_mm]
    for room in rooms:
        draw(sheet, [_wave(room)], _FIRM, rng)


def _wave(room: BoxMm) -> Stroke:
    x = np.linspace(room.x0 + 4, room.x1 - 4, 80)
    return np.stack([x, room.centre[1] + 0.3 * room.height * np.sin(1.5 * x)], axis=1)


_PLAIN = {MarkShape.CROSS: 0.5, MarkShape.TICK: 0.18, MarkShape.SCRAWL: 0.16, MarkShape.SLASH: 0.09, MarkShape.DOT: 0.07}


def _draw(sheet: paper.Sheet, box: Checkbox, rng: np.random.Generator) -> tuple[str, Pen]:
    pen, chance = any_pen(rng), rng.random()
    if chance < 0.25:
        pen = replace(pen, skipping=0.0)
        draw(sheet, mark_strokes(MarkShape.FILLED, box.box_mm, float(rng.uniform(0.9, 1.3)), rng), pen, rng)
        return "filled", pen
    if chance < 0.5:
        cross = mark_strokes(MarkShape.CROSS, box.box_mm, 0.9, rng)
        draw(sheet, [*cross, *blackened(box.box_mm, rng)], pen, rng)
        return "blackened", pen
    shape = list(_PLAIN)[int(rng.choice(len(_PLAIN), p=list(_PLAIN.values())))]
    reach = float(np.clip(np.exp(rng.normal(0, 0.36)), 0.4, 2.4))
    if shape is MarkShape.DOT:
        reach = float(np.clip(reach, 0.75, 1.3))
    strokes = mark_strokes(shape, box.box_mm, reach, rng)
    if shape is MarkShape.SCRAWL:
        strokes = open_mark_strokes(shape, box.box_mm, reach, pen.width_mm, rng)
    draw(sheet, strokes, pen, rng)
    return shape.value, pen
