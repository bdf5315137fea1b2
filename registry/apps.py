"""The registry as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Names the app."""

    name = "registry"
    verbose_name = "Registry"
