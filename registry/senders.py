"""Whose address a mail comes from, by the customer list. It can be forged: it proves nothing, it only raises doubt."""

from __future__ import annotations

from collections.abc import Collection

from registry.models import ERASED_CUSTOMER, Customer

_BETWEEN = str.maketrans(",;<>", "    ")
"""What stands between the addresses of a customer who has several."""


def customers_at(address: str) -> frozenset[str]:
    """Numbers of the customers with this e-mail address; none for an empty one."""
    if not address:
        return frozenset()
    rows = Customer.objects.filter(email__icontains=address).values_list("number", "email")
    return frozenset(number for number, emails in rows if address in emails.casefold().translate(_BETWEEN).split())


def known_customers(mentions: Collection[str]) -> list[Customer]:
    """The customers among what a mail mentions, by number or by a form of theirs."""
    by_form = Customer.objects.filter(issues__form_id__in=mentions).exclude(number=ERASED_CUSTOMER)
    return list(Customer.objects.filter(number__in=mentions).union(by_form).order_by("number"))


def is_another_customers(address: str, number: str) -> bool:
    """Tell whether an address is that of customers among whom this one is not."""
    customers = customers_at(address)
    return bool(customers) and number not in customers
