"""A folder for what is needed only while this process lives; what a killed one left behind, the next one removes."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

_PREFIX = "ruecklauf-scratch-"
"""Nobody else's folder is called so: whatever is, and is not locked, is removed."""


@cache
def scratch_folder() -> Path:
    """Our own folder among the system's temporary files, removed when we end.

    We hold a lock on it, which the kernel frees however we end: so others see whether it is still in use.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if folder.is_dir():  # else somebody took it for abandoned before it was locked
            # After -100: multiprocessing then removes what it keeps in here, and complains where that is gone.
            Finalize(None, shutil.rmtree, args=(folder,), kwargs={"ignore_errors": True}, exitpriority=-101)
            return folder
        os.close(handle)


def remove_abandoned() -> None:
    """Remove what killed processes of ours left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue  # gone meanwhile, or another user's
        try:
            if os.fstat(handle).st_uid == os.geteuid():
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(handle)
