"""The page as it was issued, as a picture: what a returned page is compared with.

Most of it is the same for every customer of a letter. It can be rendered once and told apart from the customer's own
part: every page of an issued PDF ends with the content that is the customer's (`forms.prototype`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from io import BytesIO
from threading import Lock
from typing import Self

import cv2
import numpy as np
import pikepdf
import pypdfium2 as pdfium
from numpy.typing import NDArray

from forms.units import PT_PER_INCH

_ONE_AT_A_TIME = Lock()
"""pdfium knows no threads, and a web server has several."""

Picture = NDArray[np.uint8]
"""Shape (height, width), white paper 255."""
Region = tuple[slice, slice]
"""Rows and columns of a picture."""

_FINER = 2


class PagePart(Enum):
    """What of an issued page is wanted."""

    SHARED = slice(None, -1)
    """What all customers of the letter have on it; the value picks its content streams."""
    OWN = slice(-1, None)
    """What only this customer has on it."""


@contextmanager
def opened(pdf: bytes) -> Iterator[pdfium.PdfDocument]:
    """Open a PDF of our own to render it; other threads wait meanwhile."""
    with _ONE_AT_A_TIME:
        document = pdfium.PdfDocument(pdf)
        try:
            yield document
        finally:
            document.close()


def render_blank_pages(pdf: bytes, dpi: float) -> list[Picture]:
    """Render every page of an issued PDF in grey, fields left out."""
    with opened(pdf) as document:
        return [_render(page, dpi, _shape(page, dpi)) for page in document]


def render_blank_page(
    pdf: bytes, number: int, dpi: float, shape: tuple[int, int], regions: Sequence[Region] | None = None
) -> Picture:
    """Render one page of an issued PDF, or of a part of one, in grey, fields left out; pages count from 1.

    `shape` is the picture's, from the page's top left corner on; where `regions` are given, all else is left white.
    """
    with opened(pdf) as document:
        return _render(document[number - 1], dpi, shape, regions)


class IssuedParts:
    """An issued PDF, opened to be taken apart; holds memory outside Python until it is closed."""

    def __init__(self, pdf: bytes) -> None:
        self._opened = pikepdf.open(BytesIO(pdf))
        self._contents = [_contents(page) for page in self._opened.pages]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def only(self, part: PagePart) -> bytes:
        """Return the PDF with nothing but a part of each page on it."""
        buffer = BytesIO()
        for page, contents in zip(self._opened.pages, self._contents, strict=True):
            page.obj.Contents = pikepdf.Array(contents[part.value])
        self._opened.save(buffer, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.preserve)
        return buffer.getvalue()

    def shared_digest(self) -> str:
        """Return the digest of what the pages share with other customers': equal digests, equal pictures."""
        digest = hashlib.sha256()
        for page, contents in zip(self._opened.pages, self._contents, strict=True):
            digest.update(page.mediabox.unparse())
            for stream in contents[PagePart.SHARED.value]:
                digest.update(stream.read_raw_bytes())
            for font in page.resources.get("/Font", pikepdf.Dictionary()).values():
                digest.update(font.FontDescriptor.FontFile2.read_raw_bytes())
                digest.update(font.Widths.unparse())
        return digest.hexdigest()


def _contents(page: pikepdf.Page) -> Sequence[pikepdf.Object]:
    contents = page.obj.Contents
    return list(contents) if isinstance(contents, pikepdf.Array) else [contents]


def _shape(page: pdfium.PdfPage, dpi: float) -> tuple[int, int]:
    width_pt, height_pt = page.get_size()
    return round(height_pt * dpi / PT_PER_INCH), round(width_pt * dpi / PT_PER_INCH)


def _render(
    page: pdfium.PdfPage, dpi: float, shape: tuple[int, int], regions: Sequence[Region] | None = None
) -> Picture:
    """Render at exactly the resolution asked for, twice as fine first and then reduced.

    The ordinary call stretches the page to a whole number of pixels: up to 0.2 mm at the foot of an A4 page at 100 dpi.
    And letters are set at whole pixels, which at the resolution of a comparison moves them as far as a wrong one would.
    """
    height, width = shape
    scale = dpi * _FINER / PT_PER_INCH
    fine = np.empty((height * _FINER, width * _FINER), dtype=np.uint8)
    bitmap = pdfium.raw.FPDFBitmap_CreateEx(
        fine.shape[1], fine.shape[0], pdfium.raw.FPDFBitmap_Gray, fine.ctypes.data, fine.shape[1]
    )
    matrix = pdfium.raw.FS_MATRIX(scale, 0, 0, scale, 0, 0)
    picture = np.full(shape, 255, dtype=np.uint8)
    for rows, columns in [(slice(0, height), slice(0, width))] if regions is None else regions:
        top, bottom, left, right = (edge * _FINER for edge in (rows.start, rows.stop, columns.start, columns.stop))
        part = fine[top:bottom, left:right]
        part[:] = 255
        clip = pdfium.raw.FS_RECTF(left, top, right, bottom)
        pdfium.raw.FPDF_RenderPageBitmapWithMatrix(bitmap, page, matrix, clip, pdfium.raw.FPDF_GRAYSCALE)
        cv2.resize(
            part, (part.shape[1] // _FINER, part.shape[0] // _FINER), picture[rows, columns], 0, 0, cv2.INTER_AREA
        )
    pdfium.raw.FPDFBitmap_Destroy(bitmap)
    return picture
