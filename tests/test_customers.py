"""Reading customer lists: every encoding and delimiter that spreadsheets write, workbooks, and rows not to be used."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.customers import COLUMNS, CustomerList, RefusedRow, read_customers
from forms.errors import CustomerFileError, FormsError
from forms.issued_form import Customer

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "ruecklauf" / "sample_customers.csv"
MUELLER = Customer("K-1", "Müller & Söhne GmbH", "Jörg Groß", "Straße 1", "10179", "Berlin", "", "info@mueller.example")
BAKER = Customer("K-2", "Bäckerei", "", "Am Markt 2", "1010", "Wien", "Österreich", "")
HEADER = "number;company;contact;street;postal_code;city;country;email"


def _csv(customers: list[Customer], delimiter: str = ";", header: list[str] | None = None) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header or COLUMNS)
    writer.writerows([getattr(customer, column) for column in COLUMNS] for customer in customers)
    return text.getvalue()


def _read(folder: Path, content: str | bytes) -> CustomerList:
    path = folder / "customers.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_customers(path)


def _row(**changed: str) -> str:
    cells = {"number": "K-1", "company": "Firma", "street": "Weg 1", "postal_code": "10179", "city": "Berlin"} | changed
    return ";".join(cells.get(column, "") for column in COLUMNS)


def _problems(folder: Path, *rows: str) -> list[tuple[int, str]]:
    return [(problem.row, problem.column) for problem in _read(folder, "\n".join([HEADER, *rows])).refused]


def _workbook(folder: Path, rows: list[list[Any]], formats: dict[str, str] | None = None) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    path = folder / "customers.xlsx"
    workbook.save(path)
    return path


def _xlsx_row(**changed: Any) -> list[Any]:
    cells = {"number": "K-1", "company": "Firma", "street": "Weg 1", "postal_code": "10179", "city": "Berlin"} | changed
    return [cells.get(column) for column in COLUMNS]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_delimiter_in_every_encoding_gives_the_same_customers(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    """What spreadsheets write, in any of sixteen ways, is read as the same words, umlauts and all."""
    customers = _read(tmp_path, _csv([MUELLER, BAKER], delimiter).encode(encoding)).customers
    assert [(row.row, row.customer) for row in customers] == [(2, MUELLER), (3, BAKER)]


def test_delimiters_quotes_and_line_breaks_inside_quotes_are_respected(tmp_path: Path) -> None:
    """A company may hold every delimiter and doubled quotes; a line break in an ignored column shifts no row number."""
    text = (
        "number;company;note;street;postal_code;city\r\n"
        'K-1;"A, B; C | ""D"" GmbH";"two\r\nlines";Weg 1;10179;Berlin\r\n'
        "\r\nK-2;E;;Weg 2;10179;Berlin\r\n"
    )
    customers = _read(tmp_path, text)
    assert [row.row for row in customers.customers] == [2, 4]
    assert customers.customers[0].customer.company == 'A, B; C | "D" GmbH'
    assert customers.ignored_columns == ("note",)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(tmp_path: Path, newline: str) -> None:
    """Unix, Windows and old Mac line ends give the same rows; Excel's line “sep=;” counts as none."""
    text = newline.join(["sep=;", HEADER, _row(), _row(number="K-2"), ""])
    assert [row.row for row in _read(tmp_path, text).customers] == [2, 3]


@pytest.mark.parametrize(
    "header",
    [
        "Kundennummer;Firma;Ansprechpartner;Straße;PLZ;Ort;Land;E-Mail",
        "KUNDEN-NR.;Unternehmen;Kontakt;Strasse;Postleitzahl;Stadt;Land;Mail",
        "\u00a0Nummer ;\ufefffirma;ansprech\u00adpartner;STRASSE; plz;ort\u00a0;LAND;e-mail",
        '"Number";Company;Contact;Street;Postal Code;City;Country;Email',
    ],
)
def test_german_and_english_headings_are_understood_however_they_are_written(tmp_path: Path, header: str) -> None:
    """Case, spaces, hyphens, no-break spaces and marks in a heading make no difference."""
    rows = _csv([MUELLER]).split("\r\n", 1)[1]
    customers = _read(tmp_path, f"{header}\r\n{rows}")
    assert [row.customer for row in customers.customers] == [MUELLER]
    assert customers.ignored_columns == ()


def test_columns_may_stand_in_any_order_and_optional_ones_may_be_missing(tmp_path: Path) -> None:
    """Only number, company, street, postal code and city are needed; other columns are listed as ignored."""
    customers = _read(tmp_path, "Umsatz,Ort,PLZ,Straße,Firma,Nummer\n5,Berlin,10179,Weg 1,Firma,K-1\n")
    assert customers.customers[0].customer == Customer("K-1", "Firma", "", "Weg 1", "10179", "Berlin", "", "")
    assert customers.ignored_columns == ("Umsatz",)


def test_words_are_taken_as_they_stand_in_composed_form(tmp_path: Path) -> None:
    """Outer white space goes, letters typed in parts are composed, and nothing else is touched."""
    row = _row(company=" \u00a0Go\u0308g\u0306u\u0308s\u0327  & Co ")
    assert _read(tmp_path, f"{HEADER}\n{row}").customers[0].customer.company == "Göğüş  & Co"


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"number": ""}, "number"),
        ({"number": "K 1"}, "number"),
        ({"number": "../K"}, "number"),
        ({"number": ".."}, "number"),
        ({"number": "K" * 33}, "number"),
        ({"number": "Ä1"}, "number"),
        ({"company": "\u00a0"}, "company"),
        ({"company": "x" * 201}, "company"),
        ({"company": "漢字"}, "company"),
        ({"company": "A\x1b[31mB"}, "company"),
        ({"company": "A\u202eB"}, "company"),
        ({"contact": "?ukasz Müller"}, "contact"),
        ({"street": '"Weg 1\nHof"'}, "street"),
        ({"street": ""}, "street"),
        ({"postal_code": ""}, "postal_code"),
        ({"postal_code": "1067"}, "postal_code"),
        ({"postal_code": "1067", "country": "Deutschland"}, "postal_code"),
        ({"city": ""}, "city"),
        ({"country": "x" * 61}, "country"),
        ({"email": "info"}, "email"),
        ({"email": "a@example.com, b@example.com"}, "email"),
        ({"email": "a@example"}, "email"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, changed: dict[str, str], column: str
) -> None:
    """Missing, misshapen, endless and unprintable values name row and column; the rows around them stay usable."""
    rows = [_row(number="K-8"), _row(**changed), _row(number="K-9")]
    customers = _read(tmp_path, "\n".join([HEADER, *rows]))
    assert [(problem.row, problem.column) for problem in customers.refused] == [(3, column)]
    assert customers.refused[0].reason
    assert [row.customer.number for row in customers.customers] == ["K-8", "K-9"]


def test_all_that_is_wrong_with_a_row_is_told_at_once(tmp_path: Path) -> None:
    """A row with three mistakes has three reasons, in the order of the columns."""
    assert _problems(tmp_path, _row(email="x", number="", postal_code="?")) == [
        (2, "number"),
        (2, "postal_code"),
        (2, "email"),
    ]


def test_a_value_is_shown_without_acting_on_the_terminal(tmp_path: Path) -> None:
    """Control characters of a refused value are written as escapes, and long values are cut."""
    (problem,) = _read(tmp_path, f"{HEADER}\n{_row(company=chr(27) + '[31m' + 'x' * 300)}").refused
    assert problem.value.startswith("\\u001b[31mxxx")
    assert len(problem.value) == 80


def test_a_number_that_stands_twice_is_refused_in_every_row(tmp_path: Path) -> None:
    """Nobody can say which of them is meant, so all go, each naming the others; capitals make no difference."""
    customers = _read(tmp_path, "\n".join([HEADER, _row(), _row(number="K-2"), _row(number="k-1"), _row(city="")]))
    assert [row.customer.number for row in customers.customers] == ["K-2"]
    doubled = [problem for problem in customers.refused if problem.column == "number"]
    assert [problem.row for problem in doubled] == [2, 4, 5]
    assert "row 4, 5 too" in doubled[0].reason


def test_a_stray_delimiter_refuses_the_row_instead_of_shifting_it(tmp_path: Path) -> None:
    """A row with more cells than headings is not read one cell to the side."""
    (problem,) = _read(tmp_path, f"{HEADER};;\nK-1;Firma;;Weg 1;Hof;10179;Berlin;;a@b.example").refused
    assert problem == RefusedRow(2, "", "a@b.example", problem.reason)
    assert "more cells" in problem.reason


@pytest.mark.parametrize("code", ["10179", "01067", "D-10179"])
def test_german_postal_codes_have_five_digits(tmp_path: Path, code: str) -> None:
    """Five digits, with or without the old country letter, are taken as they stand."""
    assert _read(tmp_path, f"{HEADER}\n{_row(postal_code=code)}").customers[0].customer.postal_code == code


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"\xef\xbb\xbf\n\n", "empty"),
        (b"a;b\n1;2\n", "number, company, street, postal_code, city"),
        (b"number;company;street;city\n", "postal_code (postal_code, post code, ZIP"),
        (b"number;Firma;Unternehmen;street;plz;ort\n", "two columns mean company"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "password"),
        (b"PK\x03\x04 broken", "damaged"),
        (HEADER.encode() + b'\nK-1;"Firma;;Weg 1;10179;Berlin\n', "row 2: the quotes"),
        (HEADER.encode() + b'\nK-1;"A" Apotheke;;Weg 1;10179;Berlin\n', "row 2: the quotes"),
        (HEADER.encode("utf-16-le"), "UTF-16"),
        (b"\xff\xfe" + HEADER.encode("utf-16-le") + b"\x00", "UTF-16"),
        (HEADER.encode() + b"\nK-1;" + b"x" * 200_000, "row 2"),
    ],
)
def test_a_list_that_cannot_be_used_at_all_says_why(tmp_path: Path, content: bytes, says: str) -> None:
    """Empty, foreign and damaged files and missing columns give one clear error with a remedy."""
    with pytest.raises(CustomerFileError) as caught:
        _read(tmp_path, content)
    assert isinstance(caught.value, FormsError)
    assert says in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("word", "encoding"),
    [
        ("Müller", "mac-roman"),
        ("Jäger", "mac-roman"),
        ("Straße", "mac-roman"),
        ("Müller", "cp850"),
        ("Jäger", "cp850"),
        ("Wrocław", "cp1250"),
        ("Łódź", "cp1250"),
        ("Paweł", "cp1250"),
        ("Göğüş", "cp1254"),
        ("Łódź", "utf-8"),
        ("Köln", "utf-8"),
    ],
)
def test_text_in_another_encoding_is_refused_and_not_garbled(tmp_path: Path, word: str, encoding: str) -> None:
    """Mac, DOS, East European and Turkish encodings, and UTF-8 that was cut, are told with the line."""
    cut = b"\n\xfc" if encoding == "utf-8" else b""
    with pytest.raises(CustomerFileError, match=r"line [23]: .*CSV UTF-8"):
        _read(tmp_path, f"{HEADER}\n{_row(company=word)}".encode(encoding) + cut)


@pytest.mark.parametrize(
    "company",
    [
        "„Zum Adler“ – Müllers’ Café",
        "São João & Señor Muñoz",
        "Miloš Šešelj",
        "Œuvre d’Art",
        "100 m² §34c · GmbH™ ©",
        "BioÄpfel",
        "Was nun? GmbH",
        "ÅÄ“",
    ],
)
def test_genuine_windows_text_is_not_doubted(tmp_path: Path, company: str) -> None:
    """Western European names, quotes and signs in cp1252 are read as they are."""
    content = f"{HEADER}\n{_row(company=company)}\n{_row(number='K-2', company='Größe')}".encode("cp1252")
    assert _read(tmp_path, content).customers[0].customer.company == company


@given(st.text(st.characters(codec="cp1252", categories=("L", "N", "P", "S")), max_size=20))
def test_text_that_utf8_can_hold_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever a company is called, the list gives its very name or refuses the row: it never gives another one."""
    company = f"X{text}X"
    customer = Customer("K-1", company, "", "Weg 1", "10179", "Berlin", "", "")
    customers = _read(tmp_path_factory.mktemp("list"), _csv([customer]))
    assert [row.customer for row in customers.customers] in ([customer], [])


@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 20))
def test_every_row_of_a_damaged_list_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, start: int, length: int
) -> None:
    """Whatever bytes are struck by accident, the list is refused as a whole or each row is usable or refused."""
    sound = _csv([MUELLER, BAKER]).encode()
    try:
        customers = _read(tmp_path_factory.mktemp("list"), sound[:start] + noise + sound[start + length :])
    except CustomerFileError:
        return
    usable = {row.row for row in customers.customers}
    assert usable.isdisjoint(problem.row for problem in customers.refused)
    assert usable or customers.refused or length


def test_a_workbook_gives_the_same_customers_as_the_csv(tmp_path: Path) -> None:
    """The same list as XLSX is read as the same words, with the row numbers that Excel shows."""
    rows = [[getattr(customer, column) or None for column in COLUMNS] for customer in (MUELLER, BAKER)]
    customers = read_customers(_workbook(tmp_path, [["Kundennr.", *COLUMNS[1:]], rows[0], [], rows[1]]))
    assert [(row.row, row.customer) for row in customers.customers] == [(2, MUELLER), (4, BAKER)]


def test_numbers_in_a_workbook_are_whole_numbers(tmp_path: Path) -> None:
    """A customer number stored as 1001.0 is 1001, and a street that is only a number stays one."""
    row = _xlsx_row(number=1001.0, postal_code=10179, company=1860)
    customer = read_customers(_workbook(tmp_path, [list(COLUMNS), row])).customers[0].customer
    assert (customer.number, customer.postal_code, customer.company) == ("1001", "10179", "1860")


def test_a_leading_zero_is_restored_only_where_the_format_proves_it(tmp_path: Path) -> None:
    """1067 in the format 00000 is 01067; without the format it is refused with advice, and never guessed."""
    rows = [list(COLUMNS), _xlsx_row(postal_code=1067), _xlsx_row(number="K-2", postal_code=1067)]
    customers = read_customers(_workbook(tmp_path, rows, {"E2": "00000"}))
    assert [row.customer.postal_code for row in customers.customers] == ["01067"]
    (problem,) = customers.refused
    assert (problem.row, problem.column, problem.value) == (3, "postal_code", "1067")
    assert "leading zero" in problem.reason


@pytest.mark.parametrize(
    ("country", "usable"), [("Österreich", True), ("Dänemark", True), ("Frankreich", False), ("USA", False)]
)
def test_foreign_postal_codes_are_refused_only_where_a_zero_is_lost_for_sure(
    tmp_path: Path, country: str, usable: bool
) -> None:
    """Four digits stored as a number are a code in Austria, and half a code in France."""
    customers = read_customers(_workbook(tmp_path, [list(COLUMNS), _xlsx_row(postal_code=1010, country=country)]))
    assert bool(customers.customers) is usable


@pytest.mark.parametrize(
    ("changed", "formats", "column", "says"),
    [
        ({"number": 1001.5}, {}, "number", "decimals"),
        ({"number": 1001}, {"A2": '"K-"0'}, "number", "format"),
        ({"number": 12345678901234567}, {}, "number", "15 digits"),
        ({"number": date(2026, 11, 23)}, {}, "number", "date"),
        ({"company": True}, {}, "company", "truth value"),
        ({"street": "=A1&B1"}, {}, "street", "without a stored value"),
        ({"email": "=A1"}, {}, "email", "without a stored value"),
        ({"city": "#N/A"}, {}, "city", "error"),
    ],
)
def test_cells_that_do_not_say_what_staff_see_are_refused(
    tmp_path: Path, changed: dict[str, Any], formats: dict[str, str], column: str, says: str
) -> None:
    """Dates, truth values, errors, formulas without a value and disguised numbers name cell and remedy."""
    customers = read_customers(_workbook(tmp_path, [list(COLUMNS), _xlsx_row(**changed)], formats))
    assert [problem.column for problem in customers.refused] == [column]
    assert says in customers.refused[0].reason


def test_a_formula_counts_by_its_stored_value(tmp_path: Path) -> None:
    """A formula that Excel has worked out is read as what Excel showed."""
    path = _workbook(tmp_path, [list(COLUMNS), _xlsx_row(city='="Ber"&"lin"')])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"<v />", b"<v/>").replace(b"<v></v>", b"<v/>")
    assert sheet.count(b"<v/>") == 1
    sheet = sheet.replace(b"<v/>", b"<v>Berlin</v>").replace(b'<c r="F2"', b'<c r="F2" t="str"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else content)
    assert read_customers(path).customers[0].customer.city == "Berlin"


def test_the_first_visible_sheet_is_read(tmp_path: Path) -> None:
    """A hidden sheet before the list is passed over."""
    workbook = openpyxl.Workbook()
    assert workbook.active is not None
    workbook.active.append(["secret"])
    workbook.active.sheet_state = "hidden"
    for title in ("customers", "other"):
        workbook.create_sheet(title)
    workbook["customers"].append(list(COLUMNS))
    workbook["customers"].append(_xlsx_row())
    workbook.save(tmp_path / "customers.xlsx")
    assert len(read_customers(tmp_path / "customers.xlsx").customers) == 1


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    """A zip bomb is refused by its sizes, before any of it is unpacked."""
    path = _workbook(tmp_path, [list(COLUMNS), _xlsx_row()])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.xml", b"\0" * 61_000_000)
    with pytest.raises(CustomerFileError, match="60 MB"):
        read_customers(path)


def test_damaged_and_foreign_workbooks_are_told(tmp_path: Path) -> None:
    """A zip that is no workbook, one cut short and an OpenDocument file give a clear error and no crash."""
    path = _workbook(tmp_path, [list(COLUMNS), _xlsx_row()])
    whole = path.read_bytes()
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    for content, says in ((whole[:-200], "damaged"), (other.getvalue(), "OpenDocument")):
        with pytest.raises(CustomerFileError, match=says):
            _read(tmp_path, content)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(CustomerFileError, match="damaged, or none"):
        read_customers(path)


def test_an_empty_workbook_and_a_missing_file_are_told(tmp_path: Path) -> None:
    """A workbook without a row, and a path without a file, say so."""
    with pytest.raises(CustomerFileError, match="empty"):
        read_customers(_workbook(tmp_path, []))
    with pytest.raises(CustomerFileError, match="cannot be opened"):
        read_customers(tmp_path / "missing.csv")


def test_the_sample_list_is_usable_and_shows_off_its_letters() -> None:
    """All twelve sample customers can be used, and their names need more than Windows' own letters."""
    customers = read_customers(SAMPLE)
    assert (len(customers.customers), customers.refused, customers.ignored_columns) == (12, (), ())
    assert set("łżşøğÅ") <= set(SAMPLE.read_text(encoding="utf-8-sig"))
    assert all(row.customer.email.endswith(".example") for row in customers.customers)
