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
    """Render at exactly the resolution asked for.

    The ordinary call stretches the page to a whole number of pixels: up to 0.2 mm at the foot of an A4 page at 100 dpi.
    """
    scale = dpi / PT_PER_INCH
    width_pt, height_pt = page.get_size()
    width_px, height_px = round(width_pt * scale), round(height_pt * scale)
    bitmap = pdfium.PdfBitmap.new_native(width_px, height_px, pdfium.raw.FPDFBitmap_Gray)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width_px, height_px)
    matrix = pdfium.raw.FS_MATRIX(scale, 0, 0, scale, 0, 0)
    clip = pdfium.raw.FS_RECTF(0, 0, width_px, height_px)
    pdfium.raw.FPDF_RenderPageBitmapWithMatrix(bitmap, page, matrix, clip, pdfium.raw.FPDF_GRAYSCALE)
    return np.array(bitmap.to_numpy()).reshape(height_px, width_px)
