"""A book of any size to measure with: synthetic rows, inserted many at a time, that no invariant objects to.

One customer a form and one return a form: of twenty, fifteen are confirmed (one of them was asked blind, every other
one is set up as well), two wait and are clear, two wait to be looked at and one lacks its signature. Each text is as
long as a real one: form and reading come from the real letter, filled in and read once. To be used once the registry is
open.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings

from forms.issued_form import IssuedPdf, form_from_json, form_to_json, letter_from_json, letter_to_json
from forms.page_code import form_id_from
from intake.results import Decision, Reason, ReturnReading, return_from_json, return_to_json
from registry import archive
from registry.blind_checks import SIGNED
from registry.book_decisions import EVENT_OF_KIND, decision_digest
from registry.book_returns import EVENT_OF_DECISION
from registry.events import EventData, NewEvent, append_events, file_subject, form_subject, one_writer
from registry.models import (
    Arrival,
    Batch,
    Customer,
    HumanDecision,
    Issue,
    Letter,
    Reading,
    ReceivedFile,
    ReceivedPage,
    Return,
)
from registry.office_time import local_date
from registry.statuses import EventKind

ISSUED_AT = datetime(2026, 10, 1, 8, tzinfo=UTC)
RECEIVED_AT = ISSUED_AT + timedelta(days=12)
CONFIRMED_AT = ISSUED_AT + timedelta(days=13)
_TOGETHER = 500
_MANY = 1_000_003
"""A prime: customers come into the book in another order than that of their numbers."""
_NAMES = [
    "Albers",
    "Brandt",
    "Cordes",
    "Dietrich",
    "Engel",
    "Fischer",
    "Gerlach",
    "Hartmann",
    "Ihde",
    "Jansen",
    "Krause",
    "Lorenz",
    "Möller",
    "Naumann",
    "Ott",
    "Petersen",
    "Quandt",
    "Richter",
    "Schäfer",
    "Thiele",
    "Ullrich",
    "Vogt",
    "Weber",
    "Xanten",
    "Yilmaz",
    "Zander",
]
_TRADES = [
    "Metallbau",
    "Gartenbau",
    "Elektro",
    "Druck",
    "Spedition",
    "Bäckerei",
    "Tischlerei",
    "Optik",
    "Heizungsbau",
    "Steuerberatung",
]

Kind = HumanDecision.Kind


def grow_to(count: int) -> None:
    """Add forms and returns until there are so many."""
    while (present := Issue.objects.count()) < count:
        _add([_Made.of(index) for index in range(present, min(present + _TOGETHER, count))])


def sample_number(index: int) -> str:
    """The number of the customer who got a form as the one with this index, from 0."""
    return f"K-{index * 7919 % _MANY:07d}"


def sample_company(index: int) -> str:
    """What the customer is called who got a form as the one with this index; a dozen others may be called the same."""
    first, second = _NAMES[index % len(_NAMES)], _NAMES[index // len(_NAMES) % len(_NAMES)]
    return f"{first} & {second} {_TRADES[index // len(_NAMES) ** 2 % len(_TRADES)]} GmbH"


def sample_issued(index: int) -> IssuedPdf:
    """The form with this index, with an id that only it has."""
    sample, _ = _sample()
    form_id = form_id_from(hashlib.sha256(f"form {index}".encode()).digest())
    customer = replace(
        sample.form.customer,
        number=sample_number(index),
        company=sample_company(index),
        street=f"{_NAMES[index * 3 % len(_NAMES)]}straße {index % 97 + 1}",
        postal_code=f"{10115 + index * 31 % 4000}",
    )
    return replace(sample, form=replace(sample.form, form_id=form_id, customer=customer), pdf=f"%PDF {index}".encode())


def sample_reading(issued: IssuedPdf) -> ReturnReading:
    """What the machine read on the form when it came back."""
    _, reading = _sample()
    return replace(reading, form_id=issued.form.form_id, customer=issued.form.customer.number)


@lru_cache(maxsize=1)
def _sample() -> tuple[IssuedPdf, ReturnReading]:
    """The form and the reading that all others are copies of; kept in the home, for reading takes much memory."""
    path = Path(settings.RUECKLAUF_HOME) / "bench-sample.json"
    if not path.exists():
        texts = [text.decode() for text in _filled_in_and_read()]
        path.write_text(json.dumps(texts))
    form, letter, reading = json.loads(path.read_text())
    return IssuedPdf(form_from_json(form), letter_from_json(letter), b""), return_from_json(reading)


def _filled_in_and_read() -> tuple[bytes, bytes, bytes]:
    """Form, letter and reading as JSON."""
    from bench.sample_forms import TODAY, issue_sample, posted
    from intake.read_document import read_document
    from simulation.channels import PRESETS
    from simulation.files import to_pdf
    from simulation.issued_pdf import find_fields
    from simulation.people import fill_in
    from simulation.returns import plain_behaviour, random_signatory
    from simulation.transmission import transmit

    rng = np.random.default_rng(7)
    issued = issue_sample(rng)
    letter = posted(issued)
    option = next(iter(find_fields(issued.pdf).options))
    filled = fill_in(issued.pdf, plain_behaviour(random_signatory(letter, rng), option, rng), rng)
    (scan,) = transmit(filled, PRESETS["office-200"], rng)
    (answer,) = read_document(to_pdf([scan]), {issued.form.form_id: issued}.get, TODAY).returns
    bare = replace(answer, pages=tuple(replace(page, picture_png=b"") for page in answer.pages))
    return form_to_json(issued.form), letter_to_json(issued.letter), return_to_json(bare)


_VERDICTS: dict[int, tuple[Decision, tuple[Reason, ...]]] = {
    17: (Decision.REVIEW, (Reason.PAGE_ADDITIONS,)),
    18: (Decision.REVIEW, (Reason.TEXT_STRUCK, Reason.PAGE_ADDITIONS)),
    19: (Decision.INCOMPLETE, (Reason.SIGNATURE_ABSENT,)),
}
"""What the machine decides, by the form's index in each twenty; all others it accepts."""


@dataclass(frozen=True, slots=True)
class _Made:
    """Everything about one form, before it is in the book."""

    index: int
    issued: IssuedPdf
    reading: ReturnReading
    scan: bytes
    picture: bytes
    decision: Decision
    reasons: tuple[Reason, ...]

    @classmethod
    def of(cls, index: int) -> _Made:
        """The form with this index, from 0."""
        issued = sample_issued(index)
        decision, reasons = _VERDICTS.get(index % 20, (Decision.ACCEPT, ()))
        texts = (f"%PDF scan {index}".encode(), f"\x89PNG picture {index}".encode())
        return cls(index, issued, sample_reading(issued), *texts, decision, reasons)

    @property
    def is_confirmed(self) -> bool:
        return self.index % 20 < 15

    @property
    def was_asked_blind(self) -> bool:
        return self.index % 20 == 0

    @property
    def is_set_up(self) -> bool:
        return self.is_confirmed and self.index % 2 == 0

    @property
    def pages(self) -> range:
        return range(1, len(self.reading.pages) + 1)


@one_writer()
def _add(made: Sequence[_Made]) -> None:
    for each in made:
        for data, suffix in ((each.issued.pdf, ".pdf"), (each.scan, ".pdf"), (each.picture, ".png")):
            _archive(data, suffix)
    issues = _add_issues(made)
    files = _add_files(made)
    returns = Return.objects.bulk_create([Return(issue=issue, received_at=RECEIVED_AT) for issue in issues])
    readings = _add_readings(made, files, returns)
    _add_decisions(made, returns)
    ReceivedPage.objects.bulk_create(
        ReceivedPage(file=file, page=page, issue=answer.issue, form_page=page, answer=answer, is_compared=True)
        for each, file, answer in zip(made, files, returns, strict=True)
        for page in each.pages
    )
    decisions: dict[int, list[HumanDecision]] = {issue.pk: [] for issue in issues}
    for decision in HumanDecision.objects.filter(issue__in=issues).select_related("issue").order_by("pk"):
        decisions[decision.issue_id].append(decision)
    rows = zip(made, issues, files, readings, strict=True)
    append_events([event for row in rows for event in _events(*row, decisions[row[1].pk])], "bench")


def _archive(data: bytes, suffix: str) -> None:
    """As `archive.store` does, but without waiting for the disk."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = archive.archive_root() / sha256[:2] / (sha256 + suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _add_issues(made: Sequence[_Made]) -> list[Issue]:
    first = made[0].issued
    letter, _ = Letter.objects.get_or_create(
        sha256=first.letter.sha256(),
        defaults={
            "template": first.letter.template,
            "version": first.letter.version,
            "template_sha256": first.letter.template_sha256,
            "wording_sha256": first.letter.wording_sha256,
            "geometry_json": letter_to_json(first.letter).decode(),
        },
    )
    batch = Batch.objects.create(
        template=letter.template,
        version=letter.version,
        list_sha256=hashlib.sha256(f"list {made[0].index}".encode()).hexdigest(),
        reissue=False,
        seed=secrets.token_hex(32),
        issued_on=first.form.issued_on,
        started_at=ISSUED_AT,
        finished_at=ISSUED_AT,
    )
    customers = Customer.objects.bulk_create(Customer(**asdict(each.issued.form.customer)) for each in made)
    return Issue.objects.bulk_create(
        _issue(each.issued, customer, letter, batch) for each, customer in zip(made, customers, strict=True)
    )


def _issue(issued: IssuedPdf, customer: Customer, letter: Letter, batch: Batch) -> Issue:
    form_json = form_to_json(issued.form)
    return Issue(
        form_id=issued.form.form_id,
        reference=issued.form.reference,
        customer=customer,
        letter=letter,
        form_json=form_json.decode(),
        form_sha256=hashlib.sha256(form_json).hexdigest(),
        pdf_sha256=hashlib.sha256(issued.pdf).hexdigest(),
        batch=batch,
        issued_on=issued.form.issued_on,
        due_on=issued.form.due_on,
        issued_at=ISSUED_AT,
    )


def _add_files(made: Sequence[_Made]) -> list[ReceivedFile]:
    files = ReceivedFile.objects.bulk_create(
        ReceivedFile(
            sha256=hashlib.sha256(each.scan).hexdigest(),
            size=len(each.scan),
            suffix=".pdf",
            page_count=len(each.pages),
        )
        for each in made
    )
    Arrival.objects.bulk_create(
        Arrival(file=file, name=f"SCN_{each.index}.pdf", channel="mailbox", received_at=RECEIVED_AT, duplicate=False)
        for each, file in zip(made, files, strict=True)
    )
    return files


def _add_readings(made: Sequence[_Made], files: Sequence[ReceivedFile], returns: Sequence[Return]) -> list[Reading]:
    readings = []
    for each, file, answer in zip(made, files, returns, strict=True):
        reading_json = return_to_json(each.reading)
        readings.append(
            Reading(
                answer=answer,
                file=file,
                reading_json=reading_json.decode(),
                sha256=hashlib.sha256(reading_json).hexdigest(),
                pictures={str(page): hashlib.sha256(each.picture).hexdigest() for page in each.pages},
                decision=each.decision,
                reasons=list(each.reasons),
                program_version=settings.REGISTRY_PROGRAM_VERSION,
                read_at=RECEIVED_AT,
            )
        )
    return Reading.objects.bulk_create(readings)


def _add_decisions(made: Sequence[_Made], returns: Sequence[Return]) -> None:
    decisions = []
    for each, answer in zip(made, returns, strict=True):
        decisions.append(_decision(answer, Kind.SENT, ISSUED_AT, on=local_date(ISSUED_AT), note="post"))
        if each.was_asked_blind:
            decisions.append(_decision(answer, Kind.BLIND, CONFIRMED_AT, variant="A", note=SIGNED))
        if each.is_confirmed:
            confirmed_on = local_date(CONFIRMED_AT)
            decisions.append(_decision(answer, Kind.CONFIRMED, CONFIRMED_AT, variant="A", in_force_from=confirmed_on))
        if each.is_set_up:
            decisions.append(_decision(answer, Kind.CONFIGURED, CONFIRMED_AT, on=local_date(CONFIRMED_AT)))
    HumanDecision.objects.bulk_create(decisions)


def _decision(answer: Return, kind: HumanDecision.Kind, at: datetime, **said: str | date) -> HumanDecision:
    of_return = answer if kind in (Kind.BLIND, Kind.CONFIRMED) else None
    salt = secrets.token_hex(16)
    return HumanDecision(issue=answer.issue, answer=of_return, kind=kind, by="Petra", at=at, salt=salt, **said)


def _events(
    each: _Made, issue: Issue, file: ReceivedFile, reading: Reading, decisions: Sequence[HumanDecision]
) -> list[NewEvent]:
    form = form_subject(issue.form_id)
    digests = {"letter_sha256": issue.letter_id, "form_sha256": issue.form_sha256, "pdf_sha256": issue.pdf_sha256}
    read: EventData = {"return": reading.answer_id, "reading": reading.pk, "reading_sha256": reading.sha256}
    sent, *later = [
        NewEvent(
            EVENT_OF_KIND[Kind(decision.kind)],
            form,
            {
                **(read if decision.answer_id is not None else {}),
                "decision": decision.pk,
                "decision_sha256": decision_digest(decision),
            },
        )
        for decision in decisions
    ]
    return [
        NewEvent(EventKind.ISSUED, form, digests),
        sent,
        NewEvent(EventKind.FILE_BOOKED, file_subject(file.sha256), {"pages": file.page_count}),
        NewEvent(EVENT_OF_DECISION[each.decision], form, {**read, "file_sha256": file.sha256}),
        *later,
    ]
