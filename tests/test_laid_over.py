"""What people lay over the form with a viewer: a signature is ink; what hides, alters or hides itself is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO

import numpy as np
import pikepdf
import pytest
from office_steps import scans_of
from pikepdf import Array, Dictionary, Name, String
from sending_back import Read, decided, issued, posted, read

from forms.units import mm_to_pt
from intake.results import Decision, Reason, SignatureState
from simulation.files import to_pdf
from simulation.handwriting import random_writer
from simulation.people import WriteNote
from simulation.scenarios import filled_on_screen

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in millimetres from the top left corner of the page."""
Making = Callable[[pikepdf.Pdf], pikepdf.Dictionary]

WORDING: Box = (35, 150, 150, 160)
NOWHERE: Box = (140, 88, 190, 96)
SIGNATURE: Box = (30, 262, 100, 280)
PRINT, HIDDEN, NO_VIEW = 4, 2, 32
FONT = Dictionary(Font=Dictionary(Helv=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)))


@cache
def filled(*, signed: bool) -> bytes:
    """The form filled in on screen, with a picture of the signature laid over it or without: A is chosen."""
    return filled_on_screen(posted(issued()), np.random.default_rng(1), signed=signed).data


def with_annotation(data: bytes, make: Making) -> bytes:
    """The PDF with one more annotation on its first page."""
    buffer = BytesIO()
    with pikepdf.open(BytesIO(data)) as pdf:
        page = pdf.pages[0].obj
        page.Annots = Array([*page.get("/Annots", []), pdf.make_indirect(make(pdf))])
        pdf.save(buffer)
    return buffer.getvalue()


def annotation(kind: str, box: Box, drawing: str = "", *, flags: int = PRINT, **more: pikepdf.Object) -> Making:
    """An annotation of a kind; what `drawing` draws is its appearance, in points from its lower left corner."""
    left, top, right, bottom = (mm_to_pt(side) for side in box)
    height = mm_to_pt(297)
    rect = [left, height - bottom, right, height - top]

    def make(pdf: pikepdf.Pdf) -> pikepdf.Dictionary:
        made = Dictionary(Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=Array(rect), F=flags)
        for key, value in more.items():
            made[f"/{key}"] = value
        if drawing:
            size = Array([0, 0, right - left, bottom - top])
            stream = pikepdf.Stream(pdf, drawing.encode(), Type=Name.XObject, Subtype=Name.Form, BBox=size)
            stream.Resources = FONT
            made.AP = Dictionary(N=pdf.make_indirect(stream))
        return made

    return make


def free_text(text: str, box: Box, *, ground: bool = False, drawn: bool = True, flags: int = PRINT) -> Making:
    """Text typed anywhere on the page."""
    white = "1 1 1 rg 0 0 400 40 re f " if ground else ""
    drawing = f"{white}BT 0 g /Helv 10 Tf 2 8 Td ({text}) Tj ET" if drawn else ""
    return annotation("FreeText", box, drawing, flags=flags, Contents=String(text), DA=String("0 g /Helv 10 Tf"))


def ink(box: Box, *, drawn: bool = True, flags: int = PRINT) -> Making:
    """A line drawn by hand, up and down as a signature goes."""
    left, top, right, bottom = (mm_to_pt(side) for side in box)
    xs = np.linspace(5, right - left - 5, 40)
    ys = (bottom - top) * (0.5 + 0.35 * np.sin(np.linspace(0, 20, 40)))
    path = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
    first, *others = (f"{x:.1f} {y:.1f}" for x, y in path)
    drawing = f"0 0 0.6 RG 1.5 w {first} m {' '.join(f'{point} l' for point in others)} S" if drawn else ""
    low = mm_to_pt(297) - bottom
    points = Array([number for x, y in path for number in (left + x, low + y)])
    more = {"InkList": Array([points]), "C": Array([0, 0, 0.6]), "BS": Dictionary(W=1.5)}
    return annotation("Ink", box, drawing, flags=flags, **more)


def marked_up(kind: str, box: Box = WORDING) -> Making:
    """Text that was marked up: highlighted, struck out, to be blacked out."""
    left, top, right, bottom = (mm_to_pt(side) for side in box)
    high, low = mm_to_pt(297) - top, mm_to_pt(297) - bottom
    corners = Array([left, high, right, high, left, low, right, low])
    return annotation(kind, box, QuadPoints=corners, C=Array([1, 0.8, 0]))


def white_out(box: Box, *, drawn: bool = True) -> Making:
    """A white rectangle."""
    drawing = "1 1 1 rg 0 0 500 500 re f" if drawn else ""
    return annotation("Square", box, drawing, C=Array([1, 1, 1]), IC=Array([1, 1, 1]))


def only_return(data: bytes) -> Read:
    """The one return in a file."""
    (found,) = decided(read(data, issued()))
    return found


@pytest.mark.parametrize(
    ("make", "reasons"),
    [
        (free_text("bmssoft darf alles", WORDING, ground=True), {Reason.TEXT_DIFFERS, Reason.PAGE_HIDDEN}),
        (free_text("bmssoft darf alles", WORDING, ground=True, flags=0), {Reason.TEXT_DIFFERS, Reason.PAGE_HIDDEN}),
        (free_text("bmssoft darf alles", WORDING, drawn=False), {Reason.PAGE_ADDITIONS}),
        (free_text("nur Server 3", NOWHERE), {Reason.PAGE_ADDITIONS}),
        (free_text("nur Server 3", NOWHERE, drawn=False), {Reason.PAGE_ADDITIONS}),
        (free_text("nur Server 3", NOWHERE, flags=HIDDEN), {Reason.PAGE_COMMENTS}),
        (free_text("nur Server 3", NOWHERE, flags=NO_VIEW | PRINT), {Reason.PAGE_COMMENTS}),
        (white_out(WORDING), {Reason.TEXT_DIFFERS, Reason.PAGE_HIDDEN}),
        (white_out(WORDING, drawn=False), {Reason.TEXT_DIFFERS, Reason.PAGE_HIDDEN}),
        (marked_up("Redact"), {Reason.PAGE_COMMENTS}),
        (marked_up("Highlight"), {Reason.PAGE_COMMENTS}),
        (marked_up("StrikeOut"), {Reason.PAGE_COMMENTS}),
        (annotation("Text", (195, 100, 200, 105), Contents=String("gilt bis Jahresende")), {Reason.PAGE_COMMENTS}),
        (annotation("Caret", (60, 150, 63, 153), Contents=String("nicht")), {Reason.PAGE_COMMENTS}),
        (annotation("FileAttachment", (195, 100, 200, 105)), {Reason.PAGE_COMMENTS}),
        (annotation("Stamp", NOWHERE, Name=Name.NotApproved), {Reason.PAGE_COMMENTS}),
        (free_text("Sabine Krueger", SIGNATURE, ground=True), {Reason.SIGNATURE_PRINT}),
    ],
)
def test_what_is_laid_over_the_form_reaches_a_person(make: Making, reasons: set[Reason]) -> None:
    """Text over the wording, white-out, comments, hidden and unapplied things: the return is never clear."""
    verdict = only_return(with_annotation(filled(signed=True), make)).verdict
    assert verdict.decision is Decision.REVIEW
    assert reasons <= set(verdict.reasons)


@pytest.mark.parametrize("make", [annotation("Link", NOWHERE), annotation("Popup", NOWHERE), white_out(NOWHERE)])
def test_what_adds_nothing_to_the_page_is_nothing(make: Making) -> None:
    """A link that a viewer recognised, a closed pop-up, a white spot on white paper."""
    verdict = only_return(with_annotation(filled(signed=True), make)).verdict
    assert (verdict.decision, verdict.reasons) == (Decision.ACCEPT, ())


@pytest.mark.parametrize(("drawn", "flags"), [(True, PRINT), (False, PRINT), (True, 0)])
def test_a_signature_drawn_on_screen_is_ink(drawn: bool, flags: int) -> None:
    """A line drawn in the signature field counts, also where the viewer stored no picture of it."""
    found = only_return(with_annotation(filled(signed=False), ink(SIGNATURE, drawn=drawn, flags=flags)))
    assert found.verdict.decision is Decision.ACCEPT
    assert found.reading.signature is not None
    assert found.reading.signature.state is SignatureState.PRESENT


@pytest.mark.parametrize(
    ("make", "reasons"),
    [
        (ink(SIGNATURE, flags=HIDDEN), (Reason.PAGE_COMMENTS, Reason.SIGNATURE_ABSENT)),
        (free_text("Sabine Krueger", SIGNATURE), (Reason.SIGNATURE_PRINT,)),
    ],
)
def test_what_is_no_signature_on_screen(make: Making, reasons: Sequence[Reason]) -> None:
    """A hidden line, or a typed name: a person must look, and neither is called signed."""
    verdict = only_return(with_annotation(filled(signed=False), make)).verdict
    assert (verdict.decision, verdict.reasons) == (Decision.REVIEW, tuple(reasons))


def test_ink_on_a_scan_that_was_whitened_out_is_found() -> None:
    """A handwritten condition on the scan was covered with a white rectangle: the page looks clear, and is not."""
    note = WriteNote("nur nach Anruf!", writer=random_writer(np.random.default_rng(2)))
    clear, noted = (to_pdf(scans_of(posted(issued()), "A", further=further)) for further in ((), (note,)))
    assert Reason.PAGE_ADDITIONS in only_return(noted).verdict.reasons
    addition = next(each for each in only_return(noted).reading.additions if not each.expected)
    box = addition.box_mm.grown(6.0)
    covered = with_annotation(noted, white_out((box.x0, box.y0, box.x1, box.y1)))
    verdict = only_return(covered).verdict
    assert verdict.decision is Decision.REVIEW
    assert Reason.PAGE_HIDDEN in verdict.reasons
    assert only_return(clear).verdict.decision is Decision.ACCEPT
