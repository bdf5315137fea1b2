"""What a home holds, written so that two runs that came to the same are the same text.

Random ids and digests that depend on them are named after the customer whose form they belong to, moments and salts
only say that they are there, and rows are told apart by what they say and not by their numbers: the order in which
files were read leaves no trace.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
import sqlite3
import stat
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

DATABASE = "registry.sqlite3"
_NOT_COMPARED = frozenset({DATABASE, "archive/anchors"})
"""Files whose bytes differ from run to run; `ruecklauf verify` checks them."""
_RANDOM_COLUMNS = frozenset({"salt", "seed", "entry", "decision_sha256"})
_OF_MOMENTS = frozenset({"registry_inboxline.place"})
"""Columns by table that hold a moment and the number of a row."""
_MOMENT = re.compile(r"(_at|_on)$|^at$|^on$|^in_force_from$")
_LONGEST_TEXT = 120
_EVENT_LINKS = {
    "return": "registry_return",
    "reading": "registry_reading",
    "arrival": "registry_arrival",
    "decision": "registry_humandecision",
}
_CLOCK = re.compile(r"\d\d\.\d\d\.\d{4} \d\d:\d\d")

_ROWS_OF = {
    "registry_batch": "WHERE finished_at IS NULL OR id IN (SELECT batch_id FROM registry_issue)",
}
"""An order that is given again when all is done issues nothing, and books that."""
MAILBOX_FOLDERS = ("mailbox", "mailbox/done", "mailbox/problems")
State = tuple[str, ...]
"""Sorted lines: one per row and per file."""


def read_state(home: Path) -> State:
    """Read a home at which nobody works."""
    with closing(sqlite3.connect(f"file:{home / DATABASE}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        names = _names(connection)
        rows = _Book(connection, names).lines()
    files = [_renamed(_file_line(home, path), names) for path in _everything_in(home)]
    return tuple(sorted([*rows, *files]))


def contents_of(home: Path, folders: Sequence[str]) -> Counter[str]:
    """What lies directly in these folders, by content and however often, whatever its name."""
    return Counter(
        _content(path) for folder in folders if (home / folder).is_dir() for path in (home / folder).iterdir()
    )


def differences(expected: State, found: State) -> list[str]:
    """What is missing (`-`) and what is too much (`+`)."""
    compared = difflib.unified_diff(expected, found, lineterm="", n=0)
    return [line for line in compared if not line.startswith(("---", "+++", "@@"))]


def _names(connection: sqlite3.Connection) -> dict[str, str]:
    """What stands for what is random: each form's id, reference and digests, by customer."""
    query = """SELECT number, form_id, reference, form_sha256, pdf_sha256 FROM registry_issue
               JOIN registry_customer ON registry_customer.id = customer_id ORDER BY registry_issue.id"""
    names: dict[str, str] = {}
    forms_of: Counter[str] = Counter()
    for number, *random in connection.execute(query):
        forms_of[number] += 1
        for value, kind in zip(random, ("id", "reference", "digest", "PDF"), strict=True):
            names[value] = f"<{kind} of form {forms_of[number]} of {number}>"
    return names


class _Book:
    """The registry's rows, each as a line in which other rows are named by a digest of their own line."""

    def __init__(self, connection: sqlite3.Connection, names: dict[str, str]) -> None:
        self._connection = connection
        self._names = names
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'registry_%'"
        self._tables: list[str] = [row["name"] for row in connection.execute(query)]
        self._links = {table: self._links_of(table) for table in self._tables}

    def lines(self) -> list[str]:
        """All tables' rows, and what happened to each subject in a line of its own."""
        lines = [
            f"{table}: {_digest(text)} {text}"
            for table in self._tables
            if table != "registry_event"
            for row in self._connection.execute(f"SELECT * FROM {table} {_ROWS_OF.get(table, '')}")
            for text in [self._text(table, row)]
        ]
        return lines + self._event_lines()

    def _links_of(self, table: str) -> dict[str, tuple[str, str]]:
        links = self._connection.execute(f"PRAGMA foreign_key_list({table})")
        return {row["from"]: (row["table"], row["to"]) for row in links}

    def _text(self, table: str, row: sqlite3.Row) -> str:
        told = {name: self._value(table, name, row[name]) for name in row.keys() if name != "id"}  # noqa: SIM118
        return json.dumps(told, ensure_ascii=False, sort_keys=True)

    def _value(self, table: str, column: str, value: Any) -> object:
        if value is None or value == "":
            return value
        if column in _RANDOM_COLUMNS or _MOMENT.search(column) or f"{table}.{column}" in _OF_MOMENTS:
            return "is there"
        if column in self._links[table]:
            return self._row_digest(*self._links[table][column], value)
        if column == "form_json":  # the random id is printed on the page, in characters of different widths
            return json.dumps(json.loads(value)["customer"], ensure_ascii=False)
        if not isinstance(value, str):
            return value
        text = _renamed(value, self._names)
        return text if len(text) <= _LONGEST_TEXT else f"text {_digest(text)}"

    def _row_digest(self, table: str, key: str, value: object) -> str:
        row = self._connection.execute(f"SELECT * FROM {table} WHERE {key} = ?", (value,)).fetchone()
        return "is lost" if row is None else _digest(self._text(table, row))

    def _event_lines(self) -> list[str]:
        happened = defaultdict(list)
        for row in self._connection.execute("SELECT * FROM registry_event ORDER BY sequence"):
            data = {key: self._event_value(key, value) for key, value in json.loads(row["data"]).items()}
            happened[row["subject"]].append([row["kind"], data, row["actor"], row["program_version"]])
        lines = [f"events of {subject}: {json.dumps(told, ensure_ascii=False)}" for subject, told in happened.items()]
        return [_renamed(line, self._names) for line in lines]

    def _event_value(self, key: str, value: Any) -> object:
        if key in _EVENT_LINKS:
            return self._row_digest(_EVENT_LINKS[key], "id", value)
        return "is there" if key in _RANDOM_COLUMNS else value


def _everything_in(home: Path) -> list[Path]:
    """All entries but the archive's own folders: an empty one of those means nothing."""
    paths = []
    for folder, folders, files in os.walk(home):
        here = Path(folder)
        paths += [here / name for name in files]
        paths += [here / name for name in folders if here != home / "archive"]
    return paths


def _file_line(home: Path, path: Path) -> str:
    place = path.relative_to(home)
    if path.parent.parent == home / "archive" and path.name.startswith(path.parent.name):
        place = Path("archive", "..", path.name)  # the folder is random where the digest is
    name = str(place).encode("utf-8", "backslashreplace").decode()
    return f"file {name!r}: {'is there' if name in _NOT_COMPARED else _content(path)}"


def _content(path: Path) -> str:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return f"link to {path.readlink()}"
    if not stat.S_ISREG(mode):
        return f"kind {stat.S_IFMT(mode):o}"
    if path.name.endswith(".reason.txt"):
        return repr(_CLOCK.sub("(a moment)", path.read_text("utf-8")))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _renamed(text: str, names: dict[str, str]) -> str:
    for value, name in names.items():
        text = text.replace(value, name)
    return text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
