"""A watcher beside the server: a process of its own, which ends with the one that started it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ruecklauf.config import DATABASE_VARIABLE, HOME_VARIABLE, Config

_PATIENCE_S = 30
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


@contextmanager
def watcher_beside(config: Config) -> Iterator[None]:
    """Take in what arrives in the mailbox as long as the block lasts; what the watcher complains of is shown."""
    environment = {name: value for name, value in os.environ.items() if name != DATABASE_VARIABLE}
    environment[HOME_VARIABLE] = str(config.home)
    if config.database is not None:
        environment[DATABASE_VARIABLE] = config.database
    process = subprocess.Popen(
        [sys.executable, "-m", "ruecklauf", "watch"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for us; we end the watcher then
        preexec_fn=_end_with_parent,
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end_with_parent() -> None:
    """Ask Linux to end this process when the one that started it has ended, however that ended."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
