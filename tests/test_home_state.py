"""The comparison that the crash points rest on: what is lost, doubled or left over shows, and nothing else does."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bench.crash_injection import run
from bench.crash_office import customer_list
from bench.home_state import differences, read_state


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Issue letters to three customers, in two homes."""
    folder = tmp_path_factory.mktemp("homes")
    for home in (folder / "one", folder / "other"):
        home.mkdir()
        (home / "customers.csv").write_text("".join(customer_list().splitlines(keepends=True)[:4]), "utf-8")
        assert run(("generate", "remote-support", "--customers", "customers.csv"), home).code == 0
    return folder / "one", folder / "other"


def execute(statement: str) -> Callable[[Path], None]:
    """Change the registry, past all that guards it."""

    def change(home: Path) -> None:
        with closing(sqlite3.connect(home / "registry.sqlite3")) as connection, connection:
            triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in triggers:
                connection.execute(f'DROP TRIGGER "{name}"')
            connection.execute(statement)

    return change


def first(home: Path, pattern: str) -> Path:
    """The first file of that kind in the home."""
    return sorted(home.glob(pattern))[0]


FAULTS: dict[str, Callable[[Path], object]] = {
    "a letter lost": lambda home: first(home, "forms/*.pdf").unlink(),
    "a letter altered": lambda home: first(home, "forms/*.pdf").write_bytes(b"other"),
    "an orphan in the archive": lambda home: (home / "archive" / "orphan.pdf").write_bytes(b"orphan"),
    "a draft left over": lambda home: (home / "forms" / ".draft.part").write_bytes(b""),
    "the journal left over": lambda home: (home / "registry.sqlite3-journal").write_bytes(b""),
    "the mailbox lost": lambda home: shutil.rmtree(home / "mailbox"),
    "a row lost": execute("DELETE FROM registry_issue WHERE id = 2"),
    "a row twice": execute(
        "INSERT INTO registry_batch (template, version, list_sha256, reissue, seed, issued_on, started_at)"
        " SELECT template, version, list_sha256, reissue, seed, issued_on, started_at FROM registry_batch"
    ),
    "another customer": execute("UPDATE registry_issue SET customer_id = 1 WHERE id = 2"),
    "an event lost": execute("DELETE FROM registry_event WHERE sequence = 2"),
}


def test_two_runs_with_other_ids_are_the_same(homes: tuple[Path, Path]) -> None:
    """Random ids, digests of what holds them, and moments make no difference."""
    one, other = homes
    assert [path.name for path in (one / "forms").iterdir()] != [path.name for path in (other / "forms").iterdir()]
    assert differences(read_state(one), read_state(other)) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_shows(homes: tuple[Path, Path], tmp_path: Path, fault: str) -> None:
    """What is lost, altered, doubled or left over is a difference."""
    home = tmp_path / "home"
    shutil.copytree(homes[0], home)
    FAULTS[fault](home)
    assert differences(read_state(homes[1]), read_state(home))
