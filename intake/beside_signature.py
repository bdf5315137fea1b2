"""Find what was written into the signature's field beside the signature: "unter Vorbehalt", "nur nach Anruf".

A signature is one thing. What stands apart from it, above, beneath or far beside it, or is made of several small pieces
as letters are, was put there as well; so was a row of letters that touches it. The thresholds are measured in
docs/decisions/0023-ink-on-print.md. What the words say is another witness (`intake.words_by_signature`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from forms.units import BoxMm, enclosing
from intake.sheet import piece_boxes, sides_mm
from intake.sheet_grid import Mask, area_mm2, box_of, px_per_mm
from intake.signature_extent import SignatureParts
from intake.written_rows import find_written_row

NOTE_FROM_LETTERS, NOTE_OF_ANY_HEIGHT_FROM_LETTERS = 3, 4
NOTE_HEIGHT_MM, NOTE_FROM_WIDTH_MM, NOTE_FROM_SLIMNESS = (1.8, 7.0), 5.0, 1.4
"""Pieces, height, width, and width as a multiple of the height from which a part of the ink may be words."""
LOWER_THAN, HARDLY_HIGHER_THAN = 0.65, 1.1
"""Height of such a part as a share of the signature's; the second for more letters."""
ABOVE_BELOW, ABOVE_HEIGHT_MM = 0.4, 8.0
"""Of two parts, the share of the lower one's height that lies beside the other, and that height, below which one stands
above the other: names that a signature is made of stand side by side."""
FAR_FROM_MM = 13.0
"""Bare room between two parts side by side from which they are two things."""
THING_FROM_MM2, THING_FROM_MM = 4.0, 2.4
"""Ink of a part, and its breadth, from which it is more than a dot, a line or a line drawn twice."""
LINE_SLIMNESS = 12.0
"""Length of a part as a multiple of its breadth from which, in one piece, it is a line there and back below a name."""

_EDGE_MM = 0.3
_LEAST_MM2 = 0.8
_LETTER_HEIGHT_MM, _LETTER_WIDTH_MM = (0.8, 5.5), 7.0


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the ink in the field that stands by itself."""

    box_mm: BoxMm
    letters: int
    area_mm2: float
    breadth_mm: float
    """Of the narrowest rectangle around it, at any angle."""
    length_mm: float
    """Of the same rectangle."""
    goes_on: bool
    """It touches the edge of what is looked at, as who signs across the words above does: more of it may lie beyond."""

    @property
    def is_thing(self) -> bool:
        """Whether it is more than a dot or a line, and certainly all of it is there."""
        is_more = self.area_mm2 >= THING_FROM_MM2 and self.breadth_mm > THING_FROM_MM
        return is_more and not (self.is_line or self.goes_on)

    @property
    def is_line(self) -> bool:
        """Whether it is one line, there and back at times, as people draw beneath their name."""
        return not self.letters and self.length_mm >= LINE_SLIMNESS * self.breadth_mm


def notes_beside_signature(ink: SignatureParts) -> tuple[BoxMm, ...]:
    """Give the boxes of what looks like words beside the signature."""
    (rows, columns), masks = ink.region, ink.masks
    if not masks:
        return ()
    parts = [_measured(mask) for mask in masks if area_mm2(mask) >= _LEAST_MM2]
    notes = list(dict.fromkeys(_second_things(parts)))
    row = find_written_row(np.logical_or.reduce(masks))
    is_whole = row is not None and row.y0 > _EDGE_MM  # else the frame's upper line cuts it, as it does a signature
    if row is not None and is_whole and not any(row.intersects(note) for note in notes):
        notes.append(row)
    left_mm, top_mm = columns.start / px_per_mm(), rows.start / px_per_mm()
    return tuple(_moved(note, left_mm, top_mm) for note in notes)


def _moved(box: BoxMm, right_mm: float, down_mm: float) -> BoxMm:
    return BoxMm(box.x0 + right_mm, box.y0 + down_mm, box.x1 + right_mm, box.y1 + down_mm).rounded(1)


def _measured(part: Mask) -> _Part:
    """Measure a part; its box counts from the corner of the region."""
    left, top, width, height = cv2.boundingRect(part.view(np.uint8))
    within = np.ascontiguousarray(part[top : top + height, left : left + width])
    breadth_mm, length_mm = sides_mm(within)
    edge, (rows, columns) = round(_EDGE_MM * px_per_mm()), part.shape
    return _Part(
        box_mm=box_of(slice(top, top + height), slice(left, left + width)),
        letters=_letters(within),
        area_mm2=area_mm2(within),
        breadth_mm=breadth_mm,
        length_mm=length_mm,
        goes_on=min(left, top, columns - left - width, rows - top - height) < edge,
    )


def _letters(part: Mask) -> int:
    _, _, width, height, _ = piece_boxes(part).T / px_per_mm()
    least, most = _LETTER_HEIGHT_MM
    return int(np.count_nonzero((height >= least) & (height <= most) & (width <= _LETTER_WIDTH_MM)))


def _second_things(parts: Sequence[_Part]) -> Iterator[BoxMm]:
    """Give the boxes of the parts that are no part of the signature."""
    if len(parts) < 2:
        return
    highest = max(parts, key=lambda part: part.box_mm.height)
    names = [part for part in parts if not part.is_line] or parts
    largest = max(names, key=lambda part: part.box_mm.width * part.box_mm.height)
    for part in parts:
        if part is not highest and _is_low(part, highest):
            yield part.box_mm
        elif part is not largest and part.is_thing and not largest.goes_on:
            if _is_above_or_beneath(part.box_mm, largest.box_mm):
                yield min(part.box_mm, largest.box_mm, key=lambda box: box.height)
            elif _is_in_letters(part, largest):
                yield part.box_mm
    if (far := _far_away(parts)) is not None:
        yield far


def _is_low(part: _Part, signature: _Part) -> bool:
    """Tell a slim row of pieces of the size of letters that is clearly lower than the signature."""
    width_mm, height_mm = part.box_mm.width, part.box_mm.height
    least_mm, most_mm = NOTE_HEIGHT_MM
    return (
        not part.goes_on
        and part.letters >= NOTE_FROM_LETTERS
        and part.breadth_mm >= least_mm
        and height_mm <= min(most_mm, LOWER_THAN * signature.box_mm.height)
        and width_mm >= max(NOTE_FROM_WIDTH_MM, NOTE_FROM_SLIMNESS * height_mm)
    )


def _is_above_or_beneath(one: BoxMm, other: BoxMm) -> bool:
    """Tell two things of which one stands above the other, and of which one at least is a line of words at most."""
    lower_mm = min(one.height, other.height)
    beside_mm = min(one.y1, other.y1) - max(one.y0, other.y0)
    return beside_mm < ABOVE_BELOW * lower_mm and lower_mm <= ABOVE_HEIGHT_MM


def _is_in_letters(part: _Part, signature: _Part) -> bool:
    """Tell a part made of so many pieces like letters that it may be as high as the signature."""
    most_mm = min(NOTE_HEIGHT_MM[1], HARDLY_HIGHER_THAN * signature.box_mm.height)
    return part.letters >= NOTE_OF_ANY_HEIGHT_FROM_LETTERS and part.box_mm.height <= most_mm


def _far_away(parts: Sequence[_Part]) -> BoxMm | None:
    """Give the box of the smaller of two groups that stand far apart; None where nothing does."""
    ordered = sorted(parts, key=lambda part: part.box_mm.x0)
    for count in range(1, len(ordered)):
        groups = ordered[:count], ordered[count:]
        bare_mm = groups[1][0].box_mm.x0 - max(part.box_mm.x1 for part in groups[0])
        if bare_mm >= FAR_FROM_MM and all(_is_own_thing(group) for group in groups):
            smaller = min(groups, key=lambda group: sum(part.area_mm2 for part in group))
            return enclosing([part.box_mm for part in smaller])
    return None


def _is_own_thing(group: Sequence[_Part]) -> bool:
    return sum(part.area_mm2 for part in group) >= THING_FROM_MM2 and not all(part.goes_on for part in group)
