"""The files in a ZIP archive, unpacked in memory within limits; nothing is ever written under a name from inside."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO

_BEGINNING = b"PK\x03\x04"
_MOST_MEMBERS = 50
_MOST_RATIO = 200
"""Unpacked size over packed size; scans are packed already and stay below 2."""
_OFFICE = ("[Content_Types].xml", "mimetype", "META-INF/manifest.xml")
"""Members that only documents of office programs have, and the like: those are no archives."""
_OF_MACOS = ("__MACOSX/", ".DS_Store")
_ENCRYPTED = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive."""

    name: str
    data: bytes


def zip_members(data: bytes, most_bytes: int) -> list[Member] | None:
    """Unpack an archive; None where it is none, or one that is not opened: then it stays one file, with its reason.

    Not opened is what needs a password, is damaged, holds too many files, more than `most_bytes` or packs suspiciously
    well: all of it or nothing, so that no file in it is passed over in silence.
    """
    if not data.startswith(_BEGINNING):
        return None
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not (entry.is_dir() or _is_of_macos(entry.filename))]
            if not entries or not _may_be_unpacked(entries, len(data), most_bytes):
                return None
            return [Member(entry.filename, _unpack(archive, entry)) for entry in entries]
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ):
        return None


def _may_be_unpacked(entries: list[zipfile.ZipInfo], packed_bytes: int, most_bytes: int) -> bool:
    unpacked_bytes = sum(entry.file_size for entry in entries)
    return (
        len(entries) <= _MOST_MEMBERS
        and unpacked_bytes <= min(most_bytes, _MOST_RATIO * packed_bytes)
        and not any(entry.filename in _OFFICE for entry in entries)
        and all(entry.compress_type in _METHODS and not entry.flag_bits & _ENCRYPTED for entry in entries)
    )


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Unpack one file; raises `BadZipFile` where there is more or less than the archive says, or it is damaged."""
    with archive.open(entry) as stream:
        data = stream.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise zipfile.BadZipFile(f"{entry.filename} is not as large as it should be")
    return data


def _is_of_macos(name: str) -> bool:
    return name.startswith(_OF_MACOS[0]) or name.rpartition("/")[2] in _OF_MACOS or "/._" in f"/{name}"
