"""What a file is by its first bytes, told without opening it with any parser."""

from __future__ import annotations

import hashlib
from enum import Enum

from intake.mail_format import looks_like_mail
from intake.other_formats import why_not_read
from intake.results import DocumentReading, Reason
from intake.sealed_mail import why_sealed

_BEGINNINGS = (
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"\xff\x4f\xff\x51",
    b"\0\0\0\x0cjP  \r\n\x87\n",
)
_PHOTO_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
"""Of HEIC and AVIF, as phones write them, in the box that stands first in the file."""
_ARCHIVE = b"PK\x03\x04"
"""Of a ZIP archive, which may hold a PDF unpacked."""
_PDF_WITHIN = 1024
"""PDF readers accept so many bytes of rubbish before the header."""


class FileFormat(Enum):
    """The kinds of files that are read."""

    PDF = "PDF"
    PICTURE = "TIFF, JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or JPEG 2000"


def file_format(data: bytes) -> FileFormat | None:
    """Tell the format; None where it is none that is read."""
    if b"%PDF-" in data[:_PDF_WITHIN] and not data.startswith(_ARCHIVE):
        return FileFormat.PDF
    return FileFormat.PICTURE if _is_picture(data) else None


def _is_picture(data: bytes) -> bool:
    if data.startswith(b"BM"):
        return data[6:10] == b"\0\0\0\0" and data[14:15] in (b"\x0c", b"\x28", b"\x40", b"\x6c", b"\x7c")
    if data.startswith(b"RIFF"):
        return data[8:12] == b"WEBP"
    if data[4:8] == b"ftyp":
        return data[8:12] in _PHOTO_BRANDS
    return data.startswith(_BEGINNINGS)


def why_not_a_document(data: bytes) -> tuple[Reason, str] | None:
    """Say, with a detail for support, why bytes are not even opened; None where they may be a document."""
    if not data:
        return Reason.FILE_EMPTY, "the file has no bytes"
    if sealed := why_sealed(data):
        return sealed
    return None if file_format(data) else why_not_read(data)


def read_without_opening(data: bytes) -> DocumentReading | None:
    """Give the reading of what is neither document nor mail; None where it must be read or opened.

    It spares junk a worker process.
    """
    if looks_like_mail(data):
        return None
    if (why := why_not_a_document(data)) is None:
        return None
    reason, detail = why
    return DocumentReading(hashlib.sha256(data).hexdigest(), reason, detail, page_count=0, returns=(), unplaced=())
