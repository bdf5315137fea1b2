"""A page as it was issued, prepared for comparing what came back with it.

Most of a page is the same for all customers of a letter. That part is rendered and prepared once, and kept for the next
return; each customer's own part (address, reference, code) is laid over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.blank_page import IssuedParts, PagePart, Region, render_blank_page
from forms.issued_form import IssuedPdf, OwnPage, PageGeometry
from forms.units import BoxMm, enclosing
from intake.pictures import Grey, halved
from intake.piece_likeness import ComparablePieces
from intake.printed_pieces import PrintedPieces, find_pieces, mark_letter_gaps
from intake.printed_tiles import PageTiles, PrintedTiles, page_tiles, printed_tiles
from intake.sheet_grid import SHEET_DPI, Mask, grid_shape, pixels, pixels_within, px_per_mm

_PRINT_FROM = 25
_PRINT_REACH_MM = 0.3
"""How far print may lie from its place, after the local drift, without being taken for ink."""
_OWN_ROOM_MM = 2.0
"""How far a letter may reach beyond the box of its line, and then some."""
_KEPT_PAGES = 8


@dataclass(frozen=True)
class SharedPage:
    """What all customers of a letter have on a page."""

    geometry: PageGeometry
    blank: Grey

    @cached_property
    def printed(self) -> Mask:
        """Where print may lie: the blank page's, and a little around it."""
        return _near_print(self.blank)

    @cached_property
    def text_area(self) -> Grey:
        """1 where lines of text stand, else 0."""
        area = np.zeros(self.blank.shape, dtype=np.uint8)
        for line in self.geometry.text_lines:
            area[pixels(line.box_mm)] = 1
        return area

    @cached_property
    def text_blackness(self) -> float:
        """How black that area is in the mean, 0 to 1."""
        return 1.0 - float(cv2.mean(self.blank, self.text_area)[0]) / 255.0

    @cached_property
    def soft(self) -> Grey:
        """The blank page as wording is compared with it."""
        return softened(self.blank)

    @cached_property
    def tiles(self) -> PrintedTiles:
        """The tiles by which it is found where the page lies."""
        return printed_tiles(halved(self.blank), (self.geometry.width_mm, self.geometry.height_mm))

    @cached_property
    def pieces(self) -> PrintedPieces:
        """The printed lines in pieces."""
        return find_pieces(self.blank, self.geometry.text_lines)

    @cached_property
    def comparable(self) -> ComparablePieces:
        """The same, ready to be compared."""
        return ComparablePieces(self.pieces, self.soft)

    @cached_property
    def gaps(self) -> Mask:
        """Where a stroke would show that strikes a line out: bare paper between its letters."""
        gaps = np.zeros_like(self.printed)
        mark_letter_gaps(gaps, self.printed, self.geometry.text_lines)
        return gaps

    def made_ready(self) -> SharedPage:
        """Derive at once what is otherwise derived when it is first needed."""
        self.tiles.found_on(halved(self.blank), np.ones(len(self.tiles), dtype=bool), 0.0)
        self.comparable.likeness(self.soft)
        for derived in (self.blank, self.soft, self.printed, self.gaps):
            derived.setflags(write=False)
        return self


SharedKey = tuple[str, int]
"""Digest of what all forms of a letter share, and the number of a page."""


@dataclass(frozen=True)
class PrintedPage:
    """A page as it was issued to one customer, on the grid of a sheet."""

    shared: SharedPage
    own: OwnPage
    own_blank: Grey
    """The customer's part alone, as a picture."""
    own_regions: tuple[Region, ...]
    """Where of the page that part lies, with room around it."""

    @property
    def geometry(self) -> PageGeometry:
        """What all customers have on the page, and where."""
        return self.shared.geometry

    @cached_property
    def blank(self) -> Grey:
        """The whole page as a picture."""
        return self._laid_over(self.shared.blank, self.own_blank)

    @cached_property
    def printed(self) -> Mask:
        """Where print may lie: the blank page's, and a little around it."""
        printed = self.shared.printed.copy()
        for region in self.own_regions:
            printed[region] |= _near_print(self.own_blank[region])
        return printed

    @cached_property
    def tiles(self) -> PageTiles:
        """The tiles by which it is found where the page lies."""
        size_mm = self.geometry.width_mm, self.geometry.height_mm
        return page_tiles(self.shared.tiles, halved(self.blank), self.own_regions, size_mm)

    @cached_property
    def soft(self) -> Grey:
        """The whole page as wording is compared with it."""
        own = self.own_blank.copy()
        for region in self.own_regions:
            own[region] = softened(own[region])
        return self._laid_over(self.shared.soft, own)

    @cached_property
    def pieces(self) -> PrintedPieces:
        """The printed lines in pieces: those that all have, then the customer's own."""
        return self.shared.pieces.and_then(find_pieces(self.own_blank, self.own.text_lines))

    def gaps(self) -> Mask:
        """Where a stroke would show that strikes a line out; some gaps may hold print of the customer's part."""
        gaps = self.shared.gaps.copy()
        mark_letter_gaps(gaps, self.printed, self.own.text_lines)
        return gaps

    def likeness(self, soft_page: Grey) -> NDArray[np.float64]:
        """Correlate each of the pieces with a softened sheet, where it should lie; −1 to 1."""
        likeness = np.pad(self.shared.comparable.likeness(soft_page), (0, len(self.pieces) - len(self.shared.pieces)))
        own = self.pieces.touch(self.own_regions)
        own[len(self.shared.pieces) :] = True
        likeness[own] = ComparablePieces(self.pieces.only(own), self.soft).likeness(soft_page)
        return likeness

    def _laid_over(self, shared: Grey, own: Grey) -> Grey:
        """Give a picture of what all have with the customer's part on it."""
        both = shared.copy()
        for region in self.own_regions:
            both[region] = cv2.min(both[region], own[region])
        return both


class SharedPages:
    """Keeps the shared pages of the letters that were asked for last."""

    def __init__(self) -> None:
        self._kept: dict[SharedKey, SharedPage] = {}

    def page(self, parts: IssuedParts, geometry: PageGeometry) -> SharedPage:
        """Give a page of an issued form's letter."""
        key = (parts.shared_digest(), geometry.number)
        shared = self._kept.pop(key, None)
        if shared is None or shared.geometry != geometry:  # what is not drawn may differ: a zone for stamps
            pdf = parts.only(PagePart.SHARED)
            shared = SharedPage(geometry, render_blank_page(pdf, geometry.number, SHEET_DPI, grid_shape(geometry)))
        self.keep(key, shared)
        return shared

    def keep(self, key: SharedKey, shared: SharedPage) -> None:
        """Keep a page, and forget the one that was asked for longest ago where there are too many."""
        self._kept[key] = shared
        if len(self._kept) > _KEPT_PAGES:
            del self._kept[next(iter(self._kept))]


_shared_pages = SharedPages()


def shared_pages(issued: IssuedPdf) -> dict[SharedKey, SharedPage]:
    """Give all pages of an issued form's letter, made ready to be handed to another process."""
    with IssuedParts(issued.pdf) as parts:
        digest = parts.shared_digest()
        pages = [SharedPages().page(parts, geometry) for geometry in issued.letter.pages]
    return {(digest, page.geometry.number): page.made_ready() for page in pages}


def keep_shared(pages: Mapping[SharedKey, SharedPage]) -> None:
    """Keep pages that another process made ready."""
    for key, page in pages.items():
        _shared_pages.keep(key, page)


def printed_page(issued: IssuedPdf, number: int) -> PrintedPage:
    """Prepare a page of an issued form; pages count from 1."""
    geometry = issued.letter.pages[number - 1]
    with IssuedParts(issued.pdf) as parts:
        shared = _shared_pages.page(parts, geometry)
        own_pdf = parts.only(PagePart.OWN)
    own = issued.form.pages[number - 1]
    regions = _regions(geometry, own)
    own_blank = render_blank_page(own_pdf, number, SHEET_DPI, grid_shape(geometry), regions)
    return PrintedPage(shared, own, own_blank, regions)


def _regions(geometry: PageGeometry, own: OwnPage) -> tuple[Region, ...]:
    """Give the parts of the page that hold a customer's text and codes: what stands side by side is in one."""
    boxes = [box.grown(_OWN_ROOM_MM) for box in (*(line.box_mm for line in own.text_lines), *geometry.codes_mm)]
    bands: list[BoxMm] = []
    for box in sorted(boxes, key=lambda box: box.y0):
        is_beside = bool(bands) and box.y0 < bands[-1].y1
        bands.append(enclosing((bands.pop(), box)) if is_beside else box)
    return tuple(pixels_within(band, grid_shape(geometry)) for band in bands)


def softened(picture: Grey) -> Grey:
    """Blur a little, so that sharp and poor copies compare alike."""
    return np.asarray(cv2.GaussianBlur(picture, (3, 3), 0), dtype=np.uint8)


def _near_print(blank: Grey) -> Mask:
    reach = round(2 * _PRINT_REACH_MM * px_per_mm()) | 1
    dark = (blank < 255 - _PRINT_FROM).view(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    return np.asarray(cv2.dilate(dark, kernel) > 0)
