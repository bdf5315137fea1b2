"""Find what stands on a page that was not issued with it: notes in the margin, struck wording, stamps, changed print.

Two questions are asked of the sheet. Is there ink where nothing was printed and nothing is to be written? And does the
wording still stand as it was printed (`intake.wording`)?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from forms.issued_form import PageGeometry
from forms.units import BoxMm, enclosing
from intake.altered_print import altered_print
from intake.beside_signature import notes_beside_signature
from intake.checkbox import MarkArea
from intake.exchanged_characters import AskedCharacter
from intake.expected_ink import ExpectedInk
from intake.flourishes import FRAME_REACH_MM, SIGNATURE_REACH_MM, is_flourish
from intake.folds import Fold, find_folds
from intake.ink_on_print import ink_on_print
from intake.ink_pieces import ink_pieces
from intake.paper_damage import CORNER_MM, EDGE_MM, is_punch_hole, is_staple
from intake.pictures import Grey
from intake.receipt_stamps import stamped
from intake.results import Addition, AdditionKind
from intake.sheet import Sheet, bounds_px, count_pieces, pieces_with, without_specks
from intake.sheet_grid import Mask, area_mm2, box_of, marked, pixels, pixels_within, places_on_sheet, px_per_mm
from intake.show_through import without_codes_from_behind
from intake.wording import PrintedPiece, struck_pieces

Marks = Sequence[MarkArea]
"""Of each checkbox of the page."""


@dataclass(frozen=True, slots=True)
class GroupSize:
    """From what size on a group of ink is something that somebody put there, and not dirt."""

    area_mm2: float
    longer_side_mm: float
    pieces: int
    smallest_piece_mm2: float
    """What is smaller is left out of the group."""


ADDITION_FROM = GroupSize(area_mm2=1.3, longer_side_mm=3.0, pieces=1, smallest_piece_mm2=0.10)
TINY_FROM = GroupSize(area_mm2=0.75, longer_side_mm=1.6, pieces=1, smallest_piece_mm2=0.3)
"""The same away from marks, fields and the paper's corners, where pens run over and staples leave holes."""
SPECKS_FROM = GroupSize(area_mm2=0.12, longer_side_mm=3.5, pieces=4, smallest_piece_mm2=0.0)
"""The same for what a black-and-white scan leaves of a pale pen: a trail of specks, away from print."""
PALE_FROM = GroupSize(area_mm2=3.0, longer_side_mm=4.0, pieces=1, smallest_piece_mm2=0.5)
"""The same for traces too pale to be called ink, away from print."""
PALE_PIECES_FROM = GroupSize(area_mm2=1.0, longer_side_mm=6.0, pieces=5, smallest_piece_mm2=0.08)
"""The same where only pieces of a pale line show."""

_ZONE_MM = 2.0
_TINY_CLEAR_MM, _TINY_SIGNATURE_CLEAR_MM = 8.0, 12.0
_GROUP_MM = 2.6
_SPECKS_CLEAR_MM = 0.6
_PALE_CLEAR_MM, _PALE_MARK_REACH_MM = 1.0, 7.0
_FIELD_REACH_MM = 8.0
_LINK_MM = 1.7
_FRAME_LINK_MM = 6.5
_CODE_REACH_MM = 0.8
_LONG = 3.0
_AROUND_MM, _PIECE_MM, _BLUR_MM = 3.0, 12.0, 0.5
_SHIFT_PX, _LEFT_OVER = 5, 0.25
_PRINT_DARK, _PRINT_PALE, _PRINT_SHARE, _PRINT_SCORE, _BETTER_BY = 160, 220, 0.01, 0.5, 0.08
_FOLD_VARIES_BY = 0.1


@dataclass(frozen=True, slots=True)
class PageChanges:
    """What was found on one page."""

    additions: tuple[Addition, ...]
    struck: tuple[BoxMm, ...]
    """Pieces of printed lines that a stroke runs through."""
    changed: tuple[PrintedPiece, ...]
    """Pieces of the static wording that do not look as they were printed."""
    changed_own: tuple[PrintedPiece, ...]
    """The same for the customer's own part: address, number, code."""
    exchanged: tuple[AskedCharacter, ...]
    """Single characters of the customer's own part in whose place others stand."""


def find_changes(sheet: Sheet, expected: ExpectedInk, page: int) -> PageChanges:
    """Compare a sheet with its blank; `expected` is what pens left there, `page` is the page of the file."""
    handwriting = field_ink(sheet)
    over_print = handwriting & sheet.surplus
    pens = over_print.copy()
    for mark in expected.marks:
        pens[mark.region] |= mark.ink
    altered = altered_print(sheet, over_print, pens)
    noted = [
        *ink_on_print(sheet, altered.pieces, pens),
        *(() if expected.signature is None else notes_beside_signature(expected.signature)),
    ]
    return PageChanges(
        additions=(*_additions(sheet, handwriting, expected.marks, page), *(_ink(page, box) for box in noted)),
        struck=tuple(struck_pieces(sheet, altered.pieces.lines)),
        changed=altered.changed,
        changed_own=altered.changed_own,
        exchanged=altered.exchanged,
    )


def _ink(page: int, box: BoxMm) -> Addition:
    return Addition(page, box, AdditionKind.INK, expected=False)


def _additions(sheet: Sheet, handwriting: Mask, marks: Marks, page: int) -> tuple[Addition, ...]:
    groups = [
        (box, mask)
        for box, mask in _added(sheet, handwriting, marks)
        if not is_flourish(sheet, handwriting, box, mask) and not _is_misplaced_print(sheet, box, mask)
    ]
    groups = without_codes_from_behind(sheet, groups)
    folds = find_folds(sheet) if any(_is_long(box) for box, _ in groups) else ()
    rooms = _office_rooms(sheet, [box for box, _ in groups])
    return tuple(_addition(sheet, box, mask, page, folds, rooms) for box, mask in groups)


def _office_rooms(sheet: Sheet, boxes: list[BoxMm]) -> list[tuple[BoxMm, AdditionKind]]:
    """Give where ink is the offices' own: what a stamp takes of its zone, and all of the zones of machines' lines."""
    rooms = []
    for zone in sheet.page.office_zones:
        room = zone.box_mm.grown(_ZONE_MM)
        if zone.kind != "receipt_stamp":
            rooms.append((room, AdditionKind.PRINT))
        elif stamp := stamped(sheet, [box for box in boxes if room.contains(box)]):
            rooms.append((stamp.within(room), AdditionKind.STAMP))
    return rooms


def _is_long(box: BoxMm) -> bool:
    return max(box.width, box.height) >= _LONG * min(box.width, box.height)


def _is_misplaced_print(sheet: Sheet, box: BoxMm, mask: Mask) -> bool:
    """Tell whether ink is print of the page a little off its place, as where the paper bulges: so far nothing is added.

    Looked at piece by piece along the ink, each with the shift at which the print around it fits clearly better.
    """
    rows, columns = places_on_sheet(box, mask)
    is_left = np.ones(len(rows), dtype=bool)
    for left_mm in np.arange(box.x0, box.x1, _PIECE_MM):
        part = BoxMm(left_mm, box.y0, min(left_mm + _PIECE_MM, box.x1), box.y1)
        x, y = _print_shift(sheet, part.grown(_AROUND_MM))
        if x or y:
            here = pixels(part)[1]
            inside = (columns >= here.start) & (columns < here.stop)
            printed = np.roll(_print_itself(sheet.blank), (y, x), axis=(0, 1))
            is_left &= ~(inside & printed[rows, columns])
    rest_mm2 = area_mm2(is_left)
    return rest_mm2 <= _LEFT_OVER * area_mm2(mask) and rest_mm2 < ADDITION_FROM.area_mm2


def _print_shift(sheet: Sheet, box: BoxMm) -> tuple[int, int]:
    """Give by how many pixels (x, y) the print in a box is off its place; none where it may as well be in it."""
    height, width = sheet.ink.shape
    rows, columns = pixels(box)
    rows = slice(max(_SHIFT_PX, rows.start), min(height - _SHIFT_PX, rows.stop))
    columns = slice(max(_SHIFT_PX, columns.start), min(width - _SHIFT_PX, columns.stop))
    blank = sheet.blank[rows, columns]
    if np.count_nonzero(blank < _PRINT_DARK) < max(1.0, _PRINT_SHARE * blank.size):
        return 0, 0
    window = sheet.flat[
        rows.start - _SHIFT_PX : rows.stop + _SHIFT_PX, columns.start - _SHIFT_PX : columns.stop + _SHIFT_PX
    ]
    scores = cv2.matchTemplate(window, blank, cv2.TM_CCOEFF_NORMED)
    _, score, _, (x, y) = cv2.minMaxLoc(scores)
    is_better = score >= _PRINT_SCORE and score - float(scores[_SHIFT_PX, _SHIFT_PX]) >= _BETTER_BY
    return (x - _SHIFT_PX, y - _SHIFT_PX) if is_better else (0, 0)


def _print_itself(blank: Grey) -> Mask:
    """Where print lies, with no more around it than a copy's blur."""
    return _bridged(blank < _PRINT_PALE, _BLUR_MM)


def _added(sheet: Sheet, handwriting: Mask, marks: Marks) -> list[tuple[BoxMm, Mask]]:
    """Group what was added: ink, what black and white has left of it, and what is too pale for ink; each once."""
    groups: list[tuple[BoxMm, Mask]] = []
    for ink, size in _kinds_of_ink(sheet, handwriting, marks):
        known = [box.grown(_GROUP_MM) for box, _ in groups]
        groups += [group for group in _groups(ink, size) if not any(group[0].intersects(box) for box in known)]
    return groups


def _kinds_of_ink(sheet: Sheet, handwriting: Mask, marks: Marks) -> Iterator[tuple[Mask, GroupSize]]:
    """Give what may have been added, each with the size from which it has; the surest first."""
    unexpected = np.asarray(_unexpected(sheet, marks) > handwriting)
    if area_mm2(unexpected) >= min(ADDITION_FROM.area_mm2, TINY_FROM.area_mm2):
        yield unexpected, ADDITION_FROM
        yield _clear_of_pens(sheet.page, unexpected), TINY_FROM
    if sheet.bilevel and area_mm2(unexpected) >= SPECKS_FROM.area_mm2:
        yield unexpected & ~_bridged(sheet.printed, _SPECKS_CLEAR_MM), SPECKS_FROM
    if (pale := _pale(sheet, handwriting)) is not None:
        yield pale, PALE_FROM
        yield pale, PALE_PIECES_FROM


def _clear_of_pens(page: PageGeometry, ink: Mask) -> Mask:
    """Leave out ink near marks, fields and the paper's corners."""
    clear = ink.copy()
    near = [(box.box_mm, _TINY_CLEAR_MM) for box in page.checkboxes]
    near += [(field.frame_mm, _TINY_CLEAR_MM) for field in page.text_fields]
    near += [] if page.signature is None else [(page.signature.frame_mm, _TINY_SIGNATURE_CLEAR_MM)]
    near += [(BoxMm(x, y, x, y), CORNER_MM) for x in (0.0, page.width_mm) for y in (0.0, page.height_mm)]
    for box, clear_mm in near:
        clear[pixels(box.grown(clear_mm))] = False
    return clear


def _unexpected(sheet: Sheet, marks: Marks) -> Mask:
    """Ink beyond the print that belongs to no mark, no field and no edge of the paper."""
    surplus = sheet.surplus.copy()
    _clear_edges(surplus)
    for box in (*sheet.page.codes_mm, *sheet.page.anchors_mm):
        surplus[pixels(box.grown(_CODE_REACH_MM))] = False
    for mark in marks:
        surplus[mark.region] &= ~mark.ink
        surplus[pixels(mark.checkbox.box_mm.grown(0.4))] = False
    return surplus


def field_ink(sheet: Sheet) -> Mask:
    """Ink in the fields, and what is linked to it within reach: handwriting and signatures run over their frames."""
    rooms = [(field.box_mm, _FIELD_REACH_MM) for field in sheet.page.text_fields]
    if sheet.page.signature is not None:
        rooms.append((sheet.page.signature.box_mm, SIGNATURE_REACH_MM))
    inside = np.zeros_like(sheet.surplus)
    for room, _ in rooms:
        inside[pixels(room.grown(0.3))] = True
    if not rooms:
        return inside
    # Nothing beyond this region can be linked, as only ink within reach counts.
    around = enclosing([room.grown(reach_mm + _FRAME_LINK_MM) for room, reach_mm in rooms])
    region = pixels_within(around, inside.shape)
    reach = marked(region, *(room.grown(reach_mm) for room, reach_mm in rooms))
    ink = sheet.ink[region] & reach & (sheet.surplus[region] | inside[region])
    linked = bounds_px(ink, round(_FRAME_LINK_MM * px_per_mm()))
    ink, within, by_frames = ink[linked], inside[region][linked], _near_frames(sheet, region)[linked]
    joined = _bridged(ink, _LINK_MM) | _bridged(ink & by_frames, _FRAME_LINK_MM)
    # What a copy leaves over of a frame is nobody's writing, to which anything could belong.
    within |= reach[linked] & pieces_with(joined, ink & within & ~by_frames)
    return inside


def _near_frames(sheet: Sheet, region: tuple[slice, slice]) -> Mask:
    """Where ink of a region runs along or across a field's printed frame, and cannot be told from it."""
    frames = [field.frame_mm for field in sheet.page.text_fields]
    if sheet.page.signature is not None:
        frames.append(sheet.page.signature.frame_mm)
    near = marked(region, *(frame.grown(FRAME_REACH_MM) for frame in frames))
    return near & ~marked(region, *(frame.grown(-FRAME_REACH_MM) for frame in frames))


def _bridged(ink: Mask, gap_mm: float) -> Mask:
    """Let ink grow so that pieces up to a gap apart touch."""
    reach = round(gap_mm * px_per_mm()) | 1
    return np.asarray(cv2.dilate(ink.view(np.uint8), np.ones((reach, reach), np.uint8)), dtype=bool)


def _pale(sheet: Sheet, handwriting: Mask) -> Mask | None:
    """Traces too pale for ink, well away from print, marks and fields: a pencil note, a pen that hardly writes.

    None where there are not enough of them to be anything.
    """
    traces = sheet.traces > sheet.printed
    _clear_edges(traces)
    for box in (*sheet.page.codes_mm, *sheet.page.anchors_mm):
        traces[pixels(box.grown(_CODE_REACH_MM + _PALE_CLEAR_MM))] = False
    for checkbox in sheet.page.checkboxes:
        traces[pixels(checkbox.box_mm.grown(_PALE_MARK_REACH_MM))] = False
    written = bounds_px(handwriting, round(_PALE_CLEAR_MM * px_per_mm()))
    traces[written] &= ~_bridged(handwriting[written], _PALE_CLEAR_MM)
    if area_mm2(traces) < min(PALE_FROM.area_mm2, PALE_PIECES_FROM.area_mm2):
        return None
    return traces & ~_bridged(sheet.printed, _PALE_CLEAR_MM)


def _clear_edges(mask: Mask) -> None:
    """Leave out the paper's edges, where shadows fall."""
    edge = round(EDGE_MM * px_per_mm())
    mask[:edge] = mask[-edge:] = False
    mask[:, :edge] = mask[:, -edge:] = False


def _groups(ink: Mask, size: GroupSize) -> list[tuple[BoxMm, Mask]]:
    """Group ink that lies close together; groups too small to have been put there are left out."""
    if area_mm2(ink) < size.area_mm2:
        return []
    reach_px = round(_GROUP_MM * px_per_mm()) | 1
    rows, columns = bounds_px(ink, reach_px)
    pieces = ink_pieces(without_specks(ink[rows, columns], size.smallest_piece_mm2), reach_px)
    groups = []
    for group, (left, top, width, height, _) in enumerate(pieces.boxes_px.tolist()):
        y, x = rows.start + top, columns.start + left
        box = box_of(slice(y, y + height), slice(x, x + width))
        mask = np.pad(pieces.one(group), 1)
        if _is_of_size(box, mask, size):
            groups.append((box, mask))
    return groups


def _is_of_size(box: BoxMm, mask: Mask, size: GroupSize) -> bool:
    return (
        area_mm2(mask) >= size.area_mm2
        and max(box.width, box.height) >= size.longer_side_mm
        and (size.pieces == 1 or count_pieces(mask) >= size.pieces)
    )


def _addition(
    sheet: Sheet, box: BoxMm, mask: Mask, page: int, folds: tuple[Fold, ...], rooms: list[tuple[BoxMm, AdditionKind]]
) -> Addition:
    is_damage = is_punch_hole(sheet, box, mask) or is_staple(sheet.page, box, mask)
    if is_damage or any(_lies_on(fold, sheet, box, mask) for fold in folds):
        return Addition(page, box, AdditionKind.DAMAGE, expected=True)
    kind = next((kind for room, kind in rooms if room.contains(box)), None)
    return _ink(page, box) if kind is None else Addition(page, box, kind, expected=True)


def _lies_on(fold: Fold, sheet: Sheet, box: BoxMm, mask: Mask) -> bool:
    """Tell whether ink is only the fold, which is about as dark all along."""
    rows, columns = places_on_sheet(box, mask)
    top, left = rows.min(), columns.min()
    around = sheet.darkness(np.s_[top : rows.max() + 1, left : columns.max() + 1])
    darkness = float(np.median(around[rows - top, columns - left]))
    varies_by = max(fold.darkness / 2, _FOLD_VARIES_BY)
    return darkness <= fold.darkness + varies_by and fold.holds(rows, columns)
