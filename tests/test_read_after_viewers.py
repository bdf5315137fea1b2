"""Forms that were filled in on screen by real programs are read as what was entered, however the file was saved."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from sending_back import Read, decided, issued, posted, read
from viewers import ENGINES, TEXTS, fill_in_with_pypdf, flatten_with_pdfium, print_with_cairo, write_with_xournalpp

from intake.results import Decision, Reason, SignatureState
from simulation.channels import PRESETS
from simulation.files import to_pdf
from simulation.issued_pdf import find_fields
from simulation.marks import MarkShape, mark_strokes
from simulation.people import Behaviour, Sign, fill_in
from simulation.scenarios import filled_on_screen
from simulation.signatures import SignatureStyle, sign
from simulation.transmission import transmit


@cache
def signed_on_screen() -> bytes:
    """The form filled in on screen, with a picture of the signature laid over it: A is chosen."""
    return filled_on_screen(posted(issued()), np.random.default_rng(1)).data


def only_return(data: bytes) -> Read:
    """The one return in a file."""
    (found,) = decided(read(data, issued()))
    return found


def option_of(found: Read) -> str | None:
    """The variant that was read."""
    assert found.reading.variant is not None
    return found.reading.variant.value


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_viewer_saved_is_read(engine: str, tmp_path: Path) -> None:
    """Choice and texts are those that were entered, and only the signature is missing."""
    found = only_return(ENGINES[engine](issued(), "B", tmp_path))
    assert option_of(found) == "B"
    assert {field.name: field.text for field in found.reading.fields} == TEXTS
    assert (found.verdict.decision, found.verdict.reasons) == (Decision.INCOMPLETE, (Reason.SIGNATURE_ABSENT,))


def test_a_flattened_form_reads_like_a_scan(tmp_path: Path) -> None:
    """Printed into a PDF by Chrome's engine or by a desktop: no field is left, and the picture says it all."""
    for data in (flatten_with_pdfium(signed_on_screen()), print_with_cairo(signed_on_screen(), tmp_path)):
        with pikepdf.open(BytesIO(data)) as pdf:
            assert not pdf.pages[0].obj.get("/Annots", [])
        found = only_return(data)
        assert (option_of(found), found.verdict.decision) == ("A", Decision.ACCEPT), found.verdict


def test_what_was_written_with_a_pen_on_screen_is_read(tmp_path: Path) -> None:
    """Xournal++ exports the page with its strokes: the cross and the signature are ink like any other."""
    fields, rng = find_fields(issued().pdf), np.random.default_rng(1)
    strokes = mark_strokes(MarkShape.CROSS, fields.options["B"].box_mm, 1.0, rng)
    strokes += sign("Sabine Krüger", SignatureStyle.CURSIVE, fields.signature.box_mm, rng)
    found = only_return(write_with_xournalpp(issued().pdf, strokes, tmp_path))
    assert option_of(found) == "B"
    assert found.reading.signature is not None
    assert found.reading.signature.state is SignatureState.PRESENT
    assert set(found.verdict.reasons) == {Reason.PLACE_EMPTY, Reason.DATE_EMPTY, Reason.NAME_EMPTY}


def test_a_field_that_lost_its_appearance_is_read(tmp_path: Path) -> None:
    """A program that changed values and dropped their pictures: the values count, and a person compares them."""
    buffer = BytesIO()
    with pikepdf.open(BytesIO(fill_in_with_pypdf(issued(), "A", tmp_path))) as pdf:
        for widget in pdf.pages[0].Annots:
            if widget.get("/FT") == pikepdf.Name.Tx:
                del widget.AP
        pdf.save(buffer)
    found = only_return(buffer.getvalue())
    assert {field.name: field.text for field in found.reading.fields} == TEXTS
    assert found.verdict.decision is not Decision.ACCEPT


def test_filled_in_on_screen_printed_and_signed_by_pen(tmp_path: Path) -> None:
    """The print of a filled-in form, signed with a pen and scanned, is a return on paper like any other."""
    filled = fill_in_with_pypdf(issued(), "B", tmp_path)
    rng, channel = np.random.default_rng(5), PRESETS["office-300"]
    paper = fill_in(filled, Behaviour((Sign("Sabine Krüger"),)), rng, 300, channel.printer)
    found = only_return(to_pdf(transmit(paper, channel, rng)))
    assert (option_of(found), found.verdict.decision) == ("B", Decision.ACCEPT), found.verdict
