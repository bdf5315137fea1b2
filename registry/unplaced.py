"""The pages that belong to no form, with their pictures: for whoever looks at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db.models import OuterRef, Q, QuerySet, Subquery

from intake.results import Reason
from registry import archive
from registry.chunks import in_chunks
from registry.first_arrivals import first_arrivals
from registry.models import PageDecision, ReceivedPage


@dataclass(frozen=True, slots=True)
class StrayPage:
    """A received page that belongs to no form."""

    page_id: int
    """Names the page in the book."""
    reason: Reason
    """Why the machine could not place it."""
    picture: str | None
    """Digest of its picture; None where it has none."""
    file_sha256: str
    page: int
    """Counts from 1 within the file."""
    text: str
    """What was recognised on it; empty where nothing was. Whoever sent the page chose it."""
    page_count: int
    """How many pages the file has."""
    file_name: str
    """As it was first received; may be empty, and is trusted for nothing."""
    channel: str
    received_at: datetime
    waits: bool
    """Nobody has decided about it."""


def stray_pages() -> Iterator[StrayPage]:
    """Yield all pages that belong to no form and are not erased, in the order in which they were booked."""
    for rows in in_chunks(_kept()):
        yield from _told(rows)


def waiting_strays(count: int, *, after: int = 0) -> list[StrayPage]:
    """The first so many pages of nobody about which a person must decide, or the first after one of this name."""
    return list(_told(list(_undecided().filter(pk__gt=after).order_by("pk")[:count])))


def waiting_strays_count() -> int:
    """How many pages of nobody a person must decide about."""
    return _undecided().count()


def stray_page(page_id: int) -> StrayPage | None:
    """One of them; None where there is none of this name."""
    return next(_told(list(_kept().filter(pk=page_id))), None)


def stray_picture(page_id: int, sha256: str) -> Path | None:
    """The page's picture, if it has this digest; None where it has not, or was erased."""
    return archive.find(sha256) if _kept().filter(pk=page_id, picture=sha256).exists() else None


def _undecided() -> QuerySet[ReceivedPage]:
    """All that nobody has decided about but blank ones."""
    of_page = PageDecision.objects.filter(page=OuterRef("pk")).order_by("-pk").values("kind")
    rows = _kept().exclude(reason=Reason.PAGE_BLANK).annotate(latest=Subquery(of_page[:1]))
    return rows.filter(Q(latest=None) | Q(latest=PageDecision.Kind.REOPENED))


def _kept() -> QuerySet[ReceivedPage]:
    return ReceivedPage.objects.filter(issue=None, file__erased_at=None).select_related("file")


def _told(rows: Sequence[ReceivedPage]) -> Iterator[StrayPage]:
    first = first_arrivals(row.file_id for row in rows)
    latest = {made.page_id: made.kind for made in PageDecision.objects.filter(page__in=rows).order_by("pk")}
    for row in rows:
        yield StrayPage(
            page_id=row.pk,
            reason=Reason(row.reason),
            picture=row.picture or None,
            file_sha256=row.file.sha256,
            page=row.page,
            text=row.text,
            page_count=row.file.page_count,
            file_name=first[row.file_id].name,
            channel=first[row.file_id].channel,
            received_at=first[row.file_id].received_at,
            waits=latest.get(row.pk) in (None, PageDecision.Kind.REOPENED),
        )
