"""Read a customer list: every row is either usable as it stands, or refused with its place and the reason."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from forms.customer_csv import read_csv
from forms.customer_table import Cell, CellKind, CustomerTable, Row
from forms.customer_xlsx import read_xlsx
from forms.errors import CustomerFileError
from forms.glyphs import name_characters, undrawable
from forms.issued_form import Customer
from forms.messages import Message

COLUMNS = tuple(field.name for field in fields(Customer))
OPTIONAL_COLUMNS = frozenset({"contact", "country", "email"})
MAX_FILE_BYTES = 20_000_000

_HEADINGS = {
    "number": "number, customer number, customer no, Kundennummer, Kunden-Nr, Kd-Nr, Kundennr, Nummer, Nr",
    "company": "company, company name, Firma, Firmenname, Unternehmen",
    "contact": "contact, contact person, Ansprechpartner, Ansprechpartnerin, Ansprechperson, Kontakt, Kontaktperson",
    "street": "street, street address, Straße, Str, Straße und Hausnummer, Straße Nr, Anschrift",
    "postal_code": "postal_code, post code, ZIP, ZIP code, PLZ, Postleitzahl",
    "city": "city, town, Ort, Stadt, Wohnort",
    "country": "country, Land, Staat",
    "email": "email, e-mail address, E-Mail, E-Mail-Adresse, Mail, Mailadresse",
}
_MAX_LENGTHS = {
    "number": 32, "company": 200, "contact": 200, "street": 200,
    "postal_code": 12, "city": 100, "country": 60, "email": 254,
}  # fmt: skip
_NUMBER = re.compile(r"[A-Za-z0-9._-]{1,32}")
_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>.]+(?:\.[^@\s,;<>.]+)+")
_GERMANY = frozenset({"", "de", "d", "brd", "deutschland", "germany", "bundesrepublik deutschland"})
_FIVE_DIGITS = (
    "fr france frankreich it italia italien italy es españa spanien spain fi suomi finnland "
    "finland se sverige schweden sweden ee eesti estland estonia hr hrvatska kroatien croatia usa us"
)
_FIVE_DIGIT_COUNTRIES = frozenset(_FIVE_DIGITS.split())
_LOST_LETTER = re.compile(r"\?[^\W\d_]")
"""What spreadsheet programs leave of a letter that the encoding lacks: “?ukasz”."""
_SHOWN_LENGTH = 80


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A row that can be used."""

    row: int
    """As the spreadsheet shows it: counts from 1, the headings included."""
    customer: Customer


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """One reason why a row cannot be used; a row with several has several of these."""

    row: int
    """As the spreadsheet shows it: counts from 1, the headings included."""
    column: str
    """One of COLUMNS; empty where the row as a whole is meant."""
    value: str
    """What stands there, fit to be shown: control characters as escapes, at most 80 characters."""
    reason: str
    """What is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class CustomerList:
    """A customer list as read: what can be used, and what cannot."""

    customers: tuple[CustomerRow, ...]
    refused: tuple[RefusedRow, ...]
    """In the order of the rows."""
    ignored_columns: tuple[str, ...]
    """Headings that mean nothing to us; what stands beneath them was not looked at."""


def read_customers(path: Path) -> CustomerList:
    """Read a customer list from a CSV file or an Excel workbook; which of the two it is, its content says.

    Words are taken as they stand, in composed form (NFC) and without outer white space. Raises CustomerFileError where
    the list as a whole cannot be used.
    """
    table = _read_table(_read_file(path))
    columns, ignored = _find_columns(table.headings)
    refused: list[RefusedRow] = list(_doubled_numbers(table, columns))
    candidates = []
    for row in table.rows:
        cells = {column: row.cells[index] for column, index in columns.items() if index < len(row.cells)}
        refused += _row_problems(row, table) or _cell_problems(row.number, cells)
        candidates.append(CustomerRow(row.number, _customer(cells)))
    unusable = {problem.row for problem in refused}
    usable = tuple(candidate for candidate in candidates if candidate.row not in unusable)
    return CustomerList(usable, tuple(sorted(refused, key=_by_place)), ignored)


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise CustomerFileError(
            Message("{path} cannot be opened: {why}", path=path, why=error.strerror),
            Message("check its name, and that no program holds it open"),
        ) from error
    if len(data) > MAX_FILE_BYTES:
        raise CustomerFileError(
            Message("the list is larger than {most} MB", most=MAX_FILE_BYTES // 1_000_000),
            Message("part it into several lists"),
        )
    if not data.strip():
        raise CustomerFileError(
            Message("the list is empty"), Message("write the headings in the first row and a customer in each below")
        )
    return data


def _read_table(data: bytes) -> CustomerTable:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        what = Message("the list is an old Excel workbook (.xls), or one with a password")
        raise CustomerFileError(what, Message("save it as .xlsx without a password, or as CSV"))
    if data.startswith(b"PK"):
        if b"application/vnd.oasis.opendocument" in data[:200]:
            raise CustomerFileError(
                Message("the list is an OpenDocument file (.ods)"), Message("save it as .xlsx or CSV")
            )
        return read_xlsx(data)
    if data.startswith(b"%PDF-"):
        raise CustomerFileError(Message("the list is a PDF"), Message("save it as .xlsx or CSV"))
    return read_csv(data, lambda heading: _column(heading) is not None)


def _find_columns(headings: tuple[str, ...]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Find which cell of a row belongs to which column, and the headings that are none of ours."""
    columns: dict[str, int] = {}
    ignored = []
    for index, heading in enumerate(headings):
        column = _column(heading)
        if column is None:
            ignored += [_shown(heading)] if heading else []
        elif column in columns:
            first, second = headings[columns[column]], heading
            what = Message(
                "two columns mean {column}: “{first}” and “{second}”", column=column, first=first, second=second
            )
            raise CustomerFileError(what, Message("rename or delete one of them"))
        else:
            columns[column] = index
    missing = [column for column in COLUMNS if column not in columns and column not in OPTIONAL_COLUMNS]
    if missing:
        examples = "; ".join(f"{column} ({_HEADINGS[column]})" for column in missing)
        found = ", ".join(_shown(heading) for heading in headings if heading) or Message("nothing")
        what = Message(
            "columns are missing: {missing}; the first row has {found}", missing=", ".join(missing), found=found
        )
        raise CustomerFileError(what, Message("head them with one of the names known: {examples}", examples=examples))
    return columns, tuple(ignored)


def _simplify_heading(heading: str) -> str:
    """Leave of a heading what tells it from others: letters and digits, ß as ss."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(character for character in folded if character.isalnum())


_COLUMN_OF = {_simplify_heading(name): column for column, names in _HEADINGS.items() for name in names.split(",")}


def _column(heading: str) -> str | None:
    return _COLUMN_OF.get(_simplify_heading(heading))


def _customer(cells: dict[str, Cell]) -> Customer:
    return Customer(**{column: _composed(cells[column].text) if column in cells else "" for column in COLUMNS})


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _doubled_numbers(table: CustomerTable, columns: dict[str, int]) -> Iterator[RefusedRow]:
    """Find numbers that stand twice; capitals do not tell numbers apart, as they do not everywhere in file names."""
    rows_of: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    index = columns["number"]
    for row in table.rows:
        number = _composed(row.cells[index].text) if index < len(row.cells) else ""
        if number:
            rows_of[number.casefold()].append((row.number, number))
    for places in rows_of.values():
        for row_number, number in places if len(places) > 1 else []:
            others = ", ".join(str(other) for other, _ in places[:10] if other != row_number)
            reason = Message(
                "stands in row {others} too: none of them is used until each customer has its own number", others=others
            )
            yield RefusedRow(row_number, "number", _shown(number), reason)


def _row_problems(row: Row, table: CustomerTable) -> list[RefusedRow]:
    surplus = [cell.text for cell in row.cells[len(table.headings) :] if cell.text]
    if not (surplus and table.surplus_is_shifted):
        return []
    reason = Message(
        "the row has more cells than there are headings: put a cell with a delimiter in it in double quotes"
    )
    return [RefusedRow(row.number, "", _shown(surplus[0]), reason)]


def _cell_problems(row_number: int, cells: dict[str, Cell]) -> list[RefusedRow]:
    customer = asdict(_customer(cells))
    problems = []
    for column in COLUMNS:
        cell = cells.get(column, Cell(""))
        reason = cell.doubt or _text_problem(column, customer[column])
        if not reason and column == "postal_code":
            reason = _postal_code_problem(customer["postal_code"], customer["country"], cell.kind)
        if reason:
            problems.append(RefusedRow(row_number, column, _shown(cell.text), reason))
    return problems


def _text_problem(column: str, text: str) -> str:
    """Say what is wrong with a cell's text; empty where nothing is."""
    if not text:
        return "" if column in OPTIONAL_COLUMNS else Message("is missing: fill it in")
    if len(text) > _MAX_LENGTHS[column]:
        most = _MAX_LENGTHS[column]
        return Message("is {length} characters long: at most {most} are expected", length=len(text), most=most)
    if "\n" in text or "\r" in text:
        return Message("has a line break inside: write it on one line")
    unfit = undrawable(text)
    if unfit:
        signs = name_characters(unfit)
        return Message("has characters that the letter cannot print: {signs}; replace them", signs=signs)
    if column != "email" and _LOST_LETTER.search(text):
        return Message(
            "has a question mark in a word: a letter was lost in saving; save the list as “CSV UTF-8” or .xlsx"
        )
    if column == "number" and (not _NUMBER.fullmatch(text) or not text.strip(".")):
        return Message("is no customer number: use letters from A to Z, digits, dot, hyphen and underscore, at most 32")
    if column == "email" and not _EMAIL.fullmatch(text):
        return Message("is no e-mail address: write one address, like name@example.com, or leave it empty")
    return ""


def _postal_code_problem(text: str, country: str, kind: CellKind) -> str:
    """Refuse a postal code that has lost its leading zeros: which it was is not for us to guess."""
    nation = country.casefold()
    if nation in _GERMANY and not re.fullmatch(r"(?:DE?-)?[0-9]{5}", text):
        if text.isdigit():
            return Message(
                "is no German postal code: format the cell as text and write it with its leading zero, "
                "or name the country"
            )
        return Message("is no German postal code: write five digits, or name the country")
    if nation in _FIVE_DIGIT_COUNTRIES and kind is CellKind.NUMBER and len(text) < 5:
        return Message("has lost its leading zero: format the cell as text and write it in full")
    return ""


def _shown(text: str) -> str:
    """Make text from outside fit to be shown: no control character acts, and nothing runs on without end."""
    visible = "".join(c if c.isprintable() or c == "\xa0" else f"\\u{ord(c):04x}" for c in text)
    return visible if len(visible) <= _SHOWN_LENGTH else visible[: _SHOWN_LENGTH - 1] + "…"


def _by_place(problem: RefusedRow) -> tuple[int, int]:
    return problem.row, COLUMNS.index(problem.column) if problem.column else -1
