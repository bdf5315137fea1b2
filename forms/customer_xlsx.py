"""Read a customer list from an Excel workbook, cell by cell as staff see it, or say which cells cannot be trusted."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, time, timedelta
from io import BytesIO
from itertools import zip_longest
from typing import Any

import openpyxl

from forms.customer_table import MAX_COLUMNS, MAX_ROWS, Cell, CellKind, CustomerTable, Row, make_table
from forms.errors import CustomerFileError
from forms.messages import Message

_MAX_UNPACKED_BYTES = 60_000_000
_MAX_PARTS = 2_000
_SHEET_ROWS = 1_048_576
"""Rows that a sheet of Excel can have."""
_PLAIN_FORMATS = re.compile(r"General|@|#|0|#,##0|\?+", re.IGNORECASE)
_EXACT_DIGITS = 15
"""Digits that Excel keeps of a number; those beyond become zeros."""


def read_xlsx(data: bytes) -> CustomerTable:
    """Read the first visible sheet of a workbook; formulas count by the value that was stored with them.

    Raises CustomerFileError where the file is no sound workbook, or unpacks to an absurd size.
    """
    _refuse_bomb(data)
    try:
        rows = _read_rows(data)
    except CustomerFileError:
        raise
    except Exception as error:
        # openpyxl meets a broken workbook with whatever error its parts run into; the file is at fault, not we.
        raise CustomerFileError(
            Message("the workbook is damaged, or none"), Message("open it in Excel and save it again as .xlsx")
        ) from error
    if not rows:
        raise CustomerFileError(
            Message("the first visible sheet of the workbook is empty"),
            Message("put the customer list on the first sheet"),
        )
    return make_table(rows, surplus_is_shifted=False)


def _refuse_bomb(data: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        remedy = Message("open it in Excel and save it again as .xlsx")
        raise CustomerFileError(Message("the workbook is damaged"), remedy) from error
    # zipfile unpacks no more of a part than its size here says.
    if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > _MAX_UNPACKED_BYTES:
        what = Message("the workbook unpacks to more than {most} MB", most=_MAX_UNPACKED_BYTES // 1_000_000)
        raise CustomerFileError(what, Message("copy the customer list alone into a new workbook"))


def _read_rows(data: bytes) -> list[Row]:
    """Read values and formulas side by side: only so is a formula without a stored value told from an empty cell."""
    with warnings.catch_warnings():
        # openpyxl warns of parts that it leaves out (drawings, validation rules); the cells are whole.
        warnings.simplefilter("ignore")
        values = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
        formulas = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=False)
        with closing(values), closing(formulas):
            rows: list[Row] = []
            pairs = zip_longest(_sheet_rows(values), _sheet_rows(formulas), fillvalue=())
            for number, (row, formula_row) in enumerate(pairs, 1):
                if all(cell.value is None for cell in formula_row):
                    continue
                cells = tuple(_cell(cell, source) for cell, source in zip(row, formula_row, strict=True))
                if any(cell.text or (rows and cell.doubt) for cell in cells):
                    rows.append(Row(number, cells))
                if len(rows) > MAX_ROWS:
                    what = Message("the list has more than {most} rows", most=MAX_ROWS)
                    raise CustomerFileError(what, Message("part it into several lists"))
            return rows


def _sheet_rows(workbook: Any) -> Iterator[tuple[Any, ...]]:
    for sheet in workbook.worksheets:
        if sheet.sheet_state == "visible":
            # The stored dimensions may lie; without them every row is as long as its last cell.
            sheet.reset_dimensions()
            yield from sheet.iter_rows(max_row=_SHEET_ROWS, max_col=MAX_COLUMNS)
            return
    raise CustomerFileError(
        Message("the workbook has no visible sheet"), Message("put the customer list on a visible sheet")
    )


def _cell(cell: Any, source: Any) -> Cell:
    value = cell.value
    if value is None:
        return (
            _unusable("", Message("is a formula without a stored value: open the list in Excel and save it"))
            if (source.data_type == "f")
            else Cell("")
        )
    if cell.data_type == "e":
        return _unusable(str(value), Message("is an error: correct the formula"))
    if isinstance(value, bool):
        doubt = Message("is a truth value, not a text: format the cell as text and type it again")
        return _unusable(str(value).upper(), doubt)
    if isinstance(value, date | time | timedelta):
        return _unusable(str(value), Message("became a date or time: format the cell as text and type it again"))
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    return Cell(str(value).strip())


def _number(value: float, number_format: str) -> Cell:
    if value != int(value):
        doubt = Message("is a number with decimals: format the cell as text and type it again")
        return _unusable(str(value), doubt)
    text = str(int(value))
    if len(text.lstrip("-")) > _EXACT_DIGITS:
        doubt = Message(
            "is a number of more than {most} digits, of which Excel loses some: "
            "format the cell as text and type it again",
            most=_EXACT_DIGITS,
        )
        return _unusable(text, doubt)
    if re.fullmatch("00+", number_format) and value >= 0:
        return Cell(text.zfill(len(number_format)))
    if _PLAIN_FORMATS.fullmatch(number_format):
        return Cell(text, CellKind.NUMBER)
    doubt = Message(
        "is a number shown in the format {format}: format the cell as text and type it again",
        format=repr(number_format[:40]),
    )
    return _unusable(text, doubt)


def _unusable(text: str, doubt: Message) -> Cell:
    return Cell(text, CellKind.UNUSABLE, doubt)
