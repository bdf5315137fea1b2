"""The headers of a mail that are evidence: who says that they wrote it, when, and about what.

Whatever stands in them, they are read: what the standard library cannot take apart is given as it stands.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import AddressHeader, DateHeader
from email.message import MIMEPart

from intake.mail_contents import MailHeaders
from intake.mail_words import decoded, plain

_LONGEST = 1_000
_LONGEST_PARSED = 10_000
"""Characters: to take apart what is longer takes minutes, and no honest header is."""
PARSER_FAILS = (MessageError, ValueError, IndexError, TypeError, AttributeError, LookupError, RecursionError)
"""What `email` raises on headers that are broken in one way or another."""


def headers_of(message: MIMEPart) -> MailHeaders:
    """Give the headers that are kept."""
    sender, name = _sender(message)
    return MailHeaders(sender, name, header(message, "Subject"), header(message, "Message-ID"), _sent_at(message))


def header(message: MIMEPart, name: str) -> str:
    """Give a header decoded, on one line and shortened; empty where it is missing."""
    raw = raw_header(message, name)
    if raw.isascii() and len(raw) <= _LONGEST_PARSED:
        with suppress(*PARSER_FAILS):  # then as it stands
            raw = str(message.get(name, ""))
    return _one_line(raw)


def raw_header(message: MIMEPart, name: str) -> str:
    """Give a header as it stands, not decoded; empty where it is missing."""
    return next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")


def _sender(message: MIMEPart) -> tuple[str, str]:
    """Address and name in From; where the address cannot be understood, all of it is the name."""
    if len(raw_header(message, "From")) <= _LONGEST_PARSED:
        with suppress(*PARSER_FAILS):  # then as it stands
            field = message.get("From")
            if isinstance(field, AddressHeader) and field.addresses and "@" in field.addresses[0].addr_spec:
                first = field.addresses[0]
                return _one_line(first.addr_spec).casefold(), _one_line(first.display_name)
    return "", header(message, "From")


def _sent_at(message: MIMEPart) -> datetime | None:
    with suppress(*PARSER_FAILS, OverflowError):
        field = message.get("Date") if len(raw_header(message, "Date")) <= _LONGEST_PARSED else None
        if isinstance(field, DateHeader) and isinstance(field.datetime, datetime):
            sent_at = field.datetime
            return (sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def _one_line(text: str) -> str:
    """The text on one line; bytes that are not encoded as they should be are read as UTF-8, or as Windows does."""
    if not text.isascii():
        text = decoded(text.encode("utf-8", "surrogateescape"), None)
    return " ".join(plain(text.replace("\n", " ")).split())[:_LONGEST]
