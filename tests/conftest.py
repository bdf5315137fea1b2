"""Gives the tests a registry and an archive in a temporary folder: nothing is ever written into the clone.

The registry lies in SQLite. With `--database=postgresql` the tests that use one run again, on a PostgreSQL server that
is started for them, and with them those that are about PostgreSQL alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection, connections
from hypothesis import settings as hypothesis_settings

if TYPE_CHECKING:
    from pathlib import Path

    from postgresql_server import PostgresqlServer
    from pytest_django import Settings

DATABASE_VARIABLE = "RUECKLAUF_DATABASE"
os.environ.pop(DATABASE_VARIABLE, None)  # somebody's real registry is not for tests


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our option."""
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="what the registry lies in; with postgresql only the tests that use a registry run",
    )
    parser.addoption("--pictures", metavar="DIR", help="where tests in the browser put the docs' pictures")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the other run of the two is for."""
    fits = _may_use_postgresql if config.getoption("--database") == "postgresql" else _may_use_sqlite
    config.hook.pytest_deselected(items=[item for item in items if not fits(item)])
    items[:] = [item for item in items if fits(item)]


def _may_use_sqlite(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgresql") is None


def _may_use_postgresql(item: pytest.Item) -> bool:
    if item.get_closest_marker("sqlite") is not None:
        return False
    marked = item.get_closest_marker("postgresql") or item.get_closest_marker("django_db")
    return marked is not None or (isinstance(item, pytest.Function) and "database_setting" in item.fixturenames)


for profile in ("default", "long"):
    hypothesis_settings.register_profile(profile, deadline=None)  # no test is timed


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """Start a PostgreSQL server for this test process."""
    from postgresql_server import postgresql_server

    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="session")
def database_setting(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Make what ruecklauf.toml of a new home says about its registry: nothing, or a PostgreSQL database of its own."""
    if request.config.getoption("--database") == "sqlite":
        return lambda: ""
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return lambda: f'database = "{server.new_database()}"\n'


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Put the test database into a real file, as in production (in memory, SQLite locks differently), or PostgreSQL."""
    from ruecklauf.config import Config
    from ruecklauf.database_settings import database_settings

    home = tmp_path_factory.mktemp("registry")
    address = None
    if request.config.getoption("--database") == "postgresql":
        address = request.getfixturevalue("postgresql").address("registry")
    database: dict[str, Any] = django_settings.DATABASES["default"]
    database.update(database_settings(Config(home=home, database=address)))
    del connections["default"]  # pytest-django made one by the settings as they were
    if address is None:
        database.setdefault("TEST", {})["NAME"] = str(home / "registry.sqlite3")


@pytest.fixture(autouse=True)
def _archive_apart(settings: Settings, tmp_path: Path) -> None:
    settings.REGISTRY_ARCHIVE = tmp_path / "archive"


@pytest.fixture(autouse=True)
def _nothing_asked_blind(settings: Settings) -> None:
    settings.REGISTRY_BLIND_SHARE = 0  # what is clear is clear, unless a test is about the sample


@pytest.fixture
def committed_book(transactional_db: None) -> Iterator[None]:  # noqa: ARG001 - the book is in it
    """Let a test commit, so that other connections see what it booked; the events are taken out again afterwards."""
    yield
    protection = import_module("registry.migrations.0002_events_are_append_only")
    editor = connection.schema_editor()  # not entered: that would check what a test has damaged on purpose
    protection.unprotect(apps, editor)
    editor.execute("DELETE FROM registry_event")
    protection.protect(apps, editor)
