"""Commands about the book: who stands where, and what people decide."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated

import typer

from intake.file_names import printable_name
from ruecklauf.cli_app import (
    EXIT_SOME_FAILED,
    Home,
    booking_command,
    chosen_config,
    command,
    complain,
    office_today,
    parse_day,
    say,
    show_table,
)
from ruecklauf.errors import WrongUse
from ruecklauf.open_home import open_home

if TYPE_CHECKING:
    from registry.models import HumanDecision

By = Annotated[str, typer.Option("--by", metavar="NAME", help="The person who answers for this.")]
Number = Annotated[str, typer.Argument(help="The customer's number.")]
TemplateId = Annotated[str, typer.Argument(help="The template's id, for example remote-support.")]
On = Annotated[
    date | None,
    typer.Option("--on", metavar="DATE", parser=parse_day, help="When it was done, as 23.11.2026. Default: today."),
]


class Settlement(StrEnum):
    """How a return is settled that is not confirmed."""

    ASK = "ask"
    NOT_OURS = "not-ours"
    SET_ASIDE = "set-aside"

    @property
    def kind(self) -> HumanDecision.Kind:
        """What the registry calls it."""
        from registry.models import HumanDecision

        kinds = HumanDecision.Kind
        return {self.ASK: kinds.ASKED, self.NOT_OURS: kinds.NOT_OURS, self.SET_ASIDE: kinds.SET_ASIDE}[self]


_SAID = {
    Settlement.ASK: "the customer is to be asked again",
    Settlement.NOT_OURS: "none of ours",
    Settlement.SET_ASIDE: "set aside",
}


class Format(StrEnum):
    """What the export can be written as."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


@command
def status(
    template: Annotated[str | None, typer.Argument(help="Only this template's id. Default: all.")] = None,
    *,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only the returns that wait for a person.")] = False,
    mails: Annotated[bool, typer.Option("--mails", help="The mails that a person must read themselves.")] = False,
    set_aside: Annotated[
        bool, typer.Option("--set-aside", help="The mails that have nothing to do with us, and were set aside.")
    ] = False,
    pictures: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="With --waiting: also write a picture of each, with what was read on it."),
    ] = None,
    home: Home = None,
) -> None:
    """Show where every customer stands; or which returns wait, doubtful ones first; or the mails without a return."""
    config = chosen_config(home)
    if waiting + mails + set_aside > 1:
        raise WrongUse("--waiting, --mails and --set-aside each ask for another list", "give one of them")
    if pictures is not None and not waiting:
        raise WrongUse("pictures are written of the returns that wait", "add --waiting")
    open_home(config)
    if waiting:
        _show_waiting(template, pictures)
    elif mails or set_aside:
        _show_mails(set_aside=set_aside)
    else:
        _show_customers(template)


@booking_command
def confirm(
    returns: Annotated[list[int], typer.Argument(metavar="RETURN...", help="Numbers from `status --waiting`.")],
    *,
    by: By,
    variant: Annotated[str | None, typer.Option(metavar="LETTER", help="The variant, as you see it.")] = None,
    signed_on: Annotated[
        date | None, typer.Option(metavar="DATE", parser=parse_day, help="The date beside the signature.")
    ] = None,
    signed: Annotated[bool, typer.Option("--signed", help="You have seen the signature.")] = False,
    home: Home = None,
) -> None:
    """Put returns in force, in your name: all of them or none.

    What you say of a return with --variant, --signed-on or --signed counts instead of what was read.
    """
    config = chosen_config(home)
    open_home(config)
    from registry.book import confirm as book_confirmation

    confirmed = book_confirmation(
        returns, by=by, at=datetime.now(UTC), variant=variant, signed_on=signed_on, signed=signed
    )
    for each in confirmed:
        say(f"return {each.return_id}: customer {each.customer}: variant {each.variant} is in force")


@booking_command
def settle(
    returns: Annotated[list[int], typer.Argument(metavar="RETURN...", help="Numbers from `status --waiting`.")],
    *,
    by: By,
    how: Annotated[Settlement, typer.Option("--as", help="What you decide.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the decision.")],
    home: Home = None,
) -> None:
    """Settle returns that are not to be confirmed: they wait no longer, and nothing is in force by them.

    ask: the customer is to be asked again; not-ours: it is none of our forms, or not this customer's; set-aside:
    nothing is to be done about it.
    """
    config = chosen_config(home)
    open_home(config)
    from registry.book import settle as book_settlement
    from registry.errors import Refused

    refused = False
    for return_id in dict.fromkeys(returns):
        try:
            book_settlement(return_id, how.kind, by=by, at=datetime.now(UTC), reason=reason)
        except Refused as error:
            complain(f"Error: {error}")
            refused = True
        else:
            say(f"return {return_id}: {_SAID[how]}")
    if refused:
        raise typer.Exit(EXIT_SOME_FAILED)


@booking_command
def reopen(
    return_: Annotated[int, typer.Argument(metavar="RETURN", help="The return's number.")],
    *,
    by: By,
    reason: Annotated[str, typer.Option(help="Why; kept with the decision.")],
    home: Home = None,
) -> None:
    """Take back what was decided about a return: it waits again.

    What it had put in force is so no longer, and what that had replaced is restored.
    """
    config = chosen_config(home)
    open_home(config)
    from registry.book import reopen as book_reopening

    restored = book_reopening(return_, by=by, at=datetime.now(UTC), reason=reason)
    say(f"return {return_} waits again")
    for form_id in restored:
        say(f"form {form_id} is restored")


@booking_command
def withdraw(
    number: Number,
    template: TemplateId,
    *,
    by: By,
    reason: Annotated[str, typer.Option(help="Why; kept with the decision.")],
    on: On = None,
    home: Home = None,
) -> None:
    """End a customer's consent; no earlier form comes back into force."""
    config = chosen_config(home)
    open_home(config)
    from registry.book import withdraw as book_withdrawal

    book_withdrawal(number, template, on=on or office_today(config), reason=reason, by=by)
    say(f"customer {number}: {template} is withdrawn")


@booking_command
def configured(number: Number, template: TemplateId, *, by: By, on: On = None, home: Home = None) -> None:
    """Book that the tool was set up as the customer's form in force says."""
    config = chosen_config(home)
    open_home(config)
    from registry.book import record_configured

    record_configured(number, template, by=by, on=on or office_today(config))
    say(f"customer {number}: {template} is booked as set up")


@command
def export(
    *,
    format_: Annotated[Format, typer.Option("--format", help="The kind of file.")] = Format.CSV,
    template: Annotated[str | None, typer.Option(metavar="ID", help="Only this template. Default: all.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to. Default: standard output.")] = None,
    home: Home = None,
) -> None:
    """Write one row per customer and template: what is in force, since when, and by whose word."""
    config = chosen_config(home)
    if out is None and format_ is Format.XLSX and sys.stdout.isatty():
        raise WrongUse("a spreadsheet cannot be shown on a terminal", "name a file with --out")
    open_home(config)
    from registry.export import ExportFormat, write_export

    with TemporaryFile() as draft:  # an error leaves no half export behind
        write_export(draft, ExportFormat(format_.value), template)
        draft.seek(0)
        if out is None:
            shutil.copyfileobj(draft, sys.stdout.buffer)
        else:
            with out.open("wb") as file:
                shutil.copyfileobj(draft, file)
            complain(f"written to {out}")


def _show_customers(template: str | None) -> None:
    from registry.lookup import customers_status

    rows = (
        (
            line.number,
            line.company,
            f"{line.template}.v{line.version}",
            line.form_id,
            line.status.value,
            line.variant or "",
            f"{line.due_on:%d.%m.%Y}{' overdue' if line.overdue else ''}",
        )
        for line in customers_status(template)
    )
    show_table(("number", "company", "template", "form", "status", "variant", "due"), rows)


def _show_mails(*, set_aside: bool) -> None:
    from registry.mails import MailList, mails_of

    found = mails_of(MailList.ASIDE if set_aside else MailList.WAITING)
    rows = (
        (
            f"{mail.received_at:%d.%m.%Y}",
            mail.sender or mail.sender_name,
            mail.subject,
            mail.reason.value if mail.reason else "",
            " ".join(mail.mentions),
            mail.file_name,
        )
        for mail in found
    )
    show_table(("received", "from", "subject", "reason", "mentions", "file"), list(rows))


def _show_waiting(template: str | None, pictures: Path | None) -> None:
    from registry.waiting import returns_waiting

    waiting = [line for line in returns_waiting() if template in (None, line.template)]
    rows = [
        (
            str(line.return_id),
            line.number,
            line.company,
            f"{line.template}.v{line.version}",
            line.decision.value,
            line.variant or "",
            line.signature.value if line.signature else "",
            " ".join(line.reasons),
        )
        for line in waiting
    ]
    show_table(("return", "number", "company", "template", "decision", "variant", "signature", "reasons"), rows)
    if pictures is not None:
        _write_pictures([line.return_id for line in waiting], pictures)


def _write_pictures(return_ids: Sequence[int], folder: Path) -> None:
    from registry.evidence import evidence_of
    from ruecklauf.annotated import write_pictures

    evidence = evidence_of(return_ids)
    written = write_pictures(evidence, folder)
    complain(f"{len(written)} pictures written to {printable_name(str(folder))}")
    for item in evidence:
        if not item.pictures:
            complain(f"return {item.return_id} has no picture: its pages could not be located; look at the file itself")
