"""Issued letters: word for word, in their places, and as the stored geometry says."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from letters import CUSTOMER, ISSUED_ON, TEMPLATES, issue, issuer
from numpy.typing import NDArray

from forms.blank_page import render_blank_pages
from forms.errors import DoesNotFit, LayoutError
from forms.issued_form import (
    Customer,
    IssuedPdf,
    PageGeometry,
    form_from_json,
    form_to_json,
    letter_from_json,
    letter_to_json,
)
from forms.lay_out import lay_out
from forms.load_template import load_template
from forms.page_code import code_modules
from forms.units import BoxMm, mm_to_pt, pt_to_mm

LETTER = Path(__file__).parent / "data" / "letter-remote-support.de.txt"
NAMES = ["remote-support.v1", "data-backup.v1"]
DPI = 254.0  # ten pixels a millimetre


@pytest.fixture(scope="module", params=NAMES)
def issued(request: pytest.FixtureRequest) -> IssuedPdf:
    """A letter of each template."""
    return issue(request.param)


def _words(pdf: bytes) -> str:
    """The text of a PDF as an independent program extracts it, line breaks and spaces made one."""
    text = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(text.stdout.decode().split())


def test_the_letter_says_what_it_should_word_for_word() -> None:
    """Every paragraph of the letter stands in the PDF unaltered, in its order."""
    words = _words(issue().pdf)
    paragraphs = [" ".join(line.split()) for line in LETTER.read_text(encoding="utf-8").splitlines() if line.strip()]
    place = 0
    for paragraph in paragraphs:
        if "_____" in paragraph:  # the captions stand above their fields
            captions = paragraph.replace(": _____", "").split(" / ")
            assert all(caption in words for caption in captions)
            continue
        place = words.index(paragraph, place)


def test_names_from_all_over_europe_are_printed_in_full() -> None:
    """Letters outside Latin-1 come out of the PDF as they stood in the list."""
    customer = replace(
        CUSTOMER, company="Ångström Øst & Łódź żółć ğüşiöç ŠĐČĆŽ Ľúbica ķļņ GmbH", contact="Þórður Ñandú"
    )
    words = _words(issue(customer=customer).pdf)
    assert customer.company in words
    assert customer.contact in words


def test_one_letter_fits_one_page_and_the_other_takes_two() -> None:
    """Nothing of the first template is wired into the code."""
    assert len(issue("remote-support.v1").letter.pages) == 1
    two = issue("data-backup.v1").letter.pages
    assert len(two) == 2
    assert sum(len(page.checkboxes) for page in two) == 3
    assert two[-1].signature is not None
    assert two[0].signature is None


def _dark(picture: NDArray[np.uint8], box: BoxMm) -> float:
    rows = slice(round(box.y0 * 10), round(box.y1 * 10))
    return float((picture[rows, round(box.x0 * 10) : round(box.x1 * 10)] < 128).mean())


def test_print_lies_where_the_geometry_says(issued: IssuedPdf) -> None:
    """Rendered by another program's engine, every anchor, square, frame and code is found in its place to 0.1 mm."""
    for page, own, picture in zip(
        issued.letter.pages, issued.form.pages, render_blank_pages(issued.pdf, DPI), strict=True
    ):
        for anchor in page.anchors_mm:
            assert _dark(picture, anchor.grown(-0.1)) == 1.0
            assert _dark(picture, anchor.grown(0.5)) < 0.75
        for checkbox in page.checkboxes:
            assert _dark(picture, checkbox.box_mm.grown(-checkbox.line_width_mm - 0.1)) == 0.0
            assert _dark(picture, checkbox.box_mm) > 0.15
        for box in page.codes_mm:
            modules = code_modules(own.code)
            side = round(box.width * 10)
            drawn = picture[round(box.y0 * 10) :, round(box.x0 * 10) :][:side, :side] < 128
            middles = ((np.arange(len(modules)) + 0.5) * side / len(modules)).astype(int)
            assert (drawn[np.ix_(middles, middles)] == modules).all()


def test_the_rooms_for_writing_hold_no_print(issued: IssuedPdf) -> None:
    """Where a pen is expected the page is white, and the rooms are large enough."""
    for page, picture in zip(issued.letter.pages, render_blank_pages(issued.pdf, DPI), strict=True):
        for room in _rooms(page):
            rows = slice(round(room.y0 * 10) + 1, round(room.y1 * 10) - 1)
            assert picture[rows, round(room.x0 * 10) + 1 : round(room.x1 * 10) - 1].min() > 250
        if page.signature is not None:
            assert page.signature.box_mm.width >= 80
            assert page.signature.box_mm.height >= 18


def _rooms(page: PageGeometry) -> list[BoxMm]:
    rooms = [field.box_mm for field in page.text_fields]
    return rooms if page.signature is None else [*rooms, page.signature.box_mm]


def test_no_line_of_text_lies_upon_another(issued: IssuedPdf) -> None:
    """Text keeps clear of text, boxes and frames, and inside the page's margins."""
    for page, own in zip(issued.letter.pages, issued.form.pages, strict=True):
        lines = [*page.text_lines, *own.text_lines]
        cores = [
            BoxMm(line.x_mm, line.baseline_mm - 1.5, line.x_mm + line.width_mm, line.baseline_mm) for line in lines
        ]
        for index, core in enumerate(cores):
            assert core.x1 <= 200
            assert core.x0 >= 20
            assert not any(core.intersects(other) for other in cores[index + 1 :])
            assert not any(core.intersects(box) for box in (*_rooms(page), *page.codes_mm, *page.anchors_mm))
            assert not any(core.intersects(checkbox.box_mm.grown(1)) for checkbox in page.checkboxes)


def test_the_address_shows_in_the_window_and_nothing_else_does() -> None:
    """The window of a DIN long envelope (form B) shows sender line and address, whole, and no page code."""
    issued = issue()
    window = BoxMm(20, 45, 105, 90)
    page, own = issued.letter.pages[0], issued.form.pages[0]
    shown = [line.text for line in (*page.text_lines, *own.text_lines) if window.intersects(line.box_mm)]
    assert shown[1:] == [CUSTOMER.company, CUSTOMER.contact, CUSTOMER.street, "10245 Berlin"]
    assert all(window.contains(line.box_mm) for line in (*page.text_lines, *own.text_lines) if line.text in shown)
    assert not any(window.intersects(box.grown(1)) for box in page.codes_mm)


def test_widgets_lie_on_their_printed_boxes(issued: IssuedPdf) -> None:
    """The kids' rectangles are the printed squares, in reading order; every widget has all its appearances."""
    with pikepdf.open(io.BytesIO(issued.pdf)) as pdf:
        assert "/NeedAppearances" not in pdf.Root.AcroForm
        assert str(pdf.Root.Lang) == issued.letter.language
        assert str(pdf.docinfo.Title) == issued.letter.title
        for pdf_page, page in zip(pdf.pages, issued.letter.pages, strict=True):
            widgets = list(pdf_page.obj.get("/Annots", []))
            expected = [checkbox.box_mm for checkbox in page.checkboxes] + _rooms(page)
            assert len(widgets) == len(expected)
            for widget, box in zip(widgets, expected, strict=True):
                x0, y0, x1, y1 = (pt_to_mm(float(value)) for value in widget.Rect)
                assert np.allclose((x0, 297 - y1, x1, 297 - y0), box, atol=0.05)
                assert str(widget.TU)
                normal = widget.AP.N
                states = {"/Off", *(f"/{c.option}" for c in page.checkboxes if c.box_mm == box)}
                assert isinstance(normal, pikepdf.Stream) or set(normal.keys()) == states


def test_fonts_are_embedded_and_subset(issued: IssuedPdf) -> None:
    """Every font that the page's print uses travels with the PDF, cut down to the letters used."""
    with pikepdf.open(io.BytesIO(issued.pdf)) as pdf:
        fonts = [obj for obj in pdf.objects if isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") == "/Font"]
        printed = [font for font in fonts if str(font.BaseFont) not in ("/Helvetica", "/ZapfDingbats")]
        assert printed
        assert all("+Lato" in str(font.BaseFont) and "/FontFile2" in font.FontDescriptor for font in printed)
        for page in pdf.pages:
            used = list(page.obj.Resources.get("/Font", {}).values())
            assert all("+Lato" in str(font.BaseFont) for font in used)


def test_the_same_issue_gives_the_same_bytes() -> None:
    """Issuing is repeatable: same customer, day and id, same PDF."""
    assert issue() == issue()


def test_two_issues_share_the_letter_and_nothing_else() -> None:
    """Each form has its own id and code; the letter's geometry is one."""
    first, second = (issuer().issue(CUSTOMER, issued_on=ISSUED_ON) for _ in range(2))
    assert first.letter is second.letter
    assert first.form.form_id != second.form.form_id
    assert first.form.pages[0].code != second.form.pages[0].code
    assert first.form.due_on == ISSUED_ON + timedelta(days=28)


def test_geometry_survives_storing(issued: IssuedPdf) -> None:
    """What is stored restores to the same form, and the letter's digest is stable."""
    assert form_from_json(form_to_json(issued.form)) == issued.form
    restored = letter_from_json(letter_to_json(issued.letter))
    assert restored == issued.letter
    assert restored.sha256() == issued.form.letter_sha256


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"company": "W" * 60}, "wider"),
        ({"company": "Gesellschaft für dies und das und noch vieles mehr " * 6}, "lines"),
        ({"street": "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenstraße 1"}, "wider"),
        ({"number": "W" * 32}, "lines"),
    ],
)
def test_what_does_not_fit_is_refused_and_never_cut(changes: dict[str, str], what: str) -> None:
    """A customer's words that find no room stop the issue, naming the customer and the remedy."""
    customer = replace(CUSTOMER, **changes)
    with pytest.raises(DoesNotFit, match=what) as refusal:
        issue(customer=customer)
    assert customer.number in str(refusal.value)
    assert "customer list" in str(refusal.value) or "shorter" in str(refusal.value)


def test_long_names_wrap_inside_the_window() -> None:
    """A long company name takes several lines; every word is still there."""
    name = "Verband der niederlausitzer Obst- und Gemüsebauern mit beschränkter Haftung und Compagnie"
    customer = replace(CUSTOMER, company=name)
    issued = issue(customer=customer)
    window = BoxMm(20, 45, 105, 90)
    lines = [line for line in issued.form.pages[0].text_lines if window.intersects(line.box_mm)]
    assert name.startswith(lines[0].text)
    text = " ".join(line.text for line in lines)
    assert text.startswith(f"{name} {CUSTOMER.contact}")
    assert all(window.contains(line.box_mm) for line in lines)


def test_dates_are_written_as_the_language_does() -> None:
    """German letters say 23.11.2026, English ones 23 November 2026."""
    customer = Customer("1", "A", "", "B 1", "10115", "Berlin", "", "")
    day = date(2026, 11, 23)
    assert "23.11.2026" in _words(issuer("remote-support.v1").issue(customer, issued_on=day).pdf)
    assert "23 November 2026" in _words(issuer("data-backup.v1").issue(customer, issued_on=day).pdf)


def test_an_office_zone_keeps_off_the_fields() -> None:
    """Ink in a field must never pass for the office's own: such a template is refused, naming the key."""
    template = load_template(TEMPLATES / "remote-support.v1.toml").template
    office = template.office.model_copy(update={"receipt_stamp_mm": BoxMm(20, 130, 60, 150)})
    with pytest.raises(LayoutError, match="receipt_stamp_mm"):
        lay_out(template.model_copy(update={"office": office}), "")


def test_laying_out_again_gives_the_same_geometry() -> None:
    """The layout has no hidden state: the same template is laid out the same."""
    loaded = load_template(TEMPLATES / "remote-support.v1.toml")
    assert lay_out(loaded.template, loaded.sha256) == issue().letter
    page = issue().letter.pages[0]
    assert mm_to_pt(page.width_mm) == pytest.approx(595.28, abs=0.01)
