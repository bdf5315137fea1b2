"""Photos as phones and chat programs send them: every format, every way of holding the phone, every kind of pixels."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO

import cv2
import numpy as np
import pillow_heif
import pytest
from office_steps import scans_of
from PIL import Image
from sending_back import TODAY, decided, issued, posted

from intake.read_document import read_document
from intake.results import Decision, DocumentReading, Reason, SignatureState

_ORIENTATION = 0x0112
_STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How the pixels are stored, by the value of the orientation tag that turns them upright again."""


@cache
def upright() -> Image.Image:
    """A photo of a form: marked B, signed; askew, with a shadow, on a desk."""
    (scan,) = scans_of(posted(issued()), "B", "photo", seed=3)
    stored = Image.fromarray(scan.image)
    return stored.transpose(turn) if (turn := _back(scan.exif_orientation)) else stored


def _back(orientation: int) -> Image.Transpose | None:
    turn = _STORED[orientation]
    undo = {
        Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270,
        Image.Transpose.ROTATE_270: Image.Transpose.ROTATE_90,
    }
    return undo.get(turn, turn) if turn is not None else None


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    """The picture as a file."""
    buffer = BytesIO()
    image.save(buffer, kind, **how)
    return buffer.getvalue()


def tagged(orientation: int) -> Image.Exif:
    """What a phone says of how it was held."""
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    return exif


def heic(*images: Image.Image, orientation: int = 1) -> bytes:
    """The pictures as an iPhone stores them, in one file; reduced, since encoding takes its time."""
    turn = _STORED[orientation]
    reduced = [image.reduce(2) for image in images]
    first, *others = [image.transpose(turn) if turn is not None else image for image in reduced]
    file = pillow_heif.from_pillow(first)
    for image in others:
        file.add_from_pillow(image)
    buffer = BytesIO()
    file.save(buffer, quality=80, exif=tagged(orientation).tobytes(), enc_params={"preset": "ultrafast"})
    return buffer.getvalue()


def sixteen_bits(image: Image.Image) -> bytes:
    """The picture as a PNG with 16 bits a pixel."""
    return cv2.imencode(".png", np.asarray(image.convert("L")).astype(np.uint16) * 257)[1].tobytes()


def read(data: bytes) -> DocumentReading:
    """Read it against the form that was photographed."""
    return read_document(data, {issued().form.form_id: issued()}.get, TODAY)


def check_read(data: bytes) -> None:
    """It is read as what it is: B, signed, nothing added, nobody needed."""
    (only,) = decided(read(data))
    assert only.verdict.decision is Decision.ACCEPT, only.verdict
    assert only.reading.variant is not None
    assert only.reading.signature is not None
    assert (only.reading.variant.value, only.reading.signature.state) == ("B", SignatureState.PRESENT)


@pytest.mark.parametrize("orientation", [2, 3, 6, 7])
def test_a_photo_is_turned_as_its_tag_says(orientation: int) -> None:
    """However the phone was held, mirrored too: what the tag says turns the photo upright before it is read."""
    turn = _STORED[orientation]
    assert turn is not None
    check_read(saved(upright().transpose(turn), "JPEG", quality=85, exif=tagged(orientation)))


FORMATS: dict[str, Callable[[Image.Image], bytes]] = {
    "PNG": lambda image: saved(image, "PNG", compress_level=1),
    "WebP": lambda image: saved(image, "WEBP", quality=80, method=0),
    "HEIC": heic,
    "HEIC held upside down": lambda image: heic(image, orientation=3),
    "AVIF": lambda image: saved(image, "AVIF", quality=75, speed=10),
    "BMP": lambda image: saved(image.convert("L"), "BMP"),
    "JPEG 2000": lambda image: saved(image.convert("L"), "JPEG2000"),
    "GIF": lambda image: saved(image.convert("L"), "GIF"),
    "palette": lambda image: saved(image.quantize(64), "PNG", compress_level=1),
    "CMYK": lambda image: saved(image.convert("CMYK"), "JPEG", quality=85),
    "16 bits": sixteen_bits,
    "transparent": lambda image: saved(image.convert("RGBA"), "PNG", compress_level=1),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_that_phones_and_programs_write_is_read(kind: str) -> None:
    """The same photo in each format says the same."""
    check_read(FORMATS[kind](upright()))


def test_two_photos_in_one_file_are_two_pages() -> None:
    """A HEIC file may hold several photos: none is passed over."""
    reading = read(heic(upright(), Image.new("RGB", (1200, 1600), "white")))
    assert reading.page_count == 2
    assert [page.reason for page in reading.unplaced] == [Reason.PAGE_BLANK]
    assert len(reading.returns) == 1


def test_a_broken_or_huge_photo_says_so() -> None:
    """Half a HEIC file cannot be decoded; a photo beyond the limit of pixels is not decoded at all."""
    assert read(heic(Image.effect_noise((600, 800), 50))[:20_000]).problem is Reason.FILE_BROKEN
    assert read(saved(Image.new("1", (13_000, 10_000)), "GIF")).problem is Reason.FILE_TOO_LARGE
