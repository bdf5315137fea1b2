"""Open a mail: find its documents by what they are, whatever they are called and however deep they lie.

Forwarded mails and ZIP archives are opened too. Every part ends as a document, which is read as a file is, or is noted
as something else; nothing is passed over.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from typing import cast

from intake.errors import DocumentProblem
from intake.file_formats import file_format
from intake.file_names import numbered_name, printable_name
from intake.footer_pictures import is_footer_picture
from intake.mail_contents import MailContents, MailPart, PartKind
from intake.mail_format import looks_like_mail, mail_from_its_header
from intake.mail_headers import PARSER_FAILS, header, headers_of
from intake.mail_words import decoded, joined, pictures_in_html, plain, text_of_html
from intake.results import Reason
from intake.sealed_mail import why_sealed
from intake.zip_members import zip_members

MOST_DEPTH = 6
"""Mails and archives in one another."""
MOST_PARTS = 200
MOST_DOCUMENTS = 30
MOST_BYTES = 150 << 20
"""Of all documents of a mail together, unpacked."""
_LONGEST_TEXT = 50_000
_LONGEST_NAME = 200
_LARGEST_SIGNATURE_BYTES = 64 << 10
_RATHER_HTML = 2
"""So many times longer than the plain text, the HTML is what the mail says: the plain one only says so."""
_NOTICES = frozenset(
    {"text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/rfc822-headers", "application/ics",
     "application/applefile", "application/pgp-encrypted", "message/delivery-status", "message/feedback-report",
     "message/disposition-notification", "message/external-body", "text/x-amp-html"}
)  # fmt: skip
_SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"})
_TEXT_NAMES = (".txt", ".asc", ".log", ".md")
_NO_PLAIN_TEXTS = (b"{\\rtf", b"%FDF-", b"<?xml")


def open_mail(data: bytes) -> MailContents:
    """Open a mail; raises `DocumentProblem` where its parts lie in one another too deeply to be told apart."""
    opening = _Opening()
    try:
        message = _parsed(data)
        opening.add_message(message, ())
        headers = headers_of(message)
    except RecursionError as error:
        raise DocumentProblem(Reason.FILE_BROKEN, "its parts lie in one another too deeply") from error
    text = joined(opening.texts, _LONGEST_TEXT)
    return MailContents(hashlib.sha256(data).hexdigest(), headers, text, tuple(opening.parts))


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A part with bytes of its own, and what the mail claims of it."""

    data: bytes
    name: str
    """Empty where it has none."""
    within: tuple[str, ...]
    """Names of the mails and archives around it."""
    declared: str = "application/octet-stream"
    charset: str | None = None
    shown_in_text: bool = False
    """The HTML of the mail shows it as a picture."""
    is_attachment: bool = True


@dataclass(slots=True)
class _Opening:
    """What was found so far."""

    parts: list[MailPart] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)
    _documents: int = 0
    _bytes: int = 0

    def add_message(self, message: EmailMessage, within: tuple[str, ...]) -> None:
        """Add all parts of a mail, and what it says."""
        plains: list[str] = []
        htmls: list[str] = []
        shown = _pictures_shown(message)
        for part in _parts(message):
            declared = _declared(part)
            if not part.is_multipart():
                leaf = _leaf(part, declared, within, shown)
                kind = self._add_leaf(leaf)
                if kind is PartKind.TEXT:
                    words = decoded(leaf.data, leaf.charset)
                    (htmls if declared == "text/html" else plains).append(words)
            elif declared in _NOTICES:
                self._note(_Leaf(b"", declared, within), PartKind.NOTICE)
            elif encoded := _encoded_mail(part):
                self._add_leaf(_Leaf(encoded, _name_of(part), within, declared))
            else:
                self._open_inner(cast("EmailMessage", part.get_payload(0)), within)
        self.texts.append(_what_it_says(plains, htmls))

    def _open_inner(self, message: EmailMessage, within: tuple[str, ...], data: bytes = b"") -> None:
        """Add a mail that lies in another one; `data` are its bytes, where they are at hand."""
        leaf = _Leaf(data, f"{header(message, 'Subject') or 'mail'}.eml", within)
        if len(within) >= MOST_DEPTH:
            self._note(leaf, PartKind.NOT_OPENED)
            return
        name = self._note(leaf, PartKind.OPENED)
        self.add_message(message, (*within, name))

    def _add_leaf(self, leaf: _Leaf) -> PartKind:
        """Add a part, and what is found in it; return what it is."""
        if _is_mail(leaf):
            self._open_inner(_parsed(leaf.data), leaf.within, leaf.data)
            return PartKind.OPENED
        if members := zip_members(leaf.data, MOST_BYTES):
            if len(leaf.within) >= MOST_DEPTH:
                self._note(leaf, PartKind.NOT_OPENED)
                return PartKind.NOT_OPENED
            name = self._note(leaf, PartKind.OPENED)
            for member in members:
                self._add_leaf(_Leaf(member.data, member.name, (*leaf.within, name)))
            return PartKind.OPENED
        kind = _kind_of(leaf)
        self._note(leaf, kind)
        if kind is PartKind.TEXT:
            for inner_name, data in _uuencoded(leaf.data):
                self._add_leaf(_Leaf(data, inner_name, leaf.within))
        return kind

    def _note(self, leaf: _Leaf, kind: PartKind) -> str:
        """Put a part on the list, as long as there is room; return its own name."""
        number = len(self.parts) + 1
        name = self._free_name(leaf, number)
        if number > MOST_PARTS:
            return name
        if number == MOST_PARTS:
            kind = PartKind.NOT_OPENED  # it stands for all that come after it
        if kind is PartKind.DOCUMENT:
            self._documents += 1
            self._bytes += len(leaf.data)
            if self._documents > MOST_DOCUMENTS or self._bytes > MOST_BYTES:
                kind = PartKind.NOT_OPENED
        data = leaf.data if kind is PartKind.DOCUMENT else b""
        sha256 = hashlib.sha256(leaf.data).hexdigest()
        self.parts.append(MailPart(number, "/".join((*leaf.within, name)), kind, len(leaf.data), sha256, data))
        return name

    def _free_name(self, leaf: _Leaf, number: int) -> str:
        """The part's name on one line, unlike the names of all others beside it."""
        wanted = (
            " ".join(printable_name(plain(leaf.name)).replace("/", "_").split())[-_LONGEST_NAME:] or f"part {number}"
        )
        around = "/".join(leaf.within)
        for count in range(1, number + 1):
            name = numbered_name(wanted, count)
            if f"{around}/{name}" not in self._names:
                break
        self._names.add(f"{around}/{name}")
        return name


def _parsed(data: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(mail_from_its_header(data))


def _parts(message: MIMEPart) -> Iterator[MIMEPart]:
    """Yield the parts that hold something: those of a multipart in their order, but not those of mails in the mail."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.iter_parts():
            yield from _parts(part)
    else:
        yield message


def _leaf(part: MIMEPart, declared: str, within: tuple[str, ...], shown: frozenset[str]) -> _Leaf:
    content_id = header(part, "Content-ID").strip("<> ")
    name = _name_of(part)
    return _Leaf(
        data=_payload(part),
        name=name,
        within=within,
        declared=declared,
        charset=_charset(part),
        shown_in_text=bool(content_id) and content_id in shown,
        is_attachment=bool(name) or _disposition(part) == "attachment",
    )


def _kind_of(leaf: _Leaf) -> PartKind:
    """Say what a part is that is neither mail nor archive; what is not known is a document, and gets its reason."""
    if not leaf.is_attachment and not leaf.data.strip():
        return PartKind.TEXT
    if is_footer_picture(leaf.data, leaf.declared, shown_in_text=leaf.shown_in_text):
        return PartKind.FOOTER_PICTURE
    if file_format(leaf.data) is not None:
        return PartKind.DOCUMENT
    if leaf.declared in _SIGNATURES and len(leaf.data) <= _LARGEST_SIGNATURE_BYTES:
        return PartKind.MAIL_SIGNATURE
    if why_sealed(leaf.data):
        return PartKind.DOCUMENT
    if leaf.declared in _NOTICES:
        return PartKind.NOTICE
    return PartKind.TEXT if _is_text(leaf) else PartKind.DOCUMENT


def _is_text(leaf: _Leaf) -> bool:
    if leaf.data.lstrip()[:5].startswith(_NO_PLAIN_TEXTS) or b"\0" in leaf.data:
        return False
    if leaf.declared == "text/html":
        return not leaf.is_attachment
    if leaf.declared.startswith("multipart/"):  # its parts could not be told apart: nothing may be hidden in it
        return b"content-transfer-encoding" not in leaf.data.lower()
    return leaf.declared.startswith("text/") or leaf.name.casefold().endswith(_TEXT_NAMES)


def _is_mail(leaf: _Leaf) -> bool:
    """Tell a mail among the attachments; a text that only quotes one is none."""
    may_be = leaf.declared.startswith("message/") or not leaf.declared.startswith("text/") or leaf.is_attachment
    return may_be and leaf.declared not in _NOTICES and looks_like_mail(leaf.data)


def _pictures_shown(message: EmailMessage) -> frozenset[str]:
    """The content ids of the pictures that the HTML of the mail shows."""
    htmls = (part for part in _parts(message) if _declared(part) == "text/html" and not part.is_multipart())
    return frozenset(shown for part in htmls for shown in pictures_in_html(decoded(_payload(part), _charset(part))))


def _what_it_says(plains: list[str], htmls: list[str]) -> str:
    from_plain = plain("\n\n".join(plains))
    from_html = plain("\n\n".join(map(text_of_html, htmls)))
    return from_html if len(from_html) > _RATHER_HTML * len(from_plain) else from_plain


def _uuencoded(text: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of the files that old mail programs and fax gateways write into the text itself."""
    lines = iter(text.splitlines())
    for line in lines:
        words = line.split(None, 2)
        if len(words) == 3 and words[0] == b"begin" and words[1].isdigit():
            data = bytearray()
            for encoded in lines:
                if encoded.strip() == b"end":
                    yield decoded(words[2], None), bytes(data)
                    break
                try:
                    data += binascii.a2b_uu(encoded)
                except binascii.Error:
                    break


def _encoded_mail(part: MIMEPart) -> bytes | None:
    """The bytes of a mail in the mail that is encoded against the standard; None for all others.

    The parser takes such a one for a mail without header whose text is what it is encoded in.
    """
    inner = cast("EmailMessage", part.get_payload(0))
    if header(part, "Content-Transfer-Encoding").lower() != "base64" or inner.keys() or inner.is_multipart():
        return None
    inner["Content-Transfer-Encoding"] = "base64"
    return _payload(inner)


def _payload(part: MIMEPart) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except PARSER_FAILS:  # an encoding that is not known, or not kept to
        data = str(part.get_payload()).encode("utf-8", "surrogateescape")
    return data if isinstance(data, bytes) else b""


def _declared(part: MIMEPart) -> str:
    try:
        return part.get_content_type()
    except PARSER_FAILS:
        return "application/octet-stream"


def _charset(part: MIMEPart) -> str | None:
    try:
        return part.get_content_charset()
    except PARSER_FAILS:
        return None


def _name_of(part: MIMEPart) -> str:
    try:
        return part.get_filename() or ""
    except PARSER_FAILS:
        return ""


def _disposition(part: MIMEPart) -> str | None:
    try:
        return part.get_content_disposition()
    except PARSER_FAILS:
        return None
