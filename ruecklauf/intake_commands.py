"""Commands about what comes back."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intake.explanations import digital_in_words
from intake.file_names import printable_name
from intake.results import ReturnReading
from intake.stray_pages import Wordings
from intake.worker import READER, READER_WITHOUT_PICTURES, ReadingPool, WorkerLimits
from intake.worker_process import FormLookup
from ruecklauf.cli_app import (
    EXIT_SOME_FAILED,
    Home,
    booking_command,
    chosen_config,
    command,
    complain,
    current_user,
    office_today,
    progress_bar,
    say,
    show_table,
)
from ruecklauf.config import CONFIG_FILE, Config
from ruecklauf.imap_settings import imap_account
from ruecklauf.open_home import open_home
from ruecklauf.open_registry import registry_exists
from ruecklauf.trusted import trusted_certificates
from ruecklauf.watch_presence import watching
from ruecklauf.watch_screen import say_handled, watch_screen

if TYPE_CHECKING:
    from intake.imap_account import ImapAccount
    from intake.mailbox import MailboxSettings
    from intake.sources import Item, Source
    from ruecklauf.booking import Handled
    from ruecklauf.reading import ReadDocument, ReadFile
    from ruecklauf.watching import Watch


@booking_command
def watch(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Take in what lies in the mailbox, wait for files in the making, and end.")
    ] = False,
    imap: Annotated[
        bool, typer.Option("--imap", help="Take in from the mail account in ruecklauf.toml, not from the folder.")
    ] = False,
    home: Home = None,
) -> None:
    """Take in what arrives in the mailbox folder, or with --imap in a mail account, until Ctrl-C.

    A file that was read goes to done/, one that a person must deal with to problems/, with the reason in a text file
    beside it. Several watchers may share a mailbox; --once ends when all of them are done with what lies there.

    The account is set in the table "imap" of ruecklauf.toml: host, user, port, security ("tls" or "starttls"), folder,
    and done, problems, set_aside, the folders that its mails are moved to. The password stands in the file that
    password_file names, or in $RUECKLAUF_IMAP_PASSWORD. To watch both, start two watchers.
    """
    config = chosen_config(home)
    account = imap_account(config.imap, config.home / CONFIG_FILE) if imap else None
    open_home(config)
    _take_in(config, account, once=once)


@booking_command
def retry(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE]...", help="Files in problems/. Default: all that lie there.")
    ] = None,
    *,
    by: Annotated[str | None, typer.Option(help="Who wants it. Default: who is logged in.")] = None,
    home: Home = None,
) -> None:
    """Take in again what lies in problems/: files that were mended there, or what a newer program may read.

    They are put back into the mailbox, and what lies there is taken in as `watch --once` does it.
    """
    config = chosen_config(home)
    open_home(config)
    from ruecklauf.retrying import files_in_problems, named_in_problems, put_back_into_mailbox

    paths = named_in_problems(config.mailbox, names) if names else files_in_problems(config.mailbox)
    for path in put_back_into_mailbox(paths, config.mailbox, by=by or current_user()):
        say(f"again: {printable_name(path.name)}")
    _take_in(config, None, once=True)


def _take_in(config: Config, account: ImapAccount | None, *, once: bool) -> None:
    """Watch the mailbox, or the mail account, until Ctrl-C, or until what lies there is taken in."""
    from intake.claims import Claims
    from registry.lookup import find_issued
    from registry.wordings import known_wordings
    from ruecklauf.alarm import Alarm
    from ruecklauf.watching import Watch

    problems = 0
    watched = f"{account.folder} on {account.host}" if account else str(config.mailbox)
    title = f"Watching {printable_name(watched)}; end with Ctrl-C"
    seen = nullcontext() if account else watching(config)  # only the folder's watcher is asked for
    with seen, Claims(config.claims) as claims, watch_screen(title) as screen:

        def report(result: Handled) -> None:
            nonlocal problems
            problems += result.problem is not None
            screen.show(result)

        loop = Watch(
            _source(config, account),
            claims,
            reading_pool(config, find_issued, known_wordings),
            max_file_bytes=limits_of(config).max_file_bytes,
            today=lambda: office_today(config),
            report=report,
        )
        _stop_on_signals(loop)
        if once:
            loop.run_once()
        else:
            loop.run(Alarm(screen.show_trouble, screen.show_end_of_trouble))
    if once and problems:
        raise typer.Exit(EXIT_SOME_FAILED)


@booking_command
def ingest(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files that came back.")],
    *,
    home: Home = None,
) -> None:
    """Read files and book them; they stay where they are."""
    config = chosen_config(home)
    open_home(config)
    from registry.lookup import find_issued
    from registry.wordings import known_wordings
    from ruecklauf.ingesting import ingest as ingest_files

    problems = []

    def report(result: Handled) -> None:
        say_handled(result)
        if result.problem is not None:
            problems.append(result)

    ingest_files(
        files,
        reading_pool(config, find_issued, known_wordings),
        max_file_bytes=limits_of(config).max_file_bytes,
        today=lambda: office_today(config),
        report=report,
    )
    if problems:
        raise typer.Exit(EXIT_SOME_FAILED)


@command
def read(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Scans, photos, PDFs, or mails as .eml.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for other programs.")] = False,
    home: Home = None,
) -> None:
    """Read files without booking them, against the forms issued here."""
    config = chosen_config(home)
    from ruecklauf.reading import read_files

    pool = reading_pool(config, *_known_without_booking(config), pictures=False)
    limit = limits_of(config).max_file_bytes
    results = read_files(files, pool, max_file_bytes=limit, today=office_today(config))
    failed = False
    for read_file in _with_bar(results, len(files)):
        failed = failed or any(each.reading.problem is not None for each in read_file.documents)
        _show_read(read_file, json=json)
    if failed:
        raise typer.Exit(EXIT_SOME_FAILED)


def _source(config: Config, account: ImapAccount | None) -> Source[Any]:
    """The mail account, or else the mailbox folder."""
    if account is not None:
        from intake.imap_mailbox import ImapMailbox

        return ImapMailbox(account)
    from intake.mailbox import Mailbox

    return Mailbox(config.mailbox, mailbox_settings(config))


def mailbox_settings(config: Config) -> MailboxSettings:
    """How the mailbox is watched, by the configuration."""
    from intake.mailbox import MailboxSettings

    return MailboxSettings(config.settle_s, config.rescan_s, config.patience_s, config.polling)


def limits_of(config: Config) -> WorkerLimits:
    """What one document may cost, by the configuration."""
    return WorkerLimits(
        base_s=config.worker_time_s,
        memory_bytes=config.worker_memory_mb << 20,
        max_file_bytes=config.file_limit_mb << 20,
    )


def reading_pool(config: Config, lookup: FormLookup, wordings: Wordings, *, pictures: bool = True) -> ReadingPool:
    """Make the pool of workers that the configuration asks for; with or without pictures for people to look at."""
    return ReadingPool(
        lookup,
        lambda: office_today(config),
        limits_of(config),
        reader=READER if pictures else READER_WITHOUT_PICTURES,
        wordings=wordings,
        trusted=trusted_certificates(config),
    )


def _known_without_booking(config: Config) -> tuple[FormLookup, Wordings]:
    """Look forms up in the home's registry; a home that has none knows no form, and gets no registry by reading."""
    if not registry_exists(config):
        return (lambda _form_id: None), tuple
    open_home(config)
    from registry.lookup import find_issued
    from registry.wordings import known_wordings

    return find_issued, known_wordings


def _with_bar(results: Iterator[ReadFile], total: int) -> Iterator[ReadFile]:
    """Pass results on as they come; on a terminal show a bar first, since a bar and results do not share a screen."""
    if not sys.stdout.isatty():
        yield from results
        return
    done = []
    with progress_bar("Files") as bar:
        for result in results:
            done.append(result)
            bar.update(bar.task_ids[0], completed=len(done), total=total)
    yield from done


def _show_read(read_file: ReadFile, *, json: bool) -> None:
    for each in read_file.documents:
        if each.reading.problem is not None:
            complain(f"{_name(read_file, each)}: {each.reading.problem.value}: {each.reading.detail}")
    if json:
        for line in read_file.json_lines():
            typer.echo(line.encode("utf-8"))
        sys.stdout.flush()
        return
    for each in read_file.documents:
        say(_name(read_file, each))
        show_table(("pages", "customer", "form", "decision", "variant", "signature", "reasons"), _rows(each))


def _name(read_file: ReadFile, document: ReadDocument) -> str:
    part = f": {document.part}" if document.part is not None else ""
    return printable_name(f"{read_file.path}{part}")


def _rows(document: ReadDocument) -> Sequence[Sequence[str]]:
    rows = [
        (
            ", ".join(str(page.page) for page in item.pages),
            item.customer,
            item.form_id,
            verdict.decision.value,
            (item.variant.value or item.variant.state.value) if item.variant else "",
            _signature(item),
            " ".join(verdict.reasons),
        )
        for item, verdict in zip(document.reading.returns, document.verdicts, strict=True)
    ]
    rows += [(str(page.page), "", "", "reject", "", "", page.reason.value) for page in document.reading.unplaced]
    return rows


def _signature(item: ReturnReading) -> str:
    """What the signature field shows, and what the file's digital signatures are worth."""
    shown = [item.signature.state.value] if item.signature else []
    return "; ".join([*shown, *map(digital_in_words, item.digital_signatures)])


def _stop_on_signals(loop: Watch[Item]) -> None:
    """Let the first signal end the loop politely; a second one ends the program at once."""

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        loop.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
