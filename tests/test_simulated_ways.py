"""What people, printers, paper and lines do beyond the plain: each leaves what it says, where it says, and no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sending_back import issued, posted

from forms.units import BoxMm, mm_to_px
from simulation.alterations import (
    CircleWord,
    CoverLines,
    CoverWord,
    InsertMark,
    PasteStrip,
    PrintWord,
    StrikeWord,
    TinyMark,
    UnderlineWord,
    WriteBesideSignature,
    WriteInArea,
    WriteOver,
)
from simulation.channels import PRESETS, STORIES, Channel, Mode, Photo
from simulation.conduct import any_pen
from simulation.deviations import (
    CircleHeading,
    PointTo,
    SignElsewhere,
    StrikeMark,
    WriteAnywhere,
    WriteBeside,
    WriteBetweenLines,
    WriteNameAsSignature,
)
from simulation.issued_pdf import find_fields, render_blank
from simulation.paper import Picture
from simulation.people import Act, Behaviour, FilledPages, Trace, Truth, fill_in
from simulation.printer import INK_JET, WORN_LASER, Printer, print_out
from simulation.returns import plain_return
from simulation.transmission import transmit
from simulation.wear import Wear, wear_out

DPI = 150
DEVIATIONS = (
    (StrikeMark("A"), Trace.CORRECTION),
    (PointTo("B"), Trace.NOTE),
    (WriteBeside("B"), Trace.NOTE),
    (CircleHeading("A"), Trace.CIRCLE),
    (WriteAnywhere("nur nach Anruf!"), Trace.NOTE),
    (WriteBetweenLines("A", "ohne Server"), Trace.NOTE),
    (WriteNameAsSignature("Uwe Böhm"), Trace.BLOCK_LETTERS),
    (SignElsewhere("Uwe Böhm"), Trace.SIGNATURE_ELSEWHERE),
    (StrikeWord("A"), Trace.STRIKE_OUT),
    (UnderlineWord("A"), Trace.NOTE),
    (CircleWord("B"), Trace.CIRCLE),
    (WriteOver("B"), Trace.STRIKE_OUT),
    (InsertMark("A", "nicht"), Trace.NOTE),
    (TinyMark("B"), Trace.NOTE),
    (WriteInArea("nein", BoxMm(46, 9, 120, 26)), Trace.NOTE),
    (WriteBesideSignature("ohne Server"), Trace.NOTE),
)
COVERINGS = (
    (CoverWord("A"), Trace.COVERED),
    (CoverWord("A", letter_only=True), Trace.COVERED),
    (CoverLines("B", shadow=0.0), Trace.COVERED),
    (PasteStrip("B"), Trace.COVERED),
    (PrintWord("A"), Trace.PRINTED),
)


def rng(seed: int = 1) -> np.random.Generator:
    """A source of chance."""
    return np.random.default_rng(seed)


def blank() -> Picture:
    """The letter as it is printed."""
    return render_blank(issued().pdf, DPI)[0]


def darker(page: Picture) -> NDArray[np.bool_]:
    """Where a page is darker than the letter was printed, shape (height, width)."""
    more: NDArray[np.bool_] = (blank().astype(int) - page).max(axis=2) > 30
    return more


def inside(box: BoxMm) -> tuple[slice, slice]:
    """The pixels of a box."""
    x0, y0, x1, y1 = (max(0, round(mm_to_px(value, DPI))) for value in box)
    return slice(y0, y1), slice(x0, x1)


def sheet(page: Picture) -> FilledPages:
    """A page as if somebody had filled it in."""
    return FilledPages((page,), DPI, Behaviour(), Truth({}, signed=False, texts={}, left=()))


@pytest.mark.parametrize(("act", "trace"), DEVIATIONS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_deviation_leaves_its_ink_where_it_says(act: Act, trace: Trace, seed: int) -> None:
    """All the ink lies in the box that the truth names, and there is some; it signs and marks nothing by the way."""
    filled = fill_in(issued().pdf, Behaviour((act,)), rng(seed), DPI)
    (left,) = filled.truth.left
    assert left.trace is trace
    ink = darker(filled.pages[0])
    assert ink[inside(left.box_mm)].sum() > 60
    ink[inside(left.box_mm.grown(0.5))] = False
    assert not ink.any()
    assert not filled.truth.signed
    assert "marked" not in {mark.value for mark in filled.truth.marks.values()}


@pytest.mark.parametrize(("act", "trace"), COVERINGS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_covering_changes_the_print_where_it_says(act: Act, trace: Trace, seed: int) -> None:
    """Print vanishes, or other print appears, in the box that the truth names and nowhere else."""
    filled = fill_in(issued().pdf, Behaviour((act,)), rng(seed), DPI)
    (left,) = filled.truth.left
    assert left.trace is trace
    changed = np.abs(blank().astype(int) - filled.pages[0]).max(axis=2) > 30
    assert changed[inside(left.box_mm)].sum() > 20
    changed[inside(left.box_mm.grown(0.6))] = False
    assert not changed.any()


@pytest.mark.parametrize("seed", range(8))
def test_notes_and_signatures_elsewhere_keep_off_print_and_fields(seed: int) -> None:
    """What is written anywhere is written where the page is bare, so that it is an addition and nothing else."""
    acts = (WriteAnywhere("nur bis 17 Uhr"), SignElsewhere("Marta Nowak"))
    fields = find_fields(issued().pdf)
    places = [place.box_mm for place in (*fields.options.values(), *fields.texts.values(), fields.signature)]
    for left in fill_in(issued().pdf, Behaviour(acts), rng(seed), DPI).truth.left:
        assert int(blank()[inside(left.box_mm)].min()) > 150
        assert not any(left.box_mm.intersects(place) for place in places)


def test_a_heading_is_circled_and_not_the_box() -> None:
    """The loop goes round the heading's words and stays clear of the square."""
    filled = fill_in(issued().pdf, Behaviour((CircleHeading("B"),)), rng(), DPI)
    square = find_fields(issued().pdf).options["B"].box_mm
    assert not darker(filled.pages[0])[inside(square)].any()
    assert filled.truth.left[0].box_mm.width > 60


def test_every_channel_has_its_story() -> None:
    """No channel stands in a report without words."""
    assert STORIES.keys() == PRESETS.keys()


@pytest.mark.parametrize("name", ["worn-laser", "fax-bad-line", "cut-edge", "sent-on", "coffee", "photo-folded"])
def test_a_channel_delivers_the_same_file_for_the_same_seed(name: str) -> None:
    """Whatever a channel does to a page, it does it again for the same seed."""
    first, again = (plain_return(posted(issued()), [PRESETS[name]], rng(7)).data for _ in range(2))
    assert first == again


def test_good_paper_and_a_good_printer_leave_the_page_alone() -> None:
    """By default nothing is worn or lost, and no chance is used: earlier seeds give what they gave."""
    chance = rng()
    state = chance.bit_generator.state
    assert np.array_equal(wear_out(blank(), DPI, Wear(), chance), blank())
    assert np.array_equal(print_out(blank(), DPI, Printer(), chance), blank())
    assert chance.bit_generator.state == state


@pytest.mark.parametrize(
    ("wear", "share"),
    [
        (Wear(folded=True), 0.003),
        (Wear(stapled=True), 0.00002),
        (Wear(coffee=True), 0.003),
        (Wear(show_through=(0.1, 0.1)), 0.02),
    ],
)
def test_wear_shows_on_the_paper(wear: Wear, share: float) -> None:
    """Each kind darkens at least so much of the page's paper, and leaves most of it as it was."""
    worn = wear_out(blank(), DPI, wear, rng(3)).astype(int)
    changed = (blank().astype(int) - worn).max(axis=2) > 8
    assert share < changed.mean() < 0.5


@pytest.mark.parametrize("printer", [INK_JET, WORN_LASER])
def test_a_poor_printer_prints_paler_and_adds_nothing(printer: Printer) -> None:
    """Print loses darkness; the bare paper stays bare."""
    page = print_out(blank(), DPI, printer, rng(2))
    assert page[blank() < 60].mean() > 25
    assert page[200:330, 150:650].min() == 255


def test_a_bad_line_repeats_scan_lines() -> None:
    """Bursts of lines are the line before; nothing else changes."""
    fax = PRESETS["fax-bad-line"]
    assert isinstance(fax, Channel)
    good = transmit(sheet(blank()), replace(fax, lost_lines=0), rng(4))[0].image
    bad = transmit(sheet(blank()), fax, rng(4))[0].image
    lost = np.flatnonzero((good != bad).any(axis=1))
    assert len(lost)
    assert all(np.array_equal(bad[row], bad[row - 1]) for row in lost)


def test_a_cut_edge_is_missing_from_the_picture() -> None:
    """One side is shorter by what was cut."""
    whole = transmit(sheet(blank()), Channel(), rng(4))[0].image.shape
    cut = transmit(sheet(blank()), Channel(cut_mm=(10.0, 10.0)), rng(4))[0].image.shape
    missing_mm = [25.4 * (before - after) / 200 for before, after in zip(whole, cut, strict=True)]
    assert sorted(missing_mm) == pytest.approx([0, 10], abs=0.1)


def test_what_is_sent_on_was_scanned_twice() -> None:
    """The second scan has its own resolution and the blur of both."""
    still = Channel(noise=0.0)
    once = transmit(sheet(blank()), still, rng(4))[0].image
    twice = transmit(sheet(blank()), replace(still, sent_on=replace(still, x_dpi=100, y_dpi=100)), rng(4))[0].image
    edges = [float(np.abs(np.diff(picture.astype(int))).mean()) for picture in (once, twice)]
    assert edges[1] < 0.8 * edges[0]


def test_a_bulging_letter_strays_in_the_photo() -> None:
    """Of the same photo, taken of a flat and of a folded letter, lines lie elsewhere."""
    photos = [Photo(bulge_mm=bulge, long_side_px=1500, exif_orientations=(1,)) for bulge in (0.0, 1.5)]
    flat, folded = (transmit(sheet(blank()), photo, rng(4))[0].image for photo in photos)
    assert flat.shape == folded.shape
    assert (np.abs(flat.astype(int) - folded) > 40).mean() > 0.005


def test_a_scan_of_a_stained_letter_keeps_its_colours() -> None:
    """Coffee is brown in a colour scan."""
    stained = transmit(sheet(blank()), Channel(mode=Mode.COLOUR, wear=Wear(coffee=True)), rng(3))[0].image.astype(int)
    assert ((stained[..., 0] - stained[..., 2]) > 20).mean() > 0.001


def test_any_pen_is_one_that_people_write_with() -> None:
    """From fine liner to felt tip, sometimes faint, sometimes skipping, never without ink."""
    pens = [any_pen(rng(seed)) for seed in range(300)]
    assert {pen.width_mm for pen in pens} == {0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0, 1.2}
    assert 0.5 <= min(pen.pressure for pen in pens) < 0.6
    assert 0.2 < max(pen.skipping for pen in pens) <= 0.3
