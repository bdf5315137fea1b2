"""Rubber stamps and the line that a fax machine prints: words from a machine, laid on the paper."""

from __future__ import annotations

from enum import Enum
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


class StampShape(Enum):
    """What a rubber stamp looks like."""

    FRAMED = "framed"
    LINES = "lines"
    """Lines of print and nothing else."""
    LOGO = "logo"
    """Lines of print beside a company's sign."""
    SEAL = "seal"
    """Two rings with the words running around between them, and a sign in the middle."""


def stamp(
    sheet: Sheet,
    lines: tuple[str, ...],
    box: BoxMm,
    colour: Rgb,
    rng: np.random.Generator,
    shape: StampShape = StampShape.FRAMED,
) -> BoxMm:
    """Press a stamp onto the sheet, slightly turned and unevenly inked; returns the box that it covers."""
    width, height = int(mm_to_px(box.width, sheet.dpi)), int(mm_to_px(box.height, sheet.dpi))
    picture = Image.new("L", (width, height), 0)
    _PLATES[shape](picture, lines, mm_to_px(1, sheet.dpi))
    plate = np.asarray(picture, np.float32) / np.float32(255)
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


def _framed(picture: Image.Image, lines: tuple[str, ...], px_per_mm: float) -> None:
    line = max(1, round(0.5 * px_per_mm))
    ImageDraw.Draw(picture).rectangle((1, 1, picture.width - 2, picture.height - 2), outline=255, width=line)
    _lines(picture, lines, px_per_mm)


def _lines(picture: Image.Image, lines: tuple[str, ...], _px_per_mm: float) -> None:
    drawing = ImageDraw.Draw(picture)
    pitch = picture.height / (len(lines) + 0.6)
    for index, line in enumerate(lines):
        size = pitch * 0.8
        widest = drawing.textlength(line, font=_font(size))
        size *= min(1.0, 0.9 * picture.width / max(1.0, widest))
        middle = (picture.width / 2, pitch * (index + 0.8))
        drawing.text(middle, line, fill=255, font=_font(size), anchor="mm")


def _logo(picture: Image.Image, lines: tuple[str, ...], px_per_mm: float) -> None:
    """Set the company's initials in a rounded square, and the lines beside it."""
    side = round(min(picture.height, 0.3 * picture.width))
    line = max(1, round(0.7 * px_per_mm))
    drawing = ImageDraw.Draw(picture)
    drawing.rounded_rectangle((1, 1, side - 2, side - 2), radius=side // 6, outline=255, width=line)
    drawing.text((side / 2, side / 2), lines[0][:2].upper(), fill=255, font=_font(0.45 * side), anchor="mm")
    beside = Image.new("L", (picture.width - side - line, picture.height), 0)
    _lines(beside, lines, px_per_mm)
    picture.paste(beside, (side + line, 0))


def _seal(picture: Image.Image, lines: tuple[str, ...], px_per_mm: float) -> None:
    side = min(picture.size)
    line = max(1, round(0.5 * px_per_mm))
    drawing = ImageDraw.Draw(picture)
    inner = round(0.24 * side)
    drawing.ellipse((1, 1, side - 2, side - 2), outline=255, width=line)
    drawing.ellipse((inner, inner, side - inner, side - inner), outline=255, width=line)
    drawing.text((side / 2, side / 2), lines[0][:1], fill=255, font=_font(0.35 * side), anchor="mm")
    words = f"{lines[0]} · {lines[-1]} · "
    font = _font(min(0.14 * side, 1.9 * side / len(words)))
    for index, character in enumerate(words):
        letter = Image.new("L", (side, side), 0)
        ImageDraw.Draw(letter).text((side / 2, 0.13 * side), character, fill=255, font=font, anchor="mm")
        turned = letter.rotate(-360 * index / len(words), Image.Resampling.BICUBIC)
        picture.paste(255, (0, 0), turned)


_PLATES = {
    StampShape.FRAMED: _framed,
    StampShape.LINES: _lines,
    StampShape.LOGO: _logo,
    StampShape.SEAL: _seal,
}


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
