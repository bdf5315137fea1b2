"""Writes into the book what was issued, a batch of letters at a time.

A batch is one run over a customer list. Its forms' ids are derived from its secret seed, so a run that was stopped goes
on as if it had not been: what was booked is left alone, what was only archived is made again, byte by byte.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime

from forms.issued_form import Customer as IssuedTo
from forms.issued_form import IssuedForm, IssuedPdf, LetterGeometry, form_to_json, letter_to_json
from forms.page_code import form_id_from
from registry import archive
from registry.chunks import parted
from registry.errors import Inconsistent, TemplateChanged
from registry.events import NewEvent, append_events, form_states, form_subject, one_view, one_writer
from registry.models import Batch, Customer, Issue, Letter
from registry.office_time import local_date
from registry.statuses import OPEN, EventKind, FormState, Status

_ROW = tuple(field.name for field in fields(IssuedTo))


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """What a run issues; two runs with the same order, the first of them stopped, are one batch."""

    template: str
    version: int
    template_sha256: str
    list_sha256: str
    """Digest of the customers as read."""
    reissue: bool
    """Also to customers who have an open form; it is superseded."""


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch that forms can be issued in."""

    batch_id: int
    reissue: bool
    issued_on: date
    """The date on all its letters: that of its beginning."""
    resumed: bool
    """It was begun by a run that was stopped."""
    seed: bytes

    def form_id(self, number: str) -> str:
        """The id of the form that this batch issues to a customer: as unguessable as the batch's secret seed."""
        return form_id_from(hmac.digest(self.seed, number.encode(), "sha256"))


@dataclass(frozen=True, slots=True)
class StandingForm:
    """A form because of which its customer gets no further one."""

    form_id: str
    version: int
    """Of the template."""


@one_writer()
def open_batch(order: BatchOrder, *, today: date) -> OpenBatch:
    """Go on with the batch that a stopped run with this order left open, else begin one; raises `TemplateChanged`."""
    check_template_frozen(order.template, order.version, order.template_sha256)
    same = {
        "template": order.template,
        "version": order.version,
        "list_sha256": order.list_sha256,
        "reissue": order.reissue,
    }
    stopped = Batch.objects.filter(**same, finished_at=None).order_by("pk").last()
    batch = stopped or Batch.objects.create(
        **same, seed=secrets.token_hex(32), issued_on=today, started_at=datetime.now(UTC)
    )
    return OpenBatch(batch.pk, batch.reissue, batch.issued_on, stopped is not None, bytes.fromhex(batch.seed))


@one_writer()
def finish_batch(batch_id: int) -> None:
    """Close a batch: the next run with the same order begins another one."""
    Batch.objects.filter(pk=batch_id, finished_at=None).update(finished_at=datetime.now(UTC))


@one_view()
def forms_in_the_way(
    numbers: Sequence[str], template: str, version: int, *, reissue: bool, batch_id: int | None = None
) -> dict[str, StandingForm]:
    """The forms, by customer number, because of which these customers get no further one.

    In a batch that goes on, those that it has issued stand in the way too.
    """
    found: dict[str, StandingForm] = {}
    for some in parted(numbers):
        found |= _standing(_forms_by_number(some, template), version, reissue=reissue, batch_id=batch_id)
    return found


@one_writer()
def book_issues(issued: Sequence[IssuedPdf], batch: OpenBatch, *, actor: str, at: datetime) -> dict[str, StandingForm]:
    """Archive the PDFs of forms of one letter and book them as issued, all in one transaction.

    A customer whose form stands in the way (one issued in this batch; without `reissue` also an open one, or one in
    force of the same version) gets no other, and nothing of the new one is kept. Returns those forms, by customer
    number. With `reissue` a new form supersedes the customer's open one. Raises `TemplateChanged` and `Inconsistent`;
    then nothing was booked.
    """
    local_date(at)  # an instant without a time zone is refused before anything is written
    if not issued:
        return {}
    letter = issued[0].letter
    check_template_frozen(letter.template, letter.version, letter.template_sha256)
    earlier = _forms_by_number([each.form.customer.number for each in issued], letter.template)
    standing = _standing(earlier, letter.version, reissue=batch.reissue, batch_id=batch.batch_id)
    new = [each for each in issued if each.form.customer.number not in standing]
    if new:
        _book_new(new, batch, earlier, actor, at)
    return standing


def check_template_frozen(template: str, version: int, template_sha256: str) -> None:
    """Refuse a template file that differs from the one this version was issued from; raises `TemplateChanged`."""
    others = Letter.objects.filter(template=template, version=version).exclude(template_sha256=template_sha256)
    if others.exists():
        raise TemplateChanged(template, version)


def _standing(
    forms_by_number: Mapping[str, Sequence[tuple[Issue, FormState]]],
    version: int,
    *,
    reissue: bool,
    batch_id: int | None,
) -> dict[str, StandingForm]:
    return {
        number: StandingForm(issue.form_id, issue.letter.version)
        for number, forms in forms_by_number.items()
        for issue, state in forms
        if (batch_id is not None and issue.batch_id == batch_id)
        or (not reissue and _in_the_way(issue, state.status, version))
    }


def _in_the_way(issue: Issue, status: Status, version: int) -> bool:
    return status in OPEN or (status is Status.IN_FORCE and issue.letter.version == version)


def _forms_by_number(numbers: Sequence[str], template: str) -> dict[str, list[tuple[Issue, FormState]]]:
    all_issues = Issue.objects.filter(customer__number__in=numbers).select_related("customer", "letter").order_by("pk")
    all_issues = all_issues.defer("form_json", "letter__geometry_json")
    # The database is not asked for the template: SQLite would go through all forms of the letter to find these.
    issues = [issue for issue in all_issues if issue.letter.template == template]
    states = form_states([issue.form_id for issue in issues])
    found = defaultdict(list)
    for issue in issues:
        found[issue.customer.number].append((issue, states[issue.form_id]))
    return found


def _book_new(
    new: Sequence[IssuedPdf],
    batch: OpenBatch,
    earlier: dict[str, list[tuple[Issue, FormState]]],
    actor: str,
    at: datetime,
) -> None:
    _check_new([each.form for each in new], new[0].letter)
    letter = _stored_letter(new[0].form.letter_sha256, new[0].letter)
    customers = _stored_customers([each.form.customer for each in new])
    pdfs = archive.store_all([each.pdf for each in new], ".pdf")
    issues = [
        _issue(each.form, customers[each.form.customer.number], letter, pdf.sha256, batch, at)
        for each, pdf in zip(new, pdfs, strict=True)
    ]
    Issue.objects.bulk_create(issues)
    events = []
    for issue, each in zip(issues, new, strict=True):
        references = {"letter_sha256": letter.sha256, "form_sha256": issue.form_sha256, "pdf_sha256": issue.pdf_sha256}
        events.append(NewEvent(EventKind.ISSUED, form_subject(issue.form_id), references))
        events += [
            NewEvent(EventKind.SUPERSEDED, form_subject(old.form_id), {"by": issue.form_id})
            for old, state in earlier[each.form.customer.number]
            if state.status in OPEN
        ]
    append_events(events, actor)


def _check_new(new: Sequence[IssuedForm], letter: LetterGeometry) -> None:
    sha256 = letter.sha256()
    for form in new:
        if form.letter_sha256 != sha256:
            raise Inconsistent(f"form {form.form_id} names another letter than it was issued with")
    known = Issue.objects.filter(form_id__in=[form.form_id for form in new]).first()
    if known is not None:
        raise Inconsistent(f"form {known.form_id} was booked before")


def _stored_letter(sha256: str, letter: LetterGeometry) -> Letter:
    existing = Letter.objects.filter(sha256=sha256).first()
    return existing or Letter.objects.create(
        sha256=sha256,
        template=letter.template,
        version=letter.version,
        template_sha256=letter.template_sha256,
        wording_sha256=letter.wording_sha256,
        geometry_json=letter_to_json(letter).decode(),
    )


def _stored_customers(rows: Sequence[IssuedTo]) -> dict[str, Customer]:
    """Bring the customers up to date with the list, and return them by number."""
    Customer.objects.bulk_create(
        [Customer(**asdict(row)) for row in rows],
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=[name for name in _ROW if name != "number"],
    )
    return {customer.number: customer for customer in Customer.objects.filter(number__in=[row.number for row in rows])}


def _issue(
    form: IssuedForm, customer: Customer, letter: Letter, pdf_sha256: str, batch: OpenBatch, at: datetime
) -> Issue:
    form_json = form_to_json(form)
    return Issue(
        form_id=form.form_id,
        reference=form.reference,
        customer=customer,
        letter=letter,
        form_json=form_json.decode(),
        form_sha256=hashlib.sha256(form_json).hexdigest(),
        pdf_sha256=pdf_sha256,
        batch_id=batch.batch_id,
        issued_on=form.issued_on,
        due_on=form.due_on,
        issued_at=at,
    )
