"""Writes into the book whose a page is, where a person knows better than the machine, or that it is nobody's.

What the machine said of the page stays as it is. The page becomes a return of the form that the person names: nothing
is read on it, so it waits for a person like any doubtful one.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

from forms.issued_form import letter_from_json
from intake.results import Decision, Reason, ReturnedPage, ReturnReading, return_to_json
from registry.book_decisions import check_person, write_down
from registry.errors import FormErased, NotAllowedNow, PageSettled, UnknownForm, UnknownPage
from registry.events import EventData, append_event, file_subject, form_states, form_subject, one_writer
from registry.models import HumanDecision, Issue, PageDecision, Reading, ReceivedFile, ReceivedPage, Return
from registry.settling import check_reason, check_waits, find_return, seen_in
from registry.statuses import ENDED, EventKind

Kind = PageDecision.Kind

EVENT_OF_PAGE_KIND = {
    Kind.PLACED: EventKind.PAGE_PLACED,
    Kind.NOT_OURS: EventKind.PAGE_NOT_OURS,
    Kind.BLANK: EventKind.PAGE_BLANK,
    Kind.REOPENED: EventKind.PAGE_REOPENED,
}
"""The event that records each kind of decision about a page."""
_SAID = Reason.PAGE_PLACED


@dataclass(frozen=True, slots=True)
class Placed:
    """A return that a person made of pages."""

    return_id: int
    form_id: str
    number: str
    """The customer's."""
    company: str


@one_writer()
def place(page_id: int, form_id: str, *, form_page: int, by: str, at: datetime) -> Placed:
    """Make a page of nobody a page (counting from 1) of an issued form.

    Raises `UnknownPage`, `PageSettled` where something was decided about it before, `UnknownForm`, `FormErased`, and
    `NotAllowedNow` for a form that has ended or has no such page.
    """
    check_person(by)
    page = _stray_that_waits(page_id)
    return _place([_Page(page, form_page, page.picture)], _form(form_id), by, at, "")


@one_writer()
def settle_page(page_id: int, how: PageDecision.Kind, *, by: str, at: datetime, note: str = "") -> None:
    """Say that a page of nobody is none of ours, or the blank back of one.

    Raises `UnknownPage`, `PageSettled`, and `NotAllowedNow` for a call that makes no sense.
    """
    check_person(by)
    if how not in (Kind.NOT_OURS, Kind.BLANK):
        raise NotAllowedNow(f"{how} settles no page", f"choose {Kind.NOT_OURS} or {Kind.BLANK}")
    page = _stray_that_waits(page_id)
    _write_down(PageDecision(page=page, kind=how, by=by, at=at, note=note.strip()))


@one_writer()
def reopen_page(page_id: int, *, by: str, at: datetime) -> None:
    """Take back that a page of nobody is none of ours, or a blank back; raises `UnknownPage`, `NotAllowedNow`."""
    check_person(by)
    page = _stray(page_id)
    latest = page.decisions.order_by("pk").last()
    if latest is None or latest.kind not in (Kind.NOT_OURS, Kind.BLANK):
        raise NotAllowedNow(f"nothing is decided about page {page_id} that could be taken back", "look at it")
    _write_down(PageDecision(page=page, kind=Kind.REOPENED, by=by, at=at))


@one_writer()
def move(return_id: int, form_id: str, *, by: str, at: datetime, reason: str, last_event: int | None = None) -> Placed:
    """Settle a return whose pages belong to another form than their code says, and make them a return of that one.

    Raises what `registry.settling.settle` and `place` raise.
    """
    check_person(by)
    check_reason(reason)
    answer = find_return(return_id)
    check_waits(answer, last_event)
    target = _form(form_id)
    if target.pk == answer.issue_id:
        raise NotAllowedNow(f"return {return_id} is booked with the form {form_id} already", "name another form")
    moved = HumanDecision(
        issue=answer.issue, answer=answer, kind=HumanDecision.Kind.MOVED, by=by, at=at, note=reason.strip()
    )
    write_down(moved, {**seen_in(answer), "to": form_id})
    return _place(_pages_of(answer), target, by, at, reason)


def page_decision_digest(decision: PageDecision) -> str:
    """Digest of all that a decision about a page says; its event holds it."""
    content = {
        "file": decision.page.file.sha256,
        "page": decision.page.page,
        "kind": str(decision.kind),
        "return": decision.answer_id,
        "form_page": decision.form_page,
        "by": decision.by,
        "at": decision.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "note": decision.note,
        "salt": decision.salt,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that is to be a page of another form."""

    row: ReceivedPage
    form_page: int
    picture: str
    """Digest; empty where there is none."""


def _stray(page_id: int) -> ReceivedPage:
    page = ReceivedPage.objects.select_related("file").filter(pk=page_id, issue=None).first()
    if page is None or page.file.erased_at is not None:
        raise UnknownPage(page_id)
    return page


def _stray_that_waits(page_id: int) -> ReceivedPage:
    page = _stray(page_id)
    latest = page.decisions.order_by("pk").last()
    if latest is not None and latest.kind != Kind.REOPENED:
        raise PageSettled(page_id)
    return page


def _form(form_id: str) -> Issue:
    issue = Issue.objects.select_related("customer", "letter").filter(form_id=form_id).first()
    if issue is None:
        raise UnknownForm(form_id)
    if issue.erased_at is not None:
        raise FormErased(form_id)
    status = form_states([form_id])[form_id].status
    if status in ENDED:
        raise NotAllowedNow(f"the form {form_id} is {status}", "name another form of the customer, or issue one")
    return issue


def _pages_of(answer: Return) -> list[_Page]:
    """The pages of a return, with the pictures that its readings have of them."""
    pictures = {
        (reading.file_id, int(page)): sha256
        for reading in answer.readings.order_by("pk")
        for page, sha256 in reading.pictures.items()
    }
    own = [(page, page.form_page or 1) for page in answer.pages.select_related("file").order_by("pk")]
    placed = [(made.page, made.form_page or 1) for made in answer.placed.select_related("page__file").order_by("pk")]
    return [_Page(row, number, pictures.get((row.file_id, row.page), "")) for row, number in own or placed]


def _place(pages: Sequence[_Page], issue: Issue, by: str, at: datetime, note: str) -> Placed:
    count = len(letter_from_json(issue.letter.geometry_json).pages)
    if not all(1 <= page.form_page <= count for page in pages):
        raise NotAllowedNow(f"the form {issue.form_id} has {count} pages", "name one of them")
    files = {page.row.file_id: page.row.file for page in pages}
    first = min(file.arrivals.earliest("pk").received_at for file in files.values())
    answer = Return.objects.create(issue=issue, received_at=first)
    for file in files.values():
        _add_reading(answer, file, [page for page in pages if page.row.file_id == file.pk], by)
    for page in pages:
        made = PageDecision(
            page=page.row, kind=Kind.PLACED, answer=answer, form_page=page.form_page, by=by, at=at, note=note.strip()
        )
        _write_down(made)
    return Placed(answer.pk, issue.form_id, issue.customer.number, issue.customer.company)


def _add_reading(answer: Return, file: ReceivedFile, pages: Sequence[_Page], by: str) -> None:
    """Book that nothing was read: the pages have their pictures, and no place on them is known."""
    issue = answer.issue
    nothing = ReturnReading(
        form_id=issue.form_id,
        template=issue.letter.template,
        version=issue.letter.version,
        customer=issue.customer.number,
        pages=tuple(ReturnedPage(page.row.page, page.form_page, 0.0, 0.0, b"") for page in pages),
        variant=None,
        signature=None,
        fields=(),
        additions=(),
        findings=(_SAID,),
    )
    reading_json = return_to_json(nothing)
    reading = Reading.objects.create(
        answer=answer,
        file=file,
        reading_json=reading_json.decode(),
        sha256=hashlib.sha256(reading_json).hexdigest(),
        pictures={str(page.row.page): page.picture for page in pages if page.picture},
        decision=Decision.REVIEW,
        reasons=[_SAID],
        program_version=settings.REGISTRY_PROGRAM_VERSION,
        read_at=datetime.now(UTC),
    )
    references: EventData = {
        "return": answer.pk,
        "reading": reading.pk,
        "reading_sha256": reading.sha256,
        "file_sha256": file.sha256,
    }
    append_event(EventKind.RETURN_BOOKED, form_subject(issue.form_id), references, by)


def _write_down(decision: PageDecision) -> None:
    decision.salt = secrets.token_hex(16)
    decision.save(force_insert=True)
    data: EventData = {
        "page": decision.page.page,
        "page_decision": decision.pk,
        "page_decision_sha256": page_decision_digest(decision),
    }
    append_event(EVENT_OF_PAGE_KIND[Kind(decision.kind)], file_subject(decision.page.file.sha256), data, decision.by)
