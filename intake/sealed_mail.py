"""Tell by their first bytes what mail programs wrap a mail in so that nobody but they can open it."""

from __future__ import annotations

from intake.results import Reason

_TNEF = b"\x78\x9f\x3e\x22"
_PKCS7 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
"""The beginning of the object identifiers of CMS (RFC 5652), in DER: signed, enveloped, ... data."""
_PGP = b"-----BEGIN PGP MESSAGE-----"
_WITHIN = 64


def why_sealed(data: bytes) -> tuple[Reason, str] | None:
    """Say which wrapping it is, with a detail for support; None where it is none of them."""
    if data.startswith(_TNEF):
        return Reason.FILE_WINMAIL, "TNEF, as Outlook sends it in winmail.dat"
    if data.startswith(b"\x30") and _PKCS7 in data[:_WITHIN]:
        return Reason.FILE_SEALED, "S/MIME: enveloped or opaquely signed"
    if data.lstrip()[: len(_PGP)] == _PGP:
        return Reason.FILE_SEALED, "OpenPGP message"
    return None
