"""Names of files that others chose: how they are shown, and how a free name is made from them.

A name is a `str` as the operating system gives it, so bytes that are not UTF-8 are lone surrogates in it.
"""

from __future__ import annotations

import os

_TEMPORARY_ENDINGS = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".swp", "~")
_TEMPORARY_BEGINNINGS = (".", "~$", "~")


def is_temporary(name: str) -> bool:
    """Tell whether scanners, browsers and copy programs use such a name for what they have not finished."""
    folded = name.casefold()
    return folded.startswith(_TEMPORARY_BEGINNINGS) or folded.endswith(_TEMPORARY_ENDINGS)


def printable_name(name: str) -> str:
    """Show a name on one line: what is not printable (line breaks, direction marks, broken bytes) becomes an escape."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in name)


def numbered_name(name: str, number: int, *, ending: str = "", limit_bytes: int = 255) -> str:
    """Return `name (number)` with the number before the extension, then the ending.

    Number 1 adds nothing. The stem is shortened at a whole character so that the result, with the ending, takes at most
    `limit_bytes` bytes.
    """
    stem, extension = os.path.splitext(name)  # noqa: PTH122 - a Path would fold odd names
    if len(os.fsencode(extension)) > 16:
        stem, extension = name, ""
    tail = (f" ({number})" if number > 1 else "") + extension
    return _shortened(stem, limit_bytes - len(os.fsencode(tail + ending))) + tail + ending


def _shortened(text: str, limit_bytes: int) -> str:
    while len(os.fsencode(text)) > limit_bytes:
        text = text[:-1]
    return text
