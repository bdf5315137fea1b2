"""Who may do what: three roles, and the one way in which a view says which of them it asks for.

What somebody may not see does not exist for them: the answer is 404, as for an address that nobody has.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

Arguments = ParamSpec("Arguments")
Page = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]


class Role(StrEnum):
    """What a user may do; each is a group of that name."""

    ISSUE = "issue"
    """See where customers stand, and report what is done outside: that the tool was set up."""
    REVIEW = "review"
    """See returns, and decide about them: confirm, withdraw. Report what is done outside."""
    ADMINISTER = "administer"
    """Say who may sign in and what they may do; see where customers stand."""


TO_CHOOSE = "chooses a password"
"""The group of those whose password somebody else has seen: they can do nothing before they have chosen another."""
LARGEST_REQUEST = "largest_request"
"""The attribute of a page that says how large, in bytes, what is sent to it may be."""
EVERY_ROLE = tuple(Role)
PAGE_ROLES: dict[str, frozenset[Role]] = {}
"""The roles, any of which a page asks for, by the name of its view function; empty for everybody who is signed in."""


def roles_of(user: User | AnonymousUser) -> frozenset[Role]:
    """The roles of somebody; none for a stranger, and for whoever has to choose a password first."""
    return _roles_in(_groups_of(user))


def must_choose_password(user: User | AnonymousUser) -> bool:
    """Whether somebody's password was made up for them, and they have not chosen another yet."""
    return TO_CHOOSE in _groups_of(user)


def _groups_of(user: User | AnonymousUser) -> frozenset[str]:
    if isinstance(user, User):
        prefetch_related_objects([user], "groups")  # once for each request, which has its own user
    return frozenset(group.name for group in user.groups.all())


def _roles_in(groups: frozenset[str]) -> frozenset[Role]:
    return frozenset() if TO_CHOOSE in groups else frozenset(Role(name) for name in groups & set(Role))


def page(
    *roles: Role, methods: str = "GET HEAD", largest_request: int | Callable[[], int] = 0
) -> Callable[[Page[Arguments]], Page[Arguments]]:
    """Make a function a page of the application, for users with one of the roles; strangers are asked to sign in.

    Whoever has a password that was made up for them is led to choose another one, whatever they ask for.

    A page that takes files says how large in bytes what is sent to it may be (see `review.middleware.BodyLimits`).
    """

    def decorate(view: Page[Arguments]) -> Page[Arguments]:
        allowed = PAGE_ROLES[view.__name__] = frozenset(roles)

        @wraps(view)
        def checked(request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
            if request.method not in methods.split():
                return _shown_nowhere(request, methods.split())
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            groups = _groups_of(request.user)
            if TO_CHOOSE in groups:
                return redirect("password")
            if allowed and not allowed & _roles_in(groups):
                raise Http404
            if _holds_nul(request):
                raise Http404
            return view(request, *args, **kwargs)

        setattr(checked, LARGEST_REQUEST, largest_request)
        return cast("Page[Arguments]", checked)

    return decorate


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Lead to the sign-in page, and from there back; where only a part of a page was asked for, load the whole anew.

    Whoever sent something is told that it was not booked: they would take it for done.
    """
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    if request.method == "POST":
        messages.warning(
            request, _("Your session had ended: what you sent last was not booked. Sign in and repeat it.")
        )
    return redirect_to_login(page_of(request))


def page_of(request: HttpRequest) -> str:
    """The address of the page that somebody is on: what takes entries only cannot be shown, but what sent them can."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    sent_from = urlsplit(request.headers.get("Referer", ""))
    return urlunsplit(("", "", sent_from.path, sent_from.query, "")) or "/"


def _shown_nowhere(request: HttpRequest, methods: list[str]) -> HttpResponseBase:
    """Say so where an address that takes entries only is opened like a page."""
    response = render(request, "review/takes_entries.html", status=405)
    response.headers["Allow"] = ", ".join(methods)
    return response


def _holds_nul(request: HttpRequest) -> bool:
    """Tell whether a form was sent that no page of ours sends: nobody types NUL, and PostgreSQL takes none."""
    return any("\0" in value for _, values in request.POST.lists() for value in values)


def roles_for_templates(request: HttpRequest) -> dict[str, object]:
    """Tell the templates what whoever looks at them may do; each page is named by its view function."""
    roles = roles_of(request.user) if hasattr(request, "user") else frozenset()
    may = {name for name, allowed in PAGE_ROLES.items() if allowed & roles}
    return {"may": may, "here_again": page_of(request)}
