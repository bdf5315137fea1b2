"""Issuing: what is booked when a form is issued, and when it is refused."""

from __future__ import annotations

from dataclasses import replace

import builders
import pytest
from book_steps import book_return, confirm_return, issue_form, statuses
from builders import RECEIVED_AT, form_id, make_return

from registry import archive, book, lookup
from registry.errors import Inconsistent, OpenFormExists, TemplateChanged
from registry.models import Issue, Letter

pytestmark = pytest.mark.django_db


def test_an_issued_form_comes_back_from_the_book_as_it_was() -> None:
    """The form, its letter and the PDF's bytes are found again, exactly; an unknown id gives None."""
    issued = builders.make_issued(form_id(1))
    book.book_issue(issued, reissue=False, actor="generate", at=builders.ISSUED_AT)
    assert lookup.find_issued(form_id(1)) == issued
    assert lookup.find_issued(form_id(2)) is None
    assert archive.find(Issue.objects.get().pdf_sha256) is not None


def test_a_letter_is_stored_once_for_all_its_forms() -> None:
    """Two customers' forms of one run share one stored letter."""
    for number in (1, 2):
        issued = builders.make_issued(form_id(number), builders.make_customer(f"K-{number}"))
        book.book_issue(issued, reissue=False, actor="generate", at=builders.ISSUED_AT)
    assert (Issue.objects.count(), Letter.objects.count()) == (2, 1)


def test_what_was_issued_keeps_the_customer_as_they_were() -> None:
    """A new list changes the customer, not what was issued before."""
    issue_form(1)
    renamed = builders.make_issued(form_id(2), builders.make_customer(company="Neuer Name AG"))
    book.book_issue(renamed, reissue=True, actor="generate", at=builders.ISSUED_AT)
    first = lookup.find_issued(form_id(1))
    assert first is not None
    assert first.form.customer.company == "Łódź & Söhne GmbH"
    assert [row.company for row in lookup.customers_status()] == ["Neuer Name AG"]


def test_a_second_form_needs_reissue_and_supersedes_the_first() -> None:
    """Without reissue nothing is written, not even into the archive; with it the open form is superseded."""
    issue_form(1)
    with pytest.raises(OpenFormExists, match="K-1001"):
        issue_form(2)
    assert Issue.objects.count() == 1
    assert len([path for path in archive.archive_root().rglob("*") if path.is_file()]) == 1
    issue_form(2, reissue=True)
    assert statuses() == {form_id(2): "issued"}


def test_a_customer_who_answered_this_version_is_not_asked_again() -> None:
    """In force is not open, but issuing the same version again needs reissue too, and a new version does not."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1))))
    with pytest.raises(OpenFormExists):
        issue_form(2)
    issue_form(2, version=2, wording="second wording")
    assert statuses() == {form_id(1): "in_force", form_id(2): "issued"}


def test_an_issued_template_is_frozen() -> None:
    """Another file under the same version is refused, with the advice to make the next version."""
    issue_form(1)
    book.check_template_frozen("remote-support", 1, builders.make_letter().template_sha256)
    with pytest.raises(TemplateChanged, match=r"remote-support\.v2\.toml"):
        book.check_template_frozen("remote-support", 1, "0" * 64)
    with pytest.raises(TemplateChanged):
        issue_form(2, wording="edited", reissue=True)
    book.check_template_frozen("remote-support", 2, "0" * 64)


def test_a_form_is_booked_once() -> None:
    """The same form can't be booked twice, nor one that names another letter than it comes with."""
    issue_form(1)
    with pytest.raises(Inconsistent):
        issue_form(1, reissue=True)
    issued = builders.make_issued(form_id(2))
    with pytest.raises(Inconsistent):
        book.book_issue(
            replace(issued, letter=builders.make_letter(wording="other")), reissue=True, actor="x", at=RECEIVED_AT
        )
