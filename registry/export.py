"""Exports the book: one row per customer and template, for people and for the tools that act on it.

CSV is what a German Excel opens by a double click: semicolons, UTF-8 with a byte order mark, CRLF. JSON is an array of
objects, for programs. In both dates are ISO 8601 and instants are UTC; XLSX has real dates. A blank cell (null in JSON)
means that nothing is in force: there are no defaults.

In CSV and XLSX, text that a spreadsheet might take for a formula gets an apostrophe in front; JSON gives it unaltered.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import StrEnum

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from forms.issued_form import OptionMeaning, letter_from_json
from registry.lookup import CurrentForm, current_forms
from registry.models import Reading

Cell = str | int | date | datetime | None
Row = dict[str, Cell]

_BEFORE_SUBJECTS = ("number", "company", "template", "version", "status", "variant")
_AFTER_SUBJECTS = (
    "signed_on",
    "received_at",
    "confirmed_by",
    "confirmed_at",
    "in_force_from",
    "configured_by",
    "configured_at",
    "evidence",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class ExportFormat(StrEnum):
    """What the export can be written as."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


def export_book(form: ExportFormat, template: str | None = None) -> bytes:
    """Return the whole export as a file's bytes; None means the customers of all templates."""
    columns, rows = book_rows(template)
    match form:
        case ExportFormat.CSV:
            return _as_csv(columns, rows)
        case ExportFormat.XLSX:
            return _as_xlsx(columns, rows)
        case ExportFormat.JSON:
            return _as_json(rows)


def book_rows(template: str | None = None) -> tuple[tuple[str, ...], list[Row]]:
    """Return the column names, and one row per customer and template by these names."""
    meanings: dict[str, tuple[OptionMeaning, ...]] = {}
    chosen: dict[tuple[str, str], CurrentForm] = {}
    for form in current_forms(template):
        letter = form.issue.letter
        if letter.sha256 not in meanings:
            meanings[letter.sha256] = letter_from_json(letter.geometry_json).options
        # The form in force comes first; an open one beside it decides nothing yet.
        chosen.setdefault((form.issue.customer.number, letter.template), form)
    subjects = list(dict.fromkeys(_subjects(options) for options in meanings.values()))
    columns = tuple(dict.fromkeys(column for group in subjects for column in group))
    names = (*_BEFORE_SUBJECTS, *columns, *_AFTER_SUBJECTS)
    rows = [dict.fromkeys(names) | _row(form, meanings[form.issue.letter.sha256]) for form in chosen.values()]
    return names, rows


def _subjects(options: Sequence[OptionMeaning]) -> tuple[str, ...]:
    return tuple(_column(subject) for subject in options[0].decides)


def _column(subject: str) -> str:
    """Name a subject's column; one that is called like a column of our own gets a name apart."""
    return f"decides_{subject}" if subject in _BEFORE_SUBJECTS + _AFTER_SUBJECTS else subject


def _row(form: CurrentForm, options: Sequence[OptionMeaning]) -> Row:
    issue = form.issue
    row: Row = {
        "number": issue.customer.number,
        "company": issue.customer.company,
        "template": issue.letter.template,
        "version": issue.letter.version,
        "status": str(form.state.status),
    }
    return row | _what_is_in_force(form, options)


def _what_is_in_force(form: CurrentForm, options: Sequence[OptionMeaning]) -> Row:
    """The columns that only a confirmed return fills; none of them while nothing is in force."""
    confirmed, configured = form.confirmed, form.configured
    if confirmed is None or confirmed.answer is None:
        return {}
    decided = next(option.decides for option in options if option.option == confirmed.variant)
    row: Row = {
        "variant": confirmed.variant,
        "signed_on": confirmed.signed_on,
        "received_at": confirmed.answer.received_at,
        "confirmed_by": confirmed.by,
        "confirmed_at": confirmed.at,
        "in_force_from": confirmed.in_force_from,
        "configured_by": configured.by if configured else None,
        "configured_at": configured.on if configured else None,
        "evidence": _evidence(confirmed.answer.pk),
    }
    return row | {_column(subject): value for subject, value in decided.items()}


def _evidence(return_id: int) -> str:
    """Digest of the file that the return's first page came in."""
    return Reading.objects.filter(answer=return_id).earliest("pk").file.sha256


def _as_csv(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_harmless(_plain(row[column])) for column in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _as_xlsx(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Export")
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_for_xlsx(row[column]) for column in columns])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _as_json(rows: Sequence[Row]) -> bytes:
    plain = [{column: _plain(cell) for column, cell in row.items()} for row in rows]
    return (json.dumps(plain, ensure_ascii=False, indent=1) + "\n").encode()


def _for_xlsx(cell: Cell) -> str | int | date | None:
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell
    plain = _harmless(_plain(cell))
    # The format has no way to write control characters.
    return ILLEGAL_CHARACTERS_RE.sub("\ufffd", plain) if isinstance(plain, str) else plain


def _plain(cell: Cell) -> str | int | None:
    """Write dates and instants (the latter in UTC, to the second) as ISO 8601."""
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return cell.isoformat() if isinstance(cell, date) else cell


def _harmless(cell: str | int | None) -> str | int | None:
    """Put an apostrophe before text that a spreadsheet might take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
