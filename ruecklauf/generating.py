"""Generate letters: a template and a customer list in, a PDF and a line in the book per customer out.

Forms are archived and booked, a hundred at a time, before their files are written. So a file never goes out that the
registry does not know, and one that is missing, because we were stopped in between, is written again from the archive.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

from forms.customers import CustomerList, CustomerRow, RefusedRow, read_customers
from forms.durable_files import NewFile, check_writable, make_folder, write_new_files
from forms.errors import DoesNotFit
from forms.issue_form import FormIssuer
from forms.issued_form import IssuedPdf
from forms.load_template import LoadedTemplate, load_template
from registry.book import BatchOrder, OpenBatch, StandingForm, book_issues, finish_batch, forms_in_the_way, open_batch
from registry.errors import Damaged
from registry.lookup import find_issued
from ruecklauf.errors import WrongUse
from ruecklauf.planned_issue import refused_row

_BOOKED_TOGETHER = 100


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


Outcome = Issued | Skipped | RefusedRow


@dataclass(frozen=True, slots=True)
class Generated:
    """What a run came to, row by row."""

    issued: tuple[Issued, ...]
    skipped: tuple[Skipped, ...]
    refused: tuple[RefusedRow, ...]
    """One entry per mistake: a row may have several."""
    ignored_columns: tuple[str, ...]
    """Columns of the list that mean nothing here."""
    resumed_from: date | None
    """When the run was begun that this one went on with, after it had been stopped; None for a new run."""
    batch_id: int
    """The run's number in the book."""


def generate(order: GenerateOrder, progress: Callable[[int, int], None]) -> Generated:
    """Issue a form to every usable row of the list; `progress` is told how many of how many rows are done.

    A run that was stopped is gone on with by giving the same order again. Raises `FormsError` where the template or the
    list cannot be used at all, `WrongUse` where the folder cannot, and `TemplateChanged` where the template was edited
    after it was issued: then nothing was issued. Raises `OSError` where a file cannot be written after all: what was
    booked by then is written by the next run.
    """
    loaded = load_template(order.template)
    template = loaded.template
    customers = read_customers(order.customers)
    _prepare(order.folder)
    batch = open_batch(_batch_order(loaded, customers, reissue=order.reissue), today=order.today)
    run = _Run(
        batch=batch,
        issuer=FormIssuer.of(loaded),
        existing=forms_in_the_way(
            [row.customer.number for row in customers.customers],
            template.id,
            template.version,
            reissue=order.reissue,
            batch_id=batch.batch_id,
        ),
        folder=order.folder,
        actor=order.actor,
    )
    outcomes: list[Outcome] = []
    for rows in _batched(customers.customers, _BOOKED_TOGETHER):
        progress(len(outcomes), len(customers.customers))
        outcomes += run.serve(rows)
    progress(len(outcomes), len(customers.customers))
    finish_batch(batch.batch_id)
    refused = [*customers.refused, *(outcome for outcome in outcomes if isinstance(outcome, RefusedRow))]
    return Generated(
        issued=tuple(outcome for outcome in outcomes if isinstance(outcome, Issued)),
        skipped=tuple(outcome for outcome in outcomes if isinstance(outcome, Skipped)),
        refused=tuple(sorted(refused, key=lambda row: row.row)),
        ignored_columns=customers.ignored_columns,
        resumed_from=batch.issued_on if batch.resumed else None,
        batch_id=batch.batch_id,
    )


def _prepare(folder: Path) -> None:
    """Make the folder for the PDFs, before anything is booked that could then not be written."""
    try:
        make_folder(folder)
        check_writable(folder)
    except (FileExistsError, FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise WrongUse(
            f"the letters cannot be written to {folder}: {error.strerror}", "name another folder, or mend this one"
        ) from error


def _batch_order(loaded: LoadedTemplate, customers: CustomerList, *, reissue: bool) -> BatchOrder:
    digest = hashlib.sha256()
    for row in customers.customers:
        digest.update(json.dumps(asdict(row.customer)).encode())
    return BatchOrder(
        template=loaded.template.id,
        version=loaded.template.version,
        template_sha256=loaded.sha256,
        list_sha256=digest.hexdigest(),
        reissue=reissue,
    )


def _batched(rows: Iterable[CustomerRow], size: int) -> Iterator[list[CustomerRow]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


@dataclass(frozen=True, slots=True)
class _Run:
    """One run over a list."""

    batch: OpenBatch
    issuer: FormIssuer
    existing: Mapping[str, StandingForm]
    """The forms, by customer number, because of which their customers get no further one."""
    folder: Path
    actor: str

    def serve(self, rows: Sequence[CustomerRow]) -> list[Outcome]:
        """Issue, book and write the forms of some rows; return what became of each, of a kind in their order."""
        made, refused = self._make([row for row in rows if row.customer.number not in self.existing])
        meanwhile = book_issues(made, self.batch, actor=self.actor, at=datetime.now(UTC))
        new = [issued for issued in made if issued.form.customer.number not in meanwhile]
        standing = [
            (row, form)
            for row in rows
            if (form := self.existing.get(row.customer.number) or meanwhile.get(row.customer.number))
        ]
        return [*refused, *self._write(new), *self._write_missing(standing)]

    def _make(self, rows: Iterable[CustomerRow]) -> tuple[list[IssuedPdf], list[RefusedRow]]:
        made, refused = [], []
        for row in rows:
            form_id = self.batch.form_id(row.customer.number)
            try:
                made.append(self.issuer.issue(row.customer, issued_on=self.batch.issued_on, form_id=form_id))
            except DoesNotFit as misfit:
                refused.append(refused_row(row, misfit))
        return made, refused

    def _write(self, forms: Sequence[IssuedPdf]) -> list[Issued]:
        paths = [
            self._path(each.form.customer.number, StandingForm(each.form.form_id, each.letter.version))
            for each in forms
        ]
        write_new_files([NewFile(path, each.pdf) for path, each in zip(paths, forms, strict=True)])
        return [Issued(each.form.customer.number, path) for path, each in zip(paths, forms, strict=True)]

    def _write_missing(self, standing: Sequence[tuple[CustomerRow, StandingForm]]) -> list[Skipped]:
        paths = [self._path(row.customer.number, form) for row, form in standing]
        missing = [not os.path.lexists(path) for path in paths]
        files = [
            NewFile(path, _archived(form.form_id))
            for path, (_, form), is_missing in zip(paths, standing, missing, strict=True)
            if is_missing
        ]
        write_new_files(files)
        return [
            Skipped(row.row, row.customer.number, form.form_id, is_missing)
            for (row, form), is_missing in zip(standing, missing, strict=True)
        ]

    def _path(self, number: str, form: StandingForm) -> Path:
        """Where a form's file lies: the customer number first, nothing in the name that a file system might mind."""
        name = re.sub(r"[^A-Za-z0-9._-]", "_", number)
        return self.folder / f"{name}-{self.issuer.letter.template}.v{form.version}-{form.form_id}.pdf"


def _archived(form_id: str) -> bytes:
    issued = find_issued(form_id)
    if not isinstance(issued, IssuedPdf):
        raise Damaged(f"the form {form_id} is booked but cannot be found", "restore the registry from the backup")
    return issued.pdf
