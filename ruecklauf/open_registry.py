"""Opens the registry of a home: sets Django up for it and brings its database up to date."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from forms.durable_files import make_folder
from ruecklauf.config import HOME_VARIABLE, Config
from ruecklauf.errors import ConfigError, HomeIncomplete, OtherHomeOpen


def open_registry(config: Config, *, when_new: Callable[[], None] = lambda: None) -> None:
    """Make `registry` usable in this process for this home; creates home and tables where they are missing.

    `when_new` makes what is made only together with the registry; it is called before the first table is made, and
    again where that was interrupted. Calling this again for the same home does nothing new. Raises `OtherHomeOpen` for
    a second home in one process, `HomeIncomplete` where the registry or the archive that belongs to it is missing, and
    `django.db.Error` where the database cannot be reached.
    """
    _set_up_django(config)
    make_folder(config.home, mode=0o700)
    with (config.home / "registry.lock").open("w") as lock:  # one process at a time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _has_tables():
            _refuse_archive_without_registry(config.archive)
            _refuse_narrow_encoding()
            when_new()
        _migrate()
        _work_out_lists()
    _refuse_registry_without_archive(config.archive)


def registry_exists(config: Config) -> bool:
    """Say whether the home has a registry, without making anything; raises what `open_registry` raises."""
    if config.database is None and not config.sqlite_file.exists():
        return False  # to ask SQLite would make the file
    _set_up_django(config)
    return _has_tables()


def _set_up_django(config: Config) -> None:
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


def _has_tables() -> bool:
    from django.db import connection

    from registry.models import Event

    return Event._meta.db_table in connection.introspection.table_names()


def _migrate() -> None:
    """Run all outstanding migrations or none: Django notes some of them only after their own commit."""
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    connection.disable_constraint_checking()  # migrations ask for it, and SQLite cannot do it inside a transaction
    try:
        with transaction.atomic():
            call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.enable_constraint_checking()


def _work_out_lists() -> None:
    """Note where forms stand, what waits and what is recognised in a registry written before this was noted."""
    from registry.events import rebuild_lists
    from registry.models import Issue, Standing
    from registry.proposals import compare_uncompared

    if not Standing.objects.exists() and Issue.objects.filter(erased_at=None).exists():
        rebuild_lists()
    compare_uncompared()


def _refuse_archive_without_registry(archive: Path) -> None:
    if archive.is_dir() and any(archive.iterdir()):
        raise HomeIncomplete(
            f"the registry is empty, but {archive} is not: the registry is lost, or another one is meant",
            "check the setting `database` and --home, or restore the backup; nothing was changed",
        )


def _refuse_narrow_encoding() -> None:
    """A database with an old encoding cannot hold every customer's name, and would say so in the middle of a batch."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        (encoding,) = cursor.fetchone()
    if encoding != "UTF8":
        raise ConfigError(
            f"the PostgreSQL database is encoded in {encoding}, which lacks letters of names",
            "make it with: createdb --encoding=UTF8 --template=template0 NAME",
        )


def _refuse_registry_without_archive(archive: Path) -> None:
    """The archive is written before the registry, so a registry with events has one."""
    from registry.models import Event

    if not archive.is_dir() and Event.objects.exists():
        raise HomeIncomplete(
            f"the registry is in use, but {archive} is not there",
            "check that its disk is mounted, and the setting `database` and --home, or restore the backup",
        )
