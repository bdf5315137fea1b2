"""The events exactly as they are stored, so that one altered bit is found even where it changes no meaning.

SQLite keeps numbers, texts and JSON as they were written: a letter or a blank may change and the value stay equal, or
become something that nobody can parse. So the raw bytes are compared with what we write. Other databases keep values in
a form of their own, of which there is just one for each value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import connections, models
from django.utils.dateparse import parse_datetime

from registry.models import Event

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One row of the table of events."""

    event: Event | None
    """None where the row cannot be understood."""
    number: str
    """Its number as stored, for people."""
    fault: str
    """What is not as we would have written it; empty where nothing is."""


def stored_events(alias: str) -> Iterator[StoredEvent]:
    """Yield all events by their number; raises `django.db.Error` where the table itself cannot be read."""
    if connections[alias].vendor != "sqlite":
        for event in Event.objects.using(alias).order_by("sequence").iterator(_AT_ONCE):
            yield StoredEvent(event, str(event.sequence), "")
        return
    columns = [field.column for field in _fields()]
    raw = ", ".join(f'typeof("{column}"), CAST("{column}" AS BLOB)' for column in columns)
    with connections[alias].cursor() as cursor:
        cursor.execute(f'SELECT {raw} FROM {Event._meta.db_table} ORDER BY "sequence"')  # noqa: S608 - no value in it
        while rows := cursor.fetchmany(_AT_ONCE):
            for row in rows:
                yield _checked(row[::2], row[1::2], alias)


def _fields() -> list[models.Field[Any, Any]]:
    return list(Event._meta.concrete_fields)


def _checked(kinds: tuple[str, ...], cells: tuple[bytes, ...], alias: str) -> StoredEvent:
    number = cells[0].decode("ascii", "backslashreplace")
    values: dict[str, Any] = {}
    for field, kind, cell in zip(_fields(), kinds, cells, strict=True):
        if kind != ("integer" if isinstance(field, models.PositiveBigIntegerField) else "text"):
            return StoredEvent(None, number, f"its {field.column} is stored as {kind}")
        try:
            values[field.attname] = _parsed(field, cell.decode("utf-8"))
        except (ValueError, RecursionError):
            return StoredEvent(None, number, f"its {field.column} cannot be understood")
        written = field.get_db_prep_save(values[field.attname], connections[alias])
        if str(written).encode("utf-8") != cell:
            return StoredEvent(None, number, f"its {field.column} is not written as we write it")
    return StoredEvent(Event(**values), number, "")


def _parsed(field: models.Field[Any, Any], text: str) -> object:
    """Understand a stored text; raises `ValueError`."""
    if isinstance(field, models.PositiveBigIntegerField):
        return int(text)
    if isinstance(field, models.JSONField):
        data = json.loads(text)
        if not isinstance(data, dict):
            raise ValueError("no object")  # noqa: TRY004 - what is stored is wrong, not the program
        return data
    if isinstance(field, models.DateTimeField):
        instant = parse_datetime(text)
        if instant is None or instant.tzinfo is not None:
            raise ValueError("no instant")
        return instant.replace(tzinfo=UTC)
    return text
