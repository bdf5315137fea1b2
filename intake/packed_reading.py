"""A document's reading as it crosses the worker's pipe: JSON, and beside it the pictures of its pages as they are.

A stack of five hundred pages has a hundred megabytes of pictures. In JSON they would take several times as much memory,
on both sides of the pipe.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

from intake.results import DocumentReading, ReturnReading, UnplacedPage, document_from_json, document_to_json

_LENGTH = struct.Struct(">I")


def pack_reading(reading: DocumentReading) -> list[bytes]:
    """Give the parts to be sent, one after the other."""
    pictures = [page.picture_png for answer in reading.returns for page in answer.pages]
    pictures += [page.picture_png for page in reading.unplaced]
    parts = [document_to_json(_with_pictures(reading, iter([b""] * len(pictures)))), *pictures]
    return [piece for part in parts for piece in (_LENGTH.pack(len(part)), part)]


def unpack_reading(payload: bytes) -> DocumentReading:
    """Put a reading together again; raises `ValueError` for what is none."""
    parts = _parts(memoryview(payload))
    bare = document_from_json(bytes(next(parts, b"")))
    pictures = [bytes(part) for part in parts]
    if len(pictures) != sum(len(answer.pages) for answer in bare.returns) + len(bare.unplaced):
        raise ValueError("there are not as many pictures as pages")
    return _with_pictures(bare, iter(pictures))


def _parts(payload: memoryview) -> Iterator[memoryview]:
    while payload:
        if len(payload) < _LENGTH.size:
            raise ValueError("it ends within a length")
        (length,) = _LENGTH.unpack(payload[: _LENGTH.size])
        if len(payload) < _LENGTH.size + length:
            raise ValueError("it ends within a part")
        yield payload[_LENGTH.size : _LENGTH.size + length]
        payload = payload[_LENGTH.size + length :]


def _with_pictures(reading: DocumentReading, pictures: Iterator[bytes]) -> DocumentReading:
    returns = tuple(_answer(answer, pictures) for answer in reading.returns)
    return replace(reading, returns=returns, unplaced=tuple(_unplaced(page, pictures) for page in reading.unplaced))


def _answer(answer: ReturnReading, pictures: Iterator[bytes]) -> ReturnReading:
    return replace(answer, pages=tuple(replace(page, picture_png=next(pictures)) for page in answer.pages))


def _unplaced(page: UnplacedPage, pictures: Iterator[bytes]) -> UnplacedPage:
    return replace(page, picture_png=next(pictures))
