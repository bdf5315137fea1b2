"""Django's settings, made from `ruecklauf.config`. Importing this module writes nothing."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from django.utils.functional import SimpleLazyObject

from ruecklauf import __version__
from ruecklauf.config import load_config
from ruecklauf.secret_key import read_or_make_secret_key

_config = load_config()

RUECKLAUF_HOME = _config.home
REGISTRY_ARCHIVE = _config.archive
REGISTRY_TIME_ZONE = _config.time_zone
REGISTRY_PROGRAM_VERSION = __version__

# Lazy, so that the key's file is made when a key is first needed and not when somebody merely asks for help.
SECRET_KEY = cast("str", SimpleLazyObject(partial(read_or_make_secret_key, _config.secret_key)))
DEBUG = False
ALLOWED_HOSTS: list[str] = []
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "registry"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _config.database,
        "OPTIONS": {
            # IMMEDIATE: a writer waits at its start and can't fail half-way because another one was faster.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            # Erased text must not stay behind in the file: secure_delete writes zeros over it.
            # A rollback journal: Debian's SQLite 3.40 has the bug that can damage a database when its WAL is reset.
            "init_command": "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; PRAGMA secure_delete=ON;",
        },
    }
}
