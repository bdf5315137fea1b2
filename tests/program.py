"""Runs the program as staff do: a process of its own, in the clone, that knows nothing of the tests' surroundings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CLONE = Path(__file__).resolve().parent.parent
CUSTOMERS = """number;company;contact;street;postal_code;city;country;email
K-1001;Müller & Söhne GmbH;Anna Weber;Hauptstr. 1;10115;Berlin;;a@example.org
K-1002;Łódź Export;;Weg 2;80331;München;;
K 99;Wrong number;;Weg 3;80331;München;;
"""
"""A list of two customers, and a row that is refused."""
FAST = "settle_s = 0.2\nrescan_s = 0.3\n"
"""What a test's ruecklauf.toml says so that the watcher does not wait long."""


def start(
    *arguments: str | Path,
    home: Path | None = None,
    database: str | None = None,
    password: str | None = None,
    before: Sequence[str] = (),
    stdin: int | None = None,
) -> subprocess.Popen[str]:
    """Start the program; home, database and password are told through the environment.

    `before` is a command that runs the program, such as strace with its options.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("RUECKLAUF", "DJANGO", "PG"))}
    told = {"RUECKLAUF_HOME": home, "RUECKLAUF_DATABASE": database, "PGPASSWORD": password, "PYTHONPATH": CLONE}
    environment |= {name: str(value) for name, value in told.items() if value is not None}
    command = [*before, sys.executable, "-m", "ruecklauf", *map(str, arguments)]
    return subprocess.Popen(
        command,
        env=environment,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=CLONE,
    )


def run(
    *arguments: str | Path,
    home: Path | None = None,
    database: str | None = None,
    password: str | None = None,
    timeout: float = 240,
) -> tuple[int, str, str]:
    """Run the program and return its exit code, its output and its complaints."""
    with start(*arguments, home=home, database=database, password=password) as process:
        out, err = process.communicate(timeout=timeout)
        return process.returncode, out, err


def form_of(home: Path, number: str) -> Path:
    """Find the customer's PDF."""
    (path,) = (home / "forms").glob(f"{number}-*.pdf")
    return path
