"""Interrupt the whole work at every point at which it changes the disk: `python -m bench.crash_points`.

Twenty letters are issued, twenty files of all kinds taken in, ten returns confirmed. At each write, rename, fsync and
so on in turn the program is killed, or told that the disk is full or broken, and then started again. Each time it must
come to what it comes to undisturbed: nothing lost, nothing twice, nothing left over. Ends with 1 where it does not.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.crash_injection import (
    Blow,
    Point,
    Run,
    changes_home,
    check_strace,
    interrupt,
    outlast,
    run,
    temporary_folder,
)
from bench.crash_office import ALL_FILES
from bench.crash_stages import CONFIRMED, Stage, copy_home, reference_run
from bench.home_state import MAILBOX_FOLDERS, contents_of, differences, read_state

DELIVERY = 4
OUTLASTED_CALLS = ("pwrite64", "linkat", "fdatasync")
"""The registry writes, the archive gets a file, the registry makes durable: calls that serve nothing but the home."""
_EXIT_REFUSED = 1
_EXIT_BROKEN = 3
_FAILURES = 3
_MOST_LINES = 8
_LONGEST_LINE = 400


@dataclass(frozen=True, slots=True)
class Trial:
    """One blow at one point, or several in a row at the same point of each new start."""

    stage: Stage
    point: Point
    blow: Blow
    times: int = 1

    def __str__(self) -> str:
        again = f" {self.times} times" if self.times > 1 else ""
        return f"{self.stage.name}: {self.blow.name}{again} at {self.point}"


@dataclass(frozen=True, slots=True)
class Result:
    """What a trial showed."""

    trial: Trial
    struck: bool
    """Whether the blow came; the numbers of calls that only read differ a little from run to run."""
    faults: tuple[str, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Try and print; returns the exit code."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="crash-", dir=options.folder) as folder:
        work = Path(folder)
        check_strace(work)
        deliveries = [ALL_FILES[first : first + DELIVERY] for first in range(0, len(ALL_FILES), DELIVERY)]
        stages = list(reference_run(work, deliveries, CONFIRMED))
        blows = options.blow or list(Blow)
        faulty = _report(list(planned(stages, blows, options.every)), work, options.at_once)
        faulty += _report_outlasted(stages, [blow for blow in blows if blow is not Blow.KILL], work)
    return 1 if faulty else 0


def planned(stages: Sequence[Stage], blows: Sequence[Blow], every: int) -> Iterator[Trial]:
    """Each kind of blow at every so many points of each stage; kills twice in a row at every twentieth of those."""
    for stage in stages:
        for blow in blows:
            chosen = stage.points[::every]
            yield from (Trial(stage, point, blow) for point in chosen)
            if blow is Blow.KILL:
                yield from (Trial(stage, point, blow, times=2) for point in chosen[::20])


def sample(stages: Sequence[Stage]) -> Iterator[Trial]:
    """A kill and an error at each kind of call in each stage, at a third and at two thirds of its points."""
    errors = itertools.cycle((Blow.DISK_FULL, Blow.DISK_BROKEN))
    for stage in stages:
        for call in sorted({point.call for point in stage.points}):
            points = [point for point in stage.points if point.call == call]
            yield Trial(stage, points[2 * len(points) // 3], Blow.KILL)
            yield Trial(stage, points[len(points) // 3], next(errors))


def attempt(trial: Trial, home: Path) -> Result:
    """Interrupt the stage's command in a copy of its home, start it again, and compare what it came to."""
    copy_home(trial.stage.home, home)
    try:
        struck, faults = _interrupt_and_finish(trial, home)
        faults += _faults_of_outcome(trial.stage, home)
    except subprocess.TimeoutExpired as error:
        return Result(trial, struck=True, faults=(f"does not end: {error}",))
    shutil.rmtree(home)
    shutil.rmtree(temporary_folder(home))
    return Result(trial, struck, tuple(faults))


def _interrupt_and_finish(trial: Trial, home: Path) -> tuple[bool, list[str]]:
    """Say whether a blow came, and what was wrong on the way."""
    stage, struck, faults = trial.stage, False, []
    received = contents_of(home, MAILBOX_FOLDERS)
    for _ in range(trial.times):
        interrupted = interrupt(stage.arguments, home, trial.point, trial.blow)
        if changes_home(trial.point.call, interrupted.struck, home):
            struck = True
            faults += _faults_of_end(trial, interrupted)
        faults += [f"lost: {lost}" for lost in received - contents_of(home, MAILBOX_FOLDERS)]
    if interrupted.code != stage.code:
        faults += _start_again(stage, home)
    return struck, faults


def outlast_trouble(stage: Stage, call: str, blow: Blow, home: Path) -> list[str]:
    """Let a call fail for a while under a watcher that keeps running; return what is wrong with how it goes on."""
    copy_home(stage.home, home)
    mailbox = home / MAILBOX_FOLDERS[0]
    emptied = {Path(folder).name for folder in MAILBOX_FOLDERS[1:]}

    def is_over() -> bool:
        return {entry.name for entry in mailbox.iterdir()} == emptied

    ended = outlast(("watch",), home, call, blow, _FAILURES, is_over)
    is_fine = ended.code == 0 and is_over() and "Traceback" not in ended.err
    faults = [] if is_fine else [f"not got over, ended with {ended.code}: {ended.out}{ended.err}"]
    faults += [f"not told: {part}" for part in ("Alarm: ", "The trouble is over") if part not in ended.err]
    return faults + _faults_of_outcome(stage, home)


def _faults_of_end(trial: Trial, interrupted: Run) -> list[str]:
    """A program that was not killed must end as undisturbed, or say in one line what is wrong and end with 3."""
    if trial.blow is Blow.KILL and interrupted.was_killed:
        return []
    told = f"{interrupted.out}{interrupted.err}"
    if interrupted.code == _EXIT_BROKEN and "Traceback" not in told and "Error: " in interrupted.err:
        return []
    if interrupted.code == trial.stage.code and "Traceback" not in told:
        return []
    return [f"ended with {interrupted.code}: {told}"]


def _faults_of_outcome(stage: Stage, home: Path) -> list[str]:
    try:
        faults = differences(stage.outcome, read_state(home))
    except sqlite3.Error as error:
        faults = [f"the registry cannot be read: {error}"]
    verified = run(("verify",), home)
    faults += [f"verify: {verified.out}{verified.err}"] if verified.code else []
    return faults + [f"left over: {path.name}" for path in temporary_folder(home).iterdir()]


def _start_again(stage: Stage, home: Path) -> list[str]:
    """Give the command again; return what is wrong with how it ends."""
    again = run(stage.arguments, home)
    allowed = {stage.code, 0} if stage.is_repeatable else {stage.code, _EXIT_REFUSED}
    is_fine = again.code in allowed and "Traceback" not in again.err
    return [] if is_fine else [f"started again, it ends with {again.code}: {again.out}{again.err}"]


def attempt_all(trials: Sequence[Trial], folder: Path, at_once: int) -> Iterator[Result]:
    """Make all attempts, some at once, each in a home of its own; yields them as planned."""
    homes = [folder / f"attempt-{number}" for number in range(len(trials))]
    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(attempt, trials, homes)


def _report(trials: Sequence[Trial], work: Path, at_once: int) -> int:
    """Make the attempts and tell of them; return how many showed faults."""
    points = {(trial.stage.name, trial.point) for trial in trials}
    print(f"{len(points)} points, {len(trials)} interruptions")
    began_s = time.monotonic()
    faulty, missed = 0, 0
    done: Counter[tuple[str, str, str]] = Counter()
    for number, result in enumerate(attempt_all(trials, work, at_once), 1):
        done[result.trial.stage.name, result.trial.blow.name, result.trial.point.call] += 1
        missed += not result.struck
        if result.faults:
            faulty += 1
            print("\n".join([f"\n{result.trial}", *_shortened(result.faults)]), flush=True)
        if number in (20, 200) or number % 1000 == 0:
            left_s = (time.monotonic() - began_s) / number * (len(trials) - number)
            print(
                f"{number} of {len(trials)} done, {faulty} with faults; about {left_s / 60:.0f} minutes left",
                flush=True,
            )
    for (stage, blow, call), count in sorted(done.items()):
        print(f"{stage:12} {blow:12} {call:12} {count:6}")
    print(f"{len(trials)} interruptions at {len(points)} points: {faulty} with faults, {missed} that came to nothing")
    return faulty


def _report_outlasted(stages: Sequence[Stage], blows: Sequence[Blow], work: Path) -> int:
    watches = [stage for stage in stages if stage.arguments[0] == "watch"]
    faulty = 0
    for number, (stage, call, blow) in enumerate(itertools.product(watches, OUTLASTED_CALLS, blows)):
        if faults := outlast_trouble(stage, call, blow, work / f"lasting-{number}"):
            faulty += 1
            print("\n".join([f"\n{stage.name}: {blow.name} for a while at {call}", *_shortened(faults)]), flush=True)
    count = len(watches) * len(OUTLASTED_CALLS) * len(blows)
    print(f"{count} times trouble for a while under a running watcher: {faulty} with faults")
    return faulty


def _shortened(faults: Sequence[str]) -> list[str]:
    lines = [f"  {fault[:_LONGEST_LINE]}" for fault in faults[:_MOST_LINES]]
    return lines + ([f"  ... and {len(faults) - _MOST_LINES} more"] if len(faults) > _MOST_LINES else [])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, metavar="K", help="only every K-th point of each stage")
    parser.add_argument(
        "--blow", type=Blow.__getitem__, action="append", help="KILL, DISK_FULL or DISK_BROKEN; default: all"
    )
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="how many attempts run side by side")
    parser.add_argument("--folder", type=Path, help="where to work; default: the system's folder for temporary files")
    return parser


if __name__ == "__main__":
    sys.exit(main())
