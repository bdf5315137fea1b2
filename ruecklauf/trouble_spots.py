"""Say at which place of the form a return ran into trouble: its box, its field, its signature, or none of these."""

from __future__ import annotations

from collections.abc import Iterator

from forms.issued_form import LetterGeometry, PageGeometry
from forms.units import BoxMm
from intake.results import Decision, MarkState, Reason, ReturnReading
from ruecklauf.layout_hints import box_name, distance_mm
from ruecklauf.proving import Proven
from simulation.people import MarkTruth, Trace

WORDING, ELSEWHERE, WHOLE_PAGE = "wording", "elsewhere on the page", "page as a whole"
_NEAR_MM = 15.0
_FIELDS = {
    Reason.PLACE_EMPTY: "place",
    Reason.PLACE_FAINT: "place",
    Reason.PLACE_FURTHER: "place",
    Reason.DATE_EMPTY: "date",
    Reason.DATE_FAINT: "date",
    Reason.DATE_FURTHER: "date",
    Reason.DATE_IMPLAUSIBLE: "date",
    Reason.NAME_EMPTY: "name",
    Reason.NAME_FAINT: "name",
    Reason.NAME_FURTHER: "name",
    Reason.SIGNATURE_ABSENT: "signature",
    Reason.SIGNATURE_UNCLEAR: "signature",
    Reason.SIGNATURE_PRINT: "signature",
    Reason.SIGNATURE_DIGITAL: "signature",
}
_VARIANT = frozenset({Reason.VARIANT_NONE, Reason.VARIANT_SEVERAL, Reason.VARIANT_CORRECTED, Reason.VARIANT_UNCLEAR})
_TOLD = {MarkTruth.MARKED: MarkState.MARKED, MarkTruth.EMPTY: MarkState.EMPTY}


def place_names(letter: LetterGeometry) -> tuple[str, ...]:
    """Name the places of the letter, in reading order."""
    return tuple(name for page in letter.pages for name, _ in _places(page))


def trouble_spots(proven: Proven) -> tuple[str, ...]:
    """Name the places for which a plain return was not accepted; nothing where it was, or was not recognised."""
    if proven.accepted or proven.judged.decision is Decision.REJECT:
        return ()
    reading = next(item for item in proven.document.returns if item.form_id == proven.issued.form.form_id)
    found = [spot for reason in proven.judged.reasons for spot in _spots(reason, proven, reading)]
    return tuple(dict.fromkeys(found)) or (WHOLE_PAGE,)


def _spots(reason: Reason, proven: Proven, reading: ReturnReading) -> Iterator[str]:
    if reason in _FIELDS:
        yield _FIELDS[reason]
    elif reason in _VARIANT:
        yield from _misread_boxes(proven, reading)
    elif reason is Reason.PAGE_ADDITIONS:
        yield from _near_additions(proven.issued.letter, reading)
    elif reason in (Reason.TEXT_STRUCK, Reason.TEXT_DIFFERS, Reason.ADDRESS_DIFFERS):
        yield from _over_words(proven) or (WORDING,)
    else:
        yield WHOLE_PAGE


def _misread_boxes(proven: Proven, reading: ReturnReading) -> Iterator[str]:
    for box in () if reading.variant is None else reading.variant.options:
        if _TOLD.get(proven.sent.truth.marks[box.option]) is not box.state:
            yield box_name(box.option)


def _near_additions(letter: LetterGeometry, reading: ReturnReading) -> Iterator[str]:
    form_pages = {page.page: page.form_page for page in reading.pages}
    for addition in reading.additions:
        if not addition.expected:
            page = letter.pages[form_pages[addition.page] - 1]
            yield _nearest_place(page, addition.box_mm)


def _nearest_place(page: PageGeometry, box: BoxMm) -> str:
    near = sorted((distance_mm(place, box), name) for name, place in _places(page))
    return near[0][1] if near and near[0][0] <= _NEAR_MM else ELSEWHERE


def _over_words(proven: Proven) -> tuple[str, ...]:
    """Name the places whose own ink runs into printed words."""
    spots = []
    for left in proven.sent.truth.left:
        words = [line.box_mm for line in proven.issued.letter.pages[left.page - 1].text_lines]
        if any(left.box_mm.intersects(line) for line in words):
            spots.append(box_name(left.subject) if left.trace is Trace.MARK else left.subject)
    return tuple(spots)


def _places(page: PageGeometry) -> list[tuple[str, BoxMm]]:
    places = [(box_name(box.option), box.box_mm) for box in page.checkboxes]
    places += [(str(field.name), field.box_mm) for field in page.text_fields]
    return places + ([("signature", page.signature.box_mm)] if page.signature is not None else [])
