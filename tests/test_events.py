"""Events are only ever added, and the chain of their digests gives any tampering away."""

from __future__ import annotations

import os
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


_COPY = "INSERT INTO registry_event SELECT {}, kind, subject, data, actor, program_version, recorded_at, {}"
_REPLACE = (
    "INSERT OR REPLACE INTO registry_event SELECT {}, kind, subject, data, actor, program_version, recorded_at, {}"
)
_DIGESTS = "previous_sha256, sha256 FROM registry_event WHERE sequence = {}"
_ATTACKS = {
    "changing": "UPDATE registry_event SET actor = 'somebody else' WHERE sequence = 2",
    "deleting one": "DELETE FROM registry_event WHERE sequence = 3",
    "deleting all": "DELETE FROM registry_event",
    "leaving a gap": _COPY.format("9", "'x', 'y' FROM registry_event WHERE sequence = 3"),
    "slipping one in": _COPY.format("0", "'x', 'y' FROM registry_event WHERE sequence = 3"),
}
_ATTACKS_ON = {
    "sqlite": {
        "replacing": _REPLACE.format("sequence", _DIGESTS.format(2)),
        "replacing the last by the next": _REPLACE.format("4", _DIGESTS.format(3)),
    },
    "postgresql": {
        "replacing": _COPY.format("sequence", _DIGESTS.format(2))
        + " ON CONFLICT (sequence) DO UPDATE SET actor = 'somebody else'",
        "emptying": "TRUNCATE registry_event",
    },
}


@pytest.mark.django_db
def test_the_database_refuses_to_alter_events() -> None:
    """Changing, deleting, replacing or slipping in events fails in the database itself."""
    _append(3)
    for attack, statement in (_ATTACKS | _ATTACKS_ON[connection.vendor]).items():
        with pytest.raises(DatabaseError, match="events are"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert verify_chain() == 3, attack


_CHANGE = "UPDATE registry_event SET data = '{\"pages\": 7}' WHERE sequence = 2"
_REMOVE = "DELETE FROM registry_event WHERE sequence = 2"
_SWAP = "UPDATE registry_event SET sequence = 99 WHERE sequence = 2"


@pytest.mark.django_db
@pytest.mark.parametrize("tamper", [_CHANGE, _REMOVE, _SWAP])
def test_tampering_behind_the_triggers_breaks_the_chain(tamper: str) -> None:
    """Who removes the triggers can alter events, but the chain no longer verifies."""
    _append(3)
    table = " ON registry_event" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER registry_event_no_update{table}")
        cursor.execute(f"DROP TRIGGER registry_event_no_delete{table}")
        cursor.execute(tamper)
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


def test_writers_side_by_side_make_one_chain(tmp_path: Path, database_setting: Callable[[], str]) -> None:
    """Three processes that open a new home at once and write into it leave one whole chain."""
    home = tmp_path / "home"
    (home / "archive").mkdir(parents=True)  # a registry with events has one
    (home / "ruecklauf.toml").write_text(database_setting())
    environment = {**os.environ, "RUECKLAUF_HOME": str(home), "PYTHONPATH": str(CLONE)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER], env=environment) for _ in range(3)]
    assert [writer.wait(timeout=240) for writer in writers] == [0, 0, 0]
    counted = subprocess.run(
        [sys.executable, "-c", _VERIFIER], env=environment, check=True, capture_output=True, text=True, timeout=60
    )
    assert counted.stdout.strip() == "60"
