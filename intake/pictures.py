"""Page pictures: grey, upright pixels, paper bright."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Grey = NDArray[np.uint8]
"""Shape (height, width), 0 black to 255 white."""

LONGEST_SIDE_PX = 3_900
"""A4 at 333 dpi: what is finer tells nothing more about ink, and costs time and memory."""

_SHORTEST_SIDE_PX = 16
_LONGEST_SHAPE = 50
_SQUARE_WITHIN = 0.02
_GREY_FROM, _GREY_TO, _BILEVEL_BELOW = 30, 225, 0.002


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page of a file as a picture."""

    grey: Grey
    bilevel: bool
    """It was scanned in black and white: what was too pale for that is not there at all."""


def page_picture(grey: Grey, x_dpi: float, y_dpi: float) -> PagePicture:
    """Make a page picture of decoded pixels; where they are not square (a fax), the coarser way is stretched."""
    return PagePicture(_square_pixels(grey, x_dpi, y_dpi), _is_bilevel(grey))


def grey_of(image: Image.Image) -> Grey:
    """Turn a Pillow image into grey: its orientation tag applied, transparency laid on white paper."""
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image)
    if image.mode.startswith("I"):
        samples = np.asarray(image, dtype=np.float64)
        return np.asarray(samples / max(samples.max(), 1.0) * 255, dtype=np.uint8)
    return np.array(image.convert("L"))


def _square_pixels(grey: Grey, x_dpi: float, y_dpi: float) -> Grey:
    if x_dpi <= 1 or y_dpi <= 1 or abs(x_dpi / y_dpi - 1) < _SQUARE_WITHIN or not 0.1 < x_dpi / y_dpi < 10:
        return grey
    height, width = grey.shape
    finer = max(x_dpi, y_dpi)
    size = (round(width * finer / x_dpi), round(height * finer / y_dpi))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def is_page_like(grey: Grey) -> bool:
    """Tell whether a picture is large enough, and no mere sliver, so that there is anything to look at."""
    shorter, longer = sorted(grey.shape)
    return bool(shorter >= _SHORTEST_SIDE_PX and longer <= _LONGEST_SHAPE * shorter)


def _is_bilevel(grey: Grey) -> bool:
    """Tell a black-and-white scan by its pixels, as scanned: there are no greys between."""
    sample = grey[::3, ::3]
    between = np.count_nonzero((sample > _GREY_FROM) & (sample < _GREY_TO))
    return bool(between < _BILEVEL_BELOW * sample.size)


def reduced(grey: Grey) -> Grey:
    """Reduce a picture that is finer than reading needs; others are given back as they are."""
    factor = LONGEST_SIDE_PX / max(grey.shape)
    if factor >= 1:
        return grey
    return np.asarray(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def halved(grey: Grey) -> Grey:
    """Halve a picture's resolution; of an odd side the last line is left out."""
    height, width = grey.shape[0] // 2 * 2, grey.shape[1] // 2 * 2
    even, size = grey[:height, :width], (width // 2, height // 2)
    return np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
