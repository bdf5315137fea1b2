"""What was issued, exactly: enough to read a form that comes back, whatever the templates have become since.

An `IssuedForm` is stored when the form is issued and never changes. The part that all customers of one run share (the
letter's geometry) stands apart from the customer's own part, so that it is kept once and not ten thousand times.
All lengths are millimetres from the top left corner of the page (see `forms.units`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import TypeAdapter

from forms.units import BoxMm

SCHEMA = 1

FieldName = Literal["place", "date", "name"]
FontName = Literal["regular", "bold"]


@dataclass(frozen=True, slots=True)
class Customer:
    """One row of the customer list, as it stood when the form was issued."""

    number: str
    company: str
    contact: str
    street: str
    postal_code: str
    city: str
    country: str
    email: str


@dataclass(frozen=True, slots=True)
class TextLine:
    """One printed run of text: what it says, where it stands and how it is set."""

    text: str
    x_mm: float
    """Left end of the run."""
    baseline_mm: float
    width_mm: float
    size_pt: float
    font: FontName = "regular"
    colour: str = "#000000"

    @property
    def box_mm(self) -> BoxMm:
        """The room that the run may cover with ink: its width, from ascender to descender."""
        em_mm = self.size_pt * 25.4 / 72
        return BoxMm(
            self.x_mm, self.baseline_mm - 0.8 * em_mm, self.x_mm + self.width_mm, self.baseline_mm + 0.22 * em_mm
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A printed straight line between two points."""

    x0_mm: float
    y0_mm: float
    x1_mm: float
    y1_mm: float
    width_mm: float


@dataclass(frozen=True, slots=True)
class Checkbox:
    """A printed square that the customer marks to choose an option."""

    option: str
    box_mm: BoxMm
    """Outer edge of the printed square; also the widget's rectangle."""
    line_width_mm: float


@dataclass(frozen=True, slots=True)
class TextField:
    """A place for handwriting or typing: the printed frame and, inside it, the room where ink is expected."""

    name: FieldName
    label: str
    frame_mm: BoxMm
    """Centre line of the printed frame."""
    box_mm: BoxMm
    """The widget's rectangle, free of print."""
    required: bool
    line_width_mm: float


@dataclass(frozen=True, slots=True)
class SignatureField:
    """The place for the signature: the printed frame and, inside it, the empty room."""

    label: str
    frame_mm: BoxMm
    box_mm: BoxMm
    required: bool
    line_width_mm: float


@dataclass(frozen=True, slots=True)
class OfficeZone:
    """A part of the page where office ink (receipt stamp, fax header) is recorded and not doubted."""

    kind: Literal["receipt_stamp", "transmission_header"]
    box_mm: BoxMm


@dataclass(frozen=True, slots=True)
class PageGeometry:
    """The static part of one page: everything printed on it that is the same for every customer of the run."""

    number: int
    """Counts from 1."""
    width_mm: float
    height_mm: float
    anchors_mm: tuple[BoxMm, ...]
    """Solid black squares near the page's corners, in the order top left, top right, bottom left, bottom right."""
    codes_mm: tuple[BoxMm, ...]
    """Where the page code is printed (without quiet zone)."""
    text_lines: tuple[TextLine, ...]
    rules: tuple[Rule, ...]
    checkboxes: tuple[Checkbox, ...]
    text_fields: tuple[TextField, ...]
    signature: SignatureField | None
    office_zones: tuple[OfficeZone, ...]


@dataclass(frozen=True, slots=True)
class OptionMeaning:
    """What an option is called and what it decides, by subject (for example clients → A, servers → B)."""

    option: str
    heading: str
    decides: dict[str, str]


@dataclass(frozen=True, slots=True)
class LetterGeometry:
    """A template laid out: the part that every form issued from it in this layout shares."""

    template: str
    version: int
    template_sha256: str
    """Digest of the template file's bytes."""
    wording_sha256: str
    """Digest of the letter's words alone: forms with the same wording may stand for each other."""
    language: str
    title: str
    retention_months: int
    options: tuple[OptionMeaning, ...]
    pages: tuple[PageGeometry, ...]

    def sha256(self) -> str:
        """Digest of the canonical JSON of this geometry."""
        return hashlib.sha256(letter_to_json(self)).hexdigest()


@dataclass(frozen=True, slots=True)
class OwnPage:
    """The customer's own part of one page."""

    text_lines: tuple[TextLine, ...]
    code: str
    """Content of the page code."""


@dataclass(frozen=True, slots=True)
class IssuedForm:
    """One form as it was issued to one customer."""

    form_id: str
    """16 characters of Crockford's base 32: 80 random bits."""
    reference: str
    """The readable code printed beside the page code, with its check characters."""
    customer: Customer
    issued_on: date
    """Local date (Europe/Berlin)."""
    due_on: date
    letter_sha256: str
    pages: tuple[OwnPage, ...]


@dataclass(frozen=True, slots=True)
class IssuedPdf:
    """All that reading needs of a form: the customer's part, the letter's geometry and the PDF's bytes."""

    form: IssuedForm
    letter: LetterGeometry
    pdf: bytes


@dataclass(frozen=True, slots=True)
class ErasedForm:
    """All that is left of a form whose contents were erased: that it was issued."""

    form_id: str


_LETTER = TypeAdapter(LetterGeometry)
_FORM = TypeAdapter(IssuedForm)


def letter_to_json(letter: LetterGeometry) -> bytes:
    """Serialise a letter's geometry; equal geometries give equal bytes."""
    return _LETTER.dump_json(letter)


def letter_from_json(data: bytes | str) -> LetterGeometry:
    """Restore a letter's geometry; raises `pydantic.ValidationError` on anything else."""
    return _LETTER.validate_json(data)


def form_to_json(form: IssuedForm) -> bytes:
    """Serialise an issued form; equal forms give equal bytes."""
    return _FORM.dump_json(form)


def form_from_json(data: bytes | str) -> IssuedForm:
    """Restore an issued form; raises `pydantic.ValidationError` on anything else."""
    return _FORM.validate_json(data)
