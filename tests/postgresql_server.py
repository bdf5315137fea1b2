"""A real PostgreSQL server for the tests: Debian's programs, a spare port, a folder of its own that goes away again."""

from __future__ import annotations

import itertools
import os
import pwd
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_HOST = "127.0.0.1"
_ROLE = "ruecklauf"
_SETTINGS = ("unix_socket_directories=", f"listen_addresses={_HOST}", "max_connections=40", "shared_buffers=16MB")
_LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=de-DE")
"""Sorts as in German, so that a test notices who relies on the order of bytes."""
_NOBODY = pwd.getpwnam("nobody")
_PORTS = range(20000, 32000)
"""Below those that the system gives to outgoing connections: a port stays ours while the server restarts."""


class PostgresqlServer:
    """A server that belongs to one test process; its data lies in a folder that must be the server's user's own.

    Only a durable one waits for the disk. What a killed server has written survives without: a power cut would matter.
    """

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self._data = folder / "data"
        self._log = folder / "log"
        self.port = _spare_port()
        self._numbers = itertools.count(1)
        self._settings = (*_SETTINGS, f"port={self.port}", f"fsync={'on' if durable else 'off'}")
        self._run("initdb", "--auth=trust", f"--username={_ROLE}", "--no-sync", *_LOCALE)

    def address(self, database: str) -> str:
        """The address of a database, as it is written into the settings."""
        return f"postgresql://{_ROLE}@{_HOST}:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"registry_{next(self._numbers)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.address(name)

    def address_with_password(self, password: str) -> str:
        """Make an empty database of a user whom the server asks for this password; return its address, without it."""
        name, user = self.new_database().rpartition("/")[2], f"user_{next(self._numbers)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{password}'".encode())
            connection.execute(f"ALTER DATABASE {name} OWNER TO {user}".encode())
            rules = self._data / "pg_hba.conf"
            rules.write_text(f"host {name} {user} {_HOST}/32 scram-sha-256\n{rules.read_text()}")
            connection.execute("SELECT pg_reload_conf()")
        return f"postgresql://{user}@{_HOST}:{self.port}/{name}"

    def start(self) -> None:
        """Start, and return once it answers."""
        settings = [word for setting in self._settings for word in ("-c", setting)]
        command = [*_as_its_user(), _program("postgres"), "-D", str(self._data), *settings]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while not self._answers():
            if self._process.poll() is not None:
                raise RuntimeError(f"PostgreSQL has ended: {self._log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop at once: as in a power cut, every connection breaks off and nothing is tidied up."""
        self._run("pg_ctl", "stop", "--mode=immediate")
        self._process.wait(timeout=240)

    def restart_at_once(self) -> None:
        """Break off whatever it is doing, and start again: it recovers from its log."""
        self.stop()
        self.start()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.address("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        command = [*_as_its_user(), _program(program), f"--pgdata={self._data}", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, cwd="/", timeout=240)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode('utf-8', 'replace')}")


@contextmanager
def postgresql_server(*, durable: bool = False) -> Iterator[PostgresqlServer]:
    """Start a server of one's own; stop it and remove its folder in the end."""
    folder = Path(tempfile.mkdtemp(prefix="ruecklauf-postgresql-"))
    try:
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY.pw_uid, _NOBODY.pw_gid)
        server = PostgresqlServer(folder, durable=durable)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _program(name: str) -> str:
    """The newest installed version of a program; Debian keeps them out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError("there is no PostgreSQL in /usr/lib/postgresql; ./run test installs it")
    return str(found[-1])


def _as_its_user() -> list[str]:
    """Begin a command: PostgreSQL refuses to run as root, and a server ends with the tests, however those end."""
    begin = ["setpriv", "--pdeathsig=QUIT"]
    if os.geteuid() == 0:
        begin += [f"--reuid={_NOBODY.pw_uid}", f"--regid={_NOBODY.pw_gid}", "--clear-groups"]
    return begin


def _spare_port() -> int:
    for port in random.sample(_PORTS, len(_PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")
