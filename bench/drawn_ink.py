"""Measure drawn ink alone, without a page around it: `python -m bench.drawn_ink squares|lines|voids|words [--count N]`.

`squares` compares plain marks with squares that are filled in: the largest round that is bare beside the mark's own
darkness, and the strokes that lie side by side. `lines` compares flourishes with words: how slim they are, and how far
their strokes wind. `voids` compares signatures with lines that cross a field out. `words` compares plain marks
with what is written small into a square. Any pen, sharp and blurred; docs/decisions/0004-thresholds.md quotes them.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.distributions import print_distribution
from forms.units import BoxMm
from intake.checkbox import bare_radius, dark_part
from intake.crossed_field import is_crossed_field
from intake.flourishes import SLIMNESS, WINDS, winds
from intake.sheet import INK_FROM, SPECK_MM2, sides_mm, strokes_side_by_side, without_specks
from intake.sheet_grid import SHEET_DPI, Mask, marked, pixels, px_per_mm
from intake.small_writing import is_small_writing
from intake.void_strokes import is_void
from simulation.conduct import any_pen
from simulation.handwriting import Writer, write
from simulation.marks import MarkShape, blackened, mark_strokes, open_mark_strokes
from simulation.paper import Sheet
from simulation.pens import Pen, draw
from simulation.returns import SIGNATORIES
from simulation.signatures import SignatureStyle, flourish, sign
from simulation.strokes import Stroke, bounds, move, spline, stroke

_Rng = np.random.Generator
_Darkness = NDArray[np.float32]
_SQUARE, _INSIDE_MM = BoxMm(20.0, 20.0, 25.5, 25.5), 0.62
_FIELD = BoxMm(10.0, 8.0, 105.0, 38.0)
_BLURS_MM, _NOISE, _BLACK, _BLACK_FROM = (0.05, 0.05, 0.12, 0.22), 0.02, 230.0, 0.45
"""Blurs of scans and of the poorest photos; noise and the darkest print, as shares of brightness and in grey levels;
and darkness that is black in black and white."""
_WORDS = ("nein", "ja", "nicht C", "nur nach Anruf!", "nur bis 17 Uhr", "ohne Server", "nie", "gilt nur 2026")
_SMALL_WORDS = ("nein", "nicht", "nie", "no", "ja?", "ja!", "x?", "?", "0", "O")
_FINE_MM = 0.4
Found = Iterator[tuple[str, str, float]]
"""Name of a measure, true class, value."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("squares", "lines", "voids", "words"))
    parser.add_argument("--count", type=int, default=300, help="drawings of each class")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    measured: dict[str, Callable[[_Rng], Found]] = {
        "squares": _squares,
        "lines": _lines,
        "voids": _voids,
        "words": _words,
    }
    rng, groups = np.random.default_rng(options.seed), defaultdict(list)
    for _ in range(options.count):
        for name, true_class, value in measured[options.what](rng):
            groups[name, true_class].append(value)
    for (name, true_class), values in sorted(groups.items()):
        print(f"{name} / {true_class}")
        print_distribution(values)


def _seen(strokes: list[Stroke], pen: Pen, rng: _Rng, size_mm: tuple[float, float]) -> _Darkness:
    """Draw, blur and sample as a sheet does; gives the darkness of each pixel."""
    height, width = (round(side * 2 * px_per_mm()) for side in reversed(size_mm))
    sheet = Sheet(np.full((height, width, 3), 255, np.uint8), 2 * SHEET_DPI)
    draw(sheet, strokes, pen, rng)
    grey = cv2.cvtColor(sheet.picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    blurred = cv2.GaussianBlur(grey, (0, 0), float(rng.choice(_BLURS_MM)) * 2 * px_per_mm())
    small = cv2.resize(blurred, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    noise = rng.normal(0, _NOISE, small.shape)
    return np.asarray((255 - small) / _BLACK + noise, dtype=np.float32)


def _squares(rng: _Rng) -> Found:
    pen, reach = any_pen(rng), float(rng.uniform(0.8, 1.3))
    shape = (MarkShape.CROSS, MarkShape.TICK, MarkShape.SLASH, MarkShape.SCRAWL)[int(rng.integers(4))]
    scrawl = shape is MarkShape.SCRAWL
    drawn = {
        "plain mark": open_mark_strokes(shape, _SQUARE, reach, pen.width_mm, rng)
        if scrawl
        else mark_strokes(shape, _SQUARE, reach, rng),
        "filled in": mark_strokes(MarkShape.FILLED, _SQUARE, reach, rng),
        "blackened": mark_strokes(MarkShape.CROSS, _SQUARE, 0.9, rng) + blackened(_SQUARE, rng),
    }
    for true_class, strokes in drawn.items():
        darkness = _seen(strokes, pen, rng, (45.0, 45.0))[pixels(_SQUARE.grown(-_INSIDE_MM))]
        inside = np.ones(darkness.shape, dtype=bool)
        ink: Mask = np.asarray(darkness > INK_FROM)
        if ink.any():
            yield "bare beside the mark's darkness", true_class, bare_radius(dark_part(darkness, inside), inside)
            yield "strokes side by side", true_class, float(max(map(strokes_side_by_side, (ink, ink.T))))


def _lines(rng: _Rng) -> Found:
    hand = Writer(int(rng.integers(1 << 30)), float(rng.uniform(1.8, 5)), joined=float(rng.choice((0.0, 1.0))))
    drawn = {
        "words": write(str(rng.choice(_WORDS)), hand, rng),
        "flourish": flourish(float(rng.uniform(10, 60)), rng, chance=1.0),
    }
    for true_class, strokes in drawn.items():
        darkness = _seen(move(strokes, 8, 20), any_pen(rng), rng, (120.0, 45.0))
        ink: Mask = np.ascontiguousarray(darkness > INK_FROM)
        if np.count_nonzero(ink) < 2:
            continue
        wide_mm, long_mm = (max(side, 1.0 / px_per_mm()) for side in sides_mm(ink))
        yield "length to width", true_class, long_mm / wide_mm
        yield "strokes to length", true_class, winds(ink, long_mm)
        yield "both as a line's", true_class, float(long_mm >= SLIMNESS * wide_mm and winds(ink, long_mm) <= WINDS)


def _voids(rng: _Rng) -> Found:
    pen, styles = any_pen(rng), list(SignatureStyle)
    signature = sign(str(rng.choice(SIGNATORIES)), styles[int(rng.integers(len(styles)))], _FIELD, rng)
    part = _part_of_field(rng, (15.0, 90.0), (8.0, 27.0))
    over = _cross(bounds(signature).grown(float(rng.uniform(0, 4))), rng)
    drawn = {
        "signature": signature,
        "slash": _cross(part, rng)[:1],
        "cross": _cross(part, rng),
        "tick": mark_strokes(MarkShape.TICK, _part_of_field(rng, (6.0, 18.0), (6.0, 18.0)), 1.0, rng),
        "there and back": [stroke((part.x0, part.y0), (part.x1, part.y0), (part.x0, part.y1), (part.x1, part.y1))],
        "cross over a signature": [*signature, *over],
    }
    corners = BoxMm(*(edge + way * float(rng.uniform(0, 4)) for edge, way in zip(_FIELD, (1, 1, -1, -1), strict=True)))
    heights = (corners.y0 + float(rng.uniform(2, 7)), corners.y1 - float(rng.uniform(2, 7)))
    drawn |= {
        "the field's diagonals over a signature": [*signature, *_cross(corners, rng)],
        "lines ruled through a signature": [
            *signature,
            *(
                spline(stroke((corners.x0, y), (_FIELD.centre[0], y + rng.normal(0, 0.7)), (corners.x1, y)))
                for y in heights
            ),
        ],
    }
    for true_class, strokes in drawn.items():
        ink = without_specks(_seen(strokes, pen, rng, (115.0, 48.0)) > INK_FROM, SPECK_MM2)
        yield "is void", true_class, float(is_void(np.ascontiguousarray(ink)))
        within = np.ascontiguousarray(ink[pixels(_FIELD.grown(-0.45))])
        yield "is crossed out from side to side", true_class, float(is_crossed_field(within))


def _words(rng: _Rng) -> Found:
    pen, reach, text = any_pen(rng), float(rng.uniform(0.6, 1.8)), str(rng.choice(_SMALL_WORDS))
    region = pixels(_SQUARE.grown(7.0))
    inside = marked(region, _SQUARE.grown(-_INSIDE_MM))
    line = marked(region, _SQUARE) & ~inside
    drawn = {
        shape.value: open_mark_strokes(shape, _SQUARE, reach, pen.width_mm, rng)
        for shape in (MarkShape.CROSS, MarkShape.TICK, MarkShape.SLASH, MarkShape.DOT, MarkShape.SCRAWL)
    }
    width = "fine" if pen.width_mm <= _FINE_MM else "broad"
    drawn[f"“{text}” by a {width} pen"] = _small_word(text, rng)
    for true_class, strokes in drawn.items():
        darkness = _seen(strokes, pen, rng, (45.0, 45.0))[region]
        for kind, ink_from in (("grey", INK_FROM), ("black and white", _BLACK_FROM)):
            ink: Mask = np.ascontiguousarray((darkness > ink_from) & ~line)
            written = is_small_writing(ink, ink & inside, breaks_up=ink_from == _BLACK_FROM)
            yield f"is writing, {kind}", true_class, float(written)


def _small_word(text: str, rng: _Rng) -> list[Stroke]:
    """Write a word that fits into the square."""
    hand = Writer(int(rng.integers(1 << 30)), 4.0, float(rng.normal(0.12, 0.12)), joined=float(rng.choice((0.0, 1.0))))
    strokes, inside = write(text, hand, rng), _SQUARE.grown(-_INSIDE_MM)
    box, size = bounds(strokes), rng.uniform((0.75, 0.55), (1.0, 1.0))
    scale = float(min(size[0] * inside.width / box.width, size[1] * inside.height / box.height))
    middle = (np.array(inside.centre) - scale * np.array(box.centre)).tolist()
    return move([path * scale for path in strokes], *middle)


def _part_of_field(rng: _Rng, widths_mm: tuple[float, float], heights_mm: tuple[float, float]) -> BoxMm:
    width, height = float(rng.uniform(*widths_mm)), float(rng.uniform(*heights_mm))
    x, y = float(rng.uniform(_FIELD.x0, _FIELD.x1 - width)), float(rng.uniform(_FIELD.y0, _FIELD.y1 - height))
    return BoxMm(x, y, x + width, y + height)


def _cross(box: BoxMm, rng: _Rng) -> list[Stroke]:
    """Two lines from corner to corner, as straight as a hand draws them."""
    ends = (((box.x0, box.y1), (box.x1, box.y0)), ((box.x0, box.y0), (box.x1, box.y1)))
    strokes = []
    for start, end in ends:
        strays = rng.normal(0, 0.015 * box.width, 2)
        middle = ((start[0] + end[0]) / 2 + strays[0], (start[1] + end[1]) / 2 + strays[1])
        strokes.append(spline(stroke(start, middle, end)))
    return strokes


if __name__ == "__main__":
    main()
