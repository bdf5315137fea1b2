"""The ink that pens left where ink is expected: marks with their overshoots, the signature with its flourishes.

Whoever reads a mark or a signature asks for it, and so does who looks for what else was put there: it is found once.
"""

from __future__ import annotations

from dataclasses import dataclass

from intake.checkbox import MarkArea, mark_area
from intake.sheet import Sheet
from intake.signature_extent import SignatureParts, signature_parts


@dataclass(frozen=True)
class ExpectedInk:
    """What pens left on a sheet."""

    marks: tuple[MarkArea, ...]
    """Of each checkbox of the page, in their order."""
    signature: SignatureParts | None
    """None where the page has no signature field."""


def expected_ink(sheet: Sheet) -> ExpectedInk:
    """Find what pens left on a sheet."""
    field = sheet.page.signature
    return ExpectedInk(
        marks=tuple(mark_area(sheet, checkbox) for checkbox in sheet.page.checkboxes),
        signature=None if field is None else signature_parts(sheet, field),
    )
