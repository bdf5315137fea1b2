"""Maildir folders as, or in, the mailbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import mails
import pytest
from office_steps import new_office, scans_of

from intake.mailbox import Mailbox, MailboxFile, MailboxSettings, make_mailbox
from intake.results import Decision
from intake.sources import Look
from registry.waiting import returns_waiting
from simulation.files import to_pdf

SETTINGS = MailboxSettings(settle_s=0.0, rescan_s=0.1, patience_s=0.0)
NAME = "1795612345.M1P2.mail:2,S"


def new_maildir(folder: Path) -> Path:
    """Make an empty Maildir."""
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder


@pytest.fixture(params=[".", "Kunden"])
def maildir(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A Maildir that is the mailbox, and one that lies in it."""
    make_mailbox(tmp_path / "mailbox")
    return new_maildir(tmp_path / "mailbox" / request.param)


@pytest.fixture
def mailbox(maildir: Path, tmp_path: Path) -> Mailbox:
    """The mailbox."""
    assert maildir.exists()
    return Mailbox(tmp_path / "mailbox", SETTINGS)


def looked(mailbox: Mailbox) -> Look[MailboxFile]:
    """Look twice: what stays the same is settled."""
    mailbox.look()
    return mailbox.look()


def test_delivered_mails_are_taken_and_half_ones_are_not(maildir: Path, mailbox: Mailbox) -> None:
    """New and seen mails are read and put away; what is being delivered, and the Maildir itself, stay."""
    (maildir / "tmp" / "half").write_bytes(b"1")
    (maildir / "new" / "1795612346.M1P2.mail").write_bytes(b"22")
    (maildir / "cur" / NAME).write_bytes(b"333")
    look = looked(mailbox)
    assert (look.refused, look.unsettled) == ((), 0)
    assert sorted(mailbox.read_settled(file, 1000) or b"" for file in look.settled) == [b"22", b"333"]
    assert len({file.claim for file in look.settled}) == 2
    for file in look.settled:
        assert mailbox.move_to_done(file) == mailbox.folder / "done" / file.name
    assert looked(mailbox).is_empty
    assert (maildir / "tmp" / "half").read_bytes() == b"1"


def test_a_mail_program_may_move_a_mail_meanwhile(maildir: Path, mailbox: Mailbox) -> None:
    """A mail that was marked as seen since the look is not read under its old name, and is found under its new one."""
    (maildir / "new" / "1795612345.M1P2.mail").write_bytes(b"22")
    (file,) = looked(mailbox).settled
    (maildir / "new" / "1795612345.M1P2.mail").rename(maildir / "cur" / NAME)
    assert mailbox.read_settled(file, 1000) is None
    (file,) = looked(mailbox).settled
    assert mailbox.read_settled(file, 1000) == b"22"


def test_equal_names_in_two_maildirs_are_two_mails(tmp_path: Path) -> None:
    """Each Maildir gives its own names."""
    make_mailbox(tmp_path)
    for number, name in enumerate(("Info", "Kunden")):
        (new_maildir(tmp_path / name) / "cur" / NAME).write_bytes(b"x" * (number + 1))
    mailbox = Mailbox(tmp_path, SETTINGS)
    assert sorted(file.stamp.size for file in looked(mailbox).settled) == [1, 2]


def test_a_folder_that_is_no_maildir_is_refused(tmp_path: Path) -> None:
    """One of the three folders alone, or all three as files, make no Maildir."""
    make_mailbox(tmp_path)
    (tmp_path / "half" / "new").mkdir(parents=True)
    (tmp_path / "files").mkdir()
    for name in ("new", "cur", "tmp"):
        (tmp_path / "files" / name).touch()
    assert sorted(entry.file.name for entry in looked(Mailbox(tmp_path, SETTINGS)).refused) == ["files", "half"]


@pytest.mark.django_db
def test_a_form_in_a_maildir_is_booked(tmp_path: Path) -> None:
    """What a mail server delivers into the Maildir becomes a return, and the mail goes to done/."""
    office = new_office(tmp_path, issued_on=datetime.now(UTC).date() - timedelta(days=7))
    maildir = new_maildir(office.mailbox / "Kunden")
    (maildir / "new" / "1795612345.M1P2.mail").write_bytes(mails.gmail(to_pdf(scans_of(office.letters[0], "A"))))
    (handled,) = office.watch()
    assert handled.problem is None
    assert [waiting.decision for waiting in returns_waiting()] == [Decision.ACCEPT]
    assert [path.name for path in (office.mailbox / "done").iterdir()] == ["1795612345.M1P2.mail"]
