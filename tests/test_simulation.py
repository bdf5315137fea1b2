"""The simulation: the same seed gives the same bytes, and the ink is where its truth says it is."""

from __future__ import annotations

import hashlib
import tomllib
from datetime import date
from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from numpy.typing import NDArray
from PIL import Image
from pypdf import PdfReader

from forms.issue_form import FormIssuer
from forms.issued_form import Customer, IssuedPdf
from forms.lay_out import lay_out
from forms.template import Template
from forms.units import BoxMm
from simulation.channels import PRESETS, Channel, Mode, Scan
from simulation.demo_post import FILES, LETTERS, first_post, second_post
from simulation.errors import CannotWriteError, NotAFormError
from simulation.files import Compression, to_jpeg, to_pdf, to_png, to_tiff
from simulation.handwriting import Writer, write
from simulation.issued_pdf import find_fields, render_blank
from simulation.marks import MarkShape
from simulation.on_screen import OnScreen, Placing, fill_on_screen
from simulation.pens import Pen
from simulation.people import (
    Act,
    Behaviour,
    FilledPages,
    Left,
    Mark,
    MarkBeside,
    MarkTruth,
    PrintFaxHeader,
    Sign,
    StampReceipt,
    StampSignature,
    StrikeOut,
    TakeBack,
    Trace,
    WriteField,
    WriteNote,
    fill_in,
)
from simulation.returns import PostedLetter, plain_return
from simulation.scenarios import filled_on_screen, stack
from simulation.signatures import HONEST_STYLES, SignatureStyle, sign
from simulation.strokes import bounds
from simulation.transmission import transmit

TEMPLATE = Path(__file__).parents[1] / "templates" / "remote-support.v1.toml"
DPI = 150
EVERYTHING = (
    Mark("A", MarkShape.CROSS),
    TakeBack("B"),
    WriteField("place", "Köln"),
    WriteField("date", "24.11.2026"),
    WriteField("name", "Jürgen Weißmüller"),
    Sign("Jürgen Weißmüller"),
    StampSignature(("Weber GmbH", "10179 Berlin")),
    WriteNote("nur nach Anruf!"),
    StrikeOut("B"),
    StampReceipt(("EINGEGANGEN", "24.11.2026")),
    PrintFaxHeader("24.11.2026 09:14 +49 30 5550123 S. 01/01"),
)


@pytest.fixture(scope="module")
def issued() -> IssuedPdf:
    """One form of the real letter."""
    data = TEMPLATE.read_bytes()
    template = Template.model_validate(tomllib.loads(data.decode()))
    issuer = FormIssuer(lay_out(template, hashlib.sha256(data).hexdigest()), template)
    customer = Customer("K-1001", "Müller GmbH", "", "Hauptstr. 1", "10245", "Berlin", "", "")
    return issuer.issue(customer, issued_on=date(2026, 11, 23), form_id="0123456789ABCDEF")


def _letters(issued: IssuedPdf, count: int) -> list[PostedLetter]:
    return [PostedLetter(f"K-{number}", issued.pdf, date(2026, 11, 23)) for number in range(count)]


def _rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def _filled(issued: IssuedPdf, *acts: Act, seed: int = 1) -> FilledPages:
    return fill_in(issued.pdf, Behaviour(acts), _rng(seed), DPI)


def _ink(filled: FilledPages, issued: IssuedPdf) -> NDArray[np.bool_]:
    """Where the page is darker than the blank one, shape (height, width)."""
    blank = render_blank(issued.pdf, DPI)[0].astype(int)
    darker: NDArray[np.bool_] = (blank - filled.pages[0]).max(axis=2) > 30
    return darker


def _inside(box: BoxMm) -> tuple[slice, slice]:
    x0, y0, x1, y1 = (max(0, round(value * DPI / 25.4)) for value in box)
    return slice(y0, y1), slice(x0, x1)


def _scan(mode: Mode = Mode.GREY, width: int = 400, x_dpi: int = 200, y_dpi: int = 200) -> Scan:
    """Make a small page with a dark corner at the top left."""
    image = np.full((600, width), 255, np.uint8)
    image[:100, :100] = 0
    if mode is Mode.COLOUR:
        image = np.repeat(image[..., None], 3, axis=2)
    return Scan(image, x_dpi, y_dpi, 85, bilevel=mode is Mode.BILEVEL)


def test_fields_are_found_where_the_form_has_them(issued: IssuedPdf) -> None:
    """The PDF alone says where the boxes and fields are, within 0.3 mm of the issued geometry."""
    fields = find_fields(issued.pdf)
    page = issued.letter.pages[0]
    for checkbox in page.checkboxes:
        assert np.allclose(fields.options[checkbox.option].box_mm, checkbox.box_mm, atol=0.3)
    for field in page.text_fields:
        assert np.allclose(fields.texts[field.name].box_mm, field.box_mm, atol=0.3)
    assert page.signature is not None
    assert np.allclose(fields.signature.box_mm, page.signature.box_mm, atol=0.3)


def test_pdf_without_fields_is_refused() -> None:
    """A PDF that is no form gives a clear error, not a page filled in somewhere."""
    with pytest.raises(NotAFormError, match="issue the form anew"):
        find_fields(to_pdf([_scan()]))


def test_same_seed_gives_same_bytes(issued: IssuedPdf) -> None:
    """A return can be made again from its seed alone, and another seed gives another one."""
    letter = _letters(issued, 1)[0]
    channels = [PRESETS["office-150"], PRESETS["bilevel-200"]]
    first, again, other = (plain_return(letter, channels, _rng(seed)) for seed in (7, 7, 8))
    assert first == again
    assert first.data != other.data


def test_truth_names_everything_that_was_done(issued: IssuedPdf) -> None:
    """The truth sums the behaviour up: marks by option, signature, texts, additions."""
    truth = _filled(issued, *EVERYTHING).truth
    assert truth.marks == {"A": MarkTruth.MARKED, "B": MarkTruth.CORRECTED}
    assert truth.signed
    assert truth.texts == {"place": "Köln", "date": "24.11.2026", "name": "Jürgen Weißmüller"}
    kinds = {left.trace for left in truth.additions}
    assert kinds == {Trace.NOTE, Trace.STRIKE_OUT, Trace.RECEIPT_STAMP, Trace.FAX_HEADER}


def test_stamp_alone_is_no_signature(issued: IssuedPdf) -> None:
    """A stamped and unsigned form counts as unsigned."""
    assert not _filled(issued, StampSignature(("Weber GmbH",))).truth.signed


def test_all_ink_lies_where_the_truth_says(issued: IssuedPdf) -> None:
    """Outside the boxes of the truth the page is the blank page, and every box holds ink."""
    filled = _filled(issued, *EVERYTHING)
    ink = _ink(filled, issued)
    for left in filled.truth.left:
        assert ink[_inside(left.box_mm)].any(), left
    for left in filled.truth.left:
        ink[_inside(left.box_mm.grown(0.6))] = False
    assert not ink.any()


@pytest.mark.parametrize("shape", [shape for shape in MarkShape if shape is not MarkShape.CIRCLE])
@pytest.mark.parametrize("option", ["A", "B"])
def test_mark_is_in_its_own_box(issued: IssuedPdf, shape: MarkShape, option: str) -> None:
    """Every shape of mark puts ink into the square of its option and none into the other's."""
    ink = _ink(_filled(issued, Mark(option, shape)), issued)
    for name, place in find_fields(issued.pdf).options.items():
        assert ink[_inside(place.box_mm.grown(-0.6))].any() == (name == option)


@pytest.mark.parametrize("act", [MarkBeside("A"), Mark("A", MarkShape.CIRCLE)])
def test_mark_outside_the_box_leaves_it_empty(issued: IssuedPdf, act: Act) -> None:
    """A cross beside the box or a circle around it leaves the box's inside white, and the truth says so."""
    filled = _filled(issued, act)
    assert filled.truth.marks["A"] is MarkTruth.BESIDE
    assert not _ink(filled, issued)[_inside(find_fields(issued.pdf).options["A"].box_mm.grown(-0.4))].any()


@pytest.mark.parametrize("seed", range(5))
def test_taken_back_box_is_filled(issued: IssuedPdf, seed: int) -> None:
    """A corrected box is blackened nearly everywhere, whatever the hand."""
    ink = _ink(_filled(issued, TakeBack("A"), seed=seed), issued)
    assert ink[_inside(find_fields(issued.pdf).options["A"].box_mm.grown(-0.5))].mean() > 0.8


@pytest.mark.parametrize("style", SignatureStyle)
def test_signature_keeps_to_its_style(style: SignatureStyle) -> None:
    """Honest signatures stay in the field; crossing and huge ones reach beyond it."""
    field = BoxMm(25, 255, 119, 284)
    boxes = [bounds(sign("Anna Weber", style, field, _rng(seed))) for seed in range(40)]
    if style in HONEST_STYLES:
        assert all(field.contains(box) for box in boxes)
    else:
        assert sum(not field.contains(box) for box in boxes) > 20


def test_hand_writes_every_german_letter_and_refuses_others() -> None:
    """All letters, digits and signs of German names can be written; an unknown one is an error, never dropped."""
    text = "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz ÄÖÜäöüß 0123456789 .,-"
    assert len(write(text, Writer(), _rng())) > 70
    with pytest.raises(CannotWriteError, match="№"):
        write("№ 5", Writer(), _rng())


def test_skipping_pen_leaves_less_ink(issued: IssuedPdf) -> None:
    """A dry pen leaves gaps."""
    dry, wet = (_ink(_filled(issued, Mark("A", pen=Pen(skipping=skip))), issued).sum() for skip in (0.5, 0.0))
    assert dry < 0.8 * wet


@pytest.mark.parametrize("name", ["office-100", "colour-200", "bilevel-300", "fax-standard", "fax-fine", "turned"])
def test_scan_has_resolution_and_colours_of_its_channel(issued: IssuedPdf, name: str) -> None:
    """Every preset gives the size, the colours and the two values of a bilevel scan that it states."""
    channel = PRESETS[name]
    assert isinstance(channel, Channel)
    scan = transmit(_filled(issued, Mark("A")), channel, _rng())[0]
    assert {scan.x_dpi, scan.y_dpi} == {channel.x_dpi, channel.y_dpi}
    assert scan.image.ndim == (3 if channel.mode is Mode.COLOUR else 2)
    if channel.mode is Mode.BILEVEL:
        assert set(np.unique(scan.image)) == {0, 255}
    if channel.fax:
        assert scan.image.shape[1] == 1728


def test_upside_down_scan_is_the_page_turned(issued: IssuedPdf) -> None:
    """Orientation turns the whole picture: turned back, it is the scan of the upright page."""
    filled = _filled(issued, Mark("A"))
    upright = transmit(filled, Channel(), _rng())[0].image
    turned = transmit(filled, Channel(orientations=(180,)), _rng())[0].image
    assert np.array_equal(upright, turned[::-1, ::-1])


def test_photo_is_upright_once_its_exif_tag_is_obeyed(issued: IssuedPdf) -> None:
    """A photo's file is a JPEG whose EXIF tag turns it upright: higher than wide."""
    for seed in range(3):
        scan = transmit(_filled(issued, Mark("A")), PRESETS["photo"], _rng(seed))[0]
        with Image.open(BytesIO(to_jpeg(scan))) as photo:
            orientation = photo.getexif()[0x0112]
            assert orientation == scan.exif_orientation
            assert (photo.width > photo.height) == (orientation in (6, 8))


@pytest.mark.parametrize(
    ("mode", "compression", "image_filter"),
    [
        (Mode.GREY, Compression.JPEG, "/DCTDecode"),
        (Mode.COLOUR, Compression.FLATE, "/FlateDecode"),
        (Mode.BILEVEL, Compression.FLATE, "/FlateDecode"),
        (Mode.BILEVEL, Compression.CCITT_G4, "/CCITTFaxDecode"),
    ],
)
def test_pdf_holds_one_image_a_page(mode: Mode, compression: Compression, image_filter: str) -> None:
    """A scanned PDF has the right pages, page size and compression, and shows the picture the right way round."""
    data = to_pdf([_scan(mode), _scan(mode)], compression)
    with pikepdf.open(BytesIO(data)) as document:
        assert len(document.pages) == 2
        (image,) = document.pages[0].Resources.XObject.values()
        assert image_filter in str(image.get("/Filter"))
    assert [float(value) for value in PdfReader(BytesIO(data)).pages[0].mediabox] == [0, 0, 144, 216]
    shown = pdfium.PdfDocument(data)[0].render(grayscale=True).to_numpy()
    assert shown[10, 10] < 40 < 220 < shown[150, 100]


def test_tiff_keeps_pages_compression_and_uneven_resolution() -> None:
    """A fax is a multi-page group 4 TIFF with its two resolutions."""
    with Image.open(BytesIO(to_tiff([_scan(Mode.BILEVEL, x_dpi=204, y_dpi=98)] * 3))) as tiff:
        assert tiff.n_frames == 3  # type: ignore[attr-defined]
        for page in range(3):
            tiff.seek(page)
            assert (tiff.mode, tiff.info["compression"], tiff.info["dpi"]) == ("1", "group4", (204, 98))


def test_jpeg_and_png_state_their_resolution() -> None:
    """Single pictures carry their resolution; a bilevel PNG has one bit a pixel."""
    with Image.open(BytesIO(to_jpeg(_scan()))) as jpeg:
        assert (jpeg.format, jpeg.mode, jpeg.info["dpi"]) == ("JPEG", "L", (200, 200))
    with Image.open(BytesIO(to_png(_scan(Mode.BILEVEL)))) as png:
        assert (png.format, png.mode) == ("PNG", "1")
        assert png.info["dpi"] == pytest.approx((200, 200), abs=0.1)


@pytest.mark.parametrize("placing", Placing)
def test_on_screen_form_has_values_and_a_visible_signature(issued: IssuedPdf, placing: Placing) -> None:
    """Filled in on screen: values can be read, the choice shows, NeedAppearances stays unset, the signature is ink."""
    what = OnScreen("B", {"place": "Köln", "name": "Jürgen"}, "Jürgen Weißmüller", placing)
    data = fill_on_screen(issued.pdf, what, _rng())
    assert data == fill_on_screen(issued.pdf, what, _rng())
    fields = PdfReader(BytesIO(data)).get_fields() or {}
    assert (fields["variant"]["/V"], fields["place"]["/V"], fields["name"]["/V"]) == ("/B", "Köln", "Jürgen")
    with pikepdf.open(BytesIO(data)) as document:
        assert not document.Root.AcroForm.get("/NeedAppearances", False)
    page = render_blank(data, DPI)[0]
    places = find_fields(data)
    for box in (places.options["B"].box_mm.grown(-0.6), places.texts["place"].box_mm, places.signature.box_mm):
        assert page[_inside(box)].min() < 120
    assert page[_inside(places.options["A"].box_mm.grown(-0.6))].min() > 240


def test_stack_says_which_page_is_whose(issued: IssuedPdf) -> None:
    """Three returns in one file: three pages, each with its own letter and truth."""
    letters = _letters(issued, 3)
    arrival = stack(letters, _rng())
    with pikepdf.open(BytesIO(arrival.data)) as document:
        assert len(document.pages) == arrival.page_count == 3
    assert [(item.key, item.pages) for item in arrival.returns] == [("K-0", (1,)), ("K-1", (2,)), ("K-2", (3,))]


def test_demo_leaves_two_letters_unanswered(issued: IssuedPdf) -> None:
    """Ten of the twelve letters come back, no two files share a name, and something foreign is among them."""
    letters = _letters(issued, LETTERS)
    arrivals = [*first_post(letters, 1), *second_post(letters, 1)]
    assert {item.key for file in arrivals for item in file.returns} == {letter.key for letter in letters[:-2]}
    assert len({file.file_name for file in arrivals}) == len(arrivals) == FILES
    assert any(not file.returns for file in arrivals)


def test_unsigned_on_screen_is_unsigned(issued: IssuedPdf) -> None:
    """A form filled in on screen without a picture of the signature says so."""
    arrival = filled_on_screen(_letters(issued, 1)[0], _rng(), signed=False)
    assert not arrival.returns[0].truth.signed
    assert render_blank(arrival.data, DPI)[0][_inside(find_fields(issued.pdf).signature.box_mm)].min() > 240


def test_left_box_lies_on_the_stated_page(issued: IssuedPdf) -> None:
    """Pages in the truth count from 1."""
    (left,) = _filled(issued, Mark("A")).truth.left
    assert isinstance(left, Left)
    assert left.page == 1
