"""Mistakes in a template file, told so that staff can mend them: file, line, key, what is wrong and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from forms.errors import FormsError
from forms.messages import Message
from forms.template import COLOUR_PATTERN, ID_PATTERN, OPTION_PATTERN, RULE, SUBJECT_PATTERN, Template
from forms.toml_places import KeyPath, Place

_PATTERNS = {
    ID_PATTERN: Message("use at most 40 small letters, digits and hyphens, beginning with a letter"),
    COLOUR_PATTERN: Message('write # and six digits of 0-9 and a-f, like "#17365d"'),
    OPTION_PATTERN: Message('write one capital letter, like "A"'),
    SUBJECT_PATTERN: Message("use small letters, digits and underscores, beginning with a letter"),
}
_KINDS = {
    str: Message("a text"),
    bool: Message("true or false"),
    int: Message("a whole number"),
    float: Message("a number"),
    list: Message("a list"),
    dict: Message("a table"),
}
_WANTED = {
    "string_type": (_KINDS[str], Message("put it in quotes")),
    "int_type": (_KINDS[int], Message("write it without quotes and without a decimal point")),
    "float_type": (_KINDS[float], Message("write it without quotes, with a decimal point")),
    "bool_type": (_KINDS[bool], Message("write true or false, small and without quotes")),
    "dict_type": (
        _KINDS[dict],
        Message("write it in braces: {example}", example='{ subject = "what the option decides" }'),
    ),
    "tuple_type": (_KINDS[list], Message("write its entries in square brackets, parted by commas")),
    "model_type": (
        _KINDS[dict],
        Message("write its name in square brackets on a line of its own, and its keys beneath"),
    ),
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a template file."""

    path: Path
    line: int
    """Counts from 1."""
    key: str
    """Like choice.options[0].heading; empty where the file as a whole is meant."""
    what: str
    remedy: str

    def __str__(self) -> str:
        key = f" {self.key}:" if self.key else ""
        return f"{self.path}:{self.line}:{key} {self.what} — {self.remedy}"


class TemplateMistakes(FormsError):
    """A template file has mistakes; lists all of them, one a line."""

    code = "template.mistakes"

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        many = Message("the template has {count} mistakes", count=len(mistakes))
        what = Message("the template has one mistake") if len(mistakes) == 1 else many
        super().__init__(what, Message("mend the lines named"))
        self.mistakes = tuple(mistakes)

    def __str__(self) -> str:
        return "\n".join(str(mistake) for mistake in self.mistakes)


class MistakeLocator:
    """Turns a key and a complaint into a mistake with its line."""

    def __init__(self, path: Path, places: Mapping[KeyPath, Place]) -> None:
        self.path = path
        self.places = places

    def mistake(self, key: KeyPath, what: str, remedy: str) -> Mistake:
        """Make the mistake; a key that is not in the file has the line of the table it belongs in."""
        return Mistake(self.path, self._line(key), show_key(key), what, remedy)

    def _line(self, key: KeyPath) -> int:
        while key and key not in self.places:
            key = key[:-1]
        return self.places[key].line if key else 1


def show_key(key: KeyPath) -> str:
    """Write a key path as staff read it: choice.options[0].heading."""
    shown = ""
    for part in key:
        if isinstance(part, int):
            shown += f"[{part}]"
        else:
            name = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"'
            shown += f".{name}" if shown else name
    return shown


def explain_errors(errors: Sequence[ErrorDetails], locator: MistakeLocator) -> list[Mistake]:
    """Turn the model's validation errors into mistakes; a misspelt key is one, not an unknown and a missing one."""
    missing = {_key(error) for error in errors if error["type"] == "missing"}
    meant: set[KeyPath] = set()
    mistakes = []
    for error in errors:
        if error["type"] == "extra_forbidden":
            key = _key(error)
            suggestion = _suggest(key, missing)
            if suggestion in missing:
                meant.add(suggestion)
            mistakes.append(_unknown_key(key, suggestion, locator))
    for error in errors:
        key = _key(error)
        if error["type"] == "extra_forbidden" or key in meant or _counts_only_sound_entries(error):
            continue
        mistakes.append(locator.mistake(key, *_explain(error, key)))
    return mistakes


def _key(error: ErrorDetails) -> KeyPath:
    # A dictionary's bad key is reported as (..., "the key", "[key]").
    return tuple(part for part in error["loc"] if part != "[key]")


def _counts_only_sound_entries(error: ErrorDetails) -> bool:
    """Tell whether a list is called too short only because entries with mistakes of their own were not counted."""
    entries = error["input"]
    return error["type"] == "too_short" and isinstance(entries, list) and len(entries) >= error["ctx"]["min_length"]


def _explain(error: ErrorDetails, key: KeyPath) -> tuple[str, str]:
    """Say what is wrong and what to do."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == RULE:
        return context["what"], context["remedy"]  # as they were given: what is a message stays one
    if kind == "missing":
        return _explain_missing(key)
    if kind in _WANTED:
        return _explain_wrong_type(kind, value, key)
    if kind == "string_pattern_mismatch":
        return Message("“{value}” is not of the right form", value=value), _PATTERNS[context["pattern"]]
    return _explain_limits(kind, value, context) or (error["msg"], Message("correct the value"))


def _explain_missing(key: KeyPath) -> tuple[str, str]:
    if _is_model(_annotation(key)):
        remedy = Message("add a line [{table}] and its keys beneath", table=show_key(key))
        return Message("this table is missing"), remedy
    if len(key) > 1:
        remedy = Message("add a line “{key} = …” under [{table}]", key=key[-1], table=show_key(key[:-1]))
    else:
        remedy = Message("add a line “{key} = …” at the top of the file", key=key[-1])
    return Message("this key is missing"), remedy


def _explain_wrong_type(kind: str, value: object, key: KeyPath) -> tuple[str, str]:
    wanted, remedy = _WANTED[kind]
    if kind == "tuple_type" and isinstance(value, dict):
        remedy = Message("write its heading with double brackets: [[{key}]]", key=show_key(key))
    if kind == "model_type" and isinstance(value, list):
        remedy = Message("write its heading with single brackets: [{key}]", key=show_key(key))
    found = _KINDS.get(type(value), Message("a date or time"))
    return Message("must be {wanted}, but is {found}", wanted=wanted, found=found), remedy


def _explain_limits(kind: str, value: object, context: Mapping[str, Any]) -> tuple[str, str] | None:
    match kind:
        case "too_short" if isinstance(value, str):
            return Message("is empty"), Message("write the text")
        case "too_short":
            least, found = context["min_length"], len(value) if isinstance(value, list | dict) else 0
            what = Message("has {found} of at least {least} entries", found=found, least=least)
            return what, Message("add what is missing")
        case "too_long":
            # The number found is not always known here: counting stops at the first entry too many.
            what = Message("has more than {most} entries", most=context["max_length"])
            return what, Message("take entries out or join some")
        case "greater_than_equal":
            what = Message("is {value}, but must be at least {least}", value=value, least=context["ge"])
            return what, Message("write a larger number")
        case "less_than_equal":
            what = Message("is {value}, but must be at most {most}", value=value, most=context["le"])
            return what, Message("write a smaller number")
        case "literal_error":
            what = Message("is {value}, but must be {expected}", value=repr(value), expected=context["expected"])
            return what, Message("write one of them, with its quotes")
    return None


def _unknown_key(key: KeyPath, suggestion: KeyPath | None, locator: MistakeLocator) -> Mistake:
    if suggestion is not None:
        remedy = Message("did you mean “{key}”?", key=suggestion[-1])
    else:
        remedy = Message("remove it, or use one of: {keys}", keys=", ".join(_known_keys(key[:-1])))
    return locator.mistake(key, Message("there is no such key"), remedy)


def _suggest(key: KeyPath, missing: set[KeyPath]) -> KeyPath | None:
    """The known key nearest to an unknown one, those first that are missing from the same table."""
    parent, written = key[:-1], str(key[-1]).casefold()
    known = _known_keys(parent)
    for candidates in ([name for name in known if (*parent, name) in missing], known):
        close = get_close_matches(written, candidates, n=1)
        if close:
            return (*parent, close[0])
    return None


def _known_keys(table: KeyPath) -> list[str]:
    annotation = _annotation(table)
    return list(annotation.model_fields) if _is_model(annotation) else []


def _annotation(key: KeyPath) -> Any:
    """The type that the models give a key; None where they have no such key."""
    annotation: Any = Template
    for part in key:
        if isinstance(part, int):
            annotation = get_args(annotation)[0] if get_origin(annotation) is tuple else None
        elif _is_model(annotation) and part in annotation.model_fields:
            annotation = _without_none(annotation.model_fields[part].annotation)
        else:
            return None
    return annotation


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        return next(kind for kind in get_args(annotation) if kind is not NoneType)
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
