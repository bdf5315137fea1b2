"""Serving the review page, as it is typed: whom it lets in, whom it listens to, and how it is when deployed."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from program import CLONE, run, start

DEPLOYED = 'deployed = true\nhosts = ["consent.example.org"]\n'
BY_TLS = {"Host": "consent.example.org", "X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}


@pytest.fixture
def home(tmp_path: Path, database_setting: Callable[[], str]) -> Path:
    """A home that is only for this machine."""
    (tmp_path / "ruecklauf.toml").write_text(database_setting())
    return tmp_path


@contextmanager
def served(home: Path, *arguments: str) -> Iterator[int]:
    """Serve a home on a free port, which is given; Ctrl-C ends it without complaint."""
    with start("serve", "--port", "0", *arguments, home=home) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        said = re.search(r"http://\S+:(\d+)/; end with Ctrl-C", line)
        assert said is not None, (line, process.communicate(timeout=60))
        yield int(said[1])
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == ("", "")
        assert process.returncode == 0


def get(port: int, path: str, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
    """Ask the server, without following where it leads."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def test_serve_answers_on_this_machine_only(home: Path) -> None:
    """The pages are on loopback, name no software, and are not there for other names."""
    with served(home) as port:
        response = get(port, "/sign-in/")
        assert response.status == 200
        assert response.headers["Server"] is None
        assert "default-src 'none'" in str(response.headers["Content-Security-Policy"])
        assert get(port, "/", {"Host": "consent.example.org"}).status == 400
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((_own_address(), port), timeout=5)


def _own_address() -> str:
    """An address of this machine that is not loopback, or one that only this machine could have."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.2"
        return str(probe.getsockname()[0])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "consent.example.org"])
def test_serve_refuses_to_be_reached_from_elsewhere(home: Path, host: str) -> None:
    """Without a TLS proxy, passwords would cross the network in the clear."""
    code, out, err = run("serve", "--host", host, home=home)
    assert (code, out) == (2, "")
    assert "deployed = true" in err


def test_a_port_that_is_taken_is_told(home: Path) -> None:
    """Somebody else's port is named as what it is: our system cannot work like this."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = run("serve", "--port", str(port), home=home)
    assert code == 3
    assert f"port {port}: Address already in use" in err
    assert "--port" in err


def test_behind_its_proxy_it_is_all_tls(home: Path) -> None:
    """Deployed, what did not come by TLS is led there; cookies are for TLS only, and browsers keep to it."""
    with (home / "ruecklauf.toml").open("a") as file:
        file.write(DEPLOYED)
    with served(home, "--host", "0.0.0.0") as port:
        plain = get(port, "/sign-in/", {"Host": "consent.example.org"})
        assert (plain.status, plain.headers["Location"]) == (301, "https://consent.example.org/sign-in/")
        answer = get(port, "/sign-in/", BY_TLS)
        assert answer.status == 200
        assert "max-age=31536000" in str(answer.headers["Strict-Transport-Security"])
        assert "Secure" in str(answer.headers["Set-Cookie"])
        assert get(port, "/", BY_TLS | {"Host": "evil.example"}).status == 400


def test_only_the_proxy_is_believed(home: Path) -> None:
    """Headers that say where a request came from count from the proxy's address only."""
    with (home / "ruecklauf.toml").open("a") as file:
        file.write(DEPLOYED + 'proxy = "192.0.2.1"\n')
    with served(home, "--host", "0.0.0.0") as port:
        assert get(port, "/sign-in/", BY_TLS).status == 301


def test_deployed_django_has_nothing_to_say(home: Path) -> None:
    """Django's own list of what a deployed site must have finds nothing missing."""
    assert run("status", home=home)[0] == 0
    with (home / "ruecklauf.toml").open("a") as file:
        file.write(DEPLOYED)
    environment = os.environ | {
        "PYTHONPATH": str(CLONE),
        "RUECKLAUF_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "ruecklauf.settings",
    }
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (0 silenced).\n"


def test_adduser_makes_up_a_password_or_takes_the_one_that_is_piped(home: Path) -> None:
    """A password that was piped is not printed; without one, one is made up and shown this once."""
    added = _adduser(home, "anna", "--role", "review", password="kastanien-im-november-9\n")
    assert added == (0, "anna may sign in\n", "")
    code, out, err = _adduser(home, "bert", "--role", "issue", "--role", "administer", password="")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"bert may sign in with the password \S{16} and has to choose another one first\n", out)


def test_disableuser_tells_whom_it_keeps_out(home: Path) -> None:
    """An account is disabled by its name; a name that nobody has is told."""
    assert _adduser(home, "anna", "--role", "review", password="")[0] == 0
    assert run("disableuser", "anna", home=home) == (0, "anna may sign in no more\n", "")
    code, out, err = run("disableuser", "bert", home=home)
    assert (code, out) == (2, "")
    assert "nobody signs in as bert" in err


@pytest.mark.parametrize(
    ("arguments", "password", "complaint"),
    [
        (["anna", "--role", "boss"], "", "no role boss"),
        (["anna"], "", "--role"),
        (["anna", "--role", "review"], "123\n", "not good enough"),
        (["an na", "--role", "review"], "", "name"),
    ],
)
def test_adduser_says_what_is_wrong(home: Path, arguments: list[str], password: str, complaint: str) -> None:
    """Wrong use ends with exit code 2 and a line that says how to do it right."""
    code, out, err = _adduser(home, *arguments, password=password)
    assert (code, out) == (2, "")
    assert complaint in err


def _adduser(home: Path, *arguments: str, password: str) -> tuple[int, str, str]:
    """Call `adduser` with what is piped into it."""
    with start("adduser", *arguments, home=home, stdin=subprocess.PIPE) as process:
        out, err = process.communicate(password, timeout=240)
        return process.returncode, out, err
