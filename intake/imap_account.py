"""A mail account that mails are taken in from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Security(StrEnum):
    """How the connection is encrypted; the server's certificate is verified in both."""

    TLS = "tls"
    """From the first byte (port 993)."""
    STARTTLS = "starttls"
    """After the server was asked to (port 143)."""


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """A mail account, and what becomes of the mails in one of its folders."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: Security = Security.TLS
    ca_file: Path | None = None
    """Certificates that the server's is verified with; None means those that the system trusts."""
    folder: str = "INBOX"
    """The folder that is taken in."""
    done: str = "Ruecklauf-done"
    """Where a mail goes whose returns speak for it."""
    problems: str = "Ruecklauf-problems"
    """Where a mail goes that a person must read."""
    set_aside: str = "Ruecklauf-set-aside"
    """Where a mail goes that has nothing to do with us."""
    poll_s: float = 30.0
    """How often the folder is looked at."""

    @property
    def place(self) -> str:
        """A short digest that tells this folder from all others."""
        return hashlib.sha256(f"{self.host}\0{self.user}\0{self.folder}".encode()).hexdigest()[:16]
