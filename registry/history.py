"""What the book knows about a form that a page alone cannot tell; the decision on a return takes it into account."""

from __future__ import annotations

from datetime import datetime

from intake.results import History, ReturnReading, SignatureState, return_from_json
from registry.events import form_states
from registry.models import HumanDecision, Issue, Reading
from registry.office_time import local_date
from registry.statuses import ENDED, Status


def history_of(issue: Issue, reading: ReturnReading, received_at: datetime) -> History:
    """Compare a return that is about to be booked with what is booked of this form and of those with its wording."""
    siblings = Issue.objects.filter(
        customer=issue.customer,
        letter__template=issue.letter.template,
        letter__wording_sha256=issue.letter.wording_sha256,
    )
    states = form_states([sibling.form_id for sibling in siblings])
    status = states[issue.form_id].status
    # A consent that has ended contradicts nothing: whoever withdrew may choose anew.
    standing = [sibling for sibling in siblings if states[sibling.form_id].status not in ENDED]
    value = reading.variant.value if reading.variant else None
    return History(
        superseded=status is Status.SUPERSEDED,
        withdrawn=status in ENDED,
        late=local_date(received_at) > issue.due_on,
        duplicate=value is not None and (value, _signature(reading)) in _said_on(issue),
        contradicts=value is not None and bool(_variants_said(standing) - {value}),
    )


def overtaken_by(withdrawal: HumanDecision, received_at: datetime) -> bool:
    """Whether the customer withdrew when this paper had arrived already: then it says nothing any more."""
    return withdrawal.on is not None and withdrawal.on >= local_date(received_at) and withdrawal.at > received_at


def _signature(reading: ReturnReading) -> SignatureState | None:
    return reading.signature.state if reading.signature else None


def _said_on(issue: Issue) -> set[tuple[str | None, SignatureState | None]]:
    """Variant and signature of the form's earlier returns, as read."""
    texts = Reading.objects.filter(answer__issue=issue).values_list("reading_json", flat=True)
    readings = [return_from_json(text) for text in texts]
    return {(reading.variant.value if reading.variant else None, _signature(reading)) for reading in readings}


def _variants_said(issues: list[Issue]) -> set[str]:
    """The variants that the forms' returns say: as a person decided, else as last read."""
    said: dict[int, str | None] = {}
    for answer_id, text in (
        Reading.objects.filter(answer__issue__in=issues).order_by("pk").values_list("answer_id", "reading_json")
    ):
        variant = return_from_json(text).variant
        said[answer_id] = variant.value if variant else None
    decided = HumanDecision.objects.filter(issue__in=issues, answer__isnull=False).order_by("pk")
    for decision in {each.answer_id: each for each in decided}.values():  # the latest about each
        if decision.kind == HumanDecision.Kind.CONFIRMED:
            said[decision.answer_id or 0] = decision.variant
        elif decision.kind == HumanDecision.Kind.NOT_OURS:
            said.pop(decision.answer_id or 0, None)
    return {value for value in said.values() if value is not None}
