"""Interrupt the command line at one call into the system: strace kills the program, or makes that call fail.

A kill comes before the call takes effect. So killing at every call that changes the disk shows every state that the
disk is ever in: between two such calls it does not change.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

CLONE = Path(__file__).parents[1]
TIME_LIMIT_S = 180.0
_LOOK_S = 0.1
_CALLS = (
    "openat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,rename,renameat,renameat2,unlink,unlinkat,mknod,mknodat,"
    "write,writev,pwrite64,pwritev,pwritev2,ftruncate,truncate,fallocate,copy_file_range,sendfile,"
    "fsync,fdatasync,sync_file_range,fchmod,fchmodat,chmod,utimensat"
)
"""All calls by which the program, Python's library or SQLite may change a file or a folder, or make it durable."""
_OPENS_TO_CHANGE = re.compile(r"\bO_(CREAT|TRUNC|TMPFILE)\b|\b__O_TMPFILE\b")
_STARTED = re.compile(r"(?P<process>\d+)\s+(?P<call>\w+)\((?P<arguments>.*)")
_FAILED = re.compile(r"= -1 E\w+ \([^)]*\)$")
"""Of itself; what we made fail has a further mark at its end."""
_KILLED = -9


class StraceUnusable(Exception):
    """Strace cannot do here what the checks need; the message says what to do."""


class Blow(Enum):
    """What happens at a point."""

    KILL = "signal=SIGKILL"
    DISK_FULL = "error=ENOSPC"
    DISK_BROKEN = "error=EIO"


@dataclass(frozen=True, slots=True)
class Point:
    """One call that changes the disk."""

    call: str
    number: int
    """Among all calls of this name that the program makes, counted from 1."""
    arguments: str
    """As strace shows them."""

    def __str__(self) -> str:
        return f"{self.call} number {self.number} ({self.arguments})"


@dataclass(frozen=True, slots=True)
class Run:
    """How a run of the program ended; `code` is negative where a signal ended it."""

    code: int
    out: str
    err: str
    struck: str = ""
    """The call that was struck, as strace shows it; empty where the program never came so far."""

    @property
    def was_killed(self) -> bool:
        """Whether SIGKILL ended it."""
        return self.code == _KILLED


def check_strace(scratch: Path) -> None:
    """Raise `StraceUnusable` where strace is missing, may not trace, or lets a call happen at which it kills."""
    made = scratch / "made-by-mkdir"
    command = ["strace", "-o", os.devnull, "-e", "inject=mkdir:signal=SIGKILL:when=1", "mkdir", str(made)]
    try:
        tried = subprocess.run(command, check=False, capture_output=True, text=True, timeout=TIME_LIMIT_S)
    except FileNotFoundError as error:
        raise StraceUnusable("strace is missing: apt-get install strace") from error
    if tried.returncode != _KILLED or made.exists():
        raise StraceUnusable(
            f"strace cannot kill a program here ({tried.stderr.strip() or 'no message'}): allow it to trace its own "
            "children (sysctl kernel.yama.ptrace_scope=1, in a container --cap-add=SYS_PTRACE)"
        )


def start(arguments: Sequence[str], home: Path, before: Sequence[str] = ()) -> subprocess.Popen[str]:
    """Start the program in a home; `before` is the command that is to start it."""
    scratch = temporary_folder(home)
    scratch.mkdir(exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("RUECKLAUF", "DJANGO"))}
    # The home is the working folder and must not be taken for a source of modules: it has a folder `forms` too.
    environment |= {
        "PYTHONPATH": str(CLONE),
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(scratch),
    }
    command = [*before, sys.executable, "-m", "ruecklauf", "--home", str(home), *arguments]
    return subprocess.Popen(
        command, env=environment, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


def temporary_folder(home: Path) -> Path:
    """Where programs that work in this home put what they need only for a while."""
    return home.with_name(f"{home.name}.tmp")


def run(arguments: Sequence[str], home: Path, before: Sequence[str] = ()) -> Run:
    """Run the program to its end, and wait until all its workers have ended too.

    Raises `subprocess.TimeoutExpired` where it, or a process that it left behind, does not end.
    """
    with start(arguments, home, before) as process:
        try:
            # Workers hold these pipes as well: their ends are reached only when nobody is left.
            out, err = process.communicate(timeout=TIME_LIMIT_S)
        except BaseException:
            process.kill()
            raise
    return Run(process.returncode, out, err)


def interrupt(arguments: Sequence[str], home: Path, point: Point, blow: Blow) -> Run:
    """Run the program and strike at the point; only its main thread is counted and struck, never a worker."""
    log = home.with_name(f"{home.name}.log")
    inject = f"inject={point.call}:{blow.value}:when={point.number}"
    tracing = ["strace", "-y", "-s", "0", "-e", f"trace={point.call}", "-e", inject, "-o", str(log)]
    ended = run(arguments, home, tracing)
    calls = [line for line in log.read_text("utf-8", "surrogateescape").splitlines() if line.startswith(point.call)]
    log.unlink()
    struck = [calls[-1]] if ended.was_killed else [line for line in calls if line.endswith("(INJECTED)")]
    return replace(ended, struck="".join(struck))


def outlast(
    arguments: Sequence[str], home: Path, call: str, blow: Blow, failures: int, is_over: Callable[[], bool]
) -> Run:
    """Let the first so many calls of this name fail, and end the program politely when it has got over that.

    `call` must be one that the program uses for nothing but its home. A program that does not get over it is ended too,
    after a while.
    """
    inject = f"inject={call}:{blow.value}:when=1..{failures}"
    # Detached, so that the process we start, and end, is the program itself and not strace.
    tracing = ["strace", "-D", "-e", f"trace={call}", "-e", inject, "-o", os.devnull]
    deadline_s = time.monotonic() + TIME_LIMIT_S
    with start(arguments, home, tracing) as process:
        while not is_over() and process.poll() is None and time.monotonic() < deadline_s:
            time.sleep(_LOOK_S)
        process.terminate()
        out, err = process.communicate(timeout=TIME_LIMIT_S)
    return Run(process.returncode, out, err)


def changes_home(call: str, arguments: str, home: Path) -> bool:
    """Whether a call with these arguments and this result, as strace shows them, changes something in the home."""
    if _FAILED.search(arguments):  # as for a folder that is there already
        return False
    if not re.search(rf"{re.escape(str(home))}[/\">]", arguments):
        return False
    return call != "openat" or _OPENS_TO_CHANGE.search(arguments) is not None


def points_of(arguments: Sequence[str], home: Path, log: Path) -> tuple[Run, tuple[Point, ...]]:
    """Run the program undisturbed and return every point at which it changes something in its home, in order.

    Raises `StraceUnusable` where another thread or process than the main one changes something there: the points would
    not be all.
    """
    tracing = ["strace", "-f", "--seccomp-bpf", "-y", "-s", "0", "-e", f"trace={_CALLS}", "-o", str(log)]
    done = run(arguments, home, tracing)
    points = []
    seen: Counter[str] = Counter()
    main_process = None
    for line in log.read_text("utf-8", "surrogateescape").splitlines():
        started = _STARTED.match(line)
        if started is None:
            continue
        process, call, told = started.group("process", "call", "arguments")
        main_process = main_process or process
        if process == main_process:
            seen[call] += 1
        if not changes_home(call, told, home):
            continue
        if process != main_process:
            raise StraceUnusable(f"not only the main thread changes the home: {line}")
        points.append(Point(call, seen[call], told.replace(str(home), "HOME")))
    return done, tuple(points)
