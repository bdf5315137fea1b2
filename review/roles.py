"""Who may do what: three roles, and the one way in which a view says which of them it asks for.

What somebody may not see does not exist for them: the answer is 404, as for an address that nobody has.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods

Arguments = ParamSpec("Arguments")
Page = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]


class Role(StrEnum):
    """What a user may do; each is a group of that name."""

    ISSUE = "issue"
    """Issue forms and report them as sent."""
    REVIEW = "review"
    """See returns, and decide about them."""
    ADMINISTER = "administer"
    """See the overview of everything, and look after the accounts."""


PAGE_ROLES: dict[str, frozenset[Role]] = {}
"""The roles, any of which a page asks for, by the name of its view function; empty for everybody who is signed in."""


def has_role(user: Any, roles: frozenset[Role]) -> bool:
    """Tell whether somebody who is signed in has one of the roles; no roles mean everybody."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return not roles or user.groups.filter(name__in=[role.value for role in roles]).exists()


def page(*roles: Role, methods: str = "GET HEAD") -> Callable[[Page[Arguments]], Page[Arguments]]:
    """Make a function a page of the application, for users with one of the roles; strangers are asked to sign in."""

    def decorate(view: Page[Arguments]) -> Page[Arguments]:
        allowed = PAGE_ROLES[view.__name__] = frozenset(roles)

        @wraps(view)
        def checked(request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not has_role(request.user, allowed):
                raise Http404
            return view(request, *args, **kwargs)

        return cast("Page[Arguments]", require_http_methods(methods.split())(checked))

    return decorate
