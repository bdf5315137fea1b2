"""Measure how often a reading is right: `python -m bench.reading_accuracy [--count N] [--channel NAME] [--jobs 2]`.

Plain returns go through every channel, special behaviours through channels drawn at random. For each line of the table:
how many were accepted, called incomplete, sent to review or refused, and how many were *wrong and unflagged*, with the
95 % bound that so many of so many allow. Every failure is named by a case that `--only CASE` repeats.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np

from bench.behaviours import PLAIN, SPECIAL, MeasuredBehaviour, Standing
from bench.bounds import upper_bound_95
from bench.sample_forms import TODAY, issue_sample, posted
from intake.decision import DecisionContext, decide
from intake.read_document import read_document
from intake.results import Decision, DocumentReading, ReturnReading, Verdict
from simulation.channels import PRESETS
from simulation.issued_pdf import find_fields
from simulation.people import Behaviour, MarkTruth, Truth
from simulation.returns import Arrival, random_signatory, send

_BEHAVIOURS = {behaviour.name: behaviour for behaviour in (PLAIN, *SPECIAL)}
_NOT_OURS = "not recognised"


@dataclass(frozen=True, slots=True)
class Case:
    """One simulated return; the same case gives the same bytes."""

    behaviour: str
    channel: str
    index: int

    def __str__(self) -> str:
        return f"{self.behaviour}:{self.channel}:{self.index}"

    def rng(self) -> np.random.Generator:
        """Give the case's own source of chance."""
        return np.random.default_rng([crc32(self.behaviour.encode()), crc32(self.channel.encode()), self.index])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case."""

    case: Case
    decision: str
    reasons: tuple[str, ...]
    wrong: str
    """What is wrong and unflagged; empty where nothing is."""
    measures: str
    """The raw measures behind the reading, for whoever looks into a failure."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    options = _parser().parse_args(arguments)
    cases = [_parsed(options.only)] if options.only else list(_cases(options))
    outcomes = []
    with ProcessPoolExecutor(max_workers=options.jobs, initializer=_one_thread) as pool:
        for outcome in pool.map(_measured, cases, [options.keep] * len(cases), chunksize=4):
            outcomes.append(outcome)
            if outcome.wrong or options.only:
                print(f"{'WRONG' if outcome.wrong else 'case'} {outcome.case}: {outcome.decision} {outcome.reasons}")
                print(f"      {outcome.wrong or 'nothing wrong'} | {outcome.measures}", flush=True)
    _print_table(outcomes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20, help="returns a line of the table")
    parser.add_argument("--first", type=int, default=0, help="number of the first case: another sample")
    parser.add_argument("--channel", choices=sorted(PRESETS), help="this channel only")
    parser.add_argument("--behaviour", choices=sorted(_BEHAVIOURS), help="this behaviour only")
    parser.add_argument("--only", metavar="CASE", help="one case, as a failure names it")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write failing files and their pictures there")
    parser.add_argument("--jobs", type=int, default=2)
    return parser


def _cases(options: argparse.Namespace) -> Iterator[Case]:
    """Plain returns by every channel, then the special behaviours, each by a channel drawn for the case."""
    channels = [options.channel] if options.channel else sorted(PRESETS)
    numbers = range(options.first, options.first + options.count)
    for behaviour in (PLAIN, *SPECIAL):
        if options.behaviour and behaviour.name != options.behaviour:
            continue
        if behaviour is PLAIN:
            yield from (Case(behaviour.name, channel, index) for channel in channels for index in numbers)
        else:
            draws = [np.random.default_rng([crc32(behaviour.name.encode()), index]) for index in numbers]
            yield from (
                Case(behaviour.name, str(draw.choice(channels)), index)
                for draw, index in zip(draws, numbers, strict=True)
            )


def _parsed(text: str) -> Case:
    behaviour, channel, index = text.split(":")
    return Case(behaviour, channel, int(index))


def _one_thread() -> None:
    cv2.setNumThreads(1)


def _measured(case: Case, keep: Path | None) -> Outcome:
    rng = case.rng()
    issued = issue_sample(rng)
    letter = posted(issued)
    behaviour = _BEHAVIOURS[case.behaviour]
    acts = behaviour.acts(random_signatory(letter, rng), tuple(find_fields(issued.pdf).options), rng)
    arrival = send(case.behaviour, "", [letter], [Behaviour(acts)], PRESETS[case.channel], rng)
    document = read_document(arrival.data, {issued.form.form_id: issued}.get, TODAY)
    outcome = _judged(case, behaviour, arrival.returns[0].truth, document)
    if keep is not None and (outcome.wrong or outcome.decision == _NOT_OURS):
        _keep(keep, case, arrival, document)
    return outcome


def _judged(case: Case, behaviour: MeasuredBehaviour, truth: Truth, document: DocumentReading) -> Outcome:
    if len(document.returns) != 1:
        reasons = tuple(page.reason.value for page in document.unplaced) or (str(document.problem),)
        return Outcome(case, _NOT_OURS, reasons, "", "")
    reading = document.returns[0]
    verdict = decide(reading, DecisionContext(TODAY))
    reasons = tuple(reason.value for reason in verdict.reasons)
    wrong = _wrong(behaviour.standing, truth, reading, verdict)
    return Outcome(case, verdict.decision.value, reasons, wrong, _measures(reading))


def _wrong(standing: Standing, truth: Truth, reading: ReturnReading, verdict: Verdict) -> str:
    """Say what is wrong and unflagged: what would be believed without anybody having looked."""
    if verdict.decision is Decision.INCOMPLETE and standing is not Standing.LACKING:
        return "called incomplete although nothing is missing"
    if verdict.decision is not Decision.ACCEPT:
        return ""
    if standing is not Standing.COMPLETE:
        return f"accepted although it is {standing.value}"
    marked = [option for option, mark in truth.marks.items() if mark is MarkTruth.MARKED]
    value = None if reading.variant is None else reading.variant.value
    return "" if marked == [value] else f"accepted as {value} although {marked} is marked"


def _measures(reading: ReturnReading) -> str:
    parts = []
    if reading.variant is not None:
        parts += [f"{box.option}: {box.state} {box.inside} +{box.around_mm2} mm²" for box in reading.variant.options]
    if reading.signature is not None:
        signature = reading.signature
        parts.append(f"signature: {signature.state} {signature.ink_mm2} mm² {signature.extent_mm}")
        parts.append(f"printed {signature.printed_text!r}")
    parts += [f"{field.name}: {field.state} {field.ink_mm2} mm² {field.text!r}" for field in reading.fields]
    parts += [f"addition {tuple(item.box_mm)}" for item in reading.additions if not item.expected]
    parts += [f"{page.dpi} dpi, residual {page.residual_mm} mm" for page in reading.pages]
    return "; ".join(parts)


def _keep(folder: Path, case: Case, arrival: Arrival, document: DocumentReading) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = str(case).replace(":", "_").replace(" ", "-")
    (folder / f"{name}{Path(arrival.file_name).suffix}").write_bytes(arrival.data)
    for reading in document.returns:
        for page in reading.pages:
            if page.picture_png:
                (folder / f"{name}.page{page.page}.png").write_bytes(page.picture_png)


def _print_table(outcomes: Sequence[Outcome]) -> None:
    lines: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        case = outcome.case
        name = f"plain, {case.channel}" if case.behaviour == PLAIN.name else case.behaviour
        lines.setdefault(name, []).append(outcome)
    lines["all"] = list(outcomes)
    print(f"\n{'':28}{'n':>5}{'accept':>8}{'incompl.':>9}{'review':>8}{'refused':>8}{'WRONG':>7}{'95 %':>8}  reasons")
    for name, line in lines.items():
        decisions = Counter(outcome.decision for outcome in line)
        wrong = sum(bool(outcome.wrong) for outcome in line)
        counts = "".join(
            f"{decisions[key]:>{width}}" for key, width in (("accept", 8), ("incomplete", 9), ("review", 8))
        )
        refused = decisions[_NOT_OURS]
        bound = upper_bound_95(wrong, len(line))
        print(f"{name:28}{len(line):>5}{counts}{refused:>8}{wrong:>7}{f'< {bound:.1%}':>8}  {_reasons(line)}")


def _reasons(line: Sequence[Outcome]) -> str:
    counted = Counter(reason for outcome in line if outcome.decision != "accept" for reason in outcome.reasons)
    return ", ".join(f"{reason} {count}" for reason, count in counted.most_common(6))


if __name__ == "__main__":
    main()
