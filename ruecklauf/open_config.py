"""The configuration of the home that is open, for pages."""

from __future__ import annotations

from django.conf import settings

from ruecklauf.config import Config


def open_config() -> Config:
    """What holds in the home that is open."""
    config: Config = settings.RUECKLAUF_CONFIG
    return config
