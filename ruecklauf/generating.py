"""Generate letters: a template and a customer list in, a PDF and a line in the book per customer out.

Each form is archived and booked before its file is written. So a file never goes out that the registry does not know,
and one that is missing, because we were interrupted in between, is written again from the archive the next time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from forms.customers import CustomerRow, RefusedRow, read_customers
from forms.durable_files import make_folder, write_new
from forms.errors import DoesNotFit
from forms.issue_form import FormIssuer
from forms.issued_form import IssuedPdf
from forms.lay_out import lay_out
from forms.load_template import load_template
from registry.book import book_issue, check_template_frozen
from registry.errors import Damaged, OpenFormExists
from registry.lookup import customers_status, find_issued
from registry.statuses import OPEN, Status


@dataclass(frozen=True, slots=True)
class GenerateOrder:
    """What to generate."""

    template: Path
    customers: Path
    folder: Path
    """Where the PDFs go."""
    reissue: bool
    """Also issue to customers who have an open form; it is superseded."""
    actor: str
    today: date


@dataclass(frozen=True, slots=True)
class Issued:
    """A customer who got a form."""

    number: str
    path: Path


@dataclass(frozen=True, slots=True)
class Skipped:
    """A customer who got no new form, because they have one."""

    row: int
    number: str
    form_id: str
    written_again: bool
    """The existing form's file was missing and was written again."""


@dataclass(frozen=True, slots=True)
class Generated:
    """What a run came to, row by row."""

    issued: tuple[Issued, ...]
    skipped: tuple[Skipped, ...]
    refused: tuple[RefusedRow, ...]
    """One entry per mistake: a row may have several."""
    ignored_columns: tuple[str, ...]
    """Columns of the list that mean nothing here."""


def generate(order: GenerateOrder, progress: Callable[[int, int], None]) -> Generated:
    """Issue a form to every usable row of the list; `progress` is told how many of how many rows are done.

    Raises `FormsError` where the template or the list cannot be used at all and `TemplateChanged` where the template
    was edited after it was issued: then nothing was issued. Raises `OSError` where a file cannot be written: what was
    booked by then is written by the next run.
    """
    loaded = load_template(order.template)
    customers = read_customers(order.customers)
    template = loaded.template
    check_template_frozen(template.id, template.version, loaded.sha256)
    issuer = FormIssuer(lay_out(template, loaded.sha256), template)
    existing = {} if order.reissue else _existing_forms(template.id, template.version)
    make_folder(order.folder)
    outcomes: list[Issued | Skipped | RefusedRow] = []
    for row in customers.customers:
        progress(len(outcomes), len(customers.customers))
        outcomes.append(_serve(row, issuer, existing.get(row.customer.number), order))
    progress(len(outcomes), len(customers.customers))
    refused = [*customers.refused, *(outcome for outcome in outcomes if isinstance(outcome, RefusedRow))]
    return Generated(
        issued=tuple(outcome for outcome in outcomes if isinstance(outcome, Issued)),
        skipped=tuple(outcome for outcome in outcomes if isinstance(outcome, Skipped)),
        refused=tuple(sorted(refused, key=lambda row: row.row)),
        ignored_columns=customers.ignored_columns,
    )


def file_name(issued: IssuedPdf) -> str:
    """Name a form's file: the customer number first, and nothing in it that a file system might mind."""
    number = re.sub(r"[^A-Za-z0-9._-]", "_", issued.form.customer.number)
    return f"{number}-{issued.letter.template}.v{issued.letter.version}-{issued.form.form_id}.pdf"


def _serve(
    row: CustomerRow, issuer: FormIssuer, existing_id: str | None, order: GenerateOrder
) -> Issued | Skipped | RefusedRow:
    if existing_id is not None:
        return _skip(row, existing_id, order.folder)
    try:
        issued = issuer.issue(row.customer, issued_on=order.today)
        book_issue(issued, reissue=order.reissue, actor=order.actor, at=datetime.now(UTC))
    except DoesNotFit as misfit:
        return RefusedRow(row.row, "", row.customer.number, str(misfit))
    except OpenFormExists as exists:  # issued meanwhile, by somebody else or for an earlier row
        return _skip(row, exists.form_id, order.folder)
    path = order.folder / file_name(issued)
    write_new(path, issued.pdf)
    return Issued(row.customer.number, path)


def _skip(row: CustomerRow, form_id: str, folder: Path) -> Skipped:
    issued = find_issued(form_id)
    if not isinstance(issued, IssuedPdf):
        raise Damaged(f"the form {form_id} is booked but cannot be found", "restore the registry from the backup")
    path = folder / file_name(issued)
    missing = not os.path.lexists(path)
    if missing:
        write_new(path, issued.pdf)
    return Skipped(row.row, row.customer.number, form_id, missing)


def _existing_forms(template: str, version: int) -> dict[str, str]:
    """Form ids, by customer number, of the forms that stand in the way of a new one."""
    return {
        line.number: line.form_id
        for line in customers_status(template)
        if line.status in OPEN or (line.status is Status.IN_FORCE and line.version == version)
    }
