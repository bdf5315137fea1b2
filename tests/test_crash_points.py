"""Interruptions at points spread over the whole work; `python -m bench.crash_points` tries every point in turn."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.crash_injection import Blow, check_strace
from bench.crash_office import FEW_FILES
from bench.crash_points import Result, Trial, attempt_all, outlast_trouble, sample
from bench.crash_stages import Stage, reference_run

STAGES = ["generate", "watch-1", "confirm"]
EXPECTED_CALLS = {"openat", "mkdir", "write", "pwrite64", "linkat", "fsync", "fdatasync", "unlink"}

DEALT_AGAIN = 3


def _kind(result: Result) -> tuple[str, str]:
    return result.trial.stage.name, result.trial.point.call


def _not_struck(results: list[Result]) -> list[Trial]:
    """Attempts on those kinds of call that no blow has come to yet, but for the opening of folders."""
    struck = {_kind(result) for result in results if result.struck}
    return [each.trial for each in results if _kind(each) not in struck and each.trial.point.call != "openat"]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Give a folder with a short name: in pytest's own, the path of a socket becomes longer than may be."""
    with tempfile.TemporaryDirectory(prefix="crash-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def stages(folder: Path) -> list[Stage]:
    """Go through the work undisturbed: twenty letters, a file of each kind, one return confirmed."""
    check_strace(folder)
    stages = list(itertools.islice(reference_run(folder, [FEW_FILES], confirmed=1), len(STAGES)))
    assert [stage.name for stage in stages] == STAGES
    return stages


def test_whatever_interrupts_the_work_it_comes_to_the_same(stages: list[Stage], folder: Path) -> None:
    """Interrupted at every kind of call in every stage, and started again: nothing is lost, doubled or left over."""
    results = list(attempt_all(list(sample(stages)), folder, os.cpu_count() or 1))
    assert {result.trial.point.call for result in results} >= EXPECTED_CALLS
    # A blow may come to nothing: which of two files is booked first differs from run to run, and so does how often
    # folders are opened, to look into them. It is dealt again; each kind of call is struck in each stage all the same.
    for _ in range(DEALT_AGAIN):
        results += attempt_all(_not_struck(results), folder, os.cpu_count() or 1)
    assert _not_struck(results) == []
    assert [f"{result.trial}: {fault}" for result in results for fault in result.faults] == []


@pytest.mark.parametrize(
    ("call", "blow"), [("pwrite64", Blow.DISK_FULL), ("linkat", Blow.DISK_FULL), ("fdatasync", Blow.DISK_BROKEN)]
)
def test_the_watcher_goes_on_when_there_is_room_again(stages: list[Stage], folder: Path, call: str, blow: Blow) -> None:
    """A disk that is full or broken for a while, under registry or archive: an alarm, and then everything is booked."""
    assert outlast_trouble(stages[1], call, blow, folder / f"outlast-{call}") == []
