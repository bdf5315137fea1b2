"""Hints of the operating system that something came into a folder.

They only wake whoever waits: they get lost (Linux queues 16,384 of them), and network shares send none.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path

import structlog
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

_BURST_S = 0.2
"""A file that is being written sends hints without end: those of so long a time count as one."""
_log = structlog.get_logger(__name__)


class FolderEvents:
    """Listens to one folder; where the system does not let us listen, it says so in the log and hints at nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hint = threading.Event()
        self._observer: BaseObserver | None = None
        self._is_asked_for = False

    def start(self) -> None:
        """Begin to listen to the folder that lies there now."""
        self._is_asked_for = True
        # It complains of events that come while it is being stopped. They are only a hint to us: nothing is lost by it.
        logging.getLogger("watchdog").setLevel(logging.CRITICAL)
        observer = Observer()
        observer.schedule(_Hints(self._hint), str(self._folder))
        try:
            observer.start()
        except OSError as error:
            _log.warning("mailbox.no_events", error=os.strerror(error.errno or 0))
            return
        self._observer = observer

    def stop(self) -> None:
        """Listen no more; may be called when nothing was begun."""
        self._is_asked_for = False
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    def restart(self) -> None:
        """Listen to the folder that lies there now, if we listened to the one before."""
        if self._is_asked_for:
            self.stop()
            self.start()

    def wait(self, longest_s: float) -> bool:
        """Wait for a hint; False where none came. One that came since the last counts, too."""
        if not self._hint.wait(longest_s):
            return False
        time.sleep(_BURST_S)
        self._hint.clear()
        return True


class _Hints(FileSystemEventHandler):
    """Wakes on what may have brought a file; our own looking and reading must not wake the loop."""

    def __init__(self, hint: threading.Event) -> None:
        self._hint = hint

    def on_created(self, event: FileSystemEvent) -> None:  # noqa: ARG002
        self._hint.set()

    def on_closed(self, event: FileSystemEvent) -> None:  # noqa: ARG002
        self._hint.set()

    def on_moved(self, event: FileSystemEvent) -> None:  # noqa: ARG002
        self._hint.set()
