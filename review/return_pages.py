"""One return: the page as it was received, what the machine saw on it, and the questions that a person answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from intake.explanations import EXPLANATIONS
from intake.results import FieldReading, Reason, SignatureState
from registry.book import Seen, confirm_seen
from registry.case_files import DecisionMade, FormFile, ReturnReceived, form_file
from registry.errors import ChangedMeanwhile, ConfirmationRefused, SettledMeanwhile
from registry.evidence import Evidence, evidence_of
from registry.inbox import is_blind, line_of
from registry.mails import origins
from registry.models import HumanDecision
from registry.received_files import files_of
from registry.settling import last_event_of
from review.blind_pages import show_blind
from review.entry_forms import BlindForm, PastDateField, SeenForm, written_date
from review.other_returns import beside, others_of
from review.questions import ASKED_OF_FIELDS, choices, signature_crop, written
from review.queue import go_on, neighbours, place_of
from review.roles import Role, page
from review.seen import addition_crops, seen_pages
from review.words import DECISIONS, DIGITAL_STATES, DIGITAL_TONES, OBJECTIONS, SIGNATURES, TONES, refusal


@page(Role.REVIEW, methods="GET HEAD POST")
def one_return(request: HttpRequest, return_id: str) -> HttpResponse:
    """Show a return; what is posted confirms it."""
    seen = last_event_of(int(return_id))  # first of all: what happens while the page is made has not been seen
    found = evidence_of([int(return_id)])
    if not found or seen is None:
        raise Http404
    if request.method == "POST":
        return _confirm(request, found[0], seen)
    if is_blind(found[0].return_id):
        return show_blind(request, found[0], BlindForm(), seen)
    return _shown(request, found[0], _proposal(found[0], seen), seen)


def _proposal(evidence: Evidence, seen: int) -> SeenForm:
    """What the machine read, to be judged by a person."""
    reading = evidence.reading
    signed = reading.signature is not None and reading.signature.state is SignatureState.PRESENT
    read = {field.name: field for field in reading.fields}
    return SeenForm(
        initial={
            "variant": reading.variant.value if reading.variant else None,
            "signed": signed,
            "signed_on": written_date(_day(read["date"], evidence.issued_on) if "date" in read else None),
            "place": read["place"].text if "place" in read else "",
            "signer": read["name"].text if "name" in read else "",
            "last_event": seen,
        }
    )


def _day(field: FieldReading, issued_on: date) -> date | None:
    """The date that was read, else the one that its digits make, as somebody would type them, if it can be the one."""
    if field.value:
        return _date_in(field.value)
    day = _date_in("".join(filter(str.isdecimal, field.text)))
    return day if day and day >= issued_on else None


def _date_in(text: str) -> date | None:
    """A date up to today; None where the text is none."""
    try:
        day: date | None = PastDateField(required=False).clean(text)
    except ValidationError:
        return None
    return day


def _shown(request: HttpRequest, evidence: Evidence, form: SeenForm, seen: int, status: int = 200) -> HttpResponse:
    reading, verdict = evidence.reading, evidence.verdict
    signature = reading.signature
    file = form_file(reading.form_id)
    doubts = _by_question(verdict.reasons)
    received, others = _received(file, evidence.return_id), others_of(evidence.return_id)
    context = {
        "evidence": evidence,
        "reading": reading,
        "seen": seen,
        "waiting": line_of(evidence.return_id),
        "file": file,
        "received": received,
        "blind_answer": _blind_answer(file, evidence.return_id),
        "decision": DECISIONS[verdict.decision],
        "tone": TONES[verdict.decision],
        "pages": seen_pages(evidence),
        "form": form,
        "doubts": doubts,
        "why_ask": " ".join(gettext(EXPLANATIONS[reason].meaning) for reason in verdict.reasons),
        "additions": addition_crops(evidence),
        "choices": choices(evidence, form),
        "signature": SIGNATURES[signature.state] if signature else None,
        "signature_crop": signature_crop(evidence),
        "digital": [
            (each, DIGITAL_STATES[each.state], DIGITAL_TONES[each.state]) for each in reading.digital_signatures
        ],
        "written": written(evidence, form, doubts),
        "others": others,
        "other": beside(others, request.GET.get("beside")),
        "received_files": files_of(evidence.return_id),
        "origin": origins([evidence.return_id]).get(evidence.return_id),
        "this_came": received.received_at if received else None,
        "beside": neighbours(request, evidence.return_id),
    }
    return render(request, "review/return.html", context, status=status)


def _by_question(reasons: Iterable[Reason]) -> Mapping[str, list[Reason]]:
    """The doubts by the question that each is about; `page` for what no single question is about."""
    doubts = defaultdict(list)
    for reason in reasons:
        subject = reason.partition(".")[0]
        doubts[subject if subject in ("variant", "signature", *ASKED_OF_FIELDS) else "page"].append(reason)
    return dict(doubts)


def _blind_answer(file: FormFile | None, return_id: int) -> DecisionMade | None:
    """What somebody saw on it without knowing what the machine read."""
    made = file.decisions if file else ()
    return next((each for each in made if (each.kind, each.return_id) == (HumanDecision.Kind.BLIND, return_id)), None)


def _received(file: FormFile | None, return_id: int) -> ReturnReceived | None:
    returns = file.returns if file else ()
    return next((each for each in returns if each.return_id == return_id), None)


def _confirm(request: HttpRequest, evidence: Evidence, seen: int) -> HttpResponse:
    form = SeenForm(request.POST)
    if not form.is_valid():
        return _shown(request, evidence, form, seen, status=400)
    said = form.cleaned_data
    place = place_of(evidence.return_id)
    try:
        confirmed = confirm_seen(
            evidence.return_id,
            Seen(said["variant"], said["signed_on"], said["place"], said["signer"]),
            by=request.user.get_username(),
            at=datetime.now(UTC),
            last_event=said["last_event"],
        )
    except (SettledMeanwhile, ChangedMeanwhile) as error:
        messages.error(request, str(refusal(error)))
    except ConfirmationRefused as refused:
        messages.error(request, " ".join(str(OBJECTIONS[each.objection]) for each in refused.refusals))
    else:
        told = {"customer": evidence.company, "variant": confirmed.variant}
        messages.success(request, _("%(customer)s: variant %(variant)s is in force.") % told)
        return go_on(request, evidence.return_id, confirmed.form_id, place)
    return _shown(request, evidence, form, seen, status=409)
