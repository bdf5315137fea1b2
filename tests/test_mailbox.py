"""The mailbox folder: what is complete, what is never opened, and that nothing is lost on the way out."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from intake.errors import DocumentProblem, MailboxUnavailable
from intake.file_names import is_temporary, numbered_name, printable_name
from intake.file_stamp import FileStamp, read_unchanged
from intake.mailbox import DONE, PROBLEMS, Mailbox, MailboxFile, MailboxSettings, make_mailbox
from intake.sources import Look

SETTINGS = MailboxSettings(settle_s=2.0, rescan_s=5.0, patience_s=30.0)
NOBODY = 65534
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
    "problems.pdf",
    "\u200f\u2066",
    "$(reboot)`reboot`;reboot #",
    "NUL",
    "\x1b[2J",
]


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Work inside without the rights of root, as the owner of the folder; who is not root anyway needs no change."""
    if os.geteuid() != 0:
        yield
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def somebody_elses() -> Iterator[Path]:
    """Give a place that also others than root may reach, which pytest's own folder is not."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o711)
        yield Path(place) / "mailbox"


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
    return new_mailbox(tmp_path / "mailbox")


def new_mailbox(folder: Path) -> Mailbox:
    """Make a mailbox, timed by the clock above."""
    make_mailbox(folder)
    return Mailbox(folder, SETTINGS, CLOCK)


def settle(mailbox: Mailbox, pause_s: float = 2.0) -> Look[MailboxFile]:
    """Look twice, with a pause in between."""
    mailbox.look()
    CLOCK.now_s += pause_s
    return mailbox.look()


def only(look: Look[MailboxFile]) -> MailboxFile:
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
    os.mknod(mailbox.folder / "device", stat.S_IFCHR | 0o600)  # number 0:0, which every user may make
    (mailbox.folder / "folder").mkdir()
    (mailbox.folder / "folder" / "a.pdf").write_bytes(b"1")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(mailbox.folder / "socket"))
        look = settle(mailbox, 30)
    assert look.settled == ()
    kinds = {entry.file.name: entry.kind for entry in look.refused}
    assert kinds == {
        "link.pdf": "a link", "pipe.pdf": "a pipe", "folder": "a folder", "socket": "a socket", "device": "a device",
    }  # fmt: skip
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


@pytest.mark.parametrize("name", [DONE, PROBLEMS])
def test_a_file_named_like_a_subfolder_is_not_taken_for_one(tmp_path: Path, name: str) -> None:
    """Where done/ or problems/ should be lies a file: nothing is taken in, and nothing is lost."""
    mailbox = new_mailbox(tmp_path / "mailbox")
    (mailbox.folder / name).rmdir()
    (mailbox.folder / name).write_bytes(b"1")
    with pytest.raises(MailboxUnavailable, match=f"{name} is not a folder"):
        mailbox.look()
    assert (mailbox.folder / name).read_bytes() == b"1"


def test_a_missing_mailbox_never_looks_empty(mailbox: Mailbox, tmp_path: Path) -> None:
    """A folder that is missing, or an empty one in its place, is our system's fault; back again, it goes on."""
    (mailbox.folder / "a.pdf").write_bytes(b"1")
    with pytest.raises(MailboxUnavailable):
        Mailbox(tmp_path / "missing", SETTINGS)
    mailbox.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(MailboxUnavailable, match="No such file"):
        mailbox.look()
    mailbox.folder.mkdir()
    with pytest.raises(MailboxUnavailable, match="done/ is not in it"):
        mailbox.look()
    mailbox.folder.rmdir()
    (tmp_path / "elsewhere").rename(mailbox.folder)
    assert only(settle(mailbox)).name == "a.pdf"


def test_another_mailbox_in_its_place_is_the_mailbox(mailbox: Mailbox, tmp_path: Path) -> None:
    """A share that is connected anew has other numbers; what lies there is taken in, after its own wait."""
    (mailbox.folder / "a.pdf").write_bytes(b"1")
    mailbox.look()
    CLOCK.now_s += 2
    mailbox.folder.rename(tmp_path / "elsewhere")
    make_mailbox(mailbox.folder)
    (mailbox.folder / "a.pdf").write_bytes(b"1")
    assert mailbox.look() == Look((), (), 1)
    file = only(settle(mailbox))
    assert mailbox.move_to_done(file) == mailbox.folder / DONE / "a.pdf"


@pytest.mark.parametrize(
    ("put_there", "said"),
    [
        (lambda path: path.symlink_to("nowhere"), "link that leads nowhere — .*mend the link"),
        (lambda path: path.write_bytes(b"1"), "a file, not a folder — move"),
    ],
)
def test_what_is_no_folder_is_said_plainly(tmp_path: Path, put_there: Callable[[Path], object], said: str) -> None:
    """A dangling link or a file where the mailbox should be: neither opening nor making it touches it."""
    path = tmp_path / "mailbox"
    put_there(path)
    for attempt in (make_mailbox, lambda folder: Mailbox(folder, SETTINGS)):
        with pytest.raises(MailboxUnavailable, match=said):
            attempt(path)
    assert not path.is_dir()


def test_a_missing_done_folder_stops_the_watch(mailbox: Mailbox) -> None:
    """A file that cannot be moved away would be taken in again and again; it stays, and somebody is called."""
    path = mailbox.folder / "a.pdf"
    path.write_bytes(b"1")
    file = only(settle(mailbox))
    (mailbox.folder / "done").rmdir()
    with pytest.raises(MailboxUnavailable, match="done"):
        mailbox.move_to_done(file)
    (mailbox.folder / "done").mkdir()
    (mailbox.folder / "problems").rmdir()
    with pytest.raises(MailboxUnavailable, match="problems"):
        mailbox.move_to_problems(file, "broken")
    assert path.read_bytes() == b"1"


def test_a_done_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """Files must not leave the mailbox's own disk through a planted link."""
    make_mailbox(tmp_path / "mailbox")
    (tmp_path / "mailbox" / "done").rmdir()
    (tmp_path / "mailbox" / "done").symlink_to(tmp_path)
    with pytest.raises(MailboxUnavailable):
        Mailbox(tmp_path / "mailbox", SETTINGS)


def test_an_unreadable_folder_is_not_an_empty_one(somebody_elses: Path) -> None:
    """Without the right to look in, the alarm is raised; with it again, the file is found."""
    mailbox = new_mailbox(somebody_elses)
    (somebody_elses / "a.pdf").write_bytes(b"1")
    with as_nobody(somebody_elses):
        somebody_elses.chmod(0)
        with pytest.raises(MailboxUnavailable, match="Permission denied"):
            mailbox.look()
        somebody_elses.chmod(0o700)
        assert only(settle(mailbox)).name == "a.pdf"


def test_a_file_that_we_may_not_open_is_its_own_problem(somebody_elses: Path) -> None:
    """One file without the right to read it goes to problems/ and does not hold up the others."""
    mailbox = new_mailbox(somebody_elses)
    (somebody_elses / "a.pdf").write_bytes(b"1")
    with as_nobody(somebody_elses):
        (somebody_elses / "a.pdf").chmod(0)
        file = only(settle(mailbox))
        with pytest.raises(DocumentProblem, match="Permission denied"):
            mailbox.read_settled(file, 10)
        assert mailbox.move_to_problems(file, "broken")


def test_a_disk_that_hands_nothing_out_is_no_fault_of_the_file() -> None:
    """An input/output error at reading is our system's: a real one, from a file of /proc that gives it."""
    stamp = FileStamp.of(os.lstat("/proc/self/mem"))
    handle = os.open("/proc/self/mem", os.O_RDONLY)
    try:
        with pytest.raises(OSError, match="Input/output error"):
            read_unchanged(handle, stamp)
    finally:
        os.close(handle)


def test_twenty_thousand_files_are_all_found(tmp_path: Path) -> None:
    """More files than inotify can queue, dropped while nobody watched, are handed out the oldest first, each once."""
    mailbox = new_mailbox(tmp_path / "mailbox")
    for number in range(20_000):
        path = mailbox.folder / f"{number}.pdf"
        path.touch()
        os.truncate(path, 1)
    found: list[MailboxFile] = []
    look = settle(mailbox)
    while look.settled:
        assert len(look.settled) <= 2000
        found += look.settled
        for file in look.settled:
            file.path.unlink()
        look = mailbox.look()
    assert look.is_empty
    assert {file.name for file in found} == {f"{number}.pdf" for number in range(20_000)}
    times = [file.stamp.mtime_ns for file in found]
    assert (len(times), times) == (20_000, sorted(times))


@pytest.mark.parametrize("polling", [False, True])
def test_arrivals_are_noticed_with_and_without_events(tmp_path: Path, polling: bool) -> None:
    """An event wakes the loop early; without events the rescan finds the file all the same."""
    rescan_s = 0.3 if polling else 20.0
    make_mailbox(tmp_path)
    with Mailbox(tmp_path, MailboxSettings(settle_s=0.05, rescan_s=rescan_s, polling=polling)) as mailbox:
        assert seconds_until_found(mailbox) < 5


def test_events_are_heard_from_the_folder_that_came_in_place_of_the_first(tmp_path: Path) -> None:
    """After a share was connected anew, its events wake the loop, not those of the folder that went."""
    folder = tmp_path / "mailbox"
    make_mailbox(folder)
    with Mailbox(folder, MailboxSettings(settle_s=0.05, rescan_s=20.0)) as mailbox:
        folder.rename(tmp_path / "elsewhere")
        make_mailbox(folder)
        assert seconds_until_found(mailbox) < 5


def seconds_until_found(mailbox: Mailbox) -> float:
    """Drop a file a moment after the first look, and tell how long it took until it was settled."""
    began_s = time.monotonic()
    look = mailbox.look()
    timer = threading.Timer(0.1, lambda: (mailbox.folder / "a.pdf").write_bytes(b"1"))
    timer.start()
    while not look.settled:
        mailbox.wait(soon=bool(look.unsettled))
        look = mailbox.look()
    timer.join()
    return time.monotonic() - began_s


def test_whoever_pauses_can_be_woken(mailbox: Mailbox) -> None:
    """A long pause, as the alarm makes, ends when the watcher is told to stop, be it before or meanwhile; once."""
    mailbox.wake()
    mailbox.pause(600)
    timer = threading.Timer(0.1, mailbox.wake)
    timer.start()
    mailbox.pause(600)
    timer.join()
    began_s = time.monotonic()
    mailbox.pause(0.1)
    assert time.monotonic() - began_s >= 0.1


def test_a_file_written_in_bursts_is_read_when_it_is_whole(tmp_path: Path) -> None:
    """However a scanner writes, slowly, in bursts, under a draft's name: what is read is the whole file."""
    make_mailbox(tmp_path)
    whole = bytes(range(256)) * 40
    with Mailbox(tmp_path, MailboxSettings(settle_s=0.4, rescan_s=0.1)) as mailbox:
        writers = [
            threading.Thread(target=write_slowly, args=(tmp_path / "slow.pdf", whole, 512, 0.05)),
            threading.Thread(target=write_slowly, args=(tmp_path / "bursts.pdf", whole, 4096, 0.25)),
            threading.Thread(target=write_slowly, args=(tmp_path / "draft.pdf.part", whole, 1024, 0.05)),
        ]
        for writer in writers:
            writer.start()
        read: dict[str, bytes] = {}
        while len(read) < 3:
            look = mailbox.look()
            for file in look.settled:
                data = mailbox.read_settled(file, 1 << 20)
                assert data is not None
                read[file.name] = data
                mailbox.move_to_done(file)
            mailbox.wait(soon=True)
        for writer in writers:
            writer.join()
    assert read == dict.fromkeys(("slow.pdf", "bursts.pdf", "draft.pdf"), whole)


def write_slowly(path: Path, data: bytes, chunk_bytes: int, pause_s: float) -> None:
    """Write a file piece by piece; a draft gets its name in the end."""
    with path.open("wb", buffering=0) as stream:
        for at in range(0, len(data), chunk_bytes):
            stream.write(data[at : at + chunk_bytes])
            time.sleep(pause_s)
    if path.suffix == ".part":
        path.rename(path.with_suffix(""))


def test_our_own_looking_does_not_wake_the_loop(tmp_path: Path) -> None:
    """Looking and reading raise events too; taking them for arrivals would keep the loop spinning."""
    make_mailbox(tmp_path)
    (tmp_path / "a.pdf").write_bytes(b"1")
    with Mailbox(tmp_path, MailboxSettings(settle_s=2.0, rescan_s=0.4), CLOCK) as mailbox:
        file = only(settle(mailbox))
        mailbox.read_settled(file, 10)
        began_s = time.monotonic()
        mailbox.wait(soon=True)
        assert time.monotonic() - began_s >= 0.39
