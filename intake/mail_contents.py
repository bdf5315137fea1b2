"""What opening a mail gives: its headers, its words and its parts. A part is a document or noted as something else.

A worker process hands these objects over as JSON. Everything in them was written by whoever sent the mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import ConfigDict, TypeAdapter

from intake.results import DocumentReading


class PartKind(StrEnum):
    """What a part of a mail is; every kind is explained in docs/mail.md."""

    DOCUMENT = "document"
    """To be read as a file is."""
    OUR_LETTER = "our_letter"
    """The very bytes of a letter that was issued here, sent back untouched."""
    TEXT = "text"
    """Words of the mail: they are kept as plain text."""
    FOOTER_PICTURE = "footer_picture"
    """A logo or the like: too small to be a page."""
    MAIL_SIGNATURE = "mail_signature"
    """The digital signature of the mail itself; it is not checked."""
    NOTICE = "notice"
    """What mail programs write to each other: receipts, appointments, contact cards."""
    OPENED = "opened"
    """A mail or an archive in the mail: what it holds comes after it."""
    NOT_OPENED = "not_opened"
    """Beyond what is opened of one mail: a person must open it."""


@dataclass(frozen=True, slots=True)
class MailHeaders:
    """Who says that they wrote the mail, when, and about what. All of it can be forged."""

    sender: str
    """The address in From; empty where there is none that can be understood."""
    sender_name: str
    subject: str
    message_id: str
    sent_at: datetime | None
    """With its time zone; None where the date cannot be understood."""


@dataclass(frozen=True, slots=True)
class MailPart:
    """One part of a mail."""

    __pydantic_config__ = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    number: int
    """Counts from 1, in the order of the mail."""
    name: str
    """Its name, after those of the mails and archives that it lies in; on one line."""
    kind: PartKind
    size: int
    sha256: str
    data: bytes
    """Of a document; empty for all others."""


@dataclass(frozen=True, slots=True)
class MailContents:
    """An opened mail."""

    sha256: str
    """Of the whole mail."""
    headers: MailHeaders
    text: str
    """What it says, as plain text, forwarded mails included; shortened where it is very long."""
    parts: tuple[MailPart, ...]

    @property
    def documents(self) -> tuple[MailPart, ...]:
        """The parts that are read as files are."""
        return tuple(part for part in self.parts if part.kind is PartKind.DOCUMENT)


@dataclass(frozen=True, slots=True)
class MailReading:
    """An opened mail with the readings of its documents."""

    contents: MailContents
    documents: Mapping[int, DocumentReading]
    """By the number of the part; every document is there."""

    @property
    def sha256(self) -> str:
        """Digest of the whole mail."""
        return self.contents.sha256


@dataclass(frozen=True, slots=True)
class MailContext:
    """What counts when it is decided whether a person must read a mail itself, beside its returns."""

    documents: tuple[DocumentReading, ...]
    """As read; without the letters of ours that were sent back untouched."""
    all_opened: bool
    """No part was beyond what is opened of one mail."""
    mentions: bool
    """It speaks of a customer or a form, or comes from a customer's address."""


_CONTENTS = TypeAdapter(MailContents)


def contents_to_json(contents: MailContents) -> bytes:
    """Serialise an opened mail."""
    return _CONTENTS.dump_json(contents)


def contents_from_json(data: bytes) -> MailContents:
    """Restore an opened mail; raises `pydantic.ValidationError` on anything else."""
    return _CONTENTS.validate_json(data)
