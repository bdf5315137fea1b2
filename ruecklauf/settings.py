"""Django's settings, made from `ruecklauf.config`. Importing this module writes nothing."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import cast

from django.utils.functional import SimpleLazyObject

from ruecklauf import __version__
from ruecklauf.config import load_config
from ruecklauf.database_settings import database_settings
from ruecklauf.secret_key import read_or_make_secret_key

_config = load_config()

RUECKLAUF_CONFIG = _config
RUECKLAUF_HOME = _config.home
REGISTRY_ARCHIVE = _config.archive
REGISTRY_TIME_ZONE = _config.time_zone
REGISTRY_PROGRAM_VERSION = __version__
REGISTRY_BLIND_SHARE = _config.blind_share

# Lazy, so that the key's file is made when a key is first needed and not when somebody merely asks for help.
SECRET_KEY = cast("str", SimpleLazyObject(partial(read_or_make_secret_key, _config.secret_key)))
DEBUG = False
ALLOWED_HOSTS = list(_config.hosts)
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "registry",
    "review",
]
MIDDLEWARE = [
    "review.middleware.strict_headers",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "review.middleware.chosen_language",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "review.middleware.session_limits",
    "review.middleware.BodyLimits",  # before the next, which reads what was sent
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "review.roles.roles_for_templates",
                "review.queue.undo_for_templates",
            ],
        },
    }
]
ROOT_URLCONF = "ruecklauf.urls"
WSGI_APPLICATION = "ruecklauf.web.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "de"
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # the few files are served from where they lie: there is no build step
WHITENOISE_MAX_AGE = 365 * 24 * 3600
STORAGES = {"staticfiles": {"BACKEND": "review.own_files.OwnFiles"}}

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "sign-in"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# Whoever guesses is locked out for a while, from where they guess and for the name they try: the honest user, who sits
# elsewhere, is not, and after the pause the lock opens by itself.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "review/locked_out.html"

# Only faults are logged, and of a request no more than its path: that holds numbers and codes.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}, "nowhere": {"class": "logging.NullHandler"}},
    "loggers": {
        "django.request": {"handlers": ["stderr"], "level": "ERROR"},
        "django.security": {"handlers": ["stderr"], "level": "ERROR"},
        # Whoever asks for another host's name is refused; that happens to every server all the time.
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
        # That a request waits for a moment is no fault either.
        "waitress.queue": {"level": "ERROR"},
    },
}

SESSION_COOKIE_AGE = _config.session_idle_min * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_LONGEST_S = _config.session_hours * 3600
SESSION_COOKIE_NAME = "ruecklauf_session"
CSRF_COOKIE_NAME = "ruecklauf_csrf"
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_NAME = "ruecklauf_language"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if _config.deployed:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in _config.hosts]

DATABASES = {"default": database_settings(_config)}
