"""The addresses of the pages."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from review import account_pages, inbox_pages, return_pages

urlpatterns = [
    path("", inbox_pages.inbox, name="inbox"),
    path("returns/<int:return_id>/", return_pages.one_return, name="return"),
    path("pictures/<str:sha256>.png", return_pages.picture, name="picture"),
    path("sign-in/", account_pages.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("password/", account_pages.ChangePassword.as_view(), name="password"),
    path("language/", include("django.conf.urls.i18n")),
]
