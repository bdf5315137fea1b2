"""Put what lies in `problems/` back into the mailbox, to be taken in again: mended, or by a newer program."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from forms.durable_files import write_new
from intake.file_names import numbered_name, printable_name
from intake.filing import REASON_ENDING, Filed, put_back
from intake.mailbox import PROBLEMS
from registry import archive
from registry.book import ask_to_read_again
from registry.check_archive import digest_of
from registry.errors import NotAllowedNow, UnknownFile
from registry.mails import documents_of
from registry.models import ReceivedFile
from ruecklauf.errors import WrongUse


def files_in_problems(mailbox: Path) -> list[Path]:
    """The files that lie among the problems, without the notes beside them, by name."""
    folder = mailbox / PROBLEMS
    return sorted(path for path in folder.iterdir() if _is_plain(path) and not path.name.endswith(REASON_ENDING))


def named_in_problems(mailbox: Path, names: Iterable[str]) -> list[Path]:
    """Those of them that are named, with or without their folder; raises `WrongUse` for one that is not there."""
    lying = {path.name: path for path in files_in_problems(mailbox)}
    wanted = [Path(name).name for name in names]
    if missing := [name for name in wanted if name not in lying]:
        raise WrongUse(
            f"{printable_name(missing[0])} is not in {mailbox / PROBLEMS}",
            "see what lies there; name it as it is called",
        )
    return [lying[name] for name in dict.fromkeys(wanted)]


def put_back_into_mailbox(paths: Iterable[Path], mailbox: Path, *, by: str) -> Iterator[Path]:
    """Move files from the problems into the mailbox, each without its note, and yield them as they are moved.

    What is in the book as it is, is read again; what was mended arrives as what it is now. A mail that is in the book
    stays where it is, and those of its documents that could not be read go into the mailbox, each by itself.
    """
    for path in paths:
        sha256 = digest_of(path)
        mail = ReceivedFile.objects.filter(sha256=sha256, mail__isnull=False, erased_at=None).first()
        if mail is not None:
            _put_documents_into_mailbox(mail, mailbox, by=by)
        else:
            with suppress(UnknownFile, NotAllowedNow):  # it was mended; or it arrives as the same file once more
                ask_to_read_again(sha256, by=by)
            note = path.with_name(path.name + REASON_ENDING)
            put_back(Filed(path, note if note.exists() else None), mailbox / path.name)
        yield path


def read_again(sha256: str, mailbox: Path, *, by: str) -> None:
    """Have one received file read again: from the problems, where it lies there, else from the archive.

    Raises `UnknownFile`, `NotAllowedNow` and `OSError`; it is taken in by whoever watches the mailbox.
    """
    ask_to_read_again(sha256, by=by)
    lying = [path for path in files_in_problems(mailbox) if digest_of(path) == sha256]
    if lying:
        for _ in put_back_into_mailbox(lying[:1], mailbox, by=by):
            return
    file = ReceivedFile.objects.get(sha256=sha256)
    _write(archive.load(sha256), file.arrivals.earliest("pk").name or f"{sha256[:12]}{file.suffix}", mailbox)


def _put_documents_into_mailbox(mail: ReceivedFile, mailbox: Path, *, by: str) -> None:
    """Put those documents of a mail into the mailbox of which nothing could be placed."""
    for document in documents_of(mail):
        with suppress(NotAllowedNow, UnknownFile):
            ask_to_read_again(document.sha256, by=by)
            _write(archive.load(document.sha256), document.arrivals.earliest("pk").name, mailbox)


def _write(data: bytes, name: str, mailbox: Path) -> None:
    """Write a file into the mailbox under a name that is free there, whole or not at all."""
    shown = printable_name(name).replace(os.sep, "_").lstrip(".~") or "file"
    number = 1
    while not write_new(mailbox / numbered_name(shown, number), data):
        number += 1


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
