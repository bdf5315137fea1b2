"""Reads many rows some hundred at a time, so that a large book needs no more memory than a small one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet

_Row = TypeVar("_Row", bound=Model)
_Item = TypeVar("_Item")

CHUNK = 500


def in_chunks(rows: QuerySet[_Row], key: str = "pk") -> Iterator[list[_Row]]:
    """Yield all rows in the order of a unique column, a chunk at a time; each is read when it is asked for.

    Nothing is held open between two chunks, so whoever writes meanwhile does not wait.
    """
    chunk = list(rows.order_by(key)[:CHUNK])
    while chunk:
        yield chunk
        if len(chunk) < CHUNK:
            return
        chunk = list(rows.filter(**{f"{key}__gt": getattr(chunk[-1], key)}).order_by(key)[:CHUNK])


def parted(items: Sequence[_Item], size: int = CHUNK) -> Iterator[Sequence[_Item]]:
    """Yield what is known already a chunk at a time, in its order: a query names no more."""
    return (items[start : start + size] for start in range(0, len(items), size))
