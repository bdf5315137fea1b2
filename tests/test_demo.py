"""The demo, as a newcomer types it."""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from PIL import Image

from ruecklauf.demo_home import MARKER, fresh_demo_home
from ruecklauf.errors import WrongUse

CLONE = Path(__file__).parents[1]
RETURNS = 14


def _ruecklauf(*arguments: str, cwd: Path, database: str = "") -> subprocess.CompletedProcess[str]:
    """Call the program in a process of its own, with no home in its environment, but perhaps a database."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("RUECKLAUF", "DJANGO"))}
    environment |= {"PYTHONPATH": str(CLONE), "RUECKLAUF_DATABASE": database}
    command = [sys.executable, "-m", "ruecklauf", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False)


def test_demo_runs_twice_on_one_home(tmp_path: Path) -> None:
    """The demo reads nothing wrongly, leaves what it names, and begins from nothing when it is started again.

    It keeps out of the database that the environment names: that is the office's.
    """
    done = _ruecklauf("demo", "--home", "demo", cwd=tmp_path, database="postgresql://127.0.0.1:1/office")
    assert (done.returncode, done.stderr) == (0, "")
    first = _table(done.stdout, "What is true, and what was read")
    assert _table(_served(tmp_path), "What is true, and what was read") == first
    assert len(first) == RETURNS
    pictures = sorted((tmp_path / "demo" / "pictures").iterdir())
    assert len(pictures) == RETURNS
    with Image.open(pictures[0]) as picture:
        assert picture.width > 1000
    _check_book(tmp_path)


def _served(folder: Path) -> str:
    """Run the demo with its review page: whoever it made gets in, and Ctrl-C ends it. Return what it says."""
    command = [sys.executable, "-m", "ruecklauf", "demo", "--serve", "--home", "demo"]
    environment = os.environ | {"PYTHONPATH": str(CLONE)}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if way_in := re.match(r"(http://127\.0\.0\.1:\d+/) +sign in as (\S+) with the password (\S+)$", line):
                break
        assert way_in is not None
        assert "Eingang" in _sign_in(*way_in.groups())
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    return "".join(said)


def _sign_in(address: str, user: str, password: str) -> str:
    """Sign in as a browser does; return the page that comes up."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.open(address).read().decode())
    assert token is not None
    said = {"csrfmiddlewaretoken": token[1], "username": user, "password": password}
    page: bytes = browser.open(f"{address}sign-in/", urllib.parse.urlencode(said).encode()).read()
    return page.decode()


def _table(stdout: str, headline: str) -> list[str]:
    """Return the rows of the table below a headline."""
    return stdout.split(f"{headline}\n")[1].split("\n\n")[0].splitlines()[1:]


def _check_book(folder: Path) -> None:
    """The book of the demo is a book like any other: it can be looked at, and what waits can be confirmed."""
    waiting = _ruecklauf("status", "--waiting", "--pictures", "seen", "--home", "demo", cwd=folder)
    rows = list(csv.DictReader(waiting.stdout.splitlines(), delimiter="\t"))
    assert len(list((folder / "seen").iterdir())) == len(rows) > 0
    *_, corrected = (row["return"] for row in rows if row["number"] == "K-1004")
    said = ("--variant", "B", "--signed", "--by", "Petra")
    confirmed = _ruecklauf("confirm", corrected, *said, "--home", "demo", cwd=folder)
    assert (confirmed.returncode, confirmed.stderr) == (0, "")
    assert "K-1004" in confirmed.stdout


def test_only_a_folder_of_the_demo_is_emptied(tmp_path: Path) -> None:
    """A folder that holds what no demo has made is refused and left as it is."""
    kept = tmp_path / "registry.sqlite3"
    kept.write_bytes(b"of the office")
    with pytest.raises(WrongUse, match="not made by the demo"), fresh_demo_home(tmp_path):
        pass
    assert [*tmp_path.iterdir()] == [kept]


def test_nothing_outside_the_folder_is_removed(tmp_path: Path) -> None:
    """Links in the demo's folder are removed, and what they point to is not."""
    home, outside = tmp_path / "home", tmp_path / "outside"
    outside.mkdir()
    (outside / "letter.pdf").write_bytes(b"kept")
    with fresh_demo_home(home):
        (home / "link").symlink_to(outside)
        (home / "archive").mkdir()
    with fresh_demo_home(home):
        assert [path.name for path in home.iterdir()] == [MARKER]
    assert (outside / "letter.pdf").read_bytes() == b"kept"


def test_a_link_to_a_folder_is_no_folder_of_the_demo(tmp_path: Path) -> None:
    """Neither a linked folder nor a linked marker counts as made by the demo."""
    with fresh_demo_home(tmp_path / "made"):
        pass
    (tmp_path / "linked").symlink_to(tmp_path / "made")
    copied = tmp_path / "copied"
    copied.mkdir()
    (copied / MARKER).symlink_to(tmp_path / "made" / MARKER)
    for home in (tmp_path / "linked", copied):
        with pytest.raises(WrongUse), fresh_demo_home(home):
            pass


def test_two_demos_never_share_a_folder(tmp_path: Path) -> None:
    """While one demo runs, a second one in the same folder is refused, and empties nothing."""
    with fresh_demo_home(tmp_path):
        (tmp_path / "mailbox").mkdir()
        with pytest.raises(WrongUse, match="another demo is running"), fresh_demo_home(tmp_path):
            pass
        assert (tmp_path / "mailbox").is_dir()
