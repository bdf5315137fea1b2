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
    """Render at exactly the resolution asked for, twice as fine first and then reduced.

    The ordinary call stretches the page to a whole number of pixels: up to 0.2 mm at the foot of an A4 page at 100 dpi.
    And letters are set at whole pixels, which at the resolution of a comparison moves them as far as a wrong one would.
    """
    width_pt, height_pt = page.get_size()
    width, height = (round(side * dpi / PT_PER_INCH) for side in (width_pt, height_pt))
    scale = dpi * 2 / PT_PER_INCH
    width_px, height_px = width * 2, height * 2
    bitmap = pdfium.PdfBitmap.new_native(width_px, height_px, pdfium.raw.FPDFBitmap_Gray)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width_px, height_px)
    matrix = pdfium.raw.FS_MATRIX(scale, 0, 0, scale, 0, 0)
    clip = pdfium.raw.FS_RECTF(0, 0, width_px, height_px)
    pdfium.raw.FPDF_RenderPageBitmapWithMatrix(bitmap, page, matrix, clip, pdfium.raw.FPDF_GRAYSCALE)
    fine = bitmap.to_numpy().reshape(height_px, width_px).astype(np.uint16)
    rows = fine[::2] + fine[1::2]
    return np.asarray((rows[:, ::2] + rows[:, 1::2] + 2) // 4, dtype=np.uint8)
