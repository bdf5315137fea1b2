"""Tell a mail by how it begins, without parsing it."""

from __future__ import annotations

import re

_LOOKED_AT_BYTES = 64 << 10
_FIELD = re.compile(rb"([!-9;-~]{1,76})[ \t]*:")
_KNOWN = frozenset(
    {b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"received", b"return-path", b"delivered-to",
     b"reply-to", b"sender", b"mime-version", b"content-type", b"in-reply-to", b"references", b"x-mailer"}
)  # fmt: skip
_ENOUGH = 2
"""So many of the known fields must be there: one line like "Subject: …" begins many a text."""
_SURE_ALONE = re.compile(rb"content-type[ \t]*:[ \t]*multipart/", re.IGNORECASE)


def looks_like_mail(data: bytes) -> bool:
    """Tell whether the bytes begin with the header of a mail; a mailbox's "From " line may stand before it."""
    lines = mail_from_its_header(data[:_LOOKED_AT_BYTES]).splitlines()
    known = set()
    for number, line in enumerate(lines):
        if number and line.startswith((b" ", b"\t")):
            continue
        field = _FIELD.match(line)
        if field is None:
            break
        if _SURE_ALONE.match(line):
            return True
        known.add(field[1].lower())
    return len(known & _KNOWN) >= _ENOUGH


def mail_from_its_header(data: bytes) -> bytes:
    """The mail without what stands before its header: blank lines, a byte order mark, a mailbox's "From " line."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    return data
