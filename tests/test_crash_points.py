"""Interruptions at points spread over the whole work; `python -m bench.crash_points` tries every point in turn."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.crash_injection import check_strace
from bench.crash_office import FEW_FILES
from bench.crash_points import attempt_all, sample
from bench.crash_stages import reference_run

STAGES = ["generate", "watch-1", "confirm"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder with a short name: in pytest's own, the path of a socket becomes longer than may be."""
    with tempfile.TemporaryDirectory(prefix="crash-") as name:
        yield Path(name)


def test_whatever_interrupts_the_work_it_comes_to_the_same(folder: Path) -> None:
    """Interrupted at every kind of call in every stage, and started again: nothing is lost, doubled or left over."""
    check_strace(folder)
    stages = list(itertools.islice(reference_run(folder, [FEW_FILES], confirmed=1), len(STAGES)))
    assert [stage.name for stage in stages] == STAGES
    results = list(attempt_all(list(sample(stages)), folder, os.cpu_count() or 1))
    assert {result.trial.point.call for result in results} >= {
        "pwrite64",
        "write",
        "linkat",
        "fsync",
        "fdatasync",
        "unlink",
    }
    assert [str(result.trial) for result in results if not result.struck] == []
    assert {str(result.trial): result.faults for result in results if result.faults} == {}
