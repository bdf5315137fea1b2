"""Claims: of several processes one gets a file, and whoever ends gives up what it had."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from program import CLONE

from intake.claims import Claims

HOLD = """
import sys
from pathlib import Path
from intake.claims import Claims
with Claims(Path(sys.argv[1])) as claims:
    print([claims.claim(int(inode)) for inode in sys.argv[2:]], flush=True)
    sys.stdin.read()
"""


def another_process(lock_file: Path, *inodes: int) -> subprocess.Popen[str]:
    """Start a process that claims the files and holds what it got until its input ends."""
    command = [sys.executable, "-c", HOLD, str(lock_file), *map(str, inodes)]
    return subprocess.Popen(command, cwd=CLONE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_claimed_file_is_nobody_elses(tmp_path: Path) -> None:
    """Each file is claimed once, also within a process, whatever its inode; what is given up can be claimed anew."""
    largest = (1 << 64) - 1
    with Claims(tmp_path / "lock") as claims:
        assert [claims.claim(inode) for inode in (7, 8, largest, 7)] == [True, True, True, False]
        claims.release(8)
        claims.release(8)
        with another_process(tmp_path / "lock", 7, 8, 9, largest) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "[False, True, True, False]\n"
            assert not claims.claim(8)
            claims.release_all()
            other.communicate()
        assert claims.claim(7)
        assert claims.claim(8)


def test_the_claims_of_a_killed_process_are_free(tmp_path: Path) -> None:
    """A watcher that is killed keeps no file from the others."""
    with Claims(tmp_path / "lock") as claims, another_process(tmp_path / "lock", 7) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "[True]\n"
        assert not claims.claim(7)
        other.kill()
        other.wait()
        assert claims.claim(7)
