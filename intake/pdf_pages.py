"""The pages of a received PDF as pictures: the scanned image itself where a page is just that, rendered otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
import pikepdf
import pypdfium2 as pdfium
from PIL import Image

from forms.units import PT_PER_INCH
from intake.errors import DocumentProblem, PageProblem
from intake.pictures import Grey, grey_of, square_pixels
from intake.results import Reason

_RENDER_DPI = 200.0
_MAX_CONTENT_BYTES = 2_000
"""Drawing one image takes some dozen bytes; a longer content stream draws more and is rendered."""
_DRAWS_NOTHING = {"q", "Q", "cm", "gs", "Do"}


@dataclass(frozen=True, slots=True)
class _ScanImage:
    image: pikepdf.Stream
    x_dpi: float
    y_dpi: float


class PdfPages:
    """An opened PDF; holds memory outside Python until it is closed."""

    def __init__(self, data: bytes, max_pixels: int) -> None:
        """Open the PDF; raises DocumentProblem where it is encrypted or broken."""
        self._max_pixels = max_pixels
        self._structure = _open_structure(data)
        try:
            self._rendering = pdfium.PdfDocument(data)
            self._rendering.init_forms()
        except pdfium.PdfiumError as error:
            raise DocumentProblem(Reason.FILE_BROKEN, str(error)) from error
        self.count = len(self._rendering)
        if self.count == 0:
            raise DocumentProblem(Reason.FILE_BROKEN, "the PDF has no pages")

    def close(self) -> None:
        """Free what is held outside Python."""
        self._rendering.close()
        if self._structure is not None:
            self._structure.close()

    def picture(self, index: int) -> Grey:
        """Give page `index` (from 0) in grey; raises PageProblem for a page that cannot be shown."""
        scan = self._decode_scan(index)
        return scan if scan is not None else self._render(index)

    def _decode_scan(self, index: int) -> Grey | None:
        """Decode the page's one image; None where the page is anything else, or where only rendering shows it right."""
        if self._structure is None or index >= len(self._structure.pages):
            return None
        try:
            scan = _only_image(self._structure.pages[index])
            if scan is None or int(scan.image.Width) * int(scan.image.Height) > self._max_pixels:
                return None
            grey = _decode(scan.image)
        except (pikepdf.PdfError, AttributeError, KeyError, TypeError, ValueError, OSError, NotImplementedError):
            return None  # not a plain image after all: what the page looks like is for the renderer to say
        return None if grey is None else square_pixels(grey, scan.x_dpi, scan.y_dpi)

    def _render(self, index: int) -> Grey:
        try:
            page = self._rendering[index]
            width_pt, height_pt = page.get_size()
            scale = _RENDER_DPI / PT_PER_INCH
            pixels = width_pt * height_pt * scale * scale
            if pixels > self._max_pixels:
                scale *= (self._max_pixels / pixels) ** 0.5
            bitmap = page.render(scale=scale, grayscale=True)
        except (pdfium.PdfiumError, ValueError, MemoryError) as error:
            raise PageProblem(str(error)) from error
        return np.array(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width)


def _open_structure(data: bytes) -> pikepdf.Pdf | None:
    try:
        return pikepdf.open(BytesIO(data))
    except pikepdf.PasswordError as error:
        raise DocumentProblem(Reason.FILE_ENCRYPTED, str(error)) from error
    except pikepdf.PdfError:
        return None  # the renderer mends more than this reader does; it has the last word


def _only_image(page: pikepdf.Page) -> _ScanImage | None:
    """Find the image of a page that draws one upright image and nothing else."""
    if len(page.obj.get("/Annots", [])) > 0:
        return None
    contents = page.obj.get("/Contents")
    if contents is None:
        return None
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    if sum(len(stream.read_raw_bytes()) for stream in streams) > _MAX_CONTENT_BYTES:
        return None
    instructions = list(pikepdf.parse_content_stream(page))
    operators = [str(instruction.operator) for instruction in instructions]
    if operators.count("Do") != 1 or set(operators) - _DRAWS_NOTHING:
        return None
    matrix = pikepdf.Matrix()
    for instruction in instructions[: operators.index("Do")]:
        if str(instruction.operator) == "cm":
            matrix = pikepdf.Matrix(*(float(operand) for operand in instruction.operands)) @ matrix
    name = str(instructions[operators.index("Do")].operands[0])
    image = page.images.get(name)
    if not isinstance(image, pikepdf.Stream) or matrix.a <= 0 or matrix.d <= 0 or abs(matrix.b) + abs(matrix.c) > 1e-3:
        return None
    return _ScanImage(image, int(image.Width) * PT_PER_INCH / matrix.a, int(image.Height) * PT_PER_INCH / matrix.d)


def _decode(image: pikepdf.Stream) -> Grey | None:
    if any(key in image for key in ("/SMask", "/Mask", "/Decode", "/ImageMask")):
        return None
    filters = image.get("/Filter")
    if isinstance(filters, pikepdf.Array) and len(filters) == 1:
        filters = filters[0]
    if filters == pikepdf.Name.DCTDecode:
        if image.get("/ColorSpace") not in (pikepdf.Name.DeviceGray, pikepdf.Name.DeviceRGB) and not _is_icc(image):
            return None
        flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
        decoded = cv2.imdecode(np.frombuffer(image.read_raw_bytes(), np.uint8), flags)
        return None if decoded is None else np.asarray(decoded, dtype=np.uint8)
    if filters not in (pikepdf.Name.CCITTFaxDecode, pikepdf.Name.FlateDecode, pikepdf.Name.LZWDecode):
        return None
    pil_image: Image.Image = pikepdf.PdfImage(image).as_pil_image()
    return grey_of(pil_image) if pil_image.mode in ("1", "L", "RGB") else None


def _is_icc(image: pikepdf.Stream) -> bool:
    space = image.get("/ColorSpace")
    return isinstance(space, pikepdf.Array) and space[0] == pikepdf.Name.ICCBased and int(space[1].N) in (1, 3)
