"""The one place that converts between millimetres, points and pixels, and the box type that carries millimetres.

Everywhere in the project a length in millimetres is measured on the issued page from its top left corner,
x to the right and y downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MM_PER_INCH = 25.4
PT_PER_INCH = 72.0


def mm_to_pt(length_mm: float) -> float:
    """Convert millimetres to PDF points."""
    return length_mm * PT_PER_INCH / MM_PER_INCH


def pt_to_mm(length_pt: float) -> float:
    """Convert PDF points to millimetres."""
    return length_pt * MM_PER_INCH / PT_PER_INCH


def mm_to_px(length_mm: float, dpi: float) -> float:
    """Convert millimetres to (fractional) pixels at a resolution in dots per inch."""
    return length_mm * dpi / MM_PER_INCH


def px_to_mm(length_px: float, dpi: float) -> float:
    """Convert pixels at a resolution in dots per inch to millimetres."""
    return length_px * MM_PER_INCH / dpi


class BoxMm(NamedTuple):
    """An upright rectangle on a page, in millimetres from the page's top left corner."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Extent in x, in millimetres."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Extent in y, in millimetres."""
        return self.y1 - self.y0

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box (x, y)."""
        return ((self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2)

    def grown(self, margin_mm: float) -> BoxMm:
        """Return the box with every side moved outwards by the margin (inwards where it is negative)."""
        return BoxMm(self.x0 - margin_mm, self.y0 - margin_mm, self.x1 + margin_mm, self.y1 + margin_mm)

    def intersects(self, other: BoxMm) -> bool:
        """Tell whether the two boxes share any area."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1

    def contains(self, other: BoxMm) -> bool:
        """Tell whether the other box lies wholly inside this one."""
        return self.x0 <= other.x0 and self.y0 <= other.y0 and self.x1 >= other.x1 and self.y1 >= other.y1

    def within(self, other: BoxMm) -> BoxMm:
        """Return the part of the box that lies inside another, which it meets."""
        return BoxMm(max(self.x0, other.x0), max(self.y0, other.y0), min(self.x1, other.x1), min(self.y1, other.y1))

    def rounded(self, digits: int = 3) -> BoxMm:
        """Return the box with its coordinates rounded, for storing and showing."""
        return BoxMm(*(round(value, digits) for value in self))


def enclosing(boxes: Sequence[BoxMm]) -> BoxMm:
    """Return the smallest box that holds all of some boxes, of which there is at least one."""
    return BoxMm(
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )
