"""The demo: the whole circle on sample customers; the simulation makes the returns, all else is as in the office.

What is shown on the way is up to the caller; this module does the work and hands out what happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from intake.claims import Claims
from intake.mailbox import Mailbox, MailboxSettings
from intake.worker import ReadingPool
from registry.book import Confirmed, confirm
from registry.evidence import Evidence, evidence_of
from registry.export import ExportFormat, write_export
from registry.waiting import returns_waiting
from ruecklauf.annotated import write_pictures
from ruecklauf.booking import Handled
from ruecklauf.config import CLONE, Config
from ruecklauf.generating import GenerateOrder, generate
from ruecklauf.truth_check import Outcome, judge
from ruecklauf.watching import Watch
from simulation.returns import Arrival, PostedLetter, ReturnTruth

ACTOR = "demo"
TEMPLATE = CLONE / "templates" / "remote-support.v1.toml"
CUSTOMERS = Path(__file__).with_name("sample_customers.csv")
ISSUED_BEFORE = timedelta(days=28)
"""So long ago the letters were sent: the dates beside the signatures lie in between."""
LEFT_CLEAR = 4
"""So many clear returns wait on the review page to be confirmed there."""
_SETTLE_S = 0.4
"""The demo puts its files into the mailbox whole, so they need no long watching."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One return: what is true, and what was read."""

    arrival: Arrival
    true: ReturnTruth
    evidence: Evidence | None
    """None where the return was not found in its file."""
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that was read, against everything that is true."""

    returns: tuple[Compared, ...]
    misbooked: tuple[str, ...]
    """Names of files in which a return was found of a customer who has none there."""

    @property
    def all_right(self) -> bool:
        """Whether every return is either read rightly or left to a person."""
        return not self.misbooked and all(item.outcome is not Outcome.WRONG for item in self.returns)


@dataclass(frozen=True, slots=True)
class Written:
    """What the demo leaves to be looked at."""

    pictures: tuple[Path, ...]
    exports: tuple[Path, ...]


def issue_letters(config: Config, today: date, progress: Callable[[int, int], None]) -> list[PostedLetter]:
    """Issue the letter to the sample customers, dated four weeks back; raises what `generate` raises."""
    issued_on = today - ISSUED_BEFORE
    order = GenerateOrder(TEMPLATE, CUSTOMERS, config.forms, reissue=False, actor=ACTOR, today=issued_on)
    issued = generate(order, progress).issued
    return [PostedLetter(letter.number, letter.path.read_bytes(), issued_on) for letter in issued]


def deliver(arrivals: Iterable[Arrival], mailbox: Path) -> None:
    """Put files into the mailbox as a careful program does: under a temporary name, then renamed."""
    for arrival in arrivals:
        draft = mailbox / f".{arrival.file_name}.part"
        draft.write_bytes(arrival.data)
        draft.rename(mailbox / arrival.file_name)


def take_in(config: Config, pool: ReadingPool, today: date, report: Callable[[Handled], None]) -> None:
    """Let the watcher take in what lies in the mailbox; raises what `Watch.run` raises."""
    mailbox = Mailbox(config.mailbox, MailboxSettings(settle_s=_SETTLE_S, rescan_s=_SETTLE_S, polling=True))
    limit = config.file_limit_mb << 20
    with Claims(config.claims) as claims:
        Watch(mailbox, claims, pool, max_file_bytes=limit, today=lambda: today, report=report).run_once()


def confirm_clear() -> tuple[Confirmed, ...]:
    """Confirm, in the demo's name, returns that nothing speaks against; a few are left for whoever looks."""
    clear = [waiting.return_id for waiting in returns_waiting() if waiting.clear or waiting.blind][:-LEFT_CLEAR]
    return confirm(clear, by=ACTOR, at=datetime.now(UTC)) if clear else ()


def compare(arrivals: Sequence[Arrival], results: Sequence[Handled]) -> Comparison:
    """Compare every return that was sent with what was booked of it; a file that got lost is wrong.

    A return whose pages could not be recognised counts as left to a person.
    """
    booked = {result.booked.sha256: result.booked.returns for result in results if result.booked}
    evidence = {item.return_id: item for item in evidence_of(each.return_id for row in booked.values() for each in row)}
    compared, misbooked = [], []
    for arrival in arrivals:
        returns = booked.get(hashlib.sha256(arrival.data).hexdigest())
        found = {each.customer: evidence[each.return_id] for each in returns or ()}
        for true in arrival.returns:
            own = found.pop(true.key, None)
            compared.append(Compared(arrival, true, own, _outcome(true, own, lost=returns is None)))
        misbooked += [arrival.file_name] if found else []
    return Comparison(tuple(compared), tuple(misbooked))


def write_results(config: Config, comparison: Comparison) -> Written:
    """Write the annotated pictures and the export into the home; raises `OSError`."""
    evidence = [item.evidence for item in comparison.returns if item.evidence is not None]
    pictures = write_pictures(evidence, config.home / "pictures")
    exports = []
    for kind in (ExportFormat.CSV, ExportFormat.XLSX):
        path = config.home / f"export.{kind}"
        with path.open("wb") as file:
            write_export(file, kind)
        exports.append(path)
    return Written(pictures, tuple(exports))


def _outcome(true: ReturnTruth, found: Evidence | None, *, lost: bool) -> Outcome:
    if found is None:
        return Outcome.WRONG if lost else Outcome.FLAGGED
    outcome = judge(true.truth, found.reading, found.verdict)
    pages = {page.page for page in found.reading.pages}
    return Outcome.WRONG if outcome is Outcome.RIGHT and pages != set(true.pages) else outcome
