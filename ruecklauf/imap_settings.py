"""The mail account in ruecklauf.toml; the password stands elsewhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from intake.imap_account import ImapAccount, Security
from ruecklauf.errors import ConfigError

PASSWORD_VARIABLE = "RUECKLAUF_IMAP_PASSWORD"  # noqa: S105 - its name, not the password
_PORTS = {Security.TLS: 993, Security.STARTTLS: 143}

Word = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]


class ImapSettings(BaseModel):
    """What the table [imap] may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: Word
    """Name of the server, as it stands in its certificate."""
    user: Word
    port: int | None = Field(default=None, ge=1, le=65535)
    """By default 993, and 143 for STARTTLS."""
    security: Security = Security.TLS
    """Encrypted from the first byte ("tls") or after asking ("starttls"); there is no third way."""
    password_file: Path | None = None
    """File that holds the password alone, and that only its owner may read; $RUECKLAUF_IMAP_PASSWORD outweighs it."""
    ca_file: Path | None = None
    """Certificates to verify the server's with, instead of those that the system trusts."""
    folder: Word = "INBOX"
    """The folder that is taken in."""
    done: Word = "Ruecklauf-done"
    """Where a mail goes that was taken in; it is made where it is missing, as the other two are."""
    problems: Word = "Ruecklauf-problems"
    """Where a mail goes that a person must read."""
    set_aside: Word = "Ruecklauf-set-aside"
    """Where a mail goes that has nothing to do with us."""
    poll_s: float = Field(default=30.0, ge=1, le=3600, allow_inf_nan=False)
    """How often the folder is looked at."""

    @model_validator(mode="before")
    @classmethod
    def _no_password(cls, told: object) -> object:
        if isinstance(told, dict) and "password" in told:
            raise ValueError(
                f"the password does not stand here; name a file in password_file, or set {PASSWORD_VARIABLE}"
            )
        return told

    @model_validator(mode="after")
    def _no_circle(self) -> ImapSettings:
        if self.folder in (self.done, self.problems, self.set_aside):
            raise ValueError("what is taken in cannot go back into the folder that it is taken from")
        return self


def imap_account(settings: ImapSettings | None, config_file: Path) -> ImapAccount:
    """The account with its password; raises `ConfigError` where something is missing."""
    if settings is None:
        raise ConfigError(f"{config_file} has no table [imap]", "write one; docs/mail.md shows how")
    return ImapAccount(
        host=settings.host,
        port=settings.port or _PORTS[settings.security],
        user=settings.user,
        password=_password(settings),
        security=settings.security,
        ca_file=_readable(settings.ca_file),
        folder=settings.folder,
        done=settings.done,
        problems=settings.problems,
        set_aside=settings.set_aside,
        poll_s=settings.poll_s,
    )


def _password(settings: ImapSettings) -> str:
    if password := os.environ.get(PASSWORD_VARIABLE):
        return password
    path = settings.password_file
    if path is None:
        raise ConfigError("the mail account has no password", f"set {PASSWORD_VARIABLE}, or password_file in [imap]")
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ConfigError(f"others may read {path}", f"chmod 600 {path}")
        password = path.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise ConfigError(f"{path} cannot be read: {why}", "put the password into it, and nothing else") from None
    if not password:
        raise ConfigError(f"{path} is empty", "put the password into it, and nothing else")
    return password


def _readable(path: Path | None) -> Path | None:
    if path is not None and not os.access(path, os.R_OK):
        raise ConfigError(f"{path} cannot be read", "check `ca_file` in [imap]")
    return path
