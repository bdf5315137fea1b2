"""Files that come through the browser: put into the mailbox whole or not at all, under names that we choose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path

from forms.durable_files import new_file
from intake.file_names import is_temporary, numbered_name
from intake.mailbox import DONE, PROBLEMS

_LONGEST = 80
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}")


def mailbox_is_there(mailbox: Path) -> bool:
    """Whether the mailbox's disk is there: a mount point without one has no folders in it."""
    return all((mailbox / folder).is_dir() for folder in (DONE, PROBLEMS))


def put_into_mailbox(mailbox: Path, called: str, pieces: Callable[[], Iterable[bytes]]) -> str:
    """Write an uploaded file; return its name there, which is much like what the browser called it.

    Raises `OSError` where the disk does not take it; then nothing lies there.
    """
    for number in count(1):
        name = numbered_name(safe_name(called), number)
        try:
            with new_file(mailbox / name) as file:
                file.writelines(pieces())
        except FileExistsError:
            continue
        return name
    raise AssertionError("unreachable: the numbers have no end")


def safe_name(called: str) -> str:
    """A name that staff know again, and that no file system, terminal or watcher takes for anything else.

    Letters and digits of any script, dots, hyphens and spaces stay; a path is cut off.
    """
    last = unicodedata.normalize("NFC", called).replace("\\", "/").rpartition("/")[2]
    clean = "".join(sign if sign.isalnum() or sign in "._- " else "_" for sign in last).strip(" ._-")
    stem, ending = clean, ""
    if (match := _ENDING.search(clean, max(clean.rfind("."), 0))) and match.end() == len(clean):
        stem, ending = clean[: match.start()], match[0]
    name = f"{stem[:_LONGEST].strip(' ._-') or 'upload'}{ending}"
    return f"{name}_" if is_temporary(name) else name
