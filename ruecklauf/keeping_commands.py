"""Commands that keep what the program keeps: check it, save it, bring it back, and erase what has had its time."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress

from intake.file_names import printable_name
from intake.mailbox import make_mailbox
from ruecklauf.cli_app import (
    EXIT_SOME_FAILED,
    Home,
    chosen_config,
    command,
    complain,
    office_today,
    progress_bar,
    say,
    show_table,
)
from ruecklauf.errors import EXIT_SYSTEM_BROKEN, WrongUse
from ruecklauf.open_home import anchor_what_was_booked, keeping, open_existing_home, open_home
from ruecklauf.open_registry import open_registry
from ruecklauf.saved_settings import put_saved_settings_back, settings_to_save

if TYPE_CHECKING:
    from registry.erasing import Due
    from registry.findings import Finding
    from registry.verification import Verified

_HEAD = re.compile(r"([1-9][0-9]{0,18}):([0-9a-f]{64})")


def _parse_head(text: str) -> tuple[int, str]:
    matched = _HEAD.fullmatch(text)
    if matched is None:
        raise typer.BadParameter(f"{text!r} is no head; give it as `verify` or `backup` showed it: NUMBER:DIGEST")
    return int(matched[1]), matched[2]


@command
def verify(
    *,
    head: Annotated[
        tuple[int, str] | None,
        typer.Option(metavar="NUMBER:DIGEST", parser=_parse_head, help="A head that was written down earlier."),
    ] = None,
    home: Home = None,
) -> None:
    """Check that every event, row and archived file is there and unchanged, and that nothing else is.

    Changes nothing; others may go on working. Exit code 1 means that something is merely left over, 3 that something
    was lost or altered.
    """
    config = chosen_config(home)
    open_existing_home(config)
    with keeping(config, alone=False):
        _verify_and_tell(head)


@command
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; nothing may lie there yet.")],
    *,
    home: Home = None,
) -> None:
    """Save the registry and its archive, as they stand now, in one file; the watcher may go on working.

    The file is as confidential as the home itself. Keep it on another machine, and try now and then whether it can be
    restored. Exit code 3 means that something in the archive is damaged; all else is saved.
    """
    config = chosen_config(home)
    open_existing_home(config)
    from registry.backup import back_up

    with keeping(config, alone=False), progress_bar("Rows") as bar:
        saved = back_up(file, settings_to_save(config.home), _shown_on(bar))
    for finding in saved.damage:
        say(printable_name(str(finding)))
    say(f"{saved.events} events and {saved.files} archived files saved; head {saved.head or 'none'}")
    if saved.damage:
        raise typer.Exit(EXIT_SYSTEM_BROKEN)


@command
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `ruecklauf backup` made.")],
    *,
    home: Home = None,
) -> None:
    """Bring a backup back into a new home, which must be named with --home, and verify what came back."""
    chosen: Path | None = home or context.find_root().params.get("home")
    if chosen is None:
        raise WrongUse("no home is named to restore into", "name a new folder with --home")
    put_saved_settings_back(file, chosen_config(chosen).home)
    config = chosen_config(chosen)
    open_registry(config)
    from registry.restoring import restore as restore_everything

    with keeping(config, alone=True), progress_bar("Rows") as bar:
        restored = restore_everything(file, _shown_on(bar))
    make_mailbox(config.mailbox)
    for name in restored.not_restored:
        complain(f"{name} was damaged when the backup was made: it lies in the backup under damaged/")
    say(f"restored to how it stood at {restored.manifest.made_at}")
    complain(
        "What was erased after that is there again: run `ruecklauf erase`, and erase again what customers asked for."
    )
    _verify_and_tell()


@command
def erase(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Erase. Without this, only say what would be erased.")] = False,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="With --yes: the person who answers for this.")] = None,
    customer: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="All of this customer's at their request, but what is in force."),
    ] = None,
    home: Home = None,
) -> None:
    """Erase the contents of forms and received files that have been kept long enough; the events stay.

    Forms are kept as long as their template says after they ended, received files as long as a form in them is kept.
    There is no way back but a backup, and what lies in backups is not erased.
    """
    config = chosen_config(home)
    if yes and not by:
        raise WrongUse("nobody is named who answers for the erasure", "name the person, with --by")
    open_home(config)
    from registry.erasing import CopyFolders, ErasureOrder, what_is_due
    from registry.erasing import erase as erase_everything

    order = ErasureOrder(office_today(config), config.unplaced_retention_months, customer)
    if not yes or by is None:
        _tell_due(what_is_due(order))
        complain("Nothing was erased; add --yes --by NAME to do it.")
        return
    copies = CopyFolders(config.forms, (config.done, config.problems))
    with keeping(config, alone=True), progress_bar("Forms and files") as bar:
        due = erase_everything(order, copies, by=by, advance=lambda count: bar.advance(bar.task_ids[0], count))
    anchor_what_was_booked()
    _tell_due(due)
    say(f"{len(due.forms)} forms and {len(due.files)} received files erased")
    if due.in_force:
        raise typer.Exit(EXIT_SOME_FAILED)


def _tell_due(due: Due) -> None:
    rows = [
        (form.form_id, form.number, form.template, str(form.status), f"{form.counted_from:%d.%m.%Y}")
        for form in due.forms
    ]
    rows += [(sha256, "", "received file", "", "") for sha256 in due.files]
    show_table(("form or file", "number", "template", "status", "counted from"), rows)
    for file in due.kept_files:
        complain(f"received file {file.sha256} stays: it also holds pages of {', '.join(file.form_ids)}")
    for form_id in due.in_force:
        complain(f"the form {form_id} is in force and stays — withdraw it first")


def _verify_and_tell(head: tuple[int, str] | None = None) -> None:
    """Check everything, tell what was found, and end with the exit code that says so."""
    from registry.verification import verify as verify_everything

    damage: list[bool] = []

    def report(finding: Finding) -> None:
        damage.append(finding.is_damage)
        say(printable_name(str(finding)))

    with progress_bar("Events") as bar:
        checked = verify_everything(report, _shown_on(bar), head=head)
    _tell_verified(checked, len(damage))
    if damage:
        raise typer.Exit(EXIT_SYSTEM_BROKEN if any(damage) else EXIT_SOME_FAILED)


def _shown_on(bar: Progress) -> Callable[[str, int, int | None], None]:
    def show(step: str, done: int, total: int | None) -> None:
        bar.update(bar.task_ids[0], description=step, completed=done, total=total)

    return show


def _tell_verified(checked: Verified, findings: int) -> None:
    looked_at = (
        f"{checked.events} events, {checked.forms} forms, {checked.received} received files, "
        f"{checked.archived} archived files"
    )
    if checked.young:
        complain(f"{checked.young} archived files are younger than a minute and may be about to be booked: not judged")
    if findings:
        complain(f"{findings} findings in {looked_at}")
    else:
        say(f"all is well: {looked_at}; head {checked.head or 'none'}")
