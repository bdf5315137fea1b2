"""Put one return together from the files that its pages came in: the pages of a form that was torn apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from intake.choice import choice_of
from intake.results import (
    CheckboxReading,
    Reason,
    ReturnReading,
    VariantReading,
    VariantState,
)

_OF_THE_SET = frozenset({Reason.PAGE_MISSING, Reason.PAGE_NO_CODE})
"""What was found because pages were missing from one file; it is found anew on the whole."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one file says of a return."""

    reading: ReturnReading
    pages_before: int
    """How many pages the earlier files of the return have: its pages are numbered on from there."""


def join(parts: Sequence[Part], *, form_pages: int, options: Sequence[str]) -> ReturnReading:
    """Join the parts of one return, oldest first; one part alone stays as it is.

    `form_pages` and `options` are what the issued form has. Pages count through all files, as if they were one stack.
    """
    readings = [_numbered_on(part) for part in parts]
    if len(readings) == 1:
        return readings[0]
    pages = tuple(page for reading in readings for page in reading.pages)
    findings = [finding for reading in readings for finding in reading.findings if finding not in _OF_THE_SET]
    is_whole = len({page.form_page for page in pages}) >= form_pages
    if not is_whole:
        findings += [finding for reading in readings for finding in reading.findings if finding in _OF_THE_SET]
    return replace(
        readings[0],
        pages=pages,
        variant=_choice(readings, options, is_whole=is_whole),
        signature=next((reading.signature for reading in reversed(readings) if reading.signature is not None), None),
        fields=tuple(field for reading in readings for field in reading.fields),
        additions=tuple(addition for reading in readings for addition in reading.additions),
        findings=tuple(dict.fromkeys(findings)),
        digital_signatures=tuple(signature for reading in readings for signature in reading.digital_signatures),
    )


def _choice(readings: Sequence[ReturnReading], options: Sequence[str], *, is_whole: bool) -> VariantReading | None:
    """What all boxes say together; unclear where the form is whole and some boxes could not be read."""
    boxes = tuple(box for reading in readings if reading.variant for box in reading.variant.options)
    lossy = any(Reason.PAGE_FAINT in reading.findings for reading in readings)
    if is_whole and {box.option for box in boxes} != set(options):
        return VariantReading(None, VariantState.UNCLEAR, 0.0, boxes)
    return choice_of(boxes, len(options), lossy=lossy) if boxes else None


def _numbered_on(part: Part) -> ReturnReading:
    reading, before = part.reading, part.pages_before
    if not before:
        return reading
    variant, signature = reading.variant, reading.signature
    return replace(
        reading,
        pages=tuple(replace(page, page=page.page + before) for page in reading.pages),
        variant=variant and replace(variant, options=tuple(_box_on(box, before) for box in variant.options)),
        signature=signature and replace(signature, page=signature.page + before),
        fields=tuple(replace(field, page=field.page + before) for field in reading.fields),
        additions=tuple(replace(addition, page=addition.page + before) for addition in reading.additions),
    )


def _box_on(box: CheckboxReading, before: int) -> CheckboxReading:
    return replace(box, page=box.page + before)
