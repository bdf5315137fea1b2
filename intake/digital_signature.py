"""What is known of a digital signature in a received PDF. It crosses the worker's pipe with the other results."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DigitalState(StrEnum):
    """What validating a signature found, whoever made it."""

    INTACT = "intact"
    """The document is what was signed, all of it."""
    CHANGED = "changed"
    """It was signed, and then filled in or annotated; what was signed is still in it as it was."""
    TAMPERED = "tampered"
    """What was signed is not what is there: bytes were altered, or it was changed as no signature allows."""
    UNREADABLE = "unreadable"
    """It could not be validated at all."""


@dataclass(frozen=True, slots=True)
class DigitalSignature:
    """One digital signature, validated without asking anybody on the network."""

    field: str
    """Name of the form field that holds it; ours is `signature`."""
    state: DigitalState
    signer: str
    """The common name in the certificate, as it says; empty where it says none."""
    issuer: str
    """Who issued the certificate, as it says."""
    signed_at: str | None
    """When, in ISO 8601, as the signer's own clock said; None where nothing is said."""
    whole: bool
    """It covers the document to its end; otherwise something was added after it."""
    trusted: bool
    """The certificate leads to one of the roots that the office has configured."""
    detail: str
    """What was found, in the words of the library, for support; may be empty."""
