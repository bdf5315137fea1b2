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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import groupby, islice
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from forms.issued_form import OptionMeaning, letter_from_json
from registry.chunks import CHUNK
from registry.lookup import CurrentForm, current_forms
from registry.models import Letter, Reading

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


def write_export(file: BinaryIO, form: ExportFormat, template: str | None = None) -> None:
    """Write the whole export into an open file; None means the customers of all templates."""
    columns, rows = book_rows(template)
    match form:
        case ExportFormat.CSV:
            _write_csv(file, columns, rows)
        case ExportFormat.XLSX:
            _write_xlsx(file, columns, rows)
        case ExportFormat.JSON:
            _write_json(file, rows)


def book_rows(template: str | None = None) -> tuple[tuple[str, ...], Iterator[Row]]:
    """Return the column names, and one row per customer and template by these names.

    Every subject that a letter in the book decides has its column, also where nobody's current form is of that letter.
    """
    meanings = _meanings(template)
    subjects = dict.fromkeys(column for options in meanings.values() for column in _subjects(options))
    names = (*_BEFORE_SUBJECTS, *subjects, *_AFTER_SUBJECTS)
    return names, (dict.fromkeys(names) | row for row in _rows(template, meanings))


def _meanings(template: str | None) -> dict[str, tuple[OptionMeaning, ...]]:
    """What the options of each letter decide, by the letter's digest; in the order of template and version."""
    letters = Letter.objects.order_by("template", "version", "sha256")
    if template is not None:
        letters = letters.filter(template=template)
    return {letter.sha256: letter_from_json(letter.geometry_json).options for letter in letters.iterator()}


def _rows(template: str | None, meanings: Mapping[str, Sequence[OptionMeaning]]) -> Iterator[Row]:
    # The form in force comes first; an open one beside it decides nothing yet.
    by_question = groupby(
        current_forms(template), key=lambda form: (form.issue.customer.number, form.issue.letter.template)
    )
    chosen = (next(forms) for _, forms in by_question)
    while forms := list(islice(chosen, CHUNK)):
        evidence = _evidence(forms)
        for form in forms:
            yield _row(form, meanings[form.issue.letter.sha256], evidence)


def _subjects(options: Sequence[OptionMeaning]) -> tuple[str, ...]:
    return tuple(_column(subject) for subject in options[0].decides)


def _column(subject: str) -> str:
    """Name a subject's column; one that is called like a column of our own gets a name apart."""
    return f"decides_{subject}" if subject in _BEFORE_SUBJECTS + _AFTER_SUBJECTS else subject


def _row(form: CurrentForm, options: Sequence[OptionMeaning], evidence: Mapping[int, str]) -> Row:
    issue = form.issue
    row: Row = {
        "number": issue.customer.number,
        "company": issue.customer.company,
        "template": issue.letter.template,
        "version": issue.letter.version,
        "status": str(form.state.status),
    }
    return row | _what_is_in_force(form, options, evidence)


def _what_is_in_force(form: CurrentForm, options: Sequence[OptionMeaning], evidence: Mapping[int, str]) -> Row:
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
        "evidence": evidence[confirmed.answer.pk],
    }
    return row | {_column(subject): value for subject, value in decided.items()}


def _evidence(forms: Iterable[CurrentForm]) -> dict[int, str]:
    """Digests of the files that the confirmed returns' first pages came in, by return."""
    answers = [form.confirmed.answer_id for form in forms if form.confirmed]
    readings = Reading.objects.filter(answer__in=answers).order_by("-pk")  # the first reading comes last, and counts
    return dict(readings.values_list("answer", "file__sha256"))


def _write_csv(file: BinaryIO, columns: Sequence[str], rows: Iterable[Row]) -> None:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([harmless(_plain(row[column])) for column in columns] for row in rows)
    text.detach()


def _write_xlsx(file: BinaryIO, columns: Sequence[str], rows: Iterable[Row]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Export")
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_for_xlsx(row[column]) for column in columns])
    book.save(file)


def _write_json(file: BinaryIO, rows: Iterable[Row]) -> None:
    before = b"["
    for row in rows:
        plain = {column: _plain(cell) for column, cell in row.items()}
        file.write(before + b"\n" + json.dumps(plain, ensure_ascii=False).encode())
        before = b","
    file.write(b"\n]\n" if before == b"," else b"[]\n")


def _for_xlsx(cell: Cell) -> str | int | date | None:
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell
    plain = harmless(_plain(cell))
    # The format has no way to write control characters.
    return ILLEGAL_CHARACTERS_RE.sub("\ufffd", plain) if isinstance(plain, str) else plain


def _plain(cell: Cell) -> str | int | None:
    """Write dates and instants (the latter in UTC, to the second) as ISO 8601."""
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return cell.isoformat() if isinstance(cell, date) else cell


def harmless(cell: str | int | None) -> str | int | None:
    """Put an apostrophe before text that a spreadsheet might take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
