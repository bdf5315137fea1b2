"""Validate the digital signatures of a received PDF, on the received bytes and without any network.

That needs pyHanko, the extra `signed`; without it nothing is validated, and a person is told so. What was changed
after signing is measured with pyHanko's own difference policy; what that means for a return is for `decide` to say.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from intake.digital_signature import DigitalSignature, DigitalState

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko.sign.validation.status import PdfSignatureStatus
    from pyhanko_certvalidator import ValidationContext

Certificates = Sequence[bytes]
"""Files of certificates, in PEM or DER."""
IS_INSTALLED = importlib.util.find_spec("pyhanko") is not None
_MOST_SIGNATURES = 20
_LONGEST_NAME = 200
_LONGEST_DETAIL = 300


def validate_signatures(data: bytes, trusted: Certificates) -> tuple[DigitalSignature, ...] | None:
    """Validate every signature of a PDF; None where this program lacks the library for it.

    `trusted` are the certificates that the office trusts to say who somebody is.
    """
    if not _may_be_signed(data):
        return ()
    if not IS_INSTALLED:
        return None
    # What hostile bytes can raise inside the library has no common base: a signature that cannot be understood is
    # never taken for none.
    try:
        return tuple(_validated(data, trusted))
    except (MemoryError, ImportError):
        raise
    except Exception as error:
        return (_unreadable("", error),)


def certificates(pem_or_der: bytes) -> list[Any]:
    """The certificates in a file; raises `ValueError` for anything else."""
    from asn1crypto import pem, x509

    if not pem.detect(pem_or_der):
        return [x509.Certificate.load(pem_or_der, strict=True)]
    return [x509.Certificate.load(der, strict=True) for _, _, der in pem.unarmor(pem_or_der, multiple=True)]


def _may_be_signed(data: bytes) -> bool:
    """Tell what may hold a signature: each names the bytes that it covers, where they can be seen from outside."""
    return b"/ByteRange" in data


def _validated(data: bytes, trusted: Certificates) -> Iterator[DigitalSignature]:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko_certvalidator import ValidationContext

    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    roots = [certificate for one in trusted for certificate in certificates(one)]
    context = ValidationContext(trust_roots=roots, allow_fetching=False)
    reader = PdfFileReader(BytesIO(data), strict=False)
    for signature in reader.embedded_regular_signatures[:_MOST_SIGNATURES]:
        yield _one(signature, context)


def _one(signature: EmbeddedPdfSignature, context: ValidationContext) -> DigitalSignature:
    from pyhanko.sign.validation import validate_pdf_signature

    try:
        return _told(str(signature.field_name), validate_pdf_signature(signature, context))
    except MemoryError:
        raise
    except Exception as error:  # see above
        return _unreadable(str(signature.field_name), error)


def _told(field: str, status: PdfSignatureStatus) -> DigitalSignature:
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    certificate = status.signing_cert
    return DigitalSignature(
        field=field[:_LONGEST_NAME],
        state=_state(status),
        signer=_common_name(certificate.subject),
        issuer=_common_name(certificate.issuer),
        signed_at=status.signer_reported_dt.isoformat() if status.signer_reported_dt else None,
        whole=status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        trusted=bool(status.trusted),
        detail=_summary(status),
    )


def _state(status: PdfSignatureStatus) -> DigitalState:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    covers = status.coverage in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)
    if not (status.intact and status.valid and covers) or status.docmdp_ok is False:
        return DigitalState.TAMPERED
    if status.coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return DigitalState.INTACT
    match status.modification_level:
        case ModificationLevel.NONE | ModificationLevel.LTA_UPDATES:
            return DigitalState.INTACT
        case ModificationLevel.FORM_FILLING | ModificationLevel.ANNOTATIONS:
            return DigitalState.CHANGED
        case _:
            return DigitalState.TAMPERED


def _common_name(name: Any) -> str:
    said = name.native
    common = said.get("common_name") or said.get("organization_name") or name.human_friendly
    text = ", ".join(common) if isinstance(common, list) else str(common)
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_LONGEST_NAME]


def _summary(status: PdfSignatureStatus) -> str:
    level = status.modification_level
    said = [status.summary(), f"changes after signing: {level.name.lower() if level is not None else 'not known'}"]
    return "; ".join(said)[:_LONGEST_DETAIL]


def _unreadable(field: str, error: Exception) -> DigitalSignature:
    detail = f"{type(error).__name__}: {error}"[:_LONGEST_DETAIL]
    return DigitalSignature(
        field[:_LONGEST_NAME], DigitalState.UNREADABLE, "", "", None, whole=False, trusted=False, detail=detail
    )
