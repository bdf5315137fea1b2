"""Files that somebody names on the command line: their bytes, if they are files at all."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from intake.errors import DocumentProblem
from intake.file_stamp import FileStamp
from intake.results import Reason


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file's bytes, and what tells this state of it from all others."""

    data: bytes
    entry: str


def read_given_file(path: Path, max_bytes: int) -> GivenFile:
    """Return the file; links are followed. Raises `DocumentProblem` for what is no such file or too large."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise DocumentProblem(Reason.FILE_BROKEN, getattr(error, "strerror", None) or str(error)) from error
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise DocumentProblem(Reason.FILE_UNSUPPORTED, "it is not a file")
        if status.st_size > max_bytes:
            raise DocumentProblem(Reason.FILE_TOO_LARGE, f"{status.st_size} bytes, at most {max_bytes} are read")
        with open(handle, "rb", closefd=False) as stream:
            return GivenFile(stream.read(max_bytes), FileStamp.of(status).entry)
    except OSError as error:
        raise DocumentProblem(Reason.FILE_BROKEN, os.strerror(error.errno or 0)) from error
    finally:
        os.close(handle)
