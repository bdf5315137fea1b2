"""Open a received file by its content, whatever it is called, and give its pages as grey pictures.

A scanned page is usually one image: its bytes are taken out of the PDF and decoded as they are, which is several times
faster than rendering the page and loses nothing. Every other PDF page is rendered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from intake.errors import DocumentProblem
from intake.file_formats import FileFormat, file_format, why_not_a_document
from intake.pdf_pages import PdfPages
from intake.picture_files import PictureFile
from intake.pictures import Picture
from intake.results import Reason

MAX_PAGES = 500
MAX_PIXELS = 120_000_000
"""Of one page image; A4 at 600 dpi has 35 million."""


class Pages(Protocol):
    """The pages of one opened document."""

    @property
    def count(self) -> int:
        """How many pages there are."""
        ...

    @property
    def repaired(self) -> bool:
        """The file was damaged and had to be mended to be shown."""
        ...

    def hides(self, index: int) -> bool:
        """Tell whether what a viewer laid over page `index` hides something of it."""
        ...

    def picture(self, index: int) -> Picture:
        """Give page `index` (from 0); raises PageProblem for a page that cannot be shown."""
        ...


@contextmanager
def open_document(data: bytes) -> Iterator[Pages]:
    """Open a PDF or a picture; raises DocumentProblem for everything else and for what is broken."""
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
    if file_format(data) is FileFormat.PDF:
        return PdfPages(data, MAX_PIXELS)
    return PictureFile(data, MAX_PIXELS)
