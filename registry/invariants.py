"""The invariants of the book: what holds in every book that this program wrote, in whatever order things happened.

They are looked for in the rows alone, some hundred forms, files and customers at a time. That no event was altered, and
no archived byte, is for others to say (`registry.events.verify_chain`, `registry.archive`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, ForeignKey, OuterRef

from intake.results import Decision
from registry.book_decisions import EVENT_OF_KIND
from registry.book_returns import EVENT_OF_DECISION
from registry.chunks import in_chunks
from registry.derived_rows import wrong_rows
from registry.dossiers import CustomerDossier, FormDossier, customer_dossiers, file_dossiers, form_dossiers
from registry.events import as_form_event, file_subject, form_subject
from registry.file_invariants import OF_FILES
from registry.invariant import Invariant, Violation, broken_in
from registry.models import Event, HumanDecision, Issue, Reading, ReceivedFile
from registry.standings import wrong_standings
from registry.statuses import ENDED, OPEN, RECEIVED, SETTLED, EventKind, FormEvent, FormState, Status, state_after

Kind = HumanDecision.Kind


def violations(alias: str = DEFAULT_DB_ALIAS) -> Iterator[Violation]:
    """Yield every place where an invariant does not hold; nothing in a sound book.

    `alias` names the database, in which nobody may write meanwhile. Each row is looked at once, whatever the book's
    size, and memory stays the same.
    """
    yield from broken_in(OF_TABLES, alias)
    for customer in customer_dossiers(alias):
        yield from broken_in(OF_CUSTOMERS, customer)
    for form in form_dossiers(alias):
        yield from broken_in(OF_FORMS, form)
    for file in file_dossiers(alias):
        yield from broken_in(OF_FILES, file)


def _rows_naming_none(alias: str) -> Iterator[str]:
    for model in apps.get_app_config("registry").get_models():
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey):
                named = field.remote_field.model._default_manager.using(alias).filter(pk=OuterRef(field.attname))
                rows = model._default_manager.using(alias).filter(~Exists(named), **{f"{field.name}__isnull": False})
                for row, missing in rows.values_list("pk", field.attname).iterator():
                    yield f"{model._meta.verbose_name} {row}: there is no {field.name} {missing}"


def _events_about_nothing(alias: str) -> Iterator[str]:
    for events in in_chunks(Event.objects.using(alias).only("kind", "subject")):
        names = {event.subject.partition(":")[2] for event in events}
        forms = Issue.objects.using(alias).filter(form_id__in=names).values_list("form_id", flat=True)
        files = ReceivedFile.objects.using(alias).filter(sha256__in=names).values_list("sha256", flat=True)
        subjects = {form_subject(form_id) for form_id in forms} | {file_subject(sha256) for sha256 in files}
        for event in events:
            if event.subject not in subjects or event.kind not in set(EventKind):
                yield f"event {event.sequence}: {event.kind} of {event.subject}"


OF_TABLES: tuple[Invariant[str], ...] = (
    Invariant("row.refers", "Every row that a row names is there.", _rows_naming_none),
    Invariant(
        "event.subject", "Every event is of a known kind, about a form or file that is there.", _events_about_nothing
    ),
)


def _several_in_force(customer: CustomerDossier) -> Iterator[str]:
    in_force: dict[str, list[str]] = defaultdict(list)
    for issue, state in customer.forms:
        if state.status is Status.IN_FORCE:
            in_force[issue.letter.template].append(issue.form_id)
    for form_ids in in_force.values():
        if len(form_ids) > 1:
            yield f"forms {', '.join(form_ids)}"


def _other_standings(customer: CustomerDossier) -> Iterator[str]:
    yield from (f"form {form_id}" for form_id in wrong_standings(customer.forms, customer.courses))


def _other_lines(customer: CustomerDossier) -> Iterator[str]:
    yield from (f"return {return_id}" for return_id in wrong_rows(customer.inbox_lines, customer.expected_lines))


OF_CUSTOMERS: tuple[Invariant[CustomerDossier], ...] = (
    Invariant("force.one", "At most one form is in force for a customer and a template.", _several_in_force),
    Invariant("form.standing", "Lists show each form where its events say that it stands.", _other_standings),
    Invariant(
        "inbox.line", "The inbox lists what waits and what was set aside, as events and readings say.", _other_lines
    ),
)


def _in_force_unconfirmed(form: FormDossier) -> Iterator[str]:
    state = form.state
    decision = form.decisions.get(state.confirmed) if state.confirmed is not None else None
    if state.status is Status.IN_FORCE and not (decision and _is_confirmation(decision, form)):
        yield f"form {form.issue.form_id}, decision {state.confirmed}"


def _is_confirmation(decision: HumanDecision, form: FormDossier) -> bool:
    is_named = bool(decision.by.strip() and decision.variant and decision.in_force_from)
    return is_named and decision.kind == Kind.CONFIRMED and decision.answer_id in form.returns


def _impossible_courses(form: FormDossier) -> Iterator[str]:
    state = FormState()
    if not form.events:
        yield f"form {form.issue.form_id}: nothing happened to it"
    for number, event in enumerate(_of_known_kind(form)):
        told = as_form_event(event)
        is_possible = _can_happen(told, state) if number else told.kind is EventKind.ISSUED
        if not is_possible:
            yield f"form {form.issue.form_id}, event {event.sequence}"
        state = state_after(state, told)


_HAPPENS_TO: dict[EventKind, frozenset[Status]] = {
    EventKind.ISSUED: frozenset(),
    EventKind.SENT: OPEN | {Status.IN_FORCE},
    EventKind.SUPERSEDED: OPEN | {Status.IN_FORCE},
    EventKind.RESTORED: frozenset({Status.SUPERSEDED}),
    EventKind.VOIDED: OPEN | {Status.SUPERSEDED},
    EventKind.CONFIGURED: frozenset({Status.IN_FORCE}),
    EventKind.WITHDRAWN: frozenset({Status.IN_FORCE}),
    EventKind.RETURN_CONFIRMED: frozenset(Status) - ENDED,
    EventKind.FORM_ERASED: ENDED | {Status.SUPERSEDED},
    **dict.fromkeys({*RECEIVED, *SETTLED, EventKind.RETURN_REOPENED, EventKind.RETURN_BLIND}, frozenset(Status)),
}
"""The statuses that a form can have when something happens to it after it was issued."""


def _can_happen(event: FormEvent, state: FormState) -> bool:
    if event.kind is EventKind.VOIDED and state.confirmed is not None:
        return False
    if event.kind in SETTLED | {EventKind.RETURN_BLIND} and event.return_id not in state.waiting:
        return False
    if event.kind is EventKind.RETURN_REOPENED and not state.may_reopen(event.return_id):
        return False
    return state.status in _HAPPENS_TO.get(event.kind, frozenset())


def _events_referring_elsewhere(form: FormDossier) -> Iterator[str]:
    readings = form.readings
    for event in form.events:
        told = event.data
        reading, decision = readings.get(told.get("reading")), form.decisions.get(told.get("decision"))
        if not (
            ("return" not in told or told["return"] in form.returns)
            and ("repeats" not in told or _is_earlier(told["repeats"], told.get("return"), form))
            and ("reading" not in told or (reading is not None and _tells_of(told, reading)))
            and ("decision" not in told or (decision is not None and decision.answer_id == told.get("return")))
            and (event.kind != EventKind.ISSUED or _tells_of_issue(told, form.issue))
        ):
            yield f"form {form.issue.form_id}, event {event.sequence}"


def _is_earlier(earlier: Any, later: Any, form: FormDossier) -> bool:
    return earlier in form.returns and isinstance(later, int) and earlier < later


def _tells_of(told: dict[str, Any], reading: Reading) -> bool:
    file_sha256 = told.get("file_sha256", reading.file.sha256)
    return (reading.answer_id, reading.sha256, reading.file.sha256) == (
        told.get("return"),
        told.get("reading_sha256"),
        file_sha256,
    )


def _tells_of_issue(told: dict[str, Any], issue: Issue) -> bool:
    digests = {"letter_sha256": issue.letter_id, "form_sha256": issue.form_sha256, "pdf_sha256": issue.pdf_sha256}
    return all(told.get(name) == sha256 for name, sha256 in digests.items())


def _decisions_not_told(form: FormDossier) -> Iterator[str]:
    kinds = set(EVENT_OF_KIND.values())
    told = Counter((event.data.get("decision"), event.kind) for event in form.events if event.kind in kinds)
    made = Counter((decision.pk, EVENT_OF_KIND[Kind(decision.kind)].value) for decision in form.decisions.values())
    for decision_id, kind in sorted(set((told - made) + (made - told)), key=str):
        yield f"form {form.issue.form_id}, decision {decision_id}: {kind}"


def _readings_not_told(form: FormDossier) -> Iterator[str]:
    told = Counter((event.data.get("reading"), event.kind) for event in form.events if event.kind in RECEIVED)
    made = Counter(
        (reading.pk, EVENT_OF_DECISION[Decision(reading.decision)].value) for reading in form.readings.values()
    )
    for reading_id, kind in sorted(set((told - made) + (made - told)), key=str):
        yield f"form {form.issue.form_id}, reading {reading_id}: {kind}"


def _hollow_returns(form: FormDossier) -> Iterator[str]:
    for answer in form.returns.values():
        in_pages = {page.file_id for page in answer.pages.all()}
        in_pages |= {made.page.file_id for made in answer.placed.all()}
        in_readings = {reading.file_id for reading in answer.readings.all()}
        if not in_pages or in_pages != in_readings:
            yield f"form {form.issue.form_id}, return {answer.pk}"


def _received_at_other_times(form: FormDossier) -> Iterator[str]:
    for answer in form.returns.values():
        arrivals = [arrival for reading in answer.readings.all() for arrival in reading.file.arrivals.all()]
        firsts = [arrival.received_at for arrival in arrivals if not arrival.duplicate]
        if firsts and answer.received_at != min(firsts):
            yield f"form {form.issue.form_id}, return {answer.pk}"


def _confirmed_otherwise(form: FormDossier) -> Iterator[str]:
    booked: set[int | None] = set()
    confirmed: set[int | None] = set()
    for event in _of_known_kind(form):
        told = as_form_event(event)
        if told.kind in RECEIVED:
            booked.add(told.return_id)
        elif told.kind is EventKind.RETURN_CONFIRMED:
            if told.return_id not in booked - confirmed:
                yield f"form {form.issue.form_id}, event {event.sequence}"
            confirmed.add(told.return_id)
        elif told.kind is EventKind.RETURN_REOPENED:
            confirmed.discard(told.return_id)


def _superseded_by_strangers(form: FormDossier) -> Iterator[str]:
    for event in form.events:
        if event.kind == EventKind.SUPERSEDED:
            by = form.superseded_by.get(event.data.get("by"))
            if by is None or by.pk == form.issue.pk or not _may_replace(by, form.issue):
                yield f"form {form.issue.form_id}, event {event.sequence}"


def _may_replace(newer: Issue, older: Issue) -> bool:
    erased = newer.erased_at is not None or older.erased_at is not None  # whose they were, nobody knows any more
    return newer.letter.template == older.letter.template and (erased or newer.customer_id == older.customer_id)


_ONE_DAY = timedelta(days=1)
"""As far as an instant's date in UTC may lie from the one on the office's calendar."""


def _dates_out_of_order(form: FormDossier) -> Iterator[str]:
    issue = form.issue
    if issue.due_on < issue.issued_on:
        yield f"form {issue.form_id}"
    for decision in form.decisions.values():
        day, begins = decision.at.date(), decision.in_force_from
        if (
            (decision.on and decision.on > day + _ONE_DAY)
            or (begins and abs(begins - day) > _ONE_DAY)
            or (begins and decision.signed_on and decision.signed_on > begins)
        ):
            yield f"form {issue.form_id}, decision {decision.pk}"


def _from_another_batch(form: FormDossier) -> Iterator[str]:
    batch, letter = form.issue.batch, form.issue.letter
    if batch is not None and (batch.template, batch.version) != (letter.template, letter.version):
        yield f"form {form.issue.form_id}, batch {batch.pk}"


def _other_checks(form: FormDossier) -> Iterator[str]:
    yield from (f"return {return_id}" for return_id in wrong_rows(form.blind_checks, form.expected_checks))


OF_FORMS: tuple[Invariant[FormDossier], ...] = (
    Invariant(
        "force.confirmed",
        "A form in force was put there by a named person, who confirmed a return of that very form.",
        _in_force_unconfirmed,
    ),
    Invariant(
        "form.course",
        "A form is issued first, and what happens to it later can happen to a form that stands where it stood.",
        _impossible_courses,
    ),
    Invariant(
        "event.refers",
        "What an event refers to is there, and is its form's or its file's.",
        _events_referring_elsewhere,
    ),
    Invariant(
        "decision.event", "Every decision has its one event, and every such event its decision.", _decisions_not_told
    ),
    Invariant(
        "reading.event", "Every reading has its one event, and every such event its reading.", _readings_not_told
    ),
    Invariant("return.whole", "Every return has pages, and a reading in each file that they came in.", _hollow_returns),
    Invariant("return.received", "A return was received when its first pages arrived.", _received_at_other_times),
    Invariant(
        "return.confirmed",
        "A return is confirmed after it was booked, and again only after that was taken back.",
        _confirmed_otherwise,
    ),
    Invariant(
        "date.order",
        "Nothing is due before it is issued, reported before it is done, in force before it is signed and confirmed.",
        _dates_out_of_order,
    ),
    Invariant(
        "form.superseded",
        "A form is superseded by another one of the same customer and template.",
        _superseded_by_strangers,
    ),
    Invariant("blind.check", "The blind sample is counted as events and decisions say.", _other_checks),
    Invariant("form.batch", "A form is of the template and version that its batch is of.", _from_another_batch),
)


def _of_known_kind(form: FormDossier) -> list[Event]:
    """Without the others: `event.subject` says that they are there."""
    return [event for event in form.events if event.kind in set(EventKind)]
