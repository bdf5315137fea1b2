"""The registry as it stood at one moment, to look through at leisure while others go on booking.

SQLite: a copy without a name beside the database, made by its online backup, so that no writer waits for a reader
longer than the copying takes. Elsewhere: one transaction that sees no later commit.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from forms.durable_files import DRAFT_ENDING

SNAPSHOT = "snapshot"
_FOR_A_COPY = {"init_command": "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"}


@contextmanager
def frozen_registry() -> Iterator[str]:
    """Yield the name of a database connection that shows the registry as it stands now, whatever is booked meanwhile.

    Raises `django.db.Error` where the registry cannot be read, `OSError` where there is no room for a copy.
    """
    source = connections[DEFAULT_DB_ALIAS]
    connections[SNAPSHOT] = source.copy(alias=SNAPSHOT)
    try:
        if source.vendor == "sqlite":
            _open_copy()
        with transaction.atomic(using=SNAPSHOT):
            if source.vendor != "sqlite":
                with connections[SNAPSHOT].cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                    cursor.execute("SELECT 1")  # only the first query fixes the moment
            yield SNAPSHOT
    finally:
        connections[SNAPSHOT].close()
        del connections[SNAPSHOT]


def _open_copy() -> None:
    """Copy the database into a file that loses its name as soon as it is open: an interruption leaves nothing."""
    source, copy = connections[DEFAULT_DB_ALIAS], connections[SNAPSHOT]
    place = Path(source.settings_dict["NAME"]).with_name(f".{secrets.token_hex(8)}{DRAFT_ENDING}")
    copy.settings_dict |= {"NAME": str(place), "OPTIONS": _FOR_A_COPY}
    os.close(os.open(place, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        copy.ensure_connection()
    finally:
        place.unlink()
    source.ensure_connection()
    with source.wrap_database_errors, copy.wrap_database_errors:
        source.connection.backup(copy.connection)
