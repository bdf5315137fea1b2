"""The files as they were received, for whoever wants to open one: under names that say what they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from registry import archive
from registry.first_arrivals import first_arrivals
from registry.models import Reading, ReceivedFile

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class FileReceived:
    """A file whose bytes are kept."""

    sha256: str
    name: str
    """Much like the one it first arrived under, with the ending of what it is."""

    def read(self) -> bytes:
        """Its bytes, unchanged; raises `ArchiveDamaged` where they are missing or altered."""
        return archive.load(self.sha256)


def received_file(sha256: str) -> FileReceived | None:
    """The file with this digest; None where none was received, or it was erased."""
    return next(iter(_told(ReceivedFile.objects.filter(sha256=sha256, erased_at=None))), None)


def files_of(return_id: int) -> tuple[FileReceived, ...]:
    """The files that a return's pages came in, in the order of arrival."""
    read = Reading.objects.filter(answer=return_id).values("file")
    return _told(ReceivedFile.objects.filter(pk__in=read, erased_at=None).order_by("pk"))


def _told(files: Iterable[ReceivedFile]) -> tuple[FileReceived, ...]:
    found = list(files)
    names = {key: arrival.name for key, arrival in first_arrivals(file.pk for file in found).items()}
    return tuple(FileReceived(file.sha256, _name(names.get(file.pk, ""), file)) for file in found)


def _name(called: str, file: ReceivedFile) -> str:
    """Keep letters and digits of the name; its ending says what the first bytes say, whatever the sender claimed."""
    stem = called.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
    clean = re.sub(r"[^\w.-]+", "_", stem).strip("._-")[:_LONGEST]
    return f"{clean or file.sha256[:12]}{file.suffix}"
