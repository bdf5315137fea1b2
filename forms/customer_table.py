"""A customer list as rows of cells, whatever file it came from: what `forms.customers` judges."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

MAX_ROWS = 100_000
MAX_COLUMNS = 200


class CellKind(Enum):
    """What the file says that a cell holds."""

    TEXT = "text"
    NUMBER = "number"
    """A number without a format that would prove its leading zeros."""
    UNUSABLE = "unusable"
    """Something whose text is not what staff see; the cell's doubt says why."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text without outer white space, and what is known of where the text came from."""

    text: str
    kind: CellKind = CellKind.TEXT
    doubt: str = ""
    """Why the cell cannot be used, and what to do; only for an unusable one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table."""

    number: int
    """As the spreadsheet shows it: counts from 1, headings and empty rows included."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class CustomerTable:
    """The rows of a customer list, the headings apart."""

    headings: tuple[str, ...]
    """Up to the last that is not empty."""
    rows: tuple[Row, ...]
    """Those that are not empty."""
    surplus_is_shifted: bool
    """A cell beyond the last heading means that the row's cells have shifted (a stray delimiter in a CSV)."""


def make_table(rows: list[Row], *, surplus_is_shifted: bool) -> CustomerTable:
    """Make a table of rows that are not empty; the first holds the headings."""
    headings = [cell.text for cell in rows[0].cells]
    while not headings[-1]:
        headings.pop()
    return CustomerTable(tuple(headings), tuple(rows[1:]), surplus_is_shifted)
