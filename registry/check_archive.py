"""Checks the archive: every file that the registry refers to is there and unchanged, and nothing else is."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Generator, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from forms.durable_files import DRAFT_ENDING
from registry import archive
from registry.anchors import ANCHORS
from registry.archived_digests import FOLDERS, DigestSet
from registry.findings import Finding, FindingCode
from registry.models import Issue, Reading, ReceivedFile, ReceivedPage

_NAME = re.compile(r"([0-9a-f]{64})\.[a-z0-9]{1,8}")
_AT_ONCE_BYTES = 1 << 20
_MOST_SUSPECTS = 2000
_LOOKED_UP_TOGETHER = 500
_NO_DIGEST = ""
_UNKNOWN_ONLY = frozenset({FindingCode.FILE_SURPLUS, FindingCode.ERASURE_UNFINISHED})
_MAY_BE_YOUNG = frozenset({FindingCode.FILE_SURPLUS, FindingCode.FILE_LEFTOVER})
YOUNG_S = 60
"""A file that the registry does not know may be about to be booked while it is younger than this."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What should lie in the archive, by the registry as it stood when the check began."""

    kept: DigestSet
    erased: DigestSet
    began_at_s: float
    """When the check began, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class ArchiveChecked:
    """What the archive came to."""

    files: int
    young: int
    """Files that the registry did not know, too young to say whether they are surplus."""


def check_archive(expected: Expected, advance: Callable[[int], None]) -> Generator[Finding, None, ArchiveChecked]:
    """Yield what is wrong in the archive; `advance` is told how many files were read.

    What seems wrong is looked up once more in the registry as it is by then, so that files which are booked or erased
    meanwhile are no findings.
    """
    root = archive.archive_root()
    yield from _strangers(root)
    files = young = 0
    suspects: list[_Suspect] = []
    for folder in FOLDERS:
        here = _Folder(root / folder, expected)
        for path in here.entries():
            suspects += here.look_at(path)
            files += 1
            advance(1)
        suspects += here.missing()
        if len(suspects) > _MOST_SUSPECTS or folder == FOLDERS[-1]:
            sure, unsure = _settled(suspects, expected)
            yield from sure
            young += unsure
            suspects.clear()
    return ArchiveChecked(files, young)


def digest_of(path: Path) -> str:
    """Digest of a file's bytes, read in large pieces; raises `OSError`, also for what is no plain file."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("it is not a plain file")
        digest = hashlib.sha256()
        while data := os.read(handle, _AT_ONCE_BYTES):
            digest.update(data)
    finally:
        os.close(handle)
    return digest.hexdigest()


def _strangers(root: Path) -> Iterator[Finding]:
    """Name what lies in the archive beside its folders and the anchors."""
    if not root.exists():
        return
    with os.scandir(root) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            if entry.name == ANCHORS or (entry.name in FOLDERS and entry.is_dir(follow_symlinks=False)):
                continue
            leftover = entry.name.endswith(DRAFT_ENDING)
            code = FindingCode.FILE_LEFTOVER if leftover else FindingCode.FILE_MISPLACED
            yield Finding(code, f"{entry.path} is none of the archive's folders")


@dataclass(frozen=True, slots=True)
class _Suspect:
    """Something in the archive that may be wrong; the registry is asked about many of them at once."""

    code: FindingCode
    path: Path
    digest: str
    """Of its bytes, or of those that should lie there."""
    why: str


class _Folder:
    """One folder of the archive while it is checked."""

    def __init__(self, path: Path, expected: Expected) -> None:
        self._path = path
        self._kept = expected.kept.in_folder(path.name)
        self._erased = expected.erased.in_folder(path.name) - self._kept
        self._seen: set[str] = set()

    def entries(self) -> list[Path]:
        """What lies in it, by name."""
        return sorted(self._path.iterdir()) if self._path.is_dir() else []

    def look_at(self, path: Path) -> Iterator[_Suspect]:
        """Look at one file: its name, its bytes, and whether the registry knows it."""
        named = _NAME.fullmatch(path.name)
        if named is not None:
            self._seen.add(named[1])
        try:
            digest = digest_of(path)
        except FileNotFoundError:
            return  # erased since the folder was listed
        except OSError as error:
            yield _Suspect(FindingCode.FILE_UNREADABLE, path, _NO_DIGEST, f"cannot be read: {error.strerror or error}")
            return
        if named is None or named[1][:2] != self._path.name:
            leftover = path.name.endswith(DRAFT_ENDING)
            yield _Suspect(FindingCode.FILE_LEFTOVER if leftover else FindingCode.FILE_MISPLACED, path, digest, "")
        elif digest != named[1]:
            yield _Suspect(FindingCode.FILE_ALTERED, path, named[1], "is not what was archived")
        elif archive.find(digest) != path:
            yield _Suspect(FindingCode.FILE_MISPLACED, path, digest, "has an ending that is not looked for")
        elif digest in self._erased:
            yield _Suspect(FindingCode.ERASURE_UNFINISHED, path, digest, "was to be erased")
        elif digest not in self._kept:
            yield _Suspect(FindingCode.FILE_SURPLUS, path, digest, "is not known to the registry")

    def missing(self) -> Iterator[_Suspect]:
        """Name the files that should be here and are not."""
        for digest in sorted(self._kept - self._seen):
            yield _Suspect(FindingCode.FILE_MISSING, self._path / digest, digest, "is not there")


def _settled(suspects: Sequence[_Suspect], expected: Expected) -> tuple[list[Finding], int]:
    """Ask the registry about the suspects: return what is wrong, and how many files are too young to say."""
    owners = owners_of({suspect.digest for suspect in suspects})
    findings, young = [], 0
    for suspect in suspects:
        owner = owners.get(suspect.digest)
        if suspect.code in _UNKNOWN_ONLY and owner:
            continue  # booked meanwhile
        if suspect.code is FindingCode.FILE_MISSING and not owner:
            continue  # erased meanwhile
        if suspect.code in _MAY_BE_YOUNG and _is_young(suspect.path, expected.began_at_s):
            young += 1
            continue
        findings.append(Finding(suspect.code, f"{suspect.path} {_why(suspect, owner)}"))
    return findings, young


def _why(suspect: _Suspect, owner: str | None) -> str:
    if suspect.code is FindingCode.FILE_LEFTOVER:
        return "was left by an interruption"
    if suspect.code is FindingCode.FILE_MISPLACED and owner:
        return f"does not belong there: {owner} belongs under {archive.archive_root() / suspect.digest[:2]}"
    why = suspect.why or "is called like no file of the archive"
    return f"{why} ({owner})" if owner else why


def _is_young(path: Path, began_at_s: float) -> bool:
    try:
        return path.lstat().st_mtime > began_at_s - YOUNG_S
    except FileNotFoundError:
        return True  # gone again


def owners_of(digests: Set[str]) -> dict[str, str]:
    """Say what refers to each of these archived files in the registry as it is now, in words for people."""
    found: dict[str, str] = {}
    if not digests:
        return found
    for reading in Reading.objects.filter(answer__issue__erased_at=None).only("pictures", "answer_id").iterator():
        for sha256 in digests & set(reading.pictures.values()):
            found[sha256] = f"a picture of return {reading.answer_id}"
    wanted = sorted(digests)
    for at in range(0, len(wanted), _LOOKED_UP_TOGETHER):
        some = wanted[at : at + _LOOKED_UP_TOGETHER]
        for file in ReceivedFile.objects.filter(sha256__in=some, erased_at=None):
            found[file.sha256] = "a received file"
        for issue in Issue.objects.filter(pdf_sha256__in=some, erased_at=None).only("pdf_sha256", "form_id"):
            found[issue.pdf_sha256] = f"the PDF of form {issue.form_id}"
        for page in ReceivedPage.objects.filter(picture__in=some, file__erased_at=None).select_related("file"):
            found[page.picture] = f"a picture of page {page.page} of received file {page.file.sha256}"
    return found
