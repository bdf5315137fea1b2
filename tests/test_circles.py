"""The rings of a seal are found, whole or broken, and a pen's loops are none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from forms.units import BoxMm, mm_to_px
from intake.circles import has_ring
from intake.sheet_grid import SHEET_DPI, Mask
from simulation.paper import Sheet
from simulation.pens import Ink, Pen, draw
from simulation.signatures import SignatureStyle, sign

FIELD = BoxMm(0, 0, 94, 29)
SHAPE = (round(mm_to_px(FIELD.height, SHEET_DPI)), round(mm_to_px(FIELD.width, SHEET_DPI)))


def _seal(kept: float, rng: np.random.Generator) -> Mask:
    """Two rings around one middle, of which arcs are kept as black and white keeps a pale stamp, and some dirt."""
    ink = np.zeros(SHAPE, np.uint8)
    middle = (rng.uniform(90, 450), rng.uniform(78, 94))
    for radius_px in (72, 37):
        for degrees in range(0, 360, 10):
            if rng.random() < kept:
                around = np.deg2rad(np.linspace(degrees, degrees + 10, 8))
                arc = np.stack([middle[0] + radius_px * np.cos(around), middle[1] + radius_px * np.sin(around)], axis=1)
                cv2.polylines(ink, [np.round(arc).astype(np.int32)], isClosed=False, color=(1,))
    ink[tuple(rng.integers(0, SHAPE, (40, 2)).T)] = 1
    return np.asarray(ink, dtype=bool)


@pytest.mark.parametrize("kept", [1.0, 0.85, 0.75])
def test_a_seal_is_found_whole_or_broken(kept: float) -> None:
    """Of two rings one may hide the other, and arcs of both may be gone."""
    rng = np.random.default_rng(1)
    assert all(has_ring(_seal(kept, rng)) for _ in range(20))


@pytest.mark.parametrize("style", list(SignatureStyle))
def test_a_signature_has_no_ring(style: SignatureStyle) -> None:
    """Loops of a pen do not follow a circle."""
    found = 0
    for seed in range(12):
        ink = np.zeros(SHAPE, np.uint8)
        for path in sign("Anna Weber", style, FIELD, np.random.default_rng(seed)):
            points = np.round(path * (SHEET_DPI / 25.4)).astype(np.int32)
            cv2.polylines(ink, [points], isClosed=False, color=(1,), thickness=2)
        found += has_ring(np.asarray(ink, dtype=bool))
    assert found == 0


@pytest.mark.parametrize(("name", "seed"), [("Claudia Roth", 10), ("Ayse Demir", 17), ("Dora Berg", 36)])
def test_round_letters_of_a_broad_pen_are_no_ring(name: str, seed: int) -> None:
    """Two capitals may lie along a small circle all around, but as much ink lies beside it."""
    rng, sheet = np.random.default_rng(seed), Sheet(np.full((*SHAPE, 3), 255, np.uint8), SHEET_DPI)
    draw(sheet, sign(name, SignatureStyle.INITIALS, FIELD, rng), Pen(1.2, Ink.BLACK), rng)
    assert not has_ring(np.asarray(sheet.picture[..., 0] < 190))


@pytest.mark.parametrize(("name", "seed"), [("Claudia Roth", 8), ("Michael Schulz", 28), ("Dora Berg", 35)])
def test_a_round_capital_is_no_ring_where_ink_does_not_break_up(name: str, seed: int) -> None:
    """Half of a large B lies along a circle; of a seal's ring a grey scan shows more than that, worn though it is."""
    rng, sheet = np.random.default_rng(seed), Sheet(np.full((*SHAPE, 3), 255, np.uint8), SHEET_DPI)
    draw(sheet, sign(name, SignatureStyle.HUGE, FIELD, rng), Pen(0.5, Ink.BLACK), rng)
    assert not has_ring(np.asarray(sheet.picture[..., 0] < 190), breaks_up=False)
    assert all(has_ring(_seal(kept, rng), breaks_up=False) for kept in (1.0, 0.9))
