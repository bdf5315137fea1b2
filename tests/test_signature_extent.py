"""A signature is measured as a whole, across the frame's lines, and its lines beyond the frame belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from letters import issue

from forms.blank_page import render_blank_pages
from forms.units import mm_to_px
from intake.on_screen import OnScreenValues
from intake.pictures import Grey, PagePicture
from intake.read_page import FormPage, PageContents, read_page
from intake.results import SignatureState
from intake.signature import read_signature

DPI = 200.0
ISSUED = issue()
(PAGE,) = ISSUED.letter.pages
assert PAGE.signature is not None
FRAME = PAGE.signature.frame_mm
Stroke = Sequence[tuple[float, float]]
"""Points (x, y) in mm, from the left end of the frame's lower line, y upwards."""

_SIGNATURE: Stroke = ((10, 4), (12, 16), (14, 5), (20, 15), (24, 4), (30, 12), (36, 6), (60, 7))


def _read(*strokes: Stroke, wide_px: int = 3, bilevel: bool = False) -> PageContents:
    """Read the blank page with some strokes on it, in grey or in black and white."""
    page: Grey = render_blank_pages(ISSUED.pdf, DPI)[0]
    for stroke in strokes:
        points = [(round(mm_to_px(FRAME.x0 + x, DPI)), round(mm_to_px(FRAME.y1 - y, DPI))) for x, y in stroke]
        cv2.polylines(page, [np.array(points)], False, (40,), wide_px, cv2.LINE_AA)
    if bilevel:
        page = np.where(page < 128, 0, 255).astype(np.uint8)
    read = read_page(PagePicture(page, bilevel=bilevel), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    assert read.contents is not None
    return read.contents


def _state(contents: PageContents) -> SignatureState:
    assert contents.signed is not None
    return read_signature(contents.signed.field, contents.signed.ink, 1, "", digital=False).state


def _letters(x: float, y: float, count: int, high: float = 3.0) -> tuple[Stroke, ...]:
    """Letters as of a word, each a stroke up and down by itself."""
    return tuple(
        ((left, y), (left + 0.6, y + high), (left + 1.2, y)) for left in (x + 2.5 * index for index in range(count))
    )


def _dashes(*strokes: Stroke, long: float = 3.0, gap: float = 1.2) -> tuple[Stroke, ...]:
    """What is left of strokes where they break up: pieces of them, each so long and so far from the next."""
    pieces = []
    for stroke in strokes:
        points = np.array(stroke, dtype=float)
        far = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
        for start in np.arange(0.0, far[-1], long + gap):
            along = np.linspace(start, min(start + long, far[-1]), 8)
            pieces.append(tuple(zip(*(np.interp(along, far, axis) for axis in points.T), strict=True)))
    return tuple(pieces)


def test_a_signature_that_breaks_up_is_one_where_capitals_that_do_are_none() -> None:
    """In black and white each is but pieces: a signature's are short as a whole, and rise and fall."""
    signature = _dashes(((10, 4), (12, 18), (15, 5), (20, 15), (24, 4), (30, 12), (36, 6), (45, 7)))
    capitals = _dashes(*(((x, 6), (x, 14), (x + 4, 6), (x + 4, 14)) for x in range(10, 50, 6)))
    assert _state(_read(*signature, wide_px=5, bilevel=True)) is SignatureState.PRESENT
    assert _state(_read(*capitals, wide_px=5, bilevel=True)) is SignatureState.UNCLEAR


def test_a_signature_that_stands_mostly_below_the_line_is_one() -> None:
    """Only its capital's stem lies in the field, narrower than any signature; the rest hangs on it below."""
    strokes = ((14.0, 12.0), (11.0, -6.0), (16.0, -6.0), (19.0, 0.0), (21.0, -5.0), (24.0, 0.0), (27.0, -5.0), (50, -6))
    assert _state(_read(strokes)) is SignatureState.PRESENT


def test_a_stroke_across_the_line_is_no_signature() -> None:
    """What hangs on it counts with its size; a stroke that is as narrow as a whole stays unclear."""
    assert _state(_read(((14.0, 12.0), (11.0, -6.0)), wide_px=4)) is SignatureState.UNCLEAR


def test_what_the_line_cuts_off_a_signature_is_no_note_beside_it() -> None:
    """Low letters of a signature that crosses the line go on below it, as high as those that stand in the field."""
    capital = ((8.0, 2.0), (10.0, 10.0), (12.0, 2.0))
    low = [[(x, y - 2.2) for x, y in stroke] for stroke in _letters(15, 0, 4, high=6.0)]
    linked = [*low, [(15.0, -2.2), (15.0, -4.0), (21.0, -4.0), (22.2, -2.2)]]
    contents = _read(capital, *linked)
    assert contents.changes.additions == ()
    assert _state(contents) is SignatureState.PRESENT


@pytest.mark.parametrize("y", [3.0, -1.5])
def test_a_note_beside_the_signature_is_found_across_the_line_too(y: float) -> None:
    """Words that stand by themselves are no part of the signature, wherever the frame's line runs through them."""
    contents = _read(_SIGNATURE, *_letters(70, y, 6))
    assert any(not each.expected and each.box_mm.x0 > FRAME.x0 + 68 for each in contents.changes.additions)


@pytest.mark.parametrize(
    "line",
    [((50, 0), (95, 0), (110, -0.3)), ((30, -1.5), (60, -5.5), (88, -6)), ((-1, -1), (4.8, -1.2))],
    ids=["along the frame and out of its side", "bent", "short"],
)
def test_a_line_that_runs_on_from_a_signature_is_nothing_added(line: Stroke) -> None:
    """A flourish says nothing by itself, however far it runs beyond the frame."""
    assert _read(_SIGNATURE, line).changes.additions == ()


def test_what_the_upper_line_cuts_off_a_signature_is_no_row_of_letters() -> None:
    """Who signs across the words above leaves the feet of letters in the field, and more above them."""
    top = FRAME.y1 - FRAME.y0
    capital = ((8.0, top - 1.0), (10.0, top - 9.0), (13.0, top - 3.0), (16.0, top - 8.0), (18.5, top - 6.0))
    assert _read(capital, *_letters(21, top - 4.0, 6, high=6.0)).changes.additions == ()


def test_a_line_there_and_back_beneath_a_signature_is_no_second_thing() -> None:
    """It is as broad as a word, or aslant with a larger box than the name, and many times as long as broad."""
    name = [(x, y + 4) for x, y in _SIGNATURE]
    assert _read(name, ((5, 1.5), (88, 5.2), (89, 2.4), (5, 1.2))).changes.additions == ()
    low = [(x, 0.5 * y + 15) for x, y in _SIGNATURE]
    assert _read(low, ((5, 2), (88, 13), (6, 3))).changes.additions == ()


def test_a_dash_that_goes_on_from_a_signature_is_nothing_added() -> None:
    """A skipping pen leaves a gap in its line; a dash that leads nowhere is somebody's."""
    line, dash = ((60.0, 8.0), (98.0, 10.0)), ((102.0, 10.2), (108.0, 10.5))
    assert _read(_SIGNATURE, line, dash).changes.additions == ()
    assert _read(_SIGNATURE, dash).changes.additions


def test_words_below_the_signature_are_something_added() -> None:
    """Writing winds up and down within its length, as no flourish does."""
    contents = _read(_SIGNATURE, *_letters(30, -5.5, 9))
    assert any(not each.expected for each in contents.changes.additions)


def test_a_line_below_an_empty_field_is_something_added() -> None:
    """Nobody knows what a line means there."""
    assert _read(((30.0, -1.5), (60.0, -2.5), (86.0, -5.0))).changes.additions


@pytest.mark.parametrize(
    ("in_rows", "letters", "share", "is_print"), [(8, 0, 0.0, False), (12, 0, 0.0, True), (8, 7, 0.4, True)]
)
def test_a_name_that_hangs_together_is_read_before_it_is_called_print(
    in_rows: int, letters: int, share: float, is_print: bool
) -> None:
    """Letters of a legible signature, parted where they are thin, stand in a row as well; a stamp's stand apart."""
    signed = _read(_SIGNATURE).signed
    assert signed is not None
    ink = replace(signed.ink, in_rows=in_rows, letters=letters, letter_share=share)
    assert (ink.looks_printed, ink.suspect) == (is_print, not is_print)
