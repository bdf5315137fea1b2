"""Say which page of which issued form a picture shows, and where it lies: by its page code, else by its print."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from forms.blank_page import render_blank_pages
from forms.issued_form import ErasedForm, IssuedPdf
from intake.find_codes import FoundCode
from intake.locate import TILE_DPI, LocatedPage, NotLocated, locate, locate_from
from intake.page_text import PageText, recognise_page
from intake.pictures import Grey
from intake.place_by_text import map_by_text
from intake.readable_code import readable_heads
from intake.results import Reason
from intake.sheet import SHEET_DPI
from intake.stray_pages import shows_our_corners

FormLookup = Callable[[str], IssuedPdf | ErasedForm | None]
"""Gives the issued form that a form id names, or the first characters of one that stand in its readable code; None for
what was never issued here."""


@dataclass(frozen=True, slots=True)
class IdentifiedPage:
    """A page of an issued form."""

    issued: IssuedPdf
    form_page: int
    located: LocatedPage | NotLocated
    blank: Grey
    """The issued page at SHEET_DPI."""
    findings: tuple[Reason, ...]
    """What speaks against how it was identified."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A page that is no form's, as far as can be told."""

    reason: Reason
    text: str = ""
    """What was recognised on it, where its page code could not be read."""


def identify(grey: Grey, codes: Sequence[FoundCode], lookup: FormLookup) -> IdentifiedPage | Stranger:
    """Identify a page by the codes found on it; `grey` is its picture."""
    reason = Reason.CODE_UNKNOWN
    for found in codes:
        issued = lookup(found.code.form_id)
        if isinstance(issued, ErasedForm):
            reason = Reason.CODE_ERASED
        elif issued is not None and found.code.page <= len(issued.letter.pages):
            one_form = len({each.code for each in codes}) == 1
            same = [each for each in codes if each.code == found.code]
            blank = _blank(issued, found.code.page)
            located = locate(grey, same, issued.letter.pages[found.code.page - 1], _at_tile_dpi(blank))
            findings = () if one_form else (Reason.CODE_DISAGREE,)
            return IdentifiedPage(issued, found.code.page, located, blank, findings)
    return Stranger(reason)


def identify_by_print(grey: Grey, lookup: FormLookup) -> IdentifiedPage | Stranger:
    """Identify a page whose page code cannot be read: by the readable code, if the rest of the page is that form's.

    It is proposed to a person, never decided: the page's finding says so.
    """
    text = recognise_page(grey)
    for head in readable_heads(text.text):
        issued = lookup(head)
        if isinstance(issued, ErasedForm):
            return Stranger(Reason.CODE_ERASED, text.text)
        if issued is not None:
            best = max(_placed(grey, text, issued), key=_tile_share, default=None)
            if best is not None:
                return best
    return Stranger(Reason.PAGE_CODE_UNREADABLE if shows_our_corners(grey) else Reason.PAGE_NO_CODE, text.text)


def _placed(grey: Grey, text: PageText, issued: IssuedPdf) -> Iterator[IdentifiedPage]:
    """Give the pages of a form that the picture may show: those whose print is found on it, in its places."""
    for geometry, own in zip(issued.letter.pages, issued.form.pages, strict=True):
        first = map_by_text(text.runs, geometry, own)
        if first is not None:
            blank = _blank(issued, geometry.number)
            located = locate_from(grey, first, own.code, geometry, _at_tile_dpi(blank))
            if isinstance(located, LocatedPage):
                yield IdentifiedPage(issued, geometry.number, located, blank, (Reason.CODE_IN_LETTERS,))


def _tile_share(page: IdentifiedPage) -> float:
    return page.located.tile_share


def _blank(issued: IssuedPdf, form_page: int) -> Grey:
    return render_blank_pages(issued.pdf, SHEET_DPI)[form_page - 1]


def _at_tile_dpi(blank: Grey) -> Grey:
    factor = TILE_DPI / SHEET_DPI
    size = (round(blank.shape[1] * factor), round(blank.shape[0] * factor))
    return np.asarray(cv2.resize(blank, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
