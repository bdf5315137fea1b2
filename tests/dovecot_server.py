"""A real Dovecot for the tests: Debian's programs, a configuration and a certificate of its own, on loopback alone."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

USER = "rücklauf@firma.example"
PASSWORD = "Zitrone 'Säure' \"x\""
_CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
ssl = required
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
auth_mechanisms = plain login
auth_username_chars =
disable_plaintext_auth = yes
auth_failure_delay = 0
mail_location = maildir:{folder}/mail
first_valid_uid = 0
mail_uid = {user}
mail_gid = {group}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


class DovecotServer:
    """A server with one account; what is in the account outlasts a restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.tls_port, self.starttls_port = _spare_port(), _spare_port()
        self.certificate = folder / "certificate.pem"
        user, group = ("nobody", "nogroup") if os.geteuid() == 0 else (_own_name(), _own_group())
        words = {"folder": folder, "user": user, "group": group}
        config = _CONFIG.format(tls_port=self.tls_port, starttls_port=self.starttls_port, **words)
        (folder / "dovecot.conf").write_text(config)
        (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", "utf-8")
        _make_certificate(folder)
        (folder / "mail").mkdir()
        if os.geteuid() == 0:
            for path in (folder, folder / "mail"):
                shutil.chown(path, "nobody", "nogroup")
        folder.chmod(0o755)

    def start(self) -> None:
        """Start, and return once it answers."""
        command = ["/usr/sbin/dovecot", "-F", "-c", str(self._folder / "dovecot.conf")]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        ends_s = time.monotonic() + 20
        while not _listens(self.tls_port):
            if self._process.poll() is not None or time.monotonic() > ends_s:
                log = self._folder / "log"
                raise RuntimeError(f"Dovecot does not start: {log.read_text() if log.exists() else 'it logs nothing'}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it and all its processes as a power cut would: nobody says goodbye."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=120)
        for path in (self._folder / "run").glob("master.pid"):
            path.unlink()

    @contextmanager
    def mailbox(self, folder: str = "INBOX") -> Iterator[imaplib.IMAP4_SSL]:
        """Look into the account as a mail program does."""
        trusted = ssl.create_default_context(cafile=self.certificate)
        with imaplib.IMAP4_SSL("localhost", self.tls_port, ssl_context=trusted, timeout=20) as client:
            client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            client.select(f'"{folder}"', readonly=False)
            yield client

    def deliver(self, *messages: bytes) -> None:
        """Put mails into the inbox."""
        with self.mailbox() as client:
            for message in messages:
                status, told = client.append("INBOX", "", "", message)
                assert status == "OK", told

    def mails_in(self, folder: str) -> list[bytes]:
        """All mails of a folder, as they were delivered; none where there is no such folder."""
        with self.mailbox(folder) as client:
            if client.state != "SELECTED":
                return []
            _, (numbers,) = client.search(None, "ALL")
            fetched = [client.fetch(number.decode(), "(BODY.PEEK[])")[1][0] for number in numbers.split()]
            return [told[1] for told in fetched if isinstance(told, tuple)]

    def empty(self) -> None:
        """Remove all mails."""
        shutil.rmtree(self._folder / "mail")
        (self._folder / "mail").mkdir()
        if os.geteuid() == 0:
            shutil.chown(self._folder / "mail", "nobody", "nogroup")


@contextmanager
def dovecot_server() -> Iterator[DovecotServer]:
    """Start a server of one's own; end it and remove its folder in the end."""
    folder = Path(tempfile.mkdtemp(prefix="ruecklauf-dovecot-"))
    try:
        server = DovecotServer(folder)
        server.start()
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder)


def _make_certificate(folder: Path) -> None:
    """A certificate for localhost that nobody but the test trusts."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
               "-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _spare_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _own_name() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _own_group() -> str:
    return grp.getgrgid(os.getegid()).gr_name
