"""What Django is told about the registry's database: SQLite in the home, or PostgreSQL where an address is set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruecklauf.config import Config
from ruecklauf.postgresql_address import connection_parameters

_WAIT_S = 30
"""How long a writer waits for others before it gives up."""
_NAMES = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
"""Django's names for libpq's parameters; those that the address leaves out libpq finds itself (PGPASSWORD, .pgpass)."""


def database_settings(config: Config) -> dict[str, Any]:
    """Return Django's settings of the one database."""
    return _sqlite(config.sqlite_file) if config.database is None else _postgresql(config.database)


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # IMMEDIATE: a writer waits at its start and can't fail half-way because another one was faster.
            "transaction_mode": "IMMEDIATE",
            "timeout": _WAIT_S,
            # Erased text must not stay behind in the file: secure_delete writes zeros over it.
            # A rollback journal: Debian's SQLite 3.40 has the bug that can damage a database when its WAL is reset.
            "init_command": "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; PRAGMA secure_delete=ON;",
        },
    }


def _postgresql(address: str) -> dict[str, Any]:
    from psycopg import IsolationLevel

    given = connection_parameters(address)
    options = {
        # A server that is gone without a word is noticed, and the work begins again instead of hanging.
        "connect_timeout": "10",
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "keepalives_count": "3",
        "tcp_user_timeout": "60000",
        **{name: value for name, value in given.items() if name not in _NAMES.values()},
        # Who waited for the lock of `one_writer` must see what the others wrote: an earlier snapshot would not show it.
        "isolation_level": IsolationLevel.READ_COMMITTED,
        # A commit is on the disk when it is answered, whatever the server's own setting: then the file may be moved.
        "options": f"{given.get('options', '')} -c synchronous_commit=on -c lock_timeout={_WAIT_S}s".strip(),
    }
    named = {setting: given[name] for setting, name in _NAMES.items() if name in given}
    return {"ENGINE": "django.db.backends.postgresql", **named, "OPTIONS": options}
