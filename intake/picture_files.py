"""Files that are pictures themselves, one page or several, as pages: TIFF of scanners and faxes, photos of phones."""

from __future__ import annotations

import struct
import warnings
from contextlib import suppress
from io import BytesIO

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError
from pillow_heif import register_heif_opener

from intake.errors import DocumentProblem, PageProblem
from intake.pictures import Grey, Picture, grey_of, jpeg_picture, page_picture
from intake.results import Reason

_KINDS = ("TIFF", "JPEG", "PNG", "WEBP", "GIF", "BMP", "JPEG2000")
"""All that is ever handed to a parser; whatever else claims to be a picture is not opened."""
_KINDS_IN_BOXES = ("HEIF", "AVIF")
_MOVING = ("GIF", "WEBP", "PNG", "AVIF")
"""Several frames in one of these are a moving picture; in a TIFF or HEIC file they are pages."""
_JPEG = ("JPEG", "MPO")
_FAILS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    TypeError,
    KeyError,
    IndexError,
    RuntimeError,
    struct.error,
    cv2.error,
)
"""What Pillow and its helpers raise on pictures that are broken in one way or another."""

register_heif_opener()


class PictureFile:
    """The frames of one picture file, made upright and square."""

    repaired = False
    """Pictures are shown as they are, or not at all."""

    def __init__(self, data: bytes, max_pixels: int) -> None:
        """Open the file; raises DocumentProblem where it is broken, too large, or moves."""
        self._data = data
        self._max_pixels = max_pixels
        self._image = _open(data)
        try:
            self.count = _frame_count(self._image)
        except _FAILS as error:
            raise DocumentProblem(Reason.FILE_BROKEN, str(error)) from error
        if self.count > 1 and self._image.format in _MOVING:
            raise DocumentProblem(Reason.FILE_MEDIA, f"a moving {self._image.format} of {self.count} frames")
        self._only = self._the_only_frame() if self.count == 1 else None

    def hides(self, index: int) -> bool:  # noqa: ARG002
        """Nothing lies over a picture."""
        return False

    def picture(self, index: int) -> Picture:
        """Give frame `index` (from 0); raises PageProblem for one that cannot be shown."""
        if self._only is not None:
            return self._only
        try:
            self._image.seek(index)
            self._refuse_too_many_pixels()
            return self._frame()
        except (*_FAILS, DocumentProblem) as error:
            raise PageProblem(str(error)) from error

    def _the_only_frame(self) -> Picture:
        """Decode it at once: where that fails, there is nothing else in the file."""
        self._refuse_too_many_pixels()
        try:
            return self._frame()
        except _FAILS as error:
            raise DocumentProblem(Reason.FILE_BROKEN, f"the picture cannot be decoded: {error}") from error

    def _frame(self) -> Picture:
        x_dpi, y_dpi = (float(dpi) for dpi in self._image.info.get("dpi", (0, 0)))
        if self._image.format in _JPEG and self._image.mode in ("L", "RGB"):
            with suppress(PageProblem):  # Pillow may still make something of it
                return jpeg_picture(self._data, x_dpi, y_dpi, turned=True)
        return page_picture(self._grey(), x_dpi, y_dpi)

    def _grey(self) -> Grey:
        image = self._image
        is_plain = image.mode in ("L", "RGB", "P", "1") and "transparency" not in image.info
        if image.format == "PNG" and (is_plain or image.mode.startswith("I")):
            # OpenCV decodes straight to grey, and scales 16 bits down.
            decoded = cv2.imdecode(np.frombuffer(self._data, np.uint8), cv2.IMREAD_GRAYSCALE)
            if decoded is not None:
                return decoded.astype(np.uint8, copy=False)
        return grey_of(image)

    def _refuse_too_many_pixels(self) -> None:
        if self._image.width * self._image.height > self._max_pixels:
            raise DocumentProblem(Reason.FILE_TOO_LARGE, f"{self._image.width} × {self._image.height} pixels")


def _open(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we have a limit of our own
            return Image.open(BytesIO(data), formats=_KINDS_IN_BOXES if data[4:8] == b"ftyp" else _KINDS)
    except UnidentifiedImageError as error:
        raise DocumentProblem(Reason.FILE_BROKEN, "the picture cannot be understood") from error
    except Image.DecompressionBombError as error:
        raise DocumentProblem(Reason.FILE_TOO_LARGE, str(error)) from error
    except _FAILS as error:
        raise DocumentProblem(Reason.FILE_BROKEN, str(error)) from error


def _frame_count(image: Image.Image) -> int:
    """Count the frames that are pages: what phones append to a photo (MPO) is the same photo in another way."""
    return 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))
