"""Find our page codes on a page picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from forms.page_code import PageCode, parse_code
from intake.pictures import Grey, Picture

_DATA_MATRIX = zxingcpp.barcode_formats_from_str("DataMatrix")
_CORNER_SHARE_X, _CORNER_SHARE_Y = 0.36, 0.24
"""How much of the page's width and height a corner crop takes: both codes lie well within, in every orientation."""
_THOROUGH_PX = 3000
"""Longest side of the picture that is searched thoroughly; a code of 16 mm still has 8 pixels a module there."""
_FINE_PX = 2900
"""From this longest side on (A4 at 250 dpi), modules still have 3.6 pixels at half the resolution."""
_SMALL_PX = 1500
"""Below this longest side (A4 at 130 dpi) modules have few pixels, and the picture is also searched enlarged."""

_Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels, the ends exclusive."""


@dataclass(frozen=True, slots=True)
class FoundCode:
    """One page code as it was found."""

    code: PageCode
    content: str
    corners_px: NDArray[np.float64]
    """Shape (4, 2), x and y: top left, top right, bottom right, bottom left of the *symbol*, however it lies."""

    def enlarged(self, factor: float) -> FoundCode:
        """Give the code as it lies on a picture that is so many times finer."""
        return FoundCode(self.code, self.content, (self.corners_px + 0.5) * factor - 0.5)


def find_codes(picture: Picture) -> tuple[FoundCode, ...]:
    """Find the page codes on a picture: quickly in its corners, then everywhere, ever more thoroughly.

    Each printed code is given once. A search ends with the first effort that finds any; one code is enough to go on,
    as locating looks for the other where it must be.
    """
    for found in _efforts(picture):
        if found:
            return found
    return ()


def codes_on(grey: Grey) -> tuple[FoundCode, ...]:
    """Find the page codes on a small part of a page, whose modules may have few pixels."""
    return _read_scaled(grey, 2.0)


def _efforts(picture: Picture) -> Iterator[tuple[FoundCode, ...]]:
    if max(picture.shape) >= _FINE_PX:
        found = _read_corners(picture.half)
        if len(found) > 1:  # of one alone, the other may only be too small here
            yield tuple(one.enlarged(2) for one in found)
    grey = picture.grey
    yield _read_corners(grey)
    whole = (0, 0, grey.shape[1], grey.shape[0])
    yield _read(grey, whole, thorough=False)
    yield _read_scaled(grey, min(1.0, _THOROUGH_PX / max(grey.shape)))
    if max(grey.shape) < _SMALL_PX:
        yield _read_scaled(grey, 2.0)
    else:
        yield _read_scaled(grey, _SMALL_PX / max(grey.shape))


def _read_corners(grey: Grey) -> tuple[FoundCode, ...]:
    """Read the codes in two corners diagonally apart, where both are printed; in the other two where they are not."""
    found: tuple[FoundCode, ...] = ()
    for diagonal in _corner_boxes(grey):
        found += tuple(code for crop in diagonal for code in _read(grey, crop, thorough=False))
        if len(found) > 1:
            break
    return found


def _corner_boxes(grey: Grey) -> tuple[tuple[_Box, _Box], tuple[_Box, _Box]]:
    """Give the corners of a page that stands upright or upside down, where codes are; then the other two."""
    height, width = grey.shape
    upright = height >= width
    box_width = int(width * (_CORNER_SHARE_X if upright else _CORNER_SHARE_Y))
    box_height = int(height * (_CORNER_SHARE_Y if upright else _CORNER_SHARE_X))
    left, top, right, bottom = (
        (0, box_width),
        (0, box_height),
        (width - box_width, width),
        (height - box_height, height),
    )
    first, second, third, fourth = ((x[0], y[0], x[1], y[1]) for y in (top, bottom) for x in (left, right))
    return ((first, fourth), (second, third)) if upright else ((second, third), (first, fourth))


def _read_scaled(grey: Grey, scale: float) -> tuple[FoundCode, ...]:
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = grey if scale == 1 else cv2.resize(grey, None, fx=scale, fy=scale, interpolation=interpolation)
    picture = np.asarray(scaled, dtype=np.uint8)
    found = _read(picture, (0, 0, picture.shape[1], picture.shape[0]), thorough=True)
    return tuple(one.enlarged(1 / scale) for one in found)


def _read(grey: Grey, box: _Box, *, thorough: bool) -> tuple[FoundCode, ...]:
    x0, y0, x1, y1 = box
    binarizer = zxingcpp.Binarizer.LocalAverage if thorough else zxingcpp.Binarizer.GlobalHistogram
    barcodes = zxingcpp.read_barcodes(
        np.ascontiguousarray(grey[y0:y1, x0:x1]),
        formats=_DATA_MATRIX,
        binarizer=binarizer,
        try_downscale=thorough,
        try_invert=False,
    )
    found = []
    for barcode in barcodes:
        code = parse_code(barcode.text)
        if code is not None:
            position = barcode.position
            corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
            points = np.array([(corner.x + x0, corner.y + y0) for corner in corners], dtype=np.float64)
            found.append(FoundCode(code, barcode.text, points))
    return tuple(found)
