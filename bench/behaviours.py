"""What customers do to a form in the accuracy measurement, and what a reading may say about it.

A behaviour is *complete* (one clear mark, everything written, signed: it may be accepted, with its own option),
*lacking* (something needed is not there: it may be called incomplete) or *to be seen* (a person must look, whatever
else is right). A review is never wrong, only work.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from simulation.marks import MarkShape
from simulation.people import Act, Mark, Sign, WriteField, WriteNote
from simulation.returns import Signatory, plain_behaviour, written_fields
from simulation.scenarios import SCENARIOS, Acts


class Standing(Enum):
    """What may become of a return without a person."""

    COMPLETE = "complete"
    LACKING = "lacking"
    TO_BE_SEEN = "to be seen"


@dataclass(frozen=True, slots=True)
class MeasuredBehaviour:
    """A way of filling in a form, and what may become of it."""

    name: str
    acts: Acts
    standing: Standing


def _plain(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    return plain_behaviour(who, str(rng.choice(list(options))), rng).acts


def _marked_by(shape: MarkShape) -> Acts:
    def acts(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
        mark = Mark(str(rng.choice(list(options))), shape, who.pen)
        return (mark, *written_fields(who, rng), Sign(who.name, who.style, who.pen))

    return acts


def _small_cross(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    mark = Mark(str(rng.choice(list(options))), MarkShape.CROSS, replace(who.pen, width_mm=0.25), 0.4)
    return (mark, *written_fields(who, rng), Sign(who.name, who.style, who.pen))


def _one_field_empty(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    acts = _plain(who, options, rng)
    empty = str(rng.choice(["place", "date", "name"]))
    return tuple(act for act in acts if not (isinstance(act, WriteField) and act.field == empty))


def _signed_elsewhere(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    acts = tuple(act for act in _plain(who, options, rng) if not isinstance(act, Sign))
    return (*acts, WriteNote("i.V. Weber", 130.0, 276.0, pen=who.pen, writer=who.writer))


def _short_note(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    """Write a single word somewhere in the free margins or between the paragraphs."""
    x_mm, y_mm = float(rng.uniform(20, 160)), float(rng.choice([98.0, 108.5, 135.5, 174.5, 236.0]))
    return (*_plain(who, options, rng), WriteNote("nein", x_mm, y_mm, pen=who.pen, writer=who.writer))


_STANDINGS = {
    "unsigned": Standing.LACKING,
    "unmarked": Standing.LACKING,
    "stamp only": Standing.LACKING,
    "both marked": Standing.TO_BE_SEEN,
    "corrected": Standing.TO_BE_SEEN,
    "beside the box": Standing.TO_BE_SEEN,
    "margin note": Standing.TO_BE_SEEN,
    "struck out": Standing.TO_BE_SEEN,
    "receipt stamp": Standing.COMPLETE,
    "fax": Standing.COMPLETE,
}

PLAIN = MeasuredBehaviour("plain", _plain, Standing.COMPLETE)
SPECIAL = (
    *(MeasuredBehaviour(item.name, item.acts, _STANDINGS[item.name]) for item in SCENARIOS if item.name in _STANDINGS),
    MeasuredBehaviour("circled", _marked_by(MarkShape.CIRCLE), Standing.TO_BE_SEEN),
    MeasuredBehaviour("filled", _marked_by(MarkShape.FILLED), Standing.COMPLETE),
    MeasuredBehaviour("dot", _marked_by(MarkShape.DOT), Standing.COMPLETE),
    MeasuredBehaviour("small thin cross", _small_cross, Standing.COMPLETE),
    MeasuredBehaviour("a field empty", _one_field_empty, Standing.LACKING),
    MeasuredBehaviour("signed elsewhere", _signed_elsewhere, Standing.TO_BE_SEEN),
    MeasuredBehaviour("short note", _short_note, Standing.TO_BE_SEEN),
)
