"""Find what was written into the signature's field beside the signature: "unter Vorbehalt", "nur nach Anruf".

It is a part of the ink that stands by itself, clearly lower than the signature, made of several small pieces as letters
are. The thresholds are measured in docs/decisions/0023-ink-on-print.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from forms.issued_form import SignatureField
from forms.units import BoxMm
from intake.sheet import Sheet, piece_boxes
from intake.sheet_grid import Mask, area_mm2, box_of, px_per_mm
from intake.signature_extent import signature_parts

NOTE_FROM_LETTERS = 3
NOTE_HEIGHT_MM, NOTE_FROM_WIDTH_MM, NOTE_FROM_SLIMNESS = (1.8, 7.0), 5.0, 1.4
"""Pieces, height, width, and width as a multiple of the height from which a part of the ink may be words."""
LOWER_THAN = 0.65
"""Height of such a part as a share of the signature's."""

_LEAST_MM2 = 0.8
_LETTER_HEIGHT_MM, _LETTER_WIDTH_MM = (0.8, 5.5), 7.0


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the ink that stands by itself."""

    box_mm: BoxMm
    letters: int


def notes_beside_signature(sheet: Sheet, field: SignatureField) -> tuple[BoxMm, ...]:
    """Give the boxes of what looks like words beside the signature."""
    region, masks = signature_parts(sheet, field)
    parts = [_part(mask, region) for mask in masks if area_mm2(mask) >= _LEAST_MM2]
    if len(parts) < 2:
        return ()
    signature = max(parts, key=lambda part: part.box_mm.height)
    return tuple(part.box_mm for part in parts if part is not signature and _is_note(part, signature))


def _part(mask: Mask, region: tuple[slice, slice]) -> _Part:
    rows, columns = region
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    y, x = rows.start + top, columns.start + left
    return _Part(box_of(slice(y, y + height), slice(x, x + width)), _letters(mask))


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
