"""Read a customer list from a CSV file of any delimiter and of the encodings that spreadsheets write."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from io import StringIO

from forms.customer_table import MAX_ROWS, Cell, CustomerTable, Row, make_table
from forms.errors import CustomerFileError
from forms.messages import Message

_DELIMITERS = ";,\t|"
_SAVE_AS_UTF8 = Message("save the list as “CSV UTF-8” in the spreadsheet program")
_CUT_UTF8 = re.compile(rb"[\xc2-\xc5][\x80-\x90\x95\x98-\x9f\xa1-\xaa\xac-\xb3\xb5-\xba\xbc-\xbf]")
"""In cp1252 a letter of Â to Å followed by a sign or bracket that never follows one: the remains of UTF-8."""
_LETTER = r"[^\W\d_]"
_SIGNS = (
    "\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u2039\u203a\u201c\u201d\u2022\u02dc"
    "\xa1-\xa7\xa9\xab-\xad\xaf\xb1-\xb3\xb5\xb6\xb8\xb9\xbb-\xbf\xd7\xf7"
)
_GARBLED = re.compile(
    f"{_LETTER}[{_SIGNS}](?={_LETTER})"
    f"|[£¤¥¦¯±¹³¼¾](?={_LETTER})|{_LETTER}¿|{_LETTER}{{4}}³"
    f"|{_LETTER}[ŠŽŸŒ](?=[a-z\xdf-\xff])|[a-z\xdf-\xff][ŠŽŸŒ]"
    "|[ÐðÞþ]"
)
"""What text of another encoding looks like in cp1252: signs in words, Š, Ž, Ÿ or Œ after small letters, and Icelandic
letters, which are far more often Turkish ones in a German office. A list wrongly doubted is only saved as UTF-8."""


def read_csv(data: bytes, recognise: Callable[[str], bool]) -> CustomerTable:
    """Read a CSV file; of the delimiters the one that gives most headings that `recognise` knows is taken.

    Raises CustomerFileError where encoding or quoting leave any doubt about the text.
    """
    text = _without_separator_line(_decode(data))
    delimiter = _find_delimiter(text, recognise)
    rows = list(_rows(text, delimiter))
    if not rows:
        raise CustomerFileError(
            Message("the list is empty"), Message("write the headings in the first row and a customer in each below")
        )
    return make_table(rows, surplus_is_shifted=True)


def _decode(data: bytes) -> str:
    is_utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = _decode_strictly(data, "utf-16") if is_utf16 else _decode_eight_bits(data)
    if "\0" in text:
        raise CustomerFileError(Message("the list is not a text file, or is UTF-16 without its mark"), _SAVE_AS_UTF8)
    return text


def _decode_eight_bits(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if data.startswith(b"\xef\xbb\xbf") or _CUT_UTF8.search(data):
            raise _undecodable(data, error, "UTF-8") from error
    text = _decode_strictly(data, "cp1252")
    garbled = _GARBLED.search(text)
    if garbled:
        line = text.count("\n", 0, garbled.start()) + 1
        word = _word_at(text, garbled.end() - 1)
        what = Message("line {line}: “{word}” looks as if the list were in another encoding", line=line, word=word)
        raise CustomerFileError(what, _SAVE_AS_UTF8)
    return text


def _decode_strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(data, error, encoding) from error


def _undecodable(data: bytes, error: UnicodeDecodeError, encoding: str) -> CustomerFileError:
    line = data.count(b"\n", 0, error.start) + 1
    name = {"cp1252": Message("UTF-8 or Windows (cp1252)"), "utf-16": "UTF-16"}.get(encoding, encoding)
    return CustomerFileError(
        Message("line {line}: a character is not {encoding}", line=line, encoding=name), _SAVE_AS_UTF8
    )


def _word_at(text: str, offset: int) -> str:
    before = re.search(r"\S*$", text[max(0, offset - 20) : offset])
    after = re.match(r"\S{0,20}", text[offset:])
    return (before[0] if before else "") + (after[0] if after else "")


def _without_separator_line(text: str) -> str:
    """Take away the line “sep=;” that tells Excel the delimiter and that Excel does not show."""
    return re.sub(r"\A\"?sep=.\"?(?:\r\n|\r|\n)", "", text, flags=re.IGNORECASE)


def _find_delimiter(text: str, recognise: Callable[[str], bool]) -> str:
    def headings_known(delimiter: str) -> int:
        try:
            first = next((row for row in _records(text, delimiter) if any(row)), [])
        except csv.Error:
            return -1
        return sum(recognise(heading) for heading in first)

    return max(_DELIMITERS, key=headings_known)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    number = 0
    try:
        for number, record in enumerate(_records(text, delimiter), 1):
            if number > MAX_ROWS:
                what = Message("the list has more than {most} rows", most=MAX_ROWS)
                raise CustomerFileError(what, Message("part it into several lists"))
            cells = tuple(Cell(value.strip()) for value in record)
            if any(cell.text for cell in cells):
                yield Row(number, cells)
    except csv.Error as error:
        what = Message("row {row}: the quotes of a cell do not match ({error})", row=number + 1, error=error)
        raise CustomerFileError(what, Message("open and save the list in a spreadsheet program")) from error
