"""Django's settings, made from `ruecklauf.config`. Importing this module writes nothing."""

from __future__ import annotations

from functools import partial
from typing import cast

from django.utils.functional import SimpleLazyObject

from ruecklauf import __version__
from ruecklauf.config import load_config
from ruecklauf.database_settings import database_settings
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

DATABASES = {"default": database_settings(_config)}
