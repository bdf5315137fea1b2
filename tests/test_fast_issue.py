"""The fast way to make a letter against the plain one: the same to every eye and program, only sooner."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from letters import CUSTOMER, FORM_ID, issue, issuer

from forms.blank_page import render_blank_pages
from forms.errors import DoesNotFit
from forms.glyphs import undrawable
from forms.issued_form import Customer, IssuedPdf
from forms.page_code import ALPHABET
from forms.repertoire import REPERTOIRE
from forms.stamp import stamp

NAMES = ["remote-support.v1", "data-backup.v1"]
TOLERANCE = 2
"""Grey levels of 255: the two ways round coordinates in other decimal places."""

WITHIN = {
    "as usual": CUSTOMER,
    "long": replace(
        CUSTOMER,
        number="K-1234567890.ABCDEFGHIJ_abcdef32",
        company="Verband der niederlausitzer Obst- und Gemüsebauern mit beschränkter Haftung und Compagnie",
        contact="",
        country="Österreich",
    ),
    "diacritics": replace(CUSTOMER, company="Øst & Łódź żółć ğüşiöç ŠĐČĆŽ ķļņ ẞß GmbH", contact="Þórður Ñandú Őry"),
    "syntax": replace(
        CUSTOMER, company=r"(a) b) ((c \ \) \051 \n <d> >> [/e] {f} %g", contact="1 0 R endstream endobj"
    ),
    "no-break space": replace(CUSTOMER, company="Müller\xa0& Co\xa0KG", contact="Dr.\xa0 Li"),
}
BEYOND = {
    "Cyrillic": "Иван Петров",
    "Greek": "Αθήνα ΑΕ",
    "Vietnamese": "Nguyễn Thị Hằng",
    "right to left": "חברה בע״מ",
    "direction marks": "abc\u202edef\u202c",
    "control characters": "a\x00b\x07c\x1bd\x7f",
    "line break": "a\nb\r\nc",
    "soft hyphen": "Donau\xaddampf",
    "combining accent": "Zu\u0308rich",
    "not in the font": "東京 ☎ \U0001f600",
    "no character": "\ufffe\U0010ffff",
}


def _plain(issued: IssuedPdf) -> bytes:
    """The same issue as the plain way makes it."""
    template = f"{issued.letter.template}.v{issued.letter.version}"
    return stamp(issuer(template).static_pdf, issued.letter.pages, issued.form.pages)


def _is_fast(issued: IssuedPdf) -> bool:
    return issued.pdf != _plain(issued)


@pytest.fixture(scope="module", params=[(name, kind) for name in NAMES for kind in WITHIN], ids="-".join)
def issued(request: pytest.FixtureRequest) -> IssuedPdf:
    """A letter made the fast way, of each template for each kind of customer."""
    name, kind = request.param
    issued = issue(name, WITHIN[kind])
    assert _is_fast(issued)
    return issued


def _furthest(one: bytes, other: bytes, dpi: float) -> int:
    """The greatest difference between two PDFs' pages, in grey levels."""
    pairs = zip(render_blank_pages(one, dpi), render_blank_pages(other, dpi), strict=True)
    return max(int(np.abs(first.astype(np.int16) - second).max()) for first, second in pairs)


@pytest.mark.parametrize("dpi", [100.0, 254.0])
def test_both_ways_look_the_same(issued: IssuedPdf, dpi: float) -> None:
    """Rendered, every pixel of every page is the same."""
    assert _furthest(issued.pdf, _plain(issued), dpi) <= TOLERANCE


def test_another_letter_would_be_seen() -> None:
    """The comparison is sharp: a form id that differs in one character differs in black and white."""
    one, other = issue().pdf, issue(form_id=FORM_ID[:-1] + "M").pdf
    assert _furthest(one, other, 100.0) > 200


def test_both_ways_say_the_same(issued: IssuedPdf) -> None:
    """An independent program extracts the same text, and in it every line of the customer's own."""
    texts = [
        subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
        for pdf in (issued.pdf, _plain(issued))
    ]
    assert texts[0] == texts[1]
    words = " ".join(texts[0].split())
    for page in issued.form.pages:
        assert all(" ".join(line.text.split()) in words for line in page.text_lines)


def test_both_ways_have_the_same_fields(issued: IssuedPdf) -> None:
    """The form, its widgets on every page, the language, the title and the size of the pages are alike."""
    fast, plain = (_described(pdf) for pdf in (issued.pdf, _plain(issued)))
    assert fast == plain
    assert len(fast["fields"]) == 5


def _described(pdf: bytes) -> dict[str, list[str]]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        widgets = [widget for page in document.pages for widget in page.obj.get("/Annots", [])]
        return {
            "fields": [str(field.T) for field in document.Root.AcroForm.Fields],
            "widgets": [_entries(widget) for widget in widgets],
            "form": [_entries(document.Root.AcroForm.DR), str(document.Root.AcroForm.DA)],
            "document": [
                str(document.Root.Lang),
                _entries(document.Root.ViewerPreferences),
                _entries(document.docinfo),
            ],
            "pages": [f"{page.mediabox} {page.obj.Tabs}" for page in document.pages if "/Tabs" in page.obj],
        }


def _entries(thing: pikepdf.Object, depth: int = 0) -> str:
    """Spell an object out, references followed, except those that lead back up."""
    if isinstance(thing, pikepdf.Stream):
        return f"{_entries(thing.stream_dict, depth)} {thing.read_bytes()!r}"
    if isinstance(thing, pikepdf.Dictionary):
        down = (key for key in sorted(thing.keys()) if key not in ("/P", "/Parent", "/Length", "/Filter"))
        return "".join(f"{key} {_entries(thing[key], depth + 1)} " for key in down)
    if isinstance(thing, pikepdf.Array):
        return "".join(f"{_entries(item, depth + 1)} " for item in thing)
    return repr(thing)


def test_qpdf_finds_nothing_to_complain_of(issued: IssuedPdf, tmp_path: Path) -> None:
    """The file is well-formed throughout, and every object in it is used."""
    path = tmp_path / "letter.pdf"
    path.write_bytes(issued.pdf)
    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    with pikepdf.open(io.BytesIO(issued.pdf)) as pdf:
        count = len(pdf.objects)
        buffer = io.BytesIO()
        pdf.save(buffer, object_stream_mode=pikepdf.ObjectStreamMode.preserve)
    with pikepdf.open(buffer) as pdf:
        assert len(pdf.objects) == count


@pytest.mark.parametrize("kind", BEYOND)
@pytest.mark.parametrize("column", ["company", "contact"])
def test_other_characters_take_the_plain_way(kind: str, column: str) -> None:
    """A customer whose words need more than the letter's fonts carry gets the letter that the plain way makes."""
    issued = issue(customer=replace(CUSTOMER, **{column: BEYOND[kind]}))
    assert issued.pdf == _plain(issued)
    assert not _is_fast(issued)


@pytest.mark.parametrize("kind", ["Cyrillic", "Greek", "Vietnamese"])
def test_the_plain_way_prints_what_the_fast_one_cannot(kind: str) -> None:
    """A name in another script that the font knows stands in the letter word for word."""
    issued = issue(customer=replace(CUSTOMER, company=BEYOND[kind]))
    text = subprocess.run(["pdftotext", "-raw", "-", "-"], input=issued.pdf, capture_output=True, check=True)
    assert BEYOND[kind] in text.stdout.decode()


def test_the_fonts_carry_the_whole_repertoire() -> None:
    """Both templates leave room for all of it, no character stands in it twice, and the fonts know each."""
    for characters in REPERTOIRE.values():
        assert len(set(characters)) == len(characters)
        assert undrawable(characters) == ()
    characters = REPERTOIRE["regular"]
    for name in NAMES:
        for start in range(0, len(characters), 20):
            some = characters[start : start + 20]
            assert _is_fast(issue(name, replace(CUSTOMER, city=some))), some


@given(number=st.integers(1, 10**6), form_id=st.text(ALPHABET, min_size=16, max_size=16))
@settings(max_examples=20, deadline=None)
def test_the_same_issue_gives_the_same_bytes_and_another_gives_others(number: int, form_id: str) -> None:
    """A file follows from its issue alone; its identifier changes with the content."""
    customer = replace(CUSTOMER, number=str(number))
    first, again = (issue(customer=customer, form_id=form_id) for _ in range(2))
    assert first.pdf == again.pdf
    other = issue(customer=replace(customer, number=f"{number}-"), form_id=form_id)
    assert _file_id(first.pdf) != _file_id(other.pdf)


def _file_id(pdf: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return bytes(document.trailer.ID[0])


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.text(
    REPERTOIRE["regular"] + " ", max_size=25
)


@given(company=WORDS.filter(str.strip), contact=WORDS, street=WORDS, country=WORDS)
@settings(max_examples=40, deadline=None)
def test_any_name_comes_out_the_same_both_ways(company: str, contact: str, street: str, country: str) -> None:
    """Whatever a customer is called: the letter is refused for want of room, or both ways draw and say the same."""
    customer = Customer("K-1", company, contact, street, "10245", "Berlin", country, "")
    try:
        issued = issue(customer=customer)
    except DoesNotFit:
        return
    plain = _plain(issued)
    if not _is_fast(issued):
        assert issued.pdf == plain
        return
    assert _furthest(issued.pdf, plain, 100.0) <= TOLERANCE
    assert _text(issued.pdf) == _text(plain)


def _text(pdf: bytes) -> str:
    document = pdfium.PdfDocument(pdf)
    try:
        return "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_the_fast_way_makes_smaller_files() -> None:
    """Carrying the repertoire costs less than a second set of fonts would."""
    issued = issue()
    assert len(issued.pdf) < 55_000
    assert len(issued.pdf) < len(_plain(issued))
