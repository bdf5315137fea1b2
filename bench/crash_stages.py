"""The reference run in stages, each of which starts from a copy of the home that the one before it left.

Issue twenty letters, take in what comes back in a few deliveries, confirm, set up, withdraw, book others as sent. In
deliveries, since a run that is interrupted in one need not read all the others again: there are thousands of runs.
"""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bench.crash_injection import Point, Run, points_of, run
from bench.crash_office import SETTINGS, Dropped, customer_list, fill_mailbox, issued_letters
from bench.home_state import State, differences, read_state
from simulation.returns import PostedLetter

CUSTOMERS_FILE = "customers.csv"
CONFIRMED = 10
_FORM_ID = 16
"""So many characters has a form's id, with which its file's name ends."""
_BY = ("--by", "Anna Beispiel")


class NotRepeatable(Exception):
    """Two undisturbed runs did not come to the same, or one failed: nothing could be compared with them."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One command in one home, and what it comes to when nothing disturbs it."""

    name: str
    home: Path
    """Copied for each run, never worked in."""
    arguments: tuple[str, ...]
    code: int
    """How the command ends undisturbed."""
    points: tuple[Point, ...]
    outcome: State
    is_repeatable: bool
    """Whether the command may be given again when it was done; what a person decides is refused the second time."""


def copy_home(home: Path, to: Path) -> Path:
    """Copy a home with everything in its mailbox: pipes, links and times too."""
    subprocess.run(["cp", "-a", "--", str(home), str(to)], check=True, timeout=60)
    return to


def reference_run(folder: Path, deliveries: Sequence[Sequence[Dropped]], confirmed: int) -> Iterator[Stage]:
    """Go through the work once, yielding each stage when it was traced; raises `NotRepeatable`."""
    home = _new_home(folder / "new")
    yield (stage := _stage("generate", home, ("generate", "remote-support", "--customers", CUSTOMERS_FILE)))
    letters = issued_letters(_after(stage) / "forms", date.today())  # noqa: DTZ011 - the program runs on this machine
    for number, dropped in enumerate(deliveries, 1):
        home = _after(stage)
        fill_mailbox(home / "mailbox", letters, dropped)
        yield (stage := _stage(f"watch-{number}", home, ("watch", "--once")))
    clear = _clear_returns(_after(stage))[:confirmed]
    if len(clear) < confirmed:
        raise NotRepeatable(f"only {len(clear)} returns can be confirmed, not {confirmed}")
    for name, arguments in _decisions(clear, letters):
        yield (stage := _stage(name, _after(stage), (name, *arguments), is_repeatable=False))


def _decisions(clear: Sequence[tuple[str, str]], letters: Sequence[PostedLetter]) -> Iterator[tuple[str, list[str]]]:
    """What people then decide and report, as commands and their arguments; `clear` are returns and their customers."""
    customer = clear[0][1]
    yield "confirm", [*(number for number, _ in clear), *_BY]
    yield "configured", [customer, "remote-support", *_BY]
    yield "withdraw", [customer, "remote-support", *_BY, "--reason", "letter of 1 December"]
    unanswered = [letter.key.removesuffix(".pdf")[-_FORM_ID:] for letter in letters[-2:]]
    yield "sent", [*unanswered, *_BY, "--channel", "post"]


def _new_home(home: Path) -> Path:
    home.mkdir()
    (home / "ruecklauf.toml").write_text(SETTINGS, "utf-8")
    (home / CUSTOMERS_FILE).write_text(customer_list(), "utf-8")
    return home


def _stage(name: str, home: Path, arguments: Sequence[str], *, is_repeatable: bool = True) -> Stage:
    """Trace the command in one copy of the home, and run it untraced in another: both must come to the same."""
    traced = copy_home(home, home.with_name(f"{name}-traced"))
    plain = copy_home(home, home.with_name(f"{name}-plain"))
    done, points = points_of(arguments, traced, home.with_name(f"{name}.log"))
    again = run(arguments, plain)
    _check_same(name, traced, done, plain, again)
    return Stage(name, home, tuple(arguments), done.code, points, read_state(traced), is_repeatable)


def _check_same(name: str, traced: Path, done: Run, plain: Path, again: Run) -> None:
    for each in (done, again):
        if each.code not in (0, 1) or "Traceback" in each.err:
            raise NotRepeatable(f"{name} ends with {each.code}:\n{each.out}{each.err}")
    if changed := differences(read_state(traced), read_state(plain)):
        raise NotRepeatable(f"{name} does not come to the same twice:\n" + "\n".join(changed))


def _after(stage: Stage) -> Path:
    return stage.home.with_name(f"{stage.name}-plain")


def _clear_returns(home: Path) -> list[tuple[str, str]]:
    """Return and customer number of all returns that nothing speaks against."""
    table = csv.DictReader(io.StringIO(run(("status", "--waiting"), home).out), delimiter="\t")
    clear = [(row["return"], row["number"]) for row in table if row["decision"] == "accept"]
    return sorted(clear, key=lambda item: item[1])
