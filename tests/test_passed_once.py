"""Returns that were accepted once although a person must see what is on them: their kinds were mended, and stay so."""

from __future__ import annotations

import pytest
from sending_back import issuer

from intake.read_document import read_document
from ruecklauf.proof_result import Became, became
from ruecklauf.proving import Case, judge, simulate
from ruecklauf.sample_letters import TODAY, issue_sample, posted

CASES = [
    "tiny mark:worn-laser:1311:14001",  # a tick in the margin, where binders have their rings
    "written over:office-600:1103:14001",  # on a letter, but for a little of it that might have been dust
    "box filled:skewed:3697:14001",  # hatched with a pencil that hardly shows
]


@pytest.mark.parametrize("name", CASES)
def test_what_must_be_seen_reaches_a_person(name: str) -> None:
    """The same paper, sent the same way, is accepted no more."""
    case = Case.named(name)
    issued = issue_sample(issuer(), case.rng())
    sent = simulate(case, posted(issued))
    document = read_document(sent.file, {issued.form.form_id: issued}.get, TODAY)
    assert became(judge(case, issued, sent, document)) is Became.PERSON
