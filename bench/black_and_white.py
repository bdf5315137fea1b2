"""Tell marks from fillings, and signatures from print, in black and white: `python -m bench.black_and_white`.

`squares` marks, fills in and blackens squares with the simulation's pens, `signatures` signs, writes names in capitals
and stamps; each is sent through every black-and-white channel, beside fields that are written firmly. Printed is, for
each channel, what was read of what was drawn, and of the plain marks how many left less than a share of their square:
what has vanished no reading brings back. Text is not recognised: it tells most of the capitals that are left.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from bench.printed_board import BLACK_AND_WHITE, Board, through
from forms.issued_form import Checkbox, SignatureField
from intake.checkbox import mark_area, read_checkbox
from intake.signature import measure_signature, read_signature
from intake.signature_extent import signature_parts
from simulation import paper
from simulation.conduct import any_pen
from simulation.deviations import WriteNameAsSignature
from simulation.handwriting import random_writer
from simulation.issued_pdf import FormFields, Place
from simulation.marks import MarkShape
from simulation.pens import Ink, Pen
from simulation.people import Desk, Mark, Sign, StampSignature, TakeBack
from simulation.repertoire import any_mark
from simulation.returns import SIGNATORIES
from simulation.signatures import SignatureStyle
from simulation.stamps import BLACK, STAMP_BLUE, STAMP_RED, StampShape

LEFT_LESS_THAN = (0.002, 0.01, 0.03)
"""Shares of the square that are printed for plain marks: nothing, a speck, less than a thin line across."""
_PLAIN, _FILLED, _BLACKENED = "plain mark", "filled in", "blackened"
_SIGNATURE, _CAPITALS, _STAMP = "signature", "capitals", "stamp"
_STYLES = [style for style in SignatureStyle if style is not SignatureStyle.HUGE]
_Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Drawn:
    """One thing that was drawn, and what it was taken for."""

    kind: str
    state: str
    inside: float = 1.0
    """Share of its square that is left of a mark."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("squares", "signatures"))
    parser.add_argument("--pages", type=int, default=10, help="pages through each channel: 72 squares, 8 signatures")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pale", action="store_true", help="only pencils and pens that hardly write")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    measure = squares if options.what == "squares" else signatures
    for channel in BLACK_AND_WHITE:
        rng = np.random.default_rng([options.seed, BLACK_AND_WHITE.index(channel)])
        drawn = [each for _ in range(options.pages) for each in measure(channel, rng, pale=options.pale)]
        _print_channel(channel, drawn)


def squares(channel: str, rng: _Rng, *, pale: bool) -> Iterator[Drawn]:
    """Send a page of squares through a channel: half of them plainly marked."""
    kinds: list[str] = []

    def fill(sheet: paper.Sheet, board: Board) -> None:
        kinds.extend(_draw_in_square(sheet, square, _pen(rng, pale=pale), rng) for square in board.squares)

    if (found := through(channel, Board.of_squares, fill, rng)) is not None:
        sheet, board = found
        for kind, square in zip(kinds, board.squares, strict=True):
            reading = read_checkbox(sheet, mark_area(sheet, square), 1, None)
            yield Drawn(kind, reading.state.value, reading.inside)


def signatures(channel: str, rng: _Rng, *, pale: bool) -> Iterator[Drawn]:
    """Send a page of signature fields through a channel: half of them signed."""
    kinds: list[str] = []

    def fill(sheet: paper.Sheet, board: Board) -> None:
        kinds.extend(_draw_in_frame(sheet, frame, _pen(rng, pale=pale), rng) for frame in board.frames)

    if (found := through(channel, Board.of_frames, fill, rng)) is not None:
        sheet, board = found
        for kind, frame in zip(kinds, board.frames, strict=True):
            ink = measure_signature(sheet, signature_parts(sheet, frame))
            yield Drawn(kind, read_signature(frame, ink, 1, "", digital=False).state.value)


def _pen(rng: _Rng, *, pale: bool) -> Pen:
    pen = any_pen(rng)
    if not pale:
        return pen
    if rng.random() < 0.5:
        return replace(pen, ink=Ink.PENCIL, pressure=float(rng.uniform(0.6, 1.0)))
    return replace(pen, pressure=float(rng.uniform(0.5, 0.75)))


def _draw_in_square(sheet: paper.Sheet, square: Checkbox, pen: Pen, rng: _Rng) -> str:
    place, option, chance = Place(0, square.box_mm), square.option, rng.random()
    desk = Desk((sheet,), FormFields({option: place}, {}, place, 1))
    if chance < 0.25:
        pen = replace(pen, skipping=0.0)
        Mark(option, MarkShape.FILLED, pen, float(rng.uniform(0.9, 1.3))).carry_out(desk, rng)
        return _FILLED
    if chance < 0.5:
        TakeBack(option, pen).carry_out(desk, rng)
        return _BLACKENED
    any_mark(pen, option, rng).carry_out(desk, rng)
    return _PLAIN


def _draw_in_frame(sheet: paper.Sheet, frame: SignatureField, pen: Pen, rng: _Rng) -> str:
    place, name, chance = Place(0, frame.box_mm), str(rng.choice(SIGNATORIES)), rng.random()
    desk = Desk((sheet,), FormFields({}, {}, place, 1))
    if chance < 0.5:
        Sign(name, _STYLES[int(rng.integers(len(_STYLES)))], pen).carry_out(desk, rng)
        return _SIGNATURE
    if chance < 0.8:
        size = float(np.exp(rng.uniform(-0.1, 0.75)))
        WriteNameAsSignature(name, pen, random_writer(rng), size).carry_out(desk, rng)
        return _CAPITALS
    lines = (f"{name.split()[-1]} Metallbau GmbH", "Industriestraße 4", "10179 Berlin")
    colour = (STAMP_BLUE, BLACK, STAMP_RED)[int(rng.choice(3, p=[0.6, 0.3, 0.1]))]
    StampSignature(lines, colour, list(StampShape)[int(rng.integers(len(StampShape)))]).carry_out(desk, rng)
    return _STAMP


def _print_channel(channel: str, drawn: Sequence[Drawn]) -> None:
    print(channel)
    for kind in dict.fromkeys(each.kind for each in drawn):
        those = [each for each in drawn if each.kind == kind]
        states = ", ".join(f"{state} {count}" for state, count in Counter(each.state for each in those).most_common())
        print(f"    {kind} ({len(those)}): {states}")
        if kind == _PLAIN:
            left = np.array([each.inside for each in those])
            shares = ", ".join(f"{share:g} on {np.count_nonzero(left < share)}" for share in LEFT_LESS_THAN)
            print(f"        left less of the square than {shares}", flush=True)


if __name__ == "__main__":
    main()
