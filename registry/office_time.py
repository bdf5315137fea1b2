"""Instants and the office's calendar: instants are kept in UTC, dates are what the calendar on its wall shows."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def local_date(instant: datetime) -> date:
    """The office's date at an instant, which must carry its time zone; raises `ValueError` where it doesn't."""
    return local_time(instant).date()


def local_time(instant: datetime) -> datetime:
    """An instant as the office's clock shows it; raises `ValueError` where it carries no time zone."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant without a time zone: {instant.isoformat()}")
    return instant.astimezone(ZoneInfo(settings.REGISTRY_TIME_ZONE))
