"""Whose a page may be on which no page code could be read: open forms that are recognised on it, best first.

A proposal to a person and nothing more: a page is never booked by it. What is recognised is noted when the page is
booked, for a form that is issued later cannot be its own; which of the forms are open is asked when somebody looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intake.results import DocumentReading
from registry.chunks import CHUNK
from registry.events import one_writer
from registry.models import Issue, PageLikeness, ReceivedPage
from registry.recognised_forms import Part, Recognised, forms_recognised
from registry.statuses import OPEN

MOST_PROPOSALS = 5
RecognisedByPage = Mapping[int, Sequence[Recognised]]
"""What is recognised on each page of a file that belongs to no form; pages count from 1."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An open form that a page may belong to."""

    form_id: str
    number: str
    """The customer's."""
    company: str
    template: str
    version: int
    score: float
    """0 to 1; orders proposals, and is no probability."""
    why: tuple[Part, ...]
    """What was recognised of the form."""


def proposals_for(page_id: int) -> tuple[Proposal, ...]:
    """The open forms that a page of nobody may belong to, best first; none where nothing on it tells."""
    rows = PageLikeness.objects.filter(page=page_id, issue__standing__status__in=OPEN)
    rows = rows.select_related("issue__customer", "issue__letter").defer(
        "issue__form_json", "issue__letter__geometry_json"
    )
    return tuple(
        Proposal(
            form_id=row.issue.form_id,
            number=row.issue.customer.number,
            company=row.issue.customer.company,
            template=row.issue.letter.template,
            version=row.issue.letter.version,
            score=row.score,
            why=tuple(map(Part, row.why.split())),
        )
        for row in rows.order_by("-score", "issue")[:MOST_PROPOSALS]
    )


def recognised_in(reading: DocumentReading) -> RecognisedByPage:
    """What is recognised on a file's pages that belong to no form; writes nothing.

    To be called before the pages are booked: comparing a stack takes seconds, and nobody else may write meanwhile.
    """
    told = [page for page in reading.unplaced if page.text]
    return {page.page: found for page, found in zip(told, forms_recognised([each.text for each in told]), strict=True)}


def note_recognised(pages: Mapping[int, Sequence[Recognised]]) -> None:
    """Note what is recognised on pages, by their keys, in place of what was noted; to be called in `one_writer`."""
    PageLikeness.objects.filter(page__in=list(pages)).delete()
    issues = {form.issue for found in pages.values() for form in found}
    kept = set(Issue.objects.filter(pk__in=issues, erased_at=None).values_list("pk", flat=True))
    PageLikeness.objects.bulk_create(
        PageLikeness(page_id=page, issue_id=form.issue, score=form.score, why=" ".join(form.why))
        for page, found in pages.items()
        for form in found
        if form.issue in kept  # it may have been erased since they were compared
    )


def compare_uncompared() -> None:
    """Note what is recognised on pages that were booked before that was noted."""
    uncompared = ReceivedPage.objects.filter(is_compared=False)
    if not uncompared.exists():  # every command asks, and none waits for a writer because of it
        return
    strays = uncompared.filter(issue=None).exclude(text="").order_by("pk")
    while rows := list(strays.values_list("pk", "text")[:CHUNK]):
        found = forms_recognised([text for _page, text in rows])
        _note_compared({page: forms for (page, _text), forms in zip(rows, found, strict=True)})
    uncompared.update(is_compared=True)


@one_writer()
def _note_compared(pages: Mapping[int, Sequence[Recognised]]) -> None:
    note_recognised(pages)
    ReceivedPage.objects.filter(pk__in=list(pages)).update(is_compared=True)
