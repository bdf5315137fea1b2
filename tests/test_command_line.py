"""The command line as staff use it: real processes, a real home, real files."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from program import CLONE, CUSTOMERS, FAST, form_of, run
from typer.testing import CliRunner

from ruecklauf.command_line import app


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory, database_setting: Callable[[], str]) -> Path:
    """Make a home in which two forms were issued; one row of the list was refused."""
    home = tmp_path_factory.mktemp("home")
    (home / "ruecklauf.toml").write_text(FAST + database_setting())
    (home / "customers.csv").write_text(CUSTOMERS, "utf-8")
    code, out, err = run("generate", "remote-support", "--customers", home / "customers.csv", "--home", home)
    assert code == 1, err
    assert out.startswith("2 letters issued, 1 rows refused")
    assert "row 4, number: 'K 99'" in err
    return home


def test_generating_again_skips_and_restores(issued: Path) -> None:
    """Who has an open form gets no second one; a file that is missing comes back from the archive, unchanged."""
    path = form_of(issued, "K-1001")
    before = path.read_bytes()
    path.unlink()
    code, out, err = run("--home", issued, "generate", "remote-support.v1", "--customers", issued / "customers.csv")
    assert code == 1
    assert out.startswith("0 letters issued, 2 customers skipped, 1 rows refused")
    assert "missing file was written again" in err
    assert path.read_bytes() == before
    assert not list((issued / "forms").glob(".*"))


def test_reading_books_nothing_and_answers_in_json(issued: Path, tmp_path: Path) -> None:
    """One line per return in the order of the files; what cannot be opened is one line too and exit code 1."""
    broken = tmp_path / "kaputt.pdf"
    broken.write_bytes(b"%PDF-1.7 and nothing else")
    code, out, _ = run("read", broken, form_of(issued, "K-1002"), tmp_path / "missing.pdf", "--json", "--home", issued)
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [line["customer"] for line in lines] == [None, "K-1002", None]
    assert [line["decision"] == "reject" for line in lines] == [True, False, True]
    assert lines[1]["variant"]["state"] == "none"
    assert [line["pages"] for line in lines] == [[], [1], []]
    code, out, _ = run("status", "--waiting", "--home", issued)
    assert (code, len(out.splitlines())) == (0, 1)


def test_reading_makes_no_registry(tmp_path: Path, issued: Path) -> None:
    """A home without a registry knows no form, and reading leaves nothing in it."""
    home = tmp_path / "new"
    code, out, _ = run("read", form_of(issued, "K-1001"), "--json", "--home", home)
    (line,) = [json.loads(line) for line in out.splitlines()]
    assert (code, line["decision"], line["reasons"]) == (0, "reject", ["code.unknown"])
    assert not home.exists()


def test_the_circle_from_mailbox_to_export(issued: Path) -> None:
    """Files leave the mailbox booked or explained; a person confirms; the export says what is in force."""
    mailbox = issued / "mailbox"
    form = form_of(issued, "K-1001").read_bytes()
    (mailbox / "SCN_0001.pdf").write_bytes(form)
    (mailbox / "zwei\nZeilen.pdf").write_bytes(b"%PDF-1.7 broken")
    (mailbox / "link.pdf").symlink_to("/etc/passwd")
    (mailbox / "growing.pdf.part").write_bytes(b"1")
    code, out, err = run("watch", "--once", home=issued)
    assert code == 1, err
    assert "booked: SCN_0001.pdf: return 1 of K-1001: " in out
    assert "problem: zwei\\nZeilen.pdf: The file is damaged" in out
    assert (mailbox / "done" / "SCN_0001.pdf").read_bytes() == form
    assert "file.broken" in (mailbox / "problems" / "zwei\nZeilen.pdf.reason.txt").read_text()
    assert (mailbox / "problems" / "link.pdf").is_symlink()
    assert sorted(path.name for path in mailbox.iterdir()) == ["done", "growing.pdf.part", "problems"]

    (mailbox / "SCN_0001.pdf").write_bytes(form)
    code, out, _ = run("watch", "--once", home=issued)
    assert code == 0
    assert "the same file as SCN_0001.pdf" in out
    assert (mailbox / "done" / "SCN_0001 (2).pdf").exists()

    assert "no variant" in run("confirm", "1", "--by", "Erika Beispiel", home=issued)[2]
    seen = ("--variant", "B", "--signed", "--signed-on", "23.11.2026")
    code, out, err = run("confirm", "1", "--by", "Erika Beispiel", *seen, home=issued)
    assert code == 0, err
    assert "waits again" in run("reopen", "1", "--by", "Erika Beispiel", "--reason", "a slip", home=issued)[1]
    code, out, err = run("settle", "1", "9", "--as", "ask", "--by", "E. B.", "--reason", "both marked", home=issued)
    assert (code, out) == (1, "return 1: the customer is to be asked again\n")
    assert err == "Error: there is no return 9 — see `ruecklauf status --waiting` for those that wait\n"
    assert len(run("status", "--waiting", home=issued)[1].splitlines()) == 1
    assert run("reopen", "1", "--by", "Erika Beispiel", "--reason", "they called", home=issued)[0] == 0
    assert run("confirm", "1", "--by", "Erika Beispiel", *seen, home=issued)[0] == 0
    code, out, _ = run("export", "--format", "csv", home=issued)
    rows = {row["number"]: row for row in csv.DictReader(io.StringIO(out.removeprefix("\ufeff")), delimiter=";")}
    assert (rows["K-1001"]["variant"], rows["K-1001"]["confirmed_by"]) == ("B", "Erika Beispiel")
    assert rows["K-1002"]["clients"] == ""


def test_given_files_are_booked_and_stay(issued: Path, tmp_path: Path) -> None:
    """`ingest` takes a file in where it lies, once until it is touched, and says which could not be opened."""
    path = tmp_path / "scan.pdf"
    path.write_bytes(form_of(issued, "K-1002").read_bytes())
    code, out, _ = run("ingest", path, tmp_path / "missing.pdf", "--home", issued)
    assert code == 1
    assert "booked: scan.pdf" in out
    assert "missing.pdf: The file was not taken in: No such file or directory." in out
    again = run("ingest", path, "--home", issued)[1]
    assert again.startswith("booked: scan.pdf: taken in before; return ")
    path.touch()
    assert "the same file as scan.pdf" in run("ingest", path, "--home", issued)[1]
    assert path.exists()


@pytest.mark.parametrize("kind", ["link that leads nowhere", "file, not a folder"])
@pytest.mark.parametrize("is_new", [True, False], ids=["new home", "old home"])
def test_a_mailbox_that_is_no_folder_is_said_in_one_line(tmp_path: Path, kind: str, is_new: bool) -> None:
    """A dangling link or a file where the mailbox should be: exit code 3, and what to do; it stays as it is."""
    mailbox = tmp_path / "mailbox"
    if not is_new:
        assert run("status", "--home", tmp_path)[0] == 0
        shutil.rmtree(mailbox)
    if kind.startswith("link"):
        mailbox.symlink_to("nowhere")
    else:
        mailbox.touch()
    code, _, err = run("watch", "--home", tmp_path)
    assert code == 3
    assert err.splitlines()[-1].startswith(f"Error: the mailbox {mailbox} is a {kind} — ")
    assert not mailbox.is_dir()


def test_a_broken_registry_leaves_the_file_where_it_was(tmp_path: Path) -> None:
    """Without a registry nothing is moved: exit code 3, one line, no traceback."""
    mailbox = tmp_path / "mailbox"
    mailbox.mkdir()
    (tmp_path / "registry.sqlite3").write_bytes(b"this is no database" * 100)
    (mailbox / "a.pdf").write_bytes(b"1")
    code, _, err = run("watch", "--once", "--home", tmp_path)
    assert code == 3
    assert len(err.splitlines()) == 1
    assert (mailbox / "a.pdf").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("generate", "remote-suport", "--customers", "x.csv"),
        ("generate", "remote-support"),
        ("withdraw", "K-1001", "remote-support", "--by", "E", "--reason", "x", "--on", "31.02.2026"),
        ("confirm", "one", "--by", "E"),
        ("nonsense",),
    ],
)
def test_wrong_use_has_its_own_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was typed wrongly ends with 2, without a traceback and without making a home."""
    monkeypatch.setenv("RUECKLAUF_HOME", str(tmp_path))  # so that what --home sets is undone
    result = CliRunner().invoke(app, ["--home", str(tmp_path / "home"), *arguments])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert not (tmp_path / "home").exists()


def test_what_the_book_does_not_allow_is_one_line(issued: Path) -> None:
    """Refusals by the registry end with 1 and say what to do."""
    code, _, err = run("sent", "0000000000000000", "--channel", "post", "--home", issued)
    assert code == 1
    assert len(err.splitlines()) == 1
    assert " — " in err


def test_help_is_there_for_every_command() -> None:
    """--help names every command and needs no home."""
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    commands = (
        "generate",
        "watch",
        "ingest",
        "read",
        "status",
        "confirm",
        "settle",
        "reopen",
        "withdraw",
        "sent",
        "configured",
        "export",
    )
    assert all(command in result.output for command in commands)


_FAILS = """
from ruecklauf.cli_app import frame
import structlog
frame()
def book(customer, password):
    raise ValueError("a fault of ours")
try:
    book("Frau " + "Weber", "ge" + "heim")
except ValueError:
    structlog.get_logger().exception("booking.failed", sha256="abc")
"""


def test_the_log_shows_no_values() -> None:
    """A traceback in the log says where it happened, but not what the variables held."""
    done = subprocess.run(
        [sys.executable, "-c", _FAILS], check=True, capture_output=True, text=True, env={"PYTHONPATH": str(CLONE)}
    )
    assert "in book" in done.stderr
    assert "a fault of ours" in done.stderr
    assert "Weber" not in done.stderr
    assert "geheim" not in done.stderr
