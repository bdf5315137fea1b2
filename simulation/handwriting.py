"""Handwriting: single-stroke letter shapes, written by people who each write in their own way."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np

from simulation.errors import CannotWriteError
from simulation.strokes import Stroke, smooth_noise, spline

_CAPITAL = 10.0
"""Height of a capital in the units of the shapes below; lower-case letters are 6 high, descenders reach to -4."""

# Points "x,y" with y upwards from the line; ";" lifts the pen, "*" makes a corner, all else is a smooth curve.
_SHAPES = {
    "A": "0,0 3,10* 6,0;1,4 5,4",
    "B": "0,0 0,10* 3,9.8 4.6,7.8 3.2,5.6 .3,5.3* 3.6,4.9 5.4,2.7 3.8,.4 0,0",
    "C": "5.6,8.4 3.6,10 1.2,8.6 0,5 1.2,1.4 3.6,0 5.8,1.6",
    "D": "0,0 0,10* 3.5,9.2 5.8,5.2 3.7,.8 0,0",
    "E": "5,10 0,10* 0,0* 5,0;0,5.2 4,5.2",
    "F": "5,10 0,10* 0,0;0,5.2 4,5.2",
    "G": "5.6,8.6 3.4,10 1,8.4 0,5 1,1.3 3.4,0 5.6,1.6 5.8,4.4* 3.4,4.4",
    "H": "0,10 0,0;5.4,10 5.4,0;0,5.2 5.4,5.2",
    "I": ".6,10 .6,0",
    "J": "3.6,10 3.7,3 2.6,.4 .8,.2 0,2",
    "K": "0,10 0,0;5,10 .2,4.6* 5.2,0",
    "L": "0,10 0,0* 4.6,0",
    "M": "0,0 .8,10* 3.6,3.6* 6.4,10* 7.2,0",
    "N": "0,0 0,10* 5.4,0* 5.4,10",
    "O": "3.2,10 .8,8.4 0,5 .8,1.6 3.2,0 5.6,1.6 6.4,5 5.6,8.4 2.8,10.1",
    "P": "0,0 0,10* 3.4,9.8 5,7.6 3.6,5 .2,4.6",
    "Q": "3.2,10 .8,8.4 0,5 .8,1.6 3.2,0 5.6,1.6 6.4,5 5.6,8.4 2.8,10.1;4,2.6 6.6,-.8",
    "R": "0,0 0,10* 3.4,9.8 4.8,7.7 3.4,5.3 .3,5* 5.2,0",
    "S": "5,8.6 3,10 .8,9 .6,7 2.8,5.3 4.9,3.6 4.6,1.2 2.4,0 0,1.4",
    "T": "3,10 3,0;0,10 6,10",
    "U": "0,10 .2,3 1.4,.5 3,0 4.6,.6 5.6,3 5.8,10",
    "V": "0,10 2.9,0* 5.8,10",
    "W": "0,10 2,0* 4,8* 6,0* 8,10",
    "X": "0,10 5.4,0;5.2,10 0,0",
    "Y": "0,10 2.8,5;5.6,10 1.6,0",
    "Z": "0,10 5.4,10* 0,0* 5.6,0",
    "a": "4.2,5.2 2.4,6.1 .5,4.6 .2,1.8 1.6,0 3.4,1.2 4.3,5.6* 4.3,1 5.2,.1",
    "b": ".3,10.4 .2,.2* .3,3.4 1.8,6 3.8,5.2 4.2,2.6 2.8,.2 .4,.6",
    "c": "4,5 2.2,6.1 .5,4.6 .3,1.8 1.8,0 4,1",
    "d": "4,5.2 2.2,6.1 .4,4.4 .3,1.6 1.8,0 3.6,1.4 4.3,5* 4.4,10.4* 4.3,1 5,.1",
    "e": ".4,3 3.6,3.5 3.8,5.2 2.2,6.1 .5,4.6 .4,1.6 2,0 4.2,1.2",
    "f": "3.6,9.4 2.4,10.4 1.4,8.6 1.2,0;0,5.8 3,5.8",
    "g": "4.2,5.2 2.4,6.1 .4,4.6 .3,2 1.8,.3 3.6,1.6 4.2,5.6* 4.1,-2.4 2.4,-4.2 .4,-3",
    "h": ".3,10.4 .2,0* .4,3.4 2,6 3.8,5 4,.8 4.8,0",
    "i": ".5,6 .5,.8 1.2,0;.6,8.5 .8,8",
    "j": "1.6,6 1.6,-2.4 .4,-4.1 -.8,-3.2;1.7,8.5 1.9,8",
    "k": ".3,10.4 .2,0;3.8,6 .4,2.6* 4,0",
    "l": ".5,10.4 .5,1 1.4,0",
    "m": ".2,6 .2,0* .4,3.6 1.7,6 3,5 3,0* 3.2,3.6 4.6,6 5.9,5 6,.8 6.8,0",
    "n": ".2,6 .2,0* .4,3.6 2,6 3.7,5 3.8,.8 4.6,0",
    "o": "2.3,6.1 .6,5 .2,2.8 .8,.7 2.3,0 3.9,.9 4.4,3.2 3.8,5.3 2,6.1",
    "p": ".2,6 .2,-4.2* .3,3.4 1.8,6.1 3.8,5.2 4.2,2.6 2.8,.2 .4,.8",
    "q": "4.2,5.2 2.4,6.1 .4,4.6 .3,2 1.8,.2 3.6,1.4 4.2,5.6* 4.2,-4.2",
    "r": ".2,6 .2,0* .5,3.8 1.7,5.8 3.2,5.6",
    "s": "3.4,5.2 1.9,6.1 .6,5 1.9,3.2 3.4,1.7 2.2,0 .1,.8",
    "t": "1.4,9 1.3,1.2 2.2,0 3.4,.6;0,6 3,6.1",
    "u": ".2,6 .3,1.6 1.6,0 3.3,1.4 3.8,5.8* 3.8,.9 4.7,0",
    "v": "0,6 2,0* 4,6",
    "w": "0,6 1.5,0* 3,5.4* 4.6,0* 6.2,6",
    "x": "0,6 3.8,0;3.8,6 0,0",
    "y": ".1,6 2,.4;4.2,6 1,-4.2",
    "z": ".2,6 3.8,6* .1,0* 4,0",
    "ß": "0,-1 0,8 1.4,10 3.2,9.4 3.4,7.4 1.8,5.6* 4,4.4 4.4,1.8 2.6,0 1,.8",
    "0": "2.6,10 .7,8 .1,5 .8,1.6 2.6,0 4.4,1.6 5,5 4.4,8.4 2.3,10",
    "1": "0,7.4 2.2,10* 2.2,0",
    "2": ".3,8 1.6,9.9 3.8,9.4 4.2,7 2.4,3.6 0,0* 4.8,.1",
    "3": ".4,9 2.4,10 4.1,8.4 3.6,6 1.8,5.3* 4.1,4.4 4.6,2 2.6,0 0,1.2",
    "4": "2.6,10 .1,3.4* 5,3.4;3.6,6 3.4,-.4",
    "5": "4.6,10 1,10* .6,5.6* 3,6.2 4.6,4.2 4,1.2 2,0 0,1",
    "6": "4,9.8 1.6,7.6 .3,4 .8,1 2.6,0 4.4,1.6 4.2,4 2.4,5 .6,3.4",
    "7": ".2,9.8 4.8,10* 1.4,0;.9,5.2 3.9,5.4",
    "8": "4.4,8.6 2.6,10 .7,8.4 1.6,6 3.8,4 4.4,1.8 2.6,0 .6,1.4 1.2,3.8 3.6,6 4.5,8.4",
    "9": "4.2,8.6 2.4,10 .5,8.4 .8,6 2.6,5.2 4,6.6 4.4,9* 4.2,3 3,0",
    ".": ".3,.3 .6,0",
    ",": ".8,.6 .2,-1.8",
    "-": ".4,4 3,4.1",
    "/": "0,-1 3.4,10",
    ":": ".3,.3 .5,0;.4,5 .6,4.7",
    "!": ".4,10 .5,3;.5,.4 .6,0",
    "?": ".2,8.4 1.8,10 3.8,8.6 3.4,6.6 2,5 1.9,2.8;2,.4 2.1,0",
    "(": "1.8,11 .2,7 .2,3 1.8,-1",
    ")": ".2,11 1.8,7 1.8,3 .2,-1",
}
_DOTS = {"Ä": (1.6, 12.0), "Ö": (1.8, 12.0), "Ü": (1.6, 12.0), "ä": (1.2, 8.2), "ö": (1.1, 8.2), "ü": (1.0, 8.2)}
"""Where the first of an umlaut's two dots stands."""


@dataclass(frozen=True, slots=True)
class Writer:
    """One person's handwriting."""

    hand: int = 0
    """Seed of the person's own letter shapes."""
    height_mm: float = 3.8
    """Height of a capital."""
    slant: float = 0.1
    """How far the letters lean to the right: shift over height."""
    spacing: float = 1.0
    """Room between letters, relative."""
    unrest: float = 1.0
    """How much one letter differs from the next of its kind."""
    joined: float = 0.0
    """Share of small letters that are written on without lifting the pen."""


def random_writer(rng: np.random.Generator) -> Writer:
    """Draw a person who writes legibly."""
    return Writer(
        hand=int(rng.integers(1 << 30)),
        height_mm=float(rng.uniform(3.0, 4.8)),
        slant=float(rng.normal(0.12, 0.12)),
        spacing=float(rng.uniform(0.8, 1.25)),
        unrest=float(rng.uniform(0.6, 1.3)),
        joined=float(rng.choice([0.0, 0.0, 0.4, 0.8])),
    )


def write(text: str, writer: Writer, rng: np.random.Generator) -> list[Stroke]:
    """Return the strokes of a line of writing that starts at (0, 0) on the line, millimetres, y downwards.

    Raises CannotWriteError for a character that has no shape.
    """
    scale = writer.height_mm / _CAPITAL
    drift = smooth_noise(len(text) + 1, 4, rng) * 0.25
    strokes: list[Stroke] = []
    x, joinable = 0.0, False
    for index, character in enumerate(text):
        if character == " ":
            x, joinable = x + 4.2 * writer.spacing, False
            continue
        letter, advance = _letter(character, writer, rng)
        placed = [path + np.array((x, drift[index])) for path in letter]
        if joinable and character.islower() and rng.random() < writer.joined:
            placed[0] = np.vstack([strokes.pop(), placed[0]])
        # The last stroke of an i or a t is its dot or bar: from there nobody writes on.
        joinable = character.islower() and len(placed) == 1
        strokes.extend(placed)
        x += advance * writer.spacing * (1 + 0.05 * rng.standard_normal())
    return [_slanted(path, writer.slant) * (scale, -scale) for path in strokes]


def _letter(character: str, writer: Writer, rng: np.random.Generator) -> tuple[list[Stroke], float]:
    own = np.random.default_rng([writer.hand, ord(character)])
    size = 1 + 0.06 * writer.unrest * rng.standard_normal()
    letter = []
    width = 0.0
    for pieces in _shape(character):
        width = max(width, *(float(piece[:, 0].max()) for piece in pieces))
        letter.append(_pen_path(pieces, writer, own, rng) * size)
    return letter, width + 2.0


def _pen_path(pieces: tuple[Stroke, ...], writer: Writer, own: np.random.Generator, rng: np.random.Generator) -> Stroke:
    """Deform one stroke of a shape, by the writer's habit and by chance, and round it between its corners."""
    path: list[Stroke] = []
    for piece in pieces:
        habit = own.normal(0, 0.28, piece.shape)
        chance = rng.normal(0, 0.16 * writer.unrest, piece.shape)
        deformed = piece + habit + chance
        if path:
            deformed[0] = path[-1][-1]
        path.append(spline(deformed))
    return np.vstack(path)


def _slanted(path: Stroke, slant: float) -> Stroke:
    return np.stack([path[:, 0] + slant * path[:, 1], path[:, 1]], axis=1)


@cache
def _shape(character: str) -> tuple[tuple[Stroke, ...], ...]:
    """Return the strokes of a character, each as the smooth pieces between its corners."""
    base = character
    if character not in _SHAPES:
        base = unicodedata.normalize("NFD", character)[0]
    if base not in _SHAPES:
        raise CannotWriteError(f"The simulated hand cannot write {character!r}: leave it out of the text.")
    strokes = [_pieces(part) for part in _SHAPES[base].split(";")]
    if character in _DOTS:
        x, y = _DOTS[character]
        strokes += [_pieces(f"{x + shift},{y + 0.6} {x + shift + 0.1},{y}") for shift in (0, 2)]
    return tuple(strokes)


def _pieces(points: str) -> tuple[Stroke, ...]:
    pieces: list[Stroke] = []
    current: list[tuple[float, float]] = []
    for word in points.split():
        x, y = word.rstrip("*").split(",")
        current.append((float(x), float(y)))
        if word.endswith("*"):
            pieces.append(np.array(current))
            current = [current[-1]]
    return (*pieces, np.array(current))
