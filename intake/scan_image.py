"""The one image of a scanned PDF page, where the page shows that image and nothing else.

Whoever reads the image instead of the rendered page must be certain that both look the same: an image may be cropped,
hidden, faded, shrunk or recoloured by what is around it. So everything that is not known to be harmless is refused
here, and left to the renderer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

import pikepdf
from PIL import Image, UnidentifiedImageError

from forms.units import PT_PER_INCH
from intake.errors import PageProblem
from intake.pictures import Picture, grey_of, jpeg_picture, page_picture

_MAX_CONTENT_BYTES = 2_000
"""Drawing one image takes some dozen bytes; a longer content stream draws more and is rendered."""
_OVERHANG = 0.01
"""Share of the page's side by which an image may reach over its edge: scanners round the page's size."""
_SMALLEST = 0.5
"""Share of the page's side that the image takes at least; a smaller one is not what the page is about."""
_PLAIN_IMAGE = frozenset(
    {
        *("/Type", "/Subtype", "/Width", "/Height", "/BitsPerComponent", "/ColorSpace", "/Filter", "/DecodeParms"),
        *("/Length", "/Name", "/Intent", "/Interpolate", "/Metadata", "/StructParent", "/ID"),
    }
)
"""Keys of an image that shows its samples as they are: no mask, no decoding table, no layer."""
_PLAIN_STATE = frozenset({"/Type", "/SA", "/OP", "/op", "/OPM", "/AIS", "/LW", "/LC", "/LJ", "/ML", "/FL", "/RI"})
"""Keys of a graphics state that change nothing about how an image looks."""
_OPAQUE = {"/ca": 1, "/CA": 1, "/BM": pikepdf.Name.Normal, "/SMask": pikepdf.Name("/None")}
"""What the keys that can change it must say."""


@dataclass(frozen=True, slots=True)
class _Placed:
    image: pikepdf.Stream
    matrix: pikepdf.Matrix
    """Takes the unit square to where the image lies on the page, in points."""


def scan_of(page: pikepdf.Page, max_pixels: int) -> Picture | None:
    """Decode the page's one image, made square; None where anything else may be seen, or where it is no plain image."""
    try:
        placed = _only_image(page)
        if placed is None or int(placed.image.Width) * int(placed.image.Height) > max_pixels:
            return None
        return _decode(placed)
    except (
        PageProblem,
        pikepdf.PikepdfError,
        UnidentifiedImageError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
        OSError,
        NotImplementedError,
        Image.DecompressionBombError,
    ):
        return None  # not a plain image after all: what the page looks like is for the renderer to say


def _only_image(page: pikepdf.Page) -> _Placed | None:
    """Find the image of a page that shows one upright image, all of it, and nothing else."""
    if len(page.obj.get("/Annots", [])) > 0:
        return None
    drawn = _only_drawing(page)
    if drawn is None:
        return None
    image = page.resources.XObject[drawn.name]
    if not isinstance(image, pikepdf.Stream) or image.get("/Subtype") != pikepdf.Name.Image:
        return None
    if set(image.keys()) - _PLAIN_IMAGE:
        return None
    if not all(_is_harmless_state(page, name) for name in drawn.states) or _has_own_colours(page):
        return None
    return _Placed(image, drawn.matrix) if _fills_page(page, drawn.matrix) else None


@dataclass(frozen=True, slots=True)
class _Drawing:
    name: str
    matrix: pikepdf.Matrix
    states: tuple[str, ...]


def _only_drawing(page: pikepdf.Page) -> _Drawing | None:
    """Follow the page's content; None where it does more than to place one image."""
    contents = page.obj.get("/Contents")
    if contents is None:
        return None
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    if sum(len(stream.read_raw_bytes()) for stream in streams) > _MAX_CONTENT_BYTES:
        return None
    matrix, saved, states, drawn = pikepdf.Matrix(), [], [], None
    for instruction in pikepdf.parse_content_stream(page):
        operator, operands = str(instruction.operator), instruction.operands
        if operator == "q":
            saved.append(matrix)
        elif operator == "Q":
            matrix = saved.pop() if saved else matrix
        elif operator == "cm":
            matrix = pikepdf.Matrix(*(float(operand) for operand in operands)) @ matrix
        elif operator == "gs":
            states.append(str(operands[0]))
        elif operator == "Do" and drawn is None:
            drawn = str(operands[0]), matrix
        else:
            return None
    return None if drawn is None else _Drawing(*drawn, tuple(states))


def _is_harmless_state(page: pikepdf.Page, name: str) -> bool:
    state = page.resources.ExtGState[name]
    return all(key in _PLAIN_STATE or (key in _OPAQUE and value == _OPAQUE[key]) for key, value in state.items())


def _has_own_colours(page: pikepdf.Page) -> bool:
    """Tell whether the page gives the plain colour spaces another meaning."""
    spaces: Iterable[str] = page.resources.get("/ColorSpace", pikepdf.Dictionary()).keys()
    return any(name.startswith("/Default") for name in spaces)


def _fills_page(page: pikepdf.Page, matrix: pikepdf.Matrix) -> bool:
    """Tell whether the image lies upright on the visible page, all of it inside, and takes most of it."""
    if matrix.a <= 0 or matrix.d <= 0 or abs(matrix.b) + abs(matrix.c) > 1e-3:
        return False
    x0, y0, x1, y1 = _visible(page)
    return _fills(matrix.e, matrix.a, x0, x1) and _fills(matrix.f, matrix.d, y0, y1)


def _fills(start: float, length: float, first: float, last: float) -> bool:
    side = last - first
    inside = start >= first - _OVERHANG * side and start + length <= last + _OVERHANG * side
    return inside and length >= _SMALLEST * side


def _visible(page: pikepdf.Page) -> tuple[float, float, float, float]:
    """Give the visible part of the page in points: its crop box, as far as it lies on the sheet."""
    sheet, crop = _corners(page.mediabox), _corners(page.cropbox)
    return max(sheet[0], crop[0]), max(sheet[1], crop[1]), min(sheet[2], crop[2]), min(sheet[3], crop[3])


def _corners(box: Iterable[pikepdf.Object]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(number) for number in box)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _decode(placed: _Placed) -> Picture | None:
    image, filters = placed.image, placed.image.get("/Filter")
    if isinstance(filters, pikepdf.Array) and len(filters) == 1:
        filters = filters[0]
    width, height = int(image.Width), int(image.Height)
    x_dpi, y_dpi = width * PT_PER_INCH / placed.matrix.a, height * PT_PER_INCH / placed.matrix.d
    if filters == pikepdf.Name.DCTDecode:
        data = _plain_jpeg(image)
        return None if data is None else jpeg_picture(data, x_dpi, y_dpi, turned=False)
    if filters not in (pikepdf.Name.CCITTFaxDecode, pikepdf.Name.FlateDecode, pikepdf.Name.LZWDecode):
        return None
    pil_image: Image.Image = pikepdf.PdfImage(image).as_pil_image()
    if pil_image.mode not in ("1", "L", "RGB") or pil_image.size != (width, height):
        return None
    return page_picture(grey_of(pil_image), x_dpi, y_dpi, bilevel=True if pil_image.mode == "1" else None)


def _plain_jpeg(image: pikepdf.Stream) -> bytes | None:
    """Give a JPEG whose own size and colours are those that the PDF says it has."""
    data = image.read_raw_bytes()
    with Image.open(BytesIO(data)) as header:
        as_said = header.mode == {1: "L", 3: "RGB"}.get(_components(image))
        as_large = header.size == (int(image.Width), int(image.Height))
    return data if as_said and as_large and "/DecodeParms" not in image else None


def _components(image: pikepdf.Stream) -> int:
    """How many colours a plain colour space has; 0 for any other."""
    space = image.get("/ColorSpace")
    if isinstance(space, pikepdf.Array) and space[0] == pikepdf.Name.ICCBased:
        return int(space[1].N)
    return 1 if space == pikepdf.Name.DeviceGray else 3 if space == pikepdf.Name.DeviceRGB else 0
