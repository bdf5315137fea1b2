"""Hostile and odd scan pages: what is read is what a person sees, whatever the PDF does around its image."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from pikepdf import Array, Dictionary, Name, Page, Pdf, Stream

from intake.opening import open_document
from intake.pictures import Grey
from intake.scan_image import scan_of

WIDTH_PT, HEIGHT_PT = 600, 840
DRAW = b"q 600 0 0 840 0 0 cm /Im0 Do Q"
Trick = Callable[[Pdf, Page], None]


def _picture() -> Grey:
    """Return something that looks different in every quarter, turned, mirrored and inverted."""
    picture = np.full((840, 600), 245, np.uint8)
    picture[60:200, 40:160] = 10
    picture[500:560, 300:560] = 60
    picture[700:800, 100:130] = 110
    return picture


def _scan_pdf(trick: Trick, content: bytes = DRAW) -> bytes:
    pdf = pikepdf.new()
    jpeg = cv2.imencode(".jpg", _picture(), [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    image = Stream(
        pdf,
        jpeg,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=600,
        Height=840,
        BitsPerComponent=8,
        ColorSpace=Name.DeviceGray,
        Filter=Name.DCTDecode,
    )
    page = pdf.add_blank_page(page_size=(WIDTH_PT, HEIGHT_PT))
    page.obj.Resources = Dictionary(XObject=Dictionary(Im0=pdf.make_indirect(image)))
    page.obj.Contents = pdf.make_stream(content)
    trick(pdf, page)
    buffer = BytesIO()
    pdf.save(buffer)
    return buffer.getvalue()


def _nothing(_pdf: Pdf, _page: Page) -> None:
    """Leave the scan as it is."""


def _state(**entries: Any) -> Trick:
    def trick(_pdf: Pdf, page: Page) -> None:
        page.obj.Resources.ExtGState = Dictionary(G=Dictionary(**entries))

    return trick


def _masked_state(pdf: Pdf, page: Page) -> None:
    black = Stream(pdf, b"0 g 0 0 600 840 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 600, 840]))
    black.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceGray)
    _state(SMask=Dictionary(S=Name.Luminosity, G=pdf.make_indirect(black)))(pdf, page)


def _hidden_layer(pdf: Pdf, page: Page) -> None:
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="hidden"))
    page.obj.Resources.XObject.Im0.OC = layer
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer]), Order=Array([])))


def _box(name: str, *corners: float) -> Trick:
    def trick(_pdf: Pdf, page: Page) -> None:
        page.obj[name] = Array(list(corners))

    return trick


def _image(**entries: Any) -> Trick:
    def trick(_pdf: Pdf, page: Page) -> None:
        for key, value in entries.items():
            page.obj.Resources.XObject.Im0[f"/{key}"] = value

    return trick


def _samples(samples: bytes, bits: int, space: Callable[[Pdf], object]) -> Trick:
    def trick(pdf: Pdf, page: Page) -> None:
        image = page.obj.Resources.XObject.Im0
        image.write(samples)
        image.BitsPerComponent = bits
        image.ColorSpace = space(pdf)

    return trick


def _palette(colours: bytes) -> Callable[[Pdf], object]:
    return lambda _pdf: Array([Name.Indexed, Name.DeviceRGB, 1, pikepdf.String(colours)])


def _black_ink(pdf: Pdf) -> object:
    tint = Stream(pdf, b"{ 1 exch sub }", FunctionType=4, Domain=Array([0, 1]), Range=Array([0, 1]))
    return Array([Name.Separation, Name.Black, Name.DeviceGray, pdf.make_indirect(tint)])


def _white_default(pdf: Pdf, page: Page) -> None:
    tint = Stream(pdf, b"{ pop 1 }", FunctionType=4, Domain=Array([0, 1]), Range=Array([0, 1]))
    white = Array([Name.Separation, Name.White, Name.DeviceGray, pdf.make_indirect(tint)])
    page.obj.Resources.ColorSpace = Dictionary(DefaultGray=white)


def _covered(pdf: Pdf, page: Page) -> None:
    white = Stream(pdf, b"1 g 0 0 300 840 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 300, 840]))
    look = Dictionary(N=pdf.make_indirect(white))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=Array([0, 0, 300, 840]), F=4, AP=look)
    page.obj.Annots = Array([pdf.make_indirect(note)])


_BILEVEL = np.packbits(_picture() > 128, axis=1).tobytes()
_GS = b"q /G gs 600 0 0 840 0 0 cm /Im0 Do Q"

ODD_PAGES: dict[str, tuple[Trick, bytes]] = {
    "invisible by its state": (_state(ca=0), _GS),
    "faded by its state": (_state(ca=0.3), _GS),
    "blended with the paper": (_state(BM=Name.Difference), _GS),
    "masked by its state": (_masked_state, _GS),
    "in a layer that is off": (_hidden_layer, DRAW),
    "shrunk to a point": (_nothing, b"q 600 0 0 840 0 0 cm Q /Im0 Do"),
    "drawn small": (_nothing, b"q 60 0 0 84 0 0 cm /Im0 Do Q"),
    "half outside the sheet": (_nothing, b"q 1200 0 0 840 -600 0 cm /Im0 Do Q"),
    "cropped": (_box("/CropBox", 0, 0, 300, 840), DRAW),
    "a smaller sheet": (_box("/MediaBox", 0, 420, 600, 840), DRAW),
    "mirrored": (_nothing, b"q -600 0 0 840 600 0 cm /Im0 Do Q"),
    "upside down": (_nothing, b"q 600 0 0 -840 0 840 cm /Im0 Do Q"),
    "inverted": (_image(Decode=Array([1, 0])), DRAW),
    "narrower than its data": (_image(Width=300), DRAW),
    "wrong number of colours": (_image(ColorSpace=Name.DeviceRGB), DRAW),
    "black ink": (_samples((255 - _picture()).tobytes(), 8, _black_ink), DRAW),
    "palette": (_samples(_BILEVEL, 1, _palette(b"\0\0\0\xff\xff\xff")), DRAW),
    "palette the other way round": (_samples(_BILEVEL, 1, _palette(b"\xff\xff\xff\0\0\0")), DRAW),
    "palette of white": (_samples(_BILEVEL, 1, _palette(b"\xff" * 6)), DRAW),
    "another meaning of grey": (_white_default, DRAW),
    "under an annotation": (_covered, DRAW),
    "painted over": (_nothing, DRAW + b" 1 g 0 420 600 420 re f"),
    "clipped": (_nothing, b"q 0 0 300 840 re W n 600 0 0 840 0 0 cm /Im0 Do Q"),
}


@pytest.mark.parametrize("odd", ODD_PAGES)
def test_a_scan_is_read_as_it_is_seen(odd: str) -> None:
    """Whatever hides, fades, cuts or recolours the image of a page, the picture that is read shows it alike."""
    data = _scan_pdf(*ODD_PAGES[odd])
    with open_document(data) as pages:
        read = pages.picture(0).grey
    document = pdfium.PdfDocument(data)
    seen = document[0].render(scale=1, grayscale=True).to_numpy().squeeze()
    document.close()
    alike = cv2.resize(read, (seen.shape[1], seen.shape[0]), interpolation=cv2.INTER_AREA)
    assert np.abs(alike.astype(int) - seen).mean() < 6


@pytest.mark.parametrize(
    ("trick", "content"),
    [
        (_nothing, DRAW),
        (_nothing, b"q 1 0 0 1 0 0 cm q 600 0 0 840 0 0 cm /Im0 Do Q Q"),
        (_nothing, b"q 603 0 0 843 -1 -1 cm /Im0 Do Q"),
        (_state(Type=Name.ExtGState, ca=1.0, BM=Name.Normal, SMask=Name("/None"), SA=False), _GS),
        (_box("/CropBox", -10, -10, 700, 900), DRAW),
    ],
)
def test_a_plain_scan_is_never_rendered(trick: Trick, content: bytes) -> None:
    """A page that shows just its scan is decoded as the scanner stored it, at no loss."""
    data = _scan_pdf(trick, content)
    with pikepdf.open(BytesIO(data)) as pdf:
        scan = scan_of(pdf.pages[0], 1_000_000)
    assert scan is not None
    assert scan.grey.shape == (840, 600)
    assert np.abs(scan.grey.astype(int) - _picture()).mean() < 2


def test_a_damaged_structure_is_left_to_the_renderer() -> None:
    """Where the PDF's table of objects is damaged, only what is rendered counts."""
    data = _scan_pdf(_nothing).replace(b"startxref\n", b"startxref\n7")
    with open_document(data) as pages:
        assert pages.picture(0).grey.shape == (2334, 1667)
