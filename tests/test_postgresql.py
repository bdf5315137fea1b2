"""What only PostgreSQL brings: a server that is away or restarted, and a database that belongs to another home."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
from losing_proxy import losing_proxy
from postgresql_server import PostgresqlServer, postgresql_server
from program import CLONE, CUSTOMERS, FAST, form_of, run, start

pytestmark = pytest.mark.postgresql


@pytest.fixture
def home(tmp_path: Path, postgresql: PostgresqlServer) -> Path:
    """Make a home with an empty PostgreSQL database."""
    return new_home(tmp_path, postgresql)


def new_home(folder: Path, server: PostgresqlServer) -> Path:
    """Make a home with an empty database on a server."""
    home = folder / "home"
    home.mkdir()
    (home / "ruecklauf.toml").write_text(f'{FAST}database = "{server.new_database()}"\n')
    return home


def address_of(home: Path) -> str:
    """Say which database a home has."""
    return (home / "ruecklauf.toml").read_text().split('"')[1]


def issue(home: Path) -> None:
    """Issue forms to two customers; one row of the list is refused."""
    (home / "customers.csv").write_text(CUSTOMERS, "utf-8")
    code, out, err = run("generate", "remote-support", "--customers", home / "customers.csv", "--home", home)
    assert (code, out[:16]) == (1, "2 letters issued"), err


def count(home: Path, table: str) -> int:
    """Count the rows of a table."""
    with psycopg.connect(address_of(home)) as connection:
        (rows,) = connection.execute(f"SELECT count(*) FROM registry_{table}".encode()).fetchone() or (-1,)
    return int(rows)


def work_in(home: Path, script: str) -> str:
    """Run a script of ours with the home's registry open, and return what it prints."""
    opened = (
        "from ruecklauf.config import load_config; from ruecklauf.open_registry import open_registry\n"
        "open_registry(load_config())\n"
    )
    environment = {**os.environ, "RUECKLAUF_HOME": str(home), "PYTHONPATH": str(CLONE)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-c", opened + textwrap.dedent(script)],
        env=environment, check=False, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_lies_in_sqlite(home: Path) -> None:
    """The registry is in PostgreSQL alone."""
    issue(home)
    assert count(home, "issue") == 2
    assert not list(home.glob("*.sqlite3*"))


def test_reading_makes_no_tables(home: Path) -> None:
    """A database without a registry knows no form, and reading leaves nothing in it or in the home."""
    scan = home.parent / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7 broken")
    before = sorted(home.iterdir())
    code, out, _ = run("read", scan, "--json", "--home", home)
    assert (code, json.loads(out)["decision"]) == (1, "reject")
    assert sorted(home.iterdir()) == before
    with psycopg.connect(address_of(home)) as connection:
        assert connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public'").fetchall() == []


def test_an_empty_database_beside_an_archive_is_refused(home: Path, postgresql: PostgresqlServer) -> None:
    """A registry that is lost, or an address that names another database, is never begun anew unseen."""
    issue(home)
    other = postgresql.new_database()
    code, _, err = run("status", home=home, database=other)
    assert code == 3
    assert "the registry is empty, but" in err
    with psycopg.connect(other) as connection:
        assert connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public'").fetchall() == []


def test_another_homes_database_is_refused(home: Path, tmp_path: Path) -> None:
    """A home whose archive is missing does not book into a registry that is in use."""
    issue(home)
    code, _, err = run("watch", "--once", home=tmp_path / "other", database=address_of(home))
    assert code == 3
    assert "the registry is in use, but" in err
    assert run("status", home=home)[0] == 0


def test_a_database_that_lacks_letters_is_refused(home: Path, postgresql: PostgresqlServer) -> None:
    """Latin-1 has no Ł: that is said at the start and not in the middle of a batch."""
    with psycopg.connect(postgresql.address("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE narrow ENCODING LATIN1 LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0")
    code, _, err = run("status", home=home, database=postgresql.address("narrow"))
    assert code == 2
    assert "encoded in LATIN1" in err


def test_a_server_that_is_away_is_one_clear_line(home: Path, postgresql: PostgresqlServer) -> None:
    """Exit code 3, one line, and never the password."""
    host_and_name = postgresql.address("none_such").split("@")[1]
    for address in ("postgresql://anna:geheim@127.0.0.1:1/registry", f"postgresql://anna:geheim@{host_and_name}"):
        code, out, err = run("status", home=home, database=address)
        assert (code, out, len(err.splitlines())) == (3, "", 1)
        assert "check that the PostgreSQL server runs" in err
        assert "geheim" not in err


def test_the_password_may_stay_out_of_the_address(home: Path, postgresql: PostgresqlServer) -> None:
    """It is found in PGPASSWORD, as by all programs of PostgreSQL."""
    asking = postgresql.address_with_password("geheim")
    assert run("status", home=home, database=asking, password="geheim")[0] == 0
    code, _, err = run("status", home=home, database=asking)
    assert code == 3
    assert "no password supplied" in err


def test_writers_queue_whatever_the_database_presets(home: Path) -> None:
    """Who has waited for its turn sees what the others wrote, even where snapshots are kept for a whole transaction."""
    with psycopg.connect(address_of(home), autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_isolation TO 'repeatable read'".encode())
    (home / "archive").mkdir()
    work_in(home, "")
    script = """
        from registry.events import append_event, one_writer, verify_chain
        from registry.statuses import EventKind
        import subprocess, sys
        if len(sys.argv) == 1:
            others = [subprocess.Popen([sys.executable, "-c", sys.orig_argv[-1], "other"]) for _ in range(3)]
            assert [other.wait(60) for other in others] == [0, 0, 0]
            print(verify_chain())
        else:
            for number in range(20):
                with one_writer():
                    append_event(EventKind.FILE_BOOKED, "file:x", {"pages": number}, "mailbox")
    """
    assert work_in(home, script).strip() == "60"


def test_a_view_shows_one_moment(home: Path) -> None:
    """What is read in one view fits together, though others write meanwhile; writing in it fails."""
    printed = work_in(
        home,
        """
        from threading import Thread
        from django.db import DatabaseError
        from registry.events import append_event, one_view, one_writer
        from registry.models import Event
        from registry.statuses import EventKind

        def write():
            with one_writer():
                append_event(EventKind.FILE_BOOKED, "file:x", {"pages": 1}, "mailbox")

        with one_view():
            before = Event.objects.count()
            other = Thread(target=write)
            other.start()
            other.join()
            print(before, Event.objects.count())
        print(Event.objects.count())
        try:
            with one_view():
                write()
        except DatabaseError as error:
            print("read-only" in str(error))
        """,
    )
    assert printed.split() == ["0", "0", "1", "True"]


def test_a_lost_answer_doubles_nothing(home: Path, postgresql: PostgresqlServer) -> None:
    """The server commits and its answer gets lost: whoever tries again finds the step booked, and booked once."""
    issue(home)
    scan = form_of(home, "K-1001").read_bytes()
    (home / "mailbox" / "scan.pdf").write_bytes(scan)
    with losing_proxy(postgresql.port) as port:
        lossy = address_of(home).replace(f":{postgresql.port}/", f":{port}/")
        assert run("watch", "--once", home=home, database=lossy)[0] == 3
        assert count(home, "arrival") == 1
        assert (home / "mailbox" / "scan.pdf").exists()
        assert run("watch", "--once", home=home)[0] == 0
        assert (count(home, "arrival"), count(home, "return")) == (1, 1)
        assert (home / "mailbox" / "done" / "scan.pdf").read_bytes() == scan

        confirmation = ("confirm", "1", "--by", "Erika Beispiel", "--variant", "B", "--signed")
        assert run(*confirmation, home=home, database=lossy)[0] == 3
        code, _, err = run(*confirmation, home=home)
        assert (code, count(home, "humandecision")) == (1, 1)
        assert "it was confirmed before" in err


LETTERS = [f"K-{number};Firma {number};;Weg {number};10115;Berlin;;\n" for number in range(2001, 2009)]
BROKEN_FILES = 4
RESTART_AFTER = (1, 4, 7)
"""At how many arrivals the server is broken off."""


@pytest.fixture
def durable_postgresql() -> Iterator[PostgresqlServer]:
    """Start a server that waits for the disk, as in production."""
    with postgresql_server(durable=True) as server:
        yield server


def test_restarts_in_mid_run_lose_and_double_nothing(tmp_path: Path, durable_postgresql: PostgresqlServer) -> None:
    """Two watchers take in files while the server is broken off again and again: each file is booked just once."""
    home = new_home(tmp_path, durable_postgresql)
    files = fill_mailbox(home)
    mailbox = home / "mailbox"
    with start("watch", "--home", home) as one, start("watch", "--home", home) as other:
        for arrivals in RESTART_AFTER:
            wait_until(partial(has_arrivals, home, arrivals), one, other)
            durable_postgresql.restart_at_once()
        wait_until(lambda: not any(path.is_file() for path in mailbox.iterdir()), one, other)
        said = [end(watcher) for watcher in (one, other)]
    assert any("the registry cannot be read or written" in complaints for complaints in said)
    put_away = [path for name in ("done", "problems") for path in (mailbox / name).iterdir() if path.suffix != ".txt"]
    assert {path.name: path.read_bytes() for path in put_away} == files
    assert count(home, "return") == len(LETTERS)
    assert (count(home, "receivedfile"), count(home, "arrival")) == (len(files), len(files))
    assert run("verify", "--home", home)[0] == 0


def end(watcher: subprocess.Popen[str]) -> str:
    """End a watcher politely; return what it has complained of."""
    watcher.send_signal(signal.SIGTERM)
    _, complaints = watcher.communicate(timeout=240)
    assert watcher.returncode == 0, complaints
    return complaints


def fill_mailbox(home: Path) -> dict[str, bytes]:
    """Issue letters, and drop them and some broken files into the mailbox; return what lies there."""
    (home / "customers.csv").write_text("".join([*CUSTOMERS.splitlines(keepends=True)[:1], *LETTERS]), "utf-8")
    assert run("generate", "remote-support", "--customers", home / "customers.csv", "--home", home)[0] == 0
    files = {path.name: path.read_bytes() for path in (home / "forms").iterdir()}
    files |= {f"{number}.pdf": f"%PDF-1.7 broken {number}".encode() for number in range(BROKEN_FILES)}
    for name, data in files.items():
        (home / "mailbox" / name).write_bytes(data)
    return files


def has_arrivals(home: Path, number: int) -> bool:
    """Tell whether so many files were booked."""
    return count(home, "arrival") >= number


def wait_until(what: Callable[[], bool], *watchers: subprocess.Popen[str]) -> None:
    """Wait until something is so, while the watchers run."""
    deadline_s = time.monotonic() + 120
    while not what():
        assert [watcher.poll() for watcher in watchers] == [None] * len(watchers), "a watcher has ended"
        assert time.monotonic() < deadline_s, "it takes too long"
        time.sleep(0.02)
