"""The export: one row per customer and template, blank where nothing is in force, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import builders
import openpyxl
import pytest
from book_steps import issue
from builders import ACCEPT, CONFIRMED_AT, RECEIVED_AT, form_id, make_return

from forms.issued_form import LetterGeometry, OptionMeaning
from intake.results import History, ReturnReading, Verdict
from registry import book
from registry.export import ExportFormat, book_rows, write_export

pytestmark = pytest.mark.django_db

COLUMNS = [
    "number",
    "company",
    "template",
    "version",
    "status",
    "variant",
    "clients",
    "servers",
    "signed_on",
    "received_at",
    "confirmed_by",
    "confirmed_at",
    "in_force_from",
    "configured_by",
    "configured_at",
    "evidence",
]


def _accept(_reading: ReturnReading, _history: History) -> Verdict:
    return ACCEPT


def _issue(number: int, company: str = "Łódź & Söhne GmbH", letter: LetterGeometry | None = None) -> None:
    customer = builders.make_customer(f"K-{number}", company)
    issued = builders.make_issued(form_id(number), customer, letter)
    assert issue(issued) is None


def _answer(number: int, variant: str = "A", *, by: str = "Petra") -> None:
    data = f"%PDF-1.7 {number}".encode()
    reading = builders.make_document(data, [make_return(form_id(number), variant=variant)])
    booked = book.book_document(book.ReceivedBytes(data, "scan.pdf", "mailbox", RECEIVED_AT), reading, _accept)
    book.confirm([booked.returns[0].return_id], by=by, at=CONFIRMED_AT)


def _exported(form: ExportFormat, template: str | None = None) -> bytes:
    file = io.BytesIO()
    write_export(file, form, template)
    return file.getvalue()


def _csv_rows() -> list[dict[str, str]]:
    text = _exported(ExportFormat.CSV).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def _xlsx_rows() -> list[list[object]]:
    book_read = openpyxl.load_workbook(io.BytesIO(_exported(ExportFormat.XLSX)))
    return [list(row) for row in book_read["Export"].iter_rows(values_only=True)]


def test_columns_are_as_promised_in_every_format() -> None:
    """The columns come in the documented order, with one for each subject that the template decides."""
    _issue(1)
    assert list(book_rows()[0]) == COLUMNS
    assert _exported(ExportFormat.CSV).startswith(b"\xef\xbb\xbfnumber;company;")
    assert list(_csv_rows()[0]) == COLUMNS
    assert _xlsx_rows()[0] == COLUMNS
    assert list(json.loads(_exported(ExportFormat.JSON))[0]) == COLUMNS


def test_without_a_confirmed_return_nothing_is_said() -> None:
    """A customer who has not answered, or whose answer nobody confirmed, gets blanks and never a default."""
    _issue(1)
    data = b"%PDF-1.7 unconfirmed"
    reading = builders.make_document(data, [make_return(form_id(1))])
    book.book_document(book.ReceivedBytes(data, "scan.pdf", "mailbox", RECEIVED_AT), reading, _accept)
    (row,) = json.loads(_exported(ExportFormat.JSON))
    assert row["status"] == "returned"
    assert {column: row[column] for column in COLUMNS[5:]} == dict.fromkeys(COLUMNS[5:])
    assert [_csv_rows()[0][column] for column in COLUMNS[5:]] == [""] * 11
    assert _xlsx_rows()[1][5:] == [None] * 11


def test_a_confirmed_return_is_given_with_its_evidence() -> None:
    """What is in force comes with what it decides, its dates kept apart, and the digest of the scan."""
    _issue(1)
    _answer(1, "A")
    book.record_configured("K-1", "remote-support", by="Uwe", on=date(2026, 10, 15))
    (row,) = json.loads(_exported(ExportFormat.JSON))
    assert row == {
        "number": "K-1",
        "company": "Łódź & Söhne GmbH",
        "template": "remote-support",
        "version": 1,
        "status": "in_force",
        "variant": "A",
        "clients": "A",
        "servers": "B",
        "signed_on": "2026-10-10",
        "received_at": "2026-10-12T09:30:00Z",
        "confirmed_by": "Petra",
        "confirmed_at": "2026-10-13T22:30:00Z",
        "in_force_from": "2026-10-14",
        "configured_by": "Uwe",
        "configured_at": "2026-10-15",
        "evidence": builders.sha256(b"%PDF-1.7 1"),
    }
    assert _csv_rows()[0] == {column: str(value) for column, value in row.items()}
    assert _xlsx_rows()[1][8] == datetime(2026, 10, 10)  # noqa: DTZ001  # openpyxl gives dates so


def test_after_a_withdrawal_nothing_is_said() -> None:
    """Who withdrew has no variant any more."""
    _issue(1)
    _answer(1)
    book.withdraw("K-1", "remote-support", on=datetime.now(UTC).date(), reason="by phone", by="Petra")
    (row,) = json.loads(_exported(ExportFormat.JSON))
    assert row["status"] == "withdrawn"
    assert {column: row[column] for column in COLUMNS[5:]} == dict.fromkeys(COLUMNS[5:])


def test_one_row_for_customer_and_template() -> None:
    """A newer open form hides nothing that is in force; another template has a row of its own."""
    _issue(1)
    _answer(1, "B")
    newer = builders.make_letter(version=2, wording="second")
    other = builders.make_letter(template="backup", wording="other")
    for number, letter in ((2, newer), (3, other)):
        issued = builders.make_issued(form_id(number), builders.make_customer("K-1"), letter)
        assert issue(issued) is None
    rows = json.loads(_exported(ExportFormat.JSON))
    assert [(row["template"], row["version"], row["variant"]) for row in rows] == [
        ("backup", 1, None),
        ("remote-support", 1, "B"),
    ]
    assert len(json.loads(_exported(ExportFormat.JSON, "backup"))) == 1


def test_a_subject_never_takes_the_place_of_a_column() -> None:
    """A template may decide something called like one of our columns: both are kept."""
    options = tuple(OptionMeaning(option, option, {"status": f"chose {option}"}) for option in "AB")
    _issue(1, letter=replace(builders.make_letter(), options=options))
    _answer(1, "B")
    (row,) = json.loads(_exported(ExportFormat.JSON))
    assert (row["status"], row["decides_status"]) == ("in_force", "chose B")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_cell_becomes_a_formula(start: str) -> None:
    """Text that a spreadsheet might take for a formula stays text, in CSV and in XLSX; JSON leaves it as it is."""
    evil = f'{start}HYPERLINK("http://example.org";"x")'
    _issue(1, evil)
    _answer(1, by=f"{start}Petra")
    assert _csv_rows()[0]["company"] == f"'{evil}"
    assert _csv_rows()[0]["confirmed_by"] == f"'{start}Petra"
    sheet = openpyxl.load_workbook(io.BytesIO(_exported(ExportFormat.XLSX)))["Export"]
    cell = sheet.cell(2, 2)
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")
    assert json.loads(_exported(ExportFormat.JSON))[0]["company"] == evil


def test_separators_quotes_and_control_characters_stay_in_their_cell() -> None:
    """A company's name can't open a second cell or row, and what XLSX can't write is replaced, not fatal."""
    name = 'A;B "C"\r\n=D\x01'
    _issue(1, name)
    (row,) = _csv_rows()
    assert row["company"] == name
    assert "\ufffd" in str(_xlsx_rows()[1][1])


def test_an_empty_book_gives_an_empty_export() -> None:
    """Without customers there are column names and no rows."""
    assert _csv_rows() == []
    assert len(_xlsx_rows()) == 1
    assert json.loads(_exported(ExportFormat.JSON)) == []
