"""An issued letter as a picture for people: what they are about to send, in colour, with its empty fields."""

from __future__ import annotations

from io import BytesIO

from forms.blank_page import opened
from forms.units import PT_PER_INCH


def letter_picture(pdf: bytes, *, page: int = 1, dpi: float = 110) -> bytes:
    """Render a page of a PDF of our own, counted from 1, as PNG; raises `IndexError` for a page that is not there."""
    with opened(pdf) as document:
        if not 1 <= page <= len(document):
            raise IndexError(page)
        image = document[page - 1].render(scale=dpi / PT_PER_INCH).to_pil()
    data = BytesIO()
    image.convert("RGB").quantize(64).save(data, "PNG")
    return data.getvalue()
