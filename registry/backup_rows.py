"""Rows as text that any database can take in again: one JSON object a line, by column.

Instants are kept to the microsecond: digests are taken of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db.models import JSONField, Model

from registry.errors import BackupDamaged
from registry.models import BlindCheck, InboxLine, Standing

_AT_ONCE = 500
_WORKED_OUT = (Standing, InboxLine, BlindCheck)
_PART_BYTES = 4 << 20


def kept_tables() -> dict[str, type[Model]]:
    """The tables that a backup holds, by name: those of the registry, and who may log in and in which role.

    Where forms stand, what the inbox lists and what came of the blind sample are worked out anew.
    """
    models: list[type[Model]] = [*apps.get_app_config("registry").get_models(), Group, User, User.groups.through]
    return {model._meta.db_table: model for model in models if model not in _WORKED_OUT}


def rows_in_parts(model: type[Model], alias: str) -> Iterator[bytes]:
    """Yield a table's rows by their key, as lines, in parts that fit into memory."""
    part, size = [], 0
    for row in model._base_manager.using(alias).order_by("pk").iterator(_AT_ONCE):
        line = _line(row)
        part.append(line)
        size += len(line)
        if size >= _PART_BYTES:
            yield b"".join(part)
            part, size = [], 0
    if part:
        yield b"".join(part)


def add_rows(model: type[Model], lines: Sequence[bytes]) -> None:
    """Put rows back as they were; raises `BackupDamaged` for what is no row of this table."""
    rows = [_row(model, line) for line in lines]
    model._base_manager.bulk_create(rows, batch_size=_AT_ONCE)


def _line(row: Model) -> bytes:
    cells = {field.column: _plain(getattr(row, field.attname)) for field in row._meta.concrete_fields}
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _row(model: type[Model], line: bytes) -> Model:
    fields = {field.column: field for field in model._meta.concrete_fields}
    cells: dict[str, Any] = json.loads(line)
    if unknown := cells.keys() - fields.keys():
        raise BackupDamaged(
            f"the backup has columns that are not known here: {', '.join(sorted(unknown))}",
            "use the version of the program that made it, or a newer one",
        )
    values = {
        fields[column].attname: value if isinstance(fields[column], JSONField) else fields[column].to_python(value)
        for column, value in cells.items()
    }
    return model(**values)


def tables_in_use() -> list[str]:
    """Names of the kept tables that hold rows already."""
    return [name for name, model in kept_tables().items() if model._base_manager.exists()]
