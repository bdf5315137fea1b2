"""The mail account in ruecklauf.toml, and where its password may stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.imap_account import ImapAccount, Security
from intake.worker_process import clean_environment
from ruecklauf.config import CONFIG_FILE, Config, load_config
from ruecklauf.errors import ConfigError
from ruecklauf.imap_settings import PASSWORD_VARIABLE, imap_account

TABLE = '[imap]\nhost = "imap.firma.example"\nuser = "formulare@firma.example"\n'


def config(home: Path, text: str) -> Config:
    """Load the settings of a home."""
    (home / CONFIG_FILE).write_text(text, "utf-8")
    return load_config(home)


def account(home: Path, text: str) -> ImapAccount:
    """The account that the settings name."""
    return imap_account(config(home, text).imap, home / CONFIG_FILE)


@pytest.fixture(autouse=True)
def _no_password_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's real password is for tests."""
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)


def test_what_is_not_set_has_a_safe_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Host, user and password are enough: TLS from the first byte, the inbox, and folders of our own."""
    monkeypatch.setenv(PASSWORD_VARIABLE, "Säure")
    found = account(tmp_path, TABLE)
    assert (found.port, found.security, found.folder, found.password) == (993, Security.TLS, "INBOX", "Säure")
    assert (found.done, found.problems) == ("Ruecklauf-done", "Ruecklauf-problems")
    assert account(tmp_path, TABLE + 'security = "starttls"\n').port == 143


def test_the_password_is_never_shown_nor_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands in no text form of the account, and no worker that opens a mail gets to see it."""
    monkeypatch.setenv(PASSWORD_VARIABLE, "Zitrone")
    assert "Zitrone" not in f"{account(tmp_path, TABLE)!r}{load_config(tmp_path)!r}"
    assert PASSWORD_VARIABLE not in clean_environment()


def test_a_password_file_is_read_if_only_its_owner_may(tmp_path: Path) -> None:
    """The line end does not belong to the password; a file that others may read is refused, as an empty one is."""
    secret = tmp_path / "secret"
    secret.write_text("  Zitrone \n", "utf-8")
    text = TABLE + f'password_file = "{secret}"\n'
    secret.chmod(0o640)
    with pytest.raises(ConfigError, match=r"others may read .*chmod 600"):
        account(tmp_path, text)
    secret.chmod(0o600)
    assert account(tmp_path, text).password == "  Zitrone "
    secret.write_text("\n")
    with pytest.raises(ConfigError, match="is empty"):
        account(tmp_path, text)
    secret.unlink()
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        account(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TABLE + 'password = "Zitrone"\n', "the password does not stand here"),
        (TABLE + 'security = "none"\n', "imap.security"),
        (TABLE + "port = 0\n", "imap.port"),
        (TABLE + 'folder = "Ruecklauf-done"\n', "cannot go back into the folder"),
        (TABLE + 'hots = "x"\n', "imap.hots is not a setting"),
        ('[imap]\nhost = "x"\n', "imap.user"),
        (TABLE + 'done = "a\\nb"\n', "imap.done"),
    ],
)
def test_mistakes_are_named_without_what_was_written(tmp_path: Path, text: str, said: str) -> None:
    """Each mistake says where it is; what stands there is not repeated, for it may be a password."""
    with pytest.raises(ConfigError, match=said) as mistake:
        config(tmp_path, text)
    assert "Zitrone" not in str(mistake.value)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    """No account, no password, no certificates: each says what to do."""
    with pytest.raises(ConfigError, match=r"has no table \[imap\]"):
        account(tmp_path, "")
    with pytest.raises(ConfigError, match="has no password"):
        account(tmp_path, TABLE)
    (tmp_path / "secret").write_text("x")
    (tmp_path / "secret").chmod(0o600)
    named = f'password_file = "{tmp_path / "secret"}"\nca_file = "{tmp_path / "none.pem"}"\n'
    with pytest.raises(ConfigError, match=r"none\.pem cannot be read"):
        account(tmp_path, TABLE + named)
