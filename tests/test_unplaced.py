"""Pages that belong to no form: each is kept with a picture, so that a person can look at it."""

from __future__ import annotations

import io
from datetime import date

import builders
import cv2
import numpy as np
import pytest
from book_steps import Decider, issue_form, received
from builders import form_id, make_return
from letters import issue
from PIL import Image

from forms.blank_page import render_blank_pages
from intake.read_document import read_document
from intake.results import Reason, UnplacedPage
from registry import archive, book
from registry.unplaced import StrayPage, stray_page, stray_pages, stray_picture

PAGE_PNG = b"\x89PNG\r\n\x1a\n foreign page"


def png_page(grey: np.ndarray) -> bytes:
    """A received picture."""
    return cv2.imencode(".png", grey)[1].tobytes()


def foreign_page() -> np.ndarray:
    """A page of somebody else's, at 200 dpi."""
    page = np.full((2339, 1654), 255, np.uint8)
    for line in range(20):
        cv2.putText(page, "Rechnung Nr. 4711", (200, 300 + 90 * line), cv2.FONT_HERSHEY_SIMPLEX, 2, 0, 3)
    return page


@pytest.mark.parametrize("page", [foreign_page(), np.full((2339, 1654), 250, np.uint8)], ids=["foreign", "blank"])
def test_a_page_of_nobodys_comes_with_its_picture(page: np.ndarray) -> None:
    """What a person is shown is the page as it was received, no larger than a page of ours."""
    (unplaced,) = read_document(png_page(page), lambda _: None, date(2026, 11, 24)).unplaced
    shown = np.asarray(Image.open(io.BytesIO(unplaced.picture_png)))
    assert shown.shape == (1170, 827)
    small = cv2.resize(page, (827, 1170), interpolation=cv2.INTER_AREA)
    assert int(cv2.absdiff(shown, small).max()) < 40


def test_a_page_of_ours_that_cannot_be_located_comes_with_its_picture() -> None:
    """Of a page that is cut off but for its code a person sees what was received; nothing is read on it."""
    issued = issue()
    page = render_blank_pages(issued.pdf, 200.0)[0][:700, :1000]
    (answer,) = read_document(png_page(page), {issued.form.form_id: issued}.get, date(2026, 11, 24)).returns
    (shown,) = answer.pages
    assert (shown.is_located, answer.findings, answer.additions) == (False, (Reason.PAGE_NOT_LOCATED,), ())
    assert np.asarray(Image.open(io.BytesIO(shown.picture_png))).shape == (700, 1000)


def test_a_page_that_is_no_picture_is_kept_without_one() -> None:
    """A sliver cannot be looked at; it is accounted for all the same."""
    (unplaced,) = read_document(png_page(np.zeros((4, 4000), np.uint8)), lambda _: None, date(2026, 11, 24)).unplaced
    assert (unplaced.reason, unplaced.picture_png) == (Reason.PAGE_UNREADABLE, b"")


@pytest.mark.django_db
def test_stray_pages_are_told_with_where_they_came_from() -> None:
    """Of a stack, the pages that belong to no form are listed, each with its reason, its picture and its file."""
    issue_form(1)
    data = b"%PDF-1.7 stack"
    unplaced = [UnplacedPage(1, Reason.PAGE_NO_CODE, PAGE_PNG, "anbei\0 <b>"), UnplacedPage(3, Reason.PAGE_UNREADABLE)]
    reading = builders.make_document(data, [make_return(form_id(1), pages=[2])], unplaced)
    booked = book.book_document(received(data, "SCN_1.pdf"), reading, Decider())
    book.book_known_bytes(received(data, "again.pdf"))
    first, second = stray_pages()
    digest = builders.sha256(PAGE_PNG)
    assert first == StrayPage(
        page_id=first.page_id,
        reason=Reason.PAGE_NO_CODE,
        picture=digest,
        file_sha256=booked.sha256,
        page=1,
        text="anbei\\x00 <b>",
        page_count=3,
        file_name="SCN_1.pdf",
        channel="mailbox",
        received_at=builders.RECEIVED_AT,
        waits=True,
    )
    assert (second.page, second.picture) == (3, None)
    assert stray_page(first.page_id) == first
    path = stray_picture(first.page_id, digest)
    assert path is not None
    assert path == archive.find(digest)
    assert path.read_bytes() == PAGE_PNG


@pytest.mark.django_db
def test_only_a_stray_pages_own_picture_is_given_out() -> None:
    """Neither another page's picture nor that of a return's page can be had by the name of a stray page."""
    issue_form(1)
    data = b"%PDF-1.7 stack"
    unplaced = [UnplacedPage(page, Reason.PAGE_NO_CODE, PAGE_PNG + bytes([page])) for page in (2, 3)]
    book.book_document(received(data), builders.make_document(data, [make_return(form_id(1))], unplaced), Decider())
    first, second = stray_pages()
    assert second.picture is not None
    assert stray_picture(first.page_id, second.picture) is None
    assert stray_picture(first.page_id, builders.sha256(builders.PICTURE_PNG)) is None
    assert stray_page(first.page_id - 1) is None
