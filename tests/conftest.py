"""Gives the tests a registry and an archive in a temporary folder: nothing is ever written into the clone."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings

hypothesis_settings.register_profile("long")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Put the test database into a real file, as in production (in memory, SQLite locks differently)."""
    path = tmp_path_factory.mktemp("registry") / "registry.sqlite3"
    database: dict[str, Any] = django_settings.DATABASES["default"]
    database.setdefault("TEST", {})["NAME"] = str(path)


@pytest.fixture(autouse=True)
def _archive_apart(settings: Settings, tmp_path: Path) -> None:
    settings.REGISTRY_ARCHIVE = tmp_path / "archive"


@pytest.fixture
def committed_book(transactional_db: None) -> Iterator[None]:  # noqa: ARG001 - the book is in it
    """Let a test commit, so that other connections see what it booked; the events are taken out again afterwards."""
    yield
    protection = import_module("registry.migrations.0002_events_are_append_only")
    editor = connection.schema_editor()  # not entered: that would check what a test has damaged on purpose
    protection.unprotect(apps, editor)
    editor.execute("DELETE FROM registry_event")
    protection.protect(apps, editor)
