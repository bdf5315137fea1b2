"""Which files the archive should hold, by the registry: 32 bytes of memory for each, however many there are."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from registry.models import Issue, Reading, ReceivedFile, ReceivedPage

_DIGEST_BYTES = 32
_AT_ONCE = 2000


class DigestSet:
    """Many digests in little memory, by the folder of the archive that they belong to."""

    def __init__(self) -> None:
        self._folders = [bytearray() for _ in range(256)]

    def add(self, sha256: str) -> None:
        """Add a digest; one that was added before counts once."""
        digest = bytes.fromhex(sha256)
        self._folders[digest[0]] += digest

    def count(self) -> int:
        """How many digests there are, those that were added several times included."""
        return sum(map(len, self._folders)) // _DIGEST_BYTES

    def in_folder(self, folder: str) -> set[str]:
        """Return the digests that begin with these two hexadecimal digits."""
        packed = self._folders[int(folder, 16)]
        return {packed[at : at + _DIGEST_BYTES].hex() for at in range(0, len(packed), _DIGEST_BYTES)}


FOLDERS = tuple(f"{number:02x}" for number in range(256))


def kept_digests(alias: str | None = None) -> DigestSet:
    """The files that forms, received files, their pages and readings refer to."""
    return _collected(alias, erased=False)


def erased_digests(alias: str | None = None) -> DigestSet:
    """The files that only erased forms and received files referred to; one that is kept elsewhere may be among them."""
    return _collected(alias, erased=True)


def _collected(alias: str | None, *, erased: bool) -> DigestSet:
    digests = DigestSet()
    forms = Issue.objects.using(alias).filter(erased_at__isnull=not erased)
    files = ReceivedFile.objects.using(alias).filter(erased_at__isnull=not erased)
    for sha256 in _each(forms, "pdf_sha256"):
        digests.add(sha256)
    for sha256 in _each(files, "sha256"):
        digests.add(sha256)
    readings = Reading.objects.using(alias).filter(answer__issue__erased_at__isnull=not erased)
    for pictures in readings.values_list("pictures", flat=True).iterator(_AT_ONCE):
        for sha256 in pictures.values():
            digests.add(sha256)
    unplaced = ReceivedPage.objects.using(alias).filter(file__erased_at__isnull=not erased).exclude(picture="")
    for sha256 in _each(unplaced, "picture"):
        digests.add(sha256)
    return digests


def _each(rows: QuerySet[Issue] | QuerySet[ReceivedFile] | QuerySet[ReceivedPage], column: str) -> Iterator[str]:
    return iter(rows.values_list(column, flat=True).iterator(_AT_ONCE))
