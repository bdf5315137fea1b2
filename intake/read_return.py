"""Put a return together from its pages: the choice, the signature, the fields, and what was found beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from intake.choice import choice_of
from intake.comparing import Sameness, compare
from intake.plausibility import similarity
from intake.read_page import FormPage, PageContents, SignedField, WrittenField
from intake.results import (
    Addition,
    AdditionKind,
    CheckboxReading,
    FieldReading,
    MarkState,
    Reason,
    ReturnedPage,
    ReturnReading,
    SignatureReading,
    SignatureState,
)
from intake.signature import printed_words, read_signature
from intake.text_fields import read_typed, read_written
from intake.text_recognition import TextPicture, Word
from intake.words_by_signature import words_beside, words_instead

_SURE_TEXT = 0.85
_SAME_TEXT = 0.5
"""A typed value and confidently recognised print that are less alike than this contradict each other."""


def pictures_of(pages: Sequence[FormPage]) -> list[TextPicture]:
    """Give the pictures on which text is to be recognised, in the order in which `read_return` wants the words."""
    return [
        picture for copy in _copies(pages) for _, contents in _located(copy) for picture in _page_pictures(contents)
    ]


def read_return(
    pages: Sequence[FormPage], words: Sequence[tuple[Word, ...]], today: date, *, stray: bool
) -> ReturnReading:
    """Put the pages of one form together; of a page that is there more than once the first that could be located.

    `words` are those recognised on `pictures_of(pages)`. `stray` says that the file holds pages of which nobody knows
    whose they are: a page that is missing may be one of them.
    """
    remaining = iter(words)
    first, *further = [_read_copy(copy, remaining, today) for copy in _copies(pages)]
    readings = [first, *further]
    findings = [finding for reading in readings for finding in reading.findings]
    return replace(
        first,
        pages=tuple(_returned(page) for page in pages),
        additions=tuple(addition for reading in readings for addition in reading.additions),
        findings=tuple(dict.fromkeys([*findings, *_set_findings(pages, first, further, stray=stray)])),
    )


def _copies(pages: Sequence[FormPage]) -> list[list[FormPage]]:
    """Part the pages so that no part has a page of the form twice; the first holds all that could be located once."""
    copies: list[list[FormPage]] = []
    for page in sorted(pages, key=lambda each: each.contents is None):
        fitting = (copy for copy in copies if page.form_page not in {each.form_page for each in copy})
        copy = next(fitting, None)
        if copy is None:
            copies.append([page])
        else:
            copy.append(page)
    return [sorted(copy, key=lambda page: page.page) for copy in copies]


def _located(pages: Sequence[FormPage]) -> Iterator[tuple[FormPage, PageContents]]:
    return ((page, page.contents) for page in pages if page.contents is not None)


def _read_copy(pages: Sequence[FormPage], words: Iterator[tuple[Word, ...]], today: date) -> ReturnReading:
    """Read pages of which none is there twice."""
    issued = pages[0].issued
    checkboxes: list[CheckboxReading] = []
    fields: list[FieldReading] = []
    signature: SignatureReading | None = None
    additions = [addition for page in pages for addition in _additions(page)]
    disagree = False
    for page, contents in _located(pages):
        checkboxes += contents.checkboxes
        read, texts_disagree = _read_fields(page, contents, words, today)
        fields += read
        if (signed := contents.signed) is not None:
            found = [next(words) for _ in signed.pictures]
            signature, notes = _read_signed(page, signed, found, read)
            known = [addition.box_mm for addition in additions if not addition.expected]
            additions += [note for note in notes if not any(note.box_mm.intersects(box) for box in known)]
        disagree = disagree or texts_disagree or any(_disagrees(box) for box in contents.checkboxes)
    findings = [finding for page in pages for finding in page.findings]
    lossy = Reason.PAGE_FAINT in findings
    if disagree:
        findings.append(Reason.VALUE_DISAGREES)
    return ReturnReading(
        form_id=issued.form.form_id,
        template=issued.letter.template,
        version=issued.letter.version,
        customer=issued.form.customer.number,
        pages=tuple(_returned(page) for page in pages),
        variant=choice_of(tuple(checkboxes), _option_count(pages), lossy=lossy) if checkboxes else None,
        signature=signature,
        fields=tuple(fields),
        additions=tuple(additions),
        findings=tuple(findings),
    )


def _page_pictures(contents: PageContents) -> list[TextPicture]:
    pictures = [TextPicture(written.picture) for written in contents.written if written.picture is not None]
    return pictures if contents.signed is None else [*pictures, *contents.signed.pictures]


def _read_fields(
    page: FormPage, contents: PageContents, words: Iterator[tuple[Word, ...]], today: date
) -> tuple[list[FieldReading], bool]:
    """Read the fields of a page; the second says that one shows otherwise than was typed."""
    fields, disagree = [], False
    for written in contents.written:
        found = next(words) if written.picture is not None else ()
        typed = page.values.texts.get(written.field.name, "")
        form = page.issued.form
        if typed:
            fields.append(read_typed(written.field, written.ink, typed, form, page.page, today))
            disagree = disagree or _shows_otherwise(written, found, typed)
        else:
            fields.append(read_written(written.field, written.ink, found, form, page.page, today))
    return fields, disagree


def _read_signed(
    page: FormPage, signed: SignedField, words: Sequence[tuple[Word, ...]], fields: Sequence[FieldReading]
) -> tuple[SignatureReading, list[Addition]]:
    """Read the signature of a page, and what else was written into its field as far as it can be read."""
    scattered, in_line = (*words, (), ())[:2]
    customer = page.issued.form.customer
    names = [customer.contact or customer.company, *(field.text for field in fields if field.name == "name")]
    printed = printed_words(signed.ink, in_line, names, scattered) or words_instead((*scattered, *in_line), names)
    digital = page.values.digitally_signed
    signature = read_signature(signed.field, signed.ink, page.page, printed, digital=digital)
    is_note = signature.state is SignatureState.PRESENT and bool(words_beside(scattered, names))
    note = Addition(page.page, signed.field.box_mm, AdditionKind.INK, expected=False)
    return signature, [note] if is_note else []


def _shows_otherwise(written: WrittenField, words: tuple[Word, ...], typed: str) -> bool:
    """Tell whether the picture contradicts a typed value: it shows nothing, or clearly something else."""
    if written.ink.empty:
        return True
    if not words or min(word.confidence for word in words) < _SURE_TEXT:
        return False
    shown = " ".join(word.text for word in words)
    if written.field.name == "date" and _digits(shown) and _digits(typed):
        return _digits(shown) != _digits(typed)
    return similarity(shown, typed) < _SAME_TEXT


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _disagrees(checkbox: CheckboxReading) -> bool:
    """Tell whether a checkbox's own value and its picture say different things."""
    if checkbox.on_screen is None:
        return False
    return checkbox.state is not (MarkState.MARKED if checkbox.on_screen else MarkState.EMPTY)


def _option_count(pages: Sequence[FormPage]) -> int:
    return sum(len(page.checkboxes) for page in pages[0].issued.letter.pages)


def _set_findings(
    pages: Sequence[FormPage], first: ReturnReading, further: Sequence[ReturnReading], *, stray: bool
) -> list[Reason]:
    """What the pages are as a set: a page that is missing or there twice."""
    findings = []
    if len({page.form_page for page in pages}) < len(pages[0].issued.letter.pages):
        findings.append(Reason.PAGE_MISSING)
        if stray:
            findings.append(Reason.PAGE_NO_CODE)
    if further:
        all_same = all(compare(copy, first) is Sameness.SAME for copy in further)
        findings.append(Reason.PAGE_REPEATED if all_same else Reason.PAGE_DOUBLED)
    return findings


def _returned(page: FormPage) -> ReturnedPage:
    contents = page.contents
    if contents is None:
        return ReturnedPage(page.page, page.form_page, 0.0, 0.0, page.picture_png)
    return ReturnedPage(page.page, page.form_page, contents.dpi, contents.residual_mm, page.picture_png)


def _additions(page: FormPage) -> list[Addition]:
    if page.contents is None:
        return []
    changes = page.contents.changes
    on_print = [
        *((box, AdditionKind.INK, Reason.TEXT_STRUCK) for box in changes.struck),
        *((piece.box_mm, AdditionKind.PRINT, Reason.TEXT_DIFFERS) for piece in changes.changed),
        *((piece.box_mm, AdditionKind.PRINT, Reason.ADDRESS_DIFFERS) for piece in changes.changed_own),
        *((character.box_mm, AdditionKind.PRINT, Reason.ADDRESS_DIFFERS) for character in changes.exchanged),
    ]
    told = [Addition(page.page, box, kind, expected=False, about=about) for box, kind, about in on_print]
    return [*changes.additions, *page.contents.damage, *told]
