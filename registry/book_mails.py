"""Writes into the book what came in a mail: the mail itself, every part of it, and the documents among them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from forms.issued_form import letter_from_json
from intake.mail_contents import MailContext, MailHeaders, MailReading, PartKind
from intake.mail_contents import MailPart as FoundPart
from intake.mail_mentions import Mentions, mentions_in
from intake.results import DocumentReading, Reason
from registry import archive
from registry.book_returns import (
    Booked,
    Decide,
    ReceivedBytes,
    add_file,
    archive_document,
    as_booked,
    book_known_bytes,
    check_reading,
    enter_document,
)
from registry.errors import Inconsistent
from registry.events import EventData, bring_lists_up_to_date, one_writer
from registry.models import Arrival, Customer, Issue, Letter, Mail, MailPart
from registry.proposals import recognised_in
from registry.senders import customers_at
from registry.suffixes import suffix_of

DecideMail = Callable[[MailContext], Reason | None]


def book_mail(received: ReceivedBytes, reading: MailReading, decide: Decide, decide_mail: DecideMail) -> Booked:
    """Book a mail with all its parts and archive it, in one transaction; its documents are booked as files are.

    A letter of ours that came back untouched is noted and not taken for an answer. Raises what `book_document` raises;
    then nothing was booked.
    """
    _check(received, reading)
    recognised = {found.sha256: recognised_in(found) for found in reading.documents.values()}
    with one_writer():
        if (known := book_known_bytes(received)) is not None:
            return known
        parts = _without_our_letters(reading.contents.parts)
        file = add_file(received, _bare(reading.sha256), _told(parts))
        documents = [(_received(received, reading, part), reading.documents[part.number]) for part in _documents(parts)]
        entered = [
            (enter_document(each, found, recognised[found.sha256], decide), each, found) for each, found in documents
        ]
        mail = _add_mail(file.pk, reading, parts, decide_mail)
        _add_parts(mail, parts, [each for each, _ in documents])
        bring_lists_up_to_date({each.form_id for booked, *_ in entered for each in booked.returns})
        archive.store(received.data, suffix_of(received.data))
        for booked, each, found in entered:
            if booked.is_new:
                archive_document(each, found)
        return as_booked(file, duplicate=False)


def parts_digest(parts: Iterable[tuple[int, str, str]]) -> str:
    """Digest of the parts' numbers, kinds and digests: what the event says of them."""
    lines = "".join(f"{number} {kind} {sha256}\n" for number, kind, sha256 in parts)
    return hashlib.sha256(lines.encode()).hexdigest()


def _check(received: ReceivedBytes, reading: MailReading) -> None:
    if hashlib.sha256(received.data).hexdigest() != reading.sha256:
        raise Inconsistent(f"the reading of {reading.sha256} was handed over with other bytes")
    if [part.number for part in reading.contents.parts] != list(range(1, len(reading.contents.parts) + 1)):
        raise Inconsistent(f"the parts of the mail {reading.sha256} are not numbered one by one")
    if reading.documents.keys() != {part.number for part in reading.contents.documents}:
        raise Inconsistent(f"not just the documents of the mail {reading.sha256} were read")
    for part in reading.contents.documents:
        check_reading(_received(received, reading, part), reading.documents[part.number])


def _without_our_letters(parts: Iterable[FoundPart]) -> list[FoundPart]:
    """The parts; of those documents that are our own letters as they were issued, it is said that they are."""
    found = list(parts)
    digests = {part.sha256 for part in found if part.kind is PartKind.DOCUMENT}
    ours = set(Issue.objects.filter(pdf_sha256__in=digests).values_list("pdf_sha256", flat=True))
    return [replace(part, kind=PartKind.OUR_LETTER) if part.sha256 in ours else part for part in found]


def _documents(parts: Iterable[FoundPart]) -> Iterator[FoundPart]:
    return (part for part in parts if part.kind is PartKind.DOCUMENT)


def _received(mail: ReceivedBytes, reading: MailReading, part: FoundPart) -> ReceivedBytes:
    """A document as it arrived in its mail."""
    return ReceivedBytes(
        data=part.data,
        name=part.name,
        channel=mail.channel,
        received_at=mail.received_at,
        entry=f"mail {reading.sha256} part {part.number}",
        sender=reading.contents.headers.sender,
    )


def _bare(sha256: str) -> DocumentReading:
    """The mail's own bytes have no pages."""
    return DocumentReading(sha256, None, "", 0, (), ())


def _told(parts: Iterable[FoundPart]) -> EventData:
    listed = [(part.number, part.kind.value, part.sha256) for part in parts]
    return {"pages": 0, "parts": len(listed), "parts_sha256": parts_digest(listed)}


def _add_mail(file_id: int, reading: MailReading, parts: list[FoundPart], decide_mail: DecideMail) -> Mail:
    headers, text = reading.contents.headers, reading.contents.text
    words = mentions_in(headers.subject, text)
    named = sorted(_named(headers, words, parts))
    reason = decide_mail(
        MailContext(
            documents=tuple(reading.documents[part.number] for part in _documents(parts)),
            all_opened=all(part.kind is not PartKind.NOT_OPENED for part in parts),
            mentions=bool(named) or words.speaks_of_forms or _names_a_letter(words),
        )
    )
    return Mail.objects.create(
        file_id=file_id,
        sender=headers.sender,
        sender_name=headers.sender_name,
        subject=headers.subject,
        message_id=headers.message_id,
        sent_at=headers.sent_at,
        text=text,
        mentions=named,
        reason=reason or "",
    )


def _named(headers: MailHeaders, words: Mentions, parts: Iterable[FoundPart]) -> set[str]:
    """Numbers of the customers and ids of the forms that the mail speaks of, comes from or brings back."""
    letters = [part.sha256 for part in parts if part.kind is PartKind.OUR_LETTER]
    forms = Issue.objects.filter(erased_at=None)
    return {
        *customers_at(headers.sender),
        *Customer.objects.filter(number__in=words.numbers).values_list("number", flat=True),
        *forms.filter(reference__in=words.references).values_list("form_id", flat=True),
        *forms.filter(form_id__in=words.form_ids).values_list("form_id", flat=True),
        *forms.filter(pdf_sha256__in=letters).values_list("form_id", flat=True),
    }


def _names_a_letter(words: Mentions) -> bool:
    titles = {letter_from_json(letter.geometry_json).title for letter in Letter.objects.all()}
    return any(" ".join(title.casefold().split()) in words.text for title in titles)


def _add_parts(mail: Mail, parts: Iterable[FoundPart], documents: Iterable[ReceivedBytes]) -> None:
    arrivals = Arrival.objects.filter(entry__in=[each.entry for each in documents])
    by_entry = {arrival.entry: arrival for arrival in arrivals}
    MailPart.objects.bulk_create(
        MailPart(
            mail=mail,
            number=part.number,
            name=part.name,
            kind=part.kind,
            size=part.size,
            sha256=part.sha256,
            arrival=by_entry[f"mail {mail.file.sha256} part {part.number}"] if part.kind is PartKind.DOCUMENT else None,
        )
        for part in parts
    )
