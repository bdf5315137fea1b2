"""Putting files away: nothing is ever overwritten, and an interruption leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from program import CLONE

from intake.filing import finish_move, put_away, put_back


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make the folder that files are put into; they come from the one above it."""
    path = tmp_path / "problems"
    path.mkdir()
    return path


def drop(folder: Path, name: str, data: bytes) -> Path:
    """Make a file that is to be put into the folder."""
    path = folder.parent / name
    path.write_bytes(data)
    return path


def test_a_reason_and_a_file_of_its_name_do_not_meet(folder: Path) -> None:
    """A file called like another one's reason gets another name; both reasons are where they belong."""
    first = put_away(drop(folder, "a.pdf", b"1"), folder, "first")
    second = put_away(drop(folder, "a.pdf.reason.txt", b"2"), folder, "second")
    assert [filed.path.read_bytes() for filed in (first, second)] == [b"1", b"2"]
    notes = [filed.note.read_text() for filed in (first, second) if filed.note]
    assert notes == ["a.pdf\n\nfirst\n", "a.pdf.reason.txt\n\nsecond\n"]


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_lies_where_a_reason_should_lie_is_left_alone(folder: Path, kind: str) -> None:
    """A link, a folder or a pipe of that name is neither opened nor followed: the file gets the next number."""
    place = folder / "a.pdf.reason.txt"
    if kind == "link":
        place.symlink_to(folder.parent / "secret")
    elif kind == "folder":
        place.mkdir()
    else:
        os.mkfifo(place)
    filed = put_away(drop(folder, "a.pdf", b"1"), folder, "broken")
    assert filed.path.name == "a (2).pdf"
    assert not (folder.parent / "secret").exists()


def test_many_who_put_files_of_one_name_away_lose_none(folder: Path) -> None:
    """Eight at once, each with files of the same name: every file arrives with its own reason."""

    def put_twenty_away(who: int) -> None:
        own = folder.parent / str(who)
        own.mkdir()
        for number in range(20):
            path = own / "SCN_0001.pdf"
            path.write_text(f"{who} {number}")
            put_away(path, folder, f"of {who} {number}")

    threads = [threading.Thread(target=put_twenty_away, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    notes = {path: path.read_text().splitlines()[-1] for path in folder.glob("*.reason.txt")}
    files = {path: path.read_text() for path in folder.iterdir() if path not in notes}
    assert sorted(files.values()) == sorted(f"{who} {number}" for who in range(8) for number in range(20))
    assert {f"{path.name}.reason.txt": f"of {text}" for path, text in files.items()} == {
        path.name: note for path, note in notes.items()
    }


def test_what_was_put_away_wrongly_comes_back_without_overwriting(folder: Path) -> None:
    """It returns to its place, or beside what came there meanwhile, and its reason goes."""
    source = drop(folder, "a.pdf", b"1")
    filed = put_away(source, folder, "broken")
    source.write_bytes(b"2")
    put_back(filed, source)
    assert list(folder.iterdir()) == []
    assert (source.read_bytes(), (folder.parent / "a (2).pdf").read_bytes()) == (b"2", b"1")


def test_a_move_in_two_steps_is_finished(folder: Path) -> None:
    """What lies in both places after an interruption leaves the first; another link of the file's owner does not."""
    source = drop(folder, "a.pdf", b"1")
    assert not finish_move(source, folder)
    (folder.parent / "own link.pdf").hardlink_to(source)
    assert not finish_move(source, folder)
    (folder / "a (2).pdf").hardlink_to(source)
    assert finish_move(source, folder)
    assert (source.exists(), (folder / "a (2).pdf").read_bytes()) == (False, b"1")


PUT_ALL_AWAY = """
import sys
from pathlib import Path
from intake.filing import put_away
for path in sorted(Path(sys.argv[1]).parent.iterdir()):
    if path != Path(sys.argv[1]):
        put_away(path, Path(sys.argv[1]), None)
"""


def test_a_file_system_that_cannot_rename_without_replacing_overwrites_nothing_either(folder: Path) -> None:
    """Where the system refuses that rename, as some network shares do, all kinds of things are moved all the same."""
    drop(folder, "a.pdf", b"new")
    (folder / "a.pdf").write_bytes(b"old")
    (folder.parent / "link.pdf").symlink_to("nowhere")
    (folder.parent / "folder").mkdir()
    (folder / "folder").mkdir()
    refuse = ["strace", "-qq", "-o", "/dev/null", "-e", "trace=renameat2", "-e", "inject=renameat2:error=EINVAL"]
    command = [*refuse, sys.executable, "-c", PUT_ALL_AWAY, str(folder)]
    subprocess.run(command, check=True, cwd=CLONE, env=os.environ | {"PYTHONPATH": str(CLONE)}, timeout=240)
    assert sorted(path.name for path in folder.iterdir()) == ["a (2).pdf", "a.pdf", "folder", "folder (2)", "link.pdf"]
    assert ((folder / "a.pdf").read_bytes(), (folder / "a (2).pdf").read_bytes()) == (b"old", b"new")
    assert list(folder.parent.iterdir()) == [folder]
