"""The words for what the registry and the reading say in codes; German stands in the catalogue."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.results import Decision, SignatureState
from registry.statuses import Status

Words = str | Promise

DECISIONS: dict[Decision, Words] = {
    Decision.ACCEPT: _("clear"),
    Decision.REVIEW: _("look at it"),
    Decision.INCOMPLETE: _("incomplete"),
    Decision.REJECT: _("unreadable"),
}
TONES: dict[Decision, str] = {
    Decision.ACCEPT: "good",
    Decision.REVIEW: "doubt",
    Decision.INCOMPLETE: "bad",
    Decision.REJECT: "bad",
}
"""The class under which review.css gives each its colours."""

SIGNATURES: dict[SignatureState, Words] = {
    SignatureState.PRESENT: _("signed"),
    SignatureState.ABSENT: _("not signed"),
    SignatureState.UNCLEAR: _("signature unclear"),
}
STATUSES: dict[Status, Words] = {
    Status.ISSUED: _("issued"),
    Status.SENT: _("sent"),
    Status.RETURNED: _("returned"),
    Status.INCOMPLETE: _("incomplete"),
    Status.IN_FORCE: _("in force"),
    Status.SUPERSEDED: _("superseded"),
    Status.WITHDRAWN: _("withdrawn"),
    Status.VOID: _("void"),
}
FIELDS: dict[str, Words] = {"place": _("Place"), "date": _("Date"), "name": _("Name")}
