"""What the machine saw is drawn on the page: where it was found, and in words what it is."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from book_steps import book_return
from builders import REVIEW, make_return
from PIL import Image
from review_steps import issue_to, page_png, signed_in

from forms.units import BoxMm
from intake.results import Addition, AdditionKind, Reason, ReturnReading
from registry.evidence import Evidence, evidence_of
from review.roles import Role
from review.seen import addition_crops, seen_pages

pytestmark = pytest.mark.django_db


def booked(answer: ReturnReading, picture: bytes) -> Evidence:
    """Book a return of one page with this picture, and return what is known of it."""
    pages = tuple(replace(page, picture_png=picture) for page in answer.pages)
    (evidence,) = evidence_of([book_return(replace(answer, pages=pages), REVIEW).return_id])
    return evidence


def struck(x0: float, y0: float = 100.0) -> Addition:
    """A piece of print that is struck out."""
    box = BoxMm(x0, y0, x0 + 5, y0 + 3)
    return Addition(1, box, AdditionKind.INK, expected=False, about=Reason.TEXT_STRUCK)


def test_pieces_of_print_are_shown_as_one_place_and_named() -> None:
    """What is struck out, exchanged or written beside is told apart; pieces that lie together have one box."""
    digit = Addition(1, BoxMm(30, 65, 32, 68), AdditionKind.PRINT, expected=False, about=Reason.ADDRESS_DIFFERS)
    note = Addition(1, BoxMm(120, 90, 160, 96), AdditionKind.INK, expected=False)
    additions = (note, digit, struck(40), struck(58), struck(46), struck(52), struck(150), struck(40, 140))
    evidence = booked(replace(make_return(issue_to(7)), additions=additions), page_png())
    (page,) = seen_pages(evidence)
    drawn = [(shape.label, shape.tone, shape.box) for shape in page.shapes if shape.kind == "additions"]
    assert drawn == [
        ("andere Anschrift als ausgegeben", "bad", digit.box_mm),
        ("durchgestrichener Druck", "bad", BoxMm(40, 100, 63, 103)),
        ("durchgestrichener Druck", "bad", BoxMm(150, 100, 155, 103)),
        ("durchgestrichener Druck", "bad", BoxMm(40, 140, 45, 143)),
        ("Handschrift oder ein Strich", "doubt", note.box_mm),
    ]
    assert [crop.label for crop in addition_crops(evidence)] == [label for label, _tone, _box in drawn]
    shown = signed_in(Role.REVIEW).get(f"/returns/{evidence.return_id}/").content.decode()
    assert shown.count("<title>durchgestrichener Druck</title>") == 3


def test_a_page_that_was_not_located_is_shown_as_received() -> None:
    """Its picture has the proportion in which it came, nothing is laid over it, and the page says so."""
    data = io.BytesIO()
    Image.new("L", (1000, 500), 200).save(data, "PNG")
    answer = make_return(issue_to(7))
    answer = replace(
        answer,
        pages=tuple(replace(page, dpi=0.0, residual_mm=0.0) for page in answer.pages),
        variant=None,
        signature=None,
        fields=(),
        findings=(Reason.PAGE_NOT_LOCATED,),
    )
    evidence = booked(answer, data.getvalue())
    (page,) = seen_pages(evidence)
    assert (page.located, page.width_mm, page.height_mm, page.shapes) == (False, 210.0, 105.0, ())
    client = signed_in(Role.REVIEW)
    shown = client.get(f"/returns/{evidence.return_id}/").content.decode()
    assert "ließ sich nicht mit der ausgegebenen zur Deckung bringen" in shown
    assert 'class="as-issued"' not in shown
    assert client.get(f"/returns/{evidence.return_id}/{page.picture}.png").content == data.getvalue()
