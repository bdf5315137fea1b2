"""Anchors: the chain's end, noted from time to time in a file beside the archived files.

A chain of events that was cut short is still a chain, and so is that of an old copy of the registry. An anchor says how
far it had come: one line `sequence sha256 recorded_at`, appended to `archive/anchors` and never changed.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from forms.durable_files import make_folder, sync_folder
from registry import archive
from registry.errors import RegistryBehind
from registry.models import Event

ANCHORS = "anchors"
_LINE = re.compile(r"([1-9][0-9]{0,18}) ([0-9a-f]{64}) ([0-9T:.+-]{19,40})")
_LONGEST_LINE_BYTES = 200


@dataclass(frozen=True, slots=True)
class Anchor:
    """An event that the chain had come to."""

    sequence: int
    sha256: str
    recorded_at: str
    """When the event was recorded, as ISO 8601 in UTC."""

    def __str__(self) -> str:
        return f"{self.sequence}:{self.sha256}"


def anchors_file() -> Path:
    """Where the anchors of the open home lie."""
    return archive.archive_root() / ANCHORS


def write_anchor() -> None:
    """Anchor the last event durably, unless it is anchored already; mends a line that an interruption cut short.

    Raises `RegistryBehind` where the anchors know more events than the registry, and `OSError`.
    """
    if not Event.objects.exists():
        return
    make_folder(archive.archive_root())
    is_new = not anchors_file().exists()
    with _opened() as handle:
        last = _last_whole(handle)
        _check_standing(last)
        head = head_anchor()
        if head is not None and head != last:
            _append(handle, f"{head.sequence} {head.sha256} {head.recorded_at}\n")
    if is_new:
        sync_folder(archive.archive_root())


def head_anchor(alias: str | None = None) -> Anchor | None:
    """The last event as an anchor; None while there is none."""
    last = Event.objects.using(alias).order_by("-sequence").first()
    return anchor_of(last) if last else None


def anchor_of(event: Event) -> Anchor:
    """An event as an anchor."""
    return Anchor(event.sequence, event.sha256, event.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"))


def check_anchored() -> None:
    """Refuse to work with a registry that lacks what was anchored last; raises `RegistryBehind`."""
    if anchors_file().exists():
        with _opened() as handle:
            last = _last_whole(handle)
        _check_standing(last)


def read_anchors() -> Iterator[Anchor | str]:
    """Yield the anchors as they stand in the file; a whole line that is none comes as its text.

    A last line without its end is an interrupted write and left out.
    """
    if not anchors_file().exists():
        return
    with anchors_file().open("rb") as file:
        while line := file.readline(_LONGEST_LINE_BYTES):
            if line.endswith(b"\n"):
                yield _parsed(line) or line.decode("ascii", "backslashreplace").rstrip("\n")
            elif len(line) == _LONGEST_LINE_BYTES:
                yield line.decode("ascii", "backslashreplace")


def _check_standing(last: Anchor | None) -> None:
    if last is None:
        return
    event = Event.objects.filter(sequence=last.sequence).first()
    if event is None or event.sha256 != last.sha256:
        raise RegistryBehind(
            f"the registry does not hold event {last.sequence}, which {anchors_file()} says was recorded at "
            f"{last.recorded_at}: it is an older copy than its archive, or it was altered",
            "run `ruecklauf verify`; docs/backup.md says how to go on",
        )


@contextmanager
def _opened() -> Iterator[int]:
    """Open the file for reading and appending; one process at a time."""
    handle = os.open(anchors_file(), os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _append(handle: int, line: str) -> None:
    end = _end_of_whole_lines(handle)
    if end != os.fstat(handle).st_size:
        os.ftruncate(handle, end)
    data = line.encode("ascii")
    if os.write(handle, data) != len(data):
        raise OSError(f"{anchors_file()}: the disk did not take a whole line")
    os.fsync(handle)


def _last_whole(handle: int) -> Anchor | None:
    end = _end_of_whole_lines(handle)
    tail = os.pread(handle, _LONGEST_LINE_BYTES, max(end - _LONGEST_LINE_BYTES, 0))[: min(end, _LONGEST_LINE_BYTES)]
    lines = tail.splitlines(keepends=True)
    return _parsed(lines[-1]) if lines else None


def _end_of_whole_lines(handle: int) -> int:
    size = os.fstat(handle).st_size
    start = max(size - _LONGEST_LINE_BYTES, 0)
    return start + os.pread(handle, size - start, start).rfind(b"\n") + 1


def _parsed(line: bytes) -> Anchor | None:
    matched = _LINE.fullmatch(line.decode("ascii", "replace").removesuffix("\n"))
    return Anchor(int(matched[1]), matched[2], matched[3]) if matched else None
