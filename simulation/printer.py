"""What a customer's printer makes of the form before anybody writes on it: pale print, bleeding ink, gaps."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.units import mm_to_px
from simulation.paper import Picture


@dataclass(frozen=True, slots=True)
class Printer:
    """A printer; the defaults are a good laser printer, which leaves the page as it is."""

    strength: tuple[float, float] = (1.0, 1.0)
    """How dark the darkest print becomes, from, to; 1 is black."""
    bleed_mm: float = 0.0
    """How far ink runs into the paper."""
    gaps: int = 0
    """Up to so many lines along the paper's way in which a worn drum leaves hardly any toner."""
    bands: bool = False
    """A blocked nozzle leaves hair lines across the paper at even distances."""


INK_JET = Printer(strength=(0.72, 0.92), bleed_mm=0.05, bands=True)
WORN_LASER = Printer(strength=(0.7, 0.95), gaps=3)


def print_out(page: Picture, dpi: float, printer: Printer, rng: np.random.Generator) -> Picture:
    """Print one page, shape (height, width, 3), RGB; a good laser printer draws nothing from the source of chance."""
    if printer == Printer():
        return page.copy()
    source = cv2.GaussianBlur(page, (0, 0), mm_to_px(printer.bleed_mm, dpi)) if printer.bleed_mm else page
    share = np.full(page.shape[:2], rng.uniform(*printer.strength), np.float32)
    _leave_gaps(share, dpi, printer, rng)
    if printer.bands:
        _leave_bands(share, dpi, rng)
    darkness = (255 - source.astype(np.float32)) * share[..., None]
    return np.asarray(255.5 - darkness, dtype=np.uint8)


def _leave_gaps(share: NDArray[np.float32], dpi: float, printer: Printer, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(0, printer.gaps + 1))):
        x, wide = int(rng.integers(share.shape[1])), max(1, round(mm_to_px(float(rng.uniform(0.2, 0.9)), dpi)))
        share[:, x : x + wide] *= np.float32(rng.uniform(0.15, 0.6))


def _leave_bands(share: NDArray[np.float32], dpi: float, rng: np.random.Generator) -> None:
    pitch, thick = mm_to_px(float(rng.uniform(4, 9)), dpi), max(1, round(mm_to_px(0.1, dpi)))
    for y in np.arange(rng.uniform(0, pitch), share.shape[0], pitch).astype(int):
        share[y : y + thick] *= np.float32(0.35)
