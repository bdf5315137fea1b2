"""`verify`: reconciles the registry with its archive, bit by bit, and says of everything that is wrong what it is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.db import connections

from registry.anchors import Anchor, read_anchors
from registry.archived_digests import DigestSet, erased_digests, kept_digests
from registry.check_archive import ArchiveChecked, Expected, check_archive
from registry.check_events import Chain, check_events
from registry.check_rows import check_rows
from registry.findings import Finding, FindingCode
from registry.invariants import violations
from registry.models import Event, Issue, ReceivedFile
from registry.snapshot import frozen_registry

Result = TypeVar("Result")
_UNREADABLE = "a part of the registry cannot be understood, so not all of it was checked"
Report = Callable[[Finding], None]
Progress = Callable[[str, int, int | None], None]
"""Is told a step, how much of it is done, and of how much; None where nobody knows."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at."""

    events: int
    forms: int
    received: int
    """Received files."""
    archived: int
    """Files in the archive."""
    young: int
    """Files in the archive that may be about to be booked: neither known nor called surplus."""
    head: Anchor | None
    """The last event; None where there is none that can be understood."""


def verify(report: Report, progress: Progress, *, head: tuple[int, str] | None = None) -> Verified:
    """Check everything and report each finding as it is made; others may go on booking meanwhile.

    `head` is number and digest of an event that somebody wrote down. Raises `django.db.Error` where the registry cannot
    be read at all, and `OSError` where there is no room for a copy of it.
    """
    began_at_s = time.time()
    rows = _Counted(report)
    with frozen_registry() as alias:
        _each(_check_database(alias), rows)
        counts = (Issue.objects.using(alias).count(), ReceivedFile.objects.using(alias).count())
        chain = _each(check_events(alias, read_anchors()), rows) or Chain(0, 0, None, None)
        _each(check_rows(alias, _counting(progress, "Rows", sum(counts))), rows)
        if not rows.count:  # what was written past the program contradicts itself in many more ways than one
            _each(_check_invariants(alias), rows)
        _each(_check_length(alias, chain, head, cut_off=rows.count[FindingCode.ROW_SURPLUS] > 0), report)
        expected = _each(_collecting(alias, began_at_s), report) or Expected(DigestSet(), DigestSet(), began_at_s)
    archived = _each(check_archive(expected, _counting(progress, "Archived files", None)), report)
    archived = archived or ArchiveChecked(0, 0)
    return Verified(chain.events, *counts, archived.files, archived.young, chain.head)


def _each(findings: Generator[Finding, None, Result] | Iterator[Finding], report: Report) -> Result | None:
    """Report what a check finds, and return what it came to; None where the registry itself cannot be read."""
    running = iter(findings)
    while True:
        try:
            report(next(running))
        except StopIteration as done:
            result: Result | None = done.value
            return result
        except OSError:
            raise
        except Exception as error:  # whatever a damaged row brings about must not hide the rest
            report(Finding(FindingCode.DATABASE_UNREADABLE, f"{_UNREADABLE}: {type(error).__name__}: {error}"))
            return None


class _Counted:
    """Passes findings on and counts them by code."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.count: Counter[FindingCode] = Counter()

    def __call__(self, finding: Finding) -> None:
        self.count[finding.code] += 1
        self._report(finding)


def _counting(progress: Progress, step: str, total: int | None) -> Callable[[int], None]:
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(step, done, total)

    return advance


def _collecting(alias: str, began_at_s: float) -> Generator[Finding, None, Expected]:
    """Find nothing, but say what the archive should hold."""
    yield from ()
    return Expected(kept_digests(alias), erased_digests(alias), began_at_s)


def _check_database(alias: str) -> Iterator[Finding]:
    """Ask the database about itself, where it can say anything."""
    connection = connections[alias]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(100)")
        for (said,) in cursor.fetchall():
            if said != "ok":
                yield Finding(FindingCode.DATABASE_DAMAGED, f"SQLite says: {said}")
        cursor.execute("PRAGMA foreign_key_check")
        for table, row, parent, _ in cursor.fetchall():
            yield Finding(FindingCode.DATABASE_DAMAGED, f"row {row} of {table} refers to nothing in {parent}")


def _check_invariants(alias: str) -> Iterator[Finding]:
    for violation in violations(alias):
        yield Finding(
            FindingCode.BOOK_CONTRADICTS, f"{violation.where}: {violation.code} does not hold: {violation.sentence}"
        )


def _check_length(alias: str, chain: Chain, head: tuple[int, str] | None, *, cut_off: bool) -> Iterator[Finding]:
    """Compare the chain's end with the furthest anchor, and with the head that somebody wrote down."""
    if chain.last_anchor is None and chain.events:
        yield Finding(FindingCode.ANCHOR_MISSING, "the archive has no anchor to say how far the events went")
    if chain.is_behind and chain.last_anchor is not None:
        yield _behind(chain, chain.last_anchor, cut_off=cut_off)
    if head is None:
        return
    sequence, sha256 = head
    found = Event.objects.using(alias).filter(sequence=sequence).values_list("sha256", flat=True).first()
    if found is None:
        yield Finding(FindingCode.EVENTS_CUT_OFF, f"event {sequence}, which was written down, is not there")
    elif found != sha256:
        yield Finding(FindingCode.ANCHOR_CONTRADICTED, f"event {sequence} has not the digest that was written down")


def _behind(chain: Chain, last: Anchor, *, cut_off: bool) -> Finding:
    told = f"the events end at {chain.end}, but event {last.sequence} of {last.recorded_at} was anchored"
    if cut_off:
        return Finding(FindingCode.EVENTS_CUT_OFF, f"{told}, and rows of later events are there: they were cut off")
    return Finding(
        FindingCode.REGISTRY_OLDER,
        f"{told}: this registry is an older copy beside a newer archive, or its end was taken away",
    )
