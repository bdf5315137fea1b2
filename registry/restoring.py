"""`restore`: brings back what a backup holds, into a home of its own, after checking all of it."""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from forms.durable_files import NewFile, make_folder, new_file, replace_file, write_new_files
from registry import archive, backup
from registry.anchors import anchors_file, read_anchors
from registry.backup import Manifest, Seal
from registry.backup_rows import add_rows, kept_tables, tables_in_use
from registry.check_events import check_events
from registry.errors import BackupDamaged, NotAllowedNow
from registry.events import rebuild_lists

_ROWS = re.compile(r"rows/([a-z_]+)/[0-9]{6}-([0-9a-f]{64})\.jsonl")
_FILE = re.compile(r"archive/([0-9a-f]{2})/((\1[0-9a-f]{62})\.(?:pdf|png|tif|jpg|bin))")
_DAMAGED = re.compile(r"damaged/[0-9a-f]{2}/([0-9a-f]{64}\.[a-z]{3})")
_AT_ONCE_BYTES = 1 << 20
_MOST_IN_MEMORY_BYTES = 256 << 20
_LARGE_BYTES = 4 << 20
_WRITTEN_TOGETHER = 50
_ARCHIVE_MODE = 0o440
_ANCHORS_MODE = 0o640
_ANOTHER = "use another backup; one that was made with `ruecklauf backup` and copied whole"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back."""

    manifest: Manifest
    files: int
    not_restored: tuple[str, ...]
    """Names of files that were damaged already when the backup was made: they lie in it, under `damaged/`."""


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in the backup."""

    name: str
    size: int
    content: IO[bytes]

    def read(self) -> bytes:
        if self.size > _MOST_IN_MEMORY_BYTES:
            raise BackupDamaged(f"{self.name} in the backup is too large", _ANOTHER)
        return self.content.read()


def restore(path: Path, progress: Callable[[str, int, int | None], None]) -> Restored:
    """Bring a backup into the open home, whose registry must be empty.

    The registry's rows come in all at once at the end, or not at all; after an interruption it can be done again.
    Raises `NotAllowedNow` where the registry is in use, `BackupDamaged` where any part of the backup is not as it was
    written, `django.db.Error` and `OSError`.
    """
    if used := tables_in_use():
        raise NotAllowedNow(f"the home has a registry in use ({', '.join(used)})", "restore into a new home")
    seal = Seal()
    with _members(path, seal) as members, transaction.atomic():
        manifest = _manifest(next(members, None))
        taken = _Taken(manifest, progress)
        for member in members:
            if member.name == backup.SEAL:
                taken.is_sealed = member.read() == seal.as_json()
                break
            taken.take(member)
        taken.check_complete()
        _finish_tables()
    return Restored(manifest, taken.files, tuple(taken.damaged))


class _Taken:
    """What has been taken out of a backup so far."""

    def __init__(self, manifest: Manifest, progress: Callable[[str, int, int | None], None]) -> None:
        self._manifest = manifest
        self._progress = progress
        self._rows = dict.fromkeys(manifest.rows, 0)
        self._waiting: list[NewFile] = []
        self.files = 0
        self.damaged: list[str] = []
        self.is_sealed = False

    def take(self, member: _Member) -> None:
        """Put one file of the backup where it belongs."""
        if matched := _ROWS.fullmatch(member.name):
            self._take_rows(matched[1], member, matched[2])
        elif matched := _FILE.fullmatch(member.name):
            self._take_file(member, archive.archive_root() / matched[1] / matched[2], matched[3])
            self.files += 1
            self._progress("Archived files", self.files, None)
        elif matched := _DAMAGED.fullmatch(member.name):
            self.damaged.append(matched[1])
        elif member.name == backup.ANCHORS:
            make_folder(archive.archive_root())
            replace_file(anchors_file(), member.read(), mode=_ANCHORS_MODE)
        elif member.name != backup.SETTINGS:
            raise BackupDamaged(f"the backup holds {member.name!r}, which is no part of one", _ANOTHER)

    def check_complete(self) -> None:
        """Raise `BackupDamaged` unless everything is there that the manifest and the seal speak of."""
        self._write_waiting()
        if not self.is_sealed:
            raise BackupDamaged("the backup is not whole: its end is missing, or not what was written", _ANOTHER)
        if self._rows != self._manifest.rows:
            raise BackupDamaged("the backup does not hold as many rows as it says", _ANOTHER)

    def _take_file(self, member: _Member, path: Path, sha256: str) -> None:
        """Write one archived file, a small one together with others; what an interrupted restore wrote stays."""
        if path.exists():
            return
        make_folder(path.parent)
        if member.size > _LARGE_BYTES:
            _copy(member, path, sha256)
            return
        data = member.content.read()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BackupDamaged(f"{member.name} in the backup is not what was written", _ANOTHER)
        self._waiting.append(NewFile(path, data))
        if len(self._waiting) == _WRITTEN_TOGETHER:
            self._write_waiting()

    def _write_waiting(self) -> None:
        write_new_files(self._waiting, mode=_ARCHIVE_MODE)
        self._waiting.clear()

    def _take_rows(self, table: str, member: _Member, sha256: str) -> None:
        data = member.read()
        model = kept_tables().get(table)
        if hashlib.sha256(data).hexdigest() != sha256 or model is None or table not in self._rows:
            raise BackupDamaged(f"{member.name} in the backup is not what was written", _ANOTHER)
        lines = data.splitlines()
        add_rows(model, lines)
        self._rows[table] += len(lines)
        self._progress("Rows", sum(self._rows.values()), sum(self._manifest.rows.values()))


@contextmanager
def _members(path: Path, seal: Seal) -> Iterator[Iterator[_Member]]:
    """Open a backup; what its bytes bring about in the reading of them becomes `BackupDamaged`."""
    try:
        with tarfile.open(path, mode="r:") as tar:
            yield _each(tar, seal)
    except (tarfile.TarError, EOFError, UnicodeDecodeError) as error:
        raise BackupDamaged(f"{path} is no backup, or not whole ({error})", _ANOTHER) from error


def _each(tar: tarfile.TarFile, seal: Seal) -> Iterator[_Member]:
    while (info := tar.next()) is not None:
        tar.members.clear()  # type: ignore[attr-defined]  # it would remember every one
        stream = tar.extractfile(info)
        if stream is None:
            raise BackupDamaged(f"{info.name!r} in the backup is no file", _ANOTHER)
        hashed = _Hashed(stream)
        yield _Member(info.name, info.size, hashed)  # type: ignore[arg-type]  # all that is used of it
        hashed.exhaust()
        seal.take(info.name, info.size, hashed.hexdigest())


class _Hashed:
    """A file that digests what is read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._digest.update(data)
        return data

    def exhaust(self) -> None:
        """Read what nobody has read."""
        while self.read(_AT_ONCE_BYTES):
            continue

    def hexdigest(self) -> str:
        """Digest of everything read so far."""
        return self._digest.hexdigest()


def _manifest(member: _Member | None) -> Manifest:
    if member is None or member.name != backup.MANIFEST:
        raise BackupDamaged("this is no backup: it does not begin with a manifest", _ANOTHER)
    try:
        said = json.loads(member.read())
        manifest = Manifest(**{**said, "migrations": tuple(said["migrations"])})
    except (ValueError, TypeError, KeyError) as error:
        raise BackupDamaged(f"the backup's manifest cannot be understood ({error})", _ANOTHER) from error
    known = {name for app, name in MigrationLoader(connection).disk_migrations if app == "registry"}
    if manifest.format != backup.FORMAT or not known.issuperset(manifest.migrations):
        raise BackupDamaged(
            f"the backup was made by version {manifest.program_version} of the program, which is newer",
            "use that version, or a newer one",
        )
    return manifest


def _copy(member: _Member, path: Path, sha256: str) -> None:
    """Write one archived file, piece by piece."""
    digest = hashlib.sha256()
    with new_file(path, mode=_ARCHIVE_MODE) as file:
        while data := member.content.read(_AT_ONCE_BYTES):
            digest.update(data)
            file.write(data)
        if digest.hexdigest() != sha256:
            raise BackupDamaged(f"{member.name} in the backup is not what was written", _ANOTHER)


def _finish_tables() -> None:
    """Let new rows be numbered after those that came back, and check the chain before anything is committed."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(kept_tables().values())):
            cursor.execute(statement)
    for finding in check_events("default", read_anchors()):
        raise BackupDamaged(f"the events in the backup do not verify ({finding.what})", _ANOTHER)
    rebuild_lists()
