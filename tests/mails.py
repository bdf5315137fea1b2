"""Mails as real programs write them, byte by byte, with an attachment that the test chooses.

The patterns are those of Outlook, Apple Mail, an iPhone, Gmail, Thunderbird, an office scanner and a fax gateway: where
each puts attachments, how it writes names with umlauts, and what else it puts into a mail.
"""

from __future__ import annotations

import base64
import binascii
import zipfile
from io import BytesIO

from PIL import Image

FROM = "Jürgen Großkopf"
ADDRESS = "buero@morgenroete.example"


def outlook(
    pdf: bytes, *, sender: str = ADDRESS, said: str = "Guten Tag, siehe unten.", subject: str = "Rückmeldung"
) -> bytes:
    """Outlook with Exchange: the logo of the footer is shown by the HTML, the PDF's name is an encoded word."""
    return _mail(
        f"""\
From: =?iso-8859-1?Q?J=FCrgen_Gro=DFkopf?= <{sender}>
To: "support@firma.example" <support@firma.example>
Subject: {encoded(subject)}
Thread-Topic: {encoded(subject)}
Thread-Index: AdteAbCdEfGhIjKlMnOpQrStUvWxYz==
Date: Mon, 23 Nov 2026 14:05:11 +0100
Message-ID: <VI1PR04MB0001@VI1PR04MB0001.eurprd04.prod.outlook.example>
Accept-Language: de-DE, en-US
Content-Language: de-DE
X-MS-Has-Attach: yes
X-MS-TNEF-Correlator:
Content-Type: multipart/mixed;
\tboundary="_005_VI1PR04MB0001_"
MIME-Version: 1.0

--_005_VI1PR04MB0001_
Content-Type: multipart/related;
\tboundary="_004_VI1PR04MB0001_";
\ttype="multipart/alternative"

--_004_VI1PR04MB0001_
Content-Type: multipart/alternative;
\tboundary="_000_VI1PR04MB0001_"

--_000_VI1PR04MB0001_
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

{_quoted(said)}
Mit freundlichen Gr=FC=DFen
J=FCrgen Gro=DFkopf

--_000_VI1PR04MB0001_
Content-Type: text/html; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

<html><head><style>p {{color:black}}</style></head><body><p>{_quoted(said)}</p>
<img width=3D"120" src=3D"cid:image001.png@01DB3DB5.0A1B2C30"></body></html>

--_000_VI1PR04MB0001_--

--_004_VI1PR04MB0001_
Content-Type: image/png; name="image001.png"
Content-Description: image001.png
Content-Disposition: inline; filename="image001.png"; size=1024;
\tcreation-date="Mon, 23 Nov 2026 13:05:10 GMT"
Content-ID: <image001.png@01DB3DB5.0A1B2C30>
Content-Transfer-Encoding: base64

{_base64(logo(900, 250))}
--_004_VI1PR04MB0001_--

--_005_VI1PR04MB0001_
Content-Type: application/pdf;
\tname="=?iso-8859-1?Q?Fernwartung_B=E4ckerei.pdf?="
Content-Description: =?iso-8859-1?Q?Fernwartung_B=E4ckerei.pdf?=
Content-Disposition: attachment;
\tfilename="=?iso-8859-1?Q?Fernwartung_B=E4ckerei.pdf?="; size={len(pdf)};
\tcreation-date="Mon, 23 Nov 2026 13:05:00 GMT"
Content-Transfer-Encoding: base64

{_base64(pdf)}
--_005_VI1PR04MB0001_--
"""
    )


def apple_mail(pdf: bytes) -> bytes:
    """Apple Mail: the PDF lies within the alternative, inline, between two pieces of HTML."""
    return _mail(
        f"""\
From: =?utf-8?Q?J=C3=BCrgen_Gro=C3=9Fkopf?= <{ADDRESS}>
Content-Type: multipart/alternative;
\tboundary="Apple-Mail=_A1B2"
Mime-Version: 1.0 (Mac OS X Mail 16.0 \\(3826.200.121\\))
Subject: Formular
Message-Id: <A1B2C3D4@morgenroete.example>
Date: Mon, 23 Nov 2026 14:05:11 +0100
To: support@firma.example
X-Mailer: Apple Mail (2.3826.200.121)


--Apple-Mail=_A1B2
Content-Transfer-Encoding: quoted-printable
Content-Type: text/plain;
\tcharset=utf-8

Sch=C3=B6ne Gr=C3=BC=C3=9Fe


--Apple-Mail=_A1B2
Content-Type: multipart/mixed;
\tboundary="Apple-Mail=_C3D4"


--Apple-Mail=_C3D4
Content-Transfer-Encoding: 7bit
Content-Type: text/html;
\tcharset=us-ascii

<html><body>Sch&ouml;ne Gr&uuml;&szlig;e</body></html>
--Apple-Mail=_C3D4
Content-Disposition: inline;
\tfilename*=utf-8''Einverst%C3%A4ndnis%20Gro%C3%9Fkopf.pdf
Content-Type: application/pdf;
\tx-unix-mode=0644;
\tname="=?utf-8?Q?Einversta=CC=88ndnis_Gro=C3=9Fkopf=2Epdf?="
Content-Transfer-Encoding: base64

{_base64(pdf)}
--Apple-Mail=_C3D4
Content-Transfer-Encoding: 7bit
Content-Type: text/html;
\tcharset=us-ascii

<html><body><br></body></html>
--Apple-Mail=_C3D4--

--Apple-Mail=_A1B2--
"""
    )


def iphone(jpeg: bytes) -> bytes:
    """Mail on an iPhone: the photo is inline and there is no HTML that would show it."""
    return _mail(
        f"""\
Content-Type: multipart/mixed; boundary=Apple-Mail-9F8E
Content-Transfer-Encoding: 7bit
From: Bäckerei <{ADDRESS}>
Mime-Version: 1.0 (1.0)
Date: Mon, 23 Nov 2026 14:05:11 +0100
Subject: Foto
Message-Id: <9F8E7D6C@morgenroete.example>
To: support@firma.example
X-Mailer: iPhone Mail (23A341)


--Apple-Mail-9F8E
Content-Type: image/jpeg;
\tname=IMG_4711.jpeg;
\tx-apple-part-url=1D2E3F
Content-Disposition: inline;
\tfilename=IMG_4711.jpeg
Content-Transfer-Encoding: base64

{_base64(jpeg)}
--Apple-Mail-9F8E
Content-Type: text/plain;
\tcharset=utf-8
Content-Transfer-Encoding: quoted-printable


Von meinem iPhone gesendet=

--Apple-Mail-9F8E--
"""
    )


def gmail(pdf: bytes) -> bytes:
    """Gmail: an attachment with an id of its own; the name is encoded by RFC 2047, the parameter twice."""
    return _mail(
        f"""\
MIME-Version: 1.0
Date: Mon, 23 Nov 2026 14:05:11 +0100
Message-ID: <CAF=abc+def_123@mail.gmail.example>
Subject: =?UTF-8?B?{base64.b64encode("Rücksendung Formular".encode()).decode()}?=
From: =?UTF-8?B?{base64.b64encode(FROM.encode()).decode()}?= <{ADDRESS}>
To: support@firma.example
Content-Type: multipart/mixed; boundary="0000000000001a2b3c"

--0000000000001a2b3c
Content-Type: multipart/alternative; boundary="0000000000001a2b3a"

--0000000000001a2b3a
Content-Type: text/plain; charset="UTF-8"
Content-Transfer-Encoding: base64

{_base64("Grüße".encode())}
--0000000000001a2b3a
Content-Type: text/html; charset="UTF-8"
Content-Transfer-Encoding: base64

{_base64('<div dir="ltr">Grüße</div>'.encode())}
--0000000000001a2b3a--
--0000000000001a2b3c
Content-Type: application/pdf; name="=?UTF-8?Q?R=C3=BCcksendung=2Epdf?="
Content-Disposition: attachment; filename="=?UTF-8?Q?R=C3=BCcksendung=2Epdf?="
Content-Transfer-Encoding: base64
Content-ID: <f_m3abcd0>
X-Attachment-Id: f_m3abcd0

{_base64(pdf)}
--0000000000001a2b3c--
"""
    )


def thunderbird(pdf: bytes) -> bytes:
    """Thunderbird: a long name with umlauts goes on over several parameters (RFC 2231)."""
    return _mail(
        f"""\
Message-ID: <1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901@morgenroete.example>
Date: Mon, 23 Nov 2026 14:05:11 +0100
MIME-Version: 1.0
User-Agent: Mozilla Thunderbird
Content-Language: de-DE
From: =?UTF-8?Q?J=C3=BCrgen_Gro=C3=9Fkopf?= <{ADDRESS}>
Subject: AW: Konfiguration Remote Support
To: support@firma.example
Content-Type: multipart/mixed; boundary="------------0v1w2x3y4z"

This is a multi-part message in MIME format.
--------------0v1w2x3y4z
Content-Type: text/plain; charset=UTF-8; format=flowed
Content-Transfer-Encoding: 8bit

Grüße aus der Bäckerei
--------------0v1w2x3y4z
Content-Type: application/pdf;
 name="=?UTF-8?Q?Unterschriebenes_Exemplar_der_B=C3=A4ckerei_Morgenr=C3=B6te_?=
 =?UTF-8?Q?=28eingescannt=29=2Epdf?="
Content-Disposition: attachment;
 filename*0*=UTF-8''%55%6E%74%65%72%73%63%68%72%69%65%62%65%6E%65%73%20%45;
 filename*1*=%78%65%6D%70%6C%61%72%20%64%65%72%20%42%C3%A4%63%6B%65%72%65;
 filename*2*=%69%2E%70%64%66
Content-Transfer-Encoding: base64

{_base64(pdf)}

--------------0v1w2x3y4z--
"""
    )


def scanner(pdf: bytes) -> bytes:
    """A scanner that mails what it scans: no message id, a wrong date, no type, no words."""
    return _mail(
        f"""\
From: scanner@firma.example
To: support@firma.example
Subject: Message from KM_C258
Date: 2026/11/23 14:05
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="KONICA_MINOLTA_Internet_Fax_Boundary"

--KONICA_MINOLTA_Internet_Fax_Boundary
Content-Type: text/plain; charset=US-ASCII

--KONICA_MINOLTA_Internet_Fax_Boundary
Content-Type: application/octet-stream; name="SKM_C25826112314050"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="SKM_C25826112314050"

{_base64(pdf)}
--KONICA_MINOLTA_Internet_Fax_Boundary--
"""
    )


def fax_gateway(tiff: bytes) -> bytes:
    """A fax gateway of old: the TIFF stands in the text itself, uuencoded."""
    lines = b"".join(binascii.b2a_uu(bytes(chunk)) for chunk in (tiff[at : at + 45] for at in range(0, len(tiff), 45)))
    head = b"From: fax@gateway.example\r\nTo: support@firma.example\r\nSubject: Fax from +49 30 1234567\r\n\r\n"
    return head + b"1 page received\r\nbegin 644 fax00012.tif\n" + lines + b"`\nend\n"


def forwarded(mail: bytes, *, as_file: bool = False) -> bytes:
    """A colleague forwards a mail as an attachment: as a mail, or (as some programs do) as a file of no known type."""
    kind = "application/octet-stream" if as_file else "message/rfc822"
    body = _base64(mail) if as_file else mail.decode("latin-1").replace("\r\n", "\n")
    encoding = "base64" if as_file else "8bit"
    text = f"""\
From: Kollegin <petra@firma.example>
To: support@firma.example
Subject: WG: Formular
Date: Mon, 23 Nov 2026 15:00:00 +0100
Message-ID: <weiter@firma.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_weiter_{len(mail)}"

--=_weiter_{len(mail)}
Content-Type: text/plain; charset=us-ascii

Bitte ansehen.
--=_weiter_{len(mail)}
Content-Type: {kind}; name="Formular.eml"
Content-Disposition: attachment; filename="Formular.eml"
Content-Transfer-Encoding: {encoding}

{body}
--=_weiter_{len(mail)}--
"""
    return text.replace("\n", "\r\n").encode("latin-1")


def with_attachment(
    data: bytes,
    name: str = "datei",
    kind: str = "application/octet-stream",
    *,
    sender: str = "jemand@anderswo.example",
    subject: str = "Post",
    said: str = "Hallo",
) -> bytes:
    """A simple mail with one attachment."""
    return _mail(
        f"""\
From: {sender}
To: support@firma.example
Subject: {encoded(subject)}
Date: Mon, 23 Nov 2026 14:05:11 +0100
Message-ID: <{binascii.crc32(data):08x}@anderswo.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_grenze"

--=_grenze
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{said}
--=_grenze
Content-Type: {kind}
Content-Disposition: attachment; filename="{name}"
Content-Transfer-Encoding: base64

{_base64(data)}
--=_grenze--
"""
    )


def words_only(said: str, *, sender: str = "jemand@anderswo.example", subject: str = "Hallo") -> bytes:
    """A mail without attachments."""
    return _mail(
        f"""\
From: {sender}
To: support@firma.example
Subject: {encoded(subject)}
Date: Mon, 23 Nov 2026 14:05:11 +0100
Message-ID: <{binascii.crc32(said.encode()):08x}@anderswo.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{said}
"""
    )


def zipped(files: dict[str, bytes]) -> bytes:
    """A ZIP archive."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def logo(width: int, height: int) -> bytes:
    """A picture as in the footer of a mail."""
    buffer = BytesIO()
    Image.linear_gradient("L").resize((width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def encoded(words: str) -> str:
    """A header's words by RFC 2047, where they need it."""
    return words if words.isascii() else f"=?utf-8?B?{base64.b64encode(words.encode()).decode()}?="


def _quoted(text: str) -> str:
    return binascii.b2a_qp(text.encode("latin-1")).decode()


def _base64(data: bytes) -> str:
    return base64.encodebytes(data).decode()


def _mail(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()
