"""The configuration: where state lives, which limits hold, and what Django makes of it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError

from intake.mailbox import MailboxSettings
from ruecklauf.config import CLONE, Config, load_config
from ruecklauf.database_settings import database_settings
from ruecklauf.errors import EXIT_WRONG_USE, ConfigError, OtherHomeOpen
from ruecklauf.intake_commands import mailbox_settings
from ruecklauf.open_registry import open_registry
from ruecklauf.secret_key import read_or_make_secret_key


def test_the_option_beats_the_variable_beats_the_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """State lives where --home says, else where the environment says, else in output/ of the clone."""
    monkeypatch.delenv("RUECKLAUF_HOME", raising=False)
    assert load_config().home == CLONE / "output"
    monkeypatch.setenv("RUECKLAUF_HOME", str(tmp_path / "from-environment"))
    assert load_config().home == tmp_path / "from-environment"
    assert load_config(tmp_path / "given").home == tmp_path / "given"
    assert not list(tmp_path.iterdir())


def test_everything_lies_in_the_home(tmp_path: Path) -> None:
    """All paths follow from the home, and a relative home is made absolute."""
    config = load_config(tmp_path)
    assert config.done == tmp_path / "mailbox" / "done"
    assert config.problems == tmp_path / "mailbox" / "problems"
    assert config.forms == tmp_path / "forms"
    assert (config.archive, config.sqlite_file) == (tmp_path / "archive", tmp_path / "registry.sqlite3")
    assert load_config(Path("somewhere")).home.is_absolute()


def test_the_home_may_set_limits(tmp_path: Path) -> None:
    """A ruecklauf.toml in the home overrides what it names and nothing else."""
    (tmp_path / "ruecklauf.toml").write_text("settle_s = 10\nworker_memory_mb = 4096\npolling = true\npatience_s = 5\n")
    config = load_config(tmp_path)
    assert (config.settle_s, config.worker_memory_mb, config.time_zone) == (10, 4096, "Europe/Berlin")
    assert mailbox_settings(config) == MailboxSettings(settle_s=10, rescan_s=5, patience_s=5, polling=True)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("setle_s = 10", "setle_s is not a setting"),
        ("settle_s = 0", "settle_s: "),
        ("settle_s = inf", "settle_s: "),
        ('worker_memory_mb = "much"', "worker_memory_mb: "),
        ('time_zone = "Berlin"', "time_zone: is not a time zone"),
        ('time_zone = "../../etc/passwd"', "time_zone: is not a time zone"),
        ('home = "/elsewhere"', "sets home"),
        ("settle_s = ", "not a TOML file"),
        ("\udcff", "not a TOML file"),
        ('database = "mysql://h/n"', "database: is not the address of a PostgreSQL database"),
        ("database = 1", "database: "),
        ("setle_s = 1\nrescan_s = -1", "rescan_s: .*; setle_s is not a setting"),
    ],
)
def test_a_mistake_in_the_file_is_wrong_use(tmp_path: Path, text: str, complaint: str) -> None:
    """Every mistake is named with its key and the file, and ends the command as wrong use."""
    (tmp_path / "ruecklauf.toml").write_text(text, errors="surrogateescape")
    with pytest.raises(ConfigError, match=complaint) as raised:
        load_config(tmp_path)
    assert raised.value.exit_code == EXIT_WRONG_USE
    assert "ruecklauf.toml" in raised.value.what
    assert raised.value.remedy


_GOOD = "postgresql://anna:geheim@db.example:5433/registry?sslmode=require"


def test_one_setting_puts_the_registry_into_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address becomes Django's settings, with what keeps commits safe; the environment outweighs the file."""
    (tmp_path / "ruecklauf.toml").write_text(f'database = "{_GOOD}"')
    django = database_settings(load_config(tmp_path))
    assert django["ENGINE"] == "django.db.backends.postgresql"
    assert [django[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "registry", "anna", "geheim", "db.example", "5433"
    ]  # fmt: skip
    assert django["OPTIONS"]["sslmode"] == "require"
    assert "synchronous_commit=on" in django["OPTIONS"]["options"]
    monkeypatch.setenv("RUECKLAUF_DATABASE", "postgresql:///other?options=-csearch_path%3Doffice")
    django = database_settings(load_config(tmp_path))
    assert (django["NAME"], "PASSWORD" in django) == ("other", False)
    assert django["OPTIONS"]["options"].startswith("-csearch_path=office -c synchronous_commit=on")


@pytest.mark.parametrize(
    "address",
    [
        "anna:geheim@db.example/registry",
        "postgresql://anna:geheim@db.example",
        "postgresql://anna:geheim@db.example:54x/registry",
        "postgresql://anna:geheim@[db.example/registry",
        "postgresql://anna:geheim@db.example/registry?sslmode",
        "postgresql://anna:1/geheim@db.example/registry",
        "postgresql://anna:x/geheim@db.example/registry",
        "postgresql://anna:x@geheim@db.example/registry",
        "postgresql://anna:geheim x@db.example/registry",
        "postgresql://anna:geheim%00@db.example/registry",
        "postgresql://anna:geheim%ff@db.example/registry",
    ],
)
def test_a_wrong_address_is_refused_without_being_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """A mistake in the address ends as wrong use, and the password in it is shown nowhere."""
    (tmp_path / "ruecklauf.toml").write_text(f'database = "{address}"')
    with pytest.raises(ConfigError, match=r"ruecklauf.toml: database: ") as in_file:
        load_config(tmp_path)
    monkeypatch.setenv("RUECKLAUF_DATABASE", address)
    with pytest.raises(ConfigError, match=r"^RUECKLAUF_DATABASE ") as in_environment:
        load_config(tmp_path)
    for raised in (in_file, in_environment):
        assert "geheim" not in "".join(traceback.format_exception(raised.value))


def test_the_password_is_not_printed_with_the_configuration(tmp_path: Path) -> None:
    """The configuration can be printed and logged."""
    assert "geheim" not in repr(Config(home=tmp_path, database=_GOOD))


def test_a_file_is_no_home(tmp_path: Path) -> None:
    """A home that is a file is wrong use."""
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ConfigError, match="not a folder"):
        load_config(file)


def test_the_configuration_is_frozen(tmp_path: Path) -> None:
    """Nothing is changed after loading."""
    with pytest.raises(ValidationError):
        load_config(tmp_path).settle_s = 1  # type: ignore[misc]


def test_the_secret_key_is_made_once_for_this_user_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key's file is readable for its owner alone and stays; the environment outweighs it."""
    monkeypatch.delenv("RUECKLAUF_SECRET_KEY", raising=False)
    path = tmp_path / "home" / "secret_key"
    key = read_or_make_secret_key(path)
    assert len(key) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_or_make_secret_key(path) == key
    assert list(path.parent.iterdir()) == [path]
    monkeypatch.setenv("RUECKLAUF_SECRET_KEY", "from the environment")
    assert read_or_make_secret_key(path) == "from the environment"


def test_one_process_works_in_one_home(tmp_path: Path) -> None:
    """A second home in the same process is refused instead of being written into the first."""
    with pytest.raises(OtherHomeOpen):
        open_registry(load_config(tmp_path))


_OPEN = """
import sys
import ruecklauf
import ruecklauf.config
assert "django" not in sys.modules
from pathlib import Path
from ruecklauf.intake_commands import mailbox_settings
from ruecklauf.open_registry import open_registry
assert "django" not in sys.modules
config = ruecklauf.config.load_config(Path(sys.argv[1]))
open_registry(config)
open_registry(config)
from django.conf import settings
from django.db import connection
with connection.cursor() as cursor:
    journal, synchronous, foreign_keys = (
        cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
    )
assert not (config.home / "secret_key").exists()
assert len(str(settings.SECRET_KEY)) >= 50
assert (config.home / "secret_key").exists()
print(journal, synchronous, foreign_keys, connection.settings_dict["NAME"])
"""


def test_a_new_home_gets_a_database_that_loses_nothing(tmp_path: Path) -> None:
    """Opening makes home and database, with SQLite as careful as it can be; Django is loaded only then."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RUECKLAUF", "DJANGO"))}
    home = tmp_path / "new" / "home"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", _OPEN, str(home)],
        env={**environment, "PYTHONPATH": str(CLONE)},
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["delete", "3", "1", str(home / "registry.sqlite3")]
