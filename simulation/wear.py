"""What happens to the paper between the desk and the scanner: folds, staples, coffee, print that shows through."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.units import mm_to_px
from simulation.paper import Picture, Rgb

_FOLDS_MM = ((105.0, 210.0), (99.0, 198.0))
"""Along the printed fold marks, or in thirds."""
_COFFEE: Rgb = (150, 105, 60)
_STAPLE: Rgb = (95, 95, 100)
_HOLE: Rgb = (70, 66, 62)


@dataclass(frozen=True, slots=True)
class Wear:
    """What the paper has been through; by default nothing."""

    folded: bool = False
    stapled: bool = False
    """A staple in the top left corner, or the two holes that a pulled one left."""
    coffee: bool = False
    """The ring of a cup, and a few drops."""
    show_through: tuple[float, float] = (0.0, 0.0)
    """How dark the print of the back comes through, from, to, as a share of its own."""


def wear_out(page: Picture, dpi: float, wear: Wear, rng: np.random.Generator) -> Picture:
    """Return the page, shape (height, width, 3), RGB, as it comes to the scanner."""
    if wear == Wear():
        return page
    paper = page.astype(np.float32)
    if wear.show_through[1] > 0:
        _show_through(paper, dpi, float(rng.uniform(*wear.show_through)))
    if wear.coffee:
        _spill(paper, dpi, rng)
    if wear.folded:
        _fold(paper, dpi, rng)
    if wear.stapled:
        _staple(paper, dpi, rng)
    return np.clip(paper, 0, 255).astype(np.uint8)


def _show_through(paper: NDArray[np.float32], dpi: float, strength: float) -> None:
    """Darken the paper by another letter's print on the back: the same kind of lines, mirrored and blurred."""
    back = cv2.GaussianBlur(255 - np.roll(paper[:, ::-1], round(mm_to_px(5, dpi)), axis=0), (0, 0), mm_to_px(0.2, dpi))
    paper -= np.float32(strength) * back


def _fold(paper: NDArray[np.float32], dpi: float, rng: np.random.Generator) -> None:
    """Shade the paper along its folds, and let print flake off on them."""
    height, width = paper.shape[:2]
    rows_mm = np.arange(height, dtype=np.float32) * np.float32(25.4 / dpi)
    for fold_mm in _FOLDS_MM[int(rng.integers(len(_FOLDS_MM)))]:
        away_mm = rows_mm - np.float32(fold_mm + rng.normal(0, 1.5))
        crease = rng.uniform(0.06, 0.16) * np.exp(-((away_mm / 0.5) ** 2))
        slope = rng.uniform(0.01, 0.05) * np.exp(-np.abs(away_mm) / 10) * np.sign(away_mm)
        paper *= (1 - crease - slope).astype(np.float32)[:, None, None]
        broken = np.flatnonzero(np.abs(away_mm) < 0.18)
        flaked = rng.random((len(broken), width)) < 0.35
        paper[broken] = np.where(flaked[..., None], np.maximum(paper[broken], 225), paper[broken])


def _spill(paper: NDArray[np.float32], dpi: float, rng: np.random.Generator) -> None:
    height, width = paper.shape[:2]
    stain = np.zeros((height, width), np.float32)
    centre = (int(rng.uniform(0.1, 0.9) * width), int(rng.uniform(0.1, 0.9) * height))
    radius, thick = round(mm_to_px(rng.uniform(34, 41), dpi)), round(mm_to_px(rng.uniform(1.5, 3.5), dpi))
    start = float(rng.uniform(0, 360))
    cv2.ellipse(stain, centre, (radius, radius), start, 0, float(rng.uniform(220, 360)), 1.0, thick)
    for _ in range(int(rng.integers(0, 4))):
        drop = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(stain, drop, round(mm_to_px(rng.uniform(0.8, 2.5), dpi)), 0.8, -1)
    _lay(paper, cv2.GaussianBlur(stain, (0, 0), mm_to_px(0.4, dpi)) * np.float32(rng.uniform(0.2, 0.5)), _COFFEE)


def _staple(paper: NDArray[np.float32], dpi: float, rng: np.random.Generator) -> None:
    metal = np.zeros(paper.shape[:2], np.float32)
    middle, angle = rng.uniform(6, 14, 2), np.deg2rad(rng.choice([0.0, 45.0, 90.0]) + rng.normal(0, 6))
    reach = 5.5 * np.array([np.cos(angle), -np.sin(angle)])
    ends = [tuple(round(mm_to_px(float(value), dpi)) for value in end) for end in (middle - reach, middle + reach)]
    if rng.random() < 0.5:
        cv2.line(metal, ends[0], ends[1], 1.0, max(1, round(mm_to_px(0.6, dpi))))
        _lay(paper, metal, _STAPLE)
        return
    for end in ends:
        cv2.circle(metal, end, max(1, round(mm_to_px(0.35, dpi))), 1.0, -1)
    _lay(paper, metal, _HOLE)


def _lay(paper: NDArray[np.float32], coverage: NDArray[np.float32], colour: Rgb) -> None:
    x, y, width, height = cv2.boundingRect((coverage > 0).view(np.uint8))
    part = slice(y, y + height), slice(x, x + width)
    paper[part] *= 1 - coverage[part][..., None] * (1 - np.array(colour, np.float32) / 255)
