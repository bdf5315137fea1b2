"""The folder for what is needed only for a while: ours as long as we live, nobody's afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CLONE = Path(__file__).parents[1]
_SHOW_AND_WAIT = """
import sys
from intake.scratch_folder import remove_abandoned, scratch_folder
remove_abandoned()
(scratch_folder() / "left").write_text("left")
print(scratch_folder(), flush=True)
sys.stdin.read()
"""


def start(temporary: Path) -> tuple[subprocess.Popen[str], Path]:
    """Start a process that has a scratch folder; it ends when its input does."""
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(CLONE)}
    command = [sys.executable, "-c", _SHOW_AND_WAIT]
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_process_that_ends_leaves_nothing(tmp_path: Path) -> None:
    """The folder and what is in it go with the process."""
    process, folder = start(tmp_path)
    with process:
        assert (folder / "left").exists()
    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_leaves_the_next_one_removes(tmp_path: Path) -> None:
    """Only what is abandoned goes: another living process keeps its folder."""
    living, kept = start(tmp_path)
    killed, abandoned = start(tmp_path)
    with living, killed:
        killed.kill()
        killed.wait()
        assert (abandoned / "left").exists()
        following, own = start(tmp_path)
        with following:
            assert sorted(tmp_path.iterdir()) == sorted([kept, own])


def test_another_folder_of_that_name_is_left_alone(tmp_path: Path) -> None:
    """A link in a folder where everybody may write is not followed."""
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / "file").write_text("kept")
    (tmp_path / "ruecklauf-scratch-link").symlink_to(target)
    with start(tmp_path)[0]:
        pass
    assert (target / "file").read_text() == "kept"


def test_what_others_called_alike_is_left_alone(tmp_path: Path) -> None:
    """Somebody's own folder may begin with our name, too: it is nobody's business to remove it."""
    (tmp_path / "ruecklauf-backup").mkdir()
    with start(tmp_path)[0]:
        pass
    assert (tmp_path / "ruecklauf-backup").is_dir()
