"""The mailbox folder: what is complete, what is never opened, and that nothing is lost on the way out."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from intake.errors import DocumentProblem, MailboxUnavailable
from intake.file_names import is_temporary, numbered_name, printable_name
from intake.mailbox import Look, Mailbox, MailboxFile, MailboxSettings

SETTINGS = MailboxSettings(settle_s=2.0, rescan_s=5.0, patience_s=30.0)
HOSTILE_NAMES = [
    "zwei\nZeilen.pdf",
    "rechts\u202efdp.exe",
    "kaputt\udcff\udcfe.pdf",
    "[bold red]rot.pdf",
    "ä" * 125 + ".pdf",
    "x" * 255,
    " ",
    "-rf",
    "done ",
]


class Clock:
    """A clock that only moves when it is told to."""

    now_s = 100.0

    def __call__(self) -> float:
        """Tell the time in seconds."""
        return self.now_s


CLOCK = Clock()


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    """Give a mailbox in an empty folder, timed by the clock above."""
    folder = tmp_path / "mailbox"
    folder.mkdir()
    return Mailbox(folder, SETTINGS, CLOCK)


def settle(mailbox: Mailbox, pause_s: float = 2.0) -> Look:
    """Look twice, with a pause in between."""
    mailbox.look()
    CLOCK.now_s += pause_s
    return mailbox.look()


def only(look: Look) -> MailboxFile:
    """Return the one settled file."""
    (file,) = look.settled
    return file


def test_a_new_file_is_not_settled_at_the_first_look(mailbox: Mailbox) -> None:
    """One look cannot tell a complete file from one that is being written."""
    (mailbox.folder / "a.pdf").write_bytes(b"1")
    assert mailbox.look() == Look((), (), 1)
    CLOCK.now_s += 1.9
    assert mailbox.look().settled == ()
    CLOCK.now_s += 0.1
    assert only(mailbox.look()).name == "a.pdf"


def test_a_file_that_grows_is_left_alone_until_it_stops(mailbox: Mailbox) -> None:
    """Every change begins the wait anew."""
    path = mailbox.folder / "a.pdf"
    for size in range(1, 4):
        path.write_bytes(b"x" * size)
        assert settle(mailbox, 1.9).settled == ()
        CLOCK.now_s += 0.2
    assert mailbox.read_settled(only(settle(mailbox)), 100) == b"xxx"


def test_a_file_replaced_under_its_name_waits_again(mailbox: Mailbox) -> None:
    """A scanner that uses a name again starts a new wait, even with the same size and time."""
    path, new = mailbox.folder / "SCN_0001.pdf", mailbox.folder / ".new"
    path.write_bytes(b"1")
    assert only(settle(mailbox))
    new.write_bytes(b"2")
    status = path.stat()
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
    new.rename(path)
    assert mailbox.look().settled == ()


def test_an_empty_file_waits_longer(mailbox: Mailbox) -> None:
    """A scanner may open its file long before it writes."""
    (mailbox.folder / "a.pdf").touch()
    assert settle(mailbox).settled == ()
    CLOCK.now_s += 30
    assert mailbox.read_settled(only(mailbox.look()), 100) == b""


def test_temporary_names_are_left_alone(mailbox: Mailbox) -> None:
    """What copy programs have not renamed yet is not even counted."""
    names = ("a.pdf.part", "b.TMP", "~$c.docx", "d.crdownload", ".hidden.pdf", "~e.pdf")
    for name in names:
        (mailbox.folder / name).write_bytes(b"1")
    assert all(is_temporary(name) for name in names)
    assert settle(mailbox) == Look((), (), 0)


def test_what_is_not_a_file_is_refused_and_never_opened(mailbox: Mailbox, tmp_path: Path) -> None:
    """Links, pipes, sockets and folders end in problems/ with a reason, and their targets stay untouched."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (mailbox.folder / "link.pdf").symlink_to(secret)
    os.mkfifo(mailbox.folder / "pipe.pdf")
    (mailbox.folder / "folder").mkdir()
    (mailbox.folder / "folder" / "a.pdf").write_bytes(b"1")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(mailbox.folder / "socket"))
        look = settle(mailbox, 30)
    assert look.settled == ()
    kinds = {entry.file.name: entry.kind for entry in look.refused}
    assert kinds == {"link.pdf": "a link", "pipe.pdf": "a pipe", "folder": "a folder", "socket": "a socket"}
    for entry in look.refused:
        with pytest.raises(DocumentProblem):
            mailbox.read_settled(entry.file, 100)
        mailbox.move_to_problems(entry.file, entry.kind)
    problems = mailbox.folder / "problems"
    assert (problems / "link.pdf").is_symlink()
    assert (problems / "folder" / "a.pdf").read_bytes() == b"1"
    assert (problems / "pipe.pdf.reason.txt").read_text() == "pipe.pdf\n\na pipe\n"
    assert secret.read_text() == "secret"
    assert mailbox.look() == Look((), (), 0)


def test_a_link_that_takes_a_files_place_is_not_followed(mailbox: Mailbox, tmp_path: Path) -> None:
    """Swapping a settled file for a link between look and open gives no bytes."""
    (tmp_path / "secret").write_text("secret")
    path = mailbox.folder / "a.pdf"
    path.write_bytes(b"1")
    file = only(settle(mailbox))
    path.unlink()
    path.symlink_to(tmp_path / "secret")
    assert mailbox.read_settled(file, 100) is None


def test_a_file_changed_since_the_look_gives_no_bytes(mailbox: Mailbox) -> None:
    """Growing after the look means that it was not settled."""
    path = mailbox.folder / "a.pdf"
    path.write_bytes(b"1")
    file = only(settle(mailbox))
    path.write_bytes(b"12")
    assert mailbox.read_settled(file, 100) is None
    path.unlink()
    assert mailbox.read_settled(file, 100) is None


def test_a_file_over_the_limit_is_not_read(mailbox: Mailbox) -> None:
    """Size is checked before a byte is read."""
    with (mailbox.folder / "a.pdf").open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(DocumentProblem, match="too_large"):
        mailbox.read_settled(only(settle(mailbox)), 100)


def test_a_name_in_done_is_never_overwritten(mailbox: Mailbox) -> None:
    """The same name with other content gets a number; both contents stay."""
    for content in (b"1", b"2", b"3"):
        (mailbox.folder / "SCN_0001.pdf").write_bytes(content)
        assert mailbox.move_to_done(only(settle(mailbox)))
    done = mailbox.folder / "done"
    assert {path.name: path.read_bytes() for path in done.iterdir()} == {
        "SCN_0001.pdf": b"1", "SCN_0001 (2).pdf": b"2", "SCN_0001 (3).pdf": b"3",
    }  # fmt: skip


def test_problems_keep_each_file_with_its_own_reason(mailbox: Mailbox) -> None:
    """Reasons lie beside the file they belong to, also when names repeat or are taken."""
    (mailbox.folder / "problems" / "a.pdf.reason.txt").write_text("somebody's own file")
    for content, reason in ((b"1", "first"), (b"2", "second")):
        (mailbox.folder / "a.pdf").write_bytes(content)
        moved = mailbox.move_to_problems(only(settle(mailbox)), reason)
        assert moved is not None
        assert moved.read_bytes() == content
        assert moved.with_name(moved.name + ".reason.txt").read_text() == f"a.pdf\n\n{reason}\n"
    assert (mailbox.folder / "problems" / "a.pdf.reason.txt").read_text() == "somebody's own file"


def test_a_reason_left_by_an_interruption_is_used_again(mailbox: Mailbox) -> None:
    """Dying between writing the reason and moving the file leaves no second reason behind."""
    (mailbox.folder / "problems" / "a.pdf.reason.txt").write_text("a.pdf\n\nbroken\n")
    (mailbox.folder / "a.pdf").write_bytes(b"1")
    moved = mailbox.move_to_problems(only(settle(mailbox)), "broken")
    assert moved == mailbox.folder / "problems" / "a.pdf"
    assert len(list(moved.parent.iterdir())) == 2


def test_a_file_that_was_replaced_since_it_was_read_stays(mailbox: Mailbox) -> None:
    """A scanner reusing the name while the first file is being booked does not lose the second."""
    path = mailbox.folder / "SCN_0001.pdf"
    path.write_bytes(b"first")
    file = only(settle(mailbox))
    path.unlink()
    path.write_bytes(b"second!")
    assert mailbox.move_to_done(file) is None
    assert mailbox.move_to_problems(file, "broken") is None
    assert path.read_bytes() == b"second!"
    assert list((mailbox.folder / "problems").iterdir()) == []


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_names_survive(mailbox: Mailbox, name: str) -> None:
    """Any name can be read, moved twice and explained, and never breaks a line."""
    for _ in range(2):
        (mailbox.folder / name).write_bytes(b"1")
        file = only(settle(mailbox))
        assert mailbox.read_settled(file, 10) == b"1"
        assert mailbox.move_to_problems(file, "broken")
        assert len(printable_name(file.name).splitlines()) == 1
    problems = list((mailbox.folder / "problems").iterdir())
    assert len(problems) == 4
    reasons = [path for path in problems if path.name.endswith(".reason.txt")]
    assert len(reasons) == 2
    for path in reasons:
        assert path.read_text("utf-8").splitlines() == [printable_name(name), "", "broken"]


def test_numbered_names_fit_and_keep_their_extension() -> None:
    """A number never makes a name too long, and never cuts a character in two."""
    name = numbered_name("ä" * 125 + ".pdf", 12, ending=".reason.txt")
    assert name.endswith(" (12).pdf.reason.txt")
    assert 253 <= len(os.fsencode(name)) <= 255
    assert numbered_name("a.tar.gz", 1) == "a.tar.gz"
    assert numbered_name("a." + "b" * 250, 2).endswith(" (2)")


def test_a_missing_mailbox_never_looks_empty(mailbox: Mailbox, tmp_path: Path) -> None:
    """A folder that is missing, replaced or no folder is our system's fault, and said so."""
    with pytest.raises(MailboxUnavailable):
        Mailbox(tmp_path / "missing", SETTINGS)
    mailbox.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(MailboxUnavailable):
        mailbox.look()
    mailbox.folder.mkdir()
    with pytest.raises(MailboxUnavailable, match="another folder"):
        mailbox.look()


def test_a_missing_done_folder_stops_the_watch(mailbox: Mailbox) -> None:
    """A file that cannot be moved away would be taken in again and again; it stays, and somebody is called."""
    path = mailbox.folder / "a.pdf"
    path.write_bytes(b"1")
    file = only(settle(mailbox))
    (mailbox.folder / "done").rmdir()
    (mailbox.folder / "problems").rmdir()
    with pytest.raises(MailboxUnavailable, match="done"):
        mailbox.move_to_done(file)
    with pytest.raises(MailboxUnavailable, match="problems"):
        mailbox.move_to_problems(file, "broken")
    assert path.read_bytes() == b"1"


def test_a_done_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """Files must not leave the mailbox's own disk through a planted link."""
    (tmp_path / "mailbox").mkdir()
    (tmp_path / "mailbox" / "done").symlink_to(tmp_path)
    with pytest.raises(MailboxUnavailable):
        Mailbox(tmp_path / "mailbox", SETTINGS)


@pytest.mark.parametrize("polling", [False, True])
def test_arrivals_are_noticed_with_and_without_events(tmp_path: Path, polling: bool) -> None:
    """An event wakes the loop early; without events the rescan finds the file all the same."""
    rescan_s = 0.3 if polling else 20.0
    mailbox = Mailbox(tmp_path, MailboxSettings(settle_s=0.05, rescan_s=rescan_s, polling=polling))
    began_s = time.monotonic()
    with mailbox:
        timer = threading.Timer(0.1, lambda: (tmp_path / "a.pdf").write_bytes(b"1"))
        timer.start()
        look = mailbox.look()
        while not look.settled:
            mailbox.wait(look)
            look = mailbox.look()
    timer.join()
    assert time.monotonic() - began_s < 5


def test_our_own_looking_does_not_wake_the_loop(tmp_path: Path) -> None:
    """Looking and reading raise events too; taking them for arrivals would keep the loop spinning."""
    (tmp_path / "a.pdf").write_bytes(b"1")
    with Mailbox(tmp_path, MailboxSettings(settle_s=2.0, rescan_s=0.4), CLOCK) as mailbox:
        file = only(settle(mailbox))
        mailbox.read_settled(file, 10)
        look = mailbox.look()
        began_s = time.monotonic()
        mailbox.wait(look)
        assert time.monotonic() - began_s >= 0.39
