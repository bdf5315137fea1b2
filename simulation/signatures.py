"""Signatures: a capital or two, a hurried hand that loops along, and a flourish."""

from __future__ import annotations

from enum import Enum

import numpy as np

from forms.units import BoxMm
from simulation.handwriting import Writer, write
from simulation.strokes import Stroke, bounds, move, spline, stroke, turn


class SignatureStyle(Enum):
    """How somebody signs."""

    CURSIVE = "cursive"
    """Capital and looping hand, about as high as the field allows."""
    SMALL = "small"
    HUGE = "huge"
    """Reaches beyond the frame."""
    CROSSING = "crossing"
    """Of ordinary size, but across the frame's lower line, or across the upper one and the words above it."""
    INITIALS = "initials"
    SCRAWL = "scrawl"
    """A wave without letters."""
    WRITTEN = "written"
    """The name, legibly."""


HONEST_STYLES = (
    SignatureStyle.CURSIVE,
    SignatureStyle.SMALL,
    SignatureStyle.INITIALS,
    SignatureStyle.SCRAWL,
    SignatureStyle.WRITTEN,
)
"""Those that stay in the field."""

_SIZES_MM = {
    SignatureStyle.CURSIVE: ((38, 70), (9, 17)),
    SignatureStyle.SMALL: ((14, 26), (4, 7)),
    SignatureStyle.HUGE: ((88, 120), (26, 40)),
    SignatureStyle.CROSSING: ((40, 70), (12, 20)),
    SignatureStyle.INITIALS: ((10, 24), (7, 14)),
    SignatureStyle.SCRAWL: ((28, 60), (6, 14)),
    SignatureStyle.WRITTEN: ((36, 64), (6, 11)),
}
"""Widths and heights from, to."""


def sign(name: str, style: SignatureStyle, field: BoxMm, rng: np.random.Generator) -> list[Stroke]:
    """Return the strokes of a signature for the name, lying in the field as the style says."""
    shape = turn(_shape(name, style, rng), float(rng.normal(-3, 4)), (0, 0))
    (width_from, width_to), (height_from, height_to) = _SIZES_MM[style]
    width, height = rng.uniform(width_from, width_to), rng.uniform(height_from, height_to)
    box = bounds(shape)
    # A shape's proportions are a habit: it is fitted into the wanted size, never squeezed flat to fill it.
    across, down = width / max(box.width, 0.1), height / max(box.height, 0.1)
    down, across = min(down, 1.6 * across), min(across, 1.6 * down)
    scaled = [(path - (box.x0, box.y0)) * (across, down) for path in shape]
    return _placed(scaled, style, field, rng)


def _placed(strokes: list[Stroke], style: SignatureStyle, field: BoxMm, rng: np.random.Generator) -> list[Stroke]:
    box = bounds(strokes)
    if style in (SignatureStyle.HUGE, SignatureStyle.CROSSING):
        x = field.x0 + rng.uniform(0.1, 0.5) * (field.width - box.width)
        low, high = (0.0, 0.15) if rng.random() < 0.3 else (0.75, 1.0)
        share = 0.55 if style is SignatureStyle.HUGE else rng.uniform(low, high)
        return move(strokes, x, field.y0 + share * field.height - box.height / 2)
    room_x, room_y = max(0.0, field.width - box.width - 2), max(0.0, field.height - box.height - 2)
    return move(strokes, field.x0 + 1 + rng.beta(1.4, 2) * room_x, field.y0 + 1 + rng.beta(2.5, 2) * room_y)


def _shape(name: str, style: SignatureStyle, rng: np.random.Generator) -> list[Stroke]:
    writer = Writer(int(rng.integers(1 << 30)), 10, float(rng.normal(0.25, 0.12)), 0.75, 1.6, joined=1.0)
    words = name.split() or ["X"]
    if style is SignatureStyle.INITIALS:
        return [*write("".join(word[0] for word in words), writer, rng), *flourish(14, rng)]
    if style is SignatureStyle.WRITTEN:
        return [*write(words[-1] if rng.random() < 0.6 else name, writer, rng), *flourish(30, rng, chance=0.4)]
    if style is SignatureStyle.SCRAWL:
        return [_loops(int(rng.integers(3, 8)), rng), *flourish(30, rng, chance=0.3)]
    return _cursive(words, writer, rng)


def _cursive(words: list[str], writer: Writer, rng: np.random.Generator) -> list[Stroke]:
    capitals = [words[-1]] if rng.random() < 0.5 else [words[0], words[-1]]
    strokes: list[Stroke] = []
    x = 0.0
    for word in capitals:
        capital = move(write(word[0], writer, rng), x, 0)
        body = move([_loops(int(np.clip(len(word) - 1, 2, 8)), rng)], bounds(capital).x1 - 0.5, 0)
        if rng.random() < 0.5:
            body = [np.vstack([capital.pop(), body[0]])]
        strokes += [*capital, *body]
        x = bounds(strokes).x1 + 1.5
    return [*strokes, *flourish(x, rng, chance=0.45)]


def _loops(count: int, rng: np.random.Generator) -> Stroke:
    """Run along the line from (0, 0): arches, loops up and down, ever flatter, and a tail."""
    points: list[tuple[float, float]] = [(0.0, -1.0)]
    x, decay = 0.0, float(rng.uniform(0.78, 1.0))
    tail = float(rng.uniform(2, 16))
    for index in range(count):
        step, size = float(rng.uniform(1.6, 3.6)), decay**index
        kind = rng.random()
        if kind < 0.6:
            high, low = 3.4 * size * rng.uniform(0.7, 1.3), 0.4 * rng.standard_normal()
            points += [(x + 0.4 * step, -high), (x + 0.7 * step, -0.5 * high), (x + 0.8 * step, low)]
        elif kind < 0.83:
            high = 8 * size * rng.uniform(0.7, 1.3)
            points += [(x + 0.9 * step, -0.7 * high), (x + 0.7 * step, -high), (x + 0.4 * step, -0.6 * high)]
            points += [(x + 0.5 * step, 0.2)]
        else:
            deep = 6 * size * rng.uniform(0.7, 1.3)
            points += [(x + 0.6 * step, -2.5), (x + 0.7 * step, 0.6 * deep), (x + 0.2 * step, deep)]
            points += [(x, 0.5 * deep), (x + 0.8 * step, -0.6)]
        x += step
    points += [(x + 0.3 * tail, -0.8), (x + tail, float(rng.normal(-0.6, 1.0)))]
    return spline(stroke(*points), steps=10)


def flourish(length: float, rng: np.random.Generator, chance: float = 0.5) -> list[Stroke]:
    """Return the line beneath a signature of some length, there and back at times; by chance none."""
    if rng.random() > chance:
        return []
    y, rise = float(rng.uniform(1.5, 5)), float(rng.uniform(-3, 1))
    line = [(-1.0, y), (0.5 * length, y + 0.4 * rise), (length, y + rise)]
    if rng.random() < 0.4:
        line += [(0.8 * length, y + rise + 1.4), (0.3 * length, y + 1.6)]
    return [spline(stroke(*line), steps=12)]
