"""The alarm of the watch loop: staff are told of each trouble with our own system once, and when it is over."""

from __future__ import annotations

from collections.abc import Callable

import structlog

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
_log = structlog.get_logger(__name__)


class Alarm:
    """What is wrong at present, and how long to leave it alone before the next try."""

    def __init__(self, show_trouble: Callable[[Exception], None], show_end: Callable[[], None]) -> None:
        self._show_trouble = show_trouble
        self._show_end = show_end
        self._told: set[str] = set()
        self._pause_s = FIRST_PAUSE_S

    def tell(self, error: Exception) -> None:
        """Show a trouble, unless it was shown since all was well."""
        if (text := f"{type(error).__name__}: {error}") not in self._told:
            self._told.add(text)
            _log.error("watch.trouble", error=type(error).__name__, code=getattr(error, "code", None))
            self._show_trouble(error)

    def end(self) -> None:
        """Show that all is well again; nothing is shown where it was all the time."""
        self.shorten_pause()
        if self._told:
            self._told.clear()
            _log.info("watch.works_again")
            self._show_end()

    def next_pause_s(self) -> float:
        """Say how long to wait before the next try: each time twice as long as before."""
        pause_s, self._pause_s = self._pause_s, min(2 * self._pause_s, LONGEST_PAUSE_S)
        return pause_s

    def shorten_pause(self) -> None:
        """Begin with a short pause again: something got on."""
        self._pause_s = FIRST_PAUSE_S
