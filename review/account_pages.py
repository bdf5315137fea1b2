"""Signing in, and changing one's own password."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from review.accounts import LastWayIn, UnfitName, add_account, has_chosen, let_in, new_password, set_roles
from review.accounts import accounts as all_accounts
from review.entry_forms import AccountForm, OtherPasswordForm
from review.middleware import SIGNED_IN_AT
from review.roles import Role, must_choose_password, page, roles_of
from review.words import ROLES


class SignInForm(AuthenticationForm):
    """Name and password."""

    def get_invalid_login_error(self) -> ValidationError:
        """Say what is wrong, and not which of both."""
        wrong = _("Name or password is wrong. After five wrong tries the way in is shut for a quarter of an hour.")
        return ValidationError(wrong, code="invalid_login")


class SignIn(LoginView):
    """The way in; django-axes counts wrong passwords."""

    template_name = "review/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Begin the session's day."""
        response = super().form_valid(form)
        self.request.session[SIGNED_IN_AT] = time.time()
        return response


class ChangePassword(PasswordChangeView):
    """One's own password; Django ends the other sessions."""

    form_class = OtherPasswordForm
    template_name = "review/password.html"
    success_url = reverse_lazy("start")

    def form_valid(self, form: Any) -> HttpResponse:
        """Say that it was done."""
        response = super().form_valid(form)
        has_chosen(form.user)
        messages.success(self.request, _("Your password was changed."))
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Say why somebody was led here."""
        return super().get_context_data(must_choose=must_choose_password(self.request.user), **context)


@page(Role.ADMINISTER, methods="GET HEAD POST")
def accounts(request: HttpRequest) -> HttpResponse:
    """Show who may sign in and what they may do; what is posted makes an account for somebody new."""
    if request.method != "POST":
        return _shown(request)
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _shown(request, form=form, status=400)
    name = form.cleaned_data["name"]
    try:
        password = add_account(name, form.cleaned_data["roles"])
    except UnfitName as error:
        form.add_error("name", str(error))
        return _shown(request, form=form, status=400)
    return _shown(request, told=(name, password))


@page(Role.ADMINISTER, methods="POST")
def change_account(request: HttpRequest) -> HttpResponse:
    """Change somebody's roles, give them a new password, let them in no more or again: `do` says which."""
    name, by, wanted = request.POST.get("name", ""), request.user.get_username(), request.POST.get("do")
    try:
        if wanted == "password":
            return _shown(request, told=(name, new_password(name)))
        if wanted == "roles":
            set_roles(name, {role for role in Role if role in request.POST.getlist("roles")}, by=by)
            done = _("%(name)s has the roles now that are ticked.")
        elif wanted in ("let-in", "keep-out"):
            let_in(name, active=wanted == "let-in", by=by)
            done = _("%(name)s may sign in again.") if wanted == "let-in" else _("%(name)s may sign in no more.")
        else:
            raise Http404
    except User.DoesNotExist as error:
        raise Http404 from error
    except LastWayIn:
        messages.error(request, _("You cannot shut yourself out: somebody else who administers must do that."))
        return _shown(request, status=409)
    messages.success(request, done % {"name": name})
    return redirect("accounts")


def _shown(
    request: HttpRequest,
    *,
    form: AccountForm | None = None,
    told: tuple[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The list; a password that was just made up stands on this one answer and nowhere else."""
    context = {
        "accounts": all_accounts(),
        "roles": ROLES.items(),
        "form": form or AccountForm(),
        "told": told,
    }
    return render(request, "review/accounts.html", context, status=status)


@page()
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the first page that somebody may see."""
    roles = roles_of(request.user)
    if Role.REVIEW in roles:
        return redirect("inbox")
    return redirect("to-do") if roles else render(request, "review/no_role.html")
