"""The form filled in on screen: values in its fields, and perhaps a picture of a signature laid over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from io import BytesIO

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import NameObject

from forms.units import BoxMm, mm_to_pt, mm_to_px
from simulation.issued_pdf import fields_of
from simulation.paper import Picture, Sheet
from simulation.pens import Pen, draw
from simulation.signatures import SignatureStyle, sign
from simulation.strokes import bounds

_DPI = 200


class Placing(Enum):
    """How a viewer lays the picture of a signature over the page."""

    PAGE_CONTENT = "page_content"
    STAMP = "stamp"
    """As an annotation."""


@dataclass(frozen=True, slots=True)
class OnScreen:
    """What somebody does to a form on screen."""

    option: str | None = None
    texts: dict[str, str] = field(default_factory=dict)
    signed_as: str | None = None
    """Name of whoever lays a picture of their signature over the form."""
    placing: Placing = Placing.STAMP


def fill_on_screen(pdf: bytes, what: OnScreen, rng: np.random.Generator) -> bytes:
    """Set the fields' values and appearances, and place the signature's picture; the rest of the file is kept."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf)))
    for page in writer.pages:
        own = {name: text for name, text in what.texts.items() if name in _field_names(page)}
        if own:
            writer.update_page_form_field_values(page, own, auto_regenerate=False)
        if what.option is not None:
            _choose(page, what.option)
    buffer = BytesIO()
    writer.write(buffer)
    return _finished(buffer, what, rng)


def _finished(filled: BytesIO, what: OnScreen, rng: np.random.Generator) -> bytes:
    buffer = BytesIO()
    with pikepdf.open(filled) as document:
        # pypdf draws a file identifier at random: without it, the same seed gives the same bytes.
        if "/ID" in document.trailer:
            del document.trailer.ID
        if what.signed_as:
            _lay_signature(document, what.signed_as, what.placing, rng)
        document.save(buffer, deterministic_id=True)
    return buffer.getvalue()


def _field_names(page: PageObject) -> set[str]:
    annotations = page.get("/Annots", [])
    return {str(annotation.get_object().get("/T", "")) for annotation in annotations}


def _choose(page: PageObject, option: str) -> None:
    for annotation in page.get("/Annots", []):
        widget = annotation.get_object()
        group = widget.get("/Parent", {}).get_object() if "/Parent" in widget else {}
        if group.get("/T") == "variant":
            chosen = f"/{option}" in widget["/AP"]["/N"]
            widget[NameObject("/AS")] = NameObject(f"/{option}" if chosen else "/Off")
            group[NameObject("/V")] = NameObject(f"/{option}")


def _lay_signature(document: pikepdf.Pdf, name: str, placing: Placing, rng: np.random.Generator) -> None:
    place = fields_of(document).signature
    picture, box = _signature_picture(name, place.box_mm, rng)
    page = document.pages[place.page]
    height_pt = float(page.mediabox[3])
    rect = [mm_to_pt(box.x0), height_pt - mm_to_pt(box.y1), mm_to_pt(box.x1), height_pt - mm_to_pt(box.y0)]
    image = _image(document, picture)
    if placing is Placing.STAMP:
        _add_stamp(document, page, image, rect)
    else:
        _add_content(page, image, rect)


def _signature_picture(name: str, field_mm: BoxMm, rng: np.random.Generator) -> tuple[Picture, BoxMm]:
    """Return the signature on white, shape (height, width, 3), and the box on the page that it takes."""
    strokes = sign(name, SignatureStyle.CURSIVE, field_mm, rng)
    box = bounds(strokes).grown(1.5)
    shape = (round(mm_to_px(box.height, _DPI)), round(mm_to_px(box.width, _DPI)), 3)
    sheet = Sheet(np.full(shape, 255, np.uint8), _DPI)
    draw(sheet, [path - (box.x0, box.y0) for path in strokes], Pen(), rng)
    return sheet.picture, box


def _image(document: pikepdf.Pdf, picture: Picture) -> pikepdf.Object:
    """Store the picture with its white made transparent, as signing programs do."""
    height, width = picture.shape[:2]
    common = {"Type": Name.XObject, "Subtype": Name.Image, "Width": width, "Height": height, "BitsPerComponent": 8}
    alpha = 255 - picture.min(axis=2)
    mask = pikepdf.Stream(document, alpha.tobytes(), **common, ColorSpace=Name.DeviceGray)
    colours = {"ColorSpace": Name.DeviceRGB, "SMask": document.make_indirect(mask)}
    return document.make_indirect(pikepdf.Stream(document, picture.tobytes(), **common, **colours))


def _add_stamp(document: pikepdf.Pdf, page: pikepdf.Page, image: pikepdf.Object, rect: list[float]) -> None:
    width, height = rect[2] - rect[0], rect[3] - rect[1]
    appearance = pikepdf.Stream(
        document,
        f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Im0 Do Q".encode(),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, width, height]),
        Resources=Dictionary(XObject=Dictionary(Im0=image)),
    )
    normal = Dictionary(N=document.make_indirect(appearance))
    stamp = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=Array(rect), F=4, AP=normal)
    page.Annots.append(document.make_indirect(stamp))


def _add_content(page: pikepdf.Page, image: pikepdf.Object, rect: list[float]) -> None:
    name = page.add_resource(image, Name.XObject, Name.Signature)
    width, height = rect[2] - rect[0], rect[3] - rect[1]
    page.contents_add(b"q", prepend=True)
    drawing = f"Q q {width:.3f} 0 0 {height:.3f} {rect[0]:.3f} {rect[1]:.3f} cm {name} Do Q"
    page.contents_add(drawing.encode())
