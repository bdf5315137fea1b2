"""The pages of a received PDF as pictures: the scanned image itself where a page is just that, rendered otherwise."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from forms.units import PT_PER_INCH
from intake.errors import DocumentProblem, PageProblem
from intake.laid_over import hides
from intake.pictures import Grey, PagePicture, Picture
from intake.results import Reason
from intake.scan_image import scan_of

_RENDER_DPI = 200.0
_MOST_OF_PAGE = 0.4


class PdfPages:
    """An opened PDF; holds memory outside Python until it is closed."""

    def __init__(self, data: bytes, max_pixels: int) -> None:
        """Open the PDF; raises DocumentProblem where it is encrypted or broken."""
        self._max_pixels = max_pixels
        self._structure = _open_structure(data)
        self.repaired = self._structure is None
        """The PDF was damaged: what is shown is what could be mended."""
        self._rendering = _open_rendering(data, mend=self.repaired)
        self._rendering.init_forms()
        self.count = len(self._rendering)
        if self.count == 0:
            raise DocumentProblem(Reason.FILE_BROKEN, "the PDF has no pages")

    def close(self) -> None:
        """Free what is held outside Python."""
        self._rendering.close()
        if self._structure is not None:
            self._structure.close()

    def picture(self, index: int) -> Picture:
        """Give page `index` (from 0); raises PageProblem for a page that cannot be shown."""
        scan = self._scan(index)
        return scan if scan is not None else self._render(index)

    def _scan(self, index: int) -> Picture | None:
        """Decode the page's one image; None where the page is anything else, or where only rendering shows it right."""
        if self._structure is None or len(self._structure.pages) != self.count:
            return None
        return scan_of(self._structure.pages[index], self._max_pixels)

    def hides(self, index: int) -> bool:
        """Tell whether what lies over page `index` hides something of it; raises PageProblem as `picture` does."""
        try:
            page = self._rendering[index]
            with_all, without = (_rendered(page, self._scale(page), annotations=shown) for shown in (True, False))
        except (pdfium.PdfiumError, ValueError, MemoryError) as error:
            raise PageProblem(str(error)) from error
        return hides(with_all, without, self._scale(page) * PT_PER_INCH)

    def _render(self, index: int) -> PagePicture:
        try:
            page = self._rendering[index]
            grey = _rendered(page, self._scale(page), annotations=True)
            bilevel = _shows_bilevel_scan(page)
        except (pdfium.PdfiumError, ValueError, MemoryError) as error:
            raise PageProblem(str(error)) from error
        return PagePicture(grey, bilevel)

    def _scale(self, page: pdfium.PdfPage) -> float:
        """Pixels a point at which the page is rendered."""
        width_pt, height_pt = page.get_size()
        scale = _RENDER_DPI / PT_PER_INCH
        pixels = width_pt * height_pt * scale * scale
        return float(scale * min(1.0, (self._max_pixels / pixels) ** 0.5)) if pixels else scale


def _rendered(page: pdfium.PdfPage, scale: float, *, annotations: bool) -> Grey:
    """Render a page with its form fields; without `annotations`, nothing that somebody laid over it."""
    bitmap = page.render(scale=scale, grayscale=True, draw_annots=annotations)
    return np.array(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width)


def _shows_bilevel_scan(page: pdfium.PdfPage) -> bool:
    """Tell a page that is mostly one picture of one bit a pixel: rendering it gives greys that the scan never had."""
    page_area = page.get_width() * page.get_height()
    for image in page.get_objects(filter=(pdfium_raw.FPDF_PAGEOBJ_IMAGE,), max_depth=3):
        left, bottom, right, top = image.get_bounds()
        if image.get_metadata().bits_per_pixel == 1 and (right - left) * (top - bottom) > _MOST_OF_PAGE * page_area:
            return True
    return False


def _open_rendering(data: bytes, *, mend: bool) -> pdfium.PdfDocument:
    """Open the PDF for rendering; with `mend`, as qpdf rebuilds it where the renderer cannot make anything of it."""
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code in (pdfium_raw.FPDF_ERR_PASSWORD, pdfium_raw.FPDF_ERR_SECURITY):
            raise DocumentProblem(Reason.FILE_ENCRYPTED, str(error)) from error
        problem = DocumentProblem(Reason.FILE_BROKEN, str(error))
    try:
        if mend:
            return pdfium.PdfDocument(_rebuilt(data))
    except (pdfium.PdfiumError, pikepdf.PikepdfError, ValueError) as error:
        raise problem from error
    raise problem


def _rebuilt(data: bytes) -> bytes:
    """The PDF as its objects say that it is, whatever its tables say; what is received stays as it is."""
    mended = BytesIO()
    with pikepdf.open(BytesIO(data)) as pdf:
        pdf.save(mended)
    return mended.getvalue()


def _open_structure(data: bytes) -> pikepdf.Pdf | None:
    """Open the PDF's structure; None where it is damaged: what mended it might see another document in these bytes."""
    try:
        return pikepdf.open(BytesIO(data), attempt_recovery=False)
    except pikepdf.PasswordError as error:
        raise DocumentProblem(Reason.FILE_ENCRYPTED, "it asks for a password") from error
    except pikepdf.PdfError:
        return None  # the renderer mends more than this reader does; it has the last word
