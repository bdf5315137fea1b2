"""Read a received file: its pages, the returns that they belong to, and what each return says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

from intake.errors import DocumentProblem, PageProblem
from intake.identify import FormLookup
from intake.on_screen import OnScreenValues, read_values
from intake.opening import Pages, open_document
from intake.pictures import Picture, is_page_like
from intake.read_page import FormPage, read_page, with_pictures
from intake.read_return import pictures_of, read_return
from intake.results import DocumentReading, Reason, ReturnReading, UnplacedPage
from intake.text_recognition import recognise
from intake.validate_signatures import Certificates, validate_signatures

_ANYBODYS = frozenset({Reason.PAGE_NO_CODE, Reason.PAGE_CODE_UNREADABLE, Reason.PAGE_UNREADABLE})
"""Why a page that belongs to no form may be one that a form misses."""


def read_document(
    data: bytes,
    lookup: FormLookup,
    today: date,
    announce_pages: Callable[[int], None] = lambda _: None,
    trusted: Certificates = (),
    *,
    pictures: bool = True,
) -> DocumentReading:
    """Read a file, whatever it is: every page of it ends in exactly one return or among the unplaced.

    `lookup` gives issued forms by their id, `today` is the local date, `announce_pages` is told the number of pages
    before the first is read, `trusted` are certificates that the office trusts, `pictures` asks for one of each page
    for people to look at. What is wrong with the file is part of the result; only failures of our own are raised.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        with open_document(data) as pages:
            announce_pages(pages.count)
            read, is_fax = _read_pages(data, pages, lookup, pictures=pictures)
    except DocumentProblem as problem:
        return DocumentReading(sha256, problem.reason, problem.detail, 0, (), ())
    unplaced = tuple(page for page in read if isinstance(page, UnplacedPage))
    form_pages = [page for page in read if isinstance(page, FormPage)]
    returns = _read_returns(form_pages, unplaced, today)
    if returns and (signatures := validate_signatures(data, trusted)):
        returns = tuple(replace(each, digital_signatures=signatures) for each in returns)
    return DocumentReading(sha256, None, "", len(read), returns, unplaced, is_fax)


def _read_pages(
    data: bytes, pages: Pages, lookup: FormLookup, *, pictures: bool
) -> tuple[list[FormPage | UnplacedPage], bool]:
    """Read all pages; the second says that some of them were faxed."""
    values, doubtful = _values(data, pages.count)
    read: list[FormPage | UnplacedPage] = []
    is_fax = False
    for index in range(pages.count):
        try:
            picture = _picture(pages, index)
            is_fax = is_fax or picture.fax
            page = read_page(picture, index + 1, values[index], lookup)
        except PageProblem:
            page = UnplacedPage(index + 1, Reason.PAGE_UNREADABLE)
        if isinstance(page, FormPage):
            page = with_pictures(page, shown=pictures)
            page = _found(page, Reason.VALUE_DISAGREES) if doubtful or values[index].contradictory else page
            page = _found(page, Reason.FILE_REPAIRED) if pages.repaired else page
            over = values[index].laid_over
            page = _found(page, Reason.PAGE_COMMENTS) if over.unseen else page
            page = _found(page, Reason.PAGE_HIDDEN) if over.seen and pages.hides(index) else page
        read.append(page)
    return read, is_fax


def _picture(pages: Pages, index: int) -> Picture:
    picture = pages.picture(index)
    if not is_page_like(picture.shape):
        height, width = picture.shape
        raise PageProblem(f"{width} × {height} pixels are no page")
    return picture


def _values(data: bytes, count: int) -> tuple[list[OnScreenValues], bool]:
    """Read the form values page by page; the second says that there are some which nobody could read."""
    try:
        values = read_values(data)
    except PageProblem:
        return [OnScreenValues()] * count, True
    if values and len(values) != count:
        return [OnScreenValues()] * count, True
    return values or [OnScreenValues()] * count, False


def _found(page: FormPage, what: Reason) -> FormPage:
    return replace(page, findings=(*page.findings, what))


def _read_returns(
    pages: Sequence[FormPage], unplaced: Iterable[UnplacedPage], today: date
) -> tuple[ReturnReading, ...]:
    groups: dict[str, list[FormPage]] = {}
    for page in pages:
        groups.setdefault(page.issued.form.form_id, []).append(page)
    pictures = [picture for group in groups.values() for picture in pictures_of(group)]
    words = iter(recognise(pictures))
    stray = any(page.reason in _ANYBODYS for page in unplaced)
    return tuple(
        read_return(group, [next(words) for _ in pictures_of(group)], today, stray=stray) for group in groups.values()
    )
