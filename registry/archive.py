"""The archive of bytes: every file issued or received, kept unchanged under the digest of its content.

Bytes with the SHA-256 digest `abcd…` lie in `archive/ab/abcd….pdf`. The ending only helps people who look.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from registry.errors import ArchiveDamaged

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_READ_ONLY = 0o440


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """Where bytes lie in the archive."""

    sha256: str
    path: Path


def archive_root() -> Path:
    """The archive's folder in the home that is open."""
    return Path(settings.REGISTRY_ARCHIVE)


def store(data: bytes, suffix: str) -> StoredBytes:
    """Put bytes into the archive, durably; what lies there already is never written again.

    `suffix` is a dot and up to eight small letters or digits. Raises `ArchiveDamaged` where other bytes lie under this
    digest, `ValueError` for another suffix, `OSError` where the disk does not take them.
    """
    if not _SUFFIX.fullmatch(suffix):
        raise ValueError(f"not a suffix for the archive: {suffix!r}")
    sha256 = hashlib.sha256(data).hexdigest()
    existing = find(sha256)
    if existing is not None:
        _checked(existing, sha256)
        return StoredBytes(sha256, existing)
    path = archive_root() / sha256[:2] / (sha256 + suffix)
    _make_folder(path.parent)
    _write_durably(path, data)
    return StoredBytes(sha256, path)


def load(sha256: str) -> bytes:
    """Return the archived bytes with this digest; raises `ArchiveDamaged` where they are missing or altered."""
    path = find(sha256)
    if path is None:
        raise ArchiveDamaged(f"the archive has no file {sha256}", "restore the archive from the backup")
    return _checked(path, sha256)


def find(sha256: str) -> Path | None:
    """Say where the bytes with this digest lie, without looking into them; None where they don't."""
    if not _DIGEST.fullmatch(sha256):
        raise ValueError(f"not a SHA-256 digest: {sha256!r}")
    return next(iter(sorted((archive_root() / sha256[:2]).glob(f"{sha256}.*"))), None)


def _checked(path: Path, sha256: str) -> bytes:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ArchiveDamaged(f"{path} was altered after it was archived", "restore this file from the backup")
    return data


def _make_folder(folder: Path) -> None:
    """Make the folder durably: a folder's entry lives in its parent, so the parent is synchronised."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _synchronise(folder.parent)


def _write_durably(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), _READ_ONLY)
            os.fsync(file.fileno())
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _synchronise(path.parent)


def _synchronise(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
