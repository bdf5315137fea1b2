"""Files that somebody names on the command line: their bytes, if they are files at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from intake.errors import DocumentProblem
from intake.results import Reason


def read_given_file(path: Path, max_bytes: int) -> bytes:
    """Return the file's bytes; links are followed. Raises `DocumentProblem` for what is no such file or too large."""
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
            return stream.read(max_bytes)
    except OSError as error:
        raise DocumentProblem(Reason.FILE_BROKEN, os.strerror(error.errno or 0)) from error
    finally:
        os.close(handle)
