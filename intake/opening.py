"""Open a received file by its content, whatever it is called, and give its pages as grey pictures.

A scanned page is usually one image: its bytes are taken out of the PDF and decoded as they are, which is several times
faster than rendering the page and loses nothing. Every other PDF page is rendered.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Protocol

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from intake.errors import DocumentProblem, PageProblem
from intake.file_formats import FileFormat, file_format, why_not_a_document
from intake.pdf_pages import PdfPages
from intake.pictures import Grey, PagePicture, Picture, grey_of, page_picture
from intake.results import Reason

MAX_PAGES = 500
MAX_PIXELS = 120_000_000
"""Of one page image; A4 at 600 dpi has 35 million."""

_PILLOW_FAILS = (OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError, struct.error)
"""What Pillow raises on pictures that are broken in one way or another."""


class Pages(Protocol):
    """The pages of one opened document."""

    @property
    def count(self) -> int:
        """How many pages there are."""
        ...

    def picture(self, index: int) -> Picture:
        """Give page `index` (from 0); raises PageProblem for a page that cannot be shown."""
        ...


@dataclass(frozen=True, slots=True)
class _OnePicture:
    page: PagePicture
    count: int = 1

    def picture(self, index: int) -> PagePicture:  # noqa: ARG002
        return self.page


@contextmanager
def open_document(data: bytes) -> Iterator[Pages]:
    """Open a PDF, TIFF, JPEG or PNG; raises DocumentProblem for everything else and for what is broken."""
    if why := why_not_a_document(data):
        raise DocumentProblem(*why)
    pages = _open(data)
    try:
        if pages.count > MAX_PAGES:
            raise DocumentProblem(Reason.FILE_TOO_LARGE, f"{pages.count} pages, at most {MAX_PAGES} are read")
        yield pages
    finally:
        if isinstance(pages, PdfPages):
            pages.close()


def _open(data: bytes) -> Pages:
    kind = file_format(data)
    if kind is FileFormat.PDF:
        return PdfPages(data, MAX_PIXELS)
    return _TiffPages(data) if kind is FileFormat.TIFF else _OnePicture(_decode_photo(data))


class _TiffPages:
    """The frames of a TIFF, made upright and square."""

    def __init__(self, data: bytes) -> None:
        self._image = _open_image(data)
        try:
            self.count: int = getattr(self._image, "n_frames", 1)
        except _PILLOW_FAILS as error:
            raise DocumentProblem(Reason.FILE_BROKEN, str(error)) from error

    def picture(self, index: int) -> PagePicture:
        try:
            self._image.seek(index)
            _refuse_too_many_pixels(self._image)
            x_dpi, y_dpi = self._image.info.get("dpi", (0, 0))
            return page_picture(grey_of(self._image), float(x_dpi), float(y_dpi))
        except (*_PILLOW_FAILS, DocumentProblem) as error:
            raise PageProblem(str(error)) from error


def _decode_photo(data: bytes) -> PagePicture:
    image = _open_image(data)
    _refuse_too_many_pixels(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        return page_picture(grey_of(image), 0, 0)
    # OpenCV decodes straight to grey, scales 16 bits down and turns the picture as its EXIF orientation says.
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if decoded is None:
        raise DocumentProblem(Reason.FILE_BROKEN, "the picture cannot be decoded")
    grey: Grey = decoded.astype(np.uint8, copy=False)
    x_dpi, y_dpi = image.info.get("dpi", (0, 0))
    return page_picture(grey, float(x_dpi), float(y_dpi))


def _open_image(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # MAX_PIXELS is our own limit
            return Image.open(BytesIO(data))
    except UnidentifiedImageError as error:
        raise DocumentProblem(Reason.FILE_BROKEN, "the picture cannot be understood") from error
    except Image.DecompressionBombError as error:
        raise DocumentProblem(Reason.FILE_TOO_LARGE, str(error)) from error
    except _PILLOW_FAILS as error:
        raise DocumentProblem(Reason.FILE_BROKEN, str(error)) from error


def _refuse_too_many_pixels(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise DocumentProblem(Reason.FILE_TOO_LARGE, f"{image.width} × {image.height} pixels")
