"""The post that the demo's customers send: the usual cases, on ten of a dozen letters, in two deliveries.

The second delivery answers the first: who forgot to sign signs, and somebody changes their mind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from simulation.returns import Arrival, PostedLetter
from simulation.scenarios import SCENARIOS, arrival, filled_on_screen, foreign_page, numbered, stack

LETTERS = 12
"""So many letters are given; the last two are never answered."""

_Making = Callable[[Sequence[PostedLetter], np.random.Generator], Arrival]


def _one(scenario: str, letter: int) -> _Making:
    """Let a scenario happen to one letter (counting from 0)."""
    (named,) = (each for each in SCENARIOS if each.name == scenario)
    return lambda letters, rng: arrival(named, letters[letter], rng)


_FIRST: tuple[_Making, ...] = (
    _one("marked first", 0),
    _one("marked second", 1),
    _one("unsigned", 2),
    _one("both marked", 3),
    _one("upside down", 4),
    _one("skewed", 5),
    _one("bilevel", 6),
    lambda letters, rng: filled_on_screen(letters[7], rng),
    lambda _letters, rng: foreign_page(rng),
)
_SECOND: tuple[_Making, ...] = (
    lambda letters, rng: stack([letters[2], letters[8], letters[9]], rng),
    _one("corrected", 3),
    _one("margin note", 6),
    _one("fax", 0),
)
FILES = len(_FIRST) + len(_SECOND)


def first_post(letters: Sequence[PostedLetter], seed: int) -> Iterator[Arrival]:
    """Yield what arrives first; raises ValueError where there are fewer letters than LETTERS."""
    return _post(_FIRST, letters, seed, after=0)


def second_post(letters: Sequence[PostedLetter], seed: int) -> Iterator[Arrival]:
    """Yield what arrives a while later; raises ValueError where there are fewer letters than LETTERS."""
    return _post(_SECOND, letters, seed, after=len(_FIRST))


def _post(makings: Sequence[_Making], letters: Sequence[PostedLetter], seed: int, *, after: int) -> Iterator[Arrival]:
    if len(letters) < LETTERS:
        raise ValueError(f"The demo needs {LETTERS} letters, not {len(letters)}.")
    for number, make in enumerate(makings, after + 1):
        # Each file has its own chance: what one writer does, and on which date, changes nothing for the next.
        made = make(letters, np.random.default_rng((seed, number)))
        yield replace(made, file_name=numbered(made.file_name, number))
