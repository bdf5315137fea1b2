"""The archive of bytes: every file issued or received, kept unchanged under the digest of its content.

Bytes with the SHA-256 digest `abcd…` lie in `archive/ab/abcd….pdf`. The ending only helps people who look.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from forms.durable_files import NewFile, make_folder, write_new_files
from registry.errors import ArchiveDamaged

SUFFIXES = (".pdf", ".png", ".tif", ".jpg", ".eml", ".webp", ".heic", ".bin")
"""The endings that files in the archive may have: few, so that looking for a file never means listing a folder."""
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

    `suffix` is one of SUFFIXES. Raises `ArchiveDamaged` where other bytes lie under this digest, `ValueError` for
    another suffix, `OSError` where the disk does not take them.
    """
    return store_all([data], suffix)[0]


def store_all(contents: Sequence[bytes], suffix: str) -> list[StoredBytes]:
    """Put several files' bytes into the archive, in their order: as `store` does, with fewer waits for the disk."""
    if suffix not in SUFFIXES:
        raise ValueError(f"not a suffix for the archive: {suffix!r}")
    stored, new = [], {}
    for data in contents:
        sha256 = hashlib.sha256(data).hexdigest()
        path = find(sha256)
        if path is None:
            path = archive_root() / sha256[:2] / (sha256 + suffix)
            make_folder(path.parent)
            new[path] = NewFile(path, data)
        else:
            _checked(path, sha256)
        stored.append(StoredBytes(sha256, path))
    written = write_new_files(list(new.values()), mode=_READ_ONLY)
    for path in new.keys() - written:  # another process was faster
        _checked(path, path.stem)
    return stored


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
    stem = archive_root() / sha256[:2] / sha256
    return next((path for suffix in SUFFIXES if os.path.lexists(path := stem.with_suffix(suffix))), None)


def _checked(path: Path, sha256: str) -> bytes:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ArchiveDamaged(f"{path} was altered after it was archived", "restore this file from the backup")
    return data
