"""The page code: which form and which page a sheet of paper is, for machines (DataMatrix) and for people.

The content is at most 31 characters of the C40 set, so that it fits 20 × 20 modules; the 24 used now fit 18 × 18::

    RL1  7F3Q9X4CBDEFGHJK  1     WXYZ
    │    │                 │     └ 20 bits of CRC-32 over all before, as 4 characters
    │    │                 └ page, 1 to 31, as one character
    │    └ form id: 80 random bits, as 16 characters
    └ scheme

Characters are Crockford's base 32 (no I, L, O, U). The code holds no name and no number of the customer; an id is
unguessable, so it needs no key.
"""

from __future__ import annotations

import secrets
import zlib
from dataclasses import dataclass

import numpy as np
import zxingcpp
from numpy.typing import NDArray

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SCHEME = "RL1"
FORM_ID_LENGTH = 16
REFERENCE_LENGTH = 8
MAX_PAGES = 31

_CHECK_LENGTH = 4
_CODE_LENGTH = len(SCHEME) + FORM_ID_LENGTH + 1 + _CHECK_LENGTH
# The largest prime below 32²: two check characters. As 32 and 31 are no multiples of it, every single wrong character
# and every swap of two neighbours changes the remainder.
_REFERENCE_MODULUS = 1021


@dataclass(frozen=True, slots=True)
class PageCode:
    """What a page code says."""

    form_id: str
    page: int
    """Counts from 1."""


def new_form_id() -> str:
    """Draw the 80 random bits that name a form, as 16 characters."""
    return _to_base32(secrets.randbits(80), FORM_ID_LENGTH)


def form_id_from(digest: bytes) -> str:
    """Spell the first 80 bits of a secret digest as a form id."""
    return _to_base32(int.from_bytes(digest[:10], "big"), FORM_ID_LENGTH)


def code_content(code: PageCode) -> str:
    """Spell a page code as the DataMatrix carries it; raises ValueError for a page outside 1 to 31."""
    if not 1 <= code.page <= MAX_PAGES:
        raise ValueError(f"a page code counts pages from 1 to {MAX_PAGES}, not {code.page}")
    body = SCHEME + code.form_id + ALPHABET[code.page]
    return body + _check(body)


def parse_code(content: str) -> PageCode | None:
    """Understand what a DataMatrix said; None for a code that is not ours or fails its checksum."""
    if len(content) != _CODE_LENGTH or not content.startswith(SCHEME):
        return None
    body, check = content[:-_CHECK_LENGTH], content[-_CHECK_LENGTH:]
    form_id, page = body[len(SCHEME) : -1], body[-1]
    if any(character not in ALPHABET for character in form_id + page) or check != _check(body):
        return None
    if page == ALPHABET[0]:
        return None
    return PageCode(form_id, ALPHABET.index(page))


def reference(form_id: str) -> str:
    """Spell the readable code: the id's first 8 characters and 2 check characters, such as "7F3Q 9X4C-V8"."""
    head = form_id[:REFERENCE_LENGTH]
    return f"{head[:4]} {head[4:]}-{_reference_check(head)}"


def code_modules(content: str) -> NDArray[np.bool_]:
    """Draw a DataMatrix: a square array of modules, True where black, without quiet zone."""
    barcode = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    image: NDArray[np.uint8] = np.asarray(barcode.to_image(scale=1, add_quiet_zones=False))
    return np.asarray(image == 0)


def code_runs(modules: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """Find the black runs of a code: row, first column, and the column after the last; all count from 0."""
    rows, columns = modules.shape
    framed = np.zeros((rows, columns + 2), np.int8)
    framed[:, 1:-1] = modules
    # Every row begins and ends white, so that the edges of all rows in one line pair up.
    edges = np.flatnonzero(np.diff(framed.ravel())).tolist()
    width = columns + 2
    return [(at // width, at % width, end % width) for at, end in zip(edges[::2], edges[1::2], strict=True)]


def _check(body: str) -> str:
    return _to_base32(zlib.crc32(body.encode("ascii", "replace")) & 0xFFFFF, _CHECK_LENGTH)


def _reference_check(head: str) -> str:
    number = 0
    for character in head:
        number = number * 32 + ALPHABET.index(character)
    return _to_base32(number % _REFERENCE_MODULUS, 2)


def _to_base32(number: int, length: int) -> str:
    characters = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        characters.append(ALPHABET[digit])
    return "".join(reversed(characters))
