"""Where arrivals come from: the mailbox folder, or a folder of a mail account; the watch loop knows no more of it."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar


class Waiting(Protocol):
    """Something that waits to be taken in."""

    @property
    def name(self) -> str:
        """Its name, as whoever dropped or sent it chose: show it only through `printable_name`."""
        ...

    @property
    def claim(self) -> int:
        """The number by which watchers agree on who takes it in."""
        ...

    @property
    def entry(self) -> str:
        """Text that tells this arrival from every other one, also after a restart."""
        ...


Item = TypeVar("Item", bound=Waiting)


@dataclass(frozen=True, slots=True)
class RefusedEntry(Generic[Item]):
    """Something that is not a file and will not be opened."""

    file: Item
    kind: str
    """What it is, in plain words: a folder, a link, ..."""


@dataclass(frozen=True, slots=True)
class Look(Generic[Item]):
    """What one look found, oldest first. Of very many settled entries it holds the oldest only."""

    settled: tuple[Item, ...]
    refused: tuple[RefusedEntry[Item], ...]
    unsettled: int
    """How many entries are still being written, as far as can be told; temporary names are not counted."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing lay there."""
        return not (self.settled or self.refused or self.unsettled)


class Source(Protocol[Item]):
    """A place that arrivals are taken in from. What is broken in the place itself is `MailboxUnavailable`.

    Use it as a context manager: inside, it may listen or stay connected.
    """

    @property
    def channel(self) -> str:
        """How what lies there came; stands in the book."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def look(self) -> Look[Item]:
        """Look at all that waits there, once."""
        ...

    def wait(self, *, soon: bool) -> None:
        """Sleep until the next look is due, a hint comes or `wake` is called; `soon`: something there is not done."""
        ...

    def pause(self, pause_s: float) -> None:
        """Sleep so long, whatever happens there, or until `wake` is called."""
        ...

    def wake(self) -> None:
        """End a running `wait` or `pause` soon; takes no lock, so that a signal handler may call it at any moment."""
        ...

    def read_settled(self, file: Item, max_bytes: int) -> bytes | None:
        """Return the bytes, or None where they changed or went away since the look.

        Raises `DocumentProblem` where there are more than `max_bytes`, or we may not have them.
        """
        ...

    def move_to_done(self, file: Item) -> object | None:
        """Put it away as done and say where; None where it is not there any more, or changed."""
        ...

    def set_aside(self, file: Item) -> object | None:
        """Put it away as nothing of ours and say where; None where it is not there any more, or changed."""
        ...

    def move_to_problems(self, file: Item, explanation: str) -> object | None:
        """Put it away for a person and say where; None where it is not there any more, or changed."""
        ...
