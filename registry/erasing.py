"""Erases contents that have had their time; the events stay, and so do the digests that they name.

First the rows, in transactions that also append the events; then the files. An interruption in between leaves files
that `verify` names and the next `erase` removes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from django.db.models import F
from django.db.models.functions import Coalesce

from forms.durable_files import sync_folder
from registry import archive
from registry.archived_digests import FOLDERS, erased_digests, kept_digests
from registry.book_decisions import check_person, write_down
from registry.check_archive import digest_of, owners_of
from registry.errors import NotAllowedNow
from registry.events import NewEvent, append_event, append_events, file_subject, form_subject, one_writer
from registry.models import (
    ERASED_CUSTOMER,
    Arrival,
    Batch,
    Customer,
    HumanDecision,
    Issue,
    Mail,
    MailDecision,
    MailPart,
    PageDecision,
    PageLikeness,
    Reading,
    ReceivedFile,
    ReceivedPage,
)
from registry.retention import DueForm, KeptFile, due_files, due_forms
from registry.statuses import OPEN, EventKind

Item = TypeVar("Item")
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class ErasureOrder:
    """What may be erased."""

    today: date
    unplaced_months: int
    """How long received pages are kept that belong to no form."""
    customer: str | None = None
    """Number of a customer who asked for it: everything of theirs that is not in force; None means what is due."""


@dataclass(frozen=True, slots=True)
class Due:
    """What an order comes to."""

    forms: tuple[DueForm, ...]
    files: tuple[str, ...]
    """Digests of received files."""
    kept_files: tuple[KeptFile, ...]
    """Files with pages of erased forms that stay for other forms on their pages."""
    in_force: tuple[str, ...]
    """Ids of forms that the customer asked for and that are in force: refused."""


@dataclass(frozen=True, slots=True)
class CopyFolders:
    """Where copies of erased bytes may lie beside the archive."""

    issued: Path
    """Letters as they were written, with the form's id in the name."""
    received: tuple[Path, ...]
    """Files as they were received, under any name."""


def what_is_due(order: ErasureOrder) -> Due:
    """Say what would be erased; writes nothing. Raises `NotAllowedNow` for a customer who is not known."""
    forms, in_force = _due_forms(order)
    files, kept = _due_files(order, frozenset(form.form_id for form in forms))
    return Due(tuple(forms), tuple(file.sha256 for file in files), tuple(kept), tuple(in_force))


def erase(order: ErasureOrder, copies: CopyFolders, *, by: str, advance: Callable[[int], None]) -> Due:
    """Erase what is due, in a person's name, and return it; `advance` is told how many forms and files are done.

    An open form is declared void with it. Removes what an earlier call was kept from removing, too. Raises
    `NotAllowedNow`, and `OSError` where a file cannot be removed: calling it again goes on.
    """
    check_person(by)
    due = what_is_due(order)
    for form_ids in _in_pages(iter([form.form_id for form in due.forms])):
        _erase_forms(form_ids, order, by)
        advance(len(form_ids))
    files, _ = _due_files(order, frozenset())
    for some in _in_pages(iter([file.pk for file in files])):
        _erase_files(some, order, by)
        advance(len(some))
    _remove_archived()
    _remove_letters(copies.issued)
    for folder in copies.received:
        _remove_received(folder)
    return due


def _due_forms(order: ErasureOrder) -> tuple[list[DueForm], list[str]]:
    issues = Issue.objects.filter(erased_at=None).select_related("customer", "letter").defer("form_json").order_by("pk")
    if order.customer is not None:
        issues = issues.filter(customer__number=order.customer)
        if not issues.exists():
            raise NotAllowedNow(f"customer {order.customer!r} has no form here", "check the number, and --home")
    due: list[DueForm] = []
    in_force = []
    for page in _in_pages(issues.iterator(_AT_ONCE)):
        chosen = due_forms(page, order.today, on_request=order.customer is not None)
        due += chosen
        if order.customer is not None:
            in_force += sorted({issue.form_id for issue in page} - {form.form_id for form in chosen})
    return due, in_force


def _due_files(order: ErasureOrder, erased_forms: frozenset[str]) -> tuple[list[ReceivedFile], list[KeptFile]]:
    files = ReceivedFile.objects.filter(erased_at=None).order_by("pk")
    due: list[ReceivedFile] = []
    kept: list[KeptFile] = []
    for page in _in_pages(files.iterator(_AT_ONCE)):
        some, others = due_files(page, order.today, order.unplaced_months, erased_forms)
        due += some
        kept += others
    return due, kept


@one_writer()
def _erase_forms(form_ids: Sequence[str], order: ErasureOrder, by: str) -> None:
    """Erase those of the forms that are still due."""
    issues = Issue.objects.filter(form_id__in=form_ids, erased_at=None).select_related("customer", "letter")
    found = {issue.form_id: issue for issue in issues}
    nobody, _ = Customer.objects.get_or_create(number=ERASED_CUSTOMER)
    due = due_forms(list(found.values()), order.today, on_request=order.customer is not None)
    for form in due:
        issue = found[form.form_id]
        if form.status in OPEN:
            write_down(HumanDecision(issue=issue, kind=HumanDecision.Kind.VOIDED, by=by))
    chosen = [found[form.form_id] for form in due]
    Reading.objects.filter(answer__issue__in=chosen).update(reading_json="", reasons=[])
    HumanDecision.objects.filter(issue__in=chosen).update(
        on=None, variant="", signed_on=None, in_force_from=None, place="", signer="", note="", salt=""
    )
    PageDecision.objects.filter(answer__issue__in=chosen).update(note="", salt="")
    PageLikeness.objects.filter(issue__in=chosen).delete()
    # Now that nobody can tell any more when the customer withdrew, while it still is this customer's form.
    append_events([_erased(issue) for issue in chosen], by)
    Issue.objects.filter(pk__in=[issue.pk for issue in chosen]).update(
        form_json="", customer=nobody, erased_at=datetime.now(UTC)
    )
    Customer.objects.filter(pk__in=[issue.customer_id for issue in chosen], issues=None).delete()
    # With its seed and a customer's number, a form's id could be worked out again.
    Batch.objects.filter(issues__in=chosen).update(seed="", finished_at=Coalesce(F("finished_at"), datetime.now(UTC)))


def _erased(issue: Issue) -> NewEvent:
    references = {"form_sha256": issue.form_sha256, "pdf_sha256": issue.pdf_sha256}
    return NewEvent(EventKind.FORM_ERASED, form_subject(issue.form_id), references)


@one_writer()
def _erase_files(file_ids: Sequence[int], order: ErasureOrder, by: str) -> None:
    """Erase what is known of those of the files that are still due."""
    files = ReceivedFile.objects.filter(pk__in=file_ids, erased_at=None)
    due, _ = due_files(list(files), order.today, order.unplaced_months, frozenset())
    for file in due:
        append_event(EventKind.FILE_ERASED, file_subject(file.sha256), {"pages": file.page_count}, by)
    Arrival.objects.filter(file__in=due).update(name="")
    ReceivedPage.objects.filter(file__in=due).update(text="")
    PageLikeness.objects.filter(page__file__in=due).delete()
    Mail.objects.filter(file__in=due).update(
        sender="", sender_name="", subject="", message_id="", sent_at=None, text="", mentions=[]
    )
    MailPart.objects.filter(mail__file__in=due).update(name="")
    MailDecision.objects.filter(mail__file__in=due).update(note="", salt="")
    PageDecision.objects.filter(page__file__in=due).update(note="", salt="")
    ReceivedFile.objects.filter(pk__in=[file.pk for file in due]).update(detail="", erased_at=datetime.now(UTC))


def _remove_archived() -> None:
    """Remove the archive's files that only erased rows refer to."""
    kept, erased = kept_digests(), erased_digests()
    for folder in FOLDERS:
        lying = [
            sha256 for sha256 in erased.in_folder(folder) - kept.in_folder(folder) if archive.find(sha256) is not None
        ]
        if lying:
            _remove_unowned(lying)


@one_writer()
def _remove_unowned(digests: Sequence[str]) -> None:
    """Remove archived files, unless something refers to them by now; nobody can book them meanwhile."""
    owners = owners_of(set(digests))
    for sha256 in digests:
        while sha256 not in owners and (path := archive.find(sha256)) is not None:
            path.unlink()
    sync_folder(archive.archive_root() / digests[0][:2])


def _remove_letters(folder: Path) -> None:
    """Remove the letters of erased forms where `generate` writes them."""
    if not folder.is_dir():
        return
    for paths in _in_pages(path for path in sorted(folder.glob("*.pdf"))):
        by_form = {path.stem.rpartition("-")[2]: path for path in paths}
        erased = Issue.objects.filter(form_id__in=list(by_form)).exclude(erased_at=None)
        for form_id in erased.values_list("form_id", flat=True):
            by_form[form_id].unlink(missing_ok=True)
    sync_folder(folder)


def _remove_received(folder: Path) -> None:
    """Remove files that were put away after they were booked and are erased now, known by their bytes."""
    if not folder.is_dir():
        return
    erased = ReceivedFile.objects.exclude(erased_at=None)
    sizes = set(erased.values_list("size", flat=True))
    for path in sorted(folder.iterdir()):
        plain = not path.is_symlink() and path.is_file()
        if plain and path.stat().st_size in sizes and erased.filter(sha256=digest_of(path)).exists():
            path.unlink()
            path.with_name(f"{path.name}.reason.txt").unlink(missing_ok=True)
    sync_folder(folder)


def _in_pages(items: Iterator[Item]) -> Iterator[list[Item]]:
    while page := list(islice(items, _AT_ONCE)):
        yield page
