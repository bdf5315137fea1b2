"""What holds of people's decisions about pages, for `registry.invariants`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from registry.dossiers import FileDossier
from registry.models import PageDecision
from registry.placing import EVENT_OF_PAGE_KIND


def page_decisions_not_told(file: FileDossier) -> Iterator[str]:
    """Yield decisions without their event, and events without their decision."""
    kinds = set(EVENT_OF_PAGE_KIND.values())
    told = Counter((event.data.get("page_decision"), event.kind) for event in file.events if event.kind in kinds)
    made = Counter((each.pk, EVENT_OF_PAGE_KIND[PageDecision.Kind(each.kind)].value) for each in file.decisions)
    for decision_id, kind in sorted(set((told - made) + (made - told)), key=str):
        yield f"file {file.file.sha256}, decision {decision_id}: {kind}"


def pages_decided_wrongly(file: FileDossier) -> Iterator[str]:
    """Yield decisions that nobody answers for, or that could not be made when they were."""
    latest: dict[int, PageDecision] = {}
    for made in file.decisions:
        before = latest.get(made.page_id)
        is_taken_back = made.kind == PageDecision.Kind.REOPENED
        was_decided = before is not None and before.kind in (PageDecision.Kind.NOT_OURS, PageDecision.Kind.BLANK)
        # A page that was placed is placed again where the return that it became is moved.
        if was_decided is not is_taken_back or not made.by.strip():
            yield f"file {file.file.sha256}, decision {made.pk}"
        latest[made.page_id] = made
