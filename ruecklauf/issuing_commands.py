"""Commands about what goes out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.file_names import printable_name
from ruecklauf.cli_app import (
    EXIT_SOME_FAILED,
    Home,
    booking_command,
    chosen_config,
    complain,
    current_user,
    office_today,
    parse_day,
    progress_bar,
    say,
)
from ruecklauf.config import TEMPLATES
from ruecklauf.open_home import open_home

if TYPE_CHECKING:
    from ruecklauf.generating import Generated


@booking_command
def generate(
    template: Annotated[
        str, typer.Argument(help="A template: its id (remote-support), with version (remote-support.v1), or its file.")
    ],
    *,
    customers: Annotated[Path, typer.Option(help="The customer list, CSV or XLSX.")],
    out: Annotated[Path | None, typer.Option(help="Where the PDFs go. Default: forms/ in the home.")] = None,
    reissue: Annotated[
        bool, typer.Option("--reissue", help="Also to customers who have an open form; it is superseded.")
    ] = False,
    home: Home = None,
) -> None:
    """Write one letter per customer and book each as issued.

    Customers who have an open form are skipped, rows that cannot be used are listed; all others get their letter.
    """
    config = chosen_config(home)
    from forms.load_template import find_template

    template_file = find_template(template, TEMPLATES)
    open_home(config)
    from ruecklauf.generating import GenerateOrder
    from ruecklauf.generating import generate as generate_forms

    order = GenerateOrder(
        template=template_file,
        customers=customers,
        folder=out or config.forms,
        reissue=reissue,
        actor=current_user(),
        today=office_today(config),
    )
    with progress_bar("Letters") as bar:
        generated = generate_forms(order, lambda done, total: bar.update(bar.task_ids[0], completed=done, total=total))
    _tell_generated(generated, order.folder)
    if generated.refused:
        raise typer.Exit(EXIT_SOME_FAILED)


def _tell_generated(generated: Generated, folder: Path) -> None:
    if generated.resumed_from is not None:
        complain(
            f"went on with the run of {generated.resumed_from:%d.%m.%Y}, which was stopped; its letters bear that date"
        )
    if generated.ignored_columns:
        complain(printable_name(f"columns not used: {', '.join(generated.ignored_columns)}"))
    for row in generated.refused:
        column = f", {row.column}" if row.column else ""
        complain(printable_name(f"refused: row {row.row}{column}: {row.value!r}: {row.reason}"))
    for skipped in generated.skipped:
        again = ", its missing file was written again" if skipped.written_again else ""
        complain(f"skipped: row {skipped.row}: customer {skipped.number} has the form {skipped.form_id} already{again}")
    parts = [f"{len(generated.issued)} letters issued"]
    parts += [f"{len(generated.skipped)} customers skipped"] if generated.skipped else []
    refused_rows = len({row.row for row in generated.refused})
    parts += [f"{refused_rows} rows refused"] if refused_rows else []
    say(f"{', '.join(parts)}; the files are in {printable_name(str(folder))}")


@booking_command
def sent(
    forms: Annotated[list[str], typer.Argument(metavar="FORM...", help="Form ids, as `ruecklauf status` shows them.")],
    *,
    channel: Annotated[str, typer.Option(help="How they were sent: post, e-mail, ...")],
    on: Annotated[date | None, typer.Option(metavar="DATE", parser=parse_day, help="When. Default: today.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who sent them. Default: you.")] = None,
    home: Home = None,
) -> None:
    """Book forms as sent: all of them or none."""
    config = chosen_config(home)
    open_home(config)
    from registry.book import record_sent

    record_sent(forms, on=on or office_today(config), channel=channel, actor=by or current_user())
    say(f"{len(set(forms))} forms booked as sent")
