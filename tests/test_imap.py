"""Mails from an account, on a real Dovecot: nothing is lost and nothing doubled, whatever breaks off and when."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import mails
import pytest
from dovecot_server import PASSWORD, USER, DovecotServer, dovecot_server
from losing_proxy import cutting_proxy
from office_steps import LIMITS, Office, new_office, scans_of
from program import run, start

from intake.claims import Claims
from intake.errors import DocumentProblem, MailboxUnavailable
from intake.imap_account import ImapAccount, Security
from intake.imap_mailbox import ImapMailbox
from intake.results import Decision, Reason
from intake.worker import ReadingPool
from registry.invariants import violations
from registry.lookup import find_issued
from registry.mails import MailList, mails_of, origins
from registry.models import Arrival, Mail, Return
from registry.waiting import returns_waiting
from ruecklauf.booking import Handled
from ruecklauf.watching import Watch
from simulation.files import to_pdf

LARGE = mails.with_attachment(bytes(range(256)) * 4000, "daten.bin")
"""A megabyte and a half on the way."""


@pytest.fixture(scope="module")
def running() -> Iterator[DovecotServer]:
    """A server for all tests of this module."""
    with dovecot_server() as server:
        yield server


@pytest.fixture
def dovecot(running: DovecotServer) -> DovecotServer:
    """The server, with an empty account."""
    running.empty()
    return running


def account(server: DovecotServer, port: int | None = None, **changed: object) -> ImapAccount:
    """The account on the server."""
    told: dict[str, object] = {
        "host": "localhost",
        "port": port or server.tls_port,
        "user": USER,
        "password": PASSWORD,
        "ca_file": server.certificate,
        "poll_s": 0.1,
    }
    return ImapAccount(**told | changed)  # type: ignore[arg-type]


def test_bytes_come_as_they_were_sent_and_nothing_is_changed(dovecot: DovecotServer) -> None:
    """The mails come whole, oldest first, and not even a flag is set by reading them."""
    dovecot.deliver(mails.gmail(b"%PDF-1.7 a"), LARGE)
    with ImapMailbox(account(dovecot)) as mailbox:
        first, second = mailbox.look().settled
        assert mailbox.read_settled(first, 1 << 22) == mails.gmail(b"%PDF-1.7 a")
        assert mailbox.read_settled(second, 1 << 22) == LARGE
        with pytest.raises(DocumentProblem) as problem:
            mailbox.read_settled(second, 1000)
        assert problem.value.reason is Reason.FILE_TOO_LARGE
        with dovecot.mailbox() as client:
            assert client.fetch("1:2", "(FLAGS)")[1] == [rb"1 (FLAGS ())", rb"2 (FLAGS ())"]
        assert mailbox.move_to_problems(first, "") == "Ruecklauf-problems"
        assert mailbox.read_settled(first, 1 << 22) is None
        assert [mail.entry for mail in mailbox.look().settled] == [second.entry]
    assert dovecot.mails_in("Ruecklauf-problems") == [mails.gmail(b"%PDF-1.7 a")]


def test_a_server_that_cannot_move_is_no_hindrance(dovecot: DovecotServer) -> None:
    """Without MOVE the mail is copied and expunged alone: what somebody else has marked as deleted stays."""
    dovecot.deliver(b"From: a@b.example\r\nSubject: theirs\r\n\r\n", b"From: a@b.example\r\nSubject: ours\r\n\r\n")
    with dovecot.mailbox() as client:
        client.store("1", "+FLAGS", r"(\Deleted)")
        client.unselect()
    with ImapMailbox(account(dovecot)) as mailbox:
        (ours,) = mailbox.look().settled
        assert mailbox._box is not None
        mailbox._box.client.capabilities = ("IMAP4REV1", "UIDPLUS")
        mailbox.move_to_done(ours)
        assert mailbox.look().is_empty
    assert [b"ours" in mail for mail in dovecot.mails_in("Ruecklauf-done")] == [True]
    assert [b"theirs" in mail for mail in dovecot.mails_in("INBOX")] == [True]


def test_starttls_is_verified_too(dovecot: DovecotServer) -> None:
    """The same account by STARTTLS; both ways refuse a certificate that they do not trust, or of another name."""
    with ImapMailbox(account(dovecot, dovecot.starttls_port, security=Security.STARTTLS)) as mailbox:
        assert mailbox.look().is_empty
    for security, port in ((Security.TLS, dovecot.tls_port), (Security.STARTTLS, dovecot.starttls_port)):
        with pytest.raises(MailboxUnavailable, match="certificate cannot be verified"):
            ImapMailbox(account(dovecot, port, security=security, ca_file=None)).look()
        with pytest.raises(MailboxUnavailable, match="certificate cannot be verified"):
            ImapMailbox(account(dovecot, port, security=security, host="127.0.0.1")).look()


def test_what_is_wrong_with_the_account_is_said_and_the_password_is_not(dovecot: DovecotServer) -> None:
    """A wrong password, a folder that is not there, a server that does not answer, no encryption: each in its words."""
    wrong = [
        (account(dovecot, password="Geheimnis"), "refuses user or password"),
        (account(dovecot, folder="Nirgendwo"), "folder Nirgendwo cannot be opened"),
        (account(dovecot, 9), "connection fails: Connection refused"),
        (account(dovecot, dovecot.starttls_port), "connection fails"),
        (account(dovecot, done="a/../b"), "cannot be made"),
    ]
    for each, words in wrong:
        with pytest.raises(MailboxUnavailable, match=words) as trouble:
            ImapMailbox(each).look()
        told = f"{trouble.value}{trouble.value.__cause__!r}{each!r}"
        assert "Geheimnis" not in told
        assert PASSWORD not in told


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office that has sent its letter."""
    return new_office(tmp_path, issued_on=datetime.now(UTC).date() - timedelta(days=7))


def take_in(office: Office, source: ImapAccount) -> list[Handled]:
    """Take in what lies in the account, until it is empty."""
    results: list[Handled] = []
    pool = ReadingPool(find_issued, lambda: office.today, LIMITS)
    with Claims(office.folder / "watch.lock") as claims:
        watch = Watch(
            ImapMailbox(source), claims, pool, max_file_bytes=1 << 28, today=lambda: office.today, report=results.append
        )
        watch.run_once()
    return results


@pytest.mark.django_db
def test_each_mail_goes_where_it_belongs(dovecot: DovecotServer, office: Office) -> None:
    """A return, a mail that a person must read and a newsletter: booked, and moved each to its folder."""
    form = mails.outlook(to_pdf(scans_of(office.letters[0], "A")))
    question = mails.words_only("Anbei zurück, das Formular")
    news = mails.words_only("Die besten Angebote")
    dovecot.deliver(form, question, news)
    results = take_in(office, account(dovecot))
    assert Counter(handled.problem is None for handled in results) == {True: 2, False: 1}
    assert dovecot.mails_in("INBOX") == []
    folders = ("Ruecklauf-done", "Ruecklauf-problems", "Ruecklauf-set-aside")
    assert [dovecot.mails_in(folder) for folder in folders] == [[form], [question], [news]]
    (waiting,) = returns_waiting()
    assert waiting.decision is Decision.ACCEPT
    assert origins([waiting.return_id])[waiting.return_id].channel == "imap"
    assert (len(list(mails_of(MailList.WAITING))), len(list(mails_of(MailList.ASIDE)))) == (1, 1)


@pytest.mark.django_db
def test_a_connection_that_breaks_off_anywhere(dovecot: DovecotServer, office: Office) -> None:
    """Cut off after ever more bytes, from the greeting to the last move: in the end every mail is booked just once."""
    form = mails.gmail(to_pdf(scans_of(office.letters[0], "A")))
    dovecot.deliver(form, LARGE, mails.words_only("Anbei zurück"))
    total = len(form) + len(LARGE)
    cut = 0
    for after_bytes in (
        1,
        2_500,
        4_000,
        len(form) // 2,
        len(form) + 4_000,
        total - 200_000,
        total + 4_500,
        total + 6_000,
    ):
        with cutting_proxy(dovecot.tls_port, after_bytes) as port:
            try:
                take_in(office, account(dovecot, port))
            except MailboxUnavailable:
                cut += 1
    take_in(office, account(dovecot))
    assert cut >= 5
    assert (Mail.objects.count(), Return.objects.count()) == (3, 1)
    assert Arrival.objects.filter(duplicate=True).count() == 0
    assert dovecot.mails_in("INBOX") == []
    assert sum(len(dovecot.mails_in(folder)) for folder in ("Ruecklauf-done", "Ruecklauf-problems")) == 3
    assert list(violations()) == []


@pytest.mark.django_db
def test_a_server_that_is_killed_in_the_middle_of_a_mail(dovecot: DovecotServer, office: Office) -> None:
    """Dovecot dies while it hands out a mail; when it is there again, the mail is taken in, once."""
    dovecot.deliver(mails.gmail(to_pdf(scans_of(office.letters[0], "A"))), LARGE)
    with cutting_proxy(dovecot.tls_port, len(LARGE) // 2, dovecot.kill) as port:
        with pytest.raises(MailboxUnavailable):
            take_in(office, account(dovecot, port))
        with pytest.raises(MailboxUnavailable):
            take_in(office, account(dovecot, port))
        dovecot.start()
        take_in(office, account(dovecot, port))
    assert (Mail.objects.count(), Return.objects.count(), Arrival.objects.filter(duplicate=True).count()) == (2, 1, 0)
    assert dovecot.mails_in("INBOX") == []


@pytest.fixture
def home(dovecot: DovecotServer, tmp_path: Path) -> Path:
    """A home whose settings name the account; the password stands in a file of its own."""
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n", "utf-8")
    secret.chmod(0o600)
    (tmp_path / "ruecklauf.toml").write_text(
        f'[imap]\nhost = "localhost"\nport = {dovecot.tls_port}\nuser = "{USER}"\npoll_s = 1\n'
        f'password_file = "{secret}"\nca_file = "{dovecot.certificate}"\n',
        "utf-8",
    )
    return tmp_path


@pytest.mark.parametrize(
    "interference",
    [
        pytest.param("linkat:signal=SIGKILL:when=3", id="killed while archiving"),
        pytest.param("fsync,fdatasync:error=ENOSPC:when=3+", id="disk full"),
    ],
)
def test_the_program_is_stopped_in_the_middle(dovecot: DovecotServer, home: Path, interference: str) -> None:
    """Killed, or without room on the disk: the mails are still in the account, and the next run takes them in once."""
    sent = [mails.with_attachment(b"PK\x03\x04 1", "1.zip"), mails.words_only("Anbei zurück"), mails.words_only("News")]
    dovecot.deliver(*sent)
    call = interference.split(":")[0]
    strace = ("strace", "-D", "-qq", "-o", str(home / "strace.txt"), "-e", f"trace={call}")
    with start("watch", "--imap", "--once", home=home, before=(*strace, "-e", f"inject={interference}")) as process:
        out, err = process.communicate(timeout=240)
    assert process.returncode not in (0, 1)
    left = len(dovecot.mails_in("INBOX"))
    assert left > 0
    code, told, complaints = run("watch", "--imap", "--once", home=home)
    assert code == 1, complaints
    assert len(told.splitlines()) == left
    assert PASSWORD not in out + err + told + complaints
    folders = ("INBOX", "Ruecklauf-done", "Ruecklauf-problems", "Ruecklauf-set-aside")
    assert [len(dovecot.mails_in(folder)) for folder in folders] == [0, 0, 2, 1]
    with closing(sqlite3.connect(home / "registry.sqlite3")) as book:
        assert book.execute("SELECT count(*), count(DISTINCT file_id) FROM registry_arrival").fetchone() == (4, 4)
