"""What an invariant of the book is: a sentence, and what finds the rows that break it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Looked = TypeVar("Looked")


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where the book contradicts itself."""

    code: str
    sentence: str
    """The invariant that does not hold there."""
    where: str
    """The rows that break it, named by ids and digests alone."""


@dataclass(frozen=True, slots=True)
class Invariant(Generic[Looked]):
    """One invariant, and what finds where it does not hold."""

    code: str
    sentence: str
    broken: Callable[[Looked], Iterator[str]]
    """Yields the rows that break it."""


def broken_in(invariants: Iterable[Invariant[Looked]], looked_at: Looked) -> Iterator[Violation]:
    """Yield every place where one of the invariants does not hold in what is looked at."""
    for invariant in invariants:
        for where in invariant.broken(looked_at):
            yield Violation(invariant.code, invariant.sentence, where)
