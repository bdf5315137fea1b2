"""A document's reading as JSON lines: the form in which `ruecklauf read --json` hands results to other programs.

The shape is a fixed point: keys and their order change only with the schema number.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from intake.digital_signature import DigitalSignature
from intake.results import (
    Addition,
    Decision,
    DocumentReading,
    FieldReading,
    Reason,
    ReturnReading,
    SignatureReading,
    VariantReading,
    VariantState,
    Verdict,
)

SCHEMA = 1
_CONFIDENCE_DIGITS = 4
_MM_DIGITS = 1

Line = dict[str, Any]


def json_lines(
    source: str,
    reading: DocumentReading,
    verdicts: Sequence[Verdict],
    *,
    part: str | None = None,
    sha256: str | None = None,
) -> list[str]:
    """Return the document's lines, without line ends: its returns in order of their first page, then all other pages.

    `verdicts` stand in the order of `reading.returns`; `source` is the file's name as the operating system gives it,
    `part` names a mail's attachment, and `sha256` is then the digest of the whole mail. Every line is valid UTF-8 when
    encoded.
    """
    head: Line = {
        "schema": SCHEMA,
        "source": _storable(source),
        "part": None if part is None else _storable(part),
        "sha256": sha256 or reading.sha256,
    }
    judged = sorted(zip(reading.returns, verdicts, strict=True), key=lambda pair: _pages(pair[0])[0])
    lines = [head | _return_line(item, verdict) for item, verdict in judged]
    if reading.unplaced or not lines:
        lines.append(head | _rest_line(reading))
    return [json.dumps(line, ensure_ascii=False, allow_nan=False) for line in lines]


def _return_line(item: ReturnReading, verdict: Verdict) -> Line:
    signed = [_digital(signature) for signature in item.digital_signatures]
    line: Line = {
        "pages": _pages(item),
        "form": item.form_id,
        "template": item.template,
        "version": item.version,
        "customer": item.customer,
        "decision": verdict.decision.value,
        "reasons": [reason.value for reason in verdict.reasons],
        "variant": _variant(item.variant),
        "signature": _signature(item.signature),
        "fields": {field.name: _field(field) for field in item.fields},
        "additions": [_addition(addition) for addition in item.additions],
    }
    return line | ({"digital_signatures": signed} if signed else {})


def _rest_line(reading: DocumentReading) -> Line:
    """All pages that belong to no return; no pages where the file could not be opened."""
    reasons = [page.reason for page in reading.unplaced]
    return {
        "pages": sorted(page.page for page in reading.unplaced),
        "form": None,
        "template": None,
        "version": None,
        "customer": None,
        "decision": Decision.REJECT.value,
        "reasons": [reason.value for reason in _distinct([reading.problem, *reasons])],
        "variant": None,
        "signature": None,
        "fields": {},
        "additions": [],
    }


def _pages(item: ReturnReading) -> list[int]:
    return sorted(page.page for page in item.pages)


def _distinct(reasons: Sequence[Reason | None]) -> list[Reason]:
    return list(dict.fromkeys(reason for reason in reasons if reason is not None))


def _variant(variant: VariantReading | None) -> Line | None:
    if variant is None or variant.state is VariantState.PARTIAL:
        return None
    return {
        "value": variant.value,
        "state": variant.state.value,
        "confidence": round(variant.confidence, _CONFIDENCE_DIGITS),
        "options": {checkbox.option: checkbox.state.value for checkbox in variant.options},
    }


def _signature(signature: SignatureReading | None) -> Line | None:
    if signature is None:
        return None
    return {"state": signature.state.value, "confidence": round(signature.confidence, _CONFIDENCE_DIGITS)}


def _digital(signature: DigitalSignature) -> Line:
    return {
        "field": signature.field,
        "state": signature.state.value,
        "signer": signature.signer,
        "issuer": signature.issuer,
        "signed_at": signature.signed_at,
        "whole": signature.whole,
        "trusted": signature.trusted,
    }


def _field(field: FieldReading) -> Line:
    return {
        "state": field.state.value,
        "text": field.text,
        "value": field.value,
        "confidence": round(field.confidence, _CONFIDENCE_DIGITS),
        "agrees": field.agrees,
    }


def _addition(addition: Addition) -> Line:
    return {
        "page": addition.page,
        "box_mm": list(addition.box_mm.rounded(_MM_DIGITS)),
        "kind": addition.kind.value,
    }


def _storable(name: str) -> str:
    """Return the name with bytes that are not UTF-8 as escapes; everything else stays as it is."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
