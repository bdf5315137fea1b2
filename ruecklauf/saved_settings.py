"""The home's settings in a backup: all but what is secret, or belongs to one machine."""

from __future__ import annotations

import re
import tarfile
import tomllib
from pathlib import Path

from forms.durable_files import make_folder, write_new
from ruecklauf.config import CONFIG_FILE
from ruecklauf.errors import WrongUse

_DATABASE = re.compile(rb"^\s*database\s*=.*$", re.MULTILINE)
_SECOND = 2


def settings_to_save(home: Path) -> bytes | None:
    """Return ruecklauf.toml without the database's address, which holds its password; None where there is nothing.

    Raises `WrongUse` where the address is written in a way that cannot be taken out.
    """
    path = home / CONFIG_FILE
    if not path.exists():
        return None
    text = _DATABASE.sub(b"# database: left out of the backup", path.read_bytes())
    if "database" in tomllib.loads(text.decode("utf-8")):
        raise WrongUse(
            f"the setting `database` in {path} cannot be left out of the backup",
            'write it on one line of its own: database = "..."',
        )
    return text


def put_saved_settings_back(backup: Path, home: Path) -> None:
    """Write the backup's settings into a home that has none of its own; raises `WrongUse` for what is no backup."""
    if (home / CONFIG_FILE).exists():
        return
    try:
        with tarfile.open(backup, mode="r:") as tar:
            members = [tar.next() for _ in range(_SECOND)]
            saved = next((member for member in members if member and member.name == CONFIG_FILE), None)
            stream = tar.extractfile(saved) if saved else None
            text = stream.read() if stream else None
    except (tarfile.TarError, EOFError) as error:
        raise WrongUse(f"{backup} is no backup ({error})", "give a file that `ruecklauf backup` made") from error
    if text is not None:
        make_folder(home, mode=0o700)
        write_new(home / CONFIG_FILE, text)
