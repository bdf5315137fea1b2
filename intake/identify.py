"""Say which page of which issued form a picture shows, and where it lies: by its page code, else by its print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forms.issued_form import ErasedForm, IssuedPdf
from forms.readable_code import readable_heads
from intake.find_codes import FoundCode
from intake.locate import LocatedPage, NotLocated, locate, locate_from
from intake.page_text import PageText, recognise_page
from intake.pictures import Picture
from intake.place_by_text import map_by_text
from intake.printed_corners import shows_our_corners
from intake.printed_page import PrintedPage, printed_page
from intake.results import Reason

FormLookup = Callable[[str], IssuedPdf | ErasedForm | None]
"""Gives the issued form that a form id names, or the first characters of one that stand in its readable code; None for
what was never issued here."""


@dataclass(frozen=True, slots=True)
class IdentifiedPage:
    """A page of an issued form."""

    issued: IssuedPdf
    printed: PrintedPage
    located: LocatedPage | NotLocated
    findings: tuple[Reason, ...]
    """What speaks against how it was identified."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A page that is no form's, as far as can be told."""

    reason: Reason
    text: str = ""
    """What was recognised on it, where its page code could not be read."""


def identify(picture: Picture, codes: Sequence[FoundCode], lookup: FormLookup) -> IdentifiedPage | Stranger:
    """Identify a page by the codes found on its picture."""
    reason = Reason.CODE_UNKNOWN
    for found in codes:
        issued = lookup(found.code.form_id)
        if isinstance(issued, ErasedForm):
            reason = Reason.CODE_ERASED
        elif issued is not None and found.code.page <= len(issued.letter.pages):
            same = [each for each in codes if each.code == found.code]
            one_form = len({each.code for each in codes}) == 1
            printed = printed_page(issued, found.code.page)
            located = locate(picture, same, printed.geometry, printed.tiles)
            return IdentifiedPage(issued, printed, located, () if one_form else (Reason.CODE_DISAGREE,))
    return Stranger(reason)


def identify_by_print(picture: Picture, lookup: FormLookup) -> IdentifiedPage | Stranger:
    """Identify a page whose page code cannot be read: by the readable code, if the rest of the page is that form's.

    This is never certain enough to be decided without a person; the page's finding says so.
    """
    text = recognise_page(picture.grey)
    for head in readable_heads(text.text):
        issued = lookup(head)
        if isinstance(issued, ErasedForm):
            return Stranger(Reason.CODE_ERASED, text.text)
        if issued is not None and (page := _best_page(picture, text, issued)) is not None:
            return page
    return Stranger(Reason.PAGE_CODE_UNREADABLE if shows_our_corners(picture.grey) else Reason.PAGE_NO_CODE, text.text)


def _best_page(picture: Picture, text: PageText, issued: IssuedPdf) -> IdentifiedPage | None:
    """The page of a form whose print is found on the picture, in its places; None where no page's is."""
    best: tuple[float, IdentifiedPage | None] = (0.0, None)
    for geometry, own in zip(issued.letter.pages, issued.form.pages, strict=True):
        first = map_by_text(text.runs, geometry, own)
        if first is None:
            continue
        printed = printed_page(issued, geometry.number)
        located = locate_from(picture, first, own.code, geometry, printed.tiles)
        if isinstance(located, LocatedPage) and located.tile_share > best[0]:
            best = (located.tile_share, IdentifiedPage(issued, printed, located, (Reason.CODE_IN_LETTERS,)))
    return best[1]
