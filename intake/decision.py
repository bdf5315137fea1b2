"""Decide on a return: the one place with policy. Readings measure, `decide` judges.

The function is pure: what only the registry knows comes in with the context. Nothing that it decides is in force; a
person confirms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from intake.digital_signature import DigitalSignature, DigitalState
from intake.mail_contents import MailContext
from intake.results import (
    Decision,
    FieldReading,
    FieldState,
    History,
    Reason,
    ReturnReading,
    SignatureReading,
    SignatureState,
    VariantReading,
    VariantState,
    Verdict,
)

OUR_FIELD = "signature"
"""The form field in which a digital signature signs the form."""
IMPLAUSIBLE_FROM = 0.9
"""Confidence of a reading from which an implausible one sends the return to a person: one in ten was misread."""

_MISSING = frozenset(
    {
        Reason.PAGE_MISSING,
        Reason.VARIANT_NONE,
        Reason.SIGNATURE_ABSENT,
        Reason.PLACE_EMPTY,
        Reason.DATE_EMPTY,
        Reason.NAME_EMPTY,
    }
)
"""Something needed is not there; all else that is found sends the return to a person."""
_ONLY_SAID = frozenset(
    {
        Reason.RETURN_LATE,
        Reason.RETURN_DUPLICATE,
        Reason.RETURN_JOINED,
        Reason.PAGE_REPEATED,
        Reason.FILE_REPAIRED,
        Reason.PAGE_FAINT,
        Reason.PAGE_BLACK_AND_WHITE,
    }
)
"""Worth saying, but no reason to decide otherwise."""
_INK_MAY_BE_LOST = frozenset({Reason.PAGE_FAINT, Reason.PAGE_BLACK_AND_WHITE})
"""Nothing is called missing on a page of which this is said."""
_NOT_OURS_FOR_SURE = frozenset({Reason.PAGE_BLANK, Reason.PAGE_FOREIGN})
"""Pages in a mail without a return for which nobody needs to look at it."""
_EMPTY = {"place": Reason.PLACE_EMPTY, "date": Reason.DATE_EMPTY, "name": Reason.NAME_EMPTY}
_FURTHER = {"place": Reason.PLACE_FURTHER, "date": Reason.DATE_FURTHER, "name": Reason.NAME_FURTHER}
_FAINT = {"place": Reason.PLACE_FAINT, "date": Reason.DATE_FAINT, "name": Reason.NAME_FAINT}


_NOTHING_BEFORE = History()


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What a page alone cannot tell."""

    today: date
    """Local date (Europe/Berlin)."""
    history: History = _NOTHING_BEFORE


def decide_mail(context: MailContext) -> Reason | None:
    """Say why a person must read a mail, or that nothing in it is ours; None where its returns speak for it."""
    if not context.all_opened:
        return Reason.MAIL_NOT_OPENED
    if any(document.problem for document in context.documents):
        return Reason.MAIL_UNREAD
    if any(document.returns for document in context.documents):
        return None
    pages = [page.reason for document in context.documents for page in document.unplaced]
    if any(reason not in _NOT_OURS_FOR_SURE for reason in pages):
        return Reason.MAIL_UNREAD
    return Reason.MAIL_MENTIONS if context.mentions else Reason.MAIL_NOTHING


def decide(reading: ReturnReading, context: DecisionContext) -> Verdict:
    """Judge one return: accept, incomplete or review, with every reason there is.

    A doubt outweighs a lack: a return is called incomplete only where all that was found is certain.
    """
    reasons = tuple(dict.fromkeys(_reasons(reading, context)))
    deciding = [reason for reason in reasons if reason not in _ONLY_SAID]
    if not deciding:
        return Verdict(Decision.ACCEPT, reasons)
    if _INK_MAY_BE_LOST.isdisjoint(reasons) and all(reason in _MISSING for reason in deciding):
        return Verdict(Decision.INCOMPLETE, reasons)
    return Verdict(Decision.REVIEW, reasons)


def _reasons(reading: ReturnReading, context: DecisionContext) -> Iterator[Reason]:
    yield from reading.findings
    if any(not addition.expected for addition in reading.additions):
        yield Reason.PAGE_ADDITIONS
    if reading.variant is not None:
        yield from _variant_reasons(reading.variant)
    if reading.signature is not None:
        yield from _signature_reasons(reading.signature, reading.digital_signatures)
    for signature in reading.digital_signatures:
        yield from _digital_reasons(signature)
    for field in reading.fields:
        yield from _field_reasons(field)
    yield from _history_reasons(context.history)


def _variant_reasons(variant: VariantReading) -> Iterator[Reason]:
    reasons = {
        VariantState.NONE: Reason.VARIANT_NONE,
        VariantState.SEVERAL: Reason.VARIANT_SEVERAL,
        VariantState.CORRECTED: Reason.VARIANT_CORRECTED,
        VariantState.UNCLEAR: Reason.VARIANT_UNCLEAR,
    }
    if variant.state in reasons:
        yield reasons[variant.state]


def _signature_reasons(signature: SignatureReading, validated: tuple[DigitalSignature, ...]) -> Iterator[Reason]:
    if signature.state is SignatureState.ABSENT:
        yield Reason.SIGNATURE_ABSENT
    elif signature.digital:
        if all(each.field != OUR_FIELD for each in validated):
            yield Reason.SIGNATURE_DIGITAL
    elif signature.printed:
        yield Reason.SIGNATURE_PRINT
    elif signature.state is SignatureState.UNCLEAR:
        yield Reason.SIGNATURE_UNCLEAR


def _digital_reasons(signature: DigitalSignature) -> Iterator[Reason]:
    """What a digital signature is worth: intact in our field it is a proposal to a person, and never more.

    Who is entitled to sign, and whether this certificate may stand for that name, no program can say.
    """
    match signature.state:
        case DigitalState.TAMPERED:
            yield Reason.SIGNATURE_TAMPERED
        case DigitalState.CHANGED:
            yield Reason.SIGNATURE_CHANGED
        case DigitalState.UNREADABLE:
            yield Reason.SIGNATURE_DIGITAL
        case DigitalState.INTACT:
            yield Reason.SIGNATURE_VALIDATED if signature.field == OUR_FIELD else Reason.SIGNATURE_ELSEWHERE
            if not signature.trusted:
                yield Reason.SIGNATURE_UNTRUSTED


def _field_reasons(field: FieldReading) -> Iterator[Reason]:
    if field.required and field.state is FieldState.EMPTY:
        yield _EMPTY[field.name]
    elif field.required and field.faint:
        yield _FAINT[field.name]
    if field.further:
        yield _FURTHER[field.name]
    if field.name == "date" and field.agrees is False and field.confidence >= IMPLAUSIBLE_FROM:
        yield Reason.DATE_IMPLAUSIBLE


def _history_reasons(history: History) -> Iterator[Reason]:
    for happened, reason in (
        (history.superseded, Reason.RETURN_SUPERSEDED),
        (history.withdrawn, Reason.RETURN_WITHDRAWN),
        (history.sender, Reason.RETURN_SENDER),
        (history.contradicts, Reason.RETURN_CONTRADICTS),
        (history.joined, Reason.RETURN_JOINED),
        (history.late, Reason.RETURN_LATE),
        (history.duplicate, Reason.RETURN_DUPLICATE),
    ):
        if happened:
            yield reason
