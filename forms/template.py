"""The template of a form: what staff write in a TOML file under templates/.

The models hold a template known to be sound; `forms.load_template` reads a file and reports every mistake in it.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from forms.units import BoxMm

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


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
    brand_line: str = ""
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

    value: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    """What the registry calls it: one capital letter."""
    heading: Text
    paragraphs: tuple[Text, ...] = Field(min_length=1)
    decides: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")], Text] = Field(min_length=1)
    """What choosing it decides, by subject; every option of a template names the same subjects."""


class Choice(TemplatePart):
    """The options, and what we add to say how to mark one and how to correct a mark."""

    instruction: Text
    options: tuple[Option, ...] = Field(min_length=2, max_length=8)


class Note(TemplatePart):
    """A paragraph after the choice, with a lead-in set in bold."""

    lead: str = ""
    text: Text


class WrittenField(TemplatePart):
    """A field that the customer writes in."""

    label: Text
    tooltip: Text
    required: bool = True


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
        for key, text, names in (
            ("page", self.page, ("page", "pages")),
            ("option_tooltip", self.option_tooltip, ("heading",)),
        ):
            for name in names:
                if "{" + name + "}" not in text:
                    raise ValueError(f"{key}: write {{{name}}} where the {name} belongs")
        return self


class Office(TemplatePart):
    """Parts of the page where the office's own ink is expected, in mm from the top left corner: x0, y0, x1, y1."""

    receipt_stamp_mm: BoxMm | None = None
    transmission_header_mm: BoxMm | None = None


class Template(TemplatePart):
    """One version of one form."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    version: int = Field(ge=1, le=999)
    language: Literal["de", "en"]
    title: Text
    """The document's title, as a PDF viewer shows it."""
    due_days: int = Field(ge=1, le=365)
    """Days from issue until the answer is due."""
    retention_months: int = Field(ge=1, le=600)
    """How long contents are kept after the consent has ended."""
    body_size_pt: float = Field(default=9.5, ge=8, le=12)
    sender: Sender
    letter: Letter
    choice: Choice
    notes: tuple[Note, ...] = ()
    fields: Fields
    signature: WrittenField
    return_to: ReturnTo
    words: Words
    office: Office = Office()

    @model_validator(mode="after")
    def _options_agree(self) -> Self:
        values = [option.value for option in self.choice.options]
        if len(set(values)) != len(values):
            raise ValueError("choice.options: two options have the same value; give each its own letter")
        if len({frozenset(option.decides) for option in self.choice.options}) != 1:
            raise ValueError("choice.options: every option must decide the same subjects")
        return self
