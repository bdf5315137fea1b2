"""What came of the returns that were asked blind, kept beside the events: what the machine's rate of errors is made of.

As with `registry.inbox_lines`, whoever appends events brings it up to date. To work it out anew, each reading must be
opened; the overview counts rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db import DEFAULT_DB_ALIAS

from intake.results import ReturnReading, SignatureState
from registry.models import BlindCheck, HumanDecision, Issue, Reading
from registry.statuses import FormState
from registry.whole_returns import whole_returns

Kind = HumanDecision.Kind
SIGNED, NOT_SIGNED = "signed", "not signed"
"""What a blind answer's note says of the signature."""
_COUNTS = (Kind.CONFIRMED, Kind.ASKED, Kind.NOT_OURS, Kind.MOVED, Kind.SET_ASIDE, Kind.REOPENED)
_UNDECIDED = (Kind.SET_ASIDE, Kind.REOPENED)
_WORKED_OUT = tuple(field.name for field in BlindCheck._meta.concrete_fields if field.name != "answer")


def store_checks(states: Mapping[str, FormState]) -> None:
    """Bring up to date what came of some hundred forms' returns, given by form id; to be called inside `one_writer`."""
    asked = [form_id for form_id, state in states.items() if state.blind]
    if not asked:
        return
    erased = [form_id for form_id in asked if states[form_id].erased]
    BlindCheck.objects.filter(issue__form_id__in=erased).delete()
    issues = Issue.objects.filter(form_id__in=asked).only("form_id")
    BlindCheck.objects.bulk_create(
        checks_of([(issue, states[issue.form_id]) for issue in issues]).values(),
        update_conflicts=True,
        unique_fields=["answer"],
        update_fields=list(_WORKED_OUT),
    )


def checks_of(forms: Sequence[tuple[Issue, FormState]], alias: str = DEFAULT_DB_ALIAS) -> Mapping[int, BlindCheck]:
    """What came of the returns of some forms that were asked blind, by return; nothing is written."""
    asked = {return_id: issue for issue, state in forms if not state.erased for return_id in state.blind}
    decisions: dict[int, list[HumanDecision]] = defaultdict(list)
    for made in HumanDecision.objects.using(alias).filter(answer__in=list(asked)).order_by("pk"):
        decisions[made.answer_id or 0].append(made)
    rows = Reading.objects.using(alias).filter(answer__in=list(asked))
    wholes = whole_returns(rows.select_related("answer__issue__letter", "file").order_by("pk"))
    return {
        return_id: _check(return_id, asked[return_id], whole.reading, decisions[return_id])
        for return_id, whole in wholes.items()
    }


def variant_of(reading: ReturnReading) -> str:
    """What could be confirmed as the machine read it: the variant of a page that is signed; else empty."""
    signature, variant = reading.signature, reading.variant
    is_signed = signature is not None and signature.state is SignatureState.PRESENT
    return variant.value or "" if is_signed and variant is not None else ""


def _check(return_id: int, issue: Issue, reading: ReturnReading, made: Sequence[HumanDecision]) -> BlindCheck:
    seen = [each.variant if each.note == SIGNED else "" for each in made if each.kind == Kind.BLIND]
    final = [each for each in made if each.kind in _COUNTS]
    is_decided = bool(final) and final[-1].kind not in _UNDECIDED
    return BlindCheck(
        answer_id=return_id,
        issue_id=issue.pk,
        read=variant_of(reading),
        seen=seen[-1] if seen else "",
        is_decided=is_decided,
        counts=final[-1].variant if is_decided and final[-1].kind == Kind.CONFIRMED else "",
    )
