"""Filters for the templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from intake.explanations import EXPLANATIONS
from intake.results import Decision, Reason, SignatureState
from registry.inbox import State
from registry.models import HumanDecision, MailDecision
from registry.office_time import local_time
from registry.recognised_forms import Part
from registry.statuses import OPEN, EventKind, Status
from registry.ways import Way
from review.entry_forms import today, written_date
from review.words import (
    CHANNELS,
    DECISIONS,
    EVENTS,
    KINDS,
    MAIL_KINDS,
    PARTS,
    SIGNATURES,
    STATE_TONES,
    STATES,
    STATUS_TONES,
    STATUSES,
    TONES,
    WAYS,
    Words,
)

register = template.Library()


@register.filter
def status_word(status: Status) -> Words:
    """Name a form's status."""
    return STATUSES[status]


@register.filter
def status_tone(status: Status) -> str:
    """The class under which review.css gives a status its colours."""
    return STATUS_TONES.get(status, "")


@register.filter
def waits_for_an_answer(status: Status) -> bool:
    """Whether it matters by when a form in this status is to come back."""
    return status in OPEN - {Status.RETURNED}


@register.filter
def is_grave(reason: Reason) -> bool:
    """Whether a reason is shown in red: somebody may have meddled with what was signed."""
    return reason in (Reason.SIGNATURE_TAMPERED, Reason.SIGNATURE_CHANGED)


@register.filter
def decision_word(decision: Decision) -> Words:
    """Name what the machine decided."""
    return DECISIONS[decision]


@register.filter
def decision_tone(decision: Decision) -> str:
    """The class under which review.css gives a decision its colours."""
    return TONES[decision]


@register.filter
def state_word(state: State) -> Words:
    """Name the state under which a return waits."""
    return STATES[state]


@register.filter
def state_tone(state: State) -> str:
    """The class under which review.css gives such a state its colours."""
    return STATE_TONES[state]


@register.filter
def part_word(part: Part) -> Words:
    """Name a part of a form."""
    return PARTS[part]


@register.filter
def way_word(way: Way) -> Words:
    """Say how a return came."""
    return WAYS[way]


@register.filter
def age(instant: datetime) -> str:
    """Say how long ago something came, as people count days."""
    local, days = local_time(instant), (today() - local_time(instant).date()).days
    if days < 1:
        return gettext("today, %(time)s") % {"time": f"{local:%H:%M}"}
    if days == 1:
        return gettext("yesterday, %(time)s") % {"time": f"{local:%H:%M}"}
    return ngettext("%(number)d day ago", "%(number)d days ago", days) % {"number": days}


@register.filter
def signature_word(state: SignatureState) -> Words:
    """Say what the machine saw in the signature field."""
    return SIGNATURES[state]


@register.filter
def event_word(kind: EventKind) -> Words:
    """Say what happened."""
    return EVENTS[kind]


@register.filter
def kind_word(kind: HumanDecision.Kind) -> Words:
    """Say what a person decided."""
    return KINDS[kind]


@register.filter
def mail_kind_word(kind: MailDecision.Kind) -> Words:
    """Say what a person decided about a mail."""
    return MAIL_KINDS[kind]


@register.filter
def channel_word(channel: str) -> Words:
    """Say how a letter was sent; the command line knows further ways."""
    return CHANNELS.get(channel, channel)


@register.filter
def item(words: Mapping[str, Words], name: str) -> Words:
    """The word for a name."""
    return words[name]


class Grouped(int):
    """A number that is written in groups of thousands, as the language does, and still can be counted by."""

    def __str__(self) -> str:
        return number_format(int(self), use_l10n=True, force_grouping=True)


@register.filter
def grouped(number: int) -> Grouped:
    """Write a number in groups of thousands."""
    return Grouped(number)


@register.filter
def percent(share: float, decimals: int) -> str:
    """Write a share in hundredths."""
    return f"{number_format(100 * share, decimals)}\N{NO-BREAK SPACE}%"


@register.filter
def day(value: date) -> str:
    """Write a date as people here do."""
    return written_date(value)


@register.filter
def meaning(reason: Reason) -> str:
    """Say what a reason means."""
    return gettext(EXPLANATIONS[reason].meaning)


@register.filter
def to_do(reason: Reason) -> str:
    """Say what to do about a reason."""
    return gettext(EXPLANATIONS[reason].to_do)


@register.filter
def moment(instant: datetime) -> str:
    """Write an instant as the office's calendar and clock show it."""
    local = local_time(instant)
    return f"{written_date(local.date())} {local:%H:%M}"
