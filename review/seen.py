"""What the machine saw on a return's pages, as shapes to draw over their pictures; all in millimetres of the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from django.utils.translation import gettext as _
from PIL import Image

from forms.units import BoxMm, enclosing
from intake.results import (
    Addition,
    AdditionKind,
    CheckboxReading,
    FieldState,
    MarkState,
    ReturnedPage,
    ReturnReading,
    SignatureState,
)
from registry.evidence import Evidence
from review.words import ADDITIONS, FIELD_STATES, FIELDS, MARKS, ON_PRINT, SIGNATURES, Words

PAGE_MM = (210.0, 297.0)
_AROUND_MM = 4.0
_HEADING_MM = 75.0
_ONE_PLACE_MM = 3.0
"""Print is compared in pieces of a letter or two: those that lie no farther apart are shown as one place."""
_MARK_TONES = {
    MarkState.EMPTY: "plain",
    MarkState.MARKED: "good",
    MarkState.CORRECTED: "doubt",
    MarkState.UNCLEAR: "doubt",
}
_SIGNATURE_TONES = {SignatureState.PRESENT: "good", SignatureState.ABSENT: "bad", SignatureState.UNCLEAR: "doubt"}
_FIELD_TONES = {FieldState.EMPTY: "plain", FieldState.READ: "good", FieldState.UNCLEAR: "doubt"}


@dataclass(frozen=True, slots=True)
class Shape:
    """One place where something was seen, or nothing."""

    page: int
    box: BoxMm
    tone: str
    """The class under which review.css gives it its colours: good, doubt, bad or plain."""
    kind: str
    """What can be switched off together: boxes, signature, fields or additions."""
    label: str
    """What was seen, in words."""


@dataclass(frozen=True, slots=True)
class SeenPage:
    """One page of a return."""

    page: int
    """Counts from 1 within the file."""
    form_page: int
    """Which page of the issued form it is, counting from 1."""
    picture: str | None
    """Digest of its picture; None where there is none."""
    located: bool
    """The picture shows the page as it was printed; else as it was received, however it lies."""
    width_mm: float
    """Of the picture; of a page that was not located the sides have the right proportion only."""
    height_mm: float
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a page's picture."""

    return_id: int
    picture: str
    box: BoxMm
    width_mm: float
    """Of the whole page."""
    height_mm: float
    label: Words = ""
    """What is to be seen there, where nothing beside it says so."""

    @property
    def view_box(self) -> str:
        """The part, as SVG wants it."""
        return f"{self.box.x0:.2f} {self.box.y0:.2f} {self.box.width:.2f} {self.box.height:.2f}"


def seen_pages(evidence: Evidence) -> tuple[SeenPage, ...]:
    """The pages in the order of the file, each with what was seen on it."""
    shapes = list(_shapes(evidence.reading))
    return tuple(_seen_page(page, evidence.pictures.get(page.page), shapes) for page in evidence.reading.pages)


def _seen_page(page: ReturnedPage, picture: Path | None, shapes: Iterable[Shape]) -> SeenPage:
    width_mm, height_mm = PAGE_MM if page.is_located or picture is None else size_as_paper(picture)
    return SeenPage(
        page=page.page,
        form_page=page.form_page,
        picture=picture.stem if picture else None,
        located=page.is_located,
        width_mm=width_mm,
        height_mm=height_mm,
        shapes=tuple(shape for shape in shapes if shape.page == page.page),
    )


def size_as_paper(path: Path) -> tuple[float, float]:
    """Width and height, in mm, of a picture that is drawn as wide as a sheet of paper."""
    with Image.open(path, formats=["PNG"]) as picture:
        return PAGE_MM[0], round(PAGE_MM[0] * picture.height / picture.width, 1)


def crop_of(evidence: Evidence, page: int, *boxes: BoxMm) -> Crop | None:
    """The part of a page's picture that holds some boxes, with a little around it; None where there is no picture."""
    path = evidence.pictures.get(page)
    if path is None or not boxes:
        return None
    around = BoxMm(
        max(0.0, min(box.x0 for box in boxes) - _AROUND_MM),
        max(0.0, min(box.y0 for box in boxes) - _AROUND_MM),
        min(PAGE_MM[0], max(box.x1 for box in boxes) + _AROUND_MM),
        min(PAGE_MM[1], max(box.y1 for box in boxes) + _AROUND_MM),
    )
    return Crop(evidence.return_id, path.stem, around, *PAGE_MM)


def crop_beside(evidence: Evidence, option: CheckboxReading) -> Crop | None:
    """The part of a page's picture that holds a box and the beginning of the heading beside it."""
    box = option.box_mm
    return crop_of(evidence, option.page, box, BoxMm(box.x0, box.y0, box.x0 + _HEADING_MM, box.y1))


def addition_crops(evidence: Evidence) -> tuple[Crop, ...]:
    """The parts of the pages where something stands that was not issued with them and is not expected there."""
    places = [each for each in _places(evidence.reading.additions) if not each.expected]
    crops = ((crop_of(evidence, each.page, each.box_mm), _said_of(each)) for each in places)
    return tuple(replace(crop, label=label) for crop, label in crops if crop is not None)


def _places(additions: Iterable[Addition]) -> Iterator[Addition]:
    """The additions: first those on print, as one where they lie close together."""
    on_print = defaultdict(list)
    others = []
    for each in additions:
        if each.about is None:
            others.append(each)
        else:
            on_print[each.page, each.about, each.kind].append(each)
    for pieces in on_print.values():
        for box in _joined([each.box_mm for each in pieces]):
            yield replace(pieces[0], box_mm=box)
    yield from others


def _joined(boxes: Iterable[BoxMm]) -> list[BoxMm]:
    """Boxes around those that lie close together."""
    joined: list[BoxMm] = []
    for box in boxes:
        grown = box
        while near := [each for each in joined if each.grown(_ONE_PLACE_MM).intersects(grown)]:
            joined = [each for each in joined if each not in near]
            grown = enclosing([grown, *near])
        joined.append(grown)
    return joined


def _said_of(addition: Addition) -> Words:
    return ADDITIONS[addition.kind] if addition.about is None else ON_PRINT[addition.about]


def _shapes(reading: ReturnReading) -> Iterator[Shape]:
    for option in reading.variant.options if reading.variant else ():
        said = _("Variant %(option)s: %(state)s") % {"option": option.option, "state": MARKS[option.state]}
        yield Shape(option.page, option.box_mm, _MARK_TONES[option.state], "boxes", said)
    if reading.signature is not None:
        state = reading.signature.state
        yield Shape(
            reading.signature.page,
            reading.signature.box_mm,
            _SIGNATURE_TONES[state],
            "signature",
            str(SIGNATURES[state]),
        )
    for field in reading.fields:
        tone = "bad" if field.state is FieldState.EMPTY and field.required else _FIELD_TONES[field.state]
        said = f"{FIELDS[field.name]}: {field.text or FIELD_STATES[field.state]}"
        yield Shape(field.page, field.box_mm, tone, "fields", said)
    for addition in _places(reading.additions):
        tone = "plain" if addition.expected or addition.kind is AdditionKind.DAMAGE else "doubt"
        tone = tone if addition.about is None else "bad"
        yield Shape(addition.page, addition.box_mm, tone, "additions", str(_said_of(addition)))
