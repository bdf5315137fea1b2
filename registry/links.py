"""Which returns answer the same question of the same customer, and how what they say stands to one another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from intake.comparing import Sameness, compare
from intake.results import Decision, SignatureState
from registry.events import form_states, one_view
from registry.first_arrivals import first_arrivals
from registry.history import read_on
from registry.models import Issue, Return
from registry.statuses import Status
from registry.whole_returns import WholeReturn


@dataclass(frozen=True, slots=True)
class LinkedReturn:
    """Another return of the same customer and template, seen from one of them."""

    return_id: int
    form_id: str
    status: Status
    """Its form's."""
    same_form: bool
    """It is a return of the very same form; else of another one that the customer was sent."""
    sameness: Sameness
    """How what the later one of the two says stands to the earlier one; of forms that ask in other words, unclear."""
    received_at: datetime
    file_name: str
    """The file in which its first pages came, as it was called."""
    variant: str | None
    """As a person decided, else as read."""
    signature: SignatureState | None
    decision: Decision
    """The machine's."""
    waits: bool
    """A person must still settle it."""
    confirmed: bool
    repeats: int | None
    """The earlier return beside which it needs no person, since it says the same; None where it stands for itself."""


@one_view()
def linked_returns(return_id: int) -> tuple[LinkedReturn, ...]:
    """Return all other returns of the customer and template, oldest first; none for one that is not in the book."""
    answer = Return.objects.select_related("issue__letter").filter(pk=return_id, issue__erased_at=None).first()
    if answer is None:
        return ()
    issues = Issue.objects.filter(
        customer=answer.issue.customer_id, letter__template=answer.issue.letter.template, erased_at=None
    )
    found = read_on(list(issues))
    one = found.pop(return_id)
    states = form_states([whole.row.answer.issue.form_id for whole in found.values()])
    first = first_arrivals(whole.files[0].pk for whole in found.values())
    linked = []
    for other_id, whole in found.items():
        issue, state = whole.row.answer.issue, states[whole.row.answer.issue.form_id]
        linked.append(
            LinkedReturn(
                return_id=other_id,
                form_id=issue.form_id,
                status=state.status,
                same_form=issue.pk == answer.issue_id,
                sameness=_sameness(one, whole),
                received_at=whole.row.answer.received_at,
                file_name=first[whole.files[0].pk].name,
                variant=whole.reading.variant.value if whole.reading.variant else None,
                signature=whole.reading.signature.state if whole.reading.signature else None,
                decision=Decision(whole.row.decision),
                waits=other_id in state.waiting,
                confirmed=other_id in state.confirmed_returns,
                repeats=state.repeats.get(other_id),
            )
        )
    return tuple(linked)


def _sameness(one: WholeReturn, other: WholeReturn) -> Sameness:
    letters = {whole.row.answer.issue.letter.wording_sha256 for whole in (one, other)}
    if len(letters) > 1:
        return Sameness.UNCLEAR
    earlier, later = sorted((one, other), key=lambda whole: whole.row.answer_id)
    return compare(later.reading, earlier.reading)
