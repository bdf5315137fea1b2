"""Durable files: whole or not there, never over another one, and nothing left lying about."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from forms.durable_files import NewFile, make_folder, replace_file, write_new, write_new_files


@pytest.fixture(params=["unnamed", "drafts"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder; the second time on a file system that refuses files without a name, as FAT and CIFS do."""
    if request.param == "drafts":
        ordinary = os.open

        def refuse_unnamed(path: Path, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            if flags & os.O_TMPFILE == os.O_TMPFILE and Path(path).is_dir():
                raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP), str(path))
            return ordinary(path, flags, mode, dir_fd=dir_fd)

        monkeypatch.setattr(os, "open", refuse_unnamed)
    return tmp_path


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_lies_there_whole_with_its_mode(folder: Path) -> None:
    """Its bytes and its rights are those asked for, and nothing else lies in the folder."""
    assert write_new(folder / "a", b"x" * 3_000_000, mode=0o440)
    assert (folder / "a").read_bytes() == b"x" * 3_000_000
    assert stat.S_IMODE((folder / "a").stat().st_mode) == 0o440
    assert _names(folder) == ["a"]


def test_what_lies_there_is_left_alone(folder: Path) -> None:
    """Of several files only the new ones are written; a link that leads nowhere counts as something."""
    (folder / "old").write_bytes(b"old")
    (folder / "link").symlink_to(folder / "nowhere")
    files = [NewFile(folder / name, name.encode()) for name in ("old", "link", "new")]
    assert write_new_files(files) == {folder / "new"}
    assert (folder / "old").read_bytes() == b"old"
    assert _names(folder) == ["link", "new", "old"]


def test_files_for_several_folders_are_written_together(folder: Path) -> None:
    """Each lies in its own folder, whole, and one that is missing among them stops all before any has its name."""
    for name in ("a", "b"):
        (folder / name).mkdir()
    files = [NewFile(folder / name / "file", name.encode()) for name in ("a", "b")]
    with pytest.raises(FileNotFoundError):
        write_new_files([*files, NewFile(folder / "c" / "file", b"c")])
    assert [_names(folder / name) for name in ("a", "b")] == [[], []]
    assert write_new_files(files) == {file.path for file in files}
    assert [file.path.read_bytes() for file in files] == [b"a", b"b"]


def test_a_file_is_replaced_whole(folder: Path) -> None:
    """The new bytes take the old ones' place under the name."""
    (folder / "a").write_bytes(b"old")
    replace_file(folder / "a", b"new")
    assert (folder / "a").read_bytes() == b"new"
    assert _names(folder) == ["a"]


@pytest.mark.parametrize("write", [write_new, replace_file])
def test_a_disk_that_is_full_leaves_nothing_behind(
    folder: Path, write: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error comes through, the old file stays, and no draft does."""
    (folder / "old").write_bytes(b"old")

    def full(_handle: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    assert callable(write)
    with pytest.raises(OSError, match="No space left"):
        write(folder / ("old" if write is replace_file else "new"), b"new")
    assert _names(folder) == ["old"]
    assert (folder / "old").read_bytes() == b"old"


def test_a_missing_folder_is_an_error(folder: Path) -> None:
    """A folder is never made on the way: one that is missing may be a disk that went away."""
    with pytest.raises(FileNotFoundError):
        write_new(folder / "missing" / "a", b"x")
    make_folder(folder / "missing" / "deep")
    make_folder(folder / "missing" / "deep")
    assert write_new(folder / "missing" / "deep" / "a", b"x")
