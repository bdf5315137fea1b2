"""What issuing to a customer list would come to, told beforehand; nothing is booked or written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forms.customers import CustomerRow, RefusedRow, read_customers
from forms.errors import DoesNotFit
from forms.issue_form import FormIssuer
from forms.load_template import LoadedTemplate, load_template
from forms.messages import Message
from forms.page_code import form_id_from
from registry.book import StandingForm, check_template_frozen, forms_in_the_way

_NO_FORM = form_id_from(bytes(32))
"""The form that a previewed letter bears the code of: no run issues it, so one that is printed is known for no form."""


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row whose customer gets no further form, because they have one."""

    row: CustomerRow
    form: StandingForm


@dataclass(frozen=True, slots=True)
class PlannedIssue:
    """What would become of each row, in the order of the list."""

    loaded: LoadedTemplate
    served: tuple[CustomerRow, ...]
    """Those that would get a letter."""
    skipped: tuple[PlannedRow, ...]
    refused: tuple[RefusedRow, ...]
    """One entry per mistake: a row may have several."""
    ignored_columns: tuple[str, ...]


def plan_issue(template: Path, customers: Path, *, reissue: bool, today: date) -> PlannedIssue:
    """Say what `generate` would do with this list; raises what it raises before anything is issued."""
    loaded = load_template(template)
    listed = read_customers(customers)
    check_template_frozen(loaded.template.id, loaded.template.version, loaded.sha256)
    numbers = [row.customer.number for row in listed.customers]
    standing = forms_in_the_way(numbers, loaded.template.id, loaded.template.version, reissue=reissue)
    issuer = FormIssuer.of(loaded)
    served, refused = [], list(listed.refused)
    for row in listed.customers:
        if row.customer.number in standing:
            continue
        try:
            issuer.issue(row.customer, issued_on=today, form_id=_NO_FORM)
        except DoesNotFit as misfit:
            refused.append(refused_row(row, misfit))
        else:
            served.append(row)
    return PlannedIssue(
        loaded=loaded,
        served=tuple(served),
        skipped=tuple(
            PlannedRow(row, standing[row.customer.number])
            for row in listed.customers
            if row.customer.number in standing
        ),
        refused=tuple(sorted(refused, key=lambda each: each.row)),
        ignored_columns=listed.ignored_columns,
    )


def preview_letter(template: Path, row: CustomerRow, today: date) -> bytes:
    """The PDF that a customer would get, but for the code on it; raises `DoesNotFit`."""
    return FormIssuer.of(load_template(template)).issue(row.customer, issued_on=today, form_id=_NO_FORM).pdf


def refused_row(row: CustomerRow, misfit: DoesNotFit) -> RefusedRow:
    """A row whose words find no room in the letter."""
    reason = Message("{what}; {remedy}", what=misfit.what, remedy=misfit.remedy)
    return RefusedRow(row.row, "", row.customer.number, reason)
