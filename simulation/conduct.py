"""A way of filling in a form, and what all of them begin with: some pen, a clear mark, every field, a signature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.marks import MarkShape
from simulation.pens import Ink, Pen
from simulation.people import Act, Mark, Sign
from simulation.returns import Signatory, written_fields
from simulation.scenarios import Acts

_PEN_WIDTHS_MM = (0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0, 1.2)


@dataclass(frozen=True, slots=True)
class Conduct:
    """A way of filling in a form."""

    name: str
    story: str
    acts: Acts


def any_pen(rng: np.random.Generator) -> Pen:
    """Draw any pen that people write with, faint and skipping ones too."""
    ink = (Ink.BLUE, Ink.BLACK, Ink.PENCIL)[int(rng.choice(3, p=[0.5, 0.36, 0.14]))]
    pressure = float(rng.uniform(0.5, 0.68) if rng.random() < 0.12 else rng.uniform(0.68, 1.0))
    skipping = float(rng.uniform(0.08, 0.3) if rng.random() < 0.15 else 0.0)
    return Pen(float(rng.choice(_PEN_WIDTHS_MM)), ink, pressure, skipping)


def any_option(options: tuple[str, ...], rng: np.random.Generator) -> str:
    """Choose one of the options."""
    return str(rng.choice(list(options)))


def signed(who: Signatory, rng: np.random.Generator, *acts: Act) -> tuple[Act, ...]:
    """Write in all fields and sign, after other acts."""
    return (*acts, *written_fields(who, rng), Sign(who.name, who.style, who.pen))


def clear(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Mark, tuple[Act, ...]]:
    """Give a clear mark, and with it all acts of a clear return."""
    mark = Mark(any_option(options, rng), MarkShape.CROSS, who.pen)
    return mark, signed(who, rng, mark)
