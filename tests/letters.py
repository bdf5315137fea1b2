"""Issues real letters for tests, from the templates that come along."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from forms.issue_form import FormIssuer
from forms.issued_form import Customer, IssuedPdf
from forms.lay_out import lay_out
from forms.load_template import load_template

TEMPLATES = Path(__file__).parents[1] / "templates"
ISSUED_ON = date(2026, 11, 23)
FORM_ID = "7F3Q9X4CBDEFGHJK"
"""Of every letter unless another is named: what a reader finds on a page must not depend on an id drawn at random."""
CUSTOMER = Customer(
    number="K-1001",
    company="Müller & Çelik Maschinenbau GmbH",
    contact="Łucja Żółkiewska",
    street="Łódźer Straße 12a",
    postal_code="10245",
    city="Berlin",
    country="",
    email="",
)


@cache
def issuer(name: str = "remote-support.v1") -> FormIssuer:
    """An issuer for a template that comes along, made once for all tests."""
    loaded = load_template(TEMPLATES / f"{name}.toml")
    return FormIssuer(lay_out(loaded.template, loaded.sha256), loaded.template)


def issue(name: str = "remote-support.v1", customer: Customer = CUSTOMER, form_id: str = FORM_ID) -> IssuedPdf:
    """Issue a letter for a customer."""
    return issuer(name).issue(customer, issued_on=ISSUED_ON, form_id=form_id)
