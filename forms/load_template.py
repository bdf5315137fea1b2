"""Load a template file, or say everything that is wrong with it at once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from forms.errors import FormsError
from forms.glyphs import name_characters, undrawable
from forms.messages import Message
from forms.template import RULE, Template, one_line, option_flaws, placeholder_flaws
from forms.template_mistakes import Mistake, MistakeLocator, TemplateMistakes, explain_errors, show_key
from forms.toml_places import KeyPath, Place, find_places

MAX_TEMPLATE_BYTES = 1_000_000

_FILE_NAME = re.compile(r"(?P<id>[a-z][a-z0-9-]{0,39})\.v(?P<version>[1-9][0-9]{0,2})\.toml")
_NAME = re.compile(r"(?P<id>[a-z][a-z0-9-]{0,39})(?:\.v(?P<version>[1-9][0-9]{0,2}))?")
_UNPRINTED_KEYS = frozenset(
    {"id", "language", "title", "colour", "value", "decides", "tooltip", "option_tooltip", "version"}
)
"""Keys whose text stands on no page: a viewer shows it in a font of its own, or nobody sees it."""
_SYNTAX = (
    (
        "Illegal character '\\n'",
        Message("Illegal character: the line ends within a text"),
        Message("close the text with the same quotes that open it, on the same line"),
    ),
    (
        "Unescaped '\\'",
        Message("Unescaped backslash in a text"),
        Message("write every backslash twice, or put the text in single quotes"),
    ),
    (
        "Unterminated string",
        Message("a text is not closed"),
        Message("close the text with the same quotes that open it"),
    ),
    ("Expected '=' after a key", Message("Expected '=' after a key"), Message("write: key = value")),
    (
        "Invalid value",
        Message("Invalid value"),
        Message("put texts in quotes; write numbers with digits only, and true or false small"),
    ),
    (
        "Cannot overwrite a value",
        Message("Cannot overwrite a value"),
        Message("the key stands twice: keep one of the two"),
    ),
    (
        "Cannot declare",
        Message("a table is declared twice"),
        Message("the table's heading stands twice: keep one, or write [[…]] for the next entry of a list"),
    ),
    (
        "Expected ']'",
        Message("Expected ']' at the end of a heading"),
        Message("write a heading with plain letters, digits, - and _ and close its brackets"),
    ),
    (
        "Unclosed array",
        Message("a list is not closed"),
        Message("close the list with ] and part its entries with commas"),
    ),
    (
        "Expected newline or end of document",
        Message("Expected newline after a value"),
        Message("a quote inside a text needs a backslash before it; one key a line"),
    ),
)
"""How the complaint of Python's reader begins, how it is said to staff, and what to do; others are shown as is."""


@dataclass(frozen=True, slots=True)
class LoadedTemplate:
    """A sound template and the file it came from."""

    template: Template
    sha256: str
    """Digest of the file's bytes."""
    path: Path


class TemplateNotFound(FormsError):
    """There is no template of that name, or its file cannot be opened."""

    code = "template.not_found"


def load_template(path: Path) -> LoadedTemplate:
    """Load a template.

    Raises TemplateMistakes with every mistake in the file, and TemplateNotFound where it cannot be opened.
    """
    data = _read(path)
    text = _decode(data, path)
    raw, places = _parse(text, path)
    locator = MistakeLocator(path, places)
    template, mistakes = _validate(raw, locator)
    mistakes += _broken_rules(raw, locator)
    mistakes += _undrawable_texts(raw, text, locator)
    mistakes += _wrong_file_name(raw, locator)
    if template is None or mistakes:
        raise TemplateMistakes(sorted(mistakes, key=lambda mistake: (mistake.line, mistake.key)))
    return LoadedTemplate(template, hashlib.sha256(data).hexdigest(), path)


def find_template(name: str, folder: Path) -> Path:
    """Find a template's file: a path is taken as it is, an id means its newest version, and id.v2 that version.

    Raises TemplateNotFound with a list of what there is.
    """
    if Path(name).is_file():
        return Path(name)
    available = available_templates(folder)
    wanted = _NAME.fullmatch(name.removesuffix(".toml"))
    if wanted:
        versions = {version: path for (id_, version), path in available.items() if id_ == wanted["id"]}
        version = int(wanted["version"]) if wanted["version"] else max(versions, default=0)
        if version in versions:
            return versions[version]
    what = Message("there is no template “{name}” in {folder}", name=name, folder=folder)
    raise TemplateNotFound(what, _what_there_is(name, available))


def available_templates(folder: Path) -> dict[tuple[str, int], Path]:
    """The template files of a folder by id and version, whatever is in them."""
    found = {}
    for path in sorted(folder.glob("*.toml")):
        match = _FILE_NAME.fullmatch(path.name)
        if match:
            found[match["id"], int(match["version"])] = path
    return found


def _what_there_is(name: str, available: dict[tuple[str, int], Path]) -> str:
    names = [f"{id_}.v{version}" for id_, version in sorted(available)]
    if not names:
        return Message("no template is there at all: check the folder")
    listed = ", ".join(names)
    if close := get_close_matches(name, names, n=1):
        return Message("did you mean {close}? there are: {names}", close=close[0], names=listed)
    return Message("there are: {names}", names=listed)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TEMPLATE_BYTES + 1)
    except OSError as error:
        what = Message("{path} cannot be opened: {why}", path=path, why=error.strerror)
        raise TemplateNotFound(what, Message("check its name and its rights")) from error
    if len(data) > MAX_TEMPLATE_BYTES:
        raise _alone(path, 1, Message("the file is larger than a megabyte"), Message("check that it is a template"))
    return data


def _decode(data: bytes, path: Path) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        remedy = Message("save the file as UTF-8 in your editor (“Save as”, encoding)")
        raise _alone(path, line, Message("a character here is not UTF-8"), remedy) from error
    return text.replace("\r\n", "\n")


def _parse(text: str, path: Path) -> tuple[dict[str, Any], dict[KeyPath, Place]]:
    try:
        return tomllib.loads(text), find_places(text)
    except RecursionError as error:
        what, remedy = Message("lists or tables are nested too deeply"), Message("check the brackets")
        raise _alone(path, 1, what, remedy) from error
    except ValueError as error:  # tomllib's own error is one, and so is that of a number with thousands of digits
        raise _syntax_mistake(text, path, str(error)) from error


def _syntax_mistake(text: str, path: Path, message: str) -> TemplateMistakes:
    at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    known = [(says, remedy) for begins, says, remedy in _SYNTAX if message.startswith(begins)]
    says, remedy = known[0] if known else (message, Message("check quotes, brackets and commas here and just above"))
    if not at:
        return _alone(path, 1, says, remedy)
    complaint = says if known else message[: at.start()]
    if at[1]:
        what = Message("{complaint} (column {column})", complaint=complaint, column=at[2])
        return _alone(path, int(at[1]), what, remedy)
    what = Message("{complaint} (at the end of the file)", complaint=complaint)
    remedy = Message(
        "something is still open: close the list with ], the table with {brace} or the text with its quotes", brace="}"
    )
    return _alone(path, max(text.rstrip("\n").count("\n") + 1, 1), what, remedy)


def _alone(path: Path, line: int, what: str, remedy: str) -> TemplateMistakes:
    """The error for a mistake that hides all others."""
    return TemplateMistakes([Mistake(path, line, "", what, remedy)])


def _validate(raw: dict[str, Any], locator: MistakeLocator) -> tuple[Template | None, list[Mistake]]:
    try:
        return Template.model_validate(raw), []
    except ValidationError as error:
        # The rules between keys are asked again in _broken_rules: the models skip them where a key alone is wrong.
        of_keys = [e for e in error.errors() if e["type"] != RULE or e["loc"] not in {("choice",), ("words",)}]
        return None, explain_errors(of_keys, locator)


def _broken_rules(raw: dict[str, Any], locator: MistakeLocator) -> Iterator[Mistake]:
    """Find broken rules between keys in whatever of the file has the right shape."""
    choice, words = raw.get("choice"), raw.get("words")
    options = choice.get("options") if isinstance(choice, dict) else None
    if isinstance(options, list):
        for flaw in option_flaws([_value_and_subjects(option) for option in options]):
            yield locator.mistake(("choice", *flaw.key), flaw.what, flaw.remedy)
    if isinstance(words, dict):
        texts = {key: text for key, text in words.items() if isinstance(text, str)}
        for flaw in placeholder_flaws(texts):
            yield locator.mistake(("words", *flaw.key), flaw.what, flaw.remedy)


def _value_and_subjects(option: object) -> tuple[str | None, frozenset[str] | None]:
    if not isinstance(option, dict):
        return None, None
    value, decides = option.get("value"), option.get("decides")
    return (
        value if isinstance(value, str) else None,
        frozenset(decides) if isinstance(decides, dict) and decides else None,
    )


def _undrawable_texts(raw: dict[str, Any], text: str, locator: MistakeLocator) -> Iterator[Mistake]:
    for key, value in _printed_texts(raw):
        for character in undrawable(one_line(value)):
            place = locator.places[key]
            offset, named = text.find(character, place.start, place.end), name_characters((character,))
            line, what = place.line, Message("the letter's font cannot draw {character}", character=named)
            if offset >= 0:
                line = text.count("\n", 0, offset) + 1
                column = offset - text.rfind("\n", 0, offset)
                what = Message(
                    "the letter's font cannot draw {character} in column {column}", character=named, column=column
                )
            yield Mistake(locator.path, line, show_key(key), what, Message("replace the character"))


def _printed_texts(value: object, key: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _printed_texts(item, (*key, index))
    elif isinstance(value, dict):
        for name, item in value.items():
            if name not in _UNPRINTED_KEYS:
                yield from _printed_texts(item, (*key, name))


def _wrong_file_name(raw: dict[str, Any], locator: MistakeLocator) -> Iterator[Mistake]:
    id_, version = raw.get("id"), raw.get("version")
    if isinstance(id_, str) and type(version) is int:
        expected = f"{id_}.v{version}.toml"
        if _FILE_NAME.fullmatch(expected) and locator.path.name != expected:
            what = Message(
                "the file is called {name}, but id and version say {expected}",
                name=locator.path.name,
                expected=expected,
            )
            yield locator.mistake(("id",), what, Message("rename the file, or correct id or version"))
