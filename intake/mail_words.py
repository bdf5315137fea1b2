"""The words of a mail as plain text: decoded whatever their charset claims, HTML never rendered."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from html.parser import HTMLParser
from urllib.parse import unquote

_LONGEST_HTML = 2_000_000
"""Characters of one HTML text that are looked at."""
_FALLBACK_CHARSETS = ("utf-8", "cp1252")
_CID = re.compile(r"""cid:([^"'\s<>)]{1,300})""", re.IGNORECASE)
_NOT_SHOWN = frozenset({"script", "style", "head", "title", "template"})
_NEW_LINE = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "blockquote", "table", "hr"})
_BLANK_LINES = re.compile(r"\n{3,}")


def decoded(data: bytes, charset: str | None) -> str:
    """Decode a text: as it says, else as UTF-8, else as Windows does, with signs for what fits nowhere."""
    for candidate in (charset, *_FALLBACK_CHARSETS):
        try:
            return data.decode(candidate or "utf-8")
        except (LookupError, ValueError):  # the charset is unknown, or the text is in another one
            continue
    return data.decode("latin-1")


def text_of_html(source: str) -> str:
    """Give the words of an HTML text, a line for each of its blocks."""
    reader = _Words()
    reader.feed(source[:_LONGEST_HTML])
    return html.unescape("".join(reader.words))


def pictures_in_html(source: str) -> frozenset[str]:
    """Give the content ids of the pictures that an HTML text shows."""
    return frozenset(unquote(found) for found in _CID.findall(source[:_LONGEST_HTML]))


def plain(text: str) -> str:
    """Keep what a person reads: no control signs, no marks that turn the direction, no long gaps."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    kept = ("".join(sign for sign in line if unicodedata.category(sign) not in _UNSEEN).rstrip() for line in lines)
    return _BLANK_LINES.sub("\n\n", "\n".join(kept)).strip()


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def joined(texts: Sequence[str], longest: int) -> str:
    """Join texts, at most so many characters of them; what is left out is said."""
    text = "\n\n".join(filter(None, texts))
    return text if len(text) <= longest else f"{text[:longest]}\n[…]"


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._hidden += tag in _NOT_SHOWN
        if tag in _NEW_LINE:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _NOT_SHOWN and self._hidden > 0
        if tag in _NEW_LINE:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data.replace("\n", " "))
