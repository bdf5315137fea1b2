"""Read the text fields: their ink, what it says, and whether that fits what is known of the customer.

What the engine read is kept as it is; expectation only says whether it agrees. Handwriting is read as a help for the
person who looks at the crop: a doubtful text never decides anything by itself, but what cannot belong there is a doubt
(`intake.further_words`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import cv2
import numpy as np

from forms.issued_form import IssuedForm, TextField
from forms.units import BoxMm, enclosing
from intake import calibration
from intake.frames import FIELD_REACH_MM, shows_in_place
from intake.further_words import holds_further_words
from intake.pictures import Grey
from intake.plausibility import agrees, parse_date
from intake.results import FieldReading, FieldState
from intake.sheet import Sheet, without_specks
from intake.sheet_grid import Mask, area_mm2, pixels, px_per_mm
from intake.text_recognition import Word
from intake.void_strokes import is_one_line

EMPTY_BELOW_MM2 = 0.25
WRITTEN_FROM_MM2 = 1.2
"""Area of ink: below the first the field is empty, from the second on something is written; between, it may be dirt."""
TRACES_FROM_MM2 = 1.5
"""Area of traces too pale for ink from which a field is not called empty."""
READ_FROM = 0.6
"""Mean word confidence from which a text counts as read."""

_INSET_MM = 0.4
_EDGE_MM = 0.1
_SPECK_MM2, _TRACE_MM2 = 0.06, 0.4
_CAPTION_MM = 3.6
_LOWER_EDGE_MM, _BENEATH_MM, _STROKE_REACH_MM = 0.6, (2.5, 5.0), 4.0
"""Of a field's inner edge, within which ink reaches over it; how far beneath it a signature goes on, and how far aside
of where it crosses the edge a stroke of it reaches within the field: writing that it touches reaches farther."""
_HALO_PX = 7


@dataclass(frozen=True, slots=True)
class FieldInk:
    """The ink in a text field, measured before anything is recognised."""

    ink_mm2: float
    own_mm2: float
    """The same without what reaches in from the signature."""
    traces_mm2: float
    """Area of all that is only just told from the paper, ink included."""
    line: bool
    """That is a single straight line: the field was struck through, and nothing written."""
    in_place: bool
    """The field's printed frame lies where it should: else the paper bulges, and what lies within may be the frame."""
    lossy: bool
    """The page may have lost ink before it arrived: nothing can be called empty."""
    strokes: int
    """Most strokes that lie side by side on one height: one or two for each character, however large it is written."""

    @property
    def empty(self) -> bool:
        """Nothing is written: so little ink that it cannot be a letter, and no pale writing either."""
        return self.in_place and not self.lossy and self.ink_mm2 < EMPTY_BELOW_MM2 and self.traces_mm2 < TRACES_FROM_MM2

    @property
    def faint(self) -> bool:
        """So little ink, or only a line, that nothing may be written, but for what reaches in from the signature."""
        return not self.empty and (self.own_mm2 < WRITTEN_FROM_MM2 or self.line)


def measure_field(sheet: Sheet, field: TextField) -> FieldInk:
    """Measure the ink in a text field of a sheet, specks left out."""
    inner = field.box_mm.grown(-_INSET_MM)
    region = pixels(inner)
    ink = own = _with_pale(sheet, region, sheet.ink[region])
    foreign = _from_signature(sheet, inner)
    if foreign.any():
        own = _without(sheet, region, foreign)
    traces_mm2 = area_mm2(without_specks(sheet.faint_traces[region], _TRACE_MM2))
    return FieldInk(
        ink_mm2=round(area_mm2(ink), 2),
        own_mm2=round(area_mm2(own), 2),
        traces_mm2=round(traces_mm2, 2),
        line=is_one_line(own),
        in_place=shows_in_place(sheet, field.frame_mm, FIELD_REACH_MM),
        lossy=sheet.lossy,
        strokes=_side_by_side(own),
    )


def _side_by_side(ink: Mask) -> int:
    return int((ink[:, 1:] & ~ink[:, :-1]).sum(axis=1).max(initial=0))


def _without(sheet: Sheet, region: tuple[slice, slice], foreign: Mask) -> Mask:
    """Give the ink of a region but for what does not belong there, and the blur around that."""
    around = cv2.dilate(foreign.view(np.uint8), np.ones((_HALO_PX, _HALO_PX), np.uint8)).view(np.bool_)
    return np.asarray(_with_pale(sheet, region, sheet.ink[region] & ~foreign) & ~around)


def _with_pale(sheet: Sheet, region: tuple[slice, slice], ink: Mask) -> Mask:
    """Let ink grow by the pale ink that touches it, and leave out specks; in black and white nothing is pale."""
    return without_specks(sheet.with_pale(region, ink), _SPECK_MM2)


def _from_signature(sheet: Sheet, inner: BoxMm) -> Mask:
    """Mark what in a field is one piece with ink that stands mostly in the signature field: it reaches up from there.

    A stroke is followed across the printed frames and captions, which hide it for a little.
    """
    rows, columns = pixels(inner)
    if sheet.page.signature is None:
        return np.zeros((rows.stop - rows.start, columns.stop - columns.start), dtype=bool)
    signature = sheet.page.signature.box_mm.grown(-_INSET_MM)
    around = pixels(enclosing((inner, signature)))
    top, left = (part.start for part in around)
    places = [
        (slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left))
        for rows, columns in (pixels(inner), pixels(signature))
    ]
    ink = sheet.surplus[around].copy()
    for place in places:
        ink[place] = sheet.ink[around][place]
    gap = np.ones((round(_CAPTION_MM * px_per_mm()), 1), np.uint8)
    closed = np.asarray(cv2.morphologyEx(ink.view(np.uint8), cv2.MORPH_CLOSE, gap), dtype=np.uint8)
    (above, _), (below, _) = places
    if not closed[above.stop : below.start].any(axis=1).all():
        return _leads_down(sheet, inner)  # nothing crosses what lies between the two
    count, labels = cv2.connectedComponents(closed)
    written, signed = (np.bincount(labels[place][ink[place]], minlength=count) for place in places)
    return np.asarray((signed > written)[labels[places[0]]]) | _leads_down(sheet, inner)


def _leads_down(sheet: Sheet, inner: BoxMm) -> Mask:
    """Mark what reaches over a field's lower edge and goes on beneath it, deeper than letters hang below their line.

    A skipping pen breaks a signature into pieces, and nothing joins them but where they lie.
    """
    rows, columns = pixels(inner)
    edge, deep, deepest, reach = (
        round(mm * px_per_mm()) for mm in (_LOWER_EDGE_MM, *_BENEATH_MM, 2 * _STROKE_REACH_MM)
    )
    _, labels = cv2.connectedComponents(sheet.ink[rows, columns].view(np.uint8))
    beneath = np.asarray(sheet.surplus[rows.stop + deep : rows.stop + deepest, columns].any(axis=0))
    leading = np.zeros(labels.shape, dtype=bool)
    for label in np.unique(labels[-edge:][labels[-edge:] > 0]):
        crossing = (labels[-edge:] == label).any(axis=0)
        if beneath[crossing].any():
            beside = cv2.dilate(crossing[np.newaxis].view(np.uint8), np.ones((1, reach), np.uint8)).view(np.bool_)
            leading |= (labels == label) & beside
    return leading


def field_picture(sheet: Sheet, field: TextField) -> Grey:
    """Cut the field out for recognition."""
    return sheet.evenly_lit(pixels(field.box_mm.grown(-_EDGE_MM)))


def read_written(
    field: TextField, ink: FieldInk, words: tuple[Word, ...], form: IssuedForm, page: int, today: date
) -> FieldReading:
    """Put a handwritten (or printed) field's reading together from its ink and the recognised words."""
    text = " ".join(word.text for word in words)
    confidence = float(np.mean([word.confidence for word in words])) if words else 0.0
    if ink.empty:
        state = FieldState.EMPTY
        text, sure = "", calibration.EMPTY(-ink.ink_mm2)
    else:
        state = FieldState.READ if confidence >= READ_FROM and not ink.faint else FieldState.UNCLEAR
        sure = calibration.TEXT[field.name](confidence)
    further = not ink.empty and holds_further_words(field.name, words, ink.strokes, form.customer)
    return replace(_reading(field, state, text, sure, ink, form, page, today), further=further)


def read_typed(field: TextField, ink: FieldInk, typed: str, form: IssuedForm, page: int, today: date) -> FieldReading:
    """Put the reading of a field together that was filled in on screen: its value is certain."""
    words = [Word(word, 1.0) for word in typed.split()]
    further = holds_further_words(field.name, words, 0, form.customer)
    return replace(_reading(field, FieldState.READ, typed, 1.0, ink, form, page, today), further=further)


def _reading(
    field: TextField,
    state: FieldState,
    text: str,
    confidence: float,
    ink: FieldInk,
    form: IssuedForm,
    page: int,
    today: date,
) -> FieldReading:
    value = _value(field, text) if state is FieldState.READ else None
    return FieldReading(
        name=field.name,
        state=state,
        text=text,
        value=value,
        confidence=round(confidence, 4),
        agrees=None if value is None else agrees(field.name, value, form, today),
        required=field.required,
        page=page,
        box_mm=field.box_mm,
        ink_mm2=ink.ink_mm2,
        faint=ink.faint,
    )


def _value(field: TextField, text: str) -> str | None:
    if field.name == "date":
        day = parse_date(text)
        return day.isoformat() if day is not None else None
    return " ".join(text.split()) or None
