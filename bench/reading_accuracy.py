"""Measure how often a reading is right: `python -m bench.reading_accuracy [--count N] [--channel NAME] [--jobs 2]`.

The same people, channels and judgement as `ruecklauf prove`, which spreads a count over everything; here every line of
the table gets so many returns: plain ones by every channel, all else by channels drawn at random. Every wrong reading
is named by a case that `--only CASE` repeats.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bench.sample_forms import TEMPLATE
from intake.results import ReturnReading
from intake.worker import WorkerLimits
from ruecklauf.proof_gallery import picture_of
from ruecklauf.proof_result import Became, ProofResult, rows_of
from ruecklauf.proving import Case, Proven, prove
from ruecklauf.sample_letters import issuer_of
from simulation.channels import PRESETS
from simulation.repertoire import PLAIN, REPERTOIRE, SPECIAL

_LIMITS = WorkerLimits(base_s=120.0, memory_bytes=2 << 30)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    options = _parser().parse_args(arguments)
    issuer = issuer_of(options.template)
    cases = [Case.named(options.only)] if options.only else _cases(options)
    result = ProofResult(issuer.letter, options.seed)
    for proven in prove(issuer, cases, _LIMITS, workers=options.jobs):
        result.add(proven)
        if proven.judged.fault is not None or options.only:
            _tell(proven)
        if options.keep is not None and (proven.judged.fault is not None or options.only):
            _keep(options.keep, proven)
    _print_table(result)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20, help="returns a line of the table")
    parser.add_argument("--first", type=int, default=0, help="number of the first case: another sample")
    parser.add_argument("--seed", type=int, default=1, help="other people and other pens altogether")
    parser.add_argument("--channel", choices=sorted(PRESETS), help="this channel only")
    parser.add_argument("--scenario", choices=sorted(REPERTOIRE), help="this scenario only")
    parser.add_argument("--template", type=Path, default=TEMPLATE, metavar="FILE")
    parser.add_argument("--only", metavar="CASE", help="one case, as a wrong reading is named")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="write the files of wrong readings, with pictures, there"
    )
    parser.add_argument("--jobs", type=int, default=2)
    return parser


def _cases(options: argparse.Namespace) -> Iterator[Case]:
    """Plain returns by every channel, then the special scenarios, each by a channel drawn for the case."""
    channels = [options.channel] if options.channel else sorted(PRESETS)
    numbers = range(options.first, options.first + options.count)
    if options.scenario in (None, PLAIN.name):
        yield from (Case(PLAIN.name, channel, number, options.seed) for channel in channels for number in numbers)
    for conduct in SPECIAL:
        if options.scenario in (None, conduct.name):
            for number in numbers:
                drawn = str(np.random.default_rng([options.seed, number]).choice(channels))
                yield Case(conduct.name, drawn, number, options.seed)


def _tell(proven: Proven) -> None:
    judged = proven.judged
    print(f"{judged.outcome} {proven.case}: {judged.decision} {', '.join(judged.reasons)}")
    print(f"      {judged.fault or 'nothing wrong'} | {proven.sent.traits}")
    for reading in proven.document.returns:
        print(f"      {_measures(reading)}", flush=True)


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


def _keep(folder: Path, proven: Proven) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = str(proven.case).replace(":", "_").replace(" ", "-")
    (folder / f"{name}.received").write_bytes(proven.sent.file)
    (folder / f"{name}.webp").write_bytes(picture_of(proven))


def _print_table(result: ProofResult) -> None:
    lines = [(f"plain, {name}", line) for name, line in sorted(result.by_channel.items())]
    lines += [(f"plain, all of {kind}", line) for kind, line in result.by_kind.items()]
    lines += [(name, line) for name, line in result.by_conduct.items() if name != PLAIN.name]
    print(f"\n{'':30}{'n':>6}{''.join(f'{what.value:>16}' for what in Became)}{'wrong, 95 %':>13}")
    for name, *cells, bound in rows_of([*lines, ("all", result.all)]):
        print(f"{name:30}{cells[0]:>6}{''.join(f'{cell:>16}' for cell in cells[1:])}{bound:>13}")
    print("\nwhy plain returns were not accepted: " + ", ".join(f"{r} {n}" for r, n in result.reasons.most_common(12)))


if __name__ == "__main__":
    main()
