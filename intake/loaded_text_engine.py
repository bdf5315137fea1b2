"""Load the text engine: whoever is forked from a process that imported this finds it ready."""

from __future__ import annotations

from contextlib import suppress

from intake.text_recognition import recognizer

with suppress(RuntimeError):  # who needs it tries again, and says so
    recognizer()
