"""A seal is told by its ring, whatever stands in it; a signature has none."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from forms.units import BoxMm
from intake.rings import has_ring
from intake.sheet import INK_FROM
from intake.sheet_grid import SHEET_DPI
from simulation.paper import Sheet
from simulation.pens import Pen, draw
from simulation.signatures import SignatureStyle, sign
from simulation.stamps import STAMP_BLUE, StampShape, stamp

FIELD = BoxMm(0, 0, 94, 29)
LINES = ("Vogel Metallbau GmbH", "Industriestraße 4", "10179 Berlin")


def _paper() -> Sheet:
    return Sheet(np.full((171, 555, 3), 255, np.uint8), SHEET_DPI)


def _ink(sheet: Sheet) -> NDArray[np.bool_]:
    return np.asarray(sheet.picture[..., 0] < 255 * (1 - INK_FROM))


def test_every_seal_has_a_ring_wherever_it_stands() -> None:
    """The rings are found only roughly at first, a pixel or four off: drawn closer, each is followed all around."""
    found = []
    for seed in range(24):
        rng, sheet = np.random.default_rng(seed), _paper()
        x_mm, y_mm = rng.uniform(1, 66), rng.uniform(0.5, 3)
        stamp(sheet, LINES, BoxMm(x_mm, y_mm, x_mm + 25, y_mm + 25), STAMP_BLUE, rng, StampShape.SEAL)
        found.append(has_ring(_ink(sheet)))
    assert all(found), found


@pytest.mark.parametrize("style", [SignatureStyle.CURSIVE, SignatureStyle.SCRAWL, SignatureStyle.INITIALS])
def test_a_signature_has_no_ring(style: SignatureStyle) -> None:
    """Loops are round, but no circles of a seal's size."""
    found = 0
    for seed in range(12):
        rng, sheet = np.random.default_rng(seed), _paper()
        draw(sheet, sign("Anna Weber", style, FIELD, rng), Pen(0.4), rng)
        found += has_ring(_ink(sheet))
    assert not found
