"""Where offices stamp, something too pale for ink is no stamp, and no reason to fail."""

from __future__ import annotations

import cv2
from letters import issue

from forms.blank_page import render_blank_pages
from forms.units import mm_to_px
from intake.on_screen import OnScreenValues
from intake.pictures import PagePicture
from intake.read_page import FormPage, read_page

DPI = 200.0


def test_a_pale_trace_where_offices_stamp_goes_to_a_person() -> None:
    """Show-through or a hard pencil leaves no ink there in which a stamp's frame could be looked for."""
    issued = issue()
    (geometry,) = issued.letter.pages
    page = render_blank_pages(issued.pdf, DPI)[0].copy()
    (zone,) = (zone.box_mm for zone in geometry.office_zones if zone.kind == "receipt_stamp")
    for step in range(5):
        x, y = (round(mm_to_px(part, DPI)) for part in (zone.x0 + 8 + 2 * step, zone.y0 + 8))
        cv2.line(page, (x, y), (x + 9, y + 28), (214,), 5)
    read = read_page(PagePicture(page, bilevel=False), 1, OnScreenValues(), {issued.form.form_id: issued}.get)
    assert isinstance(read, FormPage)
    assert read.contents is not None
    assert [addition.expected for addition in read.contents.changes.additions] == [False]
