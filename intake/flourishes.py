"""Tell the lines of a signature that run on beyond its frame: they belong to it, and say nothing by themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forms.units import BoxMm
from intake.capitals import pen_px
from intake.sheet import Sheet, count_pieces, sides_mm
from intake.sheet_grid import Mask, area_mm2, pixels, places_on_sheet, px_per_mm
from intake.signature import PRESENT_FROM_MM2

SIGNATURE_REACH_MM = 20.0
"""How far a signature reaches beyond its frame."""
FRAME_REACH_MM = 1.0
"""Of a printed frame, within which ink touches it."""
WIDE_MM, LONG_MM, NEAR_MM = 3.0, 12.0, 8.0
"""Width at most and length at least of one stroke that touches the frame, and how far beyond that it reaches."""
UNDERLINE_MM = (1.5, 6.0)
"""The same of a line beneath that frame, where nothing is printed: it need not touch it."""
SLIMNESS, WINDS = 8.0, 1.7
"""Length of a single line as a multiple of its width, at least; and that of its strokes as a multiple of its own, at
most: `bench.drawn_ink lines`."""
DASH_WIDE_MM, LEADS_MM = 1.2, 5.0
"""Width at most of a dash that a skipping pen left, and how far it may lie from the line that it goes on from."""

_ACROSS_MM = 0.5


def is_flourish(sheet: Sheet, handwriting: Mask, box: BoxMm, mask: Mask) -> bool:
    """Tell a line along or beneath a signature's frame, or one that goes on from its strokes in `handwriting`."""
    field = sheet.page.signature
    if field is None or not field.frame_mm.grown(SIGNATURE_REACH_MM).contains(box):
        return False
    breaks_up = sheet.bilevel  # dashes are left of words there as well as of lines
    wide_mm, long_mm = sides_mm(mask)
    beneath = box.y0 >= field.frame_mm.y1
    touches = field.frame_mm.grown(FRAME_REACH_MM).intersects(box)
    if not (
        ((touches or beneath) and not breaks_up and _is_single_line(mask, wide_mm, long_mm))
        or (field.frame_mm.grown(NEAR_MM).contains(box) and _is_long(mask, wide_mm, long_mm, touches, beneath))
        or (not breaks_up and _is_dash(mask, wide_mm, long_mm) and _goes_on(handwriting, *places_on_sheet(box, mask)))
    ):
        return False
    inside = pixels(field.box_mm.grown(-FRAME_REACH_MM))
    return area_mm2(sheet.with_pale(inside, sheet.ink[inside])) >= PRESENT_FROM_MM2


def _is_long(mask: Mask, wide_mm: float, long_mm: float, touches: bool, beneath: bool) -> bool:  # noqa: FBT001
    """Tell one long stroke that touches the frame, or lies beneath it."""
    in_one_go = touches and wide_mm <= WIDE_MM and long_mm >= LONG_MM and count_pieces(np.ascontiguousarray(mask)) == 1
    return in_one_go or (beneath and wide_mm <= UNDERLINE_MM[0] and long_mm >= UNDERLINE_MM[1])


def _is_single_line(mask: Mask, wide_mm: float, long_mm: float) -> bool:
    """Tell a line that runs on, once or a little more, from writing, whose strokes are longer than all of it."""
    return long_mm >= SLIMNESS * wide_mm and winds(mask, min(long_mm, _inked_mm(mask))) <= WINDS


def _inked_mm(mask: Mask) -> float:
    """Give how much of its length shows ink: the gaps between words make them no line."""
    points = np.argwhere(mask).astype(np.float64)
    points -= points.mean(axis=0)
    _, _, (along, _) = np.linalg.svd(points, full_matrices=False)
    return len(np.unique(np.round(points @ along))) / px_per_mm()


def _is_dash(mask: Mask, wide_mm: float, long_mm: float) -> bool:
    return wide_mm <= DASH_WIDE_MM and winds(mask, long_mm) <= WINDS


def winds(mask: Mask, long_mm: float) -> float:
    """Give the length of the strokes as a multiple of that of the whole."""
    pen_mm = pen_px(np.ascontiguousarray(mask)) / px_per_mm()
    return area_mm2(mask) / (pen_mm * max(long_mm, pen_mm))


def _goes_on(handwriting: Mask, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> bool:
    """Tell whether a line, drawn on beyond either of its ends, meets handwriting: a skipping pen left a gap there."""
    points = np.stack((columns, rows), axis=1).astype(np.float64)
    middle = points.mean(axis=0)
    _, _, axes = np.linalg.svd(points - middle, full_matrices=False)
    along, across = axes
    reached = (points - middle) @ along
    beyond_px = np.arange(0.0, LEADS_MM * px_per_mm())
    ends = np.concatenate((reached.min() - beyond_px, reached.max() + beyond_px))
    aside_px = np.array((-_ACROSS_MM, 0.0, _ACROSS_MM)) * px_per_mm()
    x, y = (
        np.round(middle + ends[:, None, None] * along + aside_px[None, :, None] * across).astype(int).reshape(-1, 2).T
    )
    height, width = handwriting.shape
    is_on = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return bool(handwriting[y[is_on], x[is_on]].any())
