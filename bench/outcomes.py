"""Take in every file of a folder, and tell what became of it: `python -m bench.outcomes --material DIR`.

Each file is taken in and booked as `ruecklauf ingest` does it, one after the other, into a registry that is made for
the measurement and in which no form was issued. Printed for each: what it came to, the seconds, and the most memory
that the worker processes took for it; then how often each outcome occurred, and how the memory of this process, which
does what the watcher does, stood after the first files and at the end. A worker is asked for its peak every 10 ms, so
that what it took in its very last moment may be missing.

Every file must come to exactly one recorded outcome, within 60 s and 10 s a page, and no worker may take over 1 GiB.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from intake.file_names import printable_name
from intake.worker import ReadingPool, WorkerLimits
from ruecklauf.config import DATABASE_VARIABLE, load_config
from ruecklauf.open_home import open_home

if TYPE_CHECKING:
    from ruecklauf.booking import Handled

_SAMPLED_EVERY_S = 0.01
_START_UP_S = 5.0
"""Allowed beyond a document's own time: to start a process, to book, and to store."""
_SETTLED_AFTER = 20
"""Files, after which this process has loaded all that it ever loads."""
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of one file, and what it cost."""

    name: str
    outcomes: tuple[str, ...]
    """Each time that something was reported: exactly one is right."""
    pages: int
    seconds: float
    worker_peak_mib: float
    own_mib: float
    """What this process held afterwards."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a file has not exactly one outcome, or cost more than it may."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--material", type=Path, required=True, help="the folder whose files are taken in")
    material: Path = parser.parse_args(arguments).material
    paths = sorted(path for path in material.rglob("*") if path.is_file())
    width = max((len(printable_name(str(path.relative_to(material)))) for path in paths), default=4)
    print(f"{'file':<{width}}{'seconds':>9}{'peak MiB':>10}  outcome")
    measured = []
    for each in measure(paths, material):
        measured.append(each)
        outcome = " AND ".join(each.outcomes) or "NONE"
        print(f"{each.name:<{width}}{each.seconds:>9.2f}{each.worker_peak_mib:>10.0f}  {outcome}", flush=True)
    faults = [fault for each in measured for fault in faults_of(each)]
    _print_totals(measured)
    for fault in faults:
        print(f"FAULT: {fault}")
    return 1 if faults else 0


def measure(paths: Sequence[Path], material: Path, limits: WorkerLimits | None = None) -> Iterator[Measured]:
    """Take in the files, one after the other, into a new home; yield what each came to."""
    limits = limits or WorkerLimits()
    os.environ.pop(DATABASE_VARIABLE, None)  # somebody's real registry is not to be measured in
    with tempfile.TemporaryDirectory(prefix="outcomes-") as folder:
        open_home(load_config(Path(folder) / "home"))
        from registry.lookup import find_issued
        from registry.wordings import known_wordings

        pool = ReadingPool(find_issued, _today, limits, size=1, wordings=known_wordings)
        for path in paths:
            yield _take_in(path, material, pool, limits.max_file_bytes)


def faults_of(measured: Measured) -> Iterator[str]:
    """Say in what a file did not keep to what every file must keep to."""
    limits = WorkerLimits()
    if len(measured.outcomes) != 1:
        yield f"{measured.name} has {len(measured.outcomes)} outcomes"
    if measured.seconds > (most_s := limits.base_s + limits.per_page_s * max(measured.pages, 1) + _START_UP_S):
        yield f"{measured.name} took {measured.seconds:.0f} s, at most {most_s:.0f} s are right"
    if measured.worker_peak_mib > (most_mib := limits.memory_bytes / _MIB):
        yield f"{measured.name} took {measured.worker_peak_mib:.0f} MiB, at most {most_mib:.0f} MiB are right"


def _take_in(path: Path, material: Path, pool: ReadingPool, max_file_bytes: int) -> Measured:
    from ruecklauf.ingesting import ingest

    results: list[Handled] = []
    with _WorkersPeak() as peak:
        began_s = time.monotonic()
        ingest([path], pool, max_file_bytes=max_file_bytes, today=_today, report=results.append)
        seconds = time.monotonic() - began_s
    return Measured(
        name=printable_name(str(path.relative_to(material))),
        outcomes=tuple(_outcome(result) for result in results),
        pages=sum(_pages(result) for result in results),
        seconds=seconds,
        worker_peak_mib=peak.bytes / _MIB,
        own_mib=_memory_bytes("/proc/self/status", "VmRSS:") / _MIB,
    )


def _outcome(result: Handled) -> str:
    """The stable codes of what became of a file, without anything that is its own."""
    booked = result.booked
    if booked is None:
        return "not taken in"
    codes = [item.verdict.decision.value for item in booked.returns]
    codes += [booked.problem.value] if booked.problem else []
    codes += [page.reason.value for page in booked.unplaced]
    if booked.mail:
        codes += [booked.mail.reason.value] if booked.mail.reason else []
        codes += [part.problem.value for part in booked.mail.parts if part.problem]
        codes += [page.reason.value for part in booked.mail.parts for page in part.unplaced]
    told = " ".join(f"{code} ×{count}" if count > 1 else code for code, count in Counter(codes).items())
    return f"again: {told}" if booked.duplicate_of else told


def _pages(result: Handled) -> int:
    booked = result.booked
    if booked is None:
        return 0
    parts = booked.mail.parts if booked.mail else ()
    return len(booked.returns) + len(booked.unplaced) + sum(len(part.unplaced) for part in parts)


def _print_totals(measured: Sequence[Measured]) -> None:
    outcomes = Counter(outcome for each in measured for outcome in each.outcomes)
    print(f"\n{len(measured)} files, {outcomes.total()} outcomes")
    for outcome, count in outcomes.most_common():
        print(f"{count:>6}  {outcome}")
    if not measured:
        return
    slowest, largest = (max(measured, key=key) for key in (_seconds_of, _peak_of))
    settled = measured[min(_SETTLED_AFTER, len(measured) - 1)]
    print(f"slowest: {slowest.seconds:.1f} s, {slowest.name}")
    print(f"most memory of a worker: {largest.worker_peak_mib:.0f} MiB, {largest.name}")
    print(f"memory of this process: {settled.own_mib:.0f} MiB at first, {measured[-1].own_mib:.0f} MiB at the end")


def _seconds_of(measured: Measured) -> float:
    return measured.seconds


def _peak_of(measured: Measured) -> float:
    return measured.worker_peak_mib


class _WorkersPeak:
    """Watches the worker processes, which are children of our children, and keeps the most that one has taken."""

    def __init__(self) -> None:
        self.bytes = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _WorkersPeak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_SAMPLED_EVERY_S):
            for child in _children("self"):
                for worker in _children(child):
                    self.bytes = max(self.bytes, _memory_bytes(f"/proc/{worker}/status", "VmHWM:"))


def _children(process: str) -> list[str]:
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        return [child for task in tasks for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return []


def _memory_bytes(status: str, key: str) -> int:
    try:
        lines = Path(status).read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith(key)), 0)


def _today() -> date:
    return datetime.now(UTC).date()


if __name__ == "__main__":
    sys.exit(main())
