"""What can go wrong in the application itself; each says what to do and how the command exits."""

from __future__ import annotations

from collections.abc import Sequence

EXIT_WRONG_USE = 2
EXIT_SYSTEM_BROKEN = 3


class RuecklaufError(Exception):
    """Base of the package's errors: a stable code, what is wrong, and the remedy."""

    code = "ruecklauf.error"
    exit_code = EXIT_SYSTEM_BROKEN

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} — {remedy}")
        self.what = what
        self.remedy = remedy


class WrongUse(RuecklaufError):
    """The program was called or set up wrongly: nothing was done."""

    code = "ruecklauf.wrong_use"
    exit_code = EXIT_WRONG_USE


class ConfigError(WrongUse):
    """The home folder or its ruecklauf.toml cannot be used."""

    code = "ruecklauf.config"


class CannotListen(RuecklaufError):
    """The address of the review page belongs to another program, or is none of this machine's."""

    code = "ruecklauf.cannot_listen"

    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(
            f"nothing can be served at {host}, port {port}: {error.strerror or error}",
            "end what listens there, or choose another address with --host and --port",
        )


class OtherHomeOpen(RuecklaufError):
    """The process already works with the registry of another home."""

    code = "ruecklauf.other_home"


class HomeIncomplete(RuecklaufError):
    """The registry and the archive do not belong together, or one of them is missing; nothing was changed."""

    code = "ruecklauf.home_incomplete"


class HeldByAnotherWatcher(RuecklaufError):
    """Another watcher has claimed files and does not get on with them."""

    code = "ruecklauf.held_by_another_watcher"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"another watcher has long had in hand, and does not finish: {', '.join(names)}",
            "see whether it is suspended or hangs, and end it; the files are taken in at the next start",
        )
