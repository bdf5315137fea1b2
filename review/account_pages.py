"""Signing in, and changing one's own password."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from review.middleware import SIGNED_IN_AT
from review.roles import Role, page, roles_of


class SignIn(LoginView):
    """The way in; django-axes counts wrong passwords."""

    template_name = "review/sign_in.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Begin the session's day."""
        response = super().form_valid(form)
        self.request.session[SIGNED_IN_AT] = time.time()
        return response


class ChangePassword(PasswordChangeView):
    """One's own password; Django ends the other sessions."""

    template_name = "review/password.html"
    success_url = reverse_lazy("start")

    def form_valid(self, form: Any) -> HttpResponse:
        """Say that it was done."""
        messages.success(self.request, _("Your password was changed."))
        return super().form_valid(form)


@page()
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the first page that somebody may see."""
    roles = roles_of(request.user)
    if Role.REVIEW in roles:
        return redirect("inbox")
    return redirect("to-do") if roles else render(request, "review/no_role.html")
