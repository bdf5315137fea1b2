"""Show how far each threshold lies from what is measured: `python -m bench.thresholds [--count N] [--csv FILE]`.

Simulated returns whose truth is known are measured with the reading's own functions, and the raw measures are listed by
true class: the band between two classes is the room that a threshold has. docs/decisions/0004-thresholds.md quotes it.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from bench.distributions import print_distribution
from bench.sample_forms import issue_sample, posted
from forms.issued_form import IssuedPdf
from intake import additions
from intake.additions import GroupSize, find_changes
from intake.checkbox import mark_area, measure_checkbox
from intake.expected_ink import expected_ink
from intake.find_codes import find_codes
from intake.locate import NotLocated, locate
from intake.opening import open_document
from intake.pictures import Picture
from intake.printed_page import printed_page
from intake.sheet import Sheet, flatten
from intake.sheet_grid import SHEET_DPI, pixels
from intake.signature import measure_signature
from intake.signature_extent import signature_parts
from intake.streaks import without_streaks
from intake.text_fields import measure_field
from intake.wording import compare_wording
from simulation.channels import PRESETS
from simulation.issued_pdf import find_fields
from simulation.people import ADDITIONS, Behaviour, Truth
from simulation.repertoire import REPERTOIRE
from simulation.returns import random_signatory, send

_MEASURED = ("plain", "unsigned", "unmarked", "corrected", "stamp only", "block letters", "note", "between the lines")
_FAINTEST = ("bilevel-light",)
"""Channels in which ink vanishes before it arrives: no threshold can bring it back, so they stand apart."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One raw value and the true class of what it was measured on."""

    name: str
    true_class: str
    value: float
    channel: str
    case: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    cases = [(name, index) for index in range(options.first, options.first + options.count) for name in _MEASURED]
    with ProcessPoolExecutor(options.jobs, get_context("spawn"), _prepare) as pool:
        measures = list(chain.from_iterable(pool.map(_measured, cases, chunksize=4)))
    if options.csv is not None:
        _write(options.csv, measures)
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    for measure in measures:
        faint = " (ink vanished)" if measure.channel in _FAINTEST else ""
        groups[measure.name, measure.true_class + faint].append(measure.value)
    for (name, true_class), values in sorted(groups.items()):
        print(f"{name} / {true_class}")
        print_distribution(values)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20, help="returns of each behaviour")
    parser.add_argument("--first", type=int, default=0, help="number of the first return: another sample")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write every single measure there")
    parser.add_argument("--jobs", type=int, default=2)
    return parser


def _prepare() -> None:
    """One thread; and no floor under additions, so that what lies below their thresholds is seen too."""
    cv2.setNumThreads(1)
    additions.ADDITION_FROM = GroupSize(area_mm2=0.0, longer_side_mm=0.0, pieces=1, smallest_piece_mm2=0.1)


def _measured(case: tuple[str, int]) -> list[Measure]:
    name, index = case
    rng = np.random.default_rng([4, index, _MEASURED.index(name)])
    channel = str(rng.choice(sorted(PRESETS)))
    issued = issue_sample(rng)
    letter = posted(issued)
    acts = REPERTOIRE[name].acts(random_signatory(letter, rng), tuple(find_fields(issued.pdf).options), rng)
    arrival = send(name, "", [letter], [Behaviour(acts)], PRESETS[channel], rng)
    with open_document(arrival.data) as pages:
        picture = pages.picture(0)
    found = _page_measures(picture, issued, arrival.returns[0].truth)
    return [Measure(measure, true_class, value, channel, index) for measure, true_class, value in found]


Found = Iterator[tuple[str, str, float]]
"""Name of a measure, true class, value."""


def _page_measures(picture: Picture, issued: IssuedPdf, truth: Truth) -> Found:
    picture, streaks = without_streaks(picture)
    yield "streaks", "own page", float(len(streaks))
    codes = find_codes(picture)
    yield "codes found", "own page", float(len(codes))
    if not codes:
        return
    geometry = issued.letter.pages[0]
    printed = printed_page(issued, 1)
    located = locate(picture, codes, geometry, printed.tiles)
    yield "tile share", "own page", located.tile_share
    yield "residual mm", "own page", located.residual_mm
    if isinstance(located, NotLocated):
        return
    sheet = flatten(located.view, printed, bilevel=picture.bilevel)
    yield "print strength", "own page", sheet.print_strength
    yield from _box_measures(sheet, truth)
    yield from _field_measures(sheet, truth)
    yield from _change_measures(sheet, truth)


def _box_measures(sheet: Sheet, truth: Truth) -> Found:
    for checkbox in sheet.page.checkboxes:
        true_class = truth.marks[checkbox.option].value
        measures = measure_checkbox(sheet, mark_area(sheet, checkbox))
        yield "box inside", true_class, measures.inside
        yield "box solid", true_class, measures.solid
        yield "box around mm²", true_class, measures.around_mm2
        yield "box traces", true_class, measures.traces


def _field_measures(sheet: Sheet, truth: Truth) -> Found:
    for field in sheet.page.text_fields:
        true_class = "written" if field.name in truth.texts else "empty"
        measured = measure_field(sheet, field)
        yield "field ink mm²", true_class, measured.ink_mm2
        yield "field traces mm²", true_class, measured.traces_mm2
    if sheet.page.signature is None:
        return
    stamped = any(left.trace.value == "signature_stamp" for left in truth.left)
    true_class = "signed" if truth.signed else "stamp" if stamped else "unsigned"
    ink = measure_signature(sheet, signature_parts(sheet, sheet.page.signature))
    yield "signature ink mm²", true_class, ink.ink_mm2
    yield "signature traces mm²", true_class, ink.traces_mm2
    yield "signature letters", true_class, float(ink.letters)
    yield "signature letter share", true_class, ink.letter_share
    yield "signature in rows", true_class, float(ink.in_rows)
    yield "signature width mm", true_class, ink.extent_mm[0]
    yield "signature height mm", true_class, ink.extent_mm[1]


def _change_measures(sheet: Sheet, truth: Truth) -> Found:
    notes = [left.box_mm for left in truth.left if left.trace in ADDITIONS]
    changes = find_changes(sheet, expected_ink(sheet), 1)
    for item in changes.additions:
        if not item.expected:
            area = float(np.count_nonzero(sheet.surplus[pixels(item.box_mm)])) / (SHEET_DPI / 25.4) ** 2
            true_class = "note" if any(item.box_mm.intersects(note) for note in notes) else "nothing added"
            yield "addition mm²", true_class, area
            yield "addition extent mm", true_class, max(item.box_mm.width, item.box_mm.height)
    handwriting = additions.field_ink(sheet) & sheet.surplus
    likeness = compare_wording(sheet, handwriting).likeness
    yield from (("piece likeness", "unchanged", float(value)) for value in likeness)


def _write(path: Path, measures: Sequence[Measure]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("measure", "true class", "value", "channel", "case"))
        rows.writerows((item.name, item.true_class, item.value, item.channel, item.case) for item in measures)


if __name__ == "__main__":
    main()
