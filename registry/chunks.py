"""Reads many rows some hundred at a time, so that a large book needs no more memory than a small one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

_Row = TypeVar("_Row", bound=Model)

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
