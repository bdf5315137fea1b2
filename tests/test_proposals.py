"""Whose a page without a readable code may be: open forms are proposed by what is printed for their customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from book_steps import Decider, book_return, confirm_return, issue, received
from builders import CONFIRMED_AT, form_id, make_document, make_return, sha256
from letters import CUSTOMER
from letters import issue as letter_for

from forms.issued_form import Customer, IssuedPdf
from forms.page_code import reference
from intake.results import Reason, UnplacedPage
from registry import book
from registry.models import PageLikeness, ReceivedPage
from registry.proposals import MOST_PROPOSALS, Proposal, compare_uncompared, proposals_for
from registry.recognised_forms import MOST_RECOGNISED, Part
from registry.retrying import ask_to_read_again

pytestmark = pytest.mark.django_db

NEIGHBOUR = replace(CUSTOMER, number="K-1002", company="Gärtnerei Sommer", contact="Ute Sommer", street="Am Hang 3")
AS_RECOGNISED = """bmssoft information technologies GmbH - Ohmstr. 7 - 10179 Berlin
Kundennummer
K-1001
Müller & Celik Maschinenbau GmbH
tucja Zötkiewska
tödzer Straße 12a
10245 Berlin"""


def issued(customer: Customer, name: str = "remote-support.v1", number: int = 1) -> IssuedPdf:
    """Issue a real letter to a customer, and book it."""
    form = letter_for(name, customer, form_id(number))
    assert issue(form) is None
    return form


def came(*texts: str) -> Sequence[int]:
    """Book a stack of pages of nobody, on which this was recognised; return their keys."""
    data = f"%PDF-1.7 stray {ReceivedPage.objects.count()}".encode()
    strays = [UnplacedPage(at, Reason.PAGE_CODE_UNREADABLE, b"", text) for at, text in enumerate(texts, 1)]
    booked = book.book_document(received(data), make_document(data, unplaced=strays), Decider())
    rows = ReceivedPage.objects.filter(file__sha256=booked.sha256).order_by("page")
    return list(rows.values_list("pk", flat=True))


def proposed(text: str) -> tuple[Proposal, ...]:
    """What is proposed for a page that comes now."""
    (page,) = came(text)
    return proposals_for(page)


def test_a_customer_is_proposed_by_what_is_printed_for_them() -> None:
    """Number, company, street and place, misread here and there, point to one open form, and it says why."""
    issued(CUSTOMER, number=1)
    issued(NEIGHBOUR, number=2)
    (proposal,) = proposed(AS_RECOGNISED)
    assert proposal == Proposal(
        form_id=form_id(1),
        number="K-1001",
        company=CUSTOMER.company,
        template="remote-support",
        version=1,
        score=proposal.score,
        why=(Part.NUMBER, Part.COMPANY, Part.STREET, Part.PLACE),
    )
    assert 0.9 < proposal.score < 1


def test_the_wording_tells_which_of_a_customers_forms_it_is() -> None:
    """Two open forms of one customer fit alike; the one whose letter is on the page comes first."""
    issued(CUSTOMER, "data-backup.v1", 1)
    form = issued(CUSTOMER, "remote-support.v1", 2)
    words = "\n".join(line.text for line in form.letter.pages[0].text_lines)
    first, second = proposed(f"{words}\n{AS_RECOGNISED}")
    assert (first.template, first.why[-1]) == ("remote-support", Part.WORDING)
    assert (second.template, Part.WORDING in second.why) == ("data-backup", False)


def test_a_readable_code_is_enough() -> None:
    """Its characters name one form, and its check bears them out."""
    form = issued(CUSTOMER, number=1)
    (proposal,) = proposed(f"Code {reference(form.form.form_id)}")
    assert (proposal.form_id, proposal.why) == (form_id(1), (Part.REFERENCE,))


@pytest.mark.parametrize("text", ["", "10245 Berlin", "Rechnung K-1001", "Kundennummer K-1002\nMüller GmbH", "%"])
def test_what_many_share_proposes_nobody(text: str) -> None:
    """A place, a number alone or half a name point to no form."""
    issued(CUSTOMER)
    assert proposed(text) == ()


def test_only_open_forms_are_proposed() -> None:
    """A form that is in force has its answer, also one that got it after the page came; taken back, it is open."""
    issued(CUSTOMER, number=1)
    answer = replace(make_return(form_id(1)), customer="K-1001")
    (page,) = came(AS_RECOGNISED)
    assert [each.form_id for each in proposals_for(page)] == [form_id(1)]
    booked = book_return(answer)
    confirm_return(booked)
    (later,) = came(AS_RECOGNISED)
    assert proposals_for(page) == proposals_for(later) == ()
    book.reopen(booked.return_id, by="Petra", reason="the wrong one", at=CONFIRMED_AT)
    assert [each.form_id for each in (*proposals_for(page), *proposals_for(later))] == [form_id(1), form_id(1)]


def test_no_more_are_proposed_than_anybody_compares() -> None:
    """Many branches of one company: the best few, never all, and no more are kept than may be proposed one day."""
    for number in range(MOST_RECOGNISED + 3):
        issued(replace(CUSTOMER, number=f"B-{number}00"), number=number)
    proposals = proposed(f"{AS_RECOGNISED}\nB-400")
    assert len(proposals) == MOST_PROPOSALS
    assert proposals[0].number == "B-400"
    assert PageLikeness.objects.count() == MOST_RECOGNISED


def test_each_page_of_a_stack_has_its_own_proposals() -> None:
    """Pages are compared together, and what is on one of them says nothing about the others."""
    issued(CUSTOMER, number=1)
    issued(NEIGHBOUR, number=2)
    pages = came(AS_RECOGNISED, "", "Gartnerei Sommer\nAm Hang 3", "Rechnung", AS_RECOGNISED.replace("ü", "u"))
    found = [[each.number for each in proposals_for(page)] for page in pages]
    assert found == [["K-1001"], [], ["K-1002"], [], ["K-1001"]]


def test_pages_that_were_booked_before_are_compared_once() -> None:
    """A home of an earlier version comes without proposals: opening it makes them."""
    issued(CUSTOMER)
    (page,) = came(AS_RECOGNISED)
    before = proposals_for(page)
    PageLikeness.objects.all().delete()
    ReceivedPage.objects.update(is_compared=False)
    assert proposals_for(page) == ()
    compare_uncompared()
    assert proposals_for(page) == before
    assert not ReceivedPage.objects.filter(is_compared=False).exists()


def test_what_is_read_again_is_compared_again() -> None:
    """Another text has other proposals, and a page that found its form has none."""
    issued(CUSTOMER, number=1)
    issued(NEIGHBOUR, number=2)
    data = b"%PDF-1.7 twice"
    for text, number in ((AS_RECOGNISED, "K-1001"), ("Gärtnerei Sommer", "K-1002")):
        stray = UnplacedPage(1, Reason.PAGE_CODE_UNREADABLE, b"", text)
        book.book_document(received(data), make_document(data, unplaced=[stray]), Decider())
        assert [each.number for each in proposals_for(ReceivedPage.objects.get().pk)] == [number]
        ask_to_read_again(sha256(data), by="Petra")
    answer = replace(make_return(form_id(1)), customer="K-1001")
    book.book_document(received(data), make_document(data, [answer]), Decider())
    assert not PageLikeness.objects.exists()
