"""Measure a laid-out template in millimetres: where its layout makes it hard to write on, or to read what was written.

The limits come from how far simulated people overshoot: a large mark reaches 4 mm beyond its square, a signature is
40 to 70 mm wide and up to 17 mm high, handwriting is 3 to 5 mm high.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forms.issued_form import Checkbox, LetterGeometry, PageGeometry, SignatureField, TextField
from forms.units import BoxMm

BOX_SIDE_MM = 5.0
BOX_TO_WORDS_MM = 3.0
BOX_TO_BOX_MM = 8.0
FIELD_HEIGHT_MM = 8.0
FIELD_WIDTH_MM = {"place": 40.0, "date": 28.0, "name": 60.0}
SIGNATURE_WIDTH_MM, SIGNATURE_HEIGHT_MM = 80.0, 18.0
TO_EDGE_MM = 10.0
TO_WORDS_MM = 0.3
_SHORTEN = "shorten the letter or its options, or set body_size_pt smaller, until"


@dataclass(frozen=True, slots=True)
class LayoutCheck:
    """One distance or size on the page, and whether it suffices."""

    place: str
    """As `place_names` gives it."""
    page: int
    measure: str
    """What was measured."""
    measured_mm: float
    at_least_mm: float
    why: str
    """What goes wrong where it is less."""

    @property
    def suffices(self) -> bool:
        """Whether the layout is good here; a hundredth of a millimetre is forgiven."""
        return self.measured_mm >= self.at_least_mm - 0.01


@dataclass(frozen=True, slots=True)
class LayoutRemark:
    """What is awkward about how the letter is shared out on its pages, and what staff can do about it."""

    what: str
    why: str
    """What goes wrong because of it."""
    remedy: str
    """What to change in the template."""


def box_name(option: str) -> str:
    """How a checkbox is called in checks and reports."""
    return f"box {option}"


def check_layout(letter: LetterGeometry) -> tuple[LayoutCheck, ...]:
    """Measure every place of the letter that is marked, written or signed in."""
    return tuple(check for page in letter.pages for check in _page_checks(page))


def remarks_on_pages(letter: LetterGeometry) -> tuple[LayoutRemark, ...]:
    """Remark on options that are parted from one another, or from the signature, by the end of a page."""
    choosing = [page.number for page in letter.pages if page.checkboxes]
    signing = [page.number for page in letter.pages if page.signature is not None]
    remarks = []
    if len(choosing) > 1:
        what = f"the options stand on pages {', '.join(map(str, choosing[:-1]))} and {choosing[-1]}"
        why = "a customer may overlook those on another page, and without one page nobody can say what was chosen"
        remarks.append(LayoutRemark(what, why, f"{_SHORTEN} all options stand on one page"))
    if not set(choosing) & set(signing):
        what = f"the choice is on page {choosing[-1]}, the signature on page {signing[0]}"
        why = "the page with the choice bears no signature, and a return counts only with both pages"
        remarks.append(LayoutRemark(what, why, f"{_SHORTEN} both stand on one page"))
    return tuple(remarks)


def distance_mm(one: BoxMm, other: BoxMm) -> float:
    """Shortest distance between two boxes; 0 where they touch or overlap."""
    across = max(one.x0 - other.x1, other.x0 - one.x1, 0.0)
    down = max(one.y0 - other.y1, other.y0 - one.y1, 0.0)
    return float((across**2 + down**2) ** 0.5)


def _page_checks(page: PageGeometry) -> Iterator[LayoutCheck]:
    for checkbox in page.checkboxes:
        yield from _checkbox_checks(page, checkbox)
    for field in page.text_fields:
        yield from _field_checks(page, field)
    if page.signature is not None:
        yield from _signature_checks(page, page.signature)


def _checkbox_checks(page: PageGeometry, checkbox: Checkbox) -> Iterator[LayoutCheck]:
    place, box = box_name(checkbox.option), checkbox.box_mm
    others = [other.box_mm for other in page.checkboxes if other is not checkbox]
    side = min(box.width, box.height)
    yield LayoutCheck(place, page.number, "side of the box", side, BOX_SIDE_MM, "a mark does not fit into it")
    yield LayoutCheck(
        place,
        page.number,
        "from the box to the nearest words",
        _nearest_mm(box, _words(page)),
        BOX_TO_WORDS_MM,
        "a mark that slips over the edge runs into the words and looks like striking them out",
    )
    if others:
        yield LayoutCheck(
            place,
            page.number,
            "from the box to the next box",
            _nearest_mm(box, others),
            BOX_TO_BOX_MM,
            "a large mark reaches into the next box and both look marked",
        )
    yield _edge_check(page, place, box)


def _field_checks(page: PageGeometry, field: TextField) -> Iterator[LayoutCheck]:
    room = field.box_mm
    short = "people write over the edge, into print or into the next field"
    yield LayoutCheck(field.name, page.number, "height of the field", room.height, FIELD_HEIGHT_MM, short)
    yield LayoutCheck(field.name, page.number, "width of the field", room.width, FIELD_WIDTH_MM[field.name], short)
    yield _print_check(page, field.name, room)
    yield _edge_check(page, field.name, room)


def _signature_checks(page: PageGeometry, field: SignatureField) -> Iterator[LayoutCheck]:
    room = field.box_mm
    why = "signatures reach out of the field, and what is outside looks like something added"
    yield LayoutCheck("signature", page.number, "width of the field", room.width, SIGNATURE_WIDTH_MM, why)
    yield LayoutCheck("signature", page.number, "height of the field", room.height, SIGNATURE_HEIGHT_MM, why)
    yield _print_check(page, "signature", room)
    yield _edge_check(page, "signature", room)


def _print_check(page: PageGeometry, place: str, room: BoxMm) -> LayoutCheck:
    why = "print in the field cannot be told from what is written there"
    nearest = _nearest_mm(room, _words(page))
    return LayoutCheck(place, page.number, "from the field to the nearest words", nearest, TO_WORDS_MM, why)


def _edge_check(page: PageGeometry, place: str, box: BoxMm) -> LayoutCheck:
    edge = min(box.x0, box.y0, page.width_mm - box.x1, page.height_mm - box.y1)
    why = "printers, feeders and fax machines lose what lies so near to the edge"
    return LayoutCheck(place, page.number, "from the edge of the paper", edge, TO_EDGE_MM, why)


def _words(page: PageGeometry) -> list[BoxMm]:
    return [line.box_mm for line in page.text_lines]


def _nearest_mm(box: BoxMm, others: Sequence[BoxMm]) -> float:
    return min((distance_mm(box, other) for other in others), default=float("inf"))
