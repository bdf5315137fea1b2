"""Builds issued forms and readings with just what a test is about; everything else is plausible and the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from forms.issued_form import Customer, IssuedForm, IssuedPdf, LetterGeometry, OptionMeaning, OwnPage, PageGeometry
from forms.page_code import reference
from forms.units import BoxMm
from intake.results import (
    CheckboxReading,
    Decision,
    DocumentReading,
    FieldReading,
    FieldState,
    MarkState,
    Reason,
    ReturnedPage,
    ReturnReading,
    SignatureReading,
    SignatureState,
    UnplacedPage,
    VariantReading,
    VariantState,
    Verdict,
)

ISSUED_ON = date(2026, 10, 1)
ISSUED_AT = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
RECEIVED_AT = datetime(2026, 10, 12, 9, 30, tzinfo=UTC)
CONFIRMED_AT = datetime(2026, 10, 13, 22, 30, tzinfo=UTC)
"""Half past midnight on 14 October in Berlin."""
PICTURE_PNG = b"\x89PNG\r\n\x1a\n page as located"

ACCEPT = Verdict(Decision.ACCEPT, ())
REVIEW = Verdict(Decision.REVIEW, (Reason.VARIANT_CORRECTED,))
INCOMPLETE = Verdict(Decision.INCOMPLETE, (Reason.SIGNATURE_ABSENT,))

EMPTY_PDF = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%"
)
"""One blank A4 page; what follows is a comment."""

_BOX = BoxMm(25, 138.1, 30.5, 143.6)


def sha256(data: bytes | str) -> str:
    """Digest of bytes or of a text's UTF-8."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def make_letter(template: str = "remote-support", version: int = 1, wording: str = "first wording") -> LetterGeometry:
    """A letter of one page with the options A and B; its wording decides what it may stand for."""
    page = PageGeometry(1, 210, 297, (), (), (), (), (), (), None, ())
    return LetterGeometry(
        template=template,
        version=version,
        template_sha256=sha256(f"{template} {version} {wording}"),
        wording_sha256=sha256(wording),
        language="de",
        title="Konfiguration Remote Support",
        retention_months=36,
        options=(
            OptionMeaning("A", "Variante A", {"clients": "A", "servers": "B"}),
            OptionMeaning("B", "Variante B", {"clients": "B", "servers": "B"}),
        ),
        pages=(page,),
    )


def make_customer(number: str = "K-1001", company: str = "Łódź & Söhne GmbH") -> Customer:
    """A customer with an address."""
    return Customer(number, company, "Jana Weiß", "Torstr. 1", "10119", "Berlin", "", "jana@example.org")


def make_issued(form_id: str, customer: Customer | None = None, letter: LetterGeometry | None = None) -> IssuedPdf:
    """A form issued on 1 October 2026, due four weeks later."""
    letter = letter or make_letter()
    form = IssuedForm(
        form_id=form_id,
        reference=reference(form_id),
        customer=customer or make_customer(),
        issued_on=ISSUED_ON,
        due_on=ISSUED_ON + timedelta(days=28),
        letter_sha256=letter.sha256(),
        pages=(OwnPage((), f"R1{form_id}1"),),
    )
    return IssuedPdf(form, letter, EMPTY_PDF + form_id.encode())


def form_id(number: int) -> str:
    """A form id; equal numbers give equal ids."""
    return f"{number:016d}"


def make_variant(value: str | None) -> VariantReading:
    """One option marked, or none."""
    boxes = tuple(
        CheckboxReading(
            option, MarkState.MARKED if option == value else MarkState.EMPTY, 0.999, 1, _BOX, 0.2, 0.0, None
        )
        for option in "AB"
    )
    return VariantReading(value, VariantState.MARKED if value else VariantState.NONE, 0.999, boxes)


def make_signature(state: SignatureState) -> SignatureReading:
    """A signature field in a state."""
    return SignatureReading(
        state, 0.99, 1, BoxMm(25, 254.9, 120, 285.1), 40.0, (50.0, 15.0), "", printed=False, digital=False
    )


def make_date_field(value: str | None, *, agrees: bool | None = True) -> FieldReading:
    """The date field, read with confidence or not at all."""
    state = FieldState.READ if value else FieldState.UNCLEAR
    box = BoxMm(76, 239.6, 108, 248.6)
    return FieldReading("date", state, value or "?", value, 0.9, agrees, True, 1, box, 12.0, faint=False)


def make_return(
    form_id: str,
    *,
    variant: str | None = "A",
    signature: SignatureState = SignatureState.PRESENT,
    signed_on: str | None = "2026-10-10",
    pages: Sequence[int] = (1,),
) -> ReturnReading:
    """A return of one form: marked A, signed and dated unless told otherwise."""
    return ReturnReading(
        form_id=form_id,
        template="remote-support",
        version=1,
        customer="K-1001",
        pages=tuple(ReturnedPage(page, 1, 300.0, 0.1, PICTURE_PNG) for page in pages),
        variant=make_variant(variant),
        signature=make_signature(signature),
        fields=(make_date_field(signed_on),),
        additions=(),
        findings=(),
    )


def make_document(
    data: bytes, returns: Sequence[ReturnReading] = (), unplaced: Sequence[UnplacedPage] = ()
) -> DocumentReading:
    """The reading of a file whose pages are those of its returns and its unplaced ones."""
    count = sum(len(answer.pages) for answer in returns) + len(unplaced)
    return DocumentReading(sha256(data), None, "", count, tuple(returns), tuple(unplaced))


def with_date_field(answer: ReturnReading, field: FieldReading) -> ReturnReading:
    """The same return with another date field."""
    return replace(answer, fields=(field,))
