"""The issued PDF filled in by real viewers: clicks and keys in Chrome's engine, values in Firefox's, and pypdf."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest
from pypdf import PdfReader
from viewers import ENGINES, TEXTS, click, fill_in_with_pdfium

from forms.issue_form import FormIssuer
from forms.issued_form import Customer, IssuedPdf
from forms.lay_out import lay_out
from forms.load_template import load_template

ROOT = Path(__file__).parent.parent
CUSTOMER = Customer("K-1", "Çelik & Żak GmbH", "", "Weg 1", "10179", "Berlin", "", "")


def _issue(name: str) -> IssuedPdf:
    loaded = load_template(ROOT / "templates" / name)
    letter = lay_out(loaded.template, loaded.sha256)
    return FormIssuer(letter, loaded.template).issue(CUSTOMER, issued_on=date(2026, 11, 23))


@pytest.fixture(scope="module")
def one_page() -> IssuedPdf:
    """The letter on one page, with the options A and B."""
    return _issue("remote-support.v1.toml")


@pytest.fixture(scope="module")
def two_pages() -> IssuedPdf:
    """The letter on two pages, with the option C on the second."""
    return _issue("data-backup.v1.toml")


def _widgets(reader: PdfReader) -> list[Any]:
    annotations: list[Any] = [page["/Annots"] for page in reader.pages]
    return [reference.get_object() for page in annotations for reference in page]


def _chosen_states(reader: PdfReader) -> dict[str, str]:
    """The state of every checkbox: option → its appearance state."""
    states = {}
    for widget in _widgets(reader):
        if "/Parent" in widget:
            (option,) = set(widget["/AP"]["/N"]) - {"/Off"}
            states[option.removeprefix("/")] = str(widget["/AS"])
    return states


def _assert_filled_in(filled: bytes, chosen: str, texts: Mapping[str, str], folder: Path) -> None:
    reader = PdfReader(BytesIO(filled))
    fields = reader.get_fields() or {}
    assert fields["variant"]["/V"] == f"/{chosen}"
    states = _chosen_states(reader)
    assert states == {option: f"/{chosen}" if option == chosen else "/Off" for option in states}
    assert {name: fields[name]["/V"] for name in texts} == texts
    assert not fields["signature"].get("/V")
    assert _qpdf_complaints(filled, folder) == ""


def _qpdf_complaints(pdf: bytes, folder: Path) -> str:
    path = folder / "checked.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, timeout=240, check=False)
    return done.stderr if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("option", ["A", "B"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_form_filled_in_by_a_viewer_says_what_was_entered(
    one_page: IssuedPdf, engine: str, option: str, tmp_path: Path
) -> None:
    """Option, place, date and a name beyond Latin-1 come back as entered, and qpdf finds nothing to complain of."""
    filled = ENGINES[engine](one_page, option, tmp_path)
    _assert_filled_in(filled, option, TEXTS, tmp_path)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_group_that_spans_pages_can_be_answered_on_any(two_pages: IssuedPdf, engine: str, tmp_path: Path) -> None:
    """The third option, alone on the second page, belongs to the same group as those on the first."""
    filled = ENGINES[engine](two_pages, "C", tmp_path)
    _assert_filled_in(filled, "C", TEXTS, tmp_path)


def test_a_second_click_moves_the_choice(one_page: IssuedPdf, tmp_path: Path) -> None:
    """Clicking B after A in Chrome's engine leaves B chosen and A empty: the boxes exclude one another."""
    after_a = fill_in_with_pdfium(one_page, "A", tmp_path)
    document = pdfium.PdfDocument(after_a)
    document.init_forms()
    (page_geometry,) = one_page.letter.pages
    (box,) = (checkbox.box_mm for checkbox in page_geometry.checkboxes if checkbox.option == "B")
    click(document, document[0], box, page_geometry.height_mm)
    pdfium_c.FORM_ForceToKillFocus(document.formenv)
    buffer = BytesIO()
    document.save(buffer)
    document.close()
    _assert_filled_in(buffer.getvalue(), "B", TEXTS, tmp_path)


@pytest.mark.parametrize("name", ["remote-support.v1.toml", "data-backup.v1.toml"])
def test_the_issued_form_is_empty_sound_and_complete(name: str, tmp_path: Path) -> None:
    """As issued nothing is chosen or written, no viewer is told to redraw, and each widget has all its appearances."""
    pdf = _issue(name).pdf
    reader = PdfReader(BytesIO(pdf))
    assert set(_chosen_states(reader).values()) == {"/Off"}
    acroform: Any = reader.root_object["/AcroForm"]
    assert "/NeedAppearances" not in acroform
    for widget in _widgets(reader):
        appearance = widget["/AP"]["/N"]
        assert "/Off" in appearance if "/Parent" in widget else appearance.get_data() is not None
        assert widget["/TU"]
    assert _qpdf_complaints(pdf, tmp_path) == ""
