"""A name in capitals is no signature, however large its letters are; what is written in one go is."""

from __future__ import annotations

from operator import or_

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from forms.units import BoxMm
from intake.capitals import in_capitals
from intake.pictures import Grey
from intake.printed_rows import letters_in_rows
from intake.sheet import INK_FROM
from intake.sheet_grid import SHEET_DPI
from intake.signature import PRINT_FROM_IN_ROWS, is_print
from intake.text_recognition import OCR_DPI, recognise
from simulation.handwriting import Writer, write
from simulation.paper import Sheet
from simulation.pens import Ink, Pen, draw
from simulation.signatures import SignatureStyle, sign
from simulation.strokes import Stroke, bounds, move

FIELD = BoxMm(0, 0, 94, 29)
NAMES = ("UWE BÖHM", "THOMAS WEBER", "JÜRGEN WEISSMÜLLER")


def _darkness(strokes: list[Stroke], pen: Pen, rng: np.random.Generator) -> NDArray[np.float32]:
    sheet = Sheet(np.full((171, 555, 3), 255, np.uint8), SHEET_DPI)
    draw(sheet, strokes, pen, rng)
    return np.asarray(1 - sheet.picture[..., 1].astype(np.float32) / 255, dtype=np.float32)


def _for_recognition(darkness: NDArray[np.float32]) -> Grey:
    scale = OCR_DPI / SHEET_DPI
    larger = cv2.resize(1 - darkness, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(255 * larger, 0, 255), dtype=np.uint8)


@pytest.mark.parametrize("height_mm", [3.5, 8.0])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_capitals_is_told(name: str, height_mm: float) -> None:
    """Small or large, apart or touching: letters in a row, between two straight lines, or read as what they are."""
    told, pictures = [], []
    for hand in range(6):
        rng = np.random.default_rng(hand)
        strokes = write(name, Writer(hand=hand, height_mm=height_mm, spacing=0.9), rng)
        squeezed = [path * min(1.0, 88 / bounds(strokes).width) for path in strokes]
        darkness = _darkness(move(squeezed, 3, 20), Pen(0.6, Ink.BLACK), rng)
        told.append(
            in_capitals(darkness > INK_FROM) or letters_in_rows(darkness > INK_FROM, darkness) >= PRINT_FROM_IN_ROWS
        )
        pictures.append(_for_recognition(darkness))
    read = [any(is_print(word, made_of_letters=False) for word in words) for words in recognise(pictures)]
    assert sum(map(or_, told, read)) >= 5, (told, read)


@pytest.mark.parametrize("style", list(SignatureStyle))
def test_a_signature_stands_between_no_lines(style: SignatureStyle) -> None:
    """Signatures rise and fall; hardly any fills a band from end to end."""
    told = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        darkness = _darkness(sign("Anna Weber", style, FIELD, rng), Pen(0.4, Ink.BLACK), rng)
        told += in_capitals(darkness > INK_FROM)
    assert told <= 1
