"""Writes into the book what was issued."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import datetime

from forms.issued_form import IssuedForm, IssuedPdf, LetterGeometry, form_to_json, letter_to_json
from registry import archive
from registry.errors import Inconsistent, OpenFormExists, TemplateChanged
from registry.events import append_event, form_states, form_subject, one_writer
from registry.models import Customer, Issue, Letter
from registry.office_time import local_date
from registry.statuses import OPEN, EventKind, FormState, Status


@one_writer()
def book_issue(issued: IssuedPdf, *, reissue: bool, actor: str, at: datetime) -> None:
    """Archive a form's PDF and book the form as issued; with `reissue` it supersedes the customer's open form.

    Raises `TemplateChanged`, `OpenFormExists` (without `reissue`, where the customer has an open form of the template,
    or one in force of the same version) and `Inconsistent`; then nothing was written.
    """
    form, letter = issued.form, issued.letter
    local_date(at)  # an instant without a time zone is refused before anything is written
    _check_new(form, letter)
    check_template_frozen(letter.template, letter.version, letter.template_sha256)
    earlier = _forms_of(form.customer.number, letter.template)
    if not reissue:
        _refuse_second_form(form.customer.number, letter.version, earlier)
    pdf = archive.store(issued.pdf, ".pdf")
    issue = _add_issue(form, letter, pdf.sha256, at)
    references = {"letter_sha256": form.letter_sha256, "form_sha256": issue.form_sha256, "pdf_sha256": pdf.sha256}
    append_event(EventKind.ISSUED, form_subject(form.form_id), references, actor)
    for old, state in earlier:
        if state.status in OPEN:
            append_event(EventKind.SUPERSEDED, form_subject(old.form_id), {"by": form.form_id}, actor)


def check_template_frozen(template: str, version: int, template_sha256: str) -> None:
    """Refuse a template file that differs from the one this version was issued from; raises `TemplateChanged`."""
    others = Letter.objects.filter(template=template, version=version).exclude(template_sha256=template_sha256)
    if others.exists():
        raise TemplateChanged(template, version)


def _in_the_way(issue: Issue, status: Status, version: int | None) -> bool:
    return status in OPEN or (status is Status.IN_FORCE and issue.letter.version == version)


def _forms_of(number: str, template: str) -> list[tuple[Issue, FormState]]:
    issues = list(
        Issue.objects.filter(customer__number=number, letter__template=template).select_related("letter").order_by("pk")
    )
    states = form_states([issue.form_id for issue in issues])
    return [(issue, states[issue.form_id]) for issue in issues]


def _refuse_second_form(number: str, version: int, earlier: list[tuple[Issue, FormState]]) -> None:
    for issue, state in earlier:
        if _in_the_way(issue, state.status, version):
            raise OpenFormExists(number, issue.form_id)


def _check_new(form: IssuedForm, letter: LetterGeometry) -> None:
    if letter.sha256() != form.letter_sha256:
        raise Inconsistent(f"form {form.form_id} names another letter than it was issued with")
    if Issue.objects.filter(form_id=form.form_id).exists():
        raise Inconsistent(f"form {form.form_id} was booked before")


def _add_issue(form: IssuedForm, letter: LetterGeometry, pdf_sha256: str, at: datetime) -> Issue:
    row = asdict(form.customer)
    customer, _ = Customer.objects.update_or_create(number=row.pop("number"), defaults=row)
    form_json = form_to_json(form)
    return Issue.objects.create(
        form_id=form.form_id,
        reference=form.reference,
        customer=customer,
        letter=_stored_letter(form.letter_sha256, letter),
        form_json=form_json.decode(),
        form_sha256=hashlib.sha256(form_json).hexdigest(),
        pdf_sha256=pdf_sha256,
        issued_on=form.issued_on,
        due_on=form.due_on,
        issued_at=at,
    )


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
