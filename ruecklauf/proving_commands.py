"""The command that proves the reading on a template, before ten thousand of it are mailed."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from intake.file_names import printable_name
from ruecklauf.cli_app import (
    EXIT_INTERRUPTED,
    EXIT_SOME_FAILED,
    chosen_config,
    command,
    complain,
    progress_bar,
    say,
    show_table,
)
from ruecklauf.config import TEMPLATES, Config
from ruecklauf.intake_commands import limits_of

if TYPE_CHECKING:
    from forms.issue_form import FormIssuer
    from ruecklauf.proof_gallery import Gallery
    from ruecklauf.proof_result import ProofResult

COUNT = 300
SEED = 1


class _Stop:
    """Whether somebody asked for the end; the first Ctrl-C does, a second one ends the program at once."""

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def on_ctrl_c(self) -> Iterator[None]:
        """Listen for it inside."""
        before = signal.signal(signal.SIGINT, self._ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(number, signal.default_int_handler)


@command
def prove(
    template: Annotated[
        str, typer.Argument(help="A template: its id (remote-support), with version (remote-support.v1), or its file.")
    ],
    *,
    count: Annotated[int, typer.Option(min=1, help="Returns in all; half of them are plain.")] = COUNT,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page with plots and pictures there.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another number, other people and other pens.")] = SEED,
) -> None:
    """Measure how a template is read, on simulated returns, before it is mailed.

    Issues the form to made-up customers, fills it in as people do, sends it through printers, scanners, faxes and
    phones in software, and reads it. Books nothing and needs no home. Ctrl-C ends it with what was done by then.
    Exit code 1: a return was decided wrongly, and nobody was asked.
    """
    from forms.load_template import find_template
    from ruecklauf.proof_gallery import Gallery
    from ruecklauf.proof_result import ProofResult
    from ruecklauf.sample_letters import issuer_of

    if report is not None and (report.is_dir() or not report.resolve().parent.is_dir()):
        raise typer.BadParameter(f"{report} cannot be written: name a file in a folder that is there")
    config = chosen_config(None)
    issuer = issuer_of(find_template(template, TEMPLATES))
    result, gallery = ProofResult(issuer.letter, seed), Gallery()
    _run(issuer, config, count, result, gallery)
    _show(result)
    if report is not None:
        _write(report, result, gallery, datetime.now(ZoneInfo(config.time_zone)))
    if result.wrong:
        raise typer.Exit(EXIT_SOME_FAILED)
    if result.stopped_at is not None:
        raise typer.Exit(EXIT_INTERRUPTED)


def _run(issuer: FormIssuer, config: Config, count: int, result: ProofResult, gallery: Gallery) -> None:
    from ruecklauf.proving import SpeedSamples, planned_cases, prove

    limits, samples, stop = limits_of(config), SpeedSamples(), _Stop()
    cases = takewhile(lambda _: not stop.asked, planned_cases(count, result.seed))
    began_s = time.perf_counter()
    with stop.on_ctrl_c(), progress_bar("Returns") as bar:
        with closing(prove(issuer, cases, limits)) as returns:
            for proven in returns:
                result.add(proven)
                gallery.look_at(proven)
                samples.keep(proven)
                bar.update(bar.task_ids[0], completed=result.all.returns, total=count)
        result.seconds = time.perf_counter() - began_s
        if stop.asked:
            result.stopped_at = count
        else:
            result.speed = samples.measure(limits)


def _show(result: ProofResult) -> None:
    from ruecklauf.proof_result import Became, rows_of

    lines = [(f"plain, {kind}", line) for kind, line in result.by_kind.items()]
    lines += [(name, line) for name, line in result.by_conduct.items() if name != "plain"]
    columns = ("returns that were", "n", *(what.value for what in Became), "wrong, 95 %")
    show_table(columns, rows_of([*lines, ("all", result.all)]))
    for one in result.wrong:
        complain(f"WRONG {one.case}: {one.fault} ({one.decision}: {', '.join(one.reasons) or 'no reason'})")
    for check in result.hints:
        complain(
            f"layout: {check.place}, page {check.page}: {check.measure} is {check.measured_mm:.1f} mm,"
            f" at least {check.at_least_mm:.1f} mm is needed; otherwise {check.why}"
        )
    for remark in result.remarks:
        complain(f"layout: {remark.what}; {remark.why}: {remark.remedy}")
    if result.stopped_at is not None:
        complain(f"stopped after {result.all.returns} of {result.stopped_at} returns")
    wrong = f"{len(result.wrong)} wrong of {result.all.returns} (fewer than {result.all.wrong_below:.2%} at 95 %)"
    say(f"{wrong}; {result.plain.accepted_share:.1%} of {result.plain.returns} plain ones accepted")


def _write(path: Path, result: ProofResult, gallery: Gallery, made_at: datetime) -> None:
    from forms.durable_files import replace_file
    from ruecklauf.proof_report import write_report

    replace_file(path, write_report(result, gallery, made_at))
    say(f"the report is in {printable_name(str(path))}")
