"""A sheet of paper that ink can be laid on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forms.units import BoxMm, mm_to_px, px_to_mm

Picture = NDArray[np.uint8]
Rgb = tuple[int, int, int]


class Sheet:
    """One printed page that somebody writes on: a picture in red, green and blue, white paper 255."""

    def __init__(self, picture: Picture, dpi: float) -> None:
        self.picture = picture
        """Shape (height, width, 3); changed in place by whatever lays ink on it."""
        self.dpi = dpi

    @property
    def width_mm(self) -> float:
        """Width of the paper."""
        return px_to_mm(self.picture.shape[1], self.dpi)

    @property
    def height_mm(self) -> float:
        """Height of the paper."""
        return px_to_mm(self.picture.shape[0], self.dpi)

    def clip_px(self, box: BoxMm) -> tuple[int, int, int, int]:
        """Return the pixels (x0, y0, x1, y1, ends excluded) that a box covers, as far as it lies on the paper."""
        height, width = self.picture.shape[:2]
        x0, y0 = (int(np.floor(mm_to_px(value, self.dpi))) for value in box[:2])
        x1, y1 = (int(np.ceil(mm_to_px(value, self.dpi))) for value in box[2:])
        x0, y0 = min(max(0, x0), width), min(max(0, y0), height)
        return x0, y0, min(max(x0, x1), width), min(max(y0, y1), height)

    def lay_ink(self, x_px: int, y_px: int, coverage: NDArray[np.float32], colour: Rgb) -> None:
        """Darken the paper from (x, y) on by transparent ink: coverage from 0 (none) to 1, shape (height, width)."""
        height, width = coverage.shape
        area = self.picture[y_px : y_px + height, x_px : x_px + width]
        for channel, value in enumerate(colour):
            factor = 1 - coverage * np.float32(1 - value / 255)
            area[..., channel] = (area[..., channel] * factor + np.float32(0.5)).astype(np.uint8)
