"""What a file is by its first bytes, told without opening it with any parser."""

from __future__ import annotations

import hashlib
from enum import Enum

from intake.mail_format import looks_like_mail
from intake.results import DocumentReading, Reason
from intake.sealed_mail import why_sealed

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PHOTO = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_PDF_WITHIN = 1024
"""PDF readers accept so many bytes of rubbish before the header."""


class FileFormat(Enum):
    """The kinds of files that are read."""

    PDF = "PDF"
    TIFF = "TIFF"
    PHOTO = "JPEG or PNG"


def file_format(data: bytes) -> FileFormat | None:
    """Tell the format; None where it is none that is read."""
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return FileFormat.PDF
    if data.startswith(_TIFF):
        return FileFormat.TIFF
    return FileFormat.PHOTO if data.startswith(_PHOTO) else None


def why_not_a_document(data: bytes) -> tuple[Reason, str] | None:
    """Say, with a detail for support, why bytes are not even opened; None where they may be a document."""
    if not data:
        return Reason.FILE_EMPTY, "the file has no bytes"
    if sealed := why_sealed(data):
        return sealed
    return None if file_format(data) else (Reason.FILE_UNSUPPORTED, f"begins with {data[:8]!r}")


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
