"""Whose a page without a readable code may be: open forms are proposed by what is printed for their customers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from book_steps import book_return, confirm_return, issue
from builders import form_id, make_return
from letters import CUSTOMER
from letters import issue as letter_for

from forms.issued_form import Customer, IssuedPdf
from forms.page_code import reference
from registry.proposals import MOST_PROPOSALS, Part, Proposal, proposals_for

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


def test_a_customer_is_proposed_by_what_is_printed_for_them() -> None:
    """Number, company, street and place, misread here and there, point to one open form, and it says why."""
    issued(CUSTOMER, number=1)
    issued(NEIGHBOUR, number=2)
    (proposal,) = proposals_for(AS_RECOGNISED)
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
    first, second = proposals_for(f"{words}\n{AS_RECOGNISED}")
    assert (first.template, first.why[-1]) == ("remote-support", Part.WORDING)
    assert (second.template, Part.WORDING in second.why) == ("data-backup", False)


def test_a_readable_code_is_enough() -> None:
    """Its characters name one form, and its check bears them out."""
    form = issued(CUSTOMER, number=1)
    (proposal,) = proposals_for(f"Code {reference(form.form.form_id)}")
    assert (proposal.form_id, proposal.why) == (form_id(1), (Part.REFERENCE,))


@pytest.mark.parametrize("text", ["", "10245 Berlin", "Rechnung K-1001", "Kundennummer K-1002\nMüller GmbH", "%"])
def test_what_many_share_proposes_nobody(text: str) -> None:
    """A place, a number alone or half a name point to no form."""
    issued(CUSTOMER)
    assert proposals_for(text) == ()


def test_only_open_forms_are_proposed() -> None:
    """A form that is in force has its answer; one of the same customer that waits for it is proposed."""
    issued(CUSTOMER, number=1)
    answer = replace(make_return(form_id(1)), customer="K-1001")
    assert [each.form_id for each in proposals_for(AS_RECOGNISED)] == [form_id(1)]
    confirm_return(book_return(answer))
    assert proposals_for(AS_RECOGNISED) == ()


def test_no_more_are_proposed_than_anybody_compares() -> None:
    """Many branches of one company: the best few, never all."""
    for number in range(MOST_PROPOSALS + 3):
        issued(replace(CUSTOMER, number=f"B-{number}00"), number=number)
    proposals = proposals_for(f"{AS_RECOGNISED}\nB-400")
    assert len(proposals) == MOST_PROPOSALS
    assert proposals[0].number == "B-400"
