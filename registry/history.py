"""What the book knows about a form that a page alone cannot tell; the decision on a return takes it into account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from intake.comparing import Sameness, compare
from intake.results import (
    CheckboxReading,
    Decision,
    History,
    MarkState,
    Reason,
    ReturnReading,
    SignatureState,
    VariantReading,
    VariantState,
    Verdict,
)
from registry.events import form_states
from registry.models import HumanDecision, Issue, Reading
from registry.office_time import local_date
from registry.statuses import ENDED, FormState, Status
from registry.whole_returns import WholeReturn, whole_returns


@dataclass(frozen=True, slots=True)
class Past:
    """What was booked before a return."""

    history: History
    same: tuple[tuple[int, Decision | None], ...]
    """The form's returns that say the same and are not settled otherwise, oldest first, each with the machine's
    decision on it; None where a person confirmed it."""

    def repeated_by(self, verdict: Verdict) -> int | None:
        """The earlier return beside which one with this verdict needs no person; None where there is none.

        That is one that is confirmed, or that waits and is as good: whoever settles it settles both. To one page of a
        form, the whole form is.
        """
        as_good = {
            Decision.ACCEPT: (None, Decision.ACCEPT),
            Decision.INCOMPLETE: (None, Decision.ACCEPT, Decision.INCOMPLETE),
        }.get(verdict.decision, ())
        if Reason.RETURN_DUPLICATE not in verdict.reasons:
            return None
        return next((earlier for earlier, decision in self.same if decision in as_good), None)


def past_of(issue: Issue, reading: ReturnReading, received_at: datetime, *, joins: int | None) -> Past:
    """Compare a return that is about to be booked with what is booked of this form and of those with its wording.

    `joins` is the return whose pages the reading holds too; it is no earlier one.
    """
    siblings = Issue.objects.filter(
        customer=issue.customer,
        letter__template=issue.letter.template,
        letter__wording_sha256=issue.letter.wording_sha256,
    )
    states = form_states([sibling.form_id for sibling in siblings])
    status = states[issue.form_id].status
    # A consent that has ended contradicts nothing: whoever withdrew may choose anew.
    standing = [sibling for sibling in siblings if states[sibling.form_id].status not in ENDED]
    kinds = HumanDecision.Kind
    not_ours = returns_decided(standing, kinds.NOT_OURS).keys() | returns_decided(standing, kinds.MOVED).keys()
    earlier = {
        return_id: whole
        for return_id, whole in read_on(standing).items()
        if return_id != joins and return_id not in not_ours
    }
    of_form = {return_id: whole for return_id, whole in earlier.items() if whole.row.answer.issue_id == issue.pk}
    value = reading.variant.value if reading.variant else None
    same = tuple(_same(reading, of_form, states[issue.form_id]))
    history = History(
        superseded=status is Status.SUPERSEDED,
        withdrawn=status in ENDED,
        late=local_date(received_at) > issue.due_on,
        duplicate=bool(same),
        joined=joins is not None,
        contradicts=(value is not None and bool(_variants(earlier) - {value}))
        or any(compare(reading, whole.reading) is Sameness.OTHER for whole in of_form.values()),
    )
    return Past(history, same)


def read_on(issues: list[Issue]) -> dict[int, WholeReturn]:
    """What the forms' returns say, as a person decided, else as last read; by return, oldest first."""
    rows = Reading.objects.filter(answer__issue__in=issues).select_related("answer__issue__letter", "file")
    rows = rows.defer("answer__issue__form_json", "answer__issue__letter__geometry_json", "file__detail")
    confirmed = returns_decided(issues, HumanDecision.Kind.CONFIRMED)
    return {
        return_id: replace(whole, reading=as_confirmed(whole.reading, confirmed[return_id].variant))
        if return_id in confirmed
        else whole
        for return_id, whole in sorted(whole_returns(rows.order_by("pk")).items())
    }


def returns_decided(issues: list[Issue], kind: HumanDecision.Kind) -> dict[int, HumanDecision]:
    """The forms' returns about which this was decided last, each with the decision."""
    decisions = HumanDecision.objects.filter(issue__in=issues, answer__isnull=False).order_by("pk")
    latest = {decision.answer_id or 0: decision for decision in decisions}
    return {return_id: decision for return_id, decision in latest.items() if decision.kind == kind}


def as_confirmed(reading: ReturnReading, variant: str) -> ReturnReading:
    """The reading as the person who confirmed it says: this variant, and signed."""
    options = reading.variant.options if reading.variant else ()
    said = VariantReading(variant, VariantState.MARKED, 1.0, tuple(_box(box, variant) for box in options))
    signature = reading.signature and replace(reading.signature, state=SignatureState.PRESENT)
    return replace(reading, variant=said, signature=signature)


def _box(box: CheckboxReading, variant: str) -> CheckboxReading:
    return replace(box, state=MarkState.MARKED if box.option == variant else MarkState.EMPTY)


def _same(
    reading: ReturnReading, of_form: Mapping[int, WholeReturn], state: FormState
) -> Iterator[tuple[int, Decision | None]]:
    for return_id, whole in of_form.items():
        if compare(reading, whole.reading) is not Sameness.SAME:
            continue
        if return_id in state.confirmed_returns:
            yield return_id, None
        elif return_id in state.waiting:
            yield return_id, Decision(whole.row.decision)


def _variants(returns: Mapping[int, WholeReturn]) -> set[str]:
    variants = (whole.reading.variant for whole in returns.values())
    return {variant.value for variant in variants if variant is not None and variant.value is not None}
