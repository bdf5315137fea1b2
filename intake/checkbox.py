"""Read a checkbox: ink inside the printed square, whether the square is filled, and ink beside it.

The thresholds are measured in docs/decisions/0004-thresholds.md. Between “empty” and “marked”, and between “marked” and
“corrected”, lies a band in which the state is unclear.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.issued_form import Checkbox
from forms.units import BoxMm
from intake import calibration
from intake.calibration import NOTHING_CLAIMED, log_ink
from intake.frames import shows_in_place
from intake.results import CheckboxReading, MarkState
from intake.sheet import Sheet, count_pieces, pieces_with, strokes_side_by_side, with_pale_ink
from intake.sheet_grid import Mask, area_mm2, marked, pixels, px_per_mm
from intake.small_writing import is_small_writing
from intake.straight_strokes import SquareParts, find_strokes, lies_along_strokes, raggedness, share_along_two

EMPTY_BELOW = 0.010
MARKED_FROM = 0.030
"""Share of the square's interior covered by ink: below the first it is empty, from the second on marked."""
PALE_MARKED_FROM = 0.06
"""The same for ink and the pale ink that touches it."""
LOSSY_EMPTY_BELOW = 0.002
"""The same on a page that may have lost ink: a speck may be what is left of a mark."""
TRACES_FROM = 0.035
"""Share of the inmost part with traces too pale for ink from which the square is not called empty."""
PALEST_FROM = 0.08
"""Mean darkness of 3 × 3 pixels that is something in so small a place, where no shadow falls: the same share of that is
not called empty either, a hardly visible mark or a yellow marker's."""
PALE_PEN_FROM, AS_DARK_FROM = 0.06, 0.8
"""Share of traces from which a pale pen has made a mark, and how dark they are at least beside what the same pen wrote
in the fields: a mark that was rubbed out is paler than that."""
SOLID_UNCLEAR_FROM = 0.45
SOLID_CORRECTED_FROM = 0.75
"""Share of the interior that is solidly filled: pens leave lines, only filling leaves solid ground."""
BARE_BELOW, PALE_BARE_BELOW = 0.19, 0.14
"""Radius of the largest round without ink in the interior, and without even traces, as a share of its width, below
which the square is filled: a pen that marks leaves a side of it bare, one that fills, finely or palely, does not."""
DARK_BARE_BELOW, DARK_BARE_OPEN_FROM = 0.19, 0.25
"""The same of the largest round that is nowhere so dark as 0.4 of the mark itself, below which the square is filled,
and from which traces tell nothing: a photo's blur lays them around every stroke."""
DARK_OPEN_FROM = 0.33
"""The same from which solid ground is a blot that leaves the square open."""
OPEN_FROM = 0.23
"""The second of them from which solid ground is a blot that leaves the square open, and no filling, unless ink was
lost: what is filled in with its corners left out has less."""
LOSSY_SPREAD_FROM, LOSSY_BARE_BELOW = 0.3, 0.25
"""On a page that lost ink, share of ink from which less bare ground than this is a filling that is breaking up."""
BROKEN_FROM_PIECES, THIN_BROKEN_FROM_PIECES = 4, 2
REMAINS_BELOW, PIECES_BELOW = 0.06, 0.10
"""In black and white, pieces of ink in the square from which (fewer where the print is thin as well), and share of ink
below which (the second for more than one piece), a mark may as well be what is left of a square filled in, unless it
lies along straight strokes."""
STROKES_MARKED_FROM = 0.010
"""Share of ink from which what lies along straight strokes is a mark."""
RAGGED_FROM, RAGGED_BELOW, RAGGED_SPREAD_FROM = 0.15, 0.97, 0.45
"""In black and white, raggedness of ink of several pieces, or of the last share, from which it is a filling that broke
up, unless the second share of it lies along two strokes."""
LEADING_FROM_MM2 = 0.8
"""Area of ink beyond the square from which several pieces, or ragged ones, are a pen's that led there."""
BESIDE_MM2 = 0.9
"""Area of ink beside the square, not linked to a mark inside, from which the box is unclear."""
SCRIBBLED_FROM_PASSES, SCRIBBLED_FROM_MM2 = 10, 36.0
"""Strokes side by side, counted both ways together, and area of ink linked to a mark beyond its square, from which it
is scribbled over: a cross has two strokes either way, and reaches out by four arms."""

HATCHED_FROM_PASSES = 5
"""Strokes side by side one way within the square from which it is hatched: of 924 plain marks by fine pens 1 has as
many, of 185 squares filled in by such pens, which leave some of it bare, 51."""

DENSE_FROM, COVERED_FROM, DENSE_FROM_PASSES = 0.35, 0.94, 3
"""Share of solid ground, or of the inmost part that is ink or pale ink beside it, from which that many strokes side by
side are enough, as they are of a pen too pale for ink, whose lines run together. Of 360 dots, crosses and scrawls, with
pens from 0.5 to 1.2 mm, one has as many on solid ground. A cross with a broad pen covers as much of a small square, by
two strokes."""

_BESIDE_MM = 3.0
_REACH_MM = 7.0
_INSET_MM, _LINE_REACH_MM = 0.3, 0.1
_LINE_BLUR_MM, _EDGE_MM, _BEYOND_MM = 0.45, 1.0, 1.0
_LINK_MM, _ALONG_LINE_MM = 1.1, 4.0
_GAP_MM, _BROKEN_GAP_MM = 0.35, 0.7
_SOLID_MM = 2.1
_TRACES_MM2, _FEWEST_WRITTEN = 0.5, 2
_DARKEST_PERCENT, _DARK_SHARE = 90, 0.4


@dataclass(frozen=True, slots=True)
class CheckboxMeasures:
    """What was measured on a checkbox, before it is judged."""

    inside: float
    """Share of the interior covered by ink."""
    middle: float
    """The same of its inmost part, away from the printed line: no mark leaves that bare, a line out of place does."""
    with_pale: float
    """The same with the pale ink that touches it, away from the printed line; in black and white there is none."""
    covered: float
    """The same as a share of the part away from the printed line."""
    solid: float
    """Share of the interior that is solidly filled."""
    bare: float
    """Radius of the largest round without ink in the interior, as a share of its width."""
    pale_bare: float
    """The same without as much as traces."""
    dark_bare: float
    """The same of what is nowhere so dark as 0.4 of the mark itself; in black and white as without ink."""
    around_mm2: float
    """Area of ink beside the square that is not linked to a mark inside."""
    beyond_mm2: float
    """Area of ink beyond the square that is."""
    passes: int
    """Strokes of a mark and its overshoots that lie side by side: from left to right, and from top to bottom."""
    hatches: int
    """Strokes within the square that lie side by side one way, the more of both; of a pale mark, in its dark parts."""
    traces: float
    """Share of the inmost part that shows anything at all."""
    palest: float
    """Share of the inmost part that is as dark as PALEST_FROM; in black and white there is none."""
    as_dark: float
    """How dark that is beside what shows in the fields, 1 the same; 0 where nothing can be compared, or need not be."""
    pieces: int
    """Separate pieces of ink in the interior."""
    written: bool
    """The ink of the mark is letters in a row, a nought or a question mark."""
    bilevel: bool
    """The page came in black and white: ink may have broken up."""
    thin_print: bool
    """So light that even the print came out thin."""
    in_strokes: bool
    """In black and white: the ink lies along one straight stroke or two, as what is left of a cross or a tick does."""
    along_two: float
    """In black and white: share of the ink along the fullest two straight strokes, whatever they are like."""
    ragged: float
    """In black and white: how ragged the ink in the interior is."""
    pale_shows: bool
    """The page has greys, or is so dark that even its print is swollen."""
    in_place: bool
    """The printed square lies where it should: else the paper bulges, and its line may lie within."""
    lossy: bool
    """The page may have lost ink before it arrived."""


def read_checkbox(sheet: Sheet, mark: MarkArea, page: int, on_screen: bool | None) -> CheckboxReading:  # noqa: FBT001
    """Read one checkbox of a sheet; `page` is the page of the file, `on_screen` the form field's own value."""
    measures, checkbox = measure_checkbox(sheet, mark), mark.checkbox
    state = _state(measures)
    return CheckboxReading(
        option=checkbox.option,
        state=state,
        confidence=round(_confidence(state, measures), 4),
        page=page,
        box_mm=checkbox.box_mm,
        inside=round(measures.inside, 4),
        around_mm2=round(measures.around_mm2, 2),
        on_screen=on_screen,
    )


@dataclass(frozen=True, slots=True)
class MarkArea:
    """The ink of a mark in a checkbox, its overshoots included."""

    checkbox: Checkbox
    region: tuple[slice, slice]
    """Rows and columns of the sheet around the checkbox."""
    ink: Mask
    """Of that region, what is linked to the square."""


def mark_area(sheet: Sheet, checkbox: Checkbox) -> MarkArea:
    """Find the ink around a checkbox that is linked to its square."""
    region = pixels(checkbox.box_mm.grown(_REACH_MM))
    inner = marked(region, checkbox.box_mm.grown(-checkbox.line_width_mm - _INSET_MM))
    ink = sheet.surplus[region] | (inner & sheet.ink[region])
    line = marked(region, checkbox.box_mm) & ~inner
    return MarkArea(checkbox, region, _linked(ink, inner, line, _LINK_MM + 2 * checkbox.line_width_mm))


def measure_checkbox(sheet: Sheet, mark: MarkArea) -> CheckboxMeasures:
    """Measure a checkbox of a sheet with the mark that was found there."""
    checkbox, region, linked = mark.checkbox, mark.region, mark.ink
    inner = marked(region, checkbox.box_mm.grown(-checkbox.line_width_mm - _INSET_MM))
    inside_ink = sheet.ink[region] & inner
    near = marked(region, checkbox.box_mm.grown(_BESIDE_MM))
    beside = sheet.surplus[region] & near & ~linked & ~inner
    total = max(int(inner.sum()), 1)
    core = checkbox.box_mm.grown(-checkbox.line_width_mm - _INSET_MM - _LINE_BLUR_MM)
    pale = inside_ink
    inmost = marked(region, core)
    if not sheet.bilevel:
        pale = inmost & with_pale_ink(inside_ink, sheet.darkness(region))
    traces = sheet.faint_traces[pixels(core)]
    is_hardly_ink = not sheet.bilevel and inside_ink.sum() < MARKED_FROM * total
    is_pale = is_hardly_ink and traces.mean() >= PALE_PEN_FROM
    dark = inside_ink if sheet.bilevel or not inside_ink.any() else dark_part(sheet.darkness(region), inner)
    hatched = dark if is_hardly_ink else inside_ink
    strokes = find_strokes(linked, _parts(region, checkbox, inner)) if sheet.bilevel else None
    return CheckboxMeasures(
        inside=float(inside_ink.sum()) / total,
        middle=float(sheet.ink[pixels(core)].mean()),
        with_pale=float(pale.sum()) / total,
        covered=float((pale & inmost).sum()) / max(int(inmost.sum()), 1),
        solid=_solid(inside_ink, inner, _BROKEN_GAP_MM if sheet.bilevel else _GAP_MM),
        bare=bare_radius(inside_ink, inner),
        pale_bare=bare_radius(inner & sheet.traces[region], inner),
        dark_bare=bare_radius(dark, inner),
        around_mm2=area_mm2(beside),
        beyond_mm2=area_mm2(linked & ~marked(region, checkbox.box_mm)),
        passes=strokes_side_by_side(linked) + strokes_side_by_side(linked.T),
        hatches=max(strokes_side_by_side(hatched), strokes_side_by_side(hatched.T)),
        traces=float(traces.mean()),
        palest=0.0 if sheet.bilevel else _share_darker(sheet, core, PALEST_FROM),
        as_dark=_darkness_beside_writing(sheet, core) if is_pale else 0.0,
        pieces=count_pieces(np.asarray(inside_ink)),
        written=is_small_writing(linked, inside_ink, breaks_up=sheet.bilevel),
        bilevel=sheet.bilevel,
        thin_print=sheet.thin_print,
        in_strokes=strokes is not None and lies_along_strokes(strokes),
        along_two=0.0 if strokes is None else share_along_two(strokes),
        ragged=raggedness(linked, inner) if sheet.bilevel else 0.0,
        pale_shows=sheet.shows_pale_ink,
        in_place=shows_in_place(sheet, checkbox.box_mm.grown(-checkbox.line_width_mm / 2), _LINE_REACH_MM),
        lossy=sheet.lossy,
    )


def _parts(region: tuple[slice, slice], checkbox: Checkbox, inner: Mask) -> SquareParts:
    box = checkbox.box_mm
    edge = marked(region, box.grown(_LINE_BLUR_MM)) & ~marked(region, box.grown(-_EDGE_MM))
    return SquareParts(inner, edge, ~marked(region, box.grown(_BEYOND_MM)))


def _linked(ink: Mask, inner: Mask, line: Mask, gap_mm: float) -> Mask:
    """Keep the ink that reaches into the interior, bridging the printed line between inside and outside.

    A stroke may run along the line before it leaves it, and does not show there.
    """
    inside = ink & inner
    if not inside.any():
        return inside
    joined = _grown(ink, gap_mm)
    linked = ink & pieces_with(joined, inside)
    if np.array_equal(linked, ink):
        return linked
    along = _grown(_grown(linked, gap_mm) & line, 2 * _ALONG_LINE_MM) & line
    return ink & pieces_with(joined | along, linked)


def _grown(mask: Mask, size_mm: float) -> Mask:
    """Let a mask grow so that parts of it up to a size apart touch."""
    size = round(size_mm * px_per_mm()) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.dilate(mask.view(np.uint8), kernel), dtype=bool)


def _solid(ink: Mask, inner: Mask, gap_mm: float) -> float:
    """Share of the interior on solid ground: what is left after small gaps are closed and pen strokes opened away."""
    gap, stroke = (round(size * px_per_mm()) | 1 for size in (gap_mm, _SOLID_MM))
    closed = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (stroke, stroke))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel)
    return float(np.count_nonzero(opened)) / max(int(inner.sum()), 1)


def bare_radius(ink: Mask, inner: Mask) -> float:
    """Radius of the largest round without ink in the interior, as a share of its width; large where there is no ink."""
    width_px = max(int(inner.any(axis=0).sum()), 1)
    if not ink.any():
        return float(max(inner.shape)) / width_px
    distance = cv2.distanceTransform((~ink).view(np.uint8), cv2.DIST_L2, 3)
    return float(distance[inner].max()) / width_px


def dark_part(darkness: NDArray[np.float32], inner: Mask) -> Mask:
    """Mark what in the interior is dark beside the mark itself, however pale or blurred that is."""
    means = np.asarray(cv2.blur(darkness, (3, 3)), dtype=np.float32)
    darkest = float(np.percentile(means[inner], _DARKEST_PERCENT))
    return np.asarray(inner & (means > _DARK_SHARE * darkest))


def _share_darker(sheet: Sheet, box: BoxMm, darkness: float) -> float:
    """Share of a box whose means of 3 × 3 pixels are darker than so much."""
    means = np.asarray(cv2.blur(sheet.darkness(pixels(box)), (3, 3)))
    return float(np.count_nonzero(means > darkness)) / max(means.size, 1)


def _darkness_beside_writing(sheet: Sheet, core: BoxMm) -> float:
    """Compare how dark the traces in a square are with those of the writing in the median of the page's fields."""
    written = [_darkness_of_traces(sheet, field.box_mm.grown(-_INSET_MM)) for field in sheet.page.text_fields]
    written = sorted(darkness for darkness in written if darkness > 0)
    return _darkness_of_traces(sheet, core) / written[len(written) // 2] if len(written) >= _FEWEST_WRITTEN else 0.0


def _darkness_of_traces(sheet: Sheet, box: BoxMm) -> float:
    region = pixels(box)
    traces = sheet.traces[region]
    return float(sheet.darkness(region)[traces].mean()) if area_mm2(traces) >= _TRACES_MM2 else 0.0


def _state(measures: CheckboxMeasures) -> MarkState:
    if not measures.in_place:
        return MarkState.UNCLEAR
    if measures.solid >= SOLID_CORRECTED_FROM:
        return MarkState.CORRECTED
    if (_is_inked(measures) or _is_by_pale_pen(measures)) and (
        measures.solid < SOLID_UNCLEAR_FROM or _is_blot(measures)
    ):
        is_alone = measures.around_mm2 < BESIDE_MM2 * 3
        is_otherwise = _is_filled(measures) or _is_remains(measures) or _is_scribbled(measures) or measures.written
        is_plain = is_alone and not is_otherwise
        return MarkState.MARKED if is_plain else MarkState.UNCLEAR
    empty_below = LOSSY_EMPTY_BELOW if measures.lossy else EMPTY_BELOW
    is_bare = max(measures.traces, measures.palest) < TRACES_FROM
    if measures.inside < empty_below and measures.around_mm2 < BESIDE_MM2 and is_bare:
        return MarkState.EMPTY
    return MarkState.UNCLEAR


def _is_inked(measures: CheckboxMeasures) -> bool:
    """Tell whether there is ink enough for a mark: of a pale pen little is as dark as ink, and more beside it."""
    least = STROKES_MARKED_FROM if measures.in_strokes else MARKED_FROM
    is_dark = measures.inside >= least and measures.middle > 0
    return is_dark or (measures.inside >= EMPTY_BELOW and measures.with_pale >= PALE_MARKED_FROM)


def _is_by_pale_pen(measures: CheckboxMeasures) -> bool:
    """Tell a mark too pale for ink by the writing beside it, which is as pale: nothing was rubbed out there."""
    return measures.as_dark >= AS_DARK_FROM and measures.pale_bare >= OPEN_FROM


def _is_blot(measures: CheckboxMeasures) -> bool:
    """Tell solid ground that leaves the square open: a dot, or a scrawl with a broad pen."""
    is_open = measures.dark_bare >= DARK_OPEN_FROM or (measures.pale_bare >= OPEN_FROM and not measures.bilevel)
    return is_open and measures.pale_shows and not measures.lossy


def _is_filled(measures: CheckboxMeasures) -> bool:
    """Tell whether ink, however thin or pale, is spread all over the square."""
    is_spread = measures.lossy and measures.inside >= LOSSY_SPREAD_FROM
    bare_below = LOSSY_BARE_BELOW if is_spread else BARE_BELOW
    if measures.bilevel:
        return measures.bare < bare_below or measures.pale_bare < PALE_BARE_BELOW
    by_traces = measures.pale_bare < PALE_BARE_BELOW and measures.dark_bare < DARK_BARE_OPEN_FROM
    return measures.bare < bare_below or measures.dark_bare < DARK_BARE_BELOW or by_traces


def _is_scribbled(measures: CheckboxMeasures) -> bool:
    """Tell whether a pen went back and forth over the square, as who strikes a mark out or fills the square in does."""
    is_dense = measures.solid >= DENSE_FROM or measures.covered >= COVERED_FROM or measures.inside < MARKED_FROM
    hatched_from = DENSE_FROM_PASSES if is_dense and not measures.bilevel else HATCHED_FROM_PASSES
    is_hatched = measures.hatches >= hatched_from
    return is_hatched or measures.passes >= SCRIBBLED_FROM_PASSES or measures.beyond_mm2 >= SCRIBBLED_FROM_MM2


def _is_remains(measures: CheckboxMeasures) -> bool:
    """Tell whether so little of a mark arrived that it may have been anything, a square filled in as well."""
    if not measures.bilevel or measures.in_strokes:
        return False
    broken_from = THIN_BROKEN_FROM_PIECES if measures.thin_print else BROKEN_FROM_PIECES
    is_little = measures.pieces >= broken_from or measures.inside < REMAINS_BELOW
    if is_little or measures.beyond_mm2 >= LEADING_FROM_MM2:
        return is_little
    is_parted = measures.pieces > 1
    is_ragged = measures.ragged >= RAGGED_FROM and measures.along_two < RAGGED_BELOW
    return (is_parted and measures.inside < PIECES_BELOW) or (
        is_ragged and (is_parted or measures.inside >= RAGGED_SPREAD_FROM)
    )


def _confidence(state: MarkState, measures: CheckboxMeasures) -> float:
    """How sure the state is, by curves that were fitted; an unclear one claims nothing."""
    curve = calibration.MARKED_LOSSY if measures.lossy else calibration.MARKED
    marked = curve(log_ink(measures.traces if _is_by_pale_pen(measures) else measures.inside))
    corrected = 0.0 if _is_blot(measures) else calibration.CORRECTED(measures.solid)
    return {
        MarkState.MARKED: marked * (1 - corrected),
        MarkState.EMPTY: 1 - marked,
        MarkState.CORRECTED: corrected,
        MarkState.UNCLEAR: NOTHING_CLAIMED,
    }[state]
