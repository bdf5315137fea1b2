"""A folder of a mail account as the place that mails are taken in from (IMAP4rev1, RFC 3501).

A mail stays in the folder until it is booked; then the server moves it to another folder. Nothing else is changed: the
mail is not even marked as seen. What names an arrival in the book is the server, the user, the folder, the folder's
UIDVALIDITY and the mail's UID: a mail that is met again after an interruption is booked once.
"""

from __future__ import annotations

import hashlib
import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from imap_tools.errors import (
    ImapToolsError,
    MailboxFolderCreateError,
    MailboxFolderSelectError,
    MailboxLoginError,
    UnexpectedCommandStatusError,
)
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls

from intake.errors import DocumentProblem, MailboxUnavailable
from intake.file_names import printable_name
from intake.imap_account import ImapAccount, Security
from intake.results import Reason
from intake.sleeping import Sleeper
from intake.sources import Look

_TIMEOUT_S = 60.0
"""Of one answer of the server."""
_SOON_S = 2.0
_MOST_AT_A_LOOK = 2000
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_LONGEST_ANSWER = 200


@dataclass(frozen=True, slots=True)
class ImapMail:
    """A mail that waits in the folder."""

    place: str
    uid_validity: int
    uid: int

    @property
    def name(self) -> str:
        """A name such as a file would have; mails have none."""
        return f"mail-{self.uid}.eml"

    @property
    def entry(self) -> str:
        """Text that tells this arrival from every other one."""
        return f"imap {self.place} {self.uid_validity} {self.uid}"

    @property
    def claim(self) -> int:
        """The number by which watchers agree on who takes it in."""
        return int.from_bytes(hashlib.sha256(self.entry.encode()).digest()[:7], "big")


class ImapMailbox:
    """The folder, over a connection that is made at a look and kept until it breaks."""

    channel = "imap"

    def __init__(self, account: ImapAccount) -> None:
        self._account = account
        self._box: BaseMailBox | None = None
        self._uid_validity = 0
        self._sleeper = Sleeper()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def look(self) -> Look[ImapMail]:
        """Ask the server for all mails in the folder, oldest first; connect where there is no connection."""
        with self._told_plainly():
            if self._box is None:
                self._box = self._connect()
            self._box.folder.set(self._account.folder)
            self._uid_validity = _uid_validity(self._box)
            uids = sorted(map(int, self._box.uids("UNDELETED", charset=None)))[:_MOST_AT_A_LOOK]
        found = tuple(ImapMail(self._account.place, self._uid_validity, uid) for uid in uids)
        return Look(settled=found, refused=(), unsettled=0)

    def wait(self, *, soon: bool) -> None:
        """Sleep until the next look is due, or `wake` is called."""
        self._sleeper.sleep(min(self._account.poll_s, _SOON_S) if soon else self._account.poll_s)

    def pause(self, pause_s: float) -> None:
        """Sleep so long, or until `wake` is called."""
        self._sleeper.sleep(pause_s)

    def wake(self) -> None:
        """End a running `wait` or `pause` soon."""
        self._sleeper.wake()

    def read_settled(self, file: ImapMail, max_bytes: int) -> bytes | None:
        """Return the mail's bytes, or None where it is not there any more.

        Raises `DocumentProblem` where it is larger than `max_bytes`, or the server does not hand it out.
        """
        with self._told_plainly():
            size = _size_of(self._connected(), file.uid) if self._is_current(file) else None
            if size is None:
                return None
            if size > max_bytes:
                raise DocumentProblem(Reason.FILE_TOO_LARGE, f"{size} bytes, at most {max_bytes} are read")
            return _bytes_of(self._connected(), file.uid)

    def move_to_done(self, file: ImapMail) -> str | None:
        """Let the server move the mail to the folder of those whose returns speak for them."""
        return self._move(file, self._account.done)

    def set_aside(self, file: ImapMail) -> str | None:
        """Let the server move the mail to the folder of those that have nothing to do with us."""
        return self._move(file, self._account.set_aside)

    def move_to_problems(self, file: ImapMail, explanation: str) -> str | None:  # noqa: ARG002 - the book keeps it
        """Let the server move the mail to the folder of those that a person must read."""
        return self._move(file, self._account.problems)

    def _move(self, file: ImapMail, folder: str) -> str | None:
        with self._told_plainly():
            if not self._is_current(file):
                return None
            _move(self._connected(), file.uid, folder)
            return folder

    def _is_current(self, file: ImapMail) -> bool:
        """Whether the UIDs still mean what they meant at the look at which the mail was found."""
        return file.uid_validity == self._uid_validity

    def _connected(self) -> BaseMailBox:
        """The connection of the last look; a broken one is made anew by the next look, not for each mail."""
        if self._box is None:
            raise self._unavailable("the connection is broken", "wait: it is tried again")
        return self._box

    def _connect(self) -> BaseMailBox:
        """Connect, log in, and make the folders that mails are moved to."""
        account = self._account
        trusted = ssl.create_default_context(cafile=account.ca_file)
        if account.security is Security.TLS:
            box: BaseMailBox = MailBox(account.host, account.port, timeout=_TIMEOUT_S, ssl_context=trusted)
        else:
            box = MailBoxStartTls(account.host, account.port, timeout=_TIMEOUT_S, ssl_context=trusted)
        try:
            self._log_in(box)
            box.client.capabilities = _capabilities(box)  # a server may say more once it knows who asks
            for folder in (account.done, account.problems, account.set_aside):
                if not box.folder.exists(folder):
                    box.folder.create(folder)
        except BaseException:
            with suppress(OSError, imaplib.IMAP4.error):
                box.client.shutdown()
            raise
        return box

    def _log_in(self, box: BaseMailBox) -> None:
        user, password = self._account.user, self._account.password
        try:
            if (user + password).isascii():
                box.login(user, password, initial_folder=None)
            else:
                box.login_utf8(user, password, initial_folder=None)
        except imaplib.IMAP4.abort:
            raise
        except (MailboxLoginError, imaplib.IMAP4.error) as error:
            raise self._unavailable(
                f"the server refuses user or password: {_answer(error)}",
                "check `user` in [imap] and the password; some providers want one that is made for programs",
            ) from None

    def _hang_up(self) -> None:
        box, self._box = self._box, None
        if box is not None:
            with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                box.logout()
            with suppress(OSError):
                box.client.shutdown()

    @contextmanager
    def _told_plainly(self) -> Iterator[None]:
        """Turn whatever fails into `MailboxUnavailable`; the connection is given up, for nobody knows its state."""
        try:
            yield
        except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
            self._hang_up()
            raise self._in_words(error) from error
        except MailboxUnavailable:
            self._hang_up()
            raise

    def _in_words(self, error: Exception) -> MailboxUnavailable:
        if isinstance(error, ssl.SSLCertVerificationError):
            return self._unavailable(
                f"the server's certificate cannot be verified: {error.verify_message}",
                "check `host` in [imap]; for a certificate of your own, name its authority's in `ca_file`",
            )
        if isinstance(error, MailboxFolderSelectError):
            return self._unavailable(
                f"the folder {self._account.folder} cannot be opened: {_answer(error)}", "check `folder` in [imap]"
            )
        if isinstance(error, MailboxFolderCreateError):
            return self._unavailable(
                f"a folder for what is taken in cannot be made: {_answer(error)}",
                "make the folders by hand, or name others in [imap]: some servers want names that begin with INBOX.",
            )
        return self._unavailable(
            f"the connection fails: {_answer(error)}", "check `host`, `port` and `security` in [imap], and the network"
        )

    def _unavailable(self, what: str, remedy: str) -> MailboxUnavailable:
        return MailboxUnavailable(f"mail account on {self._account.host}:{self._account.port}: {what}", remedy)


def _uid_validity(box: BaseMailBox) -> int:
    _, told = box.client.response("UIDVALIDITY")
    return int(told[-1]) if told and told[-1] else 0


def _capabilities(box: BaseMailBox) -> tuple[str, ...]:
    _, told = box.client.capability()
    return tuple((told[-1] or b"").decode("ascii", "replace").upper().split())


def _size_of(box: BaseMailBox, uid: int) -> int | None:
    """The mail's size as the server says; None where it is not there any more."""
    for line in _fetched(box, uid, "(RFC822.SIZE)"):
        if isinstance(line, bytes) and (found := _SIZE.search(line)):
            return int(found[1])
    return None


def _bytes_of(box: BaseMailBox, uid: int) -> bytes | None:
    told = _fetched(box, uid, "(BODY.PEEK[])")
    for line in told:
        if isinstance(line, tuple):
            return bytes(line[1])
    if any(told):
        raise DocumentProblem(Reason.FILE_BROKEN, "the server does not hand the mail out")
    return None


def _fetched(box: BaseMailBox, uid: int, what: str) -> list[bytes | tuple[bytes, bytes] | None]:
    status, told = box.client.uid("FETCH", str(uid), what)
    if status != "OK":
        raise UnexpectedCommandStatusError((status, told), "OK")
    return list(told)


def _move(box: BaseMailBox, uid: int, folder: str) -> None:
    """Move a mail. Where the server cannot, it is copied and marked as deleted, and no other mail is expunged by it."""
    if "MOVE" in box.client.capabilities:
        box.move(str(uid), folder)
        return
    box.copy(str(uid), folder)
    commands: list[tuple[str, ...]] = [("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")]
    if "UIDPLUS" in box.client.capabilities:
        commands.append(("EXPUNGE", str(uid)))
    for command in commands:
        status, told = box.client.uid(*command)
        if status != "OK":
            raise UnexpectedCommandStatusError((status, told), "OK")


def _answer(error: Exception) -> str:
    """What the server said, on one line; never what it was sent."""
    if isinstance(error, UnexpectedCommandStatusError):
        told = error.command_result[1]
        words = b" ".join(each for each in told if isinstance(each, bytes)) if isinstance(told, list) else b""
        return printable_name(words.decode("utf-8", "replace"))[:_LONGEST_ANSWER] or "it refuses"
    if isinstance(error, OSError) and error.strerror:
        return printable_name(error.strerror)
    return printable_name(str(error))[:_LONGEST_ANSWER] or type(error).__name__
