"""The append-only list of what happened, chained by digests: a changed, removed or inserted event is found.

Events outlive the contents they speak of, so they hold references and digests and never personal data.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection, transaction

from registry.blind_checks import store_checks
from registry.chunks import in_chunks, parted
from registry.errors import ChainBroken
from registry.inbox_lines import store_lines
from registry.models import BlindCheck, Event, InboxLine, Issue, Standing
from registry.standings import store_standings
from registry.statuses import EventKind, FormEvent, FormState, derive_state

START = "0" * 64
"""What the first event names as its predecessor."""

_WRITERS_LOCK = 0x5275_636B_6C61_7566  # "Rucklauf"
"""The number of the lock that PostgreSQL's writers queue for; it ends with the transaction."""

_FORM, _FILE = "form:", "file:"
EventData = Mapping[str, str | int | None]


def form_subject(form_id: str) -> str:
    """The subject of what happens to an issued form."""
    return f"{_FORM}{form_id}"


def form_id_of(subject: str) -> str:
    """The id of the form that something happened to."""
    return subject.removeprefix(_FORM)


def file_subject(sha256: str) -> str:
    """The subject of what happens to a received file."""
    return f"{_FILE}{sha256}"


def sha256_of(subject: str) -> str:
    """The digest of the received file that something happened to."""
    return subject.removeprefix(_FILE)


@contextmanager
def one_writer() -> Iterator[None]:
    """Open a transaction in which nobody else writes the book: what it reads stays true until it has written."""
    with transaction.atomic():
        if connection.vendor == "postgresql":  # SQLite lets one writer in by itself (BEGIN IMMEDIATE)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITERS_LOCK])
        yield


@contextmanager
def one_view() -> Iterator[None]:
    """Open a transaction that only reads, and sees the book as it stood at one moment, whatever is written meanwhile.

    Inside another transaction it sees what that one sees.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost and connection.vendor == "postgresql":  # SQLite lets nobody write meanwhile
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that happened, not yet written down."""

    kind: EventKind
    subject: str
    data: EventData


def append_event(kind: EventKind, subject: str, data: EventData, actor: str) -> None:
    """Add an event to the end of the chain; to be called inside `one_writer`."""
    append_events([NewEvent(kind, subject, data)], actor)


def append_events(news: Sequence[NewEvent], actor: str) -> None:
    """Add events to the end of the chain, in their order; to be called inside `one_writer`.

    What they say of forms is noted where lists look for it, too.
    """
    last = Event.objects.order_by("-sequence").first()
    sequence, previous = (last.sequence, last.sha256) if last else (0, START)
    events = []
    for new in news:
        sequence += 1
        event = Event(
            sequence=sequence,
            kind=new.kind.value,
            subject=new.subject,
            data=dict(new.data),
            actor=actor,
            program_version=settings.REGISTRY_PROGRAM_VERSION,
            recorded_at=datetime.now(UTC),
            previous_sha256=previous,
        )
        event.sha256 = previous = event_digest(event)
        events.append(event)
    Event.objects.bulk_create(events)
    subjects = dict.fromkeys(new.subject for new in news)
    bring_lists_up_to_date([form_id_of(each) for each in subjects if each.startswith(_FORM)])


def event_digest(event: Event) -> str:
    """Digest of everything in an event, its predecessor's digest included."""
    content = {
        "sequence": event.sequence,
        "kind": event.kind,
        "subject": event.subject,
        "data": event.data,
        "actor": event.actor,
        "program_version": event.program_version,
        "recorded_at": event.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "previous_sha256": event.previous_sha256,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def verify_chain() -> int:
    """Check every event against its digest and its predecessor; return how many there are.

    Raises `ChainBroken`, naming the first event that does not fit. A chain cut short at its end is still a chain: keep
    the number and the last digest elsewhere (a backup does) to notice that.
    """
    previous, count = START, 0
    for event in Event.objects.order_by("sequence").iterator():
        count += 1
        if event.sequence != count or event.previous_sha256 != previous or event_digest(event) != event.sha256:
            raise ChainBroken(
                f"the chain of events does not verify at number {count}",
                "stop working with this registry and compare it with the last backup",
            )
        previous = event.sha256
    return count


def last_event(form_id: str) -> int:
    """Number of the last event of a form: who decides says by it what they have seen."""
    return (
        Event.objects.filter(subject=form_subject(form_id)).order_by("-sequence").values_list("sequence", flat=True)[0]
    )


def form_states(form_ids: Collection[str]) -> dict[str, FormState]:
    """The state of each of these forms by form id; an id without events is left out."""
    events: dict[str, list[FormEvent]] = defaultdict(list)
    subjects = [form_subject(form_id) for form_id in form_ids]
    for event in Event.objects.filter(subject__in=subjects).order_by("sequence").only("kind", "subject", "data"):
        events[form_id_of(event.subject)].append(as_form_event(event))
    return {form_id: derive_state(of_form) for form_id, of_form in events.items()}


@one_writer()
def rebuild_lists() -> None:
    """Work out anew where every form stands and what the inbox lists, from the events and what they name."""
    for model in (BlindCheck, InboxLine, Standing):
        model._default_manager.all().delete()
    for issues in in_chunks(Issue.objects.filter(erased_at=None).only("form_id")):
        bring_lists_up_to_date([issue.form_id for issue in issues])


def bring_lists_up_to_date(form_ids: Collection[str]) -> None:
    """Note where forms stand and what is listed of them; to be called inside `one_writer`.

    Appending events does so. Only what is written down later and stands in a list needs it once more.
    """
    for some in parted(list(form_ids)):
        states = form_states(some)
        store_standings(states)
        store_lines(states)
        store_checks(states)


def as_form_event(event: Event) -> FormEvent:
    """What deriving a status needs of an event."""
    told = event.data
    return FormEvent(
        EventKind(event.kind), told.get("return"), told.get("decision"), told.get("repeats"), bool(told.get("together"))
    )
