"""What a file is that cannot be read here, told by its bytes alone, so that staff learn what to do with it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intake.results import Reason

_TEXT_WITHIN = 4096
_MARKUP_WITHIN = 1024
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\3\4", b"PK\5\6")
_IN_OLE = (
    ("__substg1.0_", Reason.FILE_OUTLOOK, "a message saved by Outlook"),
    ("EncryptedPackage", Reason.FILE_ENCRYPTED, "an Office file with a password"),
    ("WordDocument", Reason.FILE_DOCUMENT, "Word"),
    ("PowerPoint Document", Reason.FILE_DOCUMENT, "PowerPoint"),
    ("Workbook", Reason.FILE_SPREADSHEET, "Excel"),
)
"""Names of streams in the containers of older Office programs, where they stand in UTF-16."""
_IN_ZIP = (
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", Reason.FILE_SPREADSHEET, "OpenDocument spreadsheet"),
    (b"mimetypeapplication/vnd.oasis.opendocument", Reason.FILE_DOCUMENT, "OpenDocument"),
    (b"word/document.xml", Reason.FILE_DOCUMENT, "Word"),
    (b"ppt/presentation.xml", Reason.FILE_DOCUMENT, "PowerPoint"),
    (b"xl/workbook.", Reason.FILE_SPREADSHEET, "Excel"),
    (b"Index/Document.iwa", Reason.FILE_DOCUMENT, "Pages"),
)
"""Names of members, which stand in a ZIP archive as they are, and what makes one an office document."""
_FIRST_BYTES = (
    (b"{\\rtf", Reason.FILE_DOCUMENT, "RTF"),
    (b"%FDF-", Reason.FILE_FORM_DATA, "FDF"),
    (b"Rar!\x1a\x07", Reason.FILE_ARCHIVE, "RAR"),
    (b"7z\xbc\xaf\x27\x1c", Reason.FILE_ARCHIVE, "7z"),
    (b"\x1f\x8b", Reason.FILE_ARCHIVE, "gzip"),
    (b"BZh", Reason.FILE_ARCHIVE, "bzip2"),
    (b"\xfd7zXZ\0", Reason.FILE_ARCHIVE, "xz"),
    (b"\x28\xb5\x2f\xfd", Reason.FILE_ARCHIVE, "zstd"),
    (b"ID3", Reason.FILE_MEDIA, "MP3"),
    (b"\xff\xfb", Reason.FILE_MEDIA, "MP3"),
    (b"OggS", Reason.FILE_MEDIA, "Ogg"),
    (b"fLaC", Reason.FILE_MEDIA, "FLAC"),
    (b"#!AMR", Reason.FILE_MEDIA, "AMR"),
    (b"\x1aE\xdf\xa3", Reason.FILE_MEDIA, "Matroska or WebM"),
    (b"\0\0\1\xba", Reason.FILE_MEDIA, "MPEG"),
    (b"FLV", Reason.FILE_MEDIA, "Flash video"),
    (b"8BPS", Reason.FILE_PICTURE, "Photoshop"),
    (b"\xff\x0a", Reason.FILE_PICTURE, "JPEG XL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", Reason.FILE_PICTURE, "JPEG XL"),
    (b"AT&TFORM", Reason.FILE_PICTURE, "DjVu"),
    (b"%!PS", Reason.FILE_PICTURE, "PostScript"),
    (b"\xc5\xd0\xd3\xc6", Reason.FILE_PICTURE, "PostScript"),
    (b"DDS ", Reason.FILE_PICTURE, "DirectDraw"),
    (b"\x01\xda", Reason.FILE_PICTURE, "SGI"),
    (b"BLP1", Reason.FILE_PICTURE, "Blizzard texture"),
    (b"BLP2", Reason.FILE_PICTURE, "Blizzard texture"),
    (b"\0\0\1\0", Reason.FILE_PICTURE, "icon"),
    (b"MZ", Reason.FILE_PROGRAM, "a program for Windows"),
    (b"\x7fELF", Reason.FILE_PROGRAM, "a program for Linux"),
    (b"\xcf\xfa\xed\xfe", Reason.FILE_PROGRAM, "a program for macOS"),
    (b"\xca\xfe\xba\xbe", Reason.FILE_PROGRAM, "a program for macOS or Java"),
    (b"L\0\0\0\x01\x14\x02\0", Reason.FILE_PROGRAM, "a link to a program"),
    (b"#!", Reason.FILE_PROGRAM, "a script"),
)
_IN_RIFF = {b"WAVE": "WAV", b"AVI ": "AVI"}


def why_not_read(data: bytes) -> tuple[Reason, str]:
    """Say why bytes that are no document are not read, with what they are in a word for support."""
    if data.startswith(_OLE):
        in_utf_16 = [(name.encode("utf-16-le"), reason, what) for name, reason, what in _IN_OLE]
        return _named_in(data, in_utf_16, "OLE container")
    if data.startswith(_ZIP):
        reason, what = _named_in(data, _IN_ZIP, "ZIP")
        return (Reason.FILE_ARCHIVE, what) if reason is Reason.FILE_UNSUPPORTED else (reason, what)
    for beginning, reason, what in _FIRST_BYTES:
        if data.startswith(beginning):
            return reason, what
    if data[4:8] == b"ftyp":
        return Reason.FILE_MEDIA, f"ISO media file of the brand {data[8:12]!r}"
    if data.startswith(b"RIFF") and data[8:12] in _IN_RIFF:
        return Reason.FILE_MEDIA, _IN_RIFF[data[8:12]]
    if data[257:262] == b"ustar":
        return Reason.FILE_ARCHIVE, "tar"
    return _why_not_text(data)


def _why_not_text(data: bytes) -> tuple[Reason, str]:
    beginning = data[:_MARKUP_WITHIN]
    if _MARKUP.search(beginning):
        return Reason.FILE_WEB_PAGE, "HTML"
    if b"<xfdf" in beginning:
        return Reason.FILE_FORM_DATA, "XFDF"
    if b"<svg" in beginning:
        return Reason.FILE_PICTURE, "SVG"
    if _is_text(data[:_TEXT_WITHIN]):
        return Reason.FILE_TEXT, "plain text"
    return Reason.FILE_UNSUPPORTED, f"begins with {data[:8]!r}"


def _named_in(data: bytes, names: Sequence[tuple[bytes, Reason, str]], otherwise: str) -> tuple[Reason, str]:
    found = ((reason, what) for name, reason, what in names if name in data)
    return next(found, (Reason.FILE_UNSUPPORTED, otherwise))


def _is_text(beginning: bytes) -> bool:
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not _CONTROL.search(beginning)
