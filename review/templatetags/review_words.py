"""Filters for the templates."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.translation import gettext

from intake.explanations import EXPLANATIONS
from intake.results import Reason
from registry.office_time import local_time

register = template.Library()


@register.filter
def meaning(reason: Reason) -> str:
    """Say what a reason means."""
    return gettext(EXPLANATIONS[reason].meaning)


@register.filter
def to_do(reason: Reason) -> str:
    """Say what to do about a reason."""
    return gettext(EXPLANATIONS[reason].to_do)


@register.filter
def local(instant: datetime) -> datetime:
    """Give an instant in the office's time."""
    return local_time(instant).replace(tzinfo=None)
