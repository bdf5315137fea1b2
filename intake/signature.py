"""Read the signature field: is a signature present? Presence of ink in the field is what a picture shows, no more.

A signature is never inferred from the name, the date or a stamp beside it. What is neither clearly empty nor clearly a
pen's work (dirt, a descender from the line above, recognised printed words, the frame of a stamp) is unclear. The
thresholds are measured in docs/decisions/0004-thresholds.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from forms.issued_form import SignatureField
from intake.results import SignatureReading, SignatureState
from intake.sheet import Mask, Sheet, area_mm2, pixels, px_per_mm
from intake.text_recognition import Word

ABSENT_BELOW_MM2 = 0.6
PRESENT_FROM_MM2 = 4.0
"""Area of ink: below the first there is no signature, from the second on there may be one."""
PRESENT_FROM_WIDTH_MM = 7.0
PRESENT_FROM_HEIGHT_MM = 2.5
"""Room that a signature takes at least."""
PRINTED_FROM = 0.8
PRINTED_LETTERS = 4
"""Confidence and length of a recognised word from which it counts as print."""

_INSET_MM = 0.45
_SPECK_MM2 = 0.12
_FRAME_MM = (14.0, 6.0)
_FRAME_FILL = 0.85
_FRAME_GAP_MM = 0.7
_DESCENDER_MM = 6.0


@dataclass(frozen=True, slots=True)
class SignatureInk:
    """The ink in the signature field, measured before any text on it is recognised."""

    ink_mm2: float
    extent_mm: tuple[float, float]
    from_outside: bool
    """All ink hangs in from the field's upper edge: it may belong to the line above."""
    framed: bool
    """The ink encloses a rectangle: a stamp's frame rather than a pen."""


def read_signature(
    field: SignatureField, ink: SignatureInk, page: int, printed_text: str, *, digital: bool
) -> SignatureReading:
    """Judge the signature field; `printed_text` is what was recognised with confidence in it."""
    state = _state(ink, printed_text, digital=digital)
    return SignatureReading(
        state=state,
        confidence=round(_confidence(state, ink), 4),
        page=page,
        box_mm=field.box_mm,
        ink_mm2=round(ink.ink_mm2, 2),
        extent_mm=ink.extent_mm,
        printed_text=printed_text,
        digital=digital,
    )


def printed_words(words: Sequence[Word]) -> str:
    """Keep of the recognised words those that no pen stroke passes for: long enough and recognised with confidence."""
    certain = (
        word.text for word in words if word.confidence >= PRINTED_FROM and _letters(word.text) >= PRINTED_LETTERS
    )
    return " ".join(certain)


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)


def measure_signature(sheet: Sheet, field: SignatureField) -> SignatureInk:
    """Measure the ink in the signature field of a sheet, specks left out."""
    region = pixels(field.box_mm.grown(-_INSET_MM))
    ink = _without_specks(sheet.ink[region])
    if not ink.any():
        return SignatureInk(0.0, (0.0, 0.0), from_outside=False, framed=False)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    extent = ((columns[-1] - columns[0] + 1) / px_per_mm(), (rows[-1] - rows[0] + 1) / px_per_mm())
    return SignatureInk(
        area_mm2(ink), (round(float(extent[0]), 1), round(float(extent[1]), 1)), _hangs_in(ink), _is_framed(ink)
    )


def _without_specks(ink: Mask) -> Mask:
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    keep = np.zeros(count, dtype=bool)
    keep[1:] = statistics[1:, cv2.CC_STAT_AREA] >= _SPECK_MM2 * px_per_mm() ** 2
    return np.asarray(keep[labels])


def _hangs_in(ink: Mask) -> bool:
    """Tell whether all ink hangs in from the upper edge, no deeper than a descender."""
    if float(np.flatnonzero(ink.any(axis=1))[-1]) > _DESCENDER_MM * px_per_mm():
        return False
    _, labels = cv2.connectedComponents(ink.astype(np.uint8))
    touching = np.unique(labels[0])
    return bool(np.isin(labels[ink], touching[touching > 0]).all())


def _is_framed(ink: Mask) -> bool:
    """Tell the frame of a stamp: ink that encloses a rectangle, as no pen draws by chance."""
    gap = round(_FRAME_GAP_MM * px_per_mm()) | 1
    closed = cv2.dilate(ink.astype(np.uint8), np.ones((gap, gap), np.uint8))
    contours, hierarchy = cv2.findContours(closed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for index, contour in enumerate(contours):
        is_hole = hierarchy[0, index, 3] >= 0
        (_, (width, height), _) = cv2.minAreaRect(contour)
        longer, shorter = max(width, height) / px_per_mm(), min(width, height) / px_per_mm()
        if is_hole and longer >= _FRAME_MM[0] and shorter >= _FRAME_MM[1]:
            return cv2.contourArea(contour) > _FRAME_FILL * width * height
    return False


def _state(measures: SignatureInk, printed_text: str, *, digital: bool) -> SignatureState:
    if digital or printed_text or measures.framed:
        return SignatureState.UNCLEAR
    if measures.ink_mm2 < ABSENT_BELOW_MM2:
        return SignatureState.ABSENT
    width_mm, height_mm = measures.extent_mm
    large_enough = width_mm >= PRESENT_FROM_WIDTH_MM and height_mm >= PRESENT_FROM_HEIGHT_MM
    if measures.ink_mm2 >= PRESENT_FROM_MM2 and large_enough and not measures.from_outside:
        return SignatureState.PRESENT
    return SignatureState.UNCLEAR


def _confidence(state: SignatureState, measures: SignatureInk) -> float:
    ink = math.log(max(measures.ink_mm2, 0.01))
    if state is SignatureState.PRESENT:
        return 1 / (1 + math.exp(-2.5 * (ink - math.log(PRESENT_FROM_MM2 / 2))))
    if state is SignatureState.ABSENT:
        return 1 / (1 + math.exp(-2.5 * (math.log(ABSENT_BELOW_MM2 * 1.5) - ink)))
    return 0.5
