"""The table of outcomes over a folder, as `python -m bench.outcomes` prints it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.outcomes import Measured, faults_of

CLONE = Path(__file__).parents[1]


def test_every_file_has_one_line_with_its_outcome_and_what_it_cost(tmp_path: Path) -> None:
    """Files in subfolders are taken in too, the same bytes come again, and a worker's memory was really measured."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "empty.pdf").touch()
    broken = b"\x89PNG\r\n\x1a\n and no more"
    (tmp_path / "first.png").write_bytes(broken)
    (tmp_path / "inner" / "second.png").write_bytes(broken)
    command = [sys.executable, "-m", "bench.outcomes", "--material", str(tmp_path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8", cwd=CLONE).stdout
    table, _, totals = printed.partition("\n\n")
    lines = [line.split(maxsplit=3) for line in table.splitlines()[1:]]
    assert [(name, outcome) for name, _, _, outcome in lines] == [
        ("empty.pdf", "file.empty"),
        ("first.png", "file.broken"),
        ("inner/second.png", "again: file.broken"),
    ]
    assert totals.startswith("3 files, 3 outcomes\n")
    assert int(lines[1][2]) > 10


def test_a_file_that_broke_a_rule_is_named() -> None:
    """No outcome, two outcomes, too much time for its pages and too much memory are each said; what is right is not."""
    sound = Measured("a.pdf", ("accept",), 2, 84.0, 1024.0, 80.0)
    assert list(faults_of(sound)) == []
    assert list(faults_of(Measured("b.pdf", (), 2, 86.0, 1025.0, 80.0))) == [
        "b.pdf has 0 outcomes",
        "b.pdf took 86 s, at most 85 s are right",
        "b.pdf took 1025 MiB, at most 1024 MiB are right",
    ]
    assert list(faults_of(Measured("c.pdf", ("accept", "review"), 1, 1.0, 1.0, 80.0))) == ["c.pdf has 2 outcomes"]
