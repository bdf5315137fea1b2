"""What a person sees of an issued form: the printed page, and where to write; taken from the PDF alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pikepdf
import pypdfium2 as pdfium

from forms.units import PT_PER_INCH, BoxMm, pt_to_mm
from simulation.errors import NotAFormError
from simulation.paper import Picture

TEXT_FIELDS = ("place", "date", "name")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field lies: the page (counted from 0) and its rectangle."""

    page: int
    box_mm: BoxMm


@dataclass(frozen=True, slots=True)
class FormFields:
    """The fields of an issued form."""

    options: dict[str, Place]
    """The squares to mark, by option, in the order of the form."""
    texts: dict[str, Place]
    """`place`, `date` and `name`."""
    signature: Place
    pages: int


@lru_cache(maxsize=64)
def find_fields(pdf: bytes) -> FormFields:
    """Find the fields by their names; raises NotAFormError where one of them is missing."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return fields_of(document)


def fields_of(document: pikepdf.Pdf) -> FormFields:
    """Find the fields of an open PDF; raises NotAFormError where one of them is missing."""
    found: dict[str, Place] = {}
    options: dict[str, Place] = {}
    for number, page in enumerate(document.pages):
        for widget in page.get("/Annots", []):
            _collect(widget, Place(number, _box(widget, page)), found, options)
    missing = {*TEXT_FIELDS, "signature"} - found.keys()
    if missing or not options:
        raise NotAFormError(f"The PDF has no field {', '.join(sorted(missing)) or 'variant'}: issue the form anew.")
    texts = {name: found[name] for name in TEXT_FIELDS}
    return FormFields(options, texts, found["signature"], len(document.pages))


def _collect(widget: Any, place: Place, found: dict[str, Place], options: dict[str, Place]) -> None:
    parent = widget.get("/Parent", {})
    if str(parent.get("/T", "")) == "variant":
        option = next(name for name in widget.AP.N if name != "/Off")
        options[option.removeprefix("/")] = place
    elif "/T" in widget:
        found[str(widget.T)] = place


def _box(widget: Any, page: pikepdf.Page) -> BoxMm:
    left, bottom, right, top = (float(value) for value in widget.Rect)
    height = float(page.mediabox[3])
    return BoxMm(*(pt_to_mm(value) for value in (left, height - top, right, height - bottom)))


@lru_cache(maxsize=6)
def render_blank(pdf: bytes, dpi: float) -> tuple[Picture, ...]:
    """Render the pages as the customer prints them, shape (height, width, 3), RGB; they are shared: write on a copy."""
    document = pdfium.PdfDocument(pdf)
    try:
        document.init_forms()
        return tuple(_render(page, dpi) for page in document)
    finally:
        document.close()


def _render(page: pdfium.PdfPage, dpi: float) -> Picture:
    bitmap = page.render(scale=dpi / PT_PER_INCH)
    picture = np.asarray(cv2.cvtColor(bitmap.to_numpy(), cv2.COLOR_BGR2RGB), dtype=np.uint8)
    picture.setflags(write=False)
    return picture
