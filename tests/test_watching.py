"""The watch loop as real processes: several at once, in trouble and out of it again, killed and started anew."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from program import CLONE, FAST, run, start

from intake.claims import Claims
from intake.mailbox import Mailbox, MailboxSettings, make_mailbox
from intake.worker import ReadingPool, WorkerLimits
from ruecklauf.alarm import LONGEST_PAUSE_S, Alarm
from ruecklauf.errors import HeldByAnotherWatcher
from ruecklauf.watching import Watch


@pytest.fixture(scope="module")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a home whose watcher does not wait long."""
    home = tmp_path_factory.mktemp("home")
    (home / "ruecklauf.toml").write_text(FAST + "patience_s = 0.2\n")
    assert run("status", "--home", home)[0] == 0
    return home


@pytest.fixture
def home(new_home: Path, tmp_path: Path) -> Path:
    """Give each test a copy of it."""
    return shutil.copytree(new_home, tmp_path / "home")


class Watcher:
    """A running `watch`, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.results: list[str] = []
        self.complaints: list[str] = []
        assert process.stdout is not None
        assert process.stderr is not None
        streams = ((self.results, process.stdout), (self.complaints, process.stderr))
        self._listeners = [threading.Thread(target=lines.extend, args=(stream,)) for lines, stream in streams]
        for listener in self._listeners:
            listener.start()
        wait_until(lambda: self.count("Watching") == 1)

    def count(self, text: str) -> int:
        """How many lines on standard error begin so."""
        return sum(line.startswith(text) for line in self.complaints)

    def end(self) -> list[str]:
        """End it politely and return the lines of its results."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=120) == 0
        self.join()
        return self.results

    def join(self) -> None:
        """Wait until all that it said before it ended is here."""
        for listener in self._listeners:
            listener.join()


@contextmanager
def watching(home: Path, *, strace: tuple[str, ...] = ()) -> Iterator[Watcher]:
    """Start a watcher, with strace's interference if asked for; it is killed where the test has not ended it."""
    with start("watch", "--home", home, before=interfering(home, *strace) if strace else ()) as process:
        watcher = Watcher(process)
        try:
            yield watcher
        finally:
            process.kill()
            watcher.join()


def interfering(home: Path, *options: str) -> tuple[str, ...]:
    """Return the command that lets strace interfere with a program; it writes what it did into the home."""
    return ("strace", "-D", "-qq", "-o", str(home / "strace.txt"), *options)


def wait_until(is_so: Callable[[], object], longest_s: float = 60.0) -> None:
    """Wait for something that another process does."""
    ends_s = time.monotonic() + longest_s
    while not is_so():
        assert time.monotonic() < ends_s, "it did not come to be"
        time.sleep(0.05)


def waiting_in(home: Path) -> list[str]:
    """What lies in the mailbox and is not put away."""
    return sorted(path.name for path in (home / "mailbox").iterdir() if path.name not in ("done", "problems"))


def arrivals(home: Path) -> Counter[str]:
    """How often each name stands in the book as an arrival."""
    with closing(sqlite3.connect(home / "registry.sqlite3")) as book:
        return Counter(name for (name,) in book.execute("SELECT name FROM registry_arrival"))


def drop_sixty(home: Path) -> list[str]:
    """Drop small files of many kinds, each under its name; every fifth has the bytes of another. Return all names."""
    names = [f"SCN_{number:04}.pdf" for number in range(60)]
    for number, name in enumerate(names):
        path = home / "mailbox" / f".{name}"
        path.write_bytes(f"junk {number - number % 5 if number % 5 == 4 else number}".encode())
        path.rename(home / "mailbox" / name)
    (home / "mailbox" / "link.pdf").symlink_to("nowhere")
    (home / "mailbox" / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    return [*names, "link.pdf", "broken.pdf"]


def check_sixty(home: Path, names: list[str], lines: list[str]) -> None:
    """Every file was said, booked and put away once, with one reason beside it; book, archive and anchors agree."""
    assert Counter(line.split(": ")[1] for line in lines) == Counter(names)
    assert arrivals(home) == Counter(name for name in names if name != "link.pdf")
    problems = home / "mailbox" / "problems"
    assert {path.name for path in problems.iterdir()} == {
        f"{name}{end}" for name in names for end in ("", ".reason.txt")
    }
    assert waiting_in(home) == []
    assert list((home / "mailbox" / "done").iterdir()) == []
    assert run("verify", "--home", home)[0] == 0


@pytest.mark.parametrize("count", [2, 8])
def test_several_watchers_take_in_every_file_once(home: Path, count: int) -> None:
    """However many watch one mailbox, each file is booked and put away by one of them, and none idles beside others."""
    with ExitStack() as running:
        processes = [running.enter_context(start("watch", "--home", home)) for _ in range(count)]
        watchers = [Watcher(process) for process in processes]
        names = drop_sixty(home)
        wait_until(lambda: sum(len(watcher.results) for watcher in watchers) == len(names))
        shares = [watcher.end() for watcher in watchers]
    check_sixty(home, names, [line for share in shares for line in share])
    assert all(shares)
    assert not any(watcher.count("Alarm") for watcher in watchers)


def test_several_that_run_once_end_when_all_is_taken_in(home: Path) -> None:
    """Four at the same time share the work, and each ends only when the mailbox is empty."""
    names = drop_sixty(home)
    processes = [start("watch", "--once", "--home", home) for _ in range(4)]
    lines = []
    for process in processes:
        out, err = process.communicate(timeout=240)
        assert waiting_in(home) == []
        assert process.returncode == (1 if out else 0), err
        lines += out.splitlines()
    check_sixty(home, names, lines)


HOLD = """
import sys
from pathlib import Path
from intake.claims import Claims
with Claims(Path(sys.argv[1])) as claims:
    assert claims.claim(Path(sys.argv[2]).stat().st_ino)
    print(flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_by_another(lock_file: Path, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Let another process claim a file and do nothing with it."""
    command = [sys.executable, "-c", HOLD, str(lock_file), str(path)]
    with subprocess.Popen(command, cwd=CLONE, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        yield process
        process.kill()


def test_what_another_watcher_has_in_hand_is_waited_for(home: Path) -> None:
    """`--once` does not end while another one reads a file; when that one is killed, it reads the file itself."""
    path = home / "mailbox" / "a.pdf"
    path.write_bytes(b"junk")
    with held_by_another(home / "watch.lock", path) as other:
        process = start("watch", "--once", "--home", home)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=4)
        assert path.exists()
        other.kill()
        out, _ = process.communicate(timeout=30)
    assert (process.returncode, out[:16]) == (1, "problem: a.pdf: ")
    assert arrivals(home) == Counter({"a.pdf": 1})


def nobody_asks(*_what: object) -> NoReturn:
    """Stand for what must not be called: nothing is read or booked."""
    pytest.fail("nothing should be read")


@pytest.mark.django_db
def test_a_watcher_that_hangs_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another one does not get on with what it has claimed, `--once` ends and names the file."""
    monkeypatch.setattr("ruecklauf.watching._PATIENCE_WITH_OTHERS_S", 0.3)
    make_mailbox(tmp_path)
    (tmp_path / "a.pdf").write_bytes(b"junk")
    pool = ReadingPool(nobody_asks, nobody_asks, WorkerLimits())
    mailbox = Mailbox(tmp_path, MailboxSettings(settle_s=0.05, rescan_s=0.05))
    with (
        tempfile.NamedTemporaryFile() as lock,
        held_by_another(Path(lock.name), tmp_path / "a.pdf"),
        Claims(Path(lock.name)) as claims,
        pytest.raises(HeldByAnotherWatcher, match=r"does not finish: a\.pdf"),
    ):
        Watch(mailbox, claims, pool, max_file_bytes=9, today=nobody_asks, report=nobody_asks).run_once()
    assert (tmp_path / "a.pdf").exists()


def may_mount() -> bool:
    """Tell whether we may connect a file system here."""
    with tempfile.TemporaryDirectory() as place:
        if subprocess.run(["mount", "-t", "tmpfs", "none", place], capture_output=True, check=False).returncode:
            return False
        subprocess.run(["umount", place], check=True)
    return True


WAYS_TO_GO_AWAY = ["renamed", "replaced", *(["unmounted"] if may_mount() else [])]


@contextmanager
def mailbox_away(home: Path, way: str) -> Iterator[None]:
    """Take the mailbox away, as a share or disk goes away, and bring it back; `unmounted` comes back as another one."""
    mailbox, elsewhere = home / "mailbox", home / "elsewhere"
    if way == "unmounted":
        subprocess.run(["umount", "--lazy", mailbox], check=True)
    else:
        mailbox.rename(elsewhere)
    if way == "replaced":
        mailbox.mkdir()
    yield
    if way == "replaced":
        mailbox.rmdir()
    if way == "unmounted":
        mount_mailbox(mailbox)
    else:
        elsewhere.rename(mailbox)


def mount_mailbox(mailbox: Path) -> None:
    """Connect a new file system with a mailbox on it."""
    subprocess.run(["mount", "-t", "tmpfs", "none", mailbox], check=True)
    make_mailbox(mailbox)


@pytest.fixture
def may_go_away(home: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Prepare the mailbox for the way in which it is to go away, and clean up."""
    way: str = request.param
    if way == "unmounted":
        for path in (home / "mailbox").iterdir():
            path.rmdir()
        mount_mailbox(home / "mailbox")
    yield way
    if way == "unmounted":
        subprocess.run(["umount", home / "mailbox"], check=True)


@pytest.mark.parametrize("may_go_away", WAYS_TO_GO_AWAY, indirect=True)
def test_a_mailbox_that_goes_away_and_comes_back(home: Path, may_go_away: str) -> None:
    """The watcher says once that it is gone, does not take it for empty, and goes on by itself when it is back."""
    with watching(home) as watcher:
        (home / "mailbox" / "before.pdf").write_bytes(b"before")
        wait_until(lambda: len(watcher.results) == 1)
        with mailbox_away(home, may_go_away):
            wait_until(lambda: watcher.count("Alarm"))
            code, _, err = run("watch", "--once", "--home", home)
            assert (code, "mailbox" in err) == (3, True)
            time.sleep(1.2)  # the watcher tries again
        (home / "mailbox" / "after.pdf").write_bytes(b"after")
        wait_until(lambda: watcher.count("The trouble is over"))
        wait_until(lambda: not waiting_in(home))
        lines = watcher.end()
    assert [line.split(": ")[1] for line in lines] == ["before.pdf", "after.pdf"]
    assert (watcher.count("Alarm"), watcher.count("The trouble is over")) == (1, 1)


EVERY_OTHER = "when=1+2"


@pytest.mark.parametrize(
    ("where", "interference", "alarms"),
    [
        (("mailbox/a.pdf",), "read:error=EIO:when=1", ["a file cannot be read from the mailbox: Input/output error"]),
        (("registry.sqlite3-journal",), "fdatasync,fsync:error=EIO:when=1", ["the registry cannot be read or written"]),
        ((), f"linkat:error=ENOSPC:{EVERY_OTHER}", ["", "a file cannot be moved from the mailbox to problems/"]),
        ((), f"renameat2:error=EIO:{EVERY_OTHER}", ["a file cannot be moved from the mailbox to problems/"]),
    ],
    ids=["mailbox unreadable", "registry unwritable", "disk full", "mailbox immovable"],
)
def test_a_broken_system_keeps_the_file_and_resumes(
    home: Path, where: tuple[str, ...], interference: str, alarms: list[str]
) -> None:
    """Whatever the disk refuses, the file stays until it works again; staff hear of it once, and of its end."""
    calls = interference.split(":")[0]
    paths = [option for path in where for option in ("-P", str(home / path))]
    with watching(home, strace=(*paths, "-e", f"trace={calls}", "-e", f"inject={interference}")) as watcher:
        (home / "mailbox" / "a.pdf").write_bytes(b"junk")
        wait_until(lambda: watcher.count("Alarm"))
        assert waiting_in(home) == ["a.pdf"]
        wait_until(lambda: watcher.count("The trouble is over"))
        (line,) = watcher.end()
    assert waiting_in(home) == []
    assert line.startswith("problem: a.pdf: ")
    said = [line for line in watcher.complaints if line.startswith("Alarm")]
    assert [alarm in line for alarm, line in zip(alarms, said, strict=True)] == [True] * len(alarms)
    assert arrivals(home) == Counter({"a.pdf": 1})
    assert sorted(path.name for path in (home / "mailbox" / "problems").iterdir()) == ["a.pdf", "a.pdf.reason.txt"]


def test_one_file_in_trouble_does_not_hold_up_the_others(home: Path) -> None:
    """A file that cannot be read stays, and what came after it is taken in; also with `--once`, which then says so."""
    for name in ("a.pdf", "b.pdf"):
        (home / "mailbox" / name).write_bytes(name.encode())
    options = ("-P", str(home / "mailbox" / "a.pdf"), "-e", "trace=read", "-e", "inject=read:error=EIO")
    with start("watch", "--once", "--home", home, before=interfering(home, *options)) as process:
        out, err = process.communicate(timeout=240)
    assert process.returncode == 3
    assert "Error: a file cannot be read from the mailbox" in err
    assert out.startswith("problem: b.pdf: ")
    assert waiting_in(home) == ["a.pdf"]


@pytest.mark.parametrize("at", ["linkat:when=2", "renameat2:when=1"], ids=["before the note", "before the move"])
def test_a_watcher_killed_after_booking_only_puts_away(home: Path, at: str) -> None:
    """Killed between booking and moving, the next start comes to the very same end: one arrival, the same reason."""
    call, when = at.split(":")
    (home / "mailbox" / "a.pdf").write_bytes(b"junk")
    interference = ("-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:{when}")
    with start("watch", "--once", "--home", home, before=interfering(home, *interference)) as process:
        process.communicate(timeout=240)
        assert process.returncode == -signal.SIGKILL
    assert (waiting_in(home), arrivals(home)) == (["a.pdf"], Counter({"a.pdf": 1}))
    assert run("watch", "--once", "--home", home)[0] == 1
    assert arrivals(home) == Counter({"a.pdf": 1})
    problems = home / "mailbox" / "problems"
    reason = (problems / "a.pdf.reason.txt").read_text()
    assert "Detail for support: plain text" in reason
    assert "received before" not in reason
    assert (waiting_in(home), len(list(problems.iterdir()))) == ([], 2)


def test_the_stop_is_heard_while_the_alarm_is_on(home: Path) -> None:
    """A watcher that waits for better times ends politely when it is told to."""
    with watching(home) as watcher, mailbox_away(home, "renamed"):
        wait_until(lambda: watcher.count("Alarm"))
        watcher.end()
    assert watcher.count("The trouble is over") == 0


def test_the_alarm_tells_each_trouble_once_and_its_end_once() -> None:
    """The same trouble again is no news; after the end it is. Pauses grow to a minute, and begin anew after success."""
    said: list[str] = []
    alarm = Alarm(lambda error: said.append(str(error)), lambda: said.append("over"))
    alarm.end()
    for text in ("a", "b", "a", "a"):
        alarm.tell(OSError(text))
    assert [alarm.next_pause_s() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, LONGEST_PAUSE_S]
    alarm.end()
    alarm.end()
    alarm.tell(OSError("a"))
    assert said == ["a", "b", "over", "a"]
    assert alarm.next_pause_s() == 1


def test_a_file_that_is_replaced_while_it_is_taken_in(home: Path) -> None:
    """Replaced at any moment, a file is booked whole as what was read, and nothing is put away that was not read."""
    path, draft = home / "mailbox" / "SCN.pdf", home / "mailbox" / ".draft"
    written = set()
    with watching(home) as watcher:
        for number in range(20):
            data = f"junk {number} ".encode() * 20_000
            written.add(data)
            draft.write_bytes(data)
            draft.rename(path)
            time.sleep(0.3 + number / 100)  # the settle time and a little more: the moment it is read, booked, moved
        wait_until(lambda: not waiting_in(home))
        watcher.end()
    kept = {file.read_bytes() for file in (home / "mailbox" / "problems").iterdir() if file.suffix == ".pdf"}
    archived = {file.read_bytes() for file in (home / "archive").glob("*/*.bin")}
    assert kept
    assert kept <= archived <= written
