"""Simulate returns once, and read them again after every change: `python -m bench.kept_returns make|read FOLDER`.

`make` keeps the returns that `ruecklauf prove --seed SEED` would send around, one file each, and goes on where it was
stopped. `read` reads them, prints the table of `prove` and names each return that is wrong; with `--outcomes` it writes
a line for each, with `--before` it names what became of a return otherwise than in such a file of an earlier state.
The folder is trusted: it holds pickled objects. A later version may not be able to read it.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from bench.sample_forms import TEMPLATE
from forms.durable_files import replace_file
from forms.issue_form import FormIssuer
from forms.issued_form import IssuedPdf
from intake.worker import ReadingPool, WorkerLimits
from ruecklauf.cli_app import show_table
from ruecklauf.proof_result import Became, ProofResult, became, rows_of
from ruecklauf.proving import Case, Proven, Sent, judge, planned_cases, prepare_to_simulate, simulate
from ruecklauf.sample_letters import TODAY, issue_sample, issuer_of, posted
from simulation.repertoire import PLAIN

_LIMITS = WorkerLimits(base_s=120.0, memory_bytes=2 << 30)
_ENDING = ".return"
Kept = tuple[Case, IssuedPdf, Sent]


def main(arguments: Sequence[str] | None = None) -> None:
    """Make or read."""
    options = _parser().parse_args(arguments)
    if options.what == "make":
        _make(options)
    else:
        _read(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("make", "read"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1, help="other people and other pens altogether")
    parser.add_argument("--count", type=int, default=300, help="returns in all; half of them are plain")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cases", default="", metavar="TEXT[,TEXT]", help="only cases whose name holds one of these")
    parser.add_argument("--outcomes", type=Path, metavar="FILE.jsonl", help="write what became of each there")
    parser.add_argument("--before", type=Path, metavar="FILE.jsonl", help="compare with such a file")
    return parser


def _make(options: argparse.Namespace) -> None:
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (case for case in planned_cases(options.count, options.seed) if _is_wanted(case, options.cases))
    missing = (case for case in wanted if not _path(folder, case).exists())
    with ProcessPoolExecutor(options.jobs, get_context("spawn"), prepare_to_simulate) as simulating:
        while batch := list(islice(missing, 8 * options.jobs)):
            list(simulating.map(_keep, [folder] * len(batch), batch))


@cache
def _issuer() -> FormIssuer:
    return issuer_of(TEMPLATE)


def kept_cases(folder: Path) -> list[Case]:
    """Name the returns that are kept in a folder, by number."""
    return sorted((Case.named(path.stem) for path in folder.glob(f"*{_ENDING}")), key=lambda case: case.number)


def kept_return(folder: Path, case: Case) -> Kept:
    """Give a return that is kept in a folder, with the form that it answers."""
    kept: Kept = pickle.loads(_path(folder, case).read_bytes())
    return kept


def _is_wanted(case: Case, texts: str) -> bool:
    return any(text in str(case) for text in texts.split(","))


def _path(folder: Path, case: Case) -> Path:
    return folder / f"{case}{_ENDING}"


def _keep(folder: Path, case: Case) -> None:
    issued = issue_sample(_issuer(), case.rng())
    kept: Kept = (case, issued, simulate(case, posted(issued)))
    replace_file(_path(folder, case), pickle.dumps(kept))


def _read(options: argparse.Namespace) -> None:
    result = ProofResult(_issuer().letter, options.seed)
    lines: dict[str, dict[str, object]] = {}
    for proven in _proven(options):
        result.add(proven)
        lines[str(proven.case)] = _line(proven)
        if became(proven) is Became.WRONG:
            print(f"WRONG {proven.case}: {proven.judged.fault}; {proven.judged.decision}", flush=True)
    if options.before is not None:
        _compare(options.before, lines)
    if options.outcomes is not None:
        text = "".join(json.dumps(lines[name]) + "\n" for name in sorted(lines))
        replace_file(options.outcomes, text.encode())
    rows = [(f"plain, {kind}", line) for kind, line in result.by_kind.items()]
    rows += [(name, line) for name, line in result.by_conduct.items() if name != PLAIN.name and line.returns]
    show_table(
        ("returns that were", "n", *(what.value for what in Became), "wrong, 95 %"),
        rows_of([*rows, ("to be seen", result.to_be_seen), ("all", result.all)]),
    )
    print(", ".join(f"{reason} {count}" for reason, count in result.reasons.most_common()))


def _proven(options: argparse.Namespace) -> Iterator[Proven]:
    under_way: dict[str, Kept] = {}

    def lookup(form_id: str) -> IssuedPdf | None:
        return under_way[form_id][1] if form_id in under_way else None

    def files() -> Iterator[tuple[str, bytes]]:
        chosen = (case for case in kept_cases(options.folder) if _is_wanted(case, options.cases))
        for kept in (kept_return(options.folder, case) for case in chosen):
            _, issued, sent = kept
            under_way[issued.form.form_id] = kept
            yield issued.form.form_id, sent.file

    pool = ReadingPool(lookup, lambda: TODAY, _LIMITS, size=options.jobs)
    for form_id, document in pool.read(files()):
        yield judge(*under_way.pop(form_id), document)


def _line(proven: Proven) -> dict[str, object]:
    judged = proven.judged
    return {
        "case": str(proven.case),
        "became": became(proven).value,
        "reasons": [reason.value for reason in judged.reasons],
        "standing": proven.standing.value,
        "mark": proven.sent.traits.mark,
        "pen": proven.sent.traits.pen,
        "signature": proven.sent.traits.signature,
    }


def _compare(before: Path, lines: dict[str, dict[str, object]]) -> None:
    for text in before.read_text("utf-8").splitlines():
        earlier = json.loads(text)
        now = lines.get(earlier["case"])
        if now is not None and (now["became"], now["reasons"]) != (earlier["became"], earlier["reasons"]):
            was, is_now = (f"{each['became']} {each['reasons']}" for each in (earlier, now))
            print(f"{earlier['case']}: was {was}, is {is_now}")


if __name__ == "__main__":
    main()
