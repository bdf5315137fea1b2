"""Odd, broken and hostile files, made here: each ends in one clear outcome for every page, and nothing is raised."""

from __future__ import annotations

import struct
import zlib
from datetime import date
from io import BytesIO

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image

from intake.read_document import read_document
from intake.results import DocumentReading, Reason

TODAY = date(2026, 11, 24)


def _read(data: bytes) -> DocumentReading:
    return read_document(data, lambda _: None, TODAY)


def _png(grey: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> bytes:
    return cv2.imencode(".png", grey)[1].tobytes()


def _png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def _pdf(pages: int = 1, encryption: pikepdf.Encryption | bool = False) -> bytes:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(200, 280))
    buffer = BytesIO()
    pdf.save(buffer, encryption=encryption)
    return buffer.getvalue()


def _tiff_without_dimensions() -> bytes:
    buffer = BytesIO()
    Image.new("L", (40, 60), 255).save(buffer, "TIFF")
    directory = struct.unpack_from("<I", buffer.getvalue(), 4)[0]
    data = bytearray(buffer.getvalue())
    struct.pack_into("<H", data, directory + 2, 65000)  # the tag of the width becomes one that nobody knows
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.FILE_EMPTY),
        (b"PK\3\4 an archive", Reason.FILE_ARCHIVE),
        (b"%PDF-1.7\n", Reason.FILE_BROKEN),
        (b"II*\0" + b"\0" * 60, Reason.FILE_BROKEN),
        (b"\xff\xd8\xff\xe0 no picture", Reason.FILE_BROKEN),
        (_tiff_without_dimensions(), Reason.FILE_BROKEN),
        (_png_that_claims(12_000, 12_000), Reason.FILE_TOO_LARGE),
        (_png_that_claims(30_000, 30_000), Reason.FILE_TOO_LARGE),
        (_pdf(501), Reason.FILE_TOO_LARGE),
        (_pdf(encryption=pikepdf.Encryption(owner="a", user="b", R=6)), Reason.FILE_ENCRYPTED),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, reason: Reason) -> None:
    """Every such file gets the reason that tells staff what to do, in words without the program's innards."""
    reading = _read(data)
    assert reading.problem is reason
    assert "object at 0x" not in reading.detail


@pytest.mark.parametrize("shape", [(1, 1), (1, 20_000), (20_000, 1), (15, 15), (20, 2_000)])
def test_a_sliver_is_no_page(shape: tuple[int, int]) -> None:
    """A picture too small or too thin to hold anything is called unreadable, and stops nothing."""
    reading = _read(_png(np.full(shape, 255, np.uint8)))
    assert [page.reason for page in reading.unplaced] == [Reason.PAGE_UNREADABLE]


def test_a_page_of_no_size_is_unreadable() -> None:
    """A PDF page a few points wide is called unreadable."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(3, 3))
    buffer = BytesIO()
    pdf.save(buffer)
    assert [page.reason for page in _read(buffer.getvalue()).unplaced] == [Reason.PAGE_UNREADABLE]


@pytest.mark.parametrize(("paper", "reason"), [(250, Reason.PAGE_BLANK), (0, Reason.PAGE_NO_CODE)])
def test_only_paper_is_blank(paper: int, reason: Reason) -> None:
    """White paper is a blank back; a black page may hide anything, and a person looks at it."""
    reading = _read(_png(np.full((1100, 800), paper, np.uint8)))
    assert [page.reason for page in reading.unplaced] == [reason]


def test_a_forbidding_pdf_is_opened() -> None:
    """A PDF that only forbids changes asks for no password, and its pages are read."""
    reading = _read(_pdf(2, pikepdf.Encryption(owner="secret", user="", R=6)))
    assert reading.problem is None
    assert reading.page_count == 2
