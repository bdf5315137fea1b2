"""`backup`: registry and archive in one plain tar file, as they stood at one moment, while others go on booking.

In this order: `manifest.json`, `ruecklauf.toml` (without what is secret), `anchors`, `rows/TABLE/NUMBER-DIGEST.jsonl`,
`archive/…` as in the home, and `seal.json`, which says how much there was before it and its digest. A file that no
longer is what was archived lies under `damaged/`, for whoever wants to look at it; it is never restored.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from forms.durable_files import new_file
from registry import archive
from registry.anchors import Anchor, anchors_file, head_anchor, read_anchors, write_anchor
from registry.archived_digests import FOLDERS, DigestSet, kept_digests
from registry.backup_rows import kept_tables, rows_in_parts
from registry.check_archive import digest_of
from registry.check_events import check_events
from registry.check_rows import check_rows
from registry.errors import Damaged
from registry.findings import Finding, FindingCode
from registry.snapshot import frozen_registry

FORMAT = 1
MANIFEST, SETTINGS, ANCHORS, SEAL = "manifest.json", "ruecklauf.toml", "anchors", "seal.json"
_MODE = 0o600
_AT_ONCE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    program_version: str
    made_at: str
    """As ISO 8601 in UTC."""
    database: str
    """The kind of database that the registry lay in; it may be another one after restoring."""
    head: str | None
    """Number and digest of the last event; None where there is none."""
    rows: dict[str, int]
    """How many, by table."""
    migrations: tuple[str, ...]
    """Those of the registry that its tables had gone through."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What went into a backup."""

    head: Anchor | None
    events: int
    files: int
    damage: tuple[Finding, ...]
    """Archived files that are missing or altered: all else is in the backup."""


def back_up(path: Path, settings_text: bytes | None, progress: Callable[[str, int, int | None], None]) -> BackedUp:
    """Write everything into one new file, durably; nothing lies there unless all of it does.

    `settings_text` is the home's ruecklauf.toml, without secrets. Raises `FileExistsError`, `Damaged` where the
    registry does not verify (a backup of it must not take the place of a sound one), `django.db.Error` and `OSError`:
    then there is no backup. Damaged files of the archive are told, and everything else is saved.
    """
    write_anchor()
    anchors = anchors_file().read_bytes() if anchors_file().exists() else b""
    with new_file(path, mode=_MODE) as file, frozen_registry() as alias:
        _refuse_damaged(alias)
        manifest = _manifest(alias)
        writer = _SealedTar(file)
        writer.add(MANIFEST, json.dumps(asdict(manifest), indent=1).encode())
        if settings_text is not None:
            writer.add(SETTINGS, settings_text)
        writer.add(ANCHORS, anchors)
        _add_tables(writer, alias, lambda done: progress("Rows", done, sum(manifest.rows.values())))
        kept = kept_digests(alias)
        files, damage = _add_archive(writer, kept, lambda done: progress("Archived files", done, kept.count()))
        writer.close()
        return BackedUp(head_anchor(alias), manifest.rows["registry_event"], files, tuple(damage))


class _SealedTar:
    """Writes a tar file, and at its end a seal over all that it holds."""

    def __init__(self, file: BinaryIO) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed in `close`
        self._seal = Seal()

    def add(self, name: str, data: bytes) -> None:
        """Add a member from memory."""
        self._add(name, len(data), io.BytesIO(data), hashlib.sha256(data).hexdigest())

    def add_file(self, name: str, path: Path, sha256: str) -> None:
        """Add a file, piece by piece."""
        with path.open("rb") as file:
            self._add(name, path.stat().st_size, file, sha256)

    def close(self) -> None:
        """Write the seal and the tar's end."""
        self.add(SEAL, self._seal.as_json())
        self._tar.close()

    def _add(self, name: str, size: int, content: BinaryIO, sha256: str) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, _MODE
        self._tar.addfile(member, content)
        self._tar.members.clear()  # type: ignore[attr-defined]  # it would remember every one
        self._seal.take(name, size, sha256)


class Seal:
    """A digest over names, sizes and digests of all members, in their order."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._members = 0

    def take(self, name: str, size: int, sha256: str) -> None:
        """Take one more member in."""
        self._digest.update(f"{name} {size} {sha256}\n".encode())
        self._members += 1

    def as_json(self) -> bytes:
        """What the backup's last member must say."""
        return json.dumps({"members": self._members, "sha256": self._digest.hexdigest()}).encode()


def _refuse_damaged(alias: str) -> None:
    for finding in chain(check_events(alias, read_anchors()), check_rows(alias, lambda _: None)):
        raise Damaged(
            f"the registry is damaged ({finding.code}: {finding.what})",
            "run `ruecklauf verify`; nothing was written, so that no sound backup is replaced by this one",
        )


def _manifest(alias: str) -> Manifest:
    head = head_anchor(alias)
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    return Manifest(
        format=FORMAT,
        program_version=settings.REGISTRY_PROGRAM_VERSION,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        database=connections[alias].vendor,
        head=str(head) if head else None,
        rows={name: model._base_manager.using(alias).count() for name, model in kept_tables().items()},
        migrations=tuple(sorted(name for app, name in applied if app == "registry")),
    )


def _add_tables(writer: _SealedTar, alias: str, advance: Callable[[int], None]) -> None:
    done = 0
    for table, model in kept_tables().items():
        for number, part in enumerate(rows_in_parts(model, alias), 1):
            writer.add(f"rows/{table}/{number:06d}-{hashlib.sha256(part).hexdigest()}.jsonl", part)
            done += part.count(b"\n")
            advance(done)


def _add_archive(writer: _SealedTar, kept: DigestSet, advance: Callable[[int], None]) -> tuple[int, list[Finding]]:
    files, damage = 0, []
    for sha256 in _in_order(kept):
        path = archive.find(sha256)
        if path is None:
            where = archive.archive_root() / sha256[:2] / sha256
            damage.append(Finding(FindingCode.FILE_MISSING, f"{where} is not there"))
            continue
        digest = digest_of(path)
        if digest == sha256:
            writer.add_file(f"archive/{sha256[:2]}/{path.name}", path, sha256)
            files += 1
        else:
            writer.add_file(f"damaged/{sha256[:2]}/{path.name}", path, digest)
            damage.append(Finding(FindingCode.FILE_ALTERED, f"{path} is not what was archived"))
        advance(files + len(damage))
    return files, damage


def _in_order(kept: DigestSet) -> Iterator[str]:
    return (sha256 for folder in FOLDERS for sha256 in sorted(kept.in_folder(folder)))
