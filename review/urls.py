"""The addresses of the pages."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import include, path, re_path

from registry.to_do import Task
from review import (
    account_pages,
    blind_pages,
    contact_sheet_pages,
    customer_pages,
    inbox_pages,
    mail_pages,
    overview_pages,
    picture_pages,
    received_pages,
    return_pages,
    settling_pages,
    stray_pages,
    to_do_pages,
)

RETURN = "returns/(?P<return_id>[0-9]{1,15})/"
STRAY = "strays/(?P<page_id>[0-9]{1,15})/"
DIGEST = "(?P<sha256>[0-9a-f]{64})"

urlpatterns = [
    path("", account_pages.start, name="start"),
    path("inbox/", inbox_pages.inbox, name="inbox"),
    re_path(rf"^{RETURN}$", return_pages.one_return, name="return"),
    re_path(rf"^{RETURN}as-seen/$", blind_pages.blind, name="blind"),
    re_path(rf"^{RETURN}assign/$", stray_pages.assign, name="assign"),
    re_path(rf"^{RETURN}settle/$", settling_pages.settle, name="settle"),
    re_path(rf"^{RETURN}reopen/$", settling_pages.reopen, name="reopen"),
    re_path(rf"^{RETURN}blank/(?P<form_page>[0-9]{{1,3}})\.png$", picture_pages.blank, name="blank-page"),
    re_path(rf"^{RETURN}{DIGEST}\.png$", picture_pages.picture, name="picture"),
    re_path(rf"^{RETURN}{DIGEST}\.small\.png$", picture_pages.small_picture, name="small-picture"),
    re_path(rf"^{STRAY}$", stray_pages.one_stray, name="stray"),
    re_path(rf"^{STRAY}place/$", stray_pages.place_stray, name="place-stray"),
    re_path(rf"^{STRAY}settle/$", stray_pages.settle_stray, name="settle-stray"),
    re_path(rf"^{STRAY}reopen/$", stray_pages.reopen_stray, name="reopen-stray"),
    re_path(rf"^{STRAY}{DIGEST}\.png$", picture_pages.stray, name="stray-picture"),
    re_path(rf"^{STRAY}{DIGEST}\.small\.png$", picture_pages.small_stray, name="small-stray-picture"),
    path("clear/", contact_sheet_pages.contact_sheet, name="clear"),
    path("clear/undo/", contact_sheet_pages.undo_batch, name="undo-batch"),
    path("mails/", mail_pages.mails, name="mails"),
    re_path(r"^mails/(?P<mail_id>[0-9]{1,15})/$", mail_pages.one_mail, name="mail"),
    re_path(r"^mails/(?P<mail_id>[0-9]{1,15})/settle/$", mail_pages.settle_mail, name="settle-mail"),
    re_path(r"^mails/(?P<mail_id>[0-9]{1,15})/reopen/$", mail_pages.reopen_mail, name="reopen-mail"),
    re_path(rf"^received/{DIGEST}/$", received_pages.received, name="received"),
    path("overview/", overview_pages.overview, name="overview"),
    path("to-do/", to_do_pages.to_do, name="to-do"),
    path("to-do/set-up/", to_do_pages.set_up, name="set-up"),
    path("to-do/asked-again/", to_do_pages.asked_again, name="asked-again"),
    re_path(rf"^to-do/(?P<task>{'|'.join(Task)})\.csv$", to_do_pages.to_do_file, name="to-do-file"),
    path("customers/", customer_pages.customers, name="customers"),
    # The number is asked for and stands in no path: it may be "..".
    path("customer/", customer_pages.customer, name="customer"),
    path("customer/case-file.zip", customer_pages.case_file, name="case-file"),
    path("customer/configured/", customer_pages.configured, name="configured"),
    path("customer/withdraw/", customer_pages.withdraw, name="withdraw"),
    path("sign-in/", account_pages.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("accounts/", account_pages.accounts, name="accounts"),
    path("accounts/change/", account_pages.change_account, name="change-account"),
    path("password/", account_pages.ChangePassword.as_view(), name="password"),
    path("language/", include("django.conf.urls.i18n")),
]
