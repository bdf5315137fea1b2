"""The customer's own part of each page: address, reference block, readable code, page code."""

from __future__ import annotations

from datetime import date

from forms.errors import DoesNotFit
from forms.issued_form import Customer, OwnPage, TextLine
from forms.lay_out import (
    CODE_CAPTION_PITCH_MM,
    CODE_CAPTIONS_MM,
    CODE_VALUE,
    LEFT_MM,
    REFERENCE_BASELINE_MM,
    REFERENCE_PITCH_MM,
    REFERENCE_VALUE,
    REFERENCE_VALUE_X_MM,
)
from forms.messages import Message
from forms.page_code import PageCode, code_content, reference
from forms.template import Template
from forms.typeset import Style, TooWide, set_line, set_line_ending_at, wrap_anywhere, wrap_text

_ADDRESS = Style(10, 12.2)
OWN_STYLES = (_ADDRESS, REFERENCE_VALUE, CODE_VALUE)
"""All styles in which a customer's part is set."""
_ADDRESS_BASELINE_MM, _ADDRESS_WIDTH_MM, _ADDRESS_LINES = 67.3, 80.0, 6
_REFERENCE_WIDTH_MM = 45.0
_NUMBER_LINES = 2
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def set_own_pages(
    template: Template, customer: Customer, form_id: str, issued_on: date, pages: int
) -> tuple[OwnPage, ...]:
    """Set the customer's part of every page; raises DoesNotFit, naming what, where a word finds no room."""
    code_lines = _readable_code(form_id)
    try:
        own = [*code_lines, *_address(customer), *_reference_block(template, customer, issued_on)]
    except TooWide as error:
        what = Message(
            "customer {number}: “{word}” is wider than the {most} mm that there are for it",
            number=customer.number,
            word=error.word,
            most=round(error.width_mm),
        )
        raise DoesNotFit(what, Message("shorten it in the customer list")) from error
    lines = [own] + [code_lines + _continued_reference(customer)] * (pages - 1)
    return tuple(OwnPage(tuple(page), code_content(PageCode(form_id, index + 1))) for index, page in enumerate(lines))


def address_lines(customer: Customer) -> tuple[str, ...]:
    """The postal address as the post wants it: one line each, empty ones left out, the country last, in capitals."""
    city = f"{customer.postal_code} {customer.city}"
    lines = (customer.company, customer.contact, customer.street, city, customer.country.upper())
    return tuple(line for line in lines if line)


def date_in_words(day: date, language: str) -> str:
    """Write a date as the letter's language does: 23.11.2026, or 23 November 2026."""
    if language == "en":
        return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"
    return f"{day:%d.%m.%Y}"


def _readable_code(form_id: str) -> list[TextLine]:
    (left_mm, top_mm), (right_mm, bottom_mm) = CODE_CAPTIONS_MM
    code = reference(form_id)
    return [
        set_line(code, left_mm, top_mm + CODE_CAPTION_PITCH_MM, CODE_VALUE),
        set_line_ending_at(code, right_mm, bottom_mm + CODE_CAPTION_PITCH_MM, CODE_VALUE),
    ]


def _address(customer: Customer) -> list[TextLine]:
    texts = []
    for line in address_lines(customer):
        texts += wrap_text(line, _ADDRESS_WIDTH_MM, _ADDRESS)
    if len(texts) > _ADDRESS_LINES:
        what = Message(
            "customer {number}: the address takes {lines} lines, the window shows {most}",
            number=customer.number,
            lines=len(texts),
            most=_ADDRESS_LINES,
        )
        remedy = Message("shorten the company's name, the contact or the street in the customer list")
        raise DoesNotFit(what, remedy)
    return [
        set_line(text, LEFT_MM, _ADDRESS_BASELINE_MM + index * _ADDRESS.leading_mm, _ADDRESS)
        for index, text in enumerate(texts)
    ]


def _reference_block(template: Template, customer: Customer, issued_on: date) -> list[TextLine]:
    number = wrap_anywhere(customer.number, _REFERENCE_WIDTH_MM, REFERENCE_VALUE)
    if len(number) > _NUMBER_LINES:
        what = Message("customer {number}: the number takes {lines} lines", number=customer.number, lines=len(number))
        raise DoesNotFit(what, Message("give the customer a shorter one"))
    # A number that goes on to a second line hangs between its own row and the next.
    rows = [
        (text, index * 3.4 / REFERENCE_PITCH_MM - (0.3 if len(number) > 1 else 0)) for index, text in enumerate(number)
    ]
    rows += [
        (template.words.form_value, 1),
        (template.sender.email, 2),
        (date_in_words(issued_on, template.language), 3),
    ]
    lines = []
    for text, row in rows:
        line = set_line(text, REFERENCE_VALUE_X_MM, REFERENCE_BASELINE_MM + row * REFERENCE_PITCH_MM, REFERENCE_VALUE)
        if line.width_mm > _REFERENCE_WIDTH_MM:
            raise TooWide(text, _REFERENCE_WIDTH_MM)
        lines.append(line)
    return lines


def _continued_reference(customer: Customer) -> list[TextLine]:
    return [set_line(customer.number, REFERENCE_VALUE_X_MM - 25, 23.0, REFERENCE_VALUE)]
