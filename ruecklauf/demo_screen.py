"""What the demo shows: live tables on a terminal, plain lines elsewhere, and at the end where to look."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from intake.explanations import EXPLANATIONS, in_one_sentence
from intake.filing import REASON_ENDING
from registry.confirming import Confirmed
from registry.evidence import Evidence
from registry.export import book_rows
from registry.waiting import WaitingReturn
from ruecklauf.booking import Handled
from ruecklauf.cli_app import say, show_table
from ruecklauf.config import CLONE, Config
from ruecklauf.demo import ACTOR, Compared, Comparison, Written
from ruecklauf.truth_check import Outcome
from simulation.people import MarkTruth, Truth
from simulation.returns import Arrival

_EXPORT_COLUMNS = ("number", "company", "status", "variant", "clients", "servers", "signed_on", "confirmed_by")


def headline(text: str) -> None:
    """Begin a part of the story."""
    say("")
    Console(highlight=False).print(Text(text, style="bold"))


@contextmanager
def shown_being_read(arrivals: Sequence[Arrival]) -> Iterator[Callable[[Handled], None]]:
    """Show files being read: a live table of all of them on a terminal, one line for each that is done elsewhere."""
    if not sys.stdout.isatty():
        yield lambda result: say(f"{result.name}: {result.summary}")
        return
    results: dict[str, Handled] = {}
    with Live(_mailbox_table(arrivals, results), console=Console(), refresh_per_second=8) as live:

        def report(result: Handled) -> None:
            results[result.name] = result
            live.update(_mailbox_table(arrivals, results))

        yield report


def show_confirmed(confirmed: Sequence[Confirmed]) -> None:
    """Say what is in force now, and by whose word."""
    what = "1 clear return is" if len(confirmed) == 1 else f"{len(confirmed)} clear returns are"
    say(f"{what} in force, confirmed in the name of “{ACTOR}”, as a person does in the office.")


def show_comparison(comparison: Comparison) -> None:
    """Show what is true beside what was read."""
    columns = ("customer", "what happened", "true", "read", "decision", "judged")
    show_table(columns, [_compared_row(item) for item in comparison.returns])
    for name in comparison.misbooked:
        say(f"{name}: a return was found of a customer who has none in this file: {Outcome.WRONG}")


def show_waiting(waiting: Sequence[WaitingReturn], problems: Path) -> None:
    """Say what waits for a person, and why."""
    for item in waiting:
        say(f"return {item.return_id}, {item.number} {item.company}:")
        reasons = [f"{in_one_sentence(reason)} {EXPLANATIONS[reason].to_do}" for reason in item.reasons]
        for line in reasons or [_complete(item)]:
            say(f"    {line}")
    for path in sorted(problems.glob(f"*{REASON_ENDING}")):
        name, *lines = path.read_text("utf-8").splitlines()
        say(f"file {name}, now in {_shown(problems)}:")
        for line in filter(None, lines):
            say(f"    {line}")


def _complete(item: WaitingReturn) -> str:
    if item.clear:
        return "It is complete and clear. Confirm it, alone or together with others."
    if item.blind:
        return "It is complete, and one of the few that are asked blind: say what you see before the machine does."
    return "It is complete, but another return of this customer waits too. Confirm the one that counts."


def show_export() -> None:
    """Show the columns of the export that say who consented to what; blank is blank, and never a default."""
    _, rows = book_rows()
    cells = [[str(row[column]) if row[column] is not None else "" for column in _EXPORT_COLUMNS] for row in rows]
    show_table(_EXPORT_COLUMNS, cells)


def show_where_to_look(
    config: Config, written: Written, comparison: Comparison, waiting: Sequence[WaitingReturn]
) -> None:
    """Name what to look at, and the next commands to type."""
    accepted = [item.evidence for item in comparison.returns if item.outcome is Outcome.RIGHT and item.evidence]
    flagged = [item.evidence for item in comparison.returns if item.outcome is Outcome.FLAGGED and item.evidence]
    say(f"everything of this demo   {_shown(config.home)}")
    say(f"a letter as it was issued {_shown(next(iter(sorted(config.forms.glob('*.pdf'))), config.forms))}")
    for what, found in (("a clear return as read  ", accepted), ("a doubtful one          ", flagged)):
        say(f"{what}  {_shown(_picture_of(found, written, config.home))}")
    for path in written.exports:
        say(f"the export                {_shown(path)}")
    headline("What you may type next")
    home = f"--home {_shown(config.home)}"
    say(f"{_program()} status {home}")
    say(f"{_program()} status --waiting {home}")
    for item in [item for item in waiting if not item.reasons][:1]:
        say(f'{_program()} confirm {item.return_id} --by "Your Name" {home}')
    say(f"{_program()} export --format csv {home}")
    say(f"{_program()} adduser YOUR-NAME --role review {home}")
    say(f"{_program()} serve {home}   (the review page)")
    say(f"{_program()} demo {home}   (starts all over, in the same folder)")


def show_way_in(address: str, user: str, password: str) -> None:
    """Say where the review page is, and how to get in."""
    say(f"{address}   sign in as {user} with the password {password}")
    say("It is served to this machine only, until Ctrl-C.")
    say("")


def _picture_of(found: Sequence[Evidence], written: Written, home: Path) -> Path:
    names = {f"{item.reading.customer}-{item.return_id}.png" for item in found}
    return next((path for path in written.pictures if path.name in names), home)


def _mailbox_table(arrivals: Sequence[Arrival], results: dict[str, Handled]) -> Table:
    table = Table("file", "what happened to it", "what the program makes of it", title="The mailbox")
    for arrival in arrivals:
        result = results.get(arrival.file_name)
        said = Text(result.summary, style="red" if result.problem else "") if result else Text("…", style="dim")
        table.add_row(Text(arrival.file_name), Text(arrival.story), said)
    return table


def _compared_row(item: Compared) -> tuple[str, ...]:
    read, decision = "not found", ""
    if item.evidence is not None:
        reading = item.evidence.reading
        variant = reading.variant.value or reading.variant.state if reading.variant else "not read"
        signature = reading.signature.state if reading.signature else "not read"
        read, decision = f"{variant}, signature {signature}", str(item.evidence.verdict.decision)
    story = item.arrival.story
    return (item.true.key, story, _true_words(item.true.truth), read, decision, str(item.outcome))


def _true_words(truth: Truth) -> str:
    marks = [
        option if mark is MarkTruth.MARKED else f"{option} {mark.value}"
        for option, mark in truth.marks.items()
        if mark is not MarkTruth.EMPTY
    ]
    return f"{' and '.join(marks) or 'none'}, {'signed' if truth.signed else 'not signed'}"


def _shown(path: Path) -> str:
    """A path as one would type it: from the current folder where it lies below it."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here)) if path.is_relative_to(here) else str(path))


def _program() -> str:
    """How to call the program from here."""
    run = CLONE / "run"
    if run.is_file() and os.access(run, os.X_OK):
        return f"./{run.name}" if Path.cwd() == CLONE else shlex.quote(str(run))
    return "ruecklauf" if Path(sys.argv[0]).name == "ruecklauf" else f"{shlex.quote(sys.executable)} -m ruecklauf"
