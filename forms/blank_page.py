"""The page as it was issued, as a picture: what a returned page is compared with."""

from __future__ import annotations

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from forms.units import PT_PER_INCH


def render_blank_pages(pdf: bytes, dpi: float) -> list[NDArray[np.uint8]]:
    """Render every page of an issued PDF in grey, shape (height, width), white paper 255, fields left out."""
    document = pdfium.PdfDocument(pdf)
    try:
        return [_render(document[index], dpi) for index in range(len(document))]
    finally:
        document.close()


def _render(page: pdfium.PdfPage, dpi: float) -> NDArray[np.uint8]:
    bitmap = page.render(scale=dpi / PT_PER_INCH, grayscale=True, may_draw_forms=False, draw_annots=False)
    return np.array(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width)
