"""Read one page: find its code, locate it, and measure all that is on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from forms.issued_form import IssuedPdf, PageGeometry, SignatureField, TextField
from forms.units import BoxMm
from intake.additions import PageChanges, find_changes
from intake.checkbox import read_checkbox
from intake.expected_ink import expected_ink
from intake.find_codes import find_codes
from intake.identify import FormLookup, Stranger, identify, identify_by_print
from intake.locate import LocatedPage, NotLocated
from intake.on_screen import OnScreenValues
from intake.pictures import Grey, Picture
from intake.results import Addition, AdditionKind, CheckboxReading, MarkState, Reason, UnplacedPage
from intake.sampling import PageView, inverse, map_points
from intake.sheet import Sheet, flatten
from intake.shown_page import as_received_png, shown_png
from intake.signature import SignatureInk, measure_signature, signature_picture
from intake.streaks import Streak, without_streaks
from intake.text_fields import FieldInk, field_picture, measure_field
from intake.text_recognition import TextPicture

LOWEST_DPI = 85.0
_BLANK_BELOW = 0.0008
"""Share of dark pixels below which a page without code is a blank back."""
_PAPER_FROM = 90
"""Brightness that even grey paper has; a darker page is a negative or a scan of nothing, and may hide something."""


@dataclass(frozen=True, slots=True)
class WrittenField:
    """A text field's ink, and its picture for recognition once it is asked for and there is any ink."""

    field: TextField
    ink: FieldInk
    picture: Grey | None = None


@dataclass(frozen=True, slots=True)
class SignedField:
    """The signature field's ink, and its picture for recognition once it is asked for and can tell anything."""

    field: SignatureField
    ink: SignatureInk
    picture: Grey | None = None

    @property
    def pictures(self) -> tuple[TextPicture, ...]:
        """On what words are looked for anywhere in the field; and then as one line, if its ink may be print."""
        if self.picture is None:
            return ()
        anywhere = TextPicture(self.picture, scattered=True)
        return (anywhere, TextPicture(self.picture)) if self.ink.suspect else (anywhere,)


@dataclass(frozen=True, slots=True)
class PageContents:
    """What was measured on a located page."""

    checkboxes: tuple[CheckboxReading, ...]
    written: tuple[WrittenField, ...]
    signed: SignedField | None
    changes: PageChanges
    damage: tuple[Addition, ...]
    """What the scanner did to the page and was taken out before it was read."""
    dpi: float
    residual_mm: float


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page of the file that belongs to an issued form; `contents` is None where it could not be located."""

    page: int
    issued: IssuedPdf
    form_page: int
    findings: tuple[Reason, ...]
    values: OnScreenValues
    contents: PageContents | None
    sheet: Sheet | None
    """What it was read from; None where it could not be located, or is needed no more."""
    picture_png: bytes = b""
    """What a person looks at; empty where it was not asked for."""


def read_page(picture: Picture, page: int, values: OnScreenValues, lookup: FormLookup) -> FormPage | UnplacedPage:
    """Read one page picture; `page` counts from 1, `values` are the page's form fields where it has any."""
    picture, streaks = without_streaks(picture)
    codes = find_codes(picture)
    if not codes and _is_blank(picture.grey):
        return UnplacedPage(page, Reason.PAGE_BLANK, as_received_png(picture.grey))
    found = identify(picture, codes, lookup) if codes else identify_by_print(picture, lookup)
    if isinstance(found, Stranger):
        return UnplacedPage(page, found.reason, as_received_png(picture.grey), found.text)
    issued, geometry, located = found.issued, found.printed.geometry, found.located
    if isinstance(located, NotLocated):
        reasons, shown = (*found.findings, located.reason), as_received_png(picture.grey)
        return FormPage(page, issued, geometry.number, reasons, values, None, None, shown)
    sheet = flatten(located.view, found.printed, bilevel=picture.bilevel)
    damage = tuple(_damage(streak, located.view, page) for streak in (*streaks, *_lost_lines(picture)))
    contents = _measure(sheet, located, page, values, damage)
    findings = (*found.findings, *_findings(located, sheet, contents))
    return FormPage(page, issued, geometry.number, findings, values, contents, sheet)


def with_pictures(page: FormPage, *, shown: bool) -> FormPage:
    """Give the page with its pictures in place of the sheet: those that text is recognised on, and one for people."""
    if page.sheet is None or page.contents is None:
        return page if shown else replace(page, picture_png=b"")
    contents = _with_pictures(page.contents, page.sheet)
    return replace(page, contents=contents, sheet=None, picture_png=shown_png(page.sheet.flat) if shown else b"")


def _lost_lines(picture: Picture) -> Iterator[Streak]:
    """Give the lines that a fax lost, each as a streak across the picture."""
    right = float(picture.shape[1] - 1)
    for run in picture.lost_lines:
        yield Streak((0.0, float(run.start)), (right, float(run.stop - 1)))


def _damage(streak: Streak, view: PageView, page: int) -> Addition:
    (x0, y0), (x1, y1) = map_points(inverse(view.to_px), np.array((streak.start_px, streak.end_px)))
    box = BoxMm(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)).rounded(1)
    return Addition(page, box, AdditionKind.DAMAGE, expected=True)


def _measure(
    sheet: Sheet,
    located: LocatedPage,
    page: int,
    values: OnScreenValues,
    damage: tuple[Addition, ...],
) -> PageContents:
    expected = expected_ink(sheet)
    parts = expected.signature
    return PageContents(
        checkboxes=tuple(
            read_checkbox(sheet, mark, page, values.options.get(mark.checkbox.option)) for mark in expected.marks
        ),
        written=tuple(WrittenField(field, measure_field(sheet, field)) for field in sheet.page.text_fields),
        signed=None if parts is None else SignedField(parts.field, measure_signature(sheet, parts)),
        changes=find_changes(sheet, expected, page),
        damage=damage,
        dpi=round(located.view.dpi, 1),
        residual_mm=round(located.residual_mm, 3),
    )


def _with_pictures(contents: PageContents, sheet: Sheet) -> PageContents:
    """Cut out for recognition the fields with ink in them, and a signature that may be a printed word."""
    written = tuple(
        each if each.ink.empty else replace(each, picture=field_picture(sheet, each.field)) for each in contents.written
    )
    signed = contents.signed
    if signed is not None and signed.ink.to_be_recognised:
        signed = replace(signed, picture=signature_picture(sheet, signed.field))
    return replace(contents, written=written, signed=signed)


def _findings(located: LocatedPage, sheet: Sheet, contents: PageContents) -> tuple[Reason, ...]:
    changes = contents.changes
    found = {
        Reason.PAGE_LOW_RESOLUTION: located.view.dpi < LOWEST_DPI,
        Reason.PAGE_CUT: any(not _is_inside(located.view, box) for box in _needed(sheet.page)),
        Reason.ADDRESS_DIFFERS: bool(changes.changed_own or changes.exchanged),
        Reason.TEXT_DIFFERS: bool(changes.changed),
        Reason.TEXT_STRUCK: bool(changes.struck),
        Reason.PAGE_POOR_FIT: not all(written.ink.in_place for written in contents.written),
        Reason.PAGE_FAINT: sheet.lossy,
        Reason.PAGE_BLACK_AND_WHITE: sheet.bilevel and not sheet.lossy and _seems_to_lack(contents),
    }
    return tuple(reason for reason, happened in found.items() if happened)


def _seems_to_lack(contents: PageContents) -> bool:
    """Tell whether something that is asked for on the page does not show."""
    boxes, signed = contents.checkboxes, contents.signed
    return (
        (bool(boxes) and all(box.state is MarkState.EMPTY for box in boxes))
        or any(written.ink.empty for written in contents.written if written.field.required)
        or (signed is not None and signed.field.required and signed.ink.nothing)
    )


def _needed(geometry: PageGeometry) -> list[BoxMm]:
    boxes = [box.box_mm for box in geometry.checkboxes] + [field.box_mm for field in geometry.text_fields]
    return boxes if geometry.signature is None else [*boxes, geometry.signature.box_mm]


def _is_inside(view: PageView, box: BoxMm) -> bool:
    corners = np.array([(box.x0, box.y0), (box.x1, box.y0), (box.x0, box.y1), (box.x1, box.y1)])
    places = map_points(view.to_px, corners)
    height, width = view.picture.shape
    return bool((places >= 0).all() and (places[:, 0] < width).all() and (places[:, 1] < height).all())


def _is_blank(grey: Grey) -> bool:
    small = _scaled(grey, min(1.0, 800 / max(grey.shape)))
    paper = float(np.median(small))
    if paper < _PAPER_FROM:
        return False
    margin_y, margin_x = small.shape[0] // 25, small.shape[1] // 25
    middle = small[margin_y:-margin_y, margin_x:-margin_x] if min(small.shape) > 50 else small
    return float((middle < 0.7 * paper).mean()) < _BLANK_BELOW


def _scaled(grey: Grey, factor: float) -> Grey:
    size = (round(grey.shape[1] * factor), round(grey.shape[0] * factor))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
