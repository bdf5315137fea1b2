"""Finds customers in the book by what people remember or have before them: a number, a company, a form's code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields

from django.db.models import Q, QuerySet

from forms.issued_form import Customer as ListedCustomer
from forms.page_code import ALPHABET, REFERENCE_LENGTH, reference
from registry.models import ERASED_CUSTOMER, Customer, Issue, Standing

_COLUMNS = tuple(field.name for field in fields(ListedCustomer))
_CODE_LENGTHS = (REFERENCE_LENGTH, REFERENCE_LENGTH + 2, 16)
"""A code as it stands on a form, without and with the two characters that check it, and a form's whole id."""


def customers_matching(words: str) -> QuerySet[Customer]:
    """Customers, by number, whose number or company has every word in it, or one of whose forms has this code."""
    kept = Customer.objects.exclude(number=ERASED_CUSTOMER).order_by("number")
    asked = words.replace("\0", " ").split()
    if not asked:
        return kept
    named = Q()
    for word in asked:
        named &= _named(word)
    return kept.filter(named | Q(pk__in=forms_coded(words).values("customer")))


def forms_coded(words: str) -> QuerySet[Issue]:
    """The forms with this code, as it stands on paper; none where the words are no code."""
    code = re.sub(r"[\s-]", "", words).upper()
    if not set(code) <= set(ALPHABET) or len(code) not in _CODE_LENGTHS:
        return Issue.objects.none()
    is_whole = len(code) == max(_CODE_LENGTHS)
    return Issue.objects.filter(**{"form_id": code} if is_whole else {"reference": reference(code)})


def listed(customers: QuerySet[Customer], most: int) -> list[ListedCustomer]:
    """Some customers of the book as the latest list has them; at most so many."""
    return [ListedCustomer(**row) for row in customers.values(*_COLUMNS)[:most]]


def customers_numbered(numbers: Sequence[str]) -> QuerySet[Customer]:
    """The customers with these numbers; those that nobody has are left out."""
    return Customer.objects.exclude(number=ERASED_CUSTOMER).filter(number__in=numbers).order_by("number")


def customers_of(form_ids: Sequence[str]) -> tuple[list[str], set[str]]:
    """The numbers of the customers of some forms, and the templates that the forms are of."""
    rows = list(Standing.objects.filter(issue__form_id__in=form_ids).values_list("customer__number", "template"))
    return [number for number, _template in rows], {template for _number, template in rows}


def ways_to_write(word: str) -> list[str]:
    """How a word must be looked for to be found with any capitals: SQLite takes no notice of English ones only."""
    return sorted({word} if word.isascii() else {word, word.lower(), word.capitalize(), word.upper()})


def _named(word: str) -> Q:
    named = Q(number__icontains=word)
    for written in ways_to_write(word):
        named |= Q(company__icontains=written)
    return named
