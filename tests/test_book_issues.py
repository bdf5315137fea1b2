"""Issuing: what is booked when forms are issued, and what stands in the way of another form."""

from __future__ import annotations

from dataclasses import replace

import builders
import pytest
from book_steps import book_return, confirm_return, issue, issue_form, open_batch, statuses
from builders import form_id, make_return

from forms.issued_form import IssuedPdf
from registry import archive, book, lookup
from registry.errors import Inconsistent, TemplateChanged
from registry.models import Batch, Customer, Event, Issue, Letter

pytestmark = pytest.mark.django_db


def test_an_issued_form_comes_back_from_the_book_as_it_was() -> None:
    """The form, its letter and the PDF's bytes are found again, exactly; an unknown id gives None."""
    issued = builders.make_issued(form_id(1))
    assert issue(issued) is None
    assert lookup.find_issued(form_id(1)) == issued
    assert lookup.find_issued(form_id(2)) is None
    assert archive.find(Issue.objects.get().pdf_sha256) is not None


def test_a_letter_is_stored_once_for_all_its_forms() -> None:
    """Two customers' forms, whether booked together or apart, share one stored letter."""
    first, second, third = (builders.make_issued(form_id(n), builders.make_customer(f"K-{n}")) for n in (1, 2, 3))
    assert book.book_issues([first, second], open_batch(first.letter), actor="x", at=builders.ISSUED_AT) == {}
    assert issue(third) is None
    assert (Issue.objects.count(), Letter.objects.count()) == (3, 1)


def test_what_was_issued_keeps_the_customer_as_they_were() -> None:
    """A new list changes the customer, not what was issued before."""
    issue_form(1)
    issue(builders.make_issued(form_id(2), builders.make_customer(company="Neuer Name AG")), reissue=True)
    first = lookup.find_issued(form_id(1))
    assert isinstance(first, IssuedPdf)
    assert first.form.customer.company == "Łódź & Söhne GmbH"
    assert [row.company for row in lookup.customers_status()] == ["Neuer Name AG"]


def test_a_second_form_needs_reissue_and_supersedes_the_first() -> None:
    """Without reissue nothing is written, not even into the archive; with it the open form is superseded."""
    issue_form(1)
    second = builders.make_issued(form_id(2), builders.make_customer(company="Neuer Name AG"))
    standing = issue(second)
    assert standing == book.StandingForm(form_id(1), 1)
    assert Issue.objects.count() == 1
    assert Customer.objects.get().company == "Łódź & Söhne GmbH"
    assert len([path for path in archive.archive_root().rglob("*") if path.is_file()]) == 1
    assert issue(second, reissue=True) is None
    assert statuses() == {form_id(2): "issued"}


def test_a_customer_who_answered_this_version_is_not_asked_again() -> None:
    """In force is not open, but issuing the same version again needs reissue too, and a new version does not."""
    issue_form(1)
    confirm_return(book_return(make_return(form_id(1))))
    assert issue(builders.make_issued(form_id(2))) == book.StandingForm(form_id(1), 1)
    issue_form(2, version=2, wording="second wording")
    assert statuses() == {form_id(1): "in_force", form_id(2): "issued"}


def test_the_forms_in_the_way_are_told_beforehand() -> None:
    """Open forms and, of the same version, those in force stand in the way; with reissue only the batch's own do."""
    letter = builders.make_letter()
    first = builders.make_issued(form_id(1), letter=letter)
    batch = open_batch(letter, reissue=True)
    book.book_issues([first], batch, actor="x", at=builders.ISSUED_AT)
    standing = {"K-1001": book.StandingForm(form_id(1), 1)}

    def in_the_way(
        template: str = "remote-support", version: int = 1, **how: bool | int
    ) -> dict[str, book.StandingForm]:
        return book.forms_in_the_way(["K-1000", "K-1001"], template, version, **{"reissue": False, **how})  # type: ignore[arg-type]

    assert in_the_way(reissue=True, batch_id=batch.batch_id) == standing
    assert in_the_way() == standing
    assert in_the_way(reissue=True) == {}
    assert in_the_way(reissue=True, batch_id=open_batch(letter, reissue=True).batch_id) == {}
    assert in_the_way("another-template") == {}
    assert book.forms_in_the_way(["K-1000"], "remote-support", 1, reissue=False) == {}
    confirm_return(book_return(make_return(form_id(1))))
    assert in_the_way() == standing
    assert in_the_way(version=2) == {}


def test_a_stopped_run_goes_on_with_its_batch_until_it_is_finished() -> None:
    """The same order opens the same batch, date and form ids included; a finished or another order a new one."""
    letter = builders.make_letter()
    batch = open_batch(letter, customers="list", reissue=True)
    again = open_batch(letter, customers="list", reissue=True)
    assert (batch.resumed, again.resumed) == (False, True)
    assert again == replace(batch, resumed=True)
    assert again.form_id("K-1001") == batch.form_id("K-1001") != batch.form_id("K-1002")
    assert not open_batch(letter, customers="other list", reissue=True).resumed
    assert not open_batch(letter, customers="list", reissue=False).resumed
    book.finish_batch(batch.batch_id)
    renewed = open_batch(letter, customers="list", reissue=True)
    assert not renewed.resumed
    assert renewed.form_id("K-1001") != batch.form_id("K-1001")


def test_a_batch_issues_once_to_a_customer_even_when_it_reissues() -> None:
    """A run that goes on supersedes what was there before it began, and never what it issued itself."""
    issue_form(1)
    letter = builders.make_letter()
    batch = open_batch(letter, customers="list", reissue=True)
    for _ in range(2):
        again = open_batch(letter, customers="list", reissue=True)
        book.book_issues([builders.make_issued(batch.form_id("K-1001"))], again, actor="x", at=builders.ISSUED_AT)
    assert statuses() == {batch.form_id("K-1001"): "issued"}
    assert list(Event.objects.values_list("kind", flat=True)) == ["form.issued", "form.issued", "form.superseded"]


def test_a_batch_s_seed_is_its_own_secret() -> None:
    """The seed is 256 bits that no other batch has, and form ids are 80 bits spelt as such."""
    letter = builders.make_letter()
    batches = [open_batch(letter) for _ in range(3)]
    assert {len(batch.seed) for batch in batches} == {32}
    assert len({batch.seed for batch in batches}) == len(set(Batch.objects.values_list("seed", flat=True))) == 3
    assert len(batches[0].form_id("K-1001")) == 16


def test_an_issued_template_is_frozen() -> None:
    """Another file under the same version is refused, with the advice to make the next version."""
    issue_form(1)
    book.check_template_frozen("remote-support", 1, builders.make_letter().template_sha256)
    with pytest.raises(TemplateChanged, match=r"remote-support\.v2\.toml"):
        book.check_template_frozen("remote-support", 1, "0" * 64)
    edited = builders.make_issued(form_id(2), letter=builders.make_letter(wording="edited"))
    with pytest.raises(TemplateChanged):
        open_batch(edited.letter)
    with pytest.raises(TemplateChanged):
        book.book_issues([edited], open_batch(builders.make_letter()), actor="x", at=builders.ISSUED_AT)
    book.check_template_frozen("remote-support", 2, "0" * 64)


def test_a_form_is_booked_once() -> None:
    """The same form can't be booked twice, nor one that names another letter than it comes with."""
    issue_form(1)
    with pytest.raises(Inconsistent):
        issue_form(1, reissue=True)
    other = builders.make_issued(form_id(2), builders.make_customer("K-1002"))
    third = builders.make_issued(form_id(3), builders.make_customer("K-1003"))
    mixed = replace(third, form=replace(third.form, letter_sha256="0" * 64))
    with pytest.raises(Inconsistent):
        book.book_issues([other, mixed], open_batch(other.letter), actor="x", at=builders.ISSUED_AT)
    assert Issue.objects.count() == 1
