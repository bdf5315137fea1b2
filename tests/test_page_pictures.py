"""A JPEG is decoded only as finely as it is looked at, and shows the same page however it is decoded."""

from __future__ import annotations

from io import BytesIO

import cv2
import numpy as np
import pytest
from letters import issue
from PIL import Image

from forms.blank_page import render_blank_pages
from intake.opening import open_document
from intake.pictures import JpegPicture, Picture

_EXIF_ORIENTATION = 0x0112
_PAGE = render_blank_pages(issue().pdf, 300.0)[0][:3504, :2480]


def _jpeg(grey: np.ndarray, orientation: int = 1, quality: int = 90) -> bytes:
    exif = Image.Exif()
    exif[_EXIF_ORIENTATION] = orientation
    buffer = BytesIO()
    Image.fromarray(grey).save(buffer, "JPEG", quality=quality, exif=exif)
    return buffer.getvalue()


def _opened(data: bytes) -> Picture:
    with open_document(data) as pages:
        return pages.picture(0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_half_and_whole_show_the_same_page(orientation: int) -> None:
    """However a phone was held, half of a picture lies on the whole of it, pixel i on 2i and 2i + 1."""
    picture = _opened(_jpeg(_PAGE, orientation))
    assert isinstance(picture, JpegPicture)
    assert picture.grey.shape == picture.shape
    mean = cv2.resize(picture.grey, (picture.shape[1] // 2, picture.shape[0] // 2), interpolation=cv2.INTER_AREA)
    moved = np.abs(mean[:, 1:].astype(int) - picture.half[:, :-1]).mean()
    assert np.abs(mean.astype(int) - picture.half).mean() < 0.3 * moved


def test_a_picture_that_does_not_halve_is_decoded_whole() -> None:
    """Of an odd side, a turned picture's pairs of pixels would begin at the other end: it is not halved by decoding."""
    assert isinstance(_opened(_jpeg(_PAGE[:, 1:])), JpegPicture)
    assert not isinstance(_opened(_jpeg(_PAGE[:, 1:], orientation=3)), JpegPicture)


def test_a_black_and_white_scan_stored_as_jpeg_is_known_as_one() -> None:
    """At half the resolution there are greys that the scanner never saw: the whole picture is asked."""
    threshold = np.where(_PAGE < 128, 0, 255).astype(np.uint8)
    assert _opened(_jpeg(threshold, quality=97)).bilevel
    assert not _opened(_jpeg(_PAGE)).bilevel


def test_what_is_finer_than_needed_is_never_decoded() -> None:
    """A scan of 600 dpi is taken at 300."""
    fine = cv2.resize(_PAGE, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    picture = _opened(_jpeg(np.asarray(fine, dtype=np.uint8)))
    assert picture.grey.shape == picture.shape == _PAGE.shape
