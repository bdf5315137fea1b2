"""A backup is one whole file, made while others work, and what is restored from it is what was saved."""

from __future__ import annotations

import io
import json
import re
import shutil
import sqlite3
import tarfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from program import CUSTOMERS, FAST, form_of, run, start

from ruecklauf.errors import WrongUse
from ruecklauf.saved_settings import settings_to_save


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two issued forms, one of them answered and in force, and some junk taken in."""
    home = tmp_path_factory.mktemp("office")
    (home / "ruecklauf.toml").write_text(FAST)
    (home / "customers.csv").write_text(CUSTOMERS, "utf-8")
    run("generate", "remote-support", "--customers", home / "customers.csv", "--home", home)
    (home / "scan.pdf").write_bytes(form_of(home, "K-1001").read_bytes())
    (home / "junk.pdf").write_bytes(b"%PDF-1.7 junk" + bytes(5 << 20))  # large enough to be copied piece by piece
    run("ingest", home / "scan.pdf", home / "junk.pdf", "--home", home)
    assert run("confirm", "1", "--by", "Erika", "--variant", "B", "--signed", "--home", home)[0] == 0
    return home


@pytest.fixture(scope="module")
def saved(office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    path = tmp_path_factory.mktemp("backup") / "office.tar"
    code, out, err = run("backup", path, "--home", office)
    assert code == 0, err
    assert re.match(r"\d+ events and \d+ archived files saved; head \d+:[0-9a-f]{64}$", out)
    return path


def everything_in(home: Path) -> tuple[str, dict[Path, bytes]]:
    """What the book says, and every byte in the archive."""
    export = run("export", "--format", "json", "--home", home)[1]
    files = {path.relative_to(home): path.read_bytes() for path in (home / "archive").rglob("*") if path.is_file()}
    return export + run("status", "--home", home)[1] + run("status", "--waiting", "--home", home)[1], files


def rewritten(backup: Path, to: Path, change: dict[str, bytes | None]) -> Path:
    """Copy a backup with the content of some members changed, or without them, as somebody could."""
    with tarfile.open(backup) as old, tarfile.open(to, "w") as new:
        for member in old:
            content = old.extractfile(member)
            assert content is not None
            data = change.get(member.name, content.read())
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
    return to


def names_in(backup: Path) -> list[str]:
    """Names of the files in a backup."""
    with tarfile.open(backup) as tar:
        return tar.getnames()


def test_what_is_restored_is_what_was_saved(office: Path, saved: Path, tmp_path: Path) -> None:
    """Book, archive, settings and anchors come back; the restored home verifies, works on, and numbers on."""
    home = tmp_path / "new"
    code, out, err = run("restore", saved, "--home", home)
    assert code == 0, err
    assert "all is well" in out
    assert "erase" in err
    assert everything_in(home) == everything_in(office)
    assert (home / "ruecklauf.toml").read_text() == FAST
    assert run("withdraw", "K-1001", "remote-support", "--by", "E", "--reason", "x", "--home", home)[0] == 0
    code, out, _ = run("ingest", form_of(office, "K-1002"), "--home", home)
    assert (code, "return 2 of K-1002" in out) == (0, True)
    assert run("verify", "--home", home)[0] == 0


def test_the_backup_is_one_private_file_without_secrets(office: Path, saved: Path, tmp_path: Path) -> None:
    """It is for its owner's eyes, holds no key and no password, and is never written over."""
    (office / "secret_key").write_text("THE-SECRET-KEY")
    assert saved.stat().st_mode & 0o777 == 0o600
    assert b"THE-SECRET-KEY" not in saved.read_bytes()
    before = saved.read_bytes()
    code, _, err = run("backup", saved, "--home", office)
    assert (code, saved.read_bytes()) == (3, before)
    assert "File exists" in err
    assert list(saved.parent.iterdir()) == [saved]
    (tmp_path / "ruecklauf.toml").write_text('settle_s = 3\n database = "postgresql://anna:hidden@db/book"\n')
    settings = settings_to_save(tmp_path)
    assert settings is not None
    assert (b"hidden" in settings, b"settle_s = 3" in settings) == (False, True)
    (tmp_path / "ruecklauf.toml").write_text('"database" = "postgresql://anna:hidden@db/book"\n')
    with pytest.raises(WrongUse, match="database"):
        settings_to_save(tmp_path)


def test_a_registry_in_use_is_not_restored_over(office: Path, saved: Path) -> None:
    """Only an empty home takes a backup in; and it must be named."""
    before = everything_in(office)
    code, _, err = run("restore", saved, "--home", office)
    assert code == 1
    assert "registry in use" in err
    assert everything_in(office) == before
    assert run("restore", saved)[0] == 2


@pytest.mark.parametrize(
    "part", ["manifest.json", "registry_event", "registry_issue", "archive/", "anchors", "seal.json"]
)
def test_one_flipped_bit_in_a_backup_is_noticed(saved: Path, tmp_path: Path, part: str) -> None:
    """Whatever part it hits, nothing of the registry is restored, and the home can be used for a sound backup."""
    name = next(name for name in names_in(saved) if part in name)
    with tarfile.open(saved) as tar:
        content = tar.extractfile(name)
        assert content is not None
        data = bytearray(content.read())
    data[len(data) // 2] ^= 1
    broken = rewritten(saved, tmp_path / "broken.tar", {name: bytes(data)})
    home = tmp_path / "new"
    code, out, err = run("restore", broken, "--home", home)
    assert code == 3, out
    assert len(err.splitlines()) == 1
    code, _, err = run("restore", saved, "--home", home)
    assert code == 0, err


def test_a_backup_that_is_not_whole_is_refused(saved: Path, tmp_path: Path) -> None:
    """Cut off anywhere, or with a file taken out or slipped in, it is no backup."""
    whole = saved.read_bytes()
    for number, share in enumerate((0.2, 0.5, 0.9)):
        cut = tmp_path / f"{number}.tar"
        cut.write_bytes(whole[: int(len(whole) * share)])
        assert run("restore", cut, "--home", tmp_path / f"home-{number}")[0] == 3
    archived = next(name for name in names_in(saved) if name.startswith("archive/"))
    without = rewritten(saved, tmp_path / "without.tar", {archived: None})
    assert run("restore", without, "--home", tmp_path / "without")[0] == 3
    manifest = json.dumps({"format": 99, "migrations": []}).encode()
    newer = rewritten(saved, tmp_path / "newer.tar", {"manifest.json": manifest})
    assert run("restore", newer, "--home", tmp_path / "newer")[0] == 3
    (tmp_path / "text").write_text("no tar at all")
    assert run("restore", tmp_path / "text", "--home", tmp_path / "text-home")[0] == 2


def test_a_hostile_backup_writes_nothing_outside(saved: Path, tmp_path: Path) -> None:
    """A name that leads out of the home is no part of a backup."""
    hostile = tmp_path / "hostile.tar"
    with tarfile.open(saved) as old, tarfile.open(hostile, "w") as new:
        first = old.next()
        assert first is not None
        new.addfile(first, old.extractfile(first))
        info = tarfile.TarInfo("archive/../../evil")
        info.size = 1
        new.addfile(info, io.BytesIO(b"x"))
    code, _, err = run("restore", hostile, "--home", tmp_path / "new")
    assert code == 3
    assert "no part of one" in err
    assert not list(tmp_path.rglob("evil"))


def test_damaged_files_do_not_keep_the_rest_from_being_saved(office: Path, tmp_path: Path) -> None:
    """An altered and a missing file are named, everything else is saved; restoring says again what is missing."""
    home = tmp_path / "damaged"
    shutil.copytree(office, home)
    altered, missing = sorted(path for path in (home / "archive").glob("*/*"))[:2]
    altered.chmod(0o600)
    altered.write_bytes(b"altered")
    missing.unlink()
    code, out, _ = run("backup", tmp_path / "b.tar", "--home", home)
    assert code == 3
    assert f"file.altered: {altered}" in out
    assert "file.missing: " in out
    code, out, err = run("restore", tmp_path / "b.tar", "--home", tmp_path / "new")
    assert code == 3
    assert f"{altered.name} was damaged when the backup was made" in err
    assert out.count("file.missing: ") == 2


def test_a_damaged_registry_is_not_saved(office: Path, tmp_path: Path) -> None:
    """A backup that could not be restored must not take the place of one that can."""
    home = tmp_path / "damaged"
    shutil.copytree(office, home)
    with closing(sqlite3.connect(home / "registry.sqlite3")) as database, database:
        database.execute("UPDATE registry_humandecision SET variant = 'A'")
    code, _, err = run("backup", tmp_path / "b.tar", "--home", home)
    assert code == 3
    assert "row.altered" in err
    assert not (tmp_path / "b.tar").exists()
    assert run("verify", "--home", home)[0] == 3


def test_an_old_registry_beside_a_newer_archive_is_not_worked_with(office: Path, tmp_path: Path) -> None:
    """Whoever puts back an old copy of the database alone is told so by every command, and nothing is booked."""
    home = tmp_path / "home"
    shutil.copytree(office, home)
    old = (home / "registry.sqlite3").read_bytes()
    run("withdraw", "K-1001", "remote-support", "--by", "E", "--reason", "x", "--home", home)
    (home / "registry.sqlite3").write_bytes(old)
    for command in (("status",), ("export",), ("sent", "0" * 16, "--channel", "post")):
        code, _, err = run(*command, "--home", home)
        assert (code, "older copy" in err) == (3, True), command
    code, out, _ = run("verify", "--home", home)
    assert code == 3
    assert out.startswith("registry.older: the events end at ")


def test_a_backup_is_made_while_the_watcher_books(office: Path, tmp_path: Path) -> None:
    """Files arrive all the time; the backup holds one moment of it, and restored it verifies."""
    home = tmp_path / "home"
    shutil.copytree(office, home)
    with start("watch", "--home", home) as watcher:
        for number in range(30):
            (home / "mailbox" / f"{number}.pdf").write_bytes(b"%PDF-1.7 junk " + bytes(str(number), "ascii"))
        deadline = time.monotonic() + 30
        while not list((home / "mailbox" / "problems").glob("*.pdf")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        code, out, err = run("backup", tmp_path / "b.tar", "--home", home)
        assert code == 0, err
        assert run("verify", "--home", home)[0] == 0
        watcher.terminate()
        assert watcher.wait(timeout=120) == 0
    code, out, err = run("restore", tmp_path / "b.tar", "--home", tmp_path / "new")
    assert code == 0, err
    assert "all is well" in out
    assert run("verify", "--home", home)[0] == 0
