"""What is none of the documents that are read: each kind has its own reason, told by its bytes, not by its name."""

from __future__ import annotations

import gzip
import tarfile
import wave
import zipfile
from collections.abc import Mapping
from io import BytesIO

import pytest
from openpyxl import Workbook
from PIL import Image
from sending_back import TODAY

from intake.file_formats import file_format, read_without_opening
from intake.read_document import read_document
from intake.results import Reason


def zipped(members: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive, as office programs write their files too."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def spreadsheet() -> bytes:
    """An Excel file."""
    buffer = BytesIO()
    Workbook().save(buffer)
    return buffer.getvalue()


def ole(*streams: str) -> bytes:
    """The container of an older Office program, as far as it is looked at: its head, and the streams' names."""
    directory = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams))
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + directory


def sound() -> bytes:
    """A voice message."""
    buffer = BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 800)
    return buffer.getvalue()


def tar() -> bytes:
    """A tar archive."""
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("scan.pdf"))
    return buffer.getvalue()


WORD = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}
CALC = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}
WRITER = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(zipped(WORD), Reason.FILE_DOCUMENT, id="Word"),
        pytest.param(zipped(WRITER, compression=zipfile.ZIP_STORED), Reason.FILE_DOCUMENT, id="OpenDocument text"),
        pytest.param(ole("WordDocument"), Reason.FILE_DOCUMENT, id="old Word"),
        pytest.param(b"{\\rtf1\\ansi Guten Tag}", Reason.FILE_DOCUMENT, id="RTF"),
        pytest.param(spreadsheet(), Reason.FILE_SPREADSHEET, id="Excel"),
        pytest.param(zipped(CALC, compression=zipfile.ZIP_STORED), Reason.FILE_SPREADSHEET, id="OpenDocument sheet"),
        pytest.param(ole("Workbook"), Reason.FILE_SPREADSHEET, id="old Excel"),
        pytest.param(ole("EncryptedPackage"), Reason.FILE_ENCRYPTED, id="protected Office"),
        pytest.param(ole("__substg1.0_0037001F", "WordDocument"), Reason.FILE_OUTLOOK, id="Outlook"),
        pytest.param(ole("Something"), Reason.FILE_UNSUPPORTED, id="unknown Office part"),
        pytest.param(b"\n<!DOCTYPE html>\n<title>Formular</title>", Reason.FILE_WEB_PAGE, id="HTML"),
        pytest.param("Sehr geehrte Damen und Herren,\nwir wählen B.\n".encode("latin-1"), Reason.FILE_TEXT, id="text"),
        pytest.param("\ufeffVariante B".encode("utf-16-le"), Reason.FILE_TEXT, id="text in UTF-16"),
        pytest.param(b"%FDF-1.2\n1 0 obj\n", Reason.FILE_FORM_DATA, id="FDF"),
        pytest.param(
            b'<?xml version="1.0"?><xfdf xmlns="http://ns.adobe.com/xfdf/"/>', Reason.FILE_FORM_DATA, id="XFDF"
        ),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', Reason.FILE_PICTURE, id="SVG"),
        pytest.param(b"8BPS\0\1", Reason.FILE_PICTURE, id="Photoshop"),
        pytest.param(sound(), Reason.FILE_MEDIA, id="sound"),
        pytest.param(b"\0\0\0\x18ftypmp42\0\0\0\0", Reason.FILE_MEDIA, id="film"),
        pytest.param(zipped({"scan.pdf": b"%PDF-1.7"}), Reason.FILE_ARCHIVE, id="ZIP"),
        pytest.param(tar(), Reason.FILE_ARCHIVE, id="tar"),
        pytest.param(gzip.compress(b"scan"), Reason.FILE_ARCHIVE, id="gzip"),
        pytest.param(b"MZ\x90\0", Reason.FILE_PROGRAM, id="Windows program"),
        pytest.param(b"#!/bin/sh\nrm -rf /\n", Reason.FILE_PROGRAM, id="shell script"),
        pytest.param(b"\x93\x01\x02\x03 nobody knows", Reason.FILE_UNSUPPORTED, id="unknown"),
        pytest.param(b"", Reason.FILE_EMPTY, id="nothing"),
    ],
)
def test_every_kind_has_its_own_reason(data: bytes, reason: Reason) -> None:
    """It is told without opening the file, so that it costs no worker process."""
    reading = read_without_opening(data)
    assert reading is not None
    assert (reading.problem, reading.page_count) == (reason, 0)
    assert file_format(data) is None


def test_a_moving_picture_is_no_document() -> None:
    """An animation is a moving picture, not a stack of pages; several frames that do not move are pages."""
    frames = [Image.new("L", (400, 600), shade) for shade in (255, 250, 245)]
    for kind in ("GIF", "WEBP", "PNG"):
        buffer = BytesIO()
        frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=100)
        reading = read_document(buffer.getvalue(), lambda _: None, TODAY)
        assert (reading.problem, reading.page_count) == (Reason.FILE_MEDIA, 0), kind
