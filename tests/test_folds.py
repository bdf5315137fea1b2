"""A fold, a staple or a broad frame is damage that costs nobody time, and hides nothing; what somebody drew is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from letters import issue

from forms.blank_page import render_blank_pages
from forms.units import mm_to_px
from intake.on_screen import OnScreenValues
from intake.pictures import Grey, PagePicture
from intake.read_page import FormPage, PageContents, read_page
from intake.results import AdditionKind

DPI = 200.0
ISSUED = issue()
BLANK = render_blank_pages(ISSUED.pdf, DPI)[0]


def _with_line(start_mm: tuple[float, float], end_mm: tuple[float, float], darker_by: int) -> Grey:
    line = np.zeros(BLANK.shape, np.uint8)
    ends = [tuple(round(mm_to_px(value, DPI)) for value in end) for end in (start_mm, end_mm)]
    cv2.line(line, ends[0], ends[1], (darker_by,), 4)
    return np.asarray(cv2.subtract(BLANK, line), np.uint8)


def _read(page: Grey) -> PageContents:
    read = read_page(PagePicture(page, bilevel=False), 1, OnScreenValues(), {ISSUED.form.form_id: ISSUED}.get)
    assert isinstance(read, FormPage)
    assert read.contents is not None
    return read.contents


def _kinds(contents: PageContents) -> set[tuple[AdditionKind, bool]]:
    """What was found; a line that is nearly level may have been a scanner's streak as well, which is damage too."""
    return {(item.kind, item.expected) for item in (*contents.changes.additions, *contents.damage)}


@pytest.mark.parametrize("slant_mm", [0.3, 1.2])
@pytest.mark.parametrize("fold_mm", [99.0, 123.0, 210.0])
def test_a_fold_across_the_page_is_damage(fold_mm: float, slant_mm: float) -> None:
    """A faint line from edge to edge, nearly level, is recorded and not doubted."""
    contents = _read(_with_line((0, fold_mm), (210, fold_mm + slant_mm), 45))
    assert _kinds(contents) == {(AdditionKind.DAMAGE, True)}


def test_a_fold_down_the_page_is_damage() -> None:
    """Letters are folded either way."""
    assert _kinds(_read(_with_line((104, 0), (106, 297), 45))) == {(AdditionKind.DAMAGE, True)}


@pytest.mark.parametrize("ends_mm", [(20.0, 192.0), (0.0, 150.0)])
def test_a_line_that_ends_before_the_paper_is_no_fold(ends_mm: tuple[float, float]) -> None:
    """A pale line that somebody drew goes to a person, even where it begins at the edge."""
    additions = _read(_with_line((ends_mm[0], 94.0), (ends_mm[1], 94.0), 45)).changes.additions
    assert any(not item.expected for item in additions)


def test_a_word_on_a_fold_is_an_addition() -> None:
    """Where a fold runs through something written, that is still seen."""
    page = _with_line((0, 94.0), (210, 94.6), 45)
    cv2.putText(page, "nicht", (700, round(mm_to_px(95.5, DPI))), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (90,), 2)
    assert (AdditionKind.INK, False) in _kinds(_read(page))


@pytest.mark.parametrize("fold_mm", [123.0, 210.0])
def test_words_struck_out_on_a_fold_are_seen(fold_mm: float) -> None:
    """Where a pen runs along a fold and through words, the fold does not hide it."""
    page = _with_line((0, fold_mm), (210, fold_mm + 1.2), 45)
    ends = [(round(mm_to_px(x, DPI)), round(mm_to_px(fold_mm + 0.5 + dy, DPI))) for x, dy in ((70, 0.0), (88, 0.3))]
    cv2.line(page, ends[0], ends[1], (90,), 3)
    contents = _read(page)
    assert contents.changes.struck or (AdditionKind.INK, False) in _kinds(contents)


def test_a_flourish_below_the_frame_belongs_to_the_signature() -> None:
    """One long stroke along the frame of a signed field says nothing; where nobody signed, somebody looks."""
    (geometry,) = ISSUED.letter.pages
    assert geometry.signature is not None
    box = geometry.signature.frame_mm
    for signed in (True, False):
        page = _with_line((box.x0 + 5, box.y1 + 2.2), (box.x1 - 20, box.y1 + 0.9), 200)
        if signed:
            name = (round(mm_to_px(box.x0 + 20, DPI)), round(mm_to_px(box.y0 + 20, DPI)))
            cv2.putText(page, "Weber", name, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 3, (60,), 4)
        assert (_read(page).changes.additions == ()) is signed


def test_what_is_left_of_a_frame_leads_nothing_to_a_field() -> None:
    """Where a frame came out broader than it was printed, ink beneath it does not belong to the field for that."""
    field = next(field for field in ISSUED.letter.pages[0].text_fields if field.name == "name")
    frame, page = field.frame_mm, BLANK.copy()
    corner = [(round(mm_to_px(x, DPI)), round(mm_to_px(frame.y1 - 0.4, DPI))) for x in (frame.x1 - 12, frame.x1)]
    cv2.line(page, corner[0], corner[1], (0,), 5)
    at = (round(mm_to_px(frame.x1 - 8, DPI)), round(mm_to_px(frame.y1 + 5.2, DPI)))
    cv2.putText(page, "Bul", at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 0.9, (60,), 2)
    assert (AdditionKind.INK, False) in _kinds(_read(page))


def test_a_staple_in_a_corner_is_damage() -> None:
    """A short straight wire where papers are stapled is recorded and not doubted; elsewhere it is a stroke."""
    staple, stroke = (_read(_with_line((x, y), (x + 1, y + 10), 160)) for x, y in ((15, 7), (60, 90)))
    assert _kinds(staple) == {(AdditionKind.DAMAGE, True)}
    assert _kinds(stroke) == {(AdditionKind.INK, False)}


@pytest.mark.parametrize(
    ("x_mm", "beside_mm", "kinds"),
    [
        (12.0, 0.0, {(AdditionKind.DAMAGE, True)}),
        (6.5, 0.0, {(AdditionKind.DAMAGE, True)}),
        (12.0, 0.4, {(AdditionKind.DAMAGE, True)}),
        (12.0, 2.5, {(AdditionKind.INK, False)}),
    ],
    ids=["", "cut by the edge", "dust beside it", "a stroke beside it"],
)
def test_a_punch_hole_is_damage(x_mm: float, beside_mm: float, kinds: set[tuple[AdditionKind, bool]]) -> None:
    """The arc that its edge throws on the lid is recorded and not doubted, but hides nothing that stands beside it."""
    page, radius = BLANK.copy(), round(mm_to_px(2.75, DPI))
    if beside_mm:
        x, y = round(mm_to_px(x_mm - 4.2, DPI)), round(mm_to_px(187, DPI))
        cv2.line(page, (x, y), (x, y - round(mm_to_px(beside_mm, DPI))), (60,), 2)
    middle = (round(mm_to_px(x_mm, DPI)), round(mm_to_px(188.5, DPI)))
    cv2.ellipse(page, middle, (radius, radius), 0, 150, 300, (110,), 2)
    assert _kinds(_read(page)) == kinds


def test_a_staple_that_an_anchor_hides_half_of_is_damage() -> None:
    """The printed square in the corner lies where papers are stapled: what shows of the wire beyond it is short."""
    anchor = ISSUED.letter.pages[0].anchors_mm[0]
    x, y = anchor.centre
    assert _kinds(_read(_with_line((x, y - 1), (x + 0.5, anchor.y1 + 4.5), 160))) == {(AdditionKind.DAMAGE, True)}
