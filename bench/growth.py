"""Measure what the book costs as it grows: `python -m bench.growth [--sizes 100,1000,10000,100000] [--home DIR]`.

One home grows from size to size, with as many forms issued as returns (`bench.sample_book`), and at each size every
operation is measured in a process of its own: processor time for each item, and the process's peak memory. Ratios hold
elsewhere, times do not. `--home` keeps what was made; a home of a past run is grown on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.apps import apps

from forms.issued_form import IssuedPdf
from intake.results import Decision, DocumentReading, Verdict
from ruecklauf.config import HOME_VARIABLE, load_config
from ruecklauf.open_registry import open_registry

_SIZES = "100,1000,10000,100000"
_TABLES = {
    "item_us": "processor time for one item, in microseconds",
    "peak_mb": "peak memory of the process, in MB",
}
Cost = dict[str, float]
"""What an operation took at one size, by table."""
_BEYOND = 500_000
"""Index of the first form that only measuring adds."""
_WARM_UP = 5
_SINGLE_STEPS = 40
"""How often a step on one item is taken."""
_AT_LEAST_S = 0.5
"""A whole operation is repeated until it took this long."""
_LONG_S = 3.0
"""After this, what loading and compiling took does not matter."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    if options.operation:
        open_registry(load_config())
        print(json.dumps(_OPERATIONS[options.operation]()))
        return
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder)
        costs = {size: _at(size, home) for size in options.sizes}
    for column, title in _TABLES.items():
        _print_table(title, {size: {name: cost[column] for name, cost in at.items()} for size, at in costs.items()})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")], default=_SIZES)
    parser.add_argument("--home", type=Path, help="where the book is kept; default: a temporary folder")
    parser.add_argument("--operation", help=argparse.SUPPRESS)
    return parser


def _at(size: int, home: Path) -> dict[str, Cost]:
    """Grow the book to a size and measure every operation there."""
    began_s = time.perf_counter()
    _in_own_process("grow", home, size)
    print(f"{size} forms and returns after {time.perf_counter() - began_s:.0f} s", file=sys.stderr)
    return {name: _in_own_process(name, home, size) for name in _OPERATIONS if name != "grow"}


def _in_own_process(operation: str, home: Path, size: int) -> Cost:
    environment = {**os.environ, HOME_VARIABLE: str(home), "BENCH_SIZE": str(size)}
    command = [sys.executable, "-m", "bench.growth", "--operation", operation]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    result: Cost = json.loads(done.stdout)
    return result


def _grow() -> Cost:
    from bench.sample_book import grow_to
    from registry.invariants import violations

    grow_to(int(os.environ["BENCH_SIZE"]))
    for violation in violations():
        raise SystemExit(f"the book is not sound: {violation}")
    return {}


def _whole(run: Callable[[], int]) -> Callable[[], Cost]:
    """Measure an operation over the whole book, which says how many items it came to."""

    def measure() -> Cost:
        began_s = time.process_time()
        items = run()
        taken_s, peak_mb, rounds = time.process_time() - began_s, _peak_mb(), 1
        if taken_s < _LONG_S:  # the first run loads and compiles, too: it does not count
            began_s, taken_s, rounds = time.process_time(), 0.0, 0
        while taken_s < _AT_LEAST_S:
            run()
            taken_s, rounds = time.process_time() - began_s, rounds + 1
        return {"item_us": 1e6 * taken_s / rounds / items, "peak_mb": peak_mb}

    return measure


def _single(steps: Callable[[], Iterator[Callable[[], object]]]) -> Callable[[], Cost]:
    """Measure steps on one item each, in the book as it is; the first few only warm up."""

    def measure() -> Cost:
        taken_s = []
        for step in steps():
            began_s = time.process_time()
            step()
            taken_s.append(time.process_time() - began_s)
        measured = sorted(taken_s[_WARM_UP:])
        return {"item_us": 1e6 * measured[len(measured) // 2], "peak_mb": _peak_mb()}

    return measure


def _peak_mb() -> float:
    # Not getrusage: its peak is handed on from the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak_kb,) = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    return peak_kb / 1024


def _used_up(items: Iterable[object]) -> int:
    return sum(1 for _ in items)


def _status() -> int:
    from registry.lookup import customers_status

    return _used_up(customers_status())


def _status_of_template() -> int:
    from registry.lookup import customers_status

    return _used_up(customers_status("remote-support"))


def _waiting() -> int:
    from registry.waiting import returns_waiting

    returns_waiting()
    return _booked("return")


def _export(kind: str) -> int:
    from registry.export import ExportFormat, write_export

    with tempfile.TemporaryFile() as file:
        write_export(file, ExportFormat(kind))
    return _booked("customer")


def _violations() -> int:
    from registry.invariants import violations

    _used_up(violations())
    return _booked("issue")


def _in_the_way() -> int:
    from bench.sample_book import sample_issued, sample_number
    from registry.book import forms_in_the_way

    letter = sample_issued(0).letter
    numbers = [sample_number(index) for index in range(_booked("issue"))]
    return len(forms_in_the_way(numbers, letter.template, letter.version, reissue=False))


def _chain() -> int:
    from registry.events import verify_chain

    return verify_chain()


def _look_ups() -> Iterator[Callable[[], object]]:
    from registry.lookup import find_issued

    return (partial(find_issued, form_id) for form_id in _spread("issue", "form_id"))


def _known_files() -> Iterator[Callable[[], object]]:
    from registry.models import ReceivedFile

    return (ReceivedFile.objects.filter(sha256=sha256).exists for sha256 in _spread("receivedfile", "sha256"))


def _issues(together: int) -> Iterator[Callable[[], object]]:
    from bench.sample_book import ISSUED_AT, sample_issued
    from registry.book import BatchOrder, book_issues, open_batch

    letter = sample_issued(0).letter
    order = BatchOrder(letter.template, letter.version, letter.template_sha256, "0" * 64, reissue=False)
    batch = open_batch(order, today=ISSUED_AT.date())
    for _ in range(_SINGLE_STEPS):
        first = _BEYOND + _booked("issue")
        letters = [sample_issued(first + more) for more in range(together)]
        yield partial(book_issues, letters, batch, actor="bench", at=ISSUED_AT)
        if _booked("issue") != first - _BEYOND + together:
            raise SystemExit("not all letters were booked: forms stood in the way")


def _returns() -> Iterator[Callable[[], object]]:
    from bench.sample_book import RECEIVED_AT, sample_reading
    from registry.book import ReceivedBytes, book_document
    from registry.lookup import find_issued

    for form_id in _spread("issue", "form_id"):
        issued = find_issued(form_id)
        assert isinstance(issued, IssuedPdf)
        data = f"%PDF another scan of {form_id} {_booked('receivedfile')}".encode()
        answer = sample_reading(issued)
        sha256 = hashlib.sha256(data).hexdigest()
        reading = DocumentReading(sha256, None, "", len(answer.pages), (answer,), ())
        received = ReceivedBytes(data, "SCN.pdf", "mailbox", RECEIVED_AT)
        yield partial(book_document, received, reading, lambda *_: Verdict(Decision.REVIEW, ()))


def _confirmations() -> Iterator[Callable[[], object]]:
    from bench.sample_book import CONFIRMED_AT
    from registry.book import confirm

    unconfirmed = _spread("return", "pk", decisions=None)
    return (partial(confirm, [answer], by="Petra", at=CONFIRMED_AT, variant="A", signed=True) for answer in unconfirmed)


def _spread(model: str, column: str, **only: object) -> list[Any]:
    """A column of some rows from all over the book, in no order."""
    rows = apps.get_model("registry", model).objects.filter(**only).order_by("pk").values_list(column, flat=True)
    step = max(1, rows.count() // _SINGLE_STEPS)
    chosen = list(rows[::step])[:_SINGLE_STEPS]
    random.Random(1).shuffle(chosen)
    return chosen


def _booked(model: str) -> int:
    count_: int = apps.get_model("registry", model).objects.count()
    return count_


_OPERATIONS: dict[str, Callable[[], Cost]] = {
    "grow": _grow,
    "status": _whole(_status),
    "status TEMPLATE": _whole(_status_of_template),
    "status --waiting": _whole(_waiting),
    "export, CSV": _whole(partial(_export, "csv")),
    "export, XLSX": _whole(partial(_export, "xlsx")),
    "export, JSON": _whole(partial(_export, "json")),
    "invariants": _whole(_violations),
    "chain of events": _whole(_chain),
    "who stands in the way": _whole(_in_the_way),
    "look-up by code": _single(_look_ups),
    "already received": _single(_known_files),
    "book an issue": _single(partial(_issues, 1)),
    "book 20 issues": _single(partial(_issues, 20)),
    "book a return": _single(_returns),
    "confirm": _single(_confirmations),
}


def _print_table(title: str, measured: Mapping[int, Mapping[str, float]]) -> None:
    sizes = sorted(measured)
    print(f"\n{title}\n{'':24}" + "".join(f"{size:>12,}" for size in sizes) + f"{'last ÷ first':>14}")
    for name in measured[sizes[0]]:
        values = [measured[size][name] for size in sizes]
        print(f"{name:24}" + "".join(f"{value:>12.0f}" for value in values) + f"{values[-1] / values[0]:>14.2f}")


if __name__ == "__main__":
    main()
