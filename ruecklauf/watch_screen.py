"""What staff see of the watch loop: a live table on a terminal, one line each when piped."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from intake.file_names import printable_name
from ruecklauf.cli_app import complain, in_one_line, say

if TYPE_CHECKING:
    from ruecklauf.booking import Handled

_ROWS_SHOWN = 20


class WatchScreen(Protocol):
    """Where the loop's results and troubles are shown."""

    def show(self, result: Handled) -> None:
        """Show what became of a file."""

    def show_trouble(self, error: Exception) -> None:
        """Show what is wrong with our own system."""

    def show_end_of_trouble(self) -> None:
        """Show that all is well again."""


@contextmanager
def watch_screen(title: str) -> Iterator[WatchScreen]:
    """Open the screen that fits where standard output goes."""
    complain(title)
    if not sys.stdout.isatty():
        yield _Lines()
        return
    with Live(console=Console(), refresh_per_second=8) as live:
        yield _LiveTable(live)


def say_handled(result: Handled) -> None:
    """Say what became of a file, on one line."""
    say(f"{'problem' if result.problem else 'booked'}: {result.name}: {result.summary}")
    sys.stdout.flush()


class _Lines:
    def show(self, result: Handled) -> None:
        say_handled(result)

    def show_trouble(self, error: Exception) -> None:
        complain(_trouble(error))

    def show_end_of_trouble(self) -> None:
        complain("The trouble is over; files are taken in again.")


class _LiveTable:
    def __init__(self, live: Live) -> None:
        self._live = live
        self._count = 0
        self._rows: deque[tuple[str, Handled]] = deque(maxlen=_ROWS_SHOWN)
        self._caption = Text()
        self._draw()

    def show(self, result: Handled) -> None:
        self._count += 1
        self._rows.append((f"{datetime.now().astimezone():%H:%M:%S}", result))
        self._draw()

    def show_trouble(self, error: Exception) -> None:
        self._caption.append(f"{_trouble(error)}\n", style="bold red")
        self._draw()

    def show_end_of_trouble(self) -> None:
        now = datetime.now().astimezone()
        self._caption = Text(f"The trouble was over at {now:%H:%M:%S}; files are taken in again.", style="green")
        self._draw()

    def _draw(self) -> None:
        table = Table("time", "file", "what became of it", title=f"{self._count} files taken in", caption=self._caption)
        for at, result in self._rows:
            table.add_row(at, Text(result.name), Text(result.summary, style="red" if result.problem else ""))
        self._live.update(table)


def _trouble(error: Exception) -> str:
    return printable_name(f"Alarm: {in_one_line(error)}. What is affected stays in the mailbox; trying again.")
