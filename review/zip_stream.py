"""A ZIP archive that is sent while it is made: however much is in it, one file at a time is in memory."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator


class _Pieces:
    """What `zipfile` writes to: a file in which nobody can go back, as it sees by itself."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Take bytes in."""
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        """What came in since this was asked last."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def zipped(entries: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Yield an archive of files, each given by name and bytes, piece by piece; PDFs and pictures are packed already."""
    pieces = _Pieces()
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
            yield pieces.taken()
    yield pieces.taken()
