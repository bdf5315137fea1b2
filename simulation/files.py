"""Files as scanners, fax servers and phones write them: PDF with a full-page image a page, TIFF, JPEG, PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from io import BytesIO

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from forms.units import PT_PER_INCH
from simulation.channels import Scan

_TIFF_STRIP_OFFSETS = 273
_TIFF_ROWS_PER_STRIP = 278
_TIFF_STRIP_BYTES = 279
_EXIF_ORIENTATION = 0x0112


class Compression(Enum):
    """How a PDF stores its page images."""

    JPEG = "jpeg"
    FLATE = "flate"
    CCITT_G4 = "ccitt-g4"
    """Only for bilevel scans."""


def usual_compression(scan: Scan) -> Compression:
    """Return what a scanner would choose for the picture."""
    return Compression.CCITT_G4 if scan.bilevel else Compression.JPEG


def to_pdf(scans: Sequence[Scan], compression: Compression | None = None) -> bytes:
    """Write one page a scan, as large as its resolution says; without a compression, each page has the usual one."""
    pdf = pikepdf.new()
    for scan in scans:
        _add_page(pdf, scan, compression or usual_compression(scan))
    pdf.docinfo["/Producer"] = "Scanner"
    buffer = BytesIO()
    pdf.save(buffer, deterministic_id=True)
    return buffer.getvalue()


def to_tiff(scans: Sequence[Scan]) -> bytes:
    """Write a multi-page TIFF with the resolution of every page; bilevel pages as CCITT group 4, others LZW."""
    buffer = BytesIO()
    first, *others = (_tiff_page(scan) for scan in scans)
    first.save(buffer, "TIFF", save_all=True, append_images=others)
    return buffer.getvalue()


def to_jpeg(scan: Scan) -> bytes:
    """Write a JPEG file with its resolution; a photo carries its EXIF orientation."""
    exif = Image.Exif()
    if scan.is_photo:
        exif[_EXIF_ORIENTATION] = scan.exif_orientation
    buffer = BytesIO()
    picture = Image.fromarray(scan.image)
    picture.save(buffer, "JPEG", quality=scan.jpeg_quality, dpi=(scan.x_dpi, scan.y_dpi), exif=exif)
    return buffer.getvalue()


def to_png(scan: Scan) -> bytes:
    """Write a PNG file with its resolution; a bilevel scan has one bit a pixel."""
    buffer = BytesIO()
    _picture(scan).save(buffer, "PNG", dpi=(scan.x_dpi, scan.y_dpi))
    return buffer.getvalue()


def _picture(scan: Scan) -> Image.Image:
    picture = Image.fromarray(scan.image)
    return picture.convert("1", dither=Image.Dither.NONE) if scan.bilevel else picture


def _tiff_page(scan: Scan) -> Image.Image:
    picture = _picture(scan)
    picture.encoderinfo = {
        "compression": "group4" if scan.bilevel else "tiff_lzw",
        "dpi": (scan.x_dpi, scan.y_dpi),
    }
    return picture


def _add_page(pdf: pikepdf.Pdf, scan: Scan, compression: Compression) -> None:
    height, width = scan.image.shape[:2]
    width_pt, height_pt = width / scan.x_dpi * PT_PER_INCH, height / scan.y_dpi * PT_PER_INCH
    page = pdf.add_blank_page(page_size=(width_pt, height_pt))
    image = _image_stream(pdf, scan, compression)
    page.Resources = Dictionary(XObject=Dictionary(Im0=image))
    page.Contents = pdf.make_stream(f"q {width_pt:.3f} 0 0 {height_pt:.3f} 0 0 cm /Im0 Do Q".encode())


def _image_stream(pdf: pikepdf.Pdf, scan: Scan, compression: Compression) -> pikepdf.Stream:
    height, width = scan.image.shape[:2]
    common = {"Type": Name.XObject, "Subtype": Name.Image, "Width": width, "Height": height}
    colours = Name.DeviceRGB if scan.image.ndim == 3 else Name.DeviceGray
    if compression is Compression.JPEG:
        data, bits = to_jpeg(scan), 8
        how: dict[str, pikepdf.Object] = {"Filter": Name.DCTDecode}
    elif compression is Compression.CCITT_G4:
        parameters = Dictionary(K=-1, Columns=width, Rows=height, BlackIs1=False)
        data, bits = _ccitt_g4(scan), 1
        how = {"Filter": Array([Name.CCITTFaxDecode]), "DecodeParms": Array([parameters])}
    else:
        data, bits, how = _raw(scan), 1 if scan.bilevel else 8, {}
    stream = pikepdf.Stream(pdf, data, **common, ColorSpace=colours, BitsPerComponent=bits, **how)
    return pdf.make_indirect(stream)


def _raw(scan: Scan) -> bytes:
    return np.packbits(scan.image > 127, axis=1).tobytes() if scan.bilevel else scan.image.tobytes()


def _ccitt_g4(scan: Scan) -> bytes:
    """Let the TIFF encoder compress the picture into one strip, and take the strip out.

    White is 0 in a PDF's CCITT data, in a TIFF it usually is 1, so the picture is turned over. Told to do that itself,
    the encoder would go through it pixel by pixel in Python, for half a second.
    """
    if not scan.bilevel:
        raise ValueError("Only a bilevel scan can be compressed as CCITT group 4: choose JPEG or Flate.")
    buffer = BytesIO()
    one_strip = {_TIFF_ROWS_PER_STRIP: scan.image.shape[0]}
    _picture(replace(scan, image=~scan.image)).save(buffer, "TIFF", compression="group4", tiffinfo=one_strip)
    buffer.seek(0)
    with TiffImageFile(buffer) as tiff:
        offsets, counts = tiff.tag_v2[_TIFF_STRIP_OFFSETS], tiff.tag_v2[_TIFF_STRIP_BYTES]
    if len(offsets) != 1:
        raise ValueError(f"The TIFF encoder wrote {len(offsets)} strips instead of one.")
    return buffer.getvalue()[offsets[0] : offsets[0] + counts[0]]
