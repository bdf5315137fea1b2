"""Checks the chain of events: every stored bit of every event, and that it is as long as it has ever been."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass

from registry.anchors import Anchor, anchor_of
from registry.events import START, event_digest
from registry.findings import Finding, FindingCode
from registry.models import Event
from registry.stored_events import stored_events


@dataclass(frozen=True, slots=True)
class Chain:
    """What the chain came to."""

    events: int
    end: int
    """Number of the last event, by its place in the chain; 0 where there is none."""
    head: Anchor | None
    """The last event; None where there is none, or it cannot be understood."""
    last_anchor: Anchor | None
    """The furthest event that was ever anchored; None where none was."""

    @property
    def is_behind(self) -> bool:
        """Events that were anchored are not there."""
        return self.last_anchor is not None and self.end < self.last_anchor.sequence


def check_events(alias: str, anchors: Iterable[Anchor | str]) -> Generator[Finding, None, Chain]:
    """Yield what is wrong with the events, in their order, each compared with the anchors that name it."""
    comparison = _Comparison(anchors)
    link = _Link()
    head: Anchor | None = None
    count = 0
    for stored in stored_events(alias):
        count += 1
        if stored.event is None:
            yield Finding(FindingCode.EVENT_ALTERED, f"event {stored.number}: {stored.fault}")
            link.pass_over()
            continue
        yield from link.check(stored.event)
        yield from comparison.compare(stored.event)
        head = anchor_of(stored.event)
    yield from comparison.rest()
    return Chain(count, link.end, head, comparison.last)


class _Link:
    """Follows the chain from event to event."""

    def __init__(self) -> None:
        self._next = 1
        self._accepted: frozenset[str] = frozenset({START})
        """What the next event may name as its predecessor; empty where that cannot be said."""

    @property
    def end(self) -> int:
        """Number of the event that was looked at last, by its place."""
        return self._next - 1

    def pass_over(self) -> None:
        """Go on after an event that cannot be understood: its digest is not known."""
        self._next += 1
        self._accepted = frozenset()

    def check(self, event: Event) -> Iterator[Finding]:
        """Check that the event is what its digest says, and follows on the one before."""
        digest = event_digest(event)
        if event.sequence != self._next:
            yield Finding(FindingCode.EVENT_MISSING, _gap(self._next, event.sequence))
            self._accepted = frozenset()
        if digest != event.sha256:
            yield Finding(
                FindingCode.EVENT_ALTERED,
                f"event {event.sequence} ({event.kind} {event.subject}): it is not what its digest was taken of",
            )
        if self._accepted and event.previous_sha256 not in self._accepted:
            yield Finding(
                FindingCode.EVENT_UNLINKED, f"event {event.sequence}: it does not follow on event {event.sequence - 1}"
            )
        self._next = event.sequence + 1
        # Where an event was altered, its successor still names the digest that it had; that is one finding, not two.
        self._accepted = frozenset({event.sha256, digest})


def _gap(expected: int, found: int) -> str:
    if found < expected:
        return f"event {found} stands where event {expected} should"
    missing = f"event {expected}" if found == expected + 1 else f"events {expected} to {found - 1}"
    return f"{missing} before event {found}"


class _Comparison:
    """Compares events, in their order, with anchors, which stand in the same order."""

    def __init__(self, lines: Iterable[Anchor | str]) -> None:
        self._lines = enumerate(lines, 1)
        self._waiting = next(self._lines, None)
        self.last: Anchor | None = None

    def compare(self, event: Event) -> Iterator[Finding]:
        """Compare one event with the anchors that name it."""
        for number, anchor in self._up_to(event.sequence):
            if isinstance(anchor, Finding):
                yield anchor
            elif anchor.sequence == event.sequence and anchor != anchor_of(event):
                yield Finding(
                    FindingCode.ANCHOR_CONTRADICTED,
                    f"event {event.sequence} is not the one that line {number} of the anchors names",
                )

    def rest(self) -> Iterator[Finding]:
        """Go through the anchors of events that are not there."""
        for _, anchor in self._up_to(None):
            if isinstance(anchor, Finding):
                yield anchor

    def _up_to(self, sequence: int | None) -> Iterator[tuple[int, Anchor | Finding]]:
        """Take the lines that name events up to this number; None means all that are left."""
        while self._waiting is not None:
            number, line = self._waiting
            if isinstance(line, str):
                yield number, Finding(FindingCode.ANCHOR_ALTERED, f"line {number} of the anchors is none: {line}")
            elif self.last is not None and line.sequence < self.last.sequence:
                yield number, Finding(FindingCode.ANCHOR_ALTERED, f"line {number} of the anchors is out of order")
            elif sequence is not None and line.sequence > sequence:
                return
            else:
                self.last = line
                yield number, line
            self._waiting = next(self._lines, None)
