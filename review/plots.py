"""Plots as SVG, made on the server: shapes in the units of the plot, coloured by classes of review.css."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH, HEIGHT = 760, 260
_TOP, _BOTTOM = 12, 30
_AXIS_DIGIT, _LABEL_DIGIT = 7, 9
"""How wide a digit may be, beside the axis and in a label."""
_LABEL_WORD = 165
"""How wide the word beside the number in a label may be, with the gap before it."""
_LABEL_GAP = 17
_BAR_HEIGHT, _BAR_PITCH, _BAR_LENGTH = 18, 30, 270
_BARS_WIDTH = 440


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the plot, with the number that it stands for."""

    y: float
    number: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A time at the plot's foot."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One course over time."""

    name: str
    """The class under which review.css gives it its colour and dashes."""
    points: str
    """As SVG's polyline wants them."""
    end_x: float
    end_y: float
    label_y: float
    last: int
    """The value at its end."""


@dataclass(frozen=True, slots=True)
class LinePlot:
    """Several courses over the same time."""

    lines: tuple[Line, ...]
    across: tuple[Level, ...]
    along: tuple[Mark, ...]
    left: float
    """Where the lines begin: before them stand the levels' numbers."""
    right: float
    """Where they end: behind them stand their names."""
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Bar:
    """One share."""

    name: str
    number: int
    percent: int
    y: float
    length: float


@dataclass(frozen=True, slots=True)
class BarPlot:
    """Shares of a whole."""

    bars: tuple[Bar, ...]
    height: float
    width: int = _BARS_WIDTH
    bar_height: int = _BAR_HEIGHT


def line_plot(courses: Mapping[str, Sequence[int]], times: Sequence[str]) -> LinePlot:
    """Draw courses that begin at 0 of the plot's height; each has as many values as there are times, at least one."""
    most = _round_up(max((max(values) for values in courses.values()), default=0))
    left = 16 + _AXIS_DIGIT * len(f"{most:,}")
    right = WIDTH - _LABEL_WORD - _LABEL_DIGIT * len(f"{most:,}")
    x_of = [left + (right - left) * at / max(len(times) - 1, 1) for at in range(len(times))]

    def y_of(value: float) -> float:
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / most

    ends = {name: y_of(values[-1]) for name, values in courses.items()}
    labels = _apart(ends)
    lines = tuple(
        Line(
            name=name,
            points=" ".join(f"{x:.1f},{y_of(value):.1f}" for x, value in zip(x_of, values, strict=True)),
            end_x=round(x_of[-1], 1),
            end_y=round(ends[name], 1),
            label_y=round(labels[name], 1),
            last=values[-1],
        )
        for name, values in courses.items()
    )
    across = tuple(Level(round(y_of(value), 1), value) for value in (0, most // 2, most))
    step = max(1, len(times) // 5)
    along = tuple(Mark(round(x_of[at], 1), HEIGHT - 8, times[at]) for at in range(0, len(times), step))
    return LinePlot(lines, across, along, left, right)


def bar_plot(shares: Mapping[str, int]) -> BarPlot:
    """Draw shares as bars, one below the other, each as long as its share of the whole."""
    whole = sum(shares.values()) or 1
    bars = tuple(
        Bar(name, number, round(100 * number / whole), at * _BAR_PITCH, round(_BAR_LENGTH * number / whole, 1))
        for at, (name, number) in enumerate(shares.items())
    )
    return BarPlot(bars, max(len(bars) * _BAR_PITCH, 1))


def _round_up(value: int) -> int:
    """The next even number with one leading digit of 2, 4, 6, 8 or 10: half of it is a whole number too."""
    scale = 1
    while value > 10 * scale:
        scale *= 10
    return next(step * scale for step in (2, 4, 6, 8, 10) if step * scale >= value)


def _apart(ends: Mapping[str, float]) -> Mapping[str, float]:
    """Where labels stand that must not cover each other, near the ends of their lines."""
    order = sorted(ends, key=lambda name: -ends[name])
    places = dict(ends)
    for below, above in pairwise(order):
        places[above] = min(places[above], places[below] - _LABEL_GAP)
    return places
