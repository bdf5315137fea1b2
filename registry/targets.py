"""The forms to which a person may say that a page belongs: found by customer, number or code."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from forms.issued_form import letter_from_json
from registry.customer_search import ways_to_write
from registry.events import form_states
from registry.models import Issue
from registry.statuses import ENDED, Status

_MOST = 20
_LOOKED_INTO = 200


@dataclass(frozen=True, slots=True)
class Target:
    """A form that a page may belong to."""

    form_id: str
    number: str
    company: str
    template: str
    version: int
    status: Status
    pages: int
    """How many pages it has."""


def targets_named(words: str) -> tuple[Target, ...]:
    """The forms whose customer, number, template or code hold all the words, the newest first; some twenty at most.

    Forms that have ended or were erased are left out. Without words there are none.
    """
    condition = Q(erased_at=None)
    for word in words.split():
        of_word = Q(form_id__istartswith=word.replace("-", "")) | Q(letter__template__icontains=word)
        for spelling in ways_to_write(word):
            of_word |= Q(customer__company__icontains=spelling) | Q(customer__number__icontains=spelling)
        condition &= of_word
    return _targets(condition)[:_MOST] if words.split() else ()


def targets_by_id(form_ids: Collection[str]) -> dict[str, Target]:
    """These forms, by their ids; without those that have ended or were erased."""
    return {target.form_id: target for target in _targets(Q(erased_at=None, form_id__in=form_ids))}


def _targets(condition: Q) -> tuple[Target, ...]:
    issues = Issue.objects.filter(condition).select_related("customer", "letter").defer("form_json").order_by("-pk")
    found = list(issues[:_LOOKED_INTO])
    states = form_states([issue.form_id for issue in found])
    pages = {letter: len(letter_from_json(letter.geometry_json).pages) for letter in {each.letter for each in found}}
    return tuple(
        Target(
            form_id=issue.form_id,
            number=issue.customer.number,
            company=issue.customer.company,
            template=issue.letter.template,
            version=issue.letter.version,
            status=states[issue.form_id].status,
            pages=pages[issue.letter],
        )
        for issue in found
        if states[issue.form_id].status not in ENDED
    )
