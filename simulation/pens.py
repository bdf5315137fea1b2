"""Pens: how a path in millimetres becomes ink on paper, with pressure, tremor, grain and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.units import BoxMm, mm_to_px
from simulation.paper import Rgb, Sheet
from simulation.strokes import Stroke, bounds, resample, smooth_noise

_STEP_MM = 0.2
_SUBPIXEL_BITS = 4


class Ink(Enum):
    """What a pen leaves on the paper."""

    BLUE = (38, 58, 158)
    BLACK = (32, 32, 38)
    PENCIL = (92, 92, 96)
    RED = (196, 32, 44)
    GREEN = (30, 132, 72)

    @property
    def rgb(self) -> Rgb:
        """Its colour where it covers the paper fully."""
        return self.value


@dataclass(frozen=True, slots=True)
class Pen:
    """A pen, and how heavily it is held."""

    width_mm: float = 0.4
    """Width of an ordinary line: 0.2 (fine liner) to 1.2 (felt tip)."""
    ink: Ink = Ink.BLUE
    pressure: float = 0.9
    """How dark the line is, 0 to 1."""
    skipping: float = 0.0
    """Share of the line, roughly, on which a dry pen leaves nothing, 0 to 0.6."""


def draw(sheet: Sheet, strokes: Sequence[Stroke], pen: Pen, rng: np.random.Generator) -> BoxMm:
    """Draw the strokes on the sheet and return the box that their ink covers; what leaves the paper is cut off."""
    trails = [_trail(path, pen, rng) for path in strokes]
    box = bounds([trail.points_mm for trail in trails]).grown(pen.width_mm / 2)
    x0, y0, x1, y1 = sheet.clip_px(box.grown(pen.width_mm))
    if x1 > x0 and y1 > y0:
        coverage = _coverage(trails, (x0, y0, x1, y1), sheet.dpi)
        sheet.lay_ink(x0, y0, coverage * _grain(coverage.shape, pen, rng), pen.ink.rgb)
    return box


class _Trail(NamedTuple):
    points_mm: Stroke
    widths_mm: NDArray[np.float64]
    darkness: NDArray[np.float64]
    """0 where the pen leaves nothing."""


def _trail(path: Stroke, pen: Pen, rng: np.random.Generator) -> _Trail:
    points = resample(path, _STEP_MM)
    count = len(points)
    tremor_mm = 0.04 * np.stack([smooth_noise(count, 5, rng), smooth_noise(count, 5, rng)], axis=1)
    taper = np.minimum(1, 0.6 + 0.15 * np.minimum(np.arange(count), np.arange(count)[::-1]))
    widths_mm = pen.width_mm * taper * np.clip(1 + 0.12 * smooth_noise(count, 12, rng), 0.6, 1.5)
    darkness = np.clip(pen.pressure * (1 + 0.12 * smooth_noise(count, 9, rng)), 0.05, 1)
    if pen.skipping > 0:
        level = np.quantile(rng.standard_normal(400), min(0.9, pen.skipping))
        darkness = np.where(smooth_noise(count, 4, rng) < level, 0, darkness)
    return _Trail(points + tremor_mm, widths_mm, darkness)


def _coverage(trails: list[_Trail], area_px: tuple[int, int, int, int], dpi: float) -> NDArray[np.float32]:
    x0, y0, x1, y1 = area_px
    finer = 3 if dpi <= 400 else 2
    canvas = np.zeros(((y1 - y0) * finer, (x1 - x0) * finer), np.uint8)
    unit = 1 << _SUBPIXEL_BITS
    for trail in trails:
        pixels = (mm_to_px(1, dpi) * trail.points_mm - (x0, y0)) * finer - 0.5
        fixed = np.round(pixels * unit).astype(int).tolist()
        thick = np.maximum(1, np.round(mm_to_px(1, dpi) * finer * trail.widths_mm)).astype(int).tolist()
        grey = np.round(255 * trail.darkness).astype(int).tolist()
        for index in range(len(fixed) - 1):
            if grey[index]:
                start, end = fixed[index], fixed[index + 1]
                cv2.line(canvas, start, end, grey[index], thick[index], cv2.LINE_8, _SUBPIXEL_BITS)
    small = cv2.resize(canvas, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    coverage: NDArray[np.float32] = small.astype(np.float32) / np.float32(255)
    return coverage


def _grain(shape: tuple[int, ...], pen: Pen, rng: np.random.Generator) -> NDArray[np.float32]:
    strength = 1.1 if pen.ink is Ink.PENCIL else 0.35
    noise = cv2.blur(rng.random(shape, dtype=np.float32), (2, 2))
    weak = strength * (1.25 - pen.pressure)
    grain: NDArray[np.float32] = np.clip(1.1 - weak * noise, 0, 1).astype(np.float32)
    return grain
