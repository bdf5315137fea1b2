"""Find what was written into the signature's field beside the signature: "unter Vorbehalt", "nur nach Anruf".

It is a part of the ink that stands by itself, clearly lower than the signature, made of several small pieces as letters
are. The thresholds are measured in docs/decisions/0023-ink-on-print.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from forms.issued_form import SignatureField
from forms.units import BoxMm
from intake.sheet import SPECK_MM2, Sheet, piece_boxes, without_specks
from intake.sheet_grid import Mask, area_mm2, box_of, pixels, px_per_mm

APART_MM = 2.0
"""Gap between two parts of the ink."""
NOTE_FROM_LETTERS = 3
NOTE_HEIGHT_MM, NOTE_FROM_WIDTH_MM, NOTE_FROM_SLIMNESS = (1.8, 7.0), 5.0, 1.4
"""Pieces, height, width, and width as a multiple of the height from which a part of the ink may be words."""
LOWER_THAN = 0.65
"""Height of such a part as a share of the signature's."""

_INSET_MM = 0.45
_LEAST_MM2 = 0.8
_LETTER_HEIGHT_MM, _LETTER_WIDTH_MM = (0.8, 5.5), 7.0


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the ink in the field that stands by itself."""

    box_mm: BoxMm
    letters: int


def notes_beside_signature(sheet: Sheet, field: SignatureField) -> tuple[BoxMm, ...]:
    """Give the boxes of what looks like words beside the signature."""
    region = pixels(field.box_mm.grown(-_INSET_MM))
    ink = sheet.with_pale(region, sheet.ink[region])
    parts = list(_parts(without_specks(ink, SPECK_MM2), region))
    if len(parts) < 2:
        return ()
    signature = max(parts, key=lambda part: part.box_mm.height)
    return tuple(part.box_mm for part in parts if part is not signature and _is_note(part, signature))


def _parts(ink: Mask, region: tuple[slice, slice]) -> Iterator[_Part]:
    reach = round(APART_MM * px_per_mm()) | 1
    joined = cv2.dilate(ink.view(np.uint8), np.ones((reach, reach), np.uint8))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    rows, columns = region
    for label in range(1, count):
        part = ink & (labels == label)
        if area_mm2(part) >= _LEAST_MM2:
            left, top, width, height = cv2.boundingRect(part.view(np.uint8))
            y, x = rows.start + top, columns.start + left
            yield _Part(box_of(slice(y, y + height), slice(x, x + width)), _letters(part))


def _letters(part: Mask) -> int:
    _, _, width, height, _ = piece_boxes(np.ascontiguousarray(part)).T / px_per_mm()
    least, most = _LETTER_HEIGHT_MM
    return int(np.count_nonzero((height >= least) & (height <= most) & (width <= _LETTER_WIDTH_MM)))


def _is_note(part: _Part, signature: _Part) -> bool:
    width_mm, height_mm = part.box_mm.width, part.box_mm.height
    least_mm, most_mm = NOTE_HEIGHT_MM
    return (
        part.letters >= NOTE_FROM_LETTERS
        and least_mm <= height_mm <= min(most_mm, LOWER_THAN * signature.box_mm.height)
        and width_mm >= max(NOTE_FROM_WIDTH_MM, NOTE_FROM_SLIMNESS * height_mm)
    )
