"""The signature as a whole: its field's ink, and what hangs on that beyond the field's printed frame.

People sign across the frame's lines. What lies beyond is the same pen's stroke, and is measured with it: else a
signature that stands mostly below the line is too small for one, and one that is cut by the line falls into pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from forms.issued_form import SignatureField
from forms.units import BoxMm
from intake.ink_pieces import ink_pieces
from intake.sheet import SPECK_MM2, Sheet, without_specks
from intake.sheet_grid import Mask, marked, pixels, pixels_within, px_per_mm

APART_MM = 2.0
"""Gap between two parts of the ink: wider than what the frame's line hides of a stroke."""

_INSET_MM = 0.45
_FRAME_MM = 0.6
"""Of the printed frame's line, outside, within which ink may be what a copy left over of it."""
_BESIDE_MM, _BENEATH_MM = 20.0, 12.0


@dataclass(frozen=True, slots=True)
class SignatureParts:
    """The parts of a signature's ink that stand by themselves."""

    field: SignatureField
    region: tuple[slice, slice]
    """Rows and columns of the sheet around the field."""
    masks: tuple[Mask, ...]
    """Of each part, in that region."""


def signature_parts(sheet: Sheet, field: SignatureField) -> SignatureParts:
    """Give the parts of the ink that stand by themselves, each with some of it in the field, specks left out."""
    frame, inner = field.frame_mm, pixels(field.box_mm.grown(-_INSET_MM))
    room = BoxMm(frame.x0 - _BESIDE_MM, field.box_mm.y0 + _INSET_MM, frame.x1 + _BESIDE_MM, frame.y1 + _BENEATH_MM)
    region = pixels_within(room, sheet.flat.shape)
    ink = sheet.surplus[region] & ~marked(region, frame.grown(_FRAME_MM))
    inside = np.zeros_like(ink)
    rows, columns = (slice(part.start - at.start, part.stop - at.start) for part, at in zip(inner, region, strict=True))
    inside[rows, columns] = without_specks(sheet.with_pale(inner, sheet.ink[inner]), SPECK_MM2)
    return SignatureParts(field, region, tuple(_parts(ink | inside, inside)))


def _parts(ink: Mask, inside: Mask) -> Iterator[Mask]:
    parts = ink_pieces(ink, round(APART_MM * px_per_mm()) | 1)
    for part in np.flatnonzero(parts.touched_by(inside)):
        yield parts.only(np.arange(parts.count) == part)
