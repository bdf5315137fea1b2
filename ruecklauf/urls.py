"""The addresses of all pages: those of the review page, and those of the application."""

from __future__ import annotations

from django.urls import path, re_path

from review.urls import urlpatterns as review_addresses
from ruecklauf import issuing_pages, mailbox_pages, problem_pages, run_pages

LIST = "issue/(?P<token>[0-9a-f]{32})"
RUN = "runs/(?P<run_id>[0-9]{1,15})"

urlpatterns = [
    *review_addresses,
    path("mailbox/", mailbox_pages.mailbox, name="mailbox"),
    path("mailbox/problems/", problem_pages.problems, name="problems"),
    path("mailbox/problems/read-again/", problem_pages.read_file_again, name="read-again"),
    path("mailbox/problems/all-again/", problem_pages.take_problems_in_again, name="all-again"),
    path("issue/", issuing_pages.issue, name="issue"),
    path("issue/customers/", issuing_pages.pick_customers, name="pick-customers"),
    path("issue/anew/", issuing_pages.issue_anew, name="issue-anew"),
    re_path(rf"^{LIST}/$", issuing_pages.check_list, name="check-list"),
    re_path(rf"^{LIST}/first\.png$", issuing_pages.first_letter, name="first-letter"),
    re_path(rf"^{RUN}/$", run_pages.run, name="run"),
    re_path(rf"^{RUN}/letters\.zip$", run_pages.run_zip, name="run-zip"),
    re_path(rf"^{RUN}/print\.pdf$", run_pages.run_print, name="run-print"),
    path("forms/print.pdf", run_pages.print_some, name="print-some"),
    re_path(r"^forms/(?P<form_id>[0-9A-Z]{16})\.pdf$", run_pages.letter, name="letter"),
]
