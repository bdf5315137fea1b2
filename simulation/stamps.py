"""Rubber stamps and the line that a fax machine prints: words from a machine, laid on the paper."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import reportlab
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from forms.units import BoxMm, mm_to_px
from simulation.paper import Rgb, Sheet

STAMP_BLUE: Rgb = (45, 60, 150)
STAMP_RED: Rgb = (185, 40, 50)
BLACK: Rgb = (25, 25, 25)

_FONT = Path(reportlab.__file__).parent / "fonts" / "VeraBd.ttf"
"""A type that no issued form is set in, and that has the German letters."""


def stamp(
    sheet: Sheet, lines: tuple[str, ...], box: BoxMm, colour: Rgb, rng: np.random.Generator, *, frame: bool = True
) -> BoxMm:
    """Press a stamp onto the sheet, slightly turned and unevenly inked; returns the box that it covers."""
    plate = _plate(lines, box, sheet.dpi, frame=frame)
    turned = _turned(plate, float(rng.normal(0, 2.5)))
    height, width = turned.shape
    x0 = int(mm_to_px(box.centre[0], sheet.dpi) - width / 2)
    y0 = int(mm_to_px(box.centre[1], sheet.dpi) - height / 2)
    inked = turned * _unevenness(turned.shape, rng)
    return _lay(sheet, inked, x0, y0, colour)


def print_line(sheet: Sheet, text: str, x_mm: float, top_mm: float, height_mm: float) -> BoxMm:
    """Print one line in black, as a fax machine does; returns the box that it covers."""
    font = _font(mm_to_px(height_mm, sheet.dpi) * 1.3)
    left, top, right, bottom = (int(value) for value in font.getbbox(text))
    picture = Image.new("L", (right - left + 2, bottom - top + 2), 0)
    ImageDraw.Draw(picture).text((1 - left, 1 - top), text, fill=255, font=font)
    coverage = np.asarray(picture, np.float32) / np.float32(255)
    return _lay(sheet, coverage, int(mm_to_px(x_mm, sheet.dpi)), int(mm_to_px(top_mm, sheet.dpi)), BLACK)


def _plate(lines: tuple[str, ...], box: BoxMm, dpi: float, *, frame: bool) -> NDArray[np.float32]:
    width, height = int(mm_to_px(box.width, dpi)), int(mm_to_px(box.height, dpi))
    picture = Image.new("L", (width, height), 0)
    drawing = ImageDraw.Draw(picture)
    if frame:
        drawing.rectangle((1, 1, width - 2, height - 2), outline=255, width=max(1, round(mm_to_px(0.5, dpi))))
    pitch = height / (len(lines) + 0.6)
    for index, line in enumerate(lines):
        size = pitch * 0.8
        widest = drawing.textlength(line, font=_font(size))
        size *= min(1.0, 0.9 * width / max(1.0, widest))
        middle = (width / 2, pitch * (index + 0.8))
        drawing.text(middle, line, fill=255, font=_font(size), anchor="mm")
    return np.asarray(picture, np.float32) / np.float32(255)


def _font(size_px: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONT, max(4.0, size_px))


def _turned(plate: NDArray[np.float32], degrees: float) -> NDArray[np.float32]:
    height, width = plate.shape
    margin = int(0.08 * width) + 2
    padded = cv2.copyMakeBorder(plate, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=0)
    centre = (width / 2 + margin, height / 2 + margin)
    matrix = cv2.getRotationMatrix2D(centre, degrees, 1.0)
    turned = cv2.warpAffine(padded, matrix, (padded.shape[1], padded.shape[0]), flags=cv2.INTER_LINEAR)
    return np.asarray(turned, np.float32)


def _unevenness(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    height, width = shape
    patches = cv2.resize(rng.random((4, 7), dtype=np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    grain = cv2.blur(rng.random(shape, dtype=np.float32), (3, 3))
    return np.clip(0.45 + 0.5 * patches + 0.9 * (grain - 0.45), 0, 1).astype(np.float32)


def _lay(sheet: Sheet, coverage: NDArray[np.float32], x_px: int, y_px: int, colour: Rgb) -> BoxMm:
    rows, columns = np.nonzero(coverage > 0.1)
    if not len(rows):
        raise ValueError("A stamp without words leaves no ink.")
    mm = 25.4 / sheet.dpi
    box = BoxMm(
        float(x_px + columns.min()) * mm,
        float(y_px + rows.min()) * mm,
        float(x_px + columns.max() + 1) * mm,
        float(y_px + rows.max() + 1) * mm,
    )
    height, width = sheet.picture.shape[:2]
    left, top = max(0, -x_px), max(0, -y_px)
    visible = coverage[top : max(top, height - y_px), left : max(left, width - x_px)]
    sheet.lay_ink(x_px + left, y_px + top, visible, colour)
    return box
