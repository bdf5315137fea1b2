"""A signature field that was crossed out, ticked or struck through holds no signature; nor does a dash say a text."""

from __future__ import annotations

import numpy as np
import pytest

from forms.units import BoxMm
from intake.crossed_field import is_crossed_field
from intake.sheet import INK_FROM
from intake.sheet_grid import SHEET_DPI, Mask
from intake.void_strokes import is_one_line, is_void
from simulation.handwriting import Writer, write
from simulation.marks import MarkShape, mark_strokes
from simulation.paper import Sheet
from simulation.pens import Ink, Pen, draw
from simulation.signatures import SignatureStyle, sign
from simulation.strokes import Stroke, move, spline, stroke

FIELD = BoxMm(0, 0, 94, 29)
PENS = (Pen(0.25), Pen(0.5, Ink.BLACK), Pen(0.7, Ink.BLUE, 0.8))
_STYLES = [style for style in SignatureStyle if style is not SignatureStyle.HUGE]


def _ink(strokes: list[Stroke], pen: Pen, seed: int) -> Mask:
    """The strokes as they lie in the field."""
    sheet = Sheet(np.full((171, 555, 3), 255, np.uint8), SHEET_DPI)
    draw(sheet, strokes, pen, np.random.default_rng(seed))
    darkness = 1 - sheet.picture.min(axis=2).astype(np.float32) / 255
    return np.ascontiguousarray(darkness > INK_FROM)


def _line(start: tuple[float, float], end: tuple[float, float], bow_mm: float = 0.0) -> Stroke:
    """A line as a hand draws it, that strays from the straight one in its middle."""
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + bow_mm)
    return spline(stroke(start, middle, end))


VOID = {
    "cross from corner to corner": [_line((4, 2), (90, 27), 0.8), _line((4, 27), (90, 2), -0.6)],
    "small cross": [_line((20, 9), (28, 18), 0.2), _line((20, 18), (28, 9))],
    "slash": [_line((10, 26), (80, 4), 1.0)],
    "tick": mark_strokes(MarkShape.TICK, BoxMm(30, 8, 42, 20), 1.0, np.random.default_rng(1)),
    "there and back": [stroke((6, 5), (88, 4), (7, 24), (87, 25))],
}


@pytest.mark.parametrize("pen", PENS)
@pytest.mark.parametrize("name", VOID)
def test_lines_that_cross_the_field_out_are_no_signature(name: str, pen: Pen) -> None:
    """What fills the field like a signature, and is a line, a cross, a tick or a bookkeeper's Z."""
    assert is_void(_ink(VOID[name], pen, 1))


@pytest.mark.parametrize("pen", PENS)
def test_a_cross_over_a_signature_is_seen(pen: Pen) -> None:
    """Somebody signed, and somebody crossed that out: the cross reaches over all of it."""
    signature = sign("Petra Lehmann", SignatureStyle.CURSIVE, FIELD, np.random.default_rng(3))
    cross = [_line((4, 2), (90, 27), 0.5), _line((4, 27), (90, 2), -0.5)]
    assert is_void(_ink([*signature, *cross], pen, 3))


CROSSED = {
    "from corner to corner": [_line((2, 1), (92, 28), 0.4), _line((3, 28), (91, 1), -0.4)],
    "one diagonal": [_line((2, 27), (92, 2), 0.3)],
    "ruled": [_line((2, 9), (92, 9.5), 0.2), _line((3, 20), (92, 19.5), -0.3)],
}


@pytest.mark.parametrize("name", CROSSED)
def test_a_field_crossed_out_from_side_to_side_holds_no_signature(name: str) -> None:
    """However small a signature stands in it: the lines reach far beyond that on both sides."""
    for style in (SignatureStyle.SMALL, SignatureStyle.CURSIVE):
        signature = sign("Petra Lehmann", style, FIELD, np.random.default_rng(3))
        assert is_crossed_field(_ink([*signature, *CROSSED[name]], PENS[0], 3))


@pytest.mark.parametrize("style", _STYLES)
def test_signatures_are_no_lines(style: SignatureStyle) -> None:
    """None of a dozen signatures of a style, by pens from fine to broad, is taken for lines."""
    for seed in range(12):
        strokes = sign("Thomas Weber", style, FIELD, np.random.default_rng(seed))
        ink = _ink(strokes, PENS[seed % len(PENS)], seed)
        assert not is_void(ink)
        assert not is_crossed_field(ink)


@pytest.mark.parametrize(("text", "is_line"), [("", True), ("Ulm", False), ("1.1.27", False)])
def test_a_text_field_struck_through_holds_a_line(text: str, is_line: bool) -> None:
    """A dash is no place and no date; a short word, or a short date, is no line."""
    words = move(write(text, Writer(), np.random.default_rng(5)), 4, 7) if text else [_line((5, 4), (30, 4.6), 0.3)]
    assert is_one_line(_ink(words, Pen(0.4), 5)) is is_line
