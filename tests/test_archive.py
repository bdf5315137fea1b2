"""The archive keeps bytes unchanged under the digest of their content."""

from __future__ import annotations

import stat
from hashlib import sha256

import pytest

from registry import archive
from registry.errors import ArchiveDamaged


def test_bytes_come_back_from_under_their_digest() -> None:
    """What is stored lies under its digest, can be loaded, and nobody may write it."""
    stored = archive.store(b"%PDF-1.7", ".pdf")
    digest = sha256(b"%PDF-1.7").hexdigest()
    assert stored.sha256 == digest
    assert stored.path == archive.archive_root() / digest[:2] / f"{digest}.pdf"
    assert archive.load(digest) == b"%PDF-1.7"
    assert stat.S_IMODE(stored.path.stat().st_mode) == 0o440


def test_same_bytes_again_are_left_alone() -> None:
    """Storing again writes nothing, even under another suffix, and leaves no draft behind."""
    first = archive.store(b"scan", ".bin")
    before = first.path.stat()
    again = archive.store(b"scan", ".pdf")
    assert again == first
    assert (first.path.stat().st_ino, first.path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert list(first.path.parent.iterdir()) == [first.path]


def test_altered_bytes_are_noticed_and_never_overwritten() -> None:
    """A file that no longer has its digest is refused on loading and on storing, and stays for inspection."""
    stored = archive.store(b"scan", ".bin")
    stored.path.chmod(0o600)
    stored.path.write_bytes(b"other")
    with pytest.raises(ArchiveDamaged):
        archive.load(stored.sha256)
    with pytest.raises(ArchiveDamaged):
        archive.store(b"scan", ".bin")
    assert stored.path.read_bytes() == b"other"


def test_missing_bytes_are_a_damage() -> None:
    """Loading a digest that is not there raises, and looking for it gives None."""
    digest = sha256(b"never stored").hexdigest()
    assert archive.find(digest) is None
    with pytest.raises(ArchiveDamaged):
        archive.load(digest)


@pytest.mark.parametrize("suffix", ["", "pdf", ".PDF", "./../x", ".a b", ".toolongsuffix"])
def test_hostile_suffixes_are_refused(suffix: str) -> None:
    """A suffix can't lead out of the archive."""
    with pytest.raises(ValueError, match="suffix"):
        archive.store(b"x", suffix)


@pytest.mark.parametrize("digest", ["../../etc/passwd", "*" * 64, "A" * 64])
def test_hostile_digests_are_refused(digest: str) -> None:
    """Only a digest finds a file: no path, no pattern."""
    with pytest.raises(ValueError, match="digest"):
        archive.find(digest)
