"""The addresses of our own style sheet, scripts and icon: they change with what is in the files.

So a browser may keep them for long, and after an update no page is shown with yesterday's script.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage

_DIGITS = 12


class OwnFiles(StaticFilesStorage):
    """Files that are served from where they lie."""

    def url(self, name: str | None) -> str:
        """The address of a file, with a digest of its contents."""
        return f"{super().url(name)}?{_digest(name or '')}"


@cache
def _digest(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise ValueError(f"there is no file {name} to serve")
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:_DIGITS]
