"""A located page laid flat beside its blank: the ink on it, and the print that was there from the start.

Both pictures share one grid, so whatever is asked of a box, a field or the whole page is asked of the same pixels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.issued_form import PageGeometry
from intake.ink_pieces import ink_pieces
from intake.order_statistics import median, percentile, spread
from intake.pictures import Grey, PagePicture, halved
from intake.printed_page import PrintedPage
from intake.sampling import PageView
from intake.sheet_grid import SHEET_DPI, Mask, area_mm2, pixels, places_of, px_per_mm

INK_FROM = 0.26
"""Darkness from which a pixel counts as ink, between paper (0) and the page's own print (1)."""
TRACE_FROM = 0.12
"""Mean darkness of 3 × 3 pixels from which something too pale to be called ink may be there: it is not called empty."""
CLEAN_TRACE_FROM, CLEAN_FROM = 0.05, 0.75
"""The same on a page of which so large a share is purely white: copiers that wash the background out bleach pale ink as
well, but hardly anything else shows on their paper."""

PALE_FROM = 0.13
NOISE_TIMES = 6.0
"""Mean darkness of 3 × 3 pixels from which what touches ink is ink as well; at least so many times the noise."""

PAPER_LEVEL = 220
"""What bare paper is in a picture of brightness: room for what is brighter."""

SPECK_MM2 = 0.12
"""Area below which a piece of ink is a speck."""
FAINT_PRINT_BELOW = 0.86
"""Strength of the print below which a black-and-white scan was so light that pens may have vanished."""
SWOLLEN_PRINT_FROM = 1.38
"""Strength of the print from which a black-and-white scan was so dark that whatever is written shows."""
FAINT_INK_BELOW_MM2 = 12.0
"""Area of handwriting below which the rest of it may be what has vanished."""
BROKEN_FROM_SPECKS = 3
BROKEN_FROM_SPECKS_PER_MM2 = 0.12
"""Specks in a field, in all and for each square millimetre of its ink, from which a pen is breaking up."""

_WHITE_FROM = 254
_PASSES_MM = 1.0
_PALE_STROKE_MM2 = 0.8
_ROOM_INSET_MM = 0.45
_PAPER_CELL_PX = 6
_PAPER_REACH_CELLS = 9


@dataclass(frozen=True)
class Sheet:
    """A page and its blank on one grid of SHEET_DPI; arrays have shape (height, width)."""

    issued: PrintedPage
    view: PageView
    flat: Grey
    """The page as located, drift taken out."""
    bilevel: bool
    """It was scanned in black and white: what was too pale for that is not there at all."""

    @property
    def page(self) -> PageGeometry:
        """What all customers have on the page, and where."""
        return self.issued.geometry

    @property
    def blank(self) -> Grey:
        """The page as issued."""
        return self.issued.blank

    @property
    def printed(self) -> Mask:
        """Where print may lie: the blank page's, and a little around it."""
        return self.issued.printed

    @cached_property
    def ink(self) -> Mask:
        """Pixels as dark as ink, print included."""
        return np.asarray(self.brightness < self._brightness_at(INK_FROM))

    @cached_property
    def surplus(self) -> Mask:
        """Ink where nothing was printed."""
        return np.asarray(self.ink > self.printed)

    @cached_property
    def traces(self) -> Mask:
        """Where something may be, ink included, that is only just told from the paper; print is not left out."""
        return self._darker_than(TRACE_FROM)

    @cached_property
    def faint_traces(self) -> Mask:
        """The same with what is paler still, where paper is so white that it shows: for whoever calls a place empty."""
        return self._darker_than(CLEAN_TRACE_FROM) if self.clean else self.traces

    def _darker_than(self, darkness: float) -> Mask:
        return np.asarray(cv2.blur(self.brightness, (3, 3)) < self._brightness_at(darkness))

    @property
    def clean(self) -> bool:
        """Its greys stand on paper that is purely white: a copier washed it out, or a computer drew it."""
        sample = self.flat[::4, ::4]
        return not self.bilevel and int(np.count_nonzero(sample >= _WHITE_FROM)) >= CLEAN_FROM * sample.size

    def evenly_lit(self, region: tuple[slice, slice]) -> Grey:
        """Cut a region out as it would look in even light on white paper, for whoever reads text on it."""
        return np.asarray(cv2.convertScaleAbs(self.brightness[region], alpha=255 / PAPER_LEVEL), dtype=np.uint8)

    def with_pale(self, region: tuple[slice, slice], ink: Mask) -> Mask:
        """Let ink in a region grow by the pale ink that touches it; in black and white nothing is pale."""
        return ink if self.bilevel else with_pale_ink(ink, self.darkness(region))

    def darkness(self, region: tuple[slice, slice]) -> NDArray[np.float32]:
        """How dark each pixel of a region is between the paper around it (0) and the page's own print (1)."""
        brightness = self.brightness[region].astype(np.float32)
        return np.asarray((1.0 - brightness / PAPER_LEVEL) / (1.0 - self.black), dtype=np.float32)

    @cached_property
    def print_strength(self) -> float:
        """How much of the printed text's blackness the picture kept: 1 all of it, less where it came out thinner."""
        text, printed = self.issued.shared.text_area, self.issued.shared.text_blackness
        _, up_to_paper = cv2.threshold(self.brightness, PAPER_LEVEL, 0, cv2.THRESH_TRUNC)
        darkest = PAPER_LEVEL - round(PAPER_LEVEL * self.black)
        _, below_paper = cv2.threshold(PAPER_LEVEL - up_to_paper, darkest, 0, cv2.THRESH_TRUNC)
        darkness = float(cv2.norm(below_paper, cv2.NORM_L1, text)) / max(int(np.count_nonzero(text)), 1)
        return darkness / PAPER_LEVEL / (1.0 - self.black) / max(printed, 1e-6)

    @property
    def thin_print(self) -> bool:
        """A black-and-white scan so light that pens may have vanished: even its print came out thin."""
        return self.bilevel and self.print_strength < FAINT_PRINT_BELOW

    @property
    def shows_pale_ink(self) -> bool:
        """What was written palely shows: the page has greys, or is so dark that even its print is swollen."""
        return not self.bilevel or self.print_strength >= SWOLLEN_PRINT_FROM

    @cached_property
    def lossy(self) -> bool:
        """The page may have lost ink before it arrived: nothing that does not show can be called missing.

        Its print came out thin, a pen is breaking up into specks, or there is so little handwriting that more of it
        may have been there.
        """
        rooms = [field.box_mm for field in self.page.text_fields]
        rooms += [] if self.page.signature is None else [self.page.signature.box_mm]
        if not self.bilevel:
            return False
        inks = [self.ink[pixels(room.grown(-_ROOM_INSET_MM))] for room in rooms]
        little = bool(inks) and sum(area_mm2(without_specks(ink, SPECK_MM2)) for ink in inks) < FAINT_INK_BELOW_MM2
        return self.thin_print or little or any(_breaks_up(ink) for ink in inks)

    @cached_property
    def brightness(self) -> Grey:
        """How bright each pixel is beside the paper around it, which is PAPER_LEVEL."""
        return np.asarray(cv2.divide(self.flat, _paper(self.flat), scale=PAPER_LEVEL), dtype=np.uint8)

    def _brightness_at(self, darkness: float) -> int:
        """Give the least whole brightness that is not darker than so much: comparing whole numbers is far quicker."""
        return ceil(PAPER_LEVEL * (1.0 - darkness * (1.0 - self.black)))

    @cached_property
    def black(self) -> float:
        """Brightness of the page's own solid print, as a share of the paper's: taken from the anchors."""
        paper = percentile(self.flat[::5, ::5], 0.8)
        blacks = [median(self.flat[pixels(anchor.grown(-0.8))]) for anchor in self.page.anchors_mm]
        return min(median(np.array(blacks)) / max(paper, 1.0), 0.75)


def flatten(view: PageView, issued: PrintedPage, *, bilevel: bool) -> Sheet:
    """Lay a located page flat beside the page that was issued; print that a fax lost on the way is as it was issued."""
    flat = view.whole(SHEET_DPI)
    if lost := view.picture.lost_lines:
        unknown = _where(lost, view) & issued.printed
        flat[unknown] = issued.blank[unknown]
    return Sheet(issued, view, flat, bilevel)


def _where(rows: Iterable[slice], view: PageView) -> Mask:
    """Mark on the sheet where rows of the picture lie."""
    picture = np.full(view.picture.shape, 255, dtype=np.uint8)
    for run in rows:
        picture[run] = 0
    return np.asarray(replace(view, picture=PagePicture(picture, bilevel=True)).whole(SHEET_DPI) < 255)


def with_pale_ink(ink: Mask, darkness: NDArray[np.float32]) -> Mask:
    """Let the ink of a region grow by the pale ink that touches it: a pale pen's stroke is one piece, not many.

    A pixel's own darkness is uncertain by the noise of the picture; what is beyond doubt beside it makes it ink.
    """
    means = np.asarray(cv2.blur(darkness, (3, 3)), dtype=np.float32)
    pale = ink_pieces(ink | (means > max(PALE_FROM, NOISE_TIMES * _noise(means))))
    inked = np.bincount(pale.piece_of[ink.ravel()[pale.places]], minlength=pale.count)
    # The blur around a speck makes no stroke of it.
    px_per_mm2 = px_per_mm() ** 2
    grows = (inked >= SPECK_MM2 * px_per_mm2) | (pale.areas_px >= _PALE_STROKE_MM2 * px_per_mm2)
    return np.asarray(ink | pale.only(grows & (inked > 0)))


def _noise(means: NDArray[np.float32]) -> float:
    """Deviation of the bare paper in a region's means of 3 × 3 pixels: by the median, which ink does not move."""
    sample = means[::3, ::3]
    return spread(sample - np.float32(median(sample)))


def without_specks(ink: Mask, smallest_mm2: float) -> Mask:
    """Leave out pieces of ink that are smaller than an area."""
    pieces = ink_pieces(ink)
    return pieces.only(pieces.areas_px >= smallest_mm2 * px_per_mm() ** 2)


def count_pieces(ink: Mask) -> int:
    """Count the separate pieces of ink."""
    return int(cv2.connectedComponents(ink.view(np.uint8), connectivity=8)[0]) - 1


def count_specks(ink: Mask) -> int:
    """Count the pieces of ink that are smaller than anything written: dirt, or what is left of a pen too pale."""
    return int(np.count_nonzero(ink_pieces(ink).areas_px < SPECK_MM2 * px_per_mm() ** 2))


def pieces_with(mask: Mask, seeds: Mask) -> Mask:
    """Keep the pieces of a mask that hold at least one of the seeds."""
    pieces = ink_pieces(mask)
    return pieces.only(pieces.touched_by(seeds))


def piece_boxes(ink: Mask) -> NDArray[np.intp]:
    """Give left, top, width, height and area of each piece of ink, in pixels; shape (n, 5)."""
    rows, columns = bounds_px(ink)
    return np.asarray(ink_pieces(ink[rows, columns]).boxes_px + np.array((columns.start, rows.start, 0, 0, 0)))


def sides_mm(ink: Mask) -> tuple[float, float]:
    """Give the shorter and the longer side of the narrowest rectangle around ink, at any angle."""
    _, sides, _ = cv2.minAreaRect(np.stack(places_of(ink), axis=1).astype(np.int32))
    shorter, longer = sorted(sides)
    return shorter / px_per_mm(), longer / px_per_mm()


def strokes_by_row(ink: Mask) -> NDArray[np.intp]:
    """Count the strokes that lie side by side along each row."""
    begins = ink[:, 1:] & ~ink[:, :-1]
    return np.asarray(np.count_nonzero(begins, axis=1) + ink[:, 0])


def strokes_side_by_side(ink: Mask) -> int:
    """Count the strokes that lie side by side along the rows that cross most of them."""
    return int(np.sort(strokes_by_row(ink))[-round(_PASSES_MM * px_per_mm()) :].mean())


def bounds_px(ink: Mask, margin_px: int = 0) -> tuple[slice, slice]:
    """Give the rows and columns that hold all ink, at least one of each, and a margin where there is room.

    Looking no further saves time: counting pieces sets memory aside by the size of the picture.
    """
    x, y, width, height = cv2.boundingRect(ink.view(np.uint8))
    return (
        slice(max(0, y - margin_px), y + max(height, 1) + margin_px),
        slice(max(0, x - margin_px), x + max(width, 1) + margin_px),
    )


def _breaks_up(ink: Mask) -> bool:
    specks = count_specks(ink)
    return specks >= max(BROKEN_FROM_SPECKS, BROKEN_FROM_SPECKS_PER_MM2 * area_mm2(ink))


def _paper(flat: Grey) -> Grey:
    """Estimate the bare paper's brightness everywhere: the brightest of each neighbourhood, smoothed."""
    height, width = flat.shape
    bright = halved(np.asarray(cv2.dilate(flat, np.ones((3, 3), np.uint8)), dtype=np.uint8))
    below, beside = (-side % (_PAPER_CELL_PX // 2) for side in bright.shape)
    whole_cells = cv2.copyMakeBorder(bright, 0, below, 0, beside, cv2.BORDER_REPLICATE)
    size = (2 * whole_cells.shape[1] // _PAPER_CELL_PX, 2 * whole_cells.shape[0] // _PAPER_CELL_PX)
    coarse = cv2.resize(whole_cells, size, interpolation=cv2.INTER_AREA)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_PAPER_REACH_CELLS, _PAPER_REACH_CELLS))
    closed = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, kernel)
    smooth = np.maximum(cv2.blur(closed, (5, 5)), 1)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
