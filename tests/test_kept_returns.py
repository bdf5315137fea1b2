"""The benchmark that keeps simulated returns, and reads them again after a change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import kept_returns


def test_kept_returns_are_read_again_and_what_changed_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Returns are made once; each is read and judged, and a changed outcome is named by its case, no other."""
    folder, outcomes = tmp_path / "returns", tmp_path / "outcomes.jsonl"
    kept_returns.main(["make", str(folder), "--seed", "1", "--count", "3"])
    kept_returns.main(["make", str(folder), "--seed", "2", "--count", "3", "--cases", "no such channel,nor conduct"])
    made = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    kept_returns.main(["make", str(folder), "--seed", "1", "--count", "3"])
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == made

    kept_returns.main(["read", str(folder), "--outcomes", str(outcomes)])
    lines = [json.loads(line) for line in outcomes.read_text("utf-8").splitlines()]
    assert [f"{line['case']}.return" for line in lines] == sorted(made)

    lines[0]["became"] = "eaten by the dog"
    outcomes.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    capsys.readouterr()
    kept_returns.main(["read", str(folder), "--before", str(outcomes)])
    told = [line for line in capsys.readouterr().out.splitlines() if ": was " in line]
    assert len(told) == 1
    assert told[0].startswith(f"{lines[0]['case']}: was eaten by the dog")
