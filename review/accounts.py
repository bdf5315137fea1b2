"""The accounts of those who may sign in."""

from __future__ import annotations

import secrets
from collections.abc import Collection

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from review.roles import Role

_PASSWORD_BYTES = 12


class UnfitPassword(ValueError):
    """A password that is too easily guessed; the message says why."""


def make_up_password() -> str:
    """A password that nobody guesses."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)


@transaction.atomic
def add_user(name: str, password: str, roles: Collection[Role]) -> None:
    """Make an account with just these roles, or give an existing one a new password; raises `UnfitPassword`."""
    user = User.objects.filter(username=name).first() or User(username=name)
    try:
        user.full_clean(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        raise UnfitPassword(" ".join(error.messages)) from error
    user.set_password(password)
    user.is_active = True
    user.save()
    user.groups.set([Group.objects.get_or_create(name=role.value)[0] for role in roles])


def disable_user(name: str) -> bool:
    """Let somebody in no more, and end their sessions; tells whether there is such an account.

    The account itself stays: the book names it.
    """
    return User.objects.filter(username=name).update(is_active=False) == 1
