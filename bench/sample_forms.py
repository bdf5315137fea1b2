"""The form to measure with: the real letter, issued for made-up customers, the same for the same seed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from forms.issue_form import FormIssuer
from forms.issued_form import IssuedPdf
from ruecklauf import sample_letters
from ruecklauf.sample_letters import ISSUED_ON, TODAY, posted, sample_customer

__all__ = ["ISSUED_ON", "TEMPLATE", "TODAY", "issue_sample", "posted", "sample_customer"]

TEMPLATE = Path(__file__).parents[1] / "templates" / "remote-support.v1.toml"


def issue_sample(rng: np.random.Generator) -> IssuedPdf:
    """Issue the letter for a made-up customer."""
    return sample_letters.issue_sample(_issuer(), rng)


@lru_cache(maxsize=1)
def _issuer() -> FormIssuer:
    return sample_letters.issuer_of(TEMPLATE)
