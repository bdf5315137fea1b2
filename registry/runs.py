"""Runs: what was issued together, letter by letter in the order of the list, and whether it was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, QuerySet

from registry import archive
from registry.chunks import in_chunks
from registry.events import form_states
from registry.models import Batch, HumanDecision, Issue
from registry.models import Letter as LetterRow
from registry.statuses import OPEN, FormState, Status

_SENDABLE = OPEN | {Status.IN_FORCE}


@dataclass(frozen=True, slots=True)
class Run:
    """One run over a customer list."""

    run_id: int
    template: str
    version: int
    issued_on: date
    started_at: datetime
    stopped: bool
    """It was stopped before it had served its whole list, or it is still at it."""
    letters: int
    to_send: int
    """How many letters nobody has booked as sent."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of a run."""

    form_id: str
    number: str
    company: str
    status: Status
    sent_on: date | None
    """When it was sent last; None while nobody has booked that."""
    channel: str
    """How it was sent; empty while it was not."""
    sendable: bool
    """Its form may still be booked as sent: it is not superseded and has not ended."""


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A letter's PDF."""

    name: str
    """Fit for any file system; begins with the customer's number."""
    sha256: str

    def read(self) -> bytes:
        """Its bytes from the archive; raises `ArchiveDamaged`."""
        return archive.load(self.sha256)


def recent_runs(count: int) -> tuple[Run, ...]:
    """The last runs that issued anything, newest first."""
    batches = Batch.objects.filter(Exists(Issue.objects.filter(batch=OuterRef("pk")))).order_by("-pk")[:count]
    return tuple(_run(batch) for batch in batches)


def run_of(run_id: int) -> Run | None:
    """One run; None where there is none with this number."""
    batch = Batch.objects.filter(pk=run_id).first()
    return _run(batch) if batch else None


def letters_of(run_id: int, *, start: int = 0, count: int) -> tuple[Letter, ...]:
    """Some letters of a run, in the order of its list."""
    issues = list(_letters(run_id)[start : start + count])
    states = form_states([issue.form_id for issue in issues])
    sendings = HumanDecision.objects.in_bulk({state.sent for state in states.values()} - {None})
    return tuple(_letter(issue, states[issue.form_id], sendings) for issue in issues)


def unsent_forms(run_id: int) -> tuple[str, ...]:
    """The ids of a run's forms that nobody has booked as sent, and that may still be."""
    unsent = _unsent(run_id)
    return tuple(
        issue.form_id
        for issues in in_chunks(unsent.only("form_id"))
        for states in [form_states([issue.form_id for issue in issues])]
        for issue in issues
        if states[issue.form_id].status in _SENDABLE
    )


def letter_files(run_id: int) -> Iterator[LetterFile]:
    """The PDFs of a run's letters, in the order of its list; erased ones are left out."""
    for issues in in_chunks(_letters(run_id)):
        yield from map(_letter_file, issues)


def letter_file(form_id: str) -> LetterFile | None:
    """The PDF of one form; None where none was issued, or it was erased."""
    issue = _kept().filter(form_id=form_id).first()
    return _letter_file(issue) if issue else None


def issued_counts() -> Mapping[tuple[str, int], int]:
    """How many forms were issued, by template and version; 0 for any other."""
    by_letter = dict(Issue.objects.order_by().values_list("letter").annotate(Count("pk")))
    found: Counter[tuple[str, int]] = Counter()
    for sha256, template, version in LetterRow.objects.values_list("sha256", "template", "version"):
        found[template, version] += by_letter.get(sha256, 0)
    return found


def _kept() -> QuerySet[Issue]:
    rows = Issue.objects.filter(erased_at=None).select_related("customer", "letter")
    return rows.defer("form_json", "letter__geometry_json")


def _letters(run_id: int) -> QuerySet[Issue]:
    return _kept().filter(batch=run_id).order_by("pk")


def _unsent(run_id: int) -> QuerySet[Issue]:
    sent = HumanDecision.objects.filter(issue=OuterRef("pk"), kind=HumanDecision.Kind.SENT)
    return Issue.objects.filter(~Exists(sent), batch=run_id, erased_at=None)


def _run(batch: Batch) -> Run:
    return Run(
        run_id=batch.pk,
        template=batch.template,
        version=batch.version,
        issued_on=batch.issued_on,
        started_at=batch.started_at,
        stopped=batch.finished_at is None,
        letters=_letters(batch.pk).count(),
        to_send=_unsent(batch.pk).count(),
    )


def _letter(issue: Issue, state: FormState, sendings: dict[int, HumanDecision]) -> Letter:
    sent = sendings[state.sent] if state.sent is not None else None
    return Letter(
        form_id=issue.form_id,
        number=issue.customer.number,
        company=issue.customer.company,
        status=state.status,
        sent_on=sent.on if sent else None,
        channel=sent.note if sent else "",
        sendable=state.status in _SENDABLE,
    )


def _letter_file(issue: Issue) -> LetterFile:
    # A number holds nothing that a file system might mind, but it may begin with a dot.
    number = issue.customer.number.lstrip(".")
    return LetterFile(f"{number}-{issue.letter.template}.v{issue.letter.version}-{issue.form_id}.pdf", issue.pdf_sha256)
