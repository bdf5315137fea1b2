"""The one place that says where everything lies and which limits hold; Django's settings are made from it."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ruecklauf.errors import ConfigError
from ruecklauf.imap_settings import ImapSettings
from ruecklauf.postgresql_address import connection_parameters

HOME_VARIABLE = "RUECKLAUF_HOME"
DATABASE_VARIABLE = "RUECKLAUF_DATABASE"
CONFIG_FILE = "ruecklauf.toml"
CLONE = Path(__file__).resolve().parent.parent
TEMPLATES = CLONE / "templates"

Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]


class Config(BaseModel):
    """Everything that can be set; what `ruecklauf.toml` may override are the fields except `home`."""

    # Inputs stay out of errors, and the address out of what is printed: it may hold a password.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Path
    """Absolute path of the folder that holds all state."""
    database: str | None = Field(default=None, repr=False)
    """Address of the PostgreSQL database that holds the registry; None means SQLite in the home."""
    settle_s: Seconds = 2.0
    """How long a file in the mailbox must have been left unchanged before it is taken."""
    rescan_s: Seconds = 5.0
    """How often the mailbox is looked through in full."""
    patience_s: Seconds = 30.0
    """How long an empty file is taken for one that is still being written, and a folder for one being copied."""
    polling: bool = False
    """Look every `rescan_s` and ask for no events of the operating system: for network shares, which send none."""
    worker_time_s: Seconds = 120.0
    """How long the reading of one document may take."""
    worker_memory_mb: int = Field(default=2048, ge=256, le=65536)
    """How much memory the reading of one document may take, in MiB."""
    file_limit_mb: int = Field(default=100, ge=1, le=2048)
    """Received files larger than this, in MiB, are not opened."""
    unplaced_retention_months: int = Field(default=12, ge=1, le=1200)
    """How long received files are kept that hold no page of a form of ours, counted from their last arrival."""
    blind_share: float = Field(default=0.05, ge=0, le=1, allow_inf_nan=False)
    """The share of clear returns that a person is asked about without seeing what the machine read."""
    imap: ImapSettings | None = None
    """The mail account that `watch --imap` takes mails from."""
    trusted_certificates: tuple[Path, ...] = ()
    """Files of certificates (PEM or DER) that are trusted to say who signed a PDF digitally; relative to the home."""
    time_zone: str = "Europe/Berlin"
    """Where the office is: local dates are dates there."""

    deployed: bool = False
    """The pages are served beyond this machine, behind a proxy that speaks TLS."""
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    """Names under which the pages are reached."""
    proxy: str = "127.0.0.1"
    """Address of the proxy; where `deployed`, it is believed about who asks, and that they ask by TLS."""
    session_idle_min: int = Field(default=60, ge=1, le=24 * 60)
    """After how many idle minutes somebody must sign in again."""
    session_hours: int = Field(default=12, ge=1, le=7 * 24)
    """After how many hours somebody must sign in again, however busy."""

    @field_validator("database")
    @classmethod
    def _usable_address(cls, address: str | None) -> str | None:
        if address is not None:
            connection_parameters(address)
        return address

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError('is not a time zone; write one like "Europe/Berlin"') from error
        return name

    @property
    def mailbox(self) -> Path:
        """Where received files are dropped."""
        return self.home / "mailbox"

    @property
    def done(self) -> Path:
        """Where a file goes once it is booked."""
        return self.mailbox / "done"

    @property
    def problems(self) -> Path:
        """Where a file goes that needs a person, with the reason beside it."""
        return self.mailbox / "problems"

    @property
    def claims(self) -> Path:
        """The file in which watchers agree on who takes in what."""
        return self.home / "watch.lock"

    @property
    def presence(self) -> Path:
        """The file that a watcher holds a lock of as long as it runs."""
        return self.home / "watching.lock"

    @property
    def forms(self) -> Path:
        """Where issued PDFs are written unless told otherwise."""
        return self.home / "forms"

    @property
    def drafts(self) -> Path:
        """Where customer lists lie between being uploaded and being issued to."""
        return self.home / "drafts"

    @property
    def archive(self) -> Path:
        """Root of the content-addressed archive of bytes."""
        return self.home / "archive"

    @property
    def sqlite_file(self) -> Path:
        """Where the registry lies unless it is in PostgreSQL."""
        return self.home / "registry.sqlite3"

    @property
    def secret_key(self) -> Path:
        """The file with Django's secret key."""
        return self.home / "secret_key"


def load_config(home: Path | None = None) -> Config:
    """Say where state lives (`home`, else $RUECKLAUF_HOME, else output/ in the clone) and which limits hold there.

    $RUECKLAUF_DATABASE outweighs the file's `database`. Writes nothing: the folder need not exist yet. Raises
    `ConfigError`, naming every mistake in ruecklauf.toml.
    """
    folder = _home(home)
    overrides = _read_overrides(folder / CONFIG_FILE) | _database_of_environment()
    try:
        return Config(**{**overrides, "home": folder})
    except ValidationError as error:
        raise _mistakes(folder / CONFIG_FILE, error) from error


def _home(home: Path | None) -> Path:
    chosen = home or Path(os.environ.get(HOME_VARIABLE) or CLONE / "output")
    folder = chosen.expanduser().resolve()
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file, not a folder", f"give a folder with --home or {HOME_VARIABLE}")
    return folder


def _database_of_environment() -> dict[str, str]:
    address = os.environ.get(DATABASE_VARIABLE)
    if not address:
        return {}
    try:
        connection_parameters(address)
    except ValueError as mistake:
        raise ConfigError(f"{DATABASE_VARIABLE} {mistake}", "mend it, or unset it") from None
    return {"database": address}


def _read_overrides(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        overrides: dict[str, object] = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not a TOML file: {error}", "mend the line, or delete the file") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", "give this user the right to read it") from error
    if "home" in overrides:
        raise ConfigError(f"{path} sets home", f"delete that line: home is set with --home or {HOME_VARIABLE}")
    return overrides


def _mistakes(path: Path, error: ValidationError) -> ConfigError:
    known = ", ".join(name for name in Config.model_fields if name != "home")
    found = []
    for mistake in error.errors():
        key = ".".join(str(part) for part in mistake["loc"])
        found.append(
            f"{key} is not a setting" if mistake["type"] == "extra_forbidden" else f"{key}: {_plain(mistake['msg'])}"
        )
    return ConfigError(f"{path}: {'; '.join(found)}", f"mend the file; its settings are {known}")


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")
