"""PDFs that were damaged on their way: what can be mended safely is read, and said; the rest is called broken."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO

import pikepdf
import pytest
from office_steps import scans_of
from sending_back import decided, issued, posted, read

from intake.results import Decision, Reason
from simulation.files import to_pdf


@cache
def scanned() -> bytes:
    """A scanned return as a PDF with a table of objects that can be read with the naked eye."""
    buffer = BytesIO()
    with pikepdf.open(BytesIO(to_pdf(scans_of(posted(issued()), "A")))) as pdf:
        pdf.save(buffer, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "damaged",
    [
        re.sub(rb"startxref\s+\d+", b"startxref\n17", scanned()),
        scanned()[: scanned().rindex(b"xref\n")],
        scanned()[:-200],
    ],
    ids=["wrong place of the table", "no table", "cut off in the table"],
)
def test_a_damaged_pdf_is_mended_and_says_so(damaged: bytes) -> None:
    """The page itself is whole and is read as such; the damage is said and decides nothing."""
    (only,) = decided(read(damaged, issued()))
    assert only.verdict.decision is Decision.ACCEPT
    assert only.verdict.reasons == (Reason.FILE_REPAIRED,)


def test_what_cannot_be_mended_is_broken() -> None:
    """A PDF whose catalogue is gone has no pages that anybody could vouch for."""
    reading = read(re.sub(rb"/Root \d+ 0 R", b"/Root 99 0 R", scanned()), issued())
    assert (reading.problem, reading.page_count) == (Reason.FILE_BROKEN, 0)


def test_a_sound_pdf_is_not_called_mended() -> None:
    """Nothing is said of a file that is as it should be."""
    (only,) = decided(read(scanned(), issued()))
    assert only.verdict.reasons == ()
