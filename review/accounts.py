"""The accounts of those who may sign in."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from review.roles import TO_CHOOSE, Role

_PASSWORD_BYTES = 12


class UnfitPassword(ValueError):
    """A password that is too easily guessed; the message says why."""


class UnfitName(ValueError):
    """A name that nobody can have, or that somebody has already; the message says why."""


class LastWayIn(ValueError):
    """Whoever looks after the accounts would shut themselves out."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in, or might."""

    name: str
    roles: frozenset[Role]
    active: bool
    last_seen: datetime | None
    """When they signed in last; None where they never did."""
    chooses_password: bool
    """Their password was made up for them, and they have not chosen another yet."""


def make_up_password() -> str:
    """A password that nobody guesses."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)


@transaction.atomic
def add_user(name: str, password: str, roles: Collection[Role], *, made_up: bool = False) -> None:
    """Make an account with just these roles, or give an existing one a new password; raises `UnfitPassword`.

    Whoever gets a password that was made up for them has to choose another when they first sign in.
    """
    user = User.objects.filter(username=name).first() or User(username=name)
    try:
        user.full_clean(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        raise UnfitPassword(" ".join(error.messages)) from error
    user.set_password(password)
    user.is_active = True
    user.save()
    _put_into_groups(user, roles, chooses_password=made_up)


def has_chosen(user: User) -> None:
    """Note that somebody has chosen a password of their own."""
    user.groups.remove(*Group.objects.filter(name=TO_CHOOSE))


def _put_into_groups(user: User, roles: Collection[Role], *, chooses_password: bool) -> None:
    names = [*(role.value for role in roles), *([TO_CHOOSE] if chooses_password else [])]
    user.groups.set([Group.objects.get_or_create(name=name)[0] for name in names])


def _chooses_password(user: User) -> bool:
    return any(group.name == TO_CHOOSE for group in user.groups.all())


def accounts() -> tuple[Account, ...]:
    """All accounts, by name."""
    users = User.objects.prefetch_related("groups").order_by("username")
    return tuple(
        Account(
            name=user.username,
            roles=frozenset(Role(group.name) for group in user.groups.all() if group.name in set(Role)),
            active=user.is_active,
            last_seen=user.last_login,
            chooses_password=_chooses_password(user),
        )
        for user in users
    )


@transaction.atomic
def add_account(name: str, roles: Collection[Role]) -> str:
    """Make an account for somebody new, and return the password that was made up; raises `UnfitName`."""
    if User.objects.filter(username__iexact=name).exists():
        raise UnfitName(gettext("Somebody has this name already."))
    try:
        User(username=name).full_clean(exclude=["password"])
    except ValidationError as error:
        raise UnfitName(" ".join(error.messages)) from error
    password = make_up_password()
    add_user(name, password, roles, made_up=True)
    return password


@transaction.atomic
def set_roles(name: str, roles: Collection[Role], *, by: str) -> None:
    """Give somebody just these roles; raises `LastWayIn` for one's own role to administer, `User.DoesNotExist`."""
    if name == by and Role.ADMINISTER not in roles:
        raise LastWayIn
    user = User.objects.get(username=name)
    _put_into_groups(user, roles, chooses_password=_chooses_password(user))


@transaction.atomic
def new_password(name: str) -> str:
    """Give somebody a password that is made up, and return it; their sessions end, and a lock opens.

    They have to choose another when they next sign in.

    Raises `User.DoesNotExist`.
    """
    user = User.objects.get(username=name)
    password = make_up_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    user.groups.add(Group.objects.get_or_create(name=TO_CHOOSE)[0])
    AccessAttempt.objects.filter(username=name).delete()
    return password


def let_in(name: str, *, active: bool, by: str) -> None:
    """Let somebody in again, or no more; raises `LastWayIn` for oneself, `User.DoesNotExist`."""
    if name == by:
        raise LastWayIn
    if User.objects.filter(username=name).update(is_active=active) != 1:
        raise User.DoesNotExist


def disable_user(name: str) -> bool:
    """Let somebody in no more, and end their sessions; tells whether there is such an account.

    The account itself stays: the book names it.
    """
    return User.objects.filter(username=name).update(is_active=False) == 1
