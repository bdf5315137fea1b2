"""Drop thousands of files at once and let a watcher take them in: `python -m bench.mailbox_load [--files N ...]`.

While no watcher runs, small files of the kinds that strand in a mailbox: mostly junk, every fourth with the bytes of
an earlier one, some broken PDFs, and a few real returns. Then the watcher is started. Printed
for each number of files: how fast they were taken in (which is mostly waiting for the disk) and the watcher's peak
memory. Every file must have exactly one outcome: one line, one arrival in the book, one place on the disk.
"""

from __future__ import annotations

import argparse
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from simulation.returns import PostedLetter
from simulation.scenarios import filled_on_screen

CLONE = Path(__file__).parents[1]
NUMBERS = (1_000, 5_000, 20_000)
CUSTOMERS = 10
"""As many real returns come back, evenly among the rest."""
_SETTINGS = "settle_s = 0.5\nrescan_s = 0.5\n"
_BEGINNINGS = (b"PK\x03\x04", b"Dear all,\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\0\0\0\x1cftypheic")
"""Of an office document, a mail, an old office document and a phone's picture."""
_BROKEN_EVERY = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """What taking in so many files cost, and what became of them."""

    files: int
    seconds: float
    peak_mib: float
    lines: Counter[str]
    """How often the watcher told each name."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a file has not exactly one outcome."""
    options = _parser().parse_args(arguments)
    print(f"{'files':>8}{'seconds':>10}{'files/s':>10}{'peak memory':>14}  one outcome each")
    sound = True
    for number in options.files:
        with tempfile.TemporaryDirectory(prefix="mailbox-load-", dir=options.folder) as folder:
            home = _office(Path(folder))
            names = _drop(home, number)
            measured = _take_in(home, number)
            wrong = _without_one_outcome(home, names, measured.lines)
        sound = sound and not wrong
        speed = measured.files / measured.seconds
        print(
            f"{number:>8,}{measured.seconds:>10.1f}{speed:>10.1f}{measured.peak_mib:>10.1f} MiB  "
            f"{f'NO: {len(wrong)}, such as {wrong[0]}' if wrong else 'yes'}",
            flush=True,
        )
    return 0 if sound else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--files", type=int, nargs="+", default=list(NUMBERS), help="how many to drop, each in its run")
    parser.add_argument("--folder", type=Path, help="where to work; by default where temporary files go")
    return parser


def _office(home: Path) -> Path:
    """Make a home in which letters were issued."""
    rows = [f"K-{1001 + number};Prüfstand {number} GmbH;;Weg 1;10115;Berlin;;\n" for number in range(CUSTOMERS)]
    head = "number;company;contact;street;postal_code;city;country;email\n"
    (home / "ruecklauf.toml").write_text(_SETTINGS)
    (home / "customers.csv").write_text(head + "".join(rows), "utf-8")
    subprocess.run(_command(home, "generate", "remote-support", "--customers", str(home / "customers.csv")), check=True,
                   stdout=subprocess.DEVNULL, cwd=CLONE)  # fmt: skip
    return home


def _command(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "ruecklauf", "--home", str(home), *arguments]


def _drop(home: Path, number: int) -> list[str]:
    """Fill the mailbox; return the names."""
    forms, today = sorted((home / "forms").glob("K-*.pdf")), datetime.now(UTC).date()
    returns_every = max(number // CUSTOMERS, 1)
    names = []
    for at, data in enumerate(_junk(number)):
        if at % returns_every == 0 and at // returns_every < len(forms):
            form = forms[at // returns_every]
            letter = PostedLetter(form.stem, form.read_bytes(), today)
            data = filled_on_screen(letter, np.random.default_rng(at)).data
        names.append(f"SCN_{at:06}.pdf")
        (home / "mailbox" / names[-1]).write_bytes(data)
    return names


def _junk(number: int) -> Iterator[bytes]:
    for at in range(number):
        if at % 4 == 3:
            yield _junk_bytes(at - 2)
        else:
            yield _junk_bytes(at)


def _junk_bytes(at: int) -> bytes:
    beginning = b"%PDF-1.7\n" if at % _BROKEN_EVERY == 1 else _BEGINNINGS[at % len(_BEGINNINGS)]
    return beginning + f"{at} ".encode() * 200


def _take_in(home: Path, number: int) -> Measured:
    """Run the watcher until it has told of every file, then end it."""
    began_s = time.monotonic()
    with subprocess.Popen(_command(home, "watch"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          encoding="utf-8", cwd=CLONE) as watcher:  # fmt: skip
        assert watcher.stdout is not None
        lines: Counter[str] = Counter()
        for line in watcher.stdout:
            lines[line.split(": ")[1]] += 1
            if lines.total() == number:
                break
        seconds = time.monotonic() - began_s
        peak_mib = _peak_mib(watcher.pid)
        watcher.terminate()
        lines.update(line.split(": ")[1] for line in watcher.stdout)
    return Measured(number, seconds, peak_mib, lines)


def _peak_mib(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"the system does not tell the memory of process {process}")


def _without_one_outcome(home: Path, names: Sequence[str], lines: Counter[str]) -> list[str]:
    """Name the files that were not told, booked and put away exactly once, with a reason beside each problem."""
    with closing(sqlite3.connect(home / "registry.sqlite3")) as book:
        arrivals = Counter(name for (name,) in book.execute("SELECT name FROM registry_arrival"))
    done, problems = (_names_in(home / "mailbox" / folder) for folder in ("done", "problems"))
    left = _names_in(home / "mailbox")
    return [
        name
        for name in names
        if (lines[name], arrivals[name]) != (1, 1)
        or name in left
        or (name in done) == (name in problems)
        or (name in problems) != (f"{name}.reason.txt" in problems)
    ] + sorted((done | problems) - {f"{name}{ending}" for name in names for ending in ("", ".reason.txt")})


def _names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


if __name__ == "__main__":
    sys.exit(main())
