"""An issued letter as a picture for people: what they are about to send, in colour, with its empty fields."""

from __future__ import annotations

from io import BytesIO
from threading import Lock

import pypdfium2 as pdfium

from forms.units import PT_PER_INCH

_ONE_AT_A_TIME = Lock()
"""pdfium knows no threads, and a web server has several."""


def letter_picture(pdf: bytes, *, page: int = 1, dpi: float = 110) -> bytes:
    """Render a page of a PDF of our own, counted from 1, as PNG; raises `IndexError` for a page that is not there."""
    with _ONE_AT_A_TIME:
        document = pdfium.PdfDocument(pdf)
        try:
            if not 1 <= page <= len(document):
                raise IndexError(page)
            image = document[page - 1].render(scale=dpi / PT_PER_INCH).to_pil()
        finally:
            document.close()
    data = BytesIO()
    image.convert("RGB").quantize(64).save(data, "PNG")
    return data.getvalue()
