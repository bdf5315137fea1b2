"""Compare what two returns of one form say: the paper after its fax, the scan after the photo. Pure."""

from __future__ import annotations

from enum import StrEnum

from intake.results import (
    FieldReading,
    FieldState,
    MarkState,
    Reason,
    ReturnReading,
    SignatureState,
    VariantReading,
    VariantState,
)

SURE_FROM = 0.95
"""Confidence of two readings of a date from which their difference is one on the paper, not one of reading."""

_CERTAIN_CHOICE = frozenset({VariantState.MARKED, VariantState.NONE, VariantState.PARTIAL})
_CERTAIN_SIGNATURE = frozenset({SignatureState.PRESENT, SignatureState.ABSENT})
_ABOUT_THE_SET = frozenset({Reason.PAGE_MISSING, Reason.PAGE_REPEATED, Reason.FILE_REPAIRED})
"""What is found about which pages there are, not about what stands on them."""


class Sameness(StrEnum):
    """How what one return says stands to what an earlier one says."""

    SAME = "same"
    """All that it says is certain, and the earlier one says it too."""
    OTHER = "other"
    """It says something else."""
    UNCLEAR = "unclear"
    """Neither can be said: something is not certain, or is on one of them only."""


def compare(now: ReturnReading, before: ReturnReading) -> Sameness:
    """Compare a return with an earlier one of the same form."""
    if _choose_differently(now.variant, before.variant) or _dates_differ(now, before):
        return Sameness.OTHER
    return Sameness.SAME if _is_certain(now) and _is_said_in(now, before) else Sameness.UNCLEAR


def _choose_differently(now: VariantReading | None, before: VariantReading | None) -> bool:
    values = {each.value for each in (now, before) if each is not None and each.value is not None}
    return len(values) > 1


def _dates_differ(now: ReturnReading, before: ReturnReading) -> bool:
    dates = [field.value for reading in (now, before) for field in reading.fields if _is_sure_date(field)]
    return len(set(dates)) > 1


def _is_sure_date(field: FieldReading) -> bool:
    return field.name == "date" and field.value is not None and field.confidence >= SURE_FROM


def _is_certain(reading: ReturnReading) -> bool:
    """Tell whether nothing was found on the pages that a person would have to look at."""
    if not set(reading.findings) <= _ABOUT_THE_SET or any(not addition.expected for addition in reading.additions):
        return False
    if reading.variant is not None and reading.variant.state not in _CERTAIN_CHOICE:
        return False
    signature = reading.signature
    is_plain = signature is None or (signature.state in _CERTAIN_SIGNATURE and not signature.digital)
    return is_plain and (reading.variant is not None or signature is not None)


def _is_said_in(now: ReturnReading, before: ReturnReading) -> bool:
    """Tell whether the earlier return has these pages, and on them the same choice, signature and written fields."""
    if not {page.form_page for page in now.pages} <= {page.form_page for page in before.pages}:
        return False
    if not _boxes(now.variant) <= _boxes(before.variant):
        return False
    if now.signature is not None and (before.signature is None or now.signature.state is not before.signature.state):
        return False
    written = {field.name: _is_written(field) for field in before.fields}
    return all(written.get(field.name) == _is_written(field) for field in now.fields if field.required)


def _boxes(variant: VariantReading | None) -> set[tuple[str, MarkState]]:
    return {(box.option, box.state) for box in variant.options} if variant is not None else set()


def _is_written(field: FieldReading) -> bool:
    return field.state is not FieldState.EMPTY
