"""Opening mails: documents are found by what they are, everything else is noted, and nothing is passed over."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import mails
import pytest
from PIL import Image

from intake.errors import DocumentProblem
from intake.mail_contents import MailContents, PartKind, contents_from_json, contents_to_json
from intake.mail_format import looks_like_mail
from intake.open_mail import MOST_DEPTH, MOST_DOCUMENTS, MOST_PARTS, open_mail
from intake.results import Reason

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
JPEG_HEAD = b"\xff\xd8\xff\xe0"


def page_jpeg() -> bytes:
    """A photo as large as a page."""
    buffer = BytesIO()
    Image.linear_gradient("L").resize((1240, 1754)).save(buffer, "JPEG")
    return buffer.getvalue()


def tiff() -> bytes:
    """A fax of one page."""
    buffer = BytesIO()
    Image.new("1", (1728, 2200), 1).save(buffer, "TIFF", compression="group4")
    return buffer.getvalue()


def kinds(mail: MailContents) -> list[tuple[str, PartKind]]:
    """Names and kinds of all parts."""
    return [(part.name, part.kind) for part in mail.parts]


@pytest.mark.parametrize(
    ("written_by", "data", "name"),
    [
        (mails.outlook, PDF, "Fernwartung Bäckerei.pdf"),
        (mails.apple_mail, PDF, "Einverständnis Großkopf.pdf"),
        (mails.iphone, page_jpeg(), "IMG_4711.jpeg"),
        (mails.gmail, PDF, "Rücksendung.pdf"),
        (mails.thunderbird, PDF, "Unterschriebenes Exemplar der Bäckerei.pdf"),
        (mails.scanner, PDF, "SKM_C25826112314050"),
        (mails.fax_gateway, tiff(), "fax00012.tif"),
    ],
)
def test_the_document_is_found_in_what_each_program_writes(
    written_by: Callable[[bytes], bytes], data: bytes, name: str
) -> None:
    """Exactly one document comes out, byte for byte, under its name; the rest is noted as what it is."""
    mail = written_by(data)
    assert looks_like_mail(mail)
    opened = open_mail(mail)
    assert [(part.name, part.data) for part in opened.documents] == [(name, data)]
    noted = {part.kind for part in opened.parts} - {PartKind.DOCUMENT}
    assert noted <= {PartKind.TEXT, PartKind.FOOTER_PICTURE}
    assert contents_from_json(contents_to_json(opened)) == opened


def test_headers_are_kept_as_they_are_meant() -> None:
    """Encoded names and subjects are decoded, the address is in small letters, the instant is in UTC."""
    headers = open_mail(
        mails.outlook(PDF, sender="Buero@Morgenroete.Example", subject="Rücksendung, wie gewünscht")
    ).headers
    assert (headers.sender, headers.sender_name) == ("buero@morgenroete.example", "Jürgen Großkopf")
    assert headers.subject == "Rücksendung, wie gewünscht"
    assert headers.message_id == "<VI1PR04MB0001@VI1PR04MB0001.eurprd04.prod.outlook.example>"
    assert headers.sent_at == datetime(2026, 11, 23, 13, 5, 11, tzinfo=UTC)


@pytest.mark.parametrize("charset", ["utf-8", "cp1252"])
def test_headers_that_are_not_encoded_are_read_all_the_same(charset: str) -> None:
    """Many programs write umlauts into a header as they are, in one charset or another."""
    head = "From: Jürgen Großkopf <a@b.example>\nSubject: Rücksendung – für Sie\nTo: c@d.example\n\n"
    headers = open_mail(head.encode(charset)).headers
    assert (headers.sender, headers.sender_name) == ("a@b.example", "Jürgen Großkopf")
    assert headers.subject == "Rücksendung – für Sie"


def test_the_words_are_plain_text() -> None:
    """HTML is not rendered: of it the words are kept, nothing hidden, and only where there is no plain text."""
    assert open_mail(mails.outlook(PDF, said="Größte Mühe")).text.startswith("Größte Mühe\nMit freundlichen Grüßen")
    html = b"<html><head><title>x</title><script>alert(1)</script></head><p>Gr&uuml;&szlig;e<br>aus K\xc3\xb6ln</p>"
    head = b"From: a@b.example\nSubject: x\nContent-Type: text/html; charset=utf-8\n\n"
    assert open_mail(head + html).text == "Grüße\naus Köln"


@pytest.mark.parametrize("as_file", [False, True])
def test_forwarded_mails_are_opened(*, as_file: bool) -> None:
    """A form in a mail in a mail is found, whether the inner one says that it is a mail or not."""
    opened = open_mail(mails.forwarded(mails.forwarded(mails.gmail(PDF), as_file=as_file), as_file=as_file))
    assert [part.data for part in opened.documents] == [PDF]
    assert opened.documents[0].name == "WG_ Formular.eml/Rücksendung Formular.eml/Rücksendung.pdf".replace("_", ":")
    assert [part.kind for part in opened.parts].count(PartKind.OPENED) == 2


def test_wrong_types_and_names_mean_nothing() -> None:
    """A PDF that calls itself a text, a picture, a sound or a signature is a document all the same."""
    for kind in (
        "text/plain",
        "image/gif",
        "audio/mpeg",
        "application/pkcs7-signature",
        "text/html",
        "message/rfc822x",
    ):
        assert [part.data for part in open_mail(mails.with_attachment(PDF, "klang.mp3", kind)).documents] == [PDF]


def test_what_cannot_be_a_page_is_noted_and_not_read() -> None:
    """Icons, and a banner that the text shows, are footer pictures; a photo in the text is a document."""
    opened = open_mail(mails.outlook(PDF))
    assert ("image001.png", PartKind.FOOTER_PICTURE) in kinds(opened)
    for size in ((64, 64), (290, 200)):
        icon = open_mail(mails.with_attachment(mails.logo(*size), "icon.png", "image/png"))
        assert [part.kind for part in icon.parts] == [PartKind.TEXT, PartKind.FOOTER_PICTURE]
    small_page = open_mail(mails.with_attachment(mails.logo(283, 400), "seite.png", "image/png"))
    assert [part.kind for part in small_page.parts] == [PartKind.TEXT, PartKind.DOCUMENT]
    photo = mails.outlook(PDF).replace(
        mails._base64(mails.logo(900, 250)).replace("\n", "\r\n").encode(), mails._base64(page_jpeg()).encode()
    )
    assert ("image001.png", PartKind.DOCUMENT) in kinds(open_mail(photo))


def test_zip_archives_are_opened() -> None:
    """Files in an archive are documents of their own, under their names; the Mac's leavings are passed over."""
    files = {
        "scan/../../etc/a.pdf": PDF,
        "b.pdf": PDF + b"b",
        "__MACOSX/._b.pdf": b"x",
        "inner.zip": mails.zipped({"c.pdf": PDF}),
    }
    opened = open_mail(mails.with_attachment(mails.zipped(files), "scans.zip", "application/zip"))
    assert [part.name for part in opened.documents] == [
        "scans.zip/scan_.._.._etc_a.pdf",
        "scans.zip/b.pdf",
        "scans.zip/inner.zip/c.pdf",
    ]


def test_an_archive_that_does_not_pack_is_opened_too() -> None:
    """A PDF that stands in an archive as it is makes the archive no PDF."""
    packed = mails.zipped({"a.pdf": b"%PDF-1.7\n" + random.Random(1).randbytes(5_000)})
    assert b"%PDF-" in packed[:100]
    opened = open_mail(mails.with_attachment(packed, "a.zip"))
    assert [part.name for part in opened.documents] == ["a.zip/a.pdf"]


@pytest.mark.parametrize(
    "archive",
    [
        pytest.param(mails.zipped({f"{number}.pdf": PDF for number in range(51)}), id="too many files"),
        pytest.param(mails.zipped({"bomb.pdf": b"\0" * 30_000_000}), id="packed too well"),
        pytest.param(mails.zipped({"a.pdf": PDF})[:-30], id="cut off"),
        pytest.param(
            mails.zipped({"a.pdf": PDF}).replace(PDF[:2], PDF[:2]).replace(b"a.pdf", b"b.pdf", 1), id="two names"
        ),
        pytest.param(
            mails.zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), id="a Word document"
        ),
    ],
)
def test_an_archive_that_is_not_opened_stays_one_document(archive: bytes) -> None:
    """Beyond the limits, or damaged: nothing of it is unpacked, and as one file it gets a reason."""
    opened = open_mail(mails.with_attachment(archive, "scans.zip", "application/zip"))
    assert [part.data for part in opened.documents] == [archive]


def test_what_is_beyond_the_limits_is_said() -> None:
    """Too many documents, too many parts, too deep: a part says that it was not opened, and nothing grows on."""
    many = mails.zipped({f"{number}.pdf": PDF for number in range(MOST_DOCUMENTS + 2)})
    opened = open_mail(mails.with_attachment(many, "scans.zip"))
    assert len(opened.documents) == MOST_DOCUMENTS
    assert [part.kind for part in opened.parts].count(PartKind.NOT_OPENED) == 2
    parts = b"".join(b"--x\nContent-Type: text/plain\n\nhello\n" for _ in range(MOST_PARTS + 50))
    head = b"From: a@b.example\nSubject: x\nContent-Type: multipart/mixed; boundary=x\n\n"
    opened = open_mail(head + parts + b"--x--\n")
    assert len(opened.parts) == MOST_PARTS
    assert opened.parts[-1].kind is PartKind.NOT_OPENED
    deep = mails.gmail(PDF)
    for _ in range(MOST_DEPTH + 1):
        deep = mails.forwarded(deep, as_file=True)
    assert open_mail(deep).documents == ()
    assert open_mail(deep).parts[-1].kind is PartKind.NOT_OPENED


def test_parts_without_end_in_one_another_are_a_problem_of_the_document() -> None:
    """Thousands of parts in one another are refused as broken, not with a crash."""
    levels = 3_000
    heads = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(levels))
    with pytest.raises(DocumentProblem) as problem:
        open_mail(b"From: a@b.example\nSubject: x\n" + heads + b"Content-Type: text/plain\n\nx\n")
    assert problem.value.reason is Reason.FILE_BROKEN


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(mails.gmail(PDF).replace(b"--0000000000001a2b3c--", b""), id="no end"),
        pytest.param(mails.gmail(PDF).replace(b"Subject: =?UTF-8?B?", b"Subject: R\xfcck =?UTF-9?X?"), id="subject"),
        pytest.param(mails.gmail(PDF).replace(b"From: =?UTF-8?B?", b"From: ,,<<@>> \xff=?b?"), id="from"),
        pytest.param(mails.gmail(PDF).replace(b"Date: Mon, 23 Nov 2026", b"Date: Mo, 99 Nov 202612345"), id="date"),
        pytest.param(b"\r\n \r\n" + mails.gmail(PDF), id="blank lines first"),
        pytest.param(
            b"From support@firma.example Mon Nov 23 14:05:11 2026\r\n" + mails.gmail(PDF), id="from a mailbox"
        ),
        pytest.param(mails.gmail(PDF).replace(b'charset="UTF-8"', b'charset="klingon"'), id="charset"),
        pytest.param(
            mails.gmail(PDF).replace(b"filename=", b"filename=\"x\"; filename*0*=klingon'';filename="), id="name"
        ),
    ],
)
def test_broken_headers_hide_no_document(broken: bytes) -> None:
    """Whatever is wrong in the header, the form in the mail is found."""
    assert looks_like_mail(broken)
    assert [part.data for part in open_mail(broken).documents] == [PDF]


def test_a_header_without_end_takes_no_time() -> None:
    """A subject of a megabyte is not taken apart; it is shortened."""
    mail = mails.gmail(PDF).replace(b"Subject: ", b"Subject: " + b"=?utf-8?q?=C3=BC?= " * 60_000)
    assert len(open_mail(mail).headers.subject) == 1_000


def test_what_is_no_mail_is_not_taken_for_one() -> None:
    """Texts, tables, PDFs and web pages have no header of a mail."""
    for data in (
        b"",
        b"Subject: only\n\ntext",
        b"Name: x\nOrt: y\n",
        PDF,
        b"<html>",
        b"HTTP/1.1 200 OK\r\nDate: x\r\n\r\n",
    ):
        assert not looks_like_mail(data)
