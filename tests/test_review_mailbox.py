"""Uploading returns: files lie in the mailbox under safe names, and one sees what becomes of them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import builders
import pytest
from book_steps import book_return
from builders import INCOMPLETE, make_return
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings
from review_steps import issue_to, signed_in

from intake.file_names import is_temporary
from intake.mailbox import make_mailbox
from intake.results import DocumentReading, Reason
from registry import book
from review.middleware import LAST_SEEN
from review.roles import Role
from ruecklauf.open_config import open_config
from ruecklauf.uploads import put_into_mailbox, safe_name
from ruecklauf.watch_presence import somebody_watches, watching

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mailbox(settings: Settings, tmp_path: Path) -> Path:
    """A mailbox of the test's own; files may have one MB."""
    changes = {"home": tmp_path, "file_limit_mb": 1}
    settings.RUECKLAUF_CONFIG = settings.RUECKLAUF_CONFIG.model_copy(update=changes)
    make_mailbox(tmp_path / "mailbox")
    return tmp_path / "mailbox"


def files_in(folder: Path) -> dict[str, bytes]:
    """What lies in a folder itself."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def send(client: Client, *files: tuple[str, bytes], script: bool = False) -> str:
    """Upload files, and return what is said."""
    said = {"files": [SimpleUploadedFile(name, data) for name, data in files]}
    headers = {"X-From-Script": "yes"} if script else {}
    return client.post("/mailbox/", said, headers=headers, follow=True).content.decode()


def test_uploaded_files_lie_in_the_mailbox(mailbox: Path) -> None:
    """Their bytes are unchanged, their names known again, and two of the same name lie side by side."""
    page = send(signed_in(Role.REVIEW), ("scan 1.pdf", b"%PDF one"), ("scan 1.pdf", b"%PDF two"), ("Ärger.JPG", b"x"))
    assert files_in(mailbox) == {"scan 1.pdf": b"%PDF one", "scan 1 (2).pdf": b"%PDF two", "Ärger.JPG": b"x"}
    assert "3 Dateien liegen jetzt im Eingangsordner" in page


@pytest.mark.parametrize(
    ("called", "lies_there"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\scan.pdf", "scan.pdf"),
        ("done", "done (2)"),
        (".hidden.pdf", "hidden.pdf"),
        ("~$lock.pdf", "lock.pdf"),
        ("half.pdf.part", "half.pdf.part_"),
        ("a\u202egpj.exe", "a_gpj.exe"),
        ("<script>.pdf", "script.pdf"),
        ("x" * 300 + ".tiff", "x" * 80 + ".tiff"),
        ("...", "upload"),
        ("a.b.c.pdf", "a.b.c.pdf"),
    ],
)
def test_no_name_leads_elsewhere(mailbox: Path, called: str, lies_there: str) -> None:
    """Whatever a browser calls a file, it lies in the mailbox, where the watcher finds it."""
    assert put_into_mailbox(mailbox, called, lambda: [b"x"]) == lies_there
    assert files_in(mailbox) == {lies_there: b"x"}
    assert not is_temporary(lies_there)


@given(st.text(max_size=400))
def test_every_name_is_safe(called: str) -> None:
    """No separator, no control character, nothing too long, nothing that a watcher skips, never empty."""
    name = safe_name(called)
    assert re.fullmatch(r"[^/\\\x00-\x1f\x7f]{1,90}", name)
    assert name.isprintable()
    assert not is_temporary(name)
    assert safe_name(name) == name or name.endswith("_")


def test_what_cannot_be_taken_is_told_and_the_rest_is_taken(mailbox: Path) -> None:
    """An empty file and one that is too large are named with the reason; the third lies in the mailbox."""
    files = ("empty.pdf", b""), ("large.pdf", b"x" * (1 << 20) + b"y"), ("good.pdf", b"%PDF")
    client = signed_in(Role.REVIEW)
    page = send(client, *files[:1], files[2])
    assert "empty.pdf: Diese Datei ist leer" in page
    assert (
        send(client, files[1], script=True)
        == '{"taken": [], "refused": ["Diese Datei ist gr\\u00f6\\u00dfer als 1 MB."]}'
    )
    assert set(files_in(mailbox)) == {"good.pdf"}
    assert "Wählen Sie die Dateien" in send(client)


def test_without_a_mailbox_nothing_is_taken(mailbox: Path) -> None:
    """A mount point whose disk is away has no folders in it: nothing must be written there."""
    for folder in ("done", "problems"):
        (mailbox / folder).rmdir()
    page = send(signed_in(Role.REVIEW), ("scan.pdf", b"%PDF"))
    assert "Der Eingangsordner ist nicht da" in page
    assert list(mailbox.iterdir()) == []


def test_a_full_disk_is_told(mailbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk takes no more, the file is not there, and the page says so."""

    def full(*_arguments: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ruecklauf.mailbox_pages.put_into_mailbox", full)
    assert "No space left" in send(signed_in(Role.REVIEW), ("scan.pdf", b"%PDF"))
    assert files_in(mailbox) == {}


def test_the_page_tells_what_became_of_each_file(mailbox: Path) -> None:
    """What waits, what was read to which return, what came twice, what is no form, what is broken and why."""
    (mailbox / "waiting.pdf").write_bytes(b"%PDF")
    (mailbox / "half.part").write_bytes(b"%PDF")
    issue_to(1, "Bäckerei Früh")
    returned = book_return(make_return(builders.form_id(1)), INCOMPLETE)
    broken = DocumentReading(builders.sha256(b"broken"), Reason.FILE_BROKEN, "", 0, (), ())
    for minutes in (0, 1):
        at = builders.RECEIVED_AT + timedelta(minutes=minutes)
        received = book.ReceivedBytes(b"broken", f"broken {minutes}.pdf", "mailbox", at)
        if minutes:
            assert book.book_known_bytes(received)
        else:
            book.book_document(received, broken, lambda *_: builders.ACCEPT)
    page = signed_in(Role.REVIEW).get("/mailbox/").content.decode().partition('id="state"')[2]
    rows = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)) for row in re.findall(r"<li.*?</li>", page, re.DOTALL)]
    assert len(rows) == 4
    assert "waiting.pdf" in rows[0]
    assert "broken 1.pdf dieselbe Datei kam schon einmal Problem" in rows[1]
    assert "beschädigt" in rows[2]
    assert "Bäckerei Früh K-1 unvollständig" in rows[3]
    assert f"/returns/{returned.return_id}/" in page


def test_it_is_said_whether_somebody_watches() -> None:
    """Without a watcher the page says plainly that nothing is read; while one runs it does not."""
    client = signed_in(Role.REVIEW)
    assert "Das Einlesen läuft nicht" in client.get("/mailbox/").content.decode()
    with watching(open_config()):
        assert somebody_watches(open_config())
        assert "Das Einlesen läuft nicht" not in client.get("/mailbox/").content.decode()
    assert not somebody_watches(open_config())


def test_a_page_that_asks_again_by_itself_keeps_no_session_alive() -> None:
    """Who walks away from the open page is signed out after the idle time all the same."""
    client = signed_in(Role.REVIEW)
    client.get("/mailbox/", headers={"X-Polled": "yes"})
    assert LAST_SEEN not in client.session
    client.get("/mailbox/")
    assert LAST_SEEN in client.session
