"""A row of letters is told beside a signature that it touches, and in no signature."""

from __future__ import annotations

import numpy as np
import pytest

from forms.units import BoxMm
from intake.sheet import INK_FROM
from intake.sheet_grid import SHEET_DPI, Mask
from intake.written_rows import find_written_row
from simulation.handwriting import Writer, write
from simulation.paper import Sheet
from simulation.pens import Ink, Pen, draw
from simulation.signatures import SignatureStyle, sign
from simulation.strokes import Stroke, bounds, move

FIELD = BoxMm(25, 12, 119, 41)
PEN = Pen(0.4, Ink.BLACK)


def _ink(strokes: list[Stroke], rng: np.random.Generator, pen: Pen = PEN) -> Mask:
    sheet = Sheet(np.full((330, 900, 3), 255, np.uint8), SHEET_DPI)
    draw(sheet, strokes, pen, rng)
    return np.asarray(1 - sheet.picture[..., 1].astype(np.float32) / 255 > INK_FROM)


@pytest.mark.parametrize("words", ["ohne Server", "nicht C", "bis 17 Uhr"])
def test_words_that_touch_a_signature_are_a_row(words: str) -> None:
    """The first letter lies on the signature's tail; the others lie free, side by side."""
    rng = np.random.default_rng(3)
    signature = move(sign("Anna Weber", SignatureStyle.SCRAWL, FIELD, rng), -3, 0)
    written = write(words, Writer(height_mm=3.4), rng)
    end = max((path[-1] for path in signature), key=lambda point: float(point[0]))
    row = find_written_row(_ink([*signature, *move(written, end[0] - 1.5, end[1] + 1.5)], rng))
    assert row is not None
    assert row.width > 0.6 * bounds(written).width


@pytest.mark.parametrize("style", list(SignatureStyle))
def test_no_signature_holds_a_row(style: SignatureStyle) -> None:
    """Not even a legible one, which has nothing beside it, and hardly any by a pen that skips."""
    found = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        pen = Pen(0.4, Ink.BLUE, 0.85, skipping=0.12 * (seed % 2))
        found += find_written_row(_ink(sign("Jürgen Weißmüller", style, FIELD, rng), rng, pen)) is not None
    assert found <= 1
