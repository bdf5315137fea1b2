"""Letters for made-up customers, the same for the same seed: what a proof of the reading and bench/ send around."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np

from forms.issue_form import FormIssuer
from forms.issued_form import Customer, IssuedPdf
from forms.load_template import load_template
from simulation.returns import PLACES, SIGNATORIES, PostedLetter

ISSUED_ON = date(2026, 10, 1)
TODAY = ISSUED_ON + timedelta(days=40)
"""The day on which all returns are read: after every simulated signature."""

_TRADES = ("Metallbau", "Steuerberatung", "Zahnärzte", "Gartenbau", "Logistik", "Buchhandlung", "Architekten")
_STREETS = ("Industriestr.", "Am Markt", "Große Frankfurter Str.", "Lindenweg", "Karl-Marx-Allee")
_ID_CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def issuer_of(template: Path) -> FormIssuer:
    """Lay a template out; raises what loading and laying out raise."""
    return FormIssuer.of(load_template(template))


def issue_sample(issuer: FormIssuer, rng: np.random.Generator) -> IssuedPdf:
    """Issue a letter to a made-up customer."""
    form_id = "".join(rng.choice(list(_ID_CHARACTERS), 16))
    return issuer.issue(sample_customer(rng), issued_on=ISSUED_ON, form_id=form_id)


def posted(issued: IssuedPdf) -> PostedLetter:
    """Give the form as the simulation knows it: the PDF, and where its customer will sign."""
    return PostedLetter(issued.form.form_id, issued.pdf, issued.form.issued_on, issued.form.customer.city)


def sample_customer(rng: np.random.Generator, number: str = "") -> Customer:
    """Make up a customer; the number too unless one is given."""
    contact = str(rng.choice(SIGNATORIES))
    return Customer(
        number=number or f"K-{int(rng.integers(1000, 9999))}",
        company=f"{contact.split()[-1]} {rng.choice(_TRADES)} GmbH",
        contact=contact,
        street=f"{rng.choice(_STREETS)} {int(rng.integers(1, 180))}",
        postal_code=f"{int(rng.integers(10115, 99998))}",
        city=str(rng.choice(PLACES)),
        country="",
        email="",
    )
