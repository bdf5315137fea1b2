"""A square that is filled in is never taken for a plain mark, and a plain mark never for one that is taken back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from letters import issue

from forms.blank_page import render_blank_pages
from forms.units import mm_to_px
from intake.on_screen import OnScreenValues
from intake.pictures import Grey, PagePicture
from intake.read_page import FormPage, read_page
from intake.results import MarkState
from simulation.handwriting import Writer, write
from simulation.marks import MarkShape, mark_strokes
from simulation.paper import Sheet
from simulation.pens import Ink, Pen, draw
from simulation.strokes import bounds, move

DPI = 200.0
ISSUED = issue()
(PAGE,) = ISSUED.letter.pages
BLANK = render_blank_pages(ISSUED.pdf, DPI)[0]


def _marked(shape: MarkShape, pen: Pen, reach: float, seed: int) -> Grey:
    sheet = Sheet(cv2.cvtColor(BLANK, cv2.COLOR_GRAY2RGB).astype(np.uint8), DPI)
    rng = np.random.default_rng(seed)
    draw(sheet, mark_strokes(shape, PAGE.checkboxes[0].box_mm, reach, rng), pen, rng)
    return np.asarray(cv2.cvtColor(sheet.picture, cv2.COLOR_RGB2GRAY), np.uint8)


def _states(page: Grey, *, bilevel: bool = False) -> tuple[MarkState, ...]:
    read = read_page(PagePicture(page, bilevel), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    assert read.contents is not None
    return tuple(box.state for box in read.contents.checkboxes)


@pytest.mark.parametrize("pen", [Pen(0.25), Pen(0.4, Ink.PENCIL), Pen(1.0, Ink.BLACK)])
def test_a_filled_square_is_no_plain_mark(pen: Pen) -> None:
    """The form tells to fill a square to take its mark back: whether one alone is meant so, a person asks."""
    for reach in (0.9, 1.2):
        state, other = _states(_marked(MarkShape.FILLED, pen, reach, 3))
        assert state in (MarkState.CORRECTED, MarkState.UNCLEAR)
        assert other is MarkState.EMPTY


@pytest.mark.parametrize("seed", range(4))
def test_a_square_hatched_with_a_fine_pen_is_no_plain_mark(seed: int) -> None:
    """Thin lines all over the square leave no solid ground, and are a filling all the same."""
    state, _ = _states(_marked(MarkShape.FILLED, Pen(0.2), 1.2, seed))
    assert state in (MarkState.CORRECTED, MarkState.UNCLEAR)


@pytest.mark.parametrize("shape", [MarkShape.CROSS, MarkShape.TICK, MarkShape.SLASH, MarkShape.DOT])
def test_a_mark_with_a_broad_pen_is_a_mark(shape: MarkShape) -> None:
    """Thick lines are no filling."""
    assert _states(_marked(shape, Pen(1.0, Ink.BLACK), 1.0, 3)) == (MarkState.MARKED, MarkState.EMPTY)


def test_the_specks_of_a_filled_square_are_no_mark() -> None:
    """What black and white leaves of a square filled in with a pale pencil must not pass for a choice."""
    page = np.asarray(np.where(BLANK < 128, 0, 255), np.uint8)
    box = PAGE.checkboxes[0].box_mm
    rng = np.random.default_rng(5)
    for x_mm, y_mm in rng.uniform((box.x0 + 1, box.y0 + 1), (box.x1 - 1.5, box.y1 - 1.5), (14, 2)):
        x, y = round(mm_to_px(float(x_mm), DPI)), round(mm_to_px(float(y_mm), DPI))
        page[y : y + 2, x : x + 3] = 0
    assert _states(page, bilevel=True)[0] is MarkState.UNCLEAR


def _broken(page: Grey, share: float, seed: int) -> Grey:
    """Take part of a pen's ink away in blots of half a millimetre, as black and white does to a pale pen's."""
    height, width = page.shape
    rng = np.random.default_rng(seed)
    blots = cv2.resize(rng.random((height // 4 + 1, width // 4 + 1)), (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(np.where((blots < share) & (BLANK > 200), 255, np.where(page < 160, 0, 255)), np.uint8)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_left_of_a_cross_along_its_strokes_is_a_mark(seed: int) -> None:
    """A pale pen breaks up in black and white: along two strokes that cross, the pieces are a mark."""
    page = _broken(_marked(MarkShape.CROSS, Pen(0.4, Ink.BLACK), 1.0, seed), 0.3, seed)
    assert _states(page, bilevel=True)[0] is MarkState.MARKED


@pytest.mark.parametrize("share", [0.5, 0.7, 0.85, 0.93])
def test_what_is_left_of_a_filled_square_is_no_mark(share: float) -> None:
    """However little of it arrived: its pieces lie all over the square, or side by side."""
    page = _broken(_marked(MarkShape.FILLED, Pen(0.4, Ink.BLACK), 1.1, 1), share, 1)
    assert _states(page, bilevel=True)[0] is not MarkState.MARKED


@pytest.mark.parametrize("seed", range(3))
def test_a_fine_tick_that_stands_mostly_beyond_its_square_is_a_mark(seed: int) -> None:
    """Little of it lies within, but that leads straight on to the rest, as nothing that fills a square does."""
    page = _broken(_marked(MarkShape.TICK, Pen(0.25, Ink.BLACK), 1.9, seed), 0.15, seed)
    assert _states(page, bilevel=True)[0] is MarkState.MARKED


@pytest.mark.parametrize("seed", range(3))
def test_the_streaks_of_a_filled_square_are_no_mark(seed: int) -> None:
    """A pen that fills palely may leave half of its strokes, side by side, run together and ragged."""
    page, rng = np.asarray(np.where(BLANK < 128, 0, 255), np.uint8), np.random.default_rng(seed)
    left, top, right, bottom = (round(mm_to_px(edge, DPI)) for edge in PAGE.checkboxes[0].box_mm.grown(-0.7))
    for x in range(left + 10, right - 2):
        if abs(x - (left + right) // 2) > 1:
            lowest = top + 6 if (x - left) % 6 < 2 else int(rng.uniform(top + 12, bottom + 2))
            page[top:lowest, x] = 0
    assert _states(page, bilevel=True)[0] is not MarkState.MARKED


@pytest.mark.parametrize("bilevel", [False, True])
def test_a_mark_that_is_scribbled_over_is_no_plain_mark(bilevel: bool) -> None:
    """Who strikes a mark out goes back and forth over it, far beyond the square, and leaves half of it bare."""
    sheet = Sheet(cv2.cvtColor(_marked(MarkShape.CROSS, Pen(), 1.0, 3), cv2.COLOR_GRAY2RGB).astype(np.uint8), DPI)
    x, y = PAGE.checkboxes[0].box_mm.centre
    ends = [(x - 7 + 2 * turn + (3 if turn % 2 else -3), y + (6 if turn % 2 else -6)) for turn in range(8)]
    draw(sheet, [np.array(ends)], Pen(0.5), np.random.default_rng(1))
    grey = np.asarray(cv2.cvtColor(sheet.picture, cv2.COLOR_RGB2GRAY), np.uint8)
    page = np.asarray(np.where(grey < 150, 0, 255), np.uint8) if bilevel else grey
    assert _states(page, bilevel=bilevel)[0] is MarkState.UNCLEAR


@pytest.mark.parametrize(
    ("text", "width_mm", "bilevel"),
    [("nein", 0.25, False), ("nicht", 0.3, False), ("ja?", 0.3, False), ("?", 0.3, False), ("0", 0.4, True)],
)
def test_a_word_in_the_square_is_no_plain_mark(text: str, width_mm: float, bilevel: bool) -> None:
    """Who writes “nein” where a cross belongs has not chosen that option: a person reads it."""
    box, strokes = PAGE.checkboxes[0].box_mm, write(text, Writer(7), np.random.default_rng(2))
    written = bounds(strokes)
    scale = min(4.0 / written.width, 3.6 / written.height)
    middle = (np.array(box.centre) - scale * np.array(written.centre)).tolist()
    sheet = Sheet(cv2.cvtColor(BLANK, cv2.COLOR_GRAY2RGB).astype(np.uint8), DPI)
    draw(sheet, move([path * scale for path in strokes], *middle), Pen(width_mm), np.random.default_rng(1))
    grey = np.asarray(cv2.cvtColor(sheet.picture, cv2.COLOR_RGB2GRAY), np.uint8)
    page = np.asarray(np.where(grey < 150, 0, 255), np.uint8) if bilevel else grey
    assert _states(page, bilevel=bilevel)[0] is MarkState.UNCLEAR


def test_a_blot_that_leaves_its_square_open_is_a_mark() -> None:
    """A dot of a felt pen is solid ground like a filling, but half of the square is bare beside it."""
    page, box = BLANK.copy(), PAGE.checkboxes[0].box_mm
    middle = (round(mm_to_px(box.centre[0] - 0.6, DPI)), round(mm_to_px(box.centre[1] + 0.6, DPI)))
    cv2.circle(page, middle, round(mm_to_px(1.75, DPI)), 60, -1)
    assert _states(page) == (MarkState.MARKED, MarkState.EMPTY)


@pytest.mark.parametrize(("writing", "state"), [(0.16, MarkState.MARKED), (0.7, MarkState.UNCLEAR)])
def test_a_mark_too_pale_for_ink_counts_where_the_writing_is_as_pale(writing: float, state: MarkState) -> None:
    """A hard pencil leaves no more than traces, of the mark as of the name; a mark that was rubbed out is paler."""
    inked = np.ones(BLANK.shape)
    ways = [(mark_strokes(MarkShape.TICK, PAGE.checkboxes[0].box_mm, 0.8, np.random.default_rng(3)), 0.16)]
    ways += [
        (mark_strokes(MarkShape.SCRAWL, field.box_mm, 0.12, np.random.default_rng(4)), writing)
        for field in PAGE.text_fields
    ]
    for strokes, darkness in ways:
        for stroke in strokes:
            path = np.round(stroke * DPI / 25.4 * 16).astype(np.int32)
            cv2.polylines(inked, [path], isClosed=False, color=1 - darkness, thickness=4, lineType=cv2.LINE_AA, shift=4)
    page = np.asarray(np.minimum(BLANK, 255 * inked), np.uint8)
    assert _states(page) == (state, MarkState.EMPTY)


@pytest.mark.parametrize(
    ("shape", "darkness"), [(MarkShape.CROSS, 0.09), (MarkShape.FILLED, 0.08), (MarkShape.CROSS, 0.0)]
)
def test_a_square_with_hardly_visible_ink_is_not_empty(shape: MarkShape, darkness: float) -> None:
    """A hard pencil's cross, or a yellow marker, on paper that is not purely white; bare paper is empty."""
    inked, strokes = np.ones(BLANK.shape), mark_strokes(shape, PAGE.checkboxes[0].box_mm, 0.9, np.random.default_rng(3))
    for path in strokes:
        cv2.polylines(
            inked, [np.round(path * DPI / 25.4).astype(np.int32)], isClosed=False, color=1 - darkness, thickness=5
        )
    noise = np.random.default_rng(1).normal(0, 2, BLANK.shape)
    page = np.clip(np.minimum(BLANK, 255 * inked) * 0.93 + noise, 0, 255).astype(np.uint8)
    assert _states(page) == (MarkState.UNCLEAR if darkness else MarkState.EMPTY, MarkState.EMPTY)


def test_a_stroke_that_runs_along_the_squares_line_is_one_with_its_mark() -> None:
    """Where a mark leaves its square along the printed line, what shows beyond that is nothing added beside it."""
    box = PAGE.checkboxes[0].box_mm
    x0, y0, x1, y1 = (mm_to_px(edge, DPI) for edge in box)
    page, arc = BLANK.copy(), [(x0 + 15, y0 + 20), (x1, y0 + 4), (x1, y1), (x1 + 7, y1 + 8), (x0 + 25, y1 + 12)]
    cv2.polylines(page, [np.array(arc, np.int32)], False, (60,), 2)
    read = read_page(PagePicture(page, bilevel=False), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    assert read.contents is not None
    assert read.contents.checkboxes[0].state is MarkState.MARKED
    assert read.contents.changes.additions == ()


@pytest.mark.parametrize("seed", [1, 7])
def test_a_blot_on_a_blurred_photo_is_a_mark(seed: int) -> None:
    """Blur lays traces around every stroke; what is bare beside the stroke's own darkness is open all the same."""
    page = cv2.GaussianBlur(_marked(MarkShape.SCRAWL, Pen(1.2, Ink.BLACK), 0.6, seed), (0, 0), 2.2)
    assert _states(np.asarray(page, np.uint8)) == (MarkState.MARKED, MarkState.EMPTY)


@pytest.mark.parametrize(("pen", "reach", "seed", "blur_px"), [
    (Pen(0.25, Ink.PENCIL), 0.8, 7, 0.1),
    (Pen(0.3, Ink.BLUE, 0.6), 0.9, 1, 0.1),
    (Pen(0.35, Ink.BLUE, 0.5), 0.8, 3, 1.2),
])  # fmt: skip
def test_a_square_hatched_in_part_is_no_mark(pen: Pen, reach: float, seed: int, blur_px: float) -> None:
    """Strokes so close that they leave solid ground fill the square in, though a side of it stays bare."""
    page = cv2.GaussianBlur(_marked(MarkShape.FILLED, pen, reach, seed), (0, 0), blur_px)
    assert _states(np.asarray(page, np.uint8))[0] is MarkState.UNCLEAR


@pytest.mark.parametrize("seed", [4, 7, 8])
def test_a_square_hatched_palely_is_no_mark(seed: int) -> None:
    """Strokes side by side take a mark back, also where a fine pencil leaves one side of the square bare."""
    assert _states(_marked(MarkShape.FILLED, Pen(0.25, Ink.PENCIL, 0.6), 0.9, seed))[0] is MarkState.UNCLEAR


@pytest.mark.parametrize("shift_px", [3, 4, 6, 8])
def test_a_square_that_is_not_in_its_place_is_not_read(shift_px: int) -> None:
    """Where paper bulges, the printed line lies within the square's place and looks like a mark."""
    rows, columns = (
        slice(round(mm_to_px(start - 1.2, DPI)), round(mm_to_px(end + 1.2, DPI)))
        for start, end in (PAGE.checkboxes[0].box_mm[1::2], PAGE.checkboxes[0].box_mm[::2])
    )
    page = BLANK.copy()
    page[rows, columns] = 255
    page[rows, columns.start + shift_px : columns.stop + shift_px] = BLANK[rows, columns]
    assert _states(page) == (MarkState.UNCLEAR, MarkState.EMPTY)
