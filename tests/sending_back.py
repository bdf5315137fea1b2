"""Steps that tests of reading take: issue forms of the real templates, and see what the simulation sends back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from forms.customers import read_customers
from forms.issue_form import FormIssuer
from forms.issued_form import Customer, IssuedPdf
from forms.lay_out import lay_out
from forms.load_template import load_template
from intake.decision import DecisionContext, decide
from intake.read_document import read_document
from intake.results import DocumentReading, ReturnReading, Verdict
from simulation.returns import PostedLetter

CLONE = Path(__file__).parents[1]
TEMPLATES = CLONE / "templates"
CUSTOMERS = CLONE / "ruecklauf" / "sample_customers.csv"
ISSUED_ON = date(2026, 10, 1)
TODAY = ISSUED_ON + timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Read:
    """One return as it was read and decided."""

    reading: ReturnReading
    verdict: Verdict


@cache
def issuer(template: str = "remote-support.v1") -> FormIssuer:
    """The issuer of a template of the clone; drawn once."""
    loaded = load_template(TEMPLATES / f"{template}.toml")
    return FormIssuer(lay_out(loaded.template, loaded.sha256), loaded.template)


@cache
def sample_customers() -> tuple[Customer, ...]:
    """The dozen sample customers."""
    return tuple(row.customer for row in read_customers(CUSTOMERS).customers)


@cache
def issued(template: str = "remote-support.v1", customer: int = 0) -> IssuedPdf:
    """A form of a sample customer, always the same one."""
    form_id = f"{customer:04d}{sum(template.encode()):012d}"
    return issuer(template).issue(sample_customers()[customer], issued_on=ISSUED_ON, form_id=form_id)


def posted(form: IssuedPdf) -> PostedLetter:
    """The form on its way, known by its id."""
    return PostedLetter(form.form.form_id, form.pdf, form.form.issued_on)


def read(data: bytes, *forms: IssuedPdf) -> DocumentReading:
    """Read a file against the forms that were issued."""
    known: Mapping[str, IssuedPdf] = {form.form.form_id: form for form in forms}
    return read_document(data, known.get, TODAY)


def decided(reading: DocumentReading) -> Sequence[Read]:
    """The returns in a document, decided as if nothing had been booked before."""
    return [Read(item, decide(item, DecisionContext(TODAY))) for item in reading.returns]
