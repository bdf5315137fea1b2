"""Find the readable code that stands beside each page code in recognised text, and put misread characters right.

The code is the form id's first 8 characters and 2 check characters, such as "7F3Q 9X4C-V8". What recognition takes for
another character is tried as those that look like it; only what the check characters bear out is believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from forms.page_code import ALPHABET, REFERENCE_LENGTH, reference

MOST_CANDIDATES = 3
"""So many heads are given for a page: each costs a question to the registry."""

_PRINTED = re.compile(r"(?<!\S)(\S{4}) ?(\S{4}) ?[-–—‐] ?(\S{2})(?!\S)")
_MEANT = str.maketrans("OILU", "011V")
"""Letters that the code does not have, and what is likelier printed there (Crockford's reading for the first three)."""
_LOOKALIKES = ("0DQO", "1I7TJL", "2Z7", "4A", "5S", "6GC", "8B", "9PGI", "VYU", "EF", "KX", "HNMW", "3B8")
_MOST_UNKNOWN = 2


def readable_heads(text: str) -> tuple[str, ...]:
    """Give the form ids' first characters that printed codes in a text may spell, the likeliest first, each once."""
    printed = [match.groups() for match in _PRINTED.finditer(text.upper())]
    heads = [head for groups in printed for head in _spelt("".join(groups[:2]), groups[2])]
    heads += [head for groups in printed for head in _misread("".join(groups[:2]), groups[2])]
    return tuple(dict.fromkeys(heads))[:MOST_CANDIDATES]


def _spelt(head: str, check: str) -> Iterator[str]:
    """The head as it was read, if its check characters bear it out."""
    head, check = head.translate(_MEANT), check.translate(_MEANT)
    if _is_borne_out(head, check):
        yield head


def _misread(head: str, check: str) -> Iterator[str]:
    """Heads with one character exchanged for one that looks like it, and any in place of what is none."""
    unknown = [index for index, character in enumerate(head) if character not in ALPHABET]
    if len(unknown) > _MOST_UNKNOWN:
        return
    for exchanged in _with_one_exchanged(head):
        for characters in product(ALPHABET, repeat=len(unknown)):
            candidate = list(exchanged)
            for index, character in zip(unknown, characters, strict=True):
                candidate[index] = character
            if _is_borne_out("".join(candidate), check.translate(_MEANT)):
                yield "".join(candidate)


def _with_one_exchanged(head: str) -> Iterator[str]:
    yield head
    for index, character in enumerate(head):
        for alike in _LOOKALIKES:
            if character in alike:
                others = (other for other in alike if other != character and other in ALPHABET)
                yield from (head[:index] + other + head[index + 1 :] for other in others)


def _is_borne_out(head: str, check: str) -> bool:
    right_length = len(head) == REFERENCE_LENGTH and all(character in ALPHABET for character in head)
    return right_length and reference(head)[-2:] == check
