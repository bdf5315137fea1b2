"""Page pictures: grey, upright pixels, paper bright; at the resolution received, and coarser where that is enough."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from intake.errors import PageProblem
from intake.lost_lines import Mended, mend_lost_lines

Grey = NDArray[np.uint8]
"""Shape (height, width), 0 black to 255 white."""

LONGEST_SIDE_PX = 3_900
"""A4 at 333 dpi: what is finer tells nothing more about ink, and costs time and memory."""
LONGEST_JPEG_SIDE_PX = 5_000
"""The same for a JPEG, which is reduced by whole halves."""

_DECODE_SHRUNK = {
    1: cv2.IMREAD_GRAYSCALE,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}
_ORIENTATION, _LYING = 0x0112, (5, 6, 7, 8)
"""EXIF's tag, and the values of it that swap width and height."""
_HALVED_FROM_PX = 2_900
"""Longest side of a JPEG from which half of it (A4 at 125 dpi and more) is enough for most of the reading."""
_CLIPPED_FROM, _CLIPPED_SHARE = 253, 0.75

_SHORTEST_SIDE_PX = 16
_LONGEST_SHAPE = 50
_SQUARE_WITHIN = 0.02
_GREY_FROM, _GREY_TO, _BILEVEL_BELOW = 30, 225, 0.002
_FAX_WIDTHS_PX = frozenset({1728, 2048, 2432, 3456, 4096, 4864})
"""How many pixels a line has that a fax machine sends: A4, B4 and A3, at 204 and 408 dpi (ITU-T T.4)."""
_FAX_RATIOS = (204 / 98, 204 / 196, 204 / 391)
"""Pixels an inch along a line to lines an inch, in the resolutions of T.4 (408 × 391 is as square as 204 × 196)."""
_FAX_RATIO_WITHIN = 0.005


class Picture(Protocol):
    """A page as a picture, decoded only as finely as somebody looks at it."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        ...

    @property
    def grey(self) -> Grey:
        """All of it."""
        ...

    @property
    def half(self) -> Grey:
        """At half its resolution: pixel i covers pixels 2i and 2i + 1."""
        ...

    @property
    def quarter(self) -> Grey:
        """At a quarter of its resolution."""
        ...

    @property
    def bilevel(self) -> bool:
        """It was scanned in black and white: what was too pale for that is not there at all."""
        ...

    @property
    def fax(self) -> bool:
        """It is black and white with the pixels that fax machines send, and nothing else does."""
        ...

    @property
    def lost_lines(self) -> tuple[slice, ...]:
        """Rows in which a fax did not arrive, and others stand in their place."""
        ...


@dataclass(frozen=True)
class PagePicture:
    """A page of a file as a picture that is decoded already."""

    grey: Grey
    bilevel: bool
    fax: bool = False
    lost_lines: tuple[slice, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.grey.shape
        return height, width

    @cached_property
    def half(self) -> Grey:
        """At half its resolution."""
        return halved(self.grey)

    @cached_property
    def quarter(self) -> Grey:
        """At a quarter of its resolution."""
        return halved(self.half)


@dataclass(frozen=True)
class JpegPicture:
    """A JPEG: it can be decoded at half its resolution for a fraction of the time."""

    data: bytes
    shape: tuple[int, int]
    shrunk: int
    """1, 2 or 4: by how much it is finer than reading needs; what is beyond that is never decoded."""
    turned: bool
    """Whether it is turned as its orientation tag says, or lies as it is stored."""
    fax: bool = False
    """Faxes are never sent as JPEGs in black and white."""
    lost_lines: tuple[slice, ...] = ()

    @cached_property
    def grey(self) -> Grey:
        """All of it; raises PageProblem where it cannot be decoded."""
        return _decode_jpeg(self.data, self.shrunk, turned=self.turned)

    @cached_property
    def half(self) -> Grey:
        """At half its resolution; raises PageProblem where it cannot be decoded."""
        return _decode_jpeg(self.data, 2 * self.shrunk, turned=self.turned)

    @cached_property
    def quarter(self) -> Grey:
        """At a quarter of its resolution."""
        return halved(self.half)

    @cached_property
    def bilevel(self) -> bool:
        """A scan in black and white was stored as JPEG; only then is its paper all of one brightness."""
        sample = self.half[::3, ::3]
        is_clipped = int(np.count_nonzero(sample >= _CLIPPED_FROM)) > _CLIPPED_SHARE * sample.size
        return is_clipped and _is_bilevel(self.grey)


def page_picture(grey: Grey, x_dpi: float, y_dpi: float, *, bilevel: bool | None = None) -> PagePicture:
    """Make a page picture of decoded pixels; where they are not square (a fax), the coarser way is stretched.

    `bilevel` says whether there were but black and white; None where the pixels themselves have to tell.
    """
    is_bilevel = _is_bilevel(grey) if bilevel is None else bilevel
    is_fax = is_bilevel and _has_pixels_of_fax(grey.shape[1], x_dpi, y_dpi)
    mended = mend_lost_lines(grey) if is_fax else Mended(grey)
    square = _reduced(_square_pixels(mended.grey, x_dpi, y_dpi))
    return PagePicture(square, is_bilevel, is_fax, mended.lines_at(len(square) / len(grey)))


def jpeg_picture(data: bytes, x_dpi: float, y_dpi: float, *, turned: bool) -> Picture:
    """Make a page picture of a JPEG, turned as its orientation tag says or not; a fine one is decoded by half at first.

    Raises PageProblem where it cannot be decoded.
    """
    with Image.open(BytesIO(data)) as header:
        width, height = header.size
        orientation = header.getexif().get(_ORIENTATION, 1) if turned else 1
    shrunk = next((by for by in (1, 2) if max(width, height) <= by * LONGEST_JPEG_SIDE_PX), 4)
    is_whole = orientation == 1 or width % (2 * shrunk) == height % (2 * shrunk) == 0  # else it begins at the other end
    if max(width, height) < _HALVED_FROM_PX or not _is_square(x_dpi, y_dpi) or not is_whole:
        return page_picture(_decode_jpeg(data, 1, turned=turned), x_dpi, y_dpi)
    if orientation in _LYING:
        width, height = height, width
    picture = JpegPicture(data, (-(-height // shrunk), -(-width // shrunk)), shrunk, turned)
    if picture.half.shape != (-(-picture.shape[0] // 2), -(-picture.shape[1] // 2)):
        raise PageProblem("the JPEG is not as large as it says")
    return picture


def grey_of(image: Image.Image) -> Grey:
    """Turn a Pillow image into grey: its orientation tag applied, transparency laid on white paper."""
    if image.getexif().get(_ORIENTATION, 1) != 1:  # it copies the image where there is nothing to turn
        image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image)
    if image.mode.startswith("I"):
        samples = np.asarray(image, dtype=np.float64)
        return np.asarray(samples / max(samples.max(), 1.0) * 255, dtype=np.uint8)
    if image.mode not in ("1", "L"):
        image = image.convert("L")
    return np.frombuffer(image.tobytes("raw", "L"), dtype=np.uint8).reshape(image.height, image.width)


def _decode_jpeg(data: bytes, shrunk: int, *, turned: bool) -> Grey:
    as_stored = 0 if turned else cv2.IMREAD_IGNORE_ORIENTATION
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), _DECODE_SHRUNK[shrunk] | as_stored)
    if decoded is None:
        raise PageProblem("the JPEG cannot be decoded")
    return np.asarray(decoded, dtype=np.uint8)


def _has_pixels_of_fax(width_px: int, x_dpi: float, y_dpi: float) -> bool:
    """Tell a fax by the length of its lines and by the shape of its pixels: no scanner's are like that."""
    ratio = x_dpi / y_dpi if x_dpi > 1 and y_dpi > 1 else 1.0
    return width_px in _FAX_WIDTHS_PX and any(abs(ratio / each - 1) < _FAX_RATIO_WITHIN for each in _FAX_RATIOS)


def _is_square(x_dpi: float, y_dpi: float) -> bool:
    """Tell whether pixels are as wide as high, or nobody says in earnest that they are not."""
    unsaid = x_dpi <= 1 or y_dpi <= 1 or not 0.1 < x_dpi / y_dpi < 10
    return unsaid or abs(x_dpi / y_dpi - 1) < _SQUARE_WITHIN


def _square_pixels(grey: Grey, x_dpi: float, y_dpi: float) -> Grey:
    if _is_square(x_dpi, y_dpi):
        return grey
    height, width = grey.shape
    finer = max(x_dpi, y_dpi)
    size = (round(width * finer / x_dpi), round(height * finer / y_dpi))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def is_page_like(shape: tuple[int, int]) -> bool:
    """Tell whether a picture is large enough, and no mere sliver, so that there is anything to look at."""
    shorter, longer = sorted(shape)
    return bool(shorter >= _SHORTEST_SIDE_PX and longer <= _LONGEST_SHAPE * shorter)


def _is_bilevel(grey: Grey) -> bool:
    """Tell a black-and-white scan by its pixels, as scanned: there are no greys between."""
    sample = grey[::3, ::3]
    between = np.count_nonzero((sample > _GREY_FROM) & (sample < _GREY_TO))
    return bool(between < _BILEVEL_BELOW * sample.size)


def _reduced(grey: Grey) -> Grey:
    """Reduce a picture that is finer than reading needs; others are given back as they are."""
    factor = LONGEST_SIDE_PX / max(grey.shape)
    if factor >= 1:
        return grey
    height, width = (max(1, round(side * factor)) for side in grey.shape)  # a sliver keeps its shorter side
    return np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def halved(grey: Grey) -> Grey:
    """Halve a picture's resolution; of an odd side the last line is left out."""
    height, width = grey.shape[0] // 2 * 2, grey.shape[1] // 2 * 2
    even, size = grey[:height, :width], (width // 2, height // 2)
    return np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
