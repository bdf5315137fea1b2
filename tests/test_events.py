"""Events are only ever added, and the chain of their digests gives any tampering away."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from registry.errors import ChainBroken
from registry.events import append_event, one_writer, verify_chain
from registry.models import Event
from registry.statuses import EventKind

CLONE = Path(__file__).resolve().parent.parent


def _append(count: int) -> None:
    with one_writer():
        for number in range(count):
            append_event(EventKind.FILE_BOOKED, f"file:{number}", {"pages": number}, "mailbox")


@pytest.mark.django_db
def test_an_untouched_chain_verifies() -> None:
    """Events count from 1, each names its predecessor's digest, and the whole verifies."""
    assert verify_chain() == 0
    _append(3)
    assert verify_chain() == 3
    first, second, _ = Event.objects.order_by("sequence")
    assert (first.sequence, first.previous_sha256) == (1, "0" * 64)
    assert second.previous_sha256 == first.sha256


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry_event SET actor = 'somebody else' WHERE sequence = 2",
        "DELETE FROM registry_event WHERE sequence = 3",
        "DELETE FROM registry_event",
        "INSERT OR REPLACE INTO registry_event SELECT * FROM registry_event WHERE sequence = 2",
        "INSERT INTO registry_event SELECT 9, kind, subject, data, actor, program_version, recorded_at, 'x', 'y'"
        " FROM registry_event WHERE sequence = 3",
        "INSERT OR REPLACE INTO registry_event SELECT 4, kind, subject, data, actor, program_version, recorded_at,"
        " previous_sha256, sha256 FROM registry_event WHERE sequence = 3",
    ],
)
def test_the_database_refuses_to_alter_events(statement: str) -> None:
    """Changing, deleting, replacing or slipping in events fails in the database itself."""
    _append(3)
    with pytest.raises(DatabaseError, match="events are"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify_chain() == 3


def _change(cursor: sqlite3.Cursor) -> None:
    cursor.execute("UPDATE registry_event SET data = '{\"pages\": 7}' WHERE sequence = 2")


def _remove(cursor: sqlite3.Cursor) -> None:
    cursor.execute("DELETE FROM registry_event WHERE sequence = 2")


def _swap(cursor: sqlite3.Cursor) -> None:
    cursor.execute("UPDATE registry_event SET sequence = 99 WHERE sequence = 2")


@pytest.mark.django_db
@pytest.mark.parametrize("tamper", [_change, _remove, _swap])
def test_tampering_behind_the_triggers_breaks_the_chain(tamper: Callable[[sqlite3.Cursor], None]) -> None:
    """Who removes the triggers can alter events, but the chain no longer verifies."""
    _append(3)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER registry_event_no_update")
        cursor.execute("DROP TRIGGER registry_event_no_delete")
        tamper(cursor)  # type: ignore[arg-type]  # Django's cursor wraps SQLite's
    with pytest.raises(ChainBroken, match="number 2"):
        verify_chain()


_WRITER = """
from ruecklauf.config import load_config
from ruecklauf.open_registry import open_registry
open_registry(load_config())
from registry.events import append_event, one_writer
from registry.statuses import EventKind
for number in range(20):
    with one_writer():
        append_event(EventKind.FILE_BOOKED, "file:x", {"pages": number}, "mailbox")
"""
_VERIFIER = """
from ruecklauf.config import load_config
from ruecklauf.open_registry import open_registry
open_registry(load_config())
from registry.events import verify_chain
print(verify_chain())
"""


def test_writers_side_by_side_make_one_chain(tmp_path: Path) -> None:
    """Three processes that open a new home at once and write into it leave one whole chain."""
    environment = {**os.environ, "RUECKLAUF_HOME": str(tmp_path / "home"), "PYTHONPATH": str(CLONE)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER], env=environment) for _ in range(3)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    counted = subprocess.run(
        [sys.executable, "-c", _VERIFIER], env=environment, check=True, capture_output=True, text=True, timeout=60
    )
    assert counted.stdout.strip() == "60"
