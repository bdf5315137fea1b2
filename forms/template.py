"""The template of a form: what staff write in a TOML file under templates/.

The models hold a template known to be sound; `forms.load_template` reads a file and reports every mistake in it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from forms.messages import Message
from forms.units import BoxMm

ID_PATTERN = r"^[a-z][a-z0-9-]{0,39}$"
COLOUR_PATTERN = r"^#[0-9a-fA-F]{6}$"
OPTION_PATTERN = r"^[A-Z]$"
SUBJECT_PATTERN = r"^[a-z][a-z0-9_]*$"
RULE = "template_rule"
"""Type of the validation errors that our own rules raise; their context holds `what` and `remedy`."""

_PAGE_WIDTH_MM, _PAGE_HEIGHT_MM = 210.0, 297.0


def one_line(text: str) -> str:
    """Join a text that was written over several lines: line breaks and indents become one space (result in NFC)."""
    return unicodedata.normalize("NFC", re.sub(r"[ \t\r\n]+", " ", text)).strip()


def _four_numbers(value: object) -> object:
    numbers = list(value) if isinstance(value, list | tuple) else []
    if len(numbers) != 4 or not all(type(n) in (int, float) and math.isfinite(n) for n in numbers):
        raise broken_rule(
            Message("is not four numbers"), Message("write left, top, right, bottom in mm, like [125, 30, 195, 60]")
        )
    x0, y0, x1, y1 = numbers
    if not (0 <= x0 < x1 <= _PAGE_WIDTH_MM and 0 <= y0 < y1 <= _PAGE_HEIGHT_MM):
        raise broken_rule(
            Message("is not a rectangle on the page"),
            Message("write left, top, right, bottom in mm from the top left corner of a page of 210 × 297"),
        )
    return BoxMm(float(x0), float(y0), float(x1), float(y1))


def broken_rule(what: str, remedy: str) -> PydanticCustomError:
    """The validation error for a rule of ours that types alone do not express."""
    return PydanticCustomError(RULE, "{what} — {remedy}", {"what": what, "remedy": remedy})


LooseText = Annotated[str, AfterValidator(one_line)]
Text = Annotated[str, AfterValidator(one_line), StringConstraints(min_length=1)]
Colour = Annotated[str, StringConstraints(pattern=COLOUR_PATTERN)]
OfficeBox = Annotated[BoxMm, BeforeValidator(_four_numbers)]


class Flaw(NamedTuple):
    """A rule between several keys that is broken; the key is relative to the part that the rule belongs to."""

    key: tuple[str | int, ...]
    what: str
    remedy: str


class TemplatePart(BaseModel):
    """Base of every part: frozen, and a key that is not known is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sender(TemplatePart):
    """Who sends the letter; stands in the head, the sender line and the return address."""

    name: Text
    street: Text
    postal_code: Text
    city: Text
    email: Text
    brand: Text
    """The name set large in the head."""
    brand_line: LooseText = ""
    """The line beneath it."""
    particulars: tuple[Text, ...] = Field(default=(), max_length=4)
    """Company particulars (register court, managing directors, ...), small, in the empty head of the page."""
    colour: Colour = "#000000"
    """Colour of the brand and the subject."""


class Letter(TemplatePart):
    """The wording before the choice."""

    subject: Text
    salutation: Text
    paragraphs: tuple[Text, ...] = Field(min_length=1)


class Option(TemplatePart):
    """One option that the customer may choose."""

    value: Annotated[str, StringConstraints(pattern=OPTION_PATTERN)]
    """What the registry calls it: one capital letter."""
    heading: Text
    paragraphs: tuple[Text, ...] = Field(min_length=1)
    decides: dict[Annotated[str, StringConstraints(pattern=SUBJECT_PATTERN)], Text] = Field(min_length=1)
    """What choosing it decides, by subject; every option of a template names the same subjects."""


class Choice(TemplatePart):
    """The options, and what we add to say how to mark one and how to correct a mark."""

    instruction: Text
    options: tuple[Option, ...] = Field(min_length=2, max_length=8)

    @model_validator(mode="after")
    def _options_agree(self) -> Self:
        for flaw in option_flaws([(option.value, frozenset(option.decides)) for option in self.options]):
            raise broken_rule(flaw.what, flaw.remedy)
        return self


class Note(TemplatePart):
    """A paragraph after the choice, with a lead-in set in bold."""

    lead: LooseText = ""
    text: Text


class WrittenField(TemplatePart):
    """A field that the customer writes in."""

    label: Text
    tooltip: Text
    required: bool = Field(default=True, strict=True)


class Fields(TemplatePart):
    """The fields beside the signature. A form has all three; what may stay empty says required = false."""

    place: WrittenField
    date: WrittenField
    name: WrittenField


class ReturnTo(TemplatePart):
    """Where the signed form goes."""

    request: Text
    lines: tuple[Text, ...] = Field(min_length=1, max_length=4)
    """The first is set in bold."""


class Words(TemplatePart):
    """The small words that we add around the letter."""

    customer_number: Text
    form: Text
    form_value: Text
    """For example "Remote Support, Version 1"."""
    questions: Text
    date: Text
    form_code: Text
    page: Text
    """With {page} and {pages}; printed only on forms of more than one page."""
    option_tooltip: Text
    """With {heading}; read aloud for a checkbox."""

    @model_validator(mode="after")
    def _placeholders(self) -> Self:
        for flaw in placeholder_flaws({"page": self.page, "option_tooltip": self.option_tooltip}):
            raise broken_rule(f"{flaw.key[0]} {flaw.what}", flaw.remedy)
        return self


class Office(TemplatePart):
    """Parts of the page where the office's own ink is expected, in mm from the top left corner: x0, y0, x1, y1."""

    receipt_stamp_mm: OfficeBox | None = None
    transmission_header_mm: OfficeBox | None = None


class Template(TemplatePart):
    """One version of one form."""

    id: Annotated[str, StringConstraints(pattern=ID_PATTERN)]
    version: int = Field(strict=True, ge=1, le=999)
    language: Literal["de", "en"]
    title: Text
    """The document's title, as a PDF viewer shows it."""
    due_days: int = Field(strict=True, ge=1, le=365)
    """Days from issue until the answer is due."""
    retention_months: int = Field(strict=True, ge=1, le=600)
    """How long contents are kept after the consent has ended."""
    body_size_pt: float = Field(default=9.5, strict=True, ge=8, le=12)
    sender: Sender
    letter: Letter
    choice: Choice
    notes: tuple[Note, ...] = ()
    fields: Fields
    signature: WrittenField
    return_to: ReturnTo
    words: Words
    office: Office = Office()


PLACEHOLDERS: dict[str, tuple[str, ...]] = {"page": ("page", "pages"), "option_tooltip": ("heading",)}
"""What each of the words must leave a place for."""


def option_flaws(options: Sequence[tuple[str | None, frozenset[str] | None]]) -> Iterator[Flaw]:
    """Find what is wrong between options, each given as its value and the subjects it decides (None: not known)."""
    counts = Counter(value for value, _ in options)
    seen: set[str] = set()
    for index, (value, _) in enumerate(options):
        if value is not None and value in seen and counts[value] > 1:
            what = Message("is “{value}”, like an option before it", value=value)
            yield Flaw(("options", index, "value"), what, Message("give every option a letter of its own"))
        seen.add(value or "")
    known = [(index, subjects) for index, (_, subjects) in enumerate(options) if subjects is not None]
    for index, subjects in known[1:]:
        first = known[0][1]
        if subjects != first:
            what = Message(
                "decides {subjects}, but the first option decides {first}",
                subjects=_listed(subjects),
                first=_listed(first),
            )
            yield Flaw(("options", index, "decides"), what, Message("name the same subjects in every option"))


def placeholder_flaws(words: dict[str, str]) -> Iterator[Flaw]:
    """Find the words that do not leave a place for what is filled in; words that are not given are not judged."""
    for key, names in PLACEHOLDERS.items():
        for name in names:
            if key in words and "{" + name + "}" not in words[key]:
                place = "{" + name + "}"
                what = Message("leaves no place for {place}", place=place)
                yield Flaw((key,), what, Message("write {place} where it belongs", place=place))


def _listed(subjects: frozenset[str]) -> str:
    return ", ".join(sorted(subjects)) or Message("nothing")
