"""The review page as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Names the app."""

    name = "review"
    verbose_name = "Review"
