"""Find what stands on a page that was not issued with it: notes in the margin, struck wording, stamps, changed print.

Three questions are asked of the sheet. Is there ink where nothing was printed and nothing is to be written? Does a line
run through the gaps of a printed line of text? Does each printed line still say what was printed?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.issued_form import OwnPage, PageGeometry, TextLine
from forms.units import BoxMm
from intake.checkbox import mark_area
from intake.results import Addition, AdditionKind
from intake.sheet import Mask, Sheet, area_mm2, box_of, pixels, px_per_mm

ADDITION_FROM_MM2 = 1.3
ADDITION_FROM_EXTENT_MM = 3.0
"""Area and longer side from which a group of ink is something that somebody put there, and not dirt."""
STRUCK_FROM_SHARE = 0.45
STRUCK_FROM_MM = 9.0
"""Share of the gaps in a piece of a printed line that carry ink, and the piece's length."""
LINE_FROM = 0.45
"""Correlation of a printed line with its blank from which it still says the same."""

_EDGE_MM = 5.0
_GROUP_MM = 2.6
_SPECK_MM2 = 0.10
_FIELD_REACH_MM, _SIGNATURE_REACH_MM = 8.0, 16.0
_LINK_MM = 1.7
_FRAME_REACH_MM, _FRAME_LINK_MM = 1.0, 6.5
_CODE_REACH_MM = 0.8
_HOLE_RADIUS_MM = (1.8, 4.2)
_HOLE_CENTRE_MM = (5.0, 18.0)
_HOLE_SPREAD_MM = 0.5
_HOLE_AROUND = 0.25
"""Punch holes: 5 to 6 mm wide, their middle 12 mm from the edge (ISO 838), with room for dirt and careless hands; at
least a quarter of their edge shows."""
_LINE_SEARCH_MM = 0.6
_LINE_MIN_MM = 8.0


@dataclass(frozen=True, slots=True)
class PageChanges:
    """What was found on one page."""

    additions: tuple[Addition, ...]
    struck: tuple[BoxMm, ...]
    """Pieces of printed lines that a stroke runs through."""
    changed_lines: tuple[TextLine, ...]
    """Static lines that do not look as they were printed."""
    changed_own_lines: tuple[TextLine, ...]
    """Lines of the customer's own part (address, number, code) that do not look as they were printed."""


def find_changes(sheet: Sheet, own: OwnPage, page: int) -> PageChanges:
    """Compare a sheet with its blank; `page` is the page of the file."""
    surplus = _unexpected(sheet)
    lines = (*sheet.page.text_lines, *own.text_lines)
    return PageChanges(
        additions=tuple(_addition(sheet, box, mask, page) for box, mask in _groups(surplus)),
        struck=tuple(piece for line in lines for piece in _struck_pieces(sheet, line)),
        changed_lines=_changed(sheet, sheet.page.text_lines),
        changed_own_lines=_changed(sheet, own.text_lines),
    )


def _unexpected(sheet: Sheet) -> Mask:
    """Ink beyond the print that belongs to no mark, no field and no edge of the paper."""
    surplus = sheet.surplus.copy()
    edge = round(_EDGE_MM * px_per_mm())
    surplus[:edge] = surplus[-edge:] = False
    surplus[:, :edge] = surplus[:, -edge:] = False
    for box in (*sheet.page.codes_mm, *sheet.page.anchors_mm):
        surplus[pixels(box.grown(_CODE_REACH_MM))] = False
    for checkbox in sheet.page.checkboxes:
        region, mark = mark_area(sheet, checkbox)
        surplus[region] &= ~mark
        surplus[pixels(checkbox.box_mm.grown(0.4))] = False
    return surplus & ~_field_ink(sheet, surplus)


def _field_ink(sheet: Sheet, surplus: Mask) -> Mask:
    """Ink in the fields, and what is linked to it within reach: handwriting and signatures run over their frames."""
    rooms = [(field.box_mm, _FIELD_REACH_MM) for field in sheet.page.text_fields]
    if sheet.page.signature is not None:
        rooms.append((sheet.page.signature.box_mm, _SIGNATURE_REACH_MM))
    inside, reach = np.zeros_like(surplus), np.zeros_like(surplus)
    for room, reach_mm in rooms:
        inside[pixels(room.grown(0.3))] = True
        reach[pixels(room.grown(reach_mm))] = True
    ink = sheet.ink & reach & (surplus | inside)
    joined = _bridged(ink, _LINK_MM) | _bridged(ink & _near_frames(sheet), _FRAME_LINK_MM)
    _, labels = cv2.connectedComponents(joined.astype(np.uint8))
    linked = np.unique(labels[sheet.ink & inside])
    return np.asarray(inside | (reach & np.isin(labels, linked[linked > 0])))


def _near_frames(sheet: Sheet) -> Mask:
    """Where ink runs along or across a field's printed frame, and cannot be told from it."""
    frames = [field.frame_mm for field in sheet.page.text_fields]
    if sheet.page.signature is not None:
        frames.append(sheet.page.signature.frame_mm)
    near = np.zeros(sheet.flat.shape, dtype=bool)
    for frame in frames:
        near[pixels(frame.grown(_FRAME_REACH_MM))] = True
    for frame in frames:
        near[pixels(frame.grown(-_FRAME_REACH_MM))] = False
    return near


def _bridged(ink: Mask, gap_mm: float) -> Mask:
    """Let ink grow so that pieces up to a gap apart touch."""
    reach = round(gap_mm * px_per_mm()) | 1
    return np.asarray(cv2.dilate(ink.astype(np.uint8), np.ones((reach, reach), np.uint8)), dtype=bool)


def _groups(surplus: Mask) -> list[tuple[BoxMm, Mask]]:
    """Group ink that lies close together; specks and groups too small to have been put there are left out."""
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(surplus.astype(np.uint8), connectivity=8)
    keep = np.zeros(count, dtype=bool)
    keep[1:] = statistics[1:, cv2.CC_STAT_AREA] >= _SPECK_MM2 * px_per_mm() ** 2
    ink = keep[labels]
    reach = round(_GROUP_MM * px_per_mm()) | 1
    joined = cv2.dilate(ink.astype(np.uint8), np.ones((reach, reach), np.uint8))
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    groups = []
    for label in range(1, count):
        x, y, width, height = (int(value) for value in statistics[label, : cv2.CC_STAT_AREA])
        rows, columns = slice(y, y + height), slice(x, x + width)
        mask = ink[rows, columns] & (labels[rows, columns] == label)
        box = _tight_box(mask, y, x)
        if area_mm2(mask) >= ADDITION_FROM_MM2 and max(box.width, box.height) >= ADDITION_FROM_EXTENT_MM:
            groups.append((box, mask))
    return groups


def _tight_box(mask: Mask, top: int, left: int) -> BoxMm:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return box_of(
        slice(top + int(rows[0]), top + int(rows[-1]) + 1), slice(left + int(columns[0]), left + int(columns[-1]) + 1)
    )


def _addition(sheet: Sheet, box: BoxMm, mask: Mask, page: int) -> Addition:
    if _is_hole(sheet.page, box, mask):
        return Addition(page, box, AdditionKind.DAMAGE, expected=True)
    zone = next((zone for zone in sheet.page.office_zones if zone.box_mm.grown(2).contains(box)), None)
    if zone is not None:
        kind = AdditionKind.STAMP if zone.kind == "receipt_stamp" else AdditionKind.PRINT
        return Addition(page, box, kind, expected=True)
    return Addition(page, box, AdditionKind.INK, expected=False)


def _is_hole(page: PageGeometry, box: BoxMm, mask: Mask) -> bool:
    """Tell a punch hole where binders have their rings: a disc, or an arc of its edge before a bright lid."""
    if max(box.width, box.height) > 2 * _HOLE_RADIUS_MM[1]:
        return False
    y, x = np.nonzero(mask & ~cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool))
    centre_x, centre_y, radius, spread = _fit_circle(x / px_per_mm(), y / px_per_mm())
    left_mm = box.x0 - float(np.flatnonzero(mask.any(axis=0))[0]) / px_per_mm() + centre_x
    from_edge_mm = min(left_mm, page.width_mm - left_mm)
    angles = np.arctan2(y / px_per_mm() - centre_y, x / px_per_mm() - centre_x)
    around = len(np.unique(np.floor(angles / (np.pi / 18)))) / 36
    return (
        _HOLE_RADIUS_MM[0] <= radius <= _HOLE_RADIUS_MM[1]
        and spread <= _HOLE_SPREAD_MM
        and _HOLE_CENTRE_MM[0] <= from_edge_mm <= _HOLE_CENTRE_MM[1]
        and around >= _HOLE_AROUND
    )


def _fit_circle(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Fit a circle by algebraic least squares (Kåsa 1976): its middle, its radius and the points' spread about it."""
    system = np.column_stack((x, y, np.ones_like(x)))
    (a, b, c), *_ = np.linalg.lstsq(system, x**2 + y**2, rcond=None)
    radius = float(np.sqrt(max(c + a**2 / 4 + b**2 / 4, 0.0)))
    distances = np.hypot(x - a / 2, y - b / 2)
    return float(a / 2), float(b / 2), radius, float(np.sqrt(np.mean((distances - radius) ** 2)))


def _struck_pieces(sheet: Sheet, line: TextLine) -> list[BoxMm]:
    """Find strokes through a printed line: in the gaps between its letters there should be no ink."""
    x_height_mm = line.size_pt * 0.18
    band = BoxMm(line.x_mm, line.baseline_mm - 1.5 * x_height_mm, line.x_mm + line.width_mm, line.baseline_mm - 0.1)
    rows, columns = pixels(band)
    free = ~sheet.printed[rows, columns]
    gaps = free.all(axis=0)
    inked = (sheet.surplus[rows, columns]).any(axis=0) & gaps
    window = round(STRUCK_FROM_MM * px_per_mm())
    if gaps.size < window or not inked.any():
        return []
    ones = np.ones(window)
    gap_count, ink_count = np.convolve(gaps, ones, "valid"), np.convolve(inked, ones, "valid")
    struck = (gap_count >= 4) & (ink_count >= np.maximum(4, STRUCK_FROM_SHARE * gap_count))
    if not struck.any():
        return []
    first, last = np.flatnonzero(struck)[[0, -1]]
    return [box_of(rows, slice(columns.start + int(first), columns.start + int(last) + window))]


def _changed(sheet: Sheet, lines: Sequence[TextLine]) -> tuple[TextLine, ...]:
    return tuple(line for line in lines if line.width_mm >= _LINE_MIN_MM and _likeness(sheet, line.box_mm) < LINE_FROM)


def _likeness(sheet: Sheet, box: BoxMm) -> float:
    """Correlation of a printed line with its blank, at the best place within a small reach (−1 to 1)."""
    window = _soft(sheet.flat[pixels(box.grown(_LINE_SEARCH_MM + 0.4))])
    pattern = _soft(sheet.blank[pixels(box.grown(0.4))])
    if pattern.shape[0] > window.shape[0] or pattern.shape[1] > window.shape[1]:
        return 1.0  # it hangs over the edge of the picture; nothing can be said
    return float(cv2.matchTemplate(window, pattern, cv2.TM_CCOEFF_NORMED).max())


def _soft(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Blur as much as a bad fax does, so that sharp and poor copies compare alike."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.6), dtype=np.uint8)
