"""Opens the registry of a home: sets Django up for it and brings its database up to date."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ruecklauf.config import HOME_VARIABLE, Config
from ruecklauf.errors import OtherHomeOpen


def open_registry(config: Config) -> None:
    """Make `registry` usable in this process for this home; creates home and database where they are missing.

    Calling it again for the same home does nothing new. Raises `OtherHomeOpen` for a second home in one process.
    """
    import django
    from django.conf import settings

    if not settings.configured:
        os.environ[HOME_VARIABLE] = str(config.home)
        os.environ["DJANGO_SETTINGS_MODULE"] = "ruecklauf.settings"
    open_home: Path = settings.RUECKLAUF_HOME
    if open_home != config.home:
        raise OtherHomeOpen(
            f"this process already works in {open_home}, not in {config.home}", "start another process for another home"
        )
    django.setup()
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    _bring_up_to_date(config.home / "registry.lock")


def _bring_up_to_date(lock: Path) -> None:
    """Run outstanding migrations, one process at a time."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            _migrate()


def _migrate() -> None:
    """Run all outstanding migrations or none: Django notes some of them only after their own commit."""
    from django.core.management import call_command
    from django.db import connection, transaction

    connection.disable_constraint_checking()  # migrations ask for it, and SQLite cannot do it inside a transaction
    try:
        with transaction.atomic():
            call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.enable_constraint_checking()
