"""The command line's frame: one option for the home, one boundary for errors, and how results are shown.

Exit codes: 0 done, 1 some items failed, 2 wrong use, 3 our system is broken.
"""

from __future__ import annotations

import csv
import functools
import getpass
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, ParamSpec
from zoneinfo import ZoneInfo

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from intake.file_names import printable_name
from ruecklauf import __version__
from ruecklauf.config import HOME_VARIABLE, Config, load_config
from ruecklauf.errors import EXIT_SYSTEM_BROKEN, EXIT_WRONG_USE, RuecklaufError
from ruecklauf.open_home import anchor_what_was_booked

EXIT_SOME_FAILED = 1
EXIT_INTERRUPTED = 130
Parameters = ParamSpec("Parameters")


app = typer.Typer(
    name="ruecklauf",
    help="Send each customer their own consent form, read what comes back, and keep the book of who consented to what.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
Home = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="Where all state lies. Default: $RUECKLAUF_HOME, else output/."),
]


def _show_version(value: bool) -> None:  # noqa: FBT001 - typer calls it
    if value:
        typer.echo(f"ruecklauf {__version__}")
        raise typer.Exit


@app.callback()
def frame(
    *,
    home: Home = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Send each customer their own consent form, read what comes back, and keep the book of who consented to what."""
    _ = version
    if home is not None:
        os.environ[HOME_VARIABLE] = str(home)
    # A traceback without the values of its variables: those may be a customer's words or a password.
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper("iso"), console],
        # Looked up anew for each line: while a live table is shown, standard error leads to the lines above it.
        logger_factory=lambda *_arguments: structlog.PrintLogger(sys.stderr),
    )


def command(function: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Make a function a command; what it raises becomes one clear line and an exit code."""

    @functools.wraps(function)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except KeyboardInterrupt:
            raise typer.Exit(EXIT_INTERRUPTED) from None
        except BrokenPipeError:  # nobody reads us any more; Python would complain again when it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(EXIT_SOME_FAILED) from None
        except Exception as error:
            raise typer.Exit(_tell(error)) from error

    app.command()(run)
    return function


def booking_command(function: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Make a function a command that books something: how far the events have come is anchored at its end."""

    @functools.wraps(function)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except typer.Exit:  # some items failed; the others are booked
            anchor_what_was_booked()
            raise
        anchor_what_was_booked()

    return command(run)


def chosen_config(home: Path | None) -> Config:
    """Load the configuration of the home that was named after the command, before it, or not at all."""
    return load_config(home)


def office_today(config: Config) -> date:
    """The date on the office's calendar."""
    return datetime.now(ZoneInfo(config.time_zone)).date()


def parse_day(text: str) -> date:
    """Read a date as people write it: 23.11.2026 or 2026-11-23; raises `typer.BadParameter`."""
    for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise typer.BadParameter(f"{text!r} is not a date; write 23.11.2026 or 2026-11-23")


def current_user() -> str:
    """Name who runs the program, as far as the operating system knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown user"


def say(text: str) -> None:
    """Print one line of a result."""
    typer.echo(text)


def complain(text: str) -> None:
    """Print one line about what went wrong."""
    typer.echo(text, err=True)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Show rows as a table on a terminal, and as tab-separated lines with a head when piped."""
    if not sys.stdout.isatty():
        writer = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        return
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")  # a form id that is cut short can't be copied into a command
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """Show a bar on a terminal, nothing when piped; add tasks to it inside."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        progress.add_task(title, total=None)
        yield progress


def _tell(error: Exception) -> int:
    """Tell an error on standard error and return the exit code."""
    code = _exit_code(error)
    if code is None:
        traceback.print_exception(error)
        complain("Error: the program has a fault — please report the lines above")
        return EXIT_SYSTEM_BROKEN
    complain(printable_name(f"Error: {in_one_line(error)}"))
    return code


def in_one_line(error: Exception) -> str:
    """Say what is wrong and what to do; our own errors say it themselves."""
    from django.db import Error as DatabaseError

    if isinstance(error, DatabaseError):
        return f"the registry cannot be read or written ({' '.join(str(error).split())}) — {_database_remedy()}"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error} — check that it exists, its rights and the free space"
    return str(error)


def _database_remedy() -> str:
    from django.db import connection

    if connection.vendor == "postgresql":
        return "check that the PostgreSQL server runs, can be reached and has free space"
    return "check the rights and the free space of the home"


def _exit_code(error: Exception) -> int | None:
    """Return the exit code of an expected error; None for one that nobody expected."""
    from django.db import Error as DatabaseError

    from forms.errors import FormsError
    from intake.errors import IntakeBroken
    from registry.errors import Refused, RegistryError, TemplateChanged

    if isinstance(error, RuecklaufError):
        return error.exit_code
    if isinstance(error, (FormsError, TemplateChanged)):
        return EXIT_WRONG_USE
    if isinstance(error, Refused):
        return EXIT_SOME_FAILED
    if isinstance(error, (RegistryError, IntakeBroken, DatabaseError, OSError)):
        return EXIT_SYSTEM_BROKEN
    return None
