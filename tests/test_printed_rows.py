"""Rows of printed letters are told from a pen's pieces, whatever stands beside them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from letters import ISSUED_ON, issue
from numpy.typing import NDArray

from forms.units import BoxMm
from intake.decision import DecisionContext, decide
from intake.on_screen import OnScreenValues
from intake.pictures import PagePicture
from intake.printed_rows import letters_in_rows
from intake.read_document import read_document
from intake.read_page import FormPage, read_page
from intake.results import Reason, SignatureState
from intake.sheet import INK_FROM
from intake.sheet_grid import SHEET_DPI
from intake.signature import PRINT_FROM_IN_ROWS
from simulation.channels import PRESETS
from simulation.files import to_pdf
from simulation.issued_pdf import find_fields, render_blank
from simulation.paper import Sheet
from simulation.people import Behaviour, FilledPages, Truth
from simulation.signatures import SignatureStyle, sign
from simulation.stamps import STAMP_BLUE, StampShape, stamp
from simulation.transmission import transmit

DPI = 300.0
ISSUED = issue()
FIELD = BoxMm(0, 0, 94, 29)
LINES = ("Muster GmbH", "Hauptstraße 5, 10115 Berlin")


def _darkness(sheet: Sheet) -> NDArray[np.float32]:
    grey = cv2.cvtColor(sheet.picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    reduced = cv2.resize(grey, None, fx=SHEET_DPI / DPI, fy=SHEET_DPI / DPI, interpolation=cv2.INTER_AREA)
    return np.asarray(1 - reduced / 255, dtype=np.float32)


def _stamp_with_logo(sheet: Sheet, field: BoxMm, rng: np.random.Generator) -> None:
    """Two lines of small print beside a logo that holds most of the ink."""
    x0, y0, x1, y1 = sheet.clip_px(BoxMm(field.x0 + 2, field.y0 + 3, field.x0 + 22, field.y0 + 23))
    cv2.ellipse(
        sheet.picture, ((x0 + x1) // 2, (y0 + y1) // 2), ((x1 - x0) // 2, (y1 - y0) // 2), 0, 0, 360, (0,) * 3, -1
    )
    beside = BoxMm(field.x0 + 26, field.y0 + 5, field.x0 + 80, field.y0 + 19)
    stamp(sheet, LINES, beside, STAMP_BLUE, rng, StampShape.LINES)


@pytest.mark.parametrize("seed", range(5))
def test_letters_stand_in_rows_beside_a_logo(seed: int) -> None:
    """However much ink a logo holds, the lines beside it are print."""
    sheet = Sheet(np.full((342, 1110, 3), 255, np.uint8), DPI)
    _stamp_with_logo(sheet, FIELD, np.random.default_rng(seed))
    darkness = _darkness(sheet)
    assert letters_in_rows(darkness > INK_FROM, darkness) >= PRINT_FROM_IN_ROWS


@pytest.mark.parametrize("style", [SignatureStyle.CURSIVE, SignatureStyle.INITIALS, SignatureStyle.SCRAWL])
def test_a_signature_stands_in_no_rows(style: SignatureStyle) -> None:
    """What a pen leaves in one movement are no letters in a row."""
    for seed in range(5):
        sheet = Sheet(np.full((342, 1110, 3), 255, np.uint8), DPI)
        for path in sign("Anna Weber", style, FIELD, np.random.default_rng(seed)):
            points = np.asarray(path / 25.4 * DPI, dtype=np.int32)
            cv2.polylines(sheet.picture, [points], isClosed=False, color=(0,) * 3, thickness=5)
        darkness = _darkness(sheet)
        assert letters_in_rows(darkness > INK_FROM, darkness) < PRINT_FROM_IN_ROWS


@pytest.mark.parametrize("channel", ["office-200", "bilevel-300", "fax-fine", "photo"])
def test_a_stamp_with_a_logo_is_no_signature(channel: str) -> None:
    """A stamp alone never passes for a signature, though most of its ink is no letter."""
    issued, rng = ISSUED, np.random.default_rng(3)
    sheet = Sheet(render_blank(issued.pdf, DPI)[0].copy(), DPI)
    _stamp_with_logo(sheet, find_fields(issued.pdf).signature.box_mm, rng)
    filled = FilledPages((sheet.picture,), DPI, Behaviour(()), Truth({}, signed=False, texts={}, left=()))
    data = to_pdf(transmit(filled, PRESETS[channel], rng))
    (answer,) = read_document(data, {issued.form.form_id: issued}.get, ISSUED_ON).returns
    assert answer.signature is not None
    assert answer.signature.state is SignatureState.UNCLEAR
    assert Reason.SIGNATURE_PRINT in decide(answer, DecisionContext(ISSUED_ON)).reasons


@pytest.mark.parametrize("shape", list(StampShape))
def test_a_stamp_of_any_shape_is_told_in_black_and_white(shape: StampShape) -> None:
    """Lines, frames, signs and rings do not pass for a pen's work, though a part of their ink is gone."""
    (page,) = ISSUED.letter.pages
    assert page.signature is not None
    corner = page.signature.box_mm
    box = BoxMm(corner.x0 + 8, corner.y0 + 3, corner.x0 + (32 if shape is StampShape.SEAL else 60), corner.y0 + 27)
    for seed in range(3):
        sheet = Sheet(render_blank(ISSUED.pdf, 200)[0].copy(), 200)
        stamp(sheet, LINES, box, STAMP_BLUE, np.random.default_rng(seed), shape)
        grey = cv2.cvtColor(sheet.picture, cv2.COLOR_RGB2GRAY)
        picture = PagePicture(np.asarray(np.where(grey < 150, 0, 255), np.uint8), bilevel=True)
        read = read_page(picture, 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
        assert isinstance(read, FormPage)
        assert read.contents is not None
        assert read.contents.signed is not None
        assert read.contents.signed.ink.looks_printed, seed
