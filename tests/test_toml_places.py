"""Where keys stand in a TOML text, held against what the standard library reads from the same text."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from forms.toml_places import KeyPath, find_places

_TRICKY = "#[]{}=,.\"'\\ \n\täß€"
_WORDS = st.text(st.sampled_from(_TRICKY + "ab1_-"), max_size=12)
_SCALARS = st.one_of(
    st.integers(-(2**40), 2**40), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), _WORDS
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_WORDS, inner, max_size=3)),
    max_leaves=8,
)
_TABLES = st.dictionaries(_WORDS, _VALUES, max_size=4)


def _either_way(draw: st.DataObject) -> bool:
    return draw.draw(st.booleans())


def _key(key: str, draw: st.DataObject) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    if bare and _either_way(draw):
        return key
    if "'" not in key and "\n" not in key and _either_way(draw):
        return f"'{key}'"
    return json.dumps(key)


def _string(text: str, draw: st.DataObject) -> str:
    styles = ["basic", "multi-line basic"]
    styles += [] if "'" in text or "\n" in text else ["literal"]
    styles += [] if "'''" in text or "'" in text[-1:] or "\t" in text else ["multi-line literal"]
    match draw.draw(st.sampled_from(styles)):
        case "literal":
            return f"'{text}'"
        case "multi-line literal":
            return f"'''\n{text}'''"
        case "multi-line basic":
            # Quotes need a backslash only where three of them would close the text.
            inner = text.replace("\\", "\\\\").replace('"""', '""\\"')
            return f'"""\n{inner}"""'
    return json.dumps(text)


def _value(value: Any, draw: st.DataObject, *, on_one_line: bool = False) -> str:
    if isinstance(value, str):
        return json.dumps(value) if on_one_line else _string(value, draw)
    if isinstance(value, list):
        gap = "" if on_one_line else draw.draw(st.sampled_from(["", "\n", " # ] a remark\n  "]))
        comma = "," if value and _either_way(draw) else ""
        items = f",{gap} ".join(_value(item, draw, on_one_line=on_one_line) for item in value)
        return f"[{gap}{items}{gap}{comma}{gap}]"
    if isinstance(value, dict):
        pairs = (f"{_key(key, draw)} = {_value(item, draw, on_one_line=True)}" for key, item in value.items())
        return "{ " + ", ".join(pairs) + " }"
    return json.dumps(value) if isinstance(value, bool) else repr(value)


def _document(tables: dict[str, Any], draw: st.DataObject) -> str:
    """Write a document: keys first, then a table or an array of tables for each name."""
    lines = [f"{_key(key, draw)} = {_value(value, draw)}" for key, value in draw.draw(_TABLES).items()]
    for name, content in tables.items():
        heading = _key("table " + name, draw)
        if _either_way(draw):
            lines += [
                f"[{heading}] # [remark]",
                *(f" {_key(k, draw)}={_value(v, draw)} # x" for k, v in content.items()),
            ]
            continue
        for _ in range(draw.draw(st.integers(1, 3))):
            lines += [f"[[ {heading} ]]", *(f"{_key(k, draw)} = {_value(v, draw)}" for k, v in content.items())]
            lines += [f"[{heading} . sub]", "deep.er = 1"] if "sub" not in content else []
    return "\n\n".join(lines) + draw.draw(st.sampled_from(["", "\n", "\n# the end"]))


def _paths(value: Any, path: KeyPath = ()) -> dict[KeyPath, Any]:
    """Every path in a parsed document, with what stands there."""
    found: dict[KeyPath, Any] = {path: value} if path else {}
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, inner in entries:
        found |= _paths(inner, (*path, part))
    return found


@given(st.dictionaries(_WORDS, _TABLES, max_size=3), st.data())
def test_every_key_is_found_where_its_value_stands(tables: dict[str, Any], draw: st.DataObject) -> None:
    """The scanner finds just the keys that tomllib finds, and the text at each place parses to the value there."""
    text = _document(tables, draw)
    expected = _paths(tomllib.loads(text))
    places = find_places(text)
    assert set(places) == set(expected)
    for path, place in places.items():
        if place.end > place.start:
            assert tomllib.loads(f"value = {text[place.start : place.end]}")["value"] == expected[path]


@given(st.dictionaries(_WORDS, _TABLES, max_size=3), st.data())
def test_the_line_named_is_where_the_key_is_written(tables: dict[str, Any], draw: st.DataObject) -> None:
    """Cutting the text off before a key's line makes the key disappear; no earlier line mentions it."""
    text = _document(tables, draw)
    places = find_places(text)
    lines = text.split("\n")
    for path, place in places.items():
        if len(path) == 1:
            assert path not in find_places("\n".join(lines[: place.line - 1]))


def test_lines_of_the_usual_shapes() -> None:
    """Tables, arrays of tables, elements, inline tables and texts over several lines have the lines one sees."""
    text = '\n[a]\nb = [\n  1,\n  2 ]\n[[c.d]]\ne = """\n\n"""\nf = { g = 1 }\n[[c.d]]\n[c.d.h]\ni.j = 2'
    lines = {path: place.line for path, place in find_places(text).items()}
    assert lines == {
        ("a",): 2,
        ("a", "b"): 3,
        ("a", "b", 0): 4,
        ("a", "b", 1): 5,
        ("c",): 6,
        ("c", "d"): 6,
        ("c", "d", 0): 6,
        ("c", "d", 0, "e"): 7,
        ("c", "d", 0, "f"): 10,
        ("c", "d", 0, "f", "g"): 10,
        ("c", "d", 1): 11,
        ("c", "d", 1, "h"): 12,
        ("c", "d", 1, "h", "i"): 13,
        ("c", "d", 1, "h", "i", "j"): 13,
    }
