"""Where in a TOML file each key stands: the standard library parses TOML but forgets the lines.

The scanner takes text that `tomllib` has accepted and walks it in the same order. It knows just enough of TOML to tell
where a key, a value or a table begins and ends: https://toml.io/en/v1.0.0.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]
"""Keys and, in arrays, indices from 0: ("choice", "options", 0, "heading")."""

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_OTHER_VALUE = re.compile(r"[^,\]}#\n]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key stands in the text."""

    line: int
    """Line of the key, the table's heading or the array's element; counts from 1."""
    start: int
    """Offset of the value's first character (of the heading itself for a table)."""
    end: int
    """Offset behind the value's last character."""


def find_places(text: str) -> dict[KeyPath, Place]:
    r"""Find every key, table and array element of a TOML text; the root has no place.

    The text must be one that `tomllib.loads` accepts, with "\n" as the only line ending.
    """
    scanner = _Scanner(text)
    scanner.scan()
    return scanner.places


class _Scanner:
    """Walks the text once, from front to back."""

    def __init__(self, text: str) -> None:
        self.places: dict[KeyPath, Place] = {}
        self._text = text
        self._at = 0
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._table_counts: dict[KeyPath, int] = {}

    def scan(self) -> None:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._sees("["):
                table = self._heading()
            else:
                self._entry(table)
            self._skip(_BLANK)

    def _heading(self) -> KeyPath:
        start = self._at
        brackets = "[[" if self._sees("[[") else "["
        self._at += len(brackets)
        *parents, last = self._dotted_key()
        self._at += len(brackets)
        path: KeyPath = ()
        for part in parents:
            path = self._newest((*path, part))
            self._note(path, start)
        path = (*path, last)
        self._note(path, start)
        if brackets == "[[":
            self._table_counts[path] = self._table_counts.get(path, 0) + 1
            path = self._newest(path)
            self._note(path, start)
        return path

    def _newest(self, path: KeyPath) -> KeyPath:
        """The path itself or, where it is an array of tables, that of its newest table."""
        count = self._table_counts.get(path)
        if count is None:
            return path
        return (*path, count - 1)

    def _entry(self, table: KeyPath) -> None:
        start = self._at
        path = table
        for part in self._dotted_key():
            path = (*path, part)
            self._note(path, start)
        self._skip(_SPACES)
        self._at += len("=")
        self._skip(_SPACES)
        self._value(path, start)

    def _dotted_key(self) -> list[str]:
        parts = [self._simple_key()]
        while self._sees("."):
            self._at += 1
            parts.append(self._simple_key())
        return parts

    def _simple_key(self) -> str:
        self._skip(_SPACES)
        if self._sees('"') or self._sees("'"):
            key = str(tomllib.loads(f"key = {self._take(_STRING)}")["key"])
        else:
            key = self._take(_BARE_KEY)
        self._skip(_SPACES)
        return key

    def _value(self, path: KeyPath, key_start: int) -> None:
        start = self._at
        if self._sees("["):
            self._array(path)
        elif self._sees("{"):
            self._inline_table(path)
        elif self._sees('"') or self._sees("'"):
            self._take(_STRING)
        else:
            self._take(_OTHER_VALUE)
        self.places[path] = Place(self._line(key_start), start, self._at)

    def _array(self, path: KeyPath) -> None:
        index = 0
        self._at += 1
        self._skip(_BLANK)
        while not self._sees("]"):
            self._value((*path, index), self._at)
            index += 1
            self._skip_comma()
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        self._skip(_BLANK)
        while not self._sees("}"):
            self._entry(path)
            self._skip_comma()
        self._at += 1

    def _skip_comma(self) -> None:
        self._skip(_BLANK)
        if self._sees(","):
            self._at += 1
            self._skip(_BLANK)

    def _note(self, path: KeyPath, offset: int) -> None:
        if path not in self.places:
            self.places[path] = Place(self._line(offset), offset, offset)

    def _line(self, offset: int) -> int:
        return bisect_left(self._newlines, offset) + 1

    def _sees(self, what: str) -> bool:
        return self._text.startswith(what, self._at)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._at)
        if match:
            self._at = match.end()

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"no TOML at offset {self._at}")
        self._at = match.end()
        return match.group()
