"""Find ink that lies on printed words: a word struck out, a letter made another, a syllable squeezed in.

Within a word no paper is beyond doubt bare, so such ink is not found where nothing was printed. It is found by its
mass. A copy may blur, shift, thin or swell the print, but it does so to all print alike: what a piece of a line has
more of than the others is somebody's ink. Only where the mass is suspicious is the piece laid on its blank as exactly
as it can be, and what is left over looked at. The thresholds are measured in docs/decisions/0023-ink-on-print.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.issued_form import PageGeometry, TextLine
from forms.units import BoxMm
from intake.flourishes import SIGNATURE_REACH_MM
from intake.folds import Fold, find_folds
from intake.order_statistics import median, spread
from intake.print_excess import Amounts, PieceBox, PieceDarkness, PieceRun, beyond_print, strongest_runs
from intake.printed_pieces import PrintedPieces
from intake.sampling import best_corner, cut_at
from intake.sheet import PAPER_LEVEL, Sheet
from intake.sheet_grid import Mask, marked, pixels, px_per_mm
from intake.thin_strokes import SURE_FROM_SPREADS, suspected_strokes

SUSPECT_FROM_MM2 = (0.22, 0.32, 0.40, 0.46)
"""Ink that one, two, three, four neighbouring pieces have beyond their print, from which they are looked at."""
SUSPECT_FROM_SPREADS = (4.5, 3.6)
"""The same as a multiple of the spread of the page's pieces and the root of their number; and in black and white."""
LEFT_OVER_FROM_MM2 = 0.15
WITH_MASS_FROM_MM2 = 0.20
"""Ink left over within 3.4 mm of a line from which it was laid there; and the same times how suspicious its mass is."""
LEFT_OVER_FROM_SPREADS = (9.0, 5.0)
"""By how many spreads the first, and on a grey copy the second, must exceed what is left elsewhere on the page."""
THIN_STROKE_FROM_MM2, THIN_STROKE_FROM_MM, THIN_STROKE_FROM_SPREADS = 0.05, 1.7, 5.0
"""The first, its length and the third where a band of the line has more ink than it should (`intake.thin_strokes`)."""
STROKE_FROM_MM = 1.0
BLOT_FROM_MM2 = 0.35
"""Length of what is left over from which it is a stroke; from that area on a blot is no dust either."""

SPECK_MM, DUST_BELOW = (0.6, 1.8), 2.0
"""Width and length up to which one piece of ink that touches no print is a speck, where ink does not break up; and how
suspicious a place may be then: where more ink came than can be seen beside the print, it lies on that as well."""

_ABOVE_PX, _BELOW_PX = 5, 3
"""Room above and below a printed line that is counted with it."""
_AROUND_PX, _REACH_PX, _BLUR_REACH_PX = 18, 3, 6
_BLURS_PX = (0.5, 0.62, 0.75, 0.95, 1.25, 1.65)
_CONTROLS, _USUAL = 12, 48
_WINDOW_MM, _ASIDE_PX = 3.4, 4
_EDGE, _SOLID, _CORE = 0.12, 0.6, 0.55
_LEAST_PRINT, _LEAST_SPREAD_MM2 = 0.25, 0.01
_SPECK_DARK, _LEAST_PIECE_MM2, _TOUCHED = 0.1, 0.04, 0.25
_GAIN = (0.3, 1.8)
_SOLID_GROUND_MM = 0.5
_LARGE_PT = 12.0
"""Type between whose strokes there is bare paper enough."""
_CAPTION_MM, _HAND_MM, _FLOURISH_MM = 5.0, 2.5, 8.0
"""Of a field's frame, within which print is its caption; of handwriting, within which ink belongs to that, and the same
for a signature's flourishes, which reach so far."""

Ink = NDArray[np.float32]
"""Blackness: 0 paper, 1 the page's own print."""
_Surplus = tuple[Ink, Ink]
"""The print in a place, and what the page has there beyond it."""


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What a place of the page has more than its blank, both laid over one another as exactly as can be."""

    ink_mm2: float
    """The most within 3.4 mm of the line."""
    length_mm: float
    """How far that reaches, along the line or across it."""


_NOTHING_LEFT = LeftOver(0.0, 0.0)


def ink_on_print(sheet: Sheet, pieces: PrintedPieces, handwriting: Mask) -> tuple[BoxMm, ...]:
    """Give the places where ink lies on printed lines, by the pieces of those lines that can be compared.

    Captions are left out, and what lies near `handwriting`: it runs over from the fields.
    """
    pieces = pieces.only(_is_wording(sheet.page, pieces))
    if not len(pieces.line_of):
        return ()
    seen = PieceDarkness(sheet.brightness, PAPER_LEVEL, pieces)
    excess = _excess_mm2(sheet, pieces, seen)
    suspects = [each for each in _suspects(sheet, pieces, excess) if not _is_near(sheet.page, each.place, handwriting)]
    suspects = [each for each in suspects if _may_be_laid_on(sheet, each)]
    strokes = [
        each for each in suspected_strokes(sheet, pieces, seen) if not _is_near(sheet.page, each.place, handwriting)
    ]
    if not suspects and not strokes:
        return ()
    look = _Look.at(sheet, pieces.boxes_px[np.abs(excess) <= spread(excess)])
    found = [suspect for suspect in suspects if look.is_laid_on(suspect)]
    struck = [stroke for stroke in strokes if stroke.strength >= SURE_FROM_SPREADS or look.is_stroke(stroke)]
    if (found or struck) and (folds := find_folds(sheet)):
        folded = replace(look, folds=folds)
        found = [suspect for suspect in found if folded.is_laid_on(suspect)]
        struck = [stroke for stroke in struck if not folded.is_folded(stroke) or folded.is_stroke(stroke)]
    return tuple(dict.fromkeys([each.place for each in found] + [each.place for each in struck]))


def _excess_mm2(sheet: Sheet, pieces: PrintedPieces, seen: PieceDarkness) -> Amounts:
    """Ink of each piece beyond what its print makes usual on this page, in print of its type; about 0, either sign."""
    top, bottom, left, right = pieces.boxes_px.T
    first, last = top - _ABOVE_PX, bottom + _BELOW_PX
    dark = seen.between(first, last) / (1 - sheet.black)
    printed = PieceDarkness(sheet.blank, 255, pieces).between(first, last)
    causes = np.stack(((last - first) * (right - left) / px_per_mm() ** 2, printed), axis=1)
    (excess,) = beyond_print(causes[np.newaxis], dark[np.newaxis], pieces)
    return np.asarray(excess)


def _is_wording(page: PageGeometry, pieces: PrintedPieces) -> NDArray[np.bool_]:
    """Tell the pieces that are neither captions of fields nor set in large type."""
    frames = [field.frame_mm for field in page.text_fields]
    frames += [] if page.signature is None else [page.signature.frame_mm]
    by_frames = tuple(frame.grown(_CAPTION_MM) for frame in frames)
    counts = [_is_wording_line(line, by_frames) for line in pieces.lines]
    return np.array(counts, dtype=bool)[pieces.line_of]


@lru_cache(maxsize=1024)
def _is_wording_line(line: TextLine, by_frames: tuple[BoxMm, ...]) -> bool:
    return line.size_pt < _LARGE_PT and not any(room.contains(line.box_mm) for room in by_frames)


def _suspects(sheet: Sheet, pieces: PrintedPieces, excess: Amounts) -> Iterator[PieceRun]:
    """Give runs of pieces with suspiciously much ink; their strength is that as a multiple of what is suspicious."""
    spreads = SUSPECT_FROM_SPREADS[sheet.bilevel] * spread(excess)
    limits = {count: max(least_mm2, spreads * count**0.5) for count, least_mm2 in enumerate(SUSPECT_FROM_MM2, 1)}
    return strongest_runs(pieces, ((count, excess / limit) for count, limit in limits.items()), 1.0)


def _is_near(page: PageGeometry, place: BoxMm, handwriting: Mask) -> bool:
    """Tell whether a place lies so near to handwriting that its ink may well belong to that."""
    field = page.signature
    is_by_signature = field is not None and field.frame_mm.grown(SIGNATURE_REACH_MM).intersects(place)
    return bool(handwriting[pixels(place.grown(_FLOURISH_MM if is_by_signature else _HAND_MM))].any())


def _may_be_laid_on(sheet: Sheet, suspect: PieceRun) -> bool:
    """Tell whether enough is left over even of the sharpest print, which explains the least: else nothing is looked at.

    Of 87 places where ink was found on the print of 150 pages, all were enough so, and 46 of 157 others were not.
    """
    left = _left_over(_surplus(sheet, suspect.box_px, _BLURS_PX[0]))
    return left.ink_mm2 >= LEFT_OVER_FROM_MM2 or left.ink_mm2 * suspect.strength >= WITH_MASS_FROM_MM2


@dataclass(frozen=True)
class _Look:
    """How a page is looked at closely."""

    sheet: Sheet
    blur_px: float
    unsuspected: list[PieceBox]
    folds: tuple[Fold, ...] = ()
    """What they darken is nobody's ink."""

    @classmethod
    def at(cls, sheet: Sheet, unsuspected: Sequence[PieceBox] | PieceBox) -> _Look:
        """Learn from unsuspected places how blurred the page is."""
        found = [_found(sheet, box, _BLURS_PX[len(_BLURS_PX) // 2]) for box in _evenly(unsuspected, _CONTROLS)]
        some = [each for each in found if each is not None]
        blur_px = _likeliest_blur(lambda blur_px: sum(each.misfit(sheet, blur_px) for each in some))
        return cls(sheet, blur_px, _evenly(unsuspected, _USUAL))

    def is_laid_on(self, suspect: PieceRun) -> bool:
        """Tell whether ink lies on the print in a place."""
        surplus = _surplus(self.sheet, suspect.box_px, self.blur_px, self.folds)
        left = _left_over(surplus)
        is_much = left.ink_mm2 >= LEFT_OVER_FROM_MM2
        is_enough = left.ink_mm2 * suspect.strength >= WITH_MASS_FROM_MM2
        if not (is_much or is_enough) or not (left.length_mm >= STROKE_FROM_MM or left.ink_mm2 >= BLOT_FROM_MM2):
            return False
        usual_mm2, spread_mm2 = self._usual
        beyond = (left.ink_mm2 - usual_mm2) / spread_mm2
        by_itself, with_mass = (LEFT_OVER_FROM_SPREADS[0], LEFT_OVER_FROM_SPREADS[not self.sheet.bilevel])
        if not ((is_much and beyond >= by_itself) or (is_enough and beyond >= with_mass)):
            return False
        may_be_dust = not self.sheet.bilevel and suspect.strength < DUST_BELOW
        return not (may_be_dust and surplus is not None and _is_speck(*surplus))

    def is_stroke(self, stroke: PieceRun) -> bool:
        """Tell whether what is left over in a place is long and thin, and more than elsewhere."""
        left = _left_over(_surplus(self.sheet, stroke.box_px, self.blur_px, self.folds))
        if left.ink_mm2 < THIN_STROKE_FROM_MM2 or left.length_mm < THIN_STROKE_FROM_MM:
            return False
        usual_mm2, spread_mm2 = self._usual
        return left.ink_mm2 - usual_mm2 >= THIN_STROKE_FROM_SPREADS * spread_mm2

    def is_folded(self, stroke: PieceRun) -> bool:
        """Tell whether a fold runs through a place."""
        around = _around(stroke.box_px, self.sheet.flat.shape)
        return any(bool(fold.darkening(*around).any()) for fold in self.folds)

    @cached_property
    def _usual(self) -> tuple[float, float]:
        """What is left over where nothing is suspicious, and its spread."""
        surpluses = (_surplus(self.sheet, box, self.blur_px) for box in self.unsuspected)
        usual = np.array([_left_over(surplus).ink_mm2 for surplus in surpluses] or [0.0])
        return float(usual.mean()), max(float(usual.std()), _LEAST_SPREAD_MM2)


def _likeliest_blur(misfit: Callable[[float], float]) -> float:
    """Find the blur of least misfit, from a middling one downhill: too sharp and too blurred fit ever worse."""
    at = len(_BLURS_PX) // 2
    least = misfit(_BLURS_PX[at])
    for step in (-1, 1):
        began = at
        while 0 <= at + step < len(_BLURS_PX) and (next_misfit := misfit(_BLURS_PX[at + step])) < least:
            at, least = at + step, next_misfit
        if at != began:
            break
    return _BLURS_PX[at]


def _evenly(boxes: Sequence[PieceBox] | PieceBox, count: int) -> list[PieceBox]:
    places = np.linspace(0, len(boxes) - 1, min(count, len(boxes))).astype(int)
    return [np.asarray(boxes[place]) for place in places]


@dataclass(frozen=True, slots=True)
class _Found:
    """What lies under the print around a box, where that fits the page best."""

    rows: slice
    columns: slice
    printed: Ink
    """The print as it was looked for."""
    here: Ink
    wording: Mask
    """Where no page code and no anchor stands, whose solid ground is blacker than small type and would pass for it."""

    def beyond(self, printed: Ink) -> Ink:
        """Give what the page has here more or less than print, equally black."""
        core = self.wording & (printed > _CORE * printed[self.wording].max())
        least, most = _GAIN
        gain = min(most, max(least, median(self.here[core]) / median(printed[core])))
        return np.asarray(self.here / np.float32(gain) - printed)

    def misfit(self, sheet: Sheet, blur_px: float) -> float:
        """Mean square of that, with the print blurred so: where it fits best hardly depends on its blur."""
        return float((self.beyond(_blurred(sheet.blank, self.rows, self.columns, blur_px)) ** 2).mean())


def _found(sheet: Sheet, box: PieceBox, blur_px: float) -> _Found | None:
    """Find on the page what lies under the blank print around a box; None where there is no print."""
    rows, columns = _around(box, sheet.flat.shape)
    printed = _blurred(sheet.blank, rows, columns, blur_px)
    solid = [ground.grown(_SOLID_GROUND_MM) for ground in (*sheet.page.codes_mm, *sheet.page.anchors_mm)]
    wording = ~marked((rows, columns), *solid)
    if not wording.any() or printed[wording].max() < _LEAST_PRINT:
        return None
    return _Found(rows, columns, printed, _laid_on(sheet, rows, columns, printed), wording)


def _left_over(surplus: _Surplus | None) -> LeftOver:
    """See where a surplus lies thickest, and how long it is there."""
    if surplus is None:
        return _NOTHING_LEFT
    _, over = surplus
    window = min(over.shape[1], round(_WINDOW_MM * px_per_mm()))
    sums = np.convolve(over.sum(axis=0), np.ones(window), "valid")
    most = int(sums.argmax())
    part = over[:, most : most + window]
    length_px = max(_length_px(part.sum(axis=0)), _length_px(part.sum(axis=1)))
    return LeftOver(float(sums[most]) / px_per_mm() ** 2, length_px / px_per_mm())


def _surplus(sheet: Sheet, box: PieceBox, blur_px: float, folds: Iterable[Fold] = ()) -> _Surplus | None:
    """Give the print around a box, and what the page has there beyond it and what folds make of it; None without print.

    What lies in solid strokes of the print is left out.
    """
    found = _found(sheet, box, blur_px)
    if found is None:
        return None
    printed, rest = found.printed, found.beyond(found.printed)
    blackest = printed[found.wording].max()
    for fold in folds:
        rest = rest - fold.darkening(*_around(box, sheet.flat.shape))
    over = np.where(printed > _SOLID * blackest, np.float32(0), np.maximum(rest - _EDGE, 0))
    aside = _AROUND_PX - _ASIDE_PX
    return printed[:, aside:-aside], over[:, aside:-aside]


def _is_speck(printed: Ink, over: Ink) -> bool:
    """Tell a single thin speck on bare paper between the lines: dust or a fibre, as it is anywhere else on the page."""
    count, labels, statistics, _ = cv2.connectedComponentsWithStats((over > _SPECK_DARK).view(np.uint8), connectivity=8)
    masses = np.bincount(labels.ravel(), weights=over.ravel(), minlength=count)[1:] / px_per_mm() ** 2
    pieces = 1 + np.flatnonzero(masses >= _LEAST_PIECE_MM2)
    if len(pieces) != 1:
        return False
    (piece,) = pieces
    sides_mm = statistics[piece, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]] / px_per_mm()
    wide_mm, long_mm = SPECK_MM
    is_small = sides_mm.min() <= wide_mm and sides_mm.max() <= long_mm
    return bool(is_small and not ((labels == piece) & (printed > _TOUCHED * printed.max())).any())


def _around(box: PieceBox, shape: tuple[int, ...]) -> tuple[slice, slice]:
    top, bottom, left, right = (int(edge) for edge in box)
    height, width = shape
    return (
        slice(max(_REACH_PX, top - _ABOVE_PX), min(height - _REACH_PX, bottom + _BELOW_PX)),
        slice(max(_REACH_PX, left - _AROUND_PX), min(width - _REACH_PX, right + _AROUND_PX)),
    )


def _blurred(blank: NDArray[np.uint8], rows: slice, columns: slice, blur_px: float) -> Ink:
    top, left = max(0, rows.start - _BLUR_REACH_PX), max(0, columns.start - _BLUR_REACH_PX)
    part = blank[top : rows.stop + _BLUR_REACH_PX, left : columns.stop + _BLUR_REACH_PX]
    ink = cv2.GaussianBlur(1 - part.astype(np.float32) / 255, (0, 0), blur_px)
    return np.asarray(ink[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left])


def _laid_on(sheet: Sheet, rows: slice, columns: slice, printed: Ink) -> Ink:
    """Cut out of the page what lies under the print, where that fits best, to a fraction of a pixel."""
    down, across = (slice(edges.start - _REACH_PX, edges.stop + _REACH_PX) for edges in (rows, columns))
    window = sheet.darkness((down, across))
    _, corner = best_corner(window, printed)
    return cut_at(window, corner, printed.shape)


def _length_px(amounts: NDArray[np.floating]) -> int:
    """Give how many of the sums in a row hold all but a tenth at either end."""
    up_to = np.cumsum(amounts)
    first, last = np.searchsorted(up_to, (0.1 * up_to[-1], 0.9 * up_to[-1]))
    return int(last - first) + 1
