"""The invariants of received files, their pages and arrivals."""

from __future__ import annotations

from collections.abc import Iterator

from registry.decided_pages import page_decisions_not_told, pages_decided_wrongly
from registry.dossiers import FileDossier
from registry.invariant import Invariant
from registry.models import ReceivedPage
from registry.statuses import EventKind


def _pages_not_placed_once(file: FileDossier) -> Iterator[str]:
    pages = [page.page for page in file.pages]
    count = 0 if file.file.problem else file.file.page_count
    if pages != list(range(1, count + 1)):
        yield f"file {file.file.sha256}"


def _pages_placed_elsewhere(file: FileDossier) -> Iterator[str]:
    for page in file.pages:
        if not (_is_placed(page) if page.answer else _is_unplaced(page)):
            yield f"file {file.file.sha256}, page {page.page}"


def _is_placed(page: ReceivedPage) -> bool:
    belongs = page.answer is not None and page.issue_id == page.answer.issue_id and bool(page.form_page)
    return belongs and not page.reason and not page.picture and not page.text


def _is_unplaced(page: ReceivedPage) -> bool:
    return page.issue_id is None and page.form_page is None and bool(page.reason)


def _erased_yet_readable(file: FileDossier) -> Iterator[str]:
    if file.file.erased_at is not None:
        yield from (f"file {file.file.sha256}, page {page.page}" for page in file.pages if page.text)


_ARRIVED = frozenset({EventKind.FILE_BOOKED, EventKind.FILE_ARRIVED_AGAIN})


def _arrivals_not_told(file: FileDossier) -> Iterator[str]:
    told = [(event.kind, event.data.get("arrival")) for event in file.events if event.kind in _ARRIVED]
    arrived = [
        (EventKind.FILE_ARRIVED_AGAIN, arrival.pk) if arrival.duplicate else (EventKind.FILE_BOOKED, None)
        for arrival in file.arrivals
    ]
    firsts = [number for number, arrival in enumerate(file.arrivals) if not arrival.duplicate]
    if told != arrived or firsts != [0]:
        yield f"file {file.file.sha256}"


OF_FILES: tuple[Invariant[FileDossier], ...] = (
    Invariant("page.once", "Every page of a file that could be read is in one place, once.", _pages_not_placed_once),
    Invariant(
        "page.place", "A page belongs to a return of its form, or to none for a reason.", _pages_placed_elsewhere
    ),
    Invariant("page.erased", "Nothing that an erased file's pages said is kept.", _erased_yet_readable),
    Invariant(
        "arrival.event", "Every file arrived first, then again, and each arrival has its one event.", _arrivals_not_told
    ),
    Invariant(
        "page.decision",
        "Every decision about a page has its one event, and every such event its decision.",
        page_decisions_not_told,
    ),
    Invariant(
        "page.decided",
        "A page is decided about by a named person, and again only after that was taken back, or to be moved.",
        pages_decided_wrongly,
    ),
)
