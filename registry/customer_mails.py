"""The mails of a customer: those that speak of them or come from their address, or that brought a form of theirs."""

from __future__ import annotations

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from registry.mails import BookedMail, kept_mails
from registry.models import ERASED_CUSTOMER, Issue, Mail, MailPart


def mails_of_customer(number: str) -> tuple[BookedMail, ...]:
    """The mails of the customer with this number, oldest first; without those that were erased."""
    return tuple(kept_mails(_mails_of(number)))


def _mails_of(number: str) -> QuerySet[Mail]:
    named = _that_mention({number, *_form_ids(number)})
    brought = MailPart.objects.filter(arrival__file__readings__answer__issue__customer__number=number)
    return Mail.objects.filter(Q(pk__in=named) | Q(pk__in=brought.values("mail"))).order_by("pk")


def _form_ids(number: str) -> set[str]:
    issues = Issue.objects.exclude(customer__number=ERASED_CUSTOMER).filter(customer__number=number, erased_at=None)
    return set(issues.values_list("form_id", flat=True))


def _that_mention(names: set[str]) -> list[int]:
    """Keys of the mails that mention one of these; SQLite cannot look into lists, so the text of each is looked at."""
    condition = Q()
    for name in names:
        condition |= Q(as_text__contains=f'"{name}"')
    rows = Mail.objects.annotate(as_text=Cast("mentions", TextField())).filter(condition)
    return [mail for mail, mentions in rows.values_list("pk", "mentions") if names.intersection(mentions)]
