"""Measure issuing: `python -m bench.issuing_speed [--letters N] [--rounds N] [--customers N ...] [--folder DIR]`.

In turn, on one core: the letter laid out in full with Platypus, our PDF the plain way and the fast way, the bytes of
the fast way merely written durably to files (each by itself, and a hundred together), and the whole of `generate` in a
fresh home, archived and booked. Medians of wall time a letter, as waiting for the disk counts, with the processor time
beside them. Then, a process each, the peak memory of `generate` for lists of several lengths.

Times are this machine's and its disk's (that of the folder), and the disk must be left alone meanwhile: every fsync
also waits for what other programs write. Making files is slow for minutes where very many were deleted (ext4).
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from bench.platypus_letters import PlatypusLetters
from bench.sample_forms import ISSUED_ON, TEMPLATE, sample_customer
from forms.durable_files import NewFile, write_new_files
from forms.issue_form import FormIssuer
from forms.issued_form import Customer, IssuedPdf, form_to_json
from forms.lay_out import lay_out
from forms.load_template import load_template
from forms.page_code import new_form_id
from forms.stamp import stamp
from ruecklauf.config import CLONE, load_config
from ruecklauf.open_home import open_home

WRITTEN_TOGETHER = 100
LISTS = (100, 1_000, 20_000)
AT_LEAST_AGAINST_PLATYPUS, AT_MOST_AGAINST_FILES = 10, 6
"""What is asked of the whole of `generate`."""
_PLATYPUS, _PLATYPUS_FIELDS = "Platypus, without fields", "Platypus, with fields"
_PLAIN, _FAST = "ours, the plain way", "ours, the fast way"
_FILES, _FILES_TOGETHER = "bytes to files, durably", "… a hundred together"
_WHOLE = "generate, all of it"


@dataclass(frozen=True, slots=True)
class Timing:
    """What one letter took, in seconds."""

    wall_s: float
    processor_s: float


class Bench:
    """The ways to measure, each for a number of letters; what is made once a run is made beforehand."""

    def __init__(self, folder: Path) -> None:
        loaded = load_template(TEMPLATE)
        self._folder = folder
        self._issuer = FormIssuer(lay_out(loaded.template, loaded.sha256), loaded.template)
        self._bare = PlatypusLetters(loaded.template, with_fields=False)
        self._with_fields = PlatypusLetters(loaded.template, with_fields=True)

    def ways(self, customers: Sequence[Customer], name: str) -> dict[str, Callable[[], object]]:
        """Each way as something to be called that makes a letter for every customer; `name` names its folders."""
        letters = self.issue(customers)
        files, together = (self._folder / kind / name for kind in ("files", "together"))
        for folder in (files, together):
            folder.mkdir(parents=True)
        customer_list = write_list(self._folder / f"{name}.csv", customers)
        return {
            _PLATYPUS_FIELDS: lambda: self._lay_out(self._with_fields, customers),
            _PLATYPUS: lambda: self._lay_out(self._bare, customers),
            _PLAIN: lambda: [self._plainly(letter) for letter in letters],
            _FAST: lambda: [form_to_json(letter.form) for letter in self.issue(customers)],
            _FILES: lambda: write_durably(letters, files, 1),
            _FILES_TOGETHER: lambda: write_durably(letters, together, WRITTEN_TOGETHER),
            _WHOLE: lambda: generate_letters(customer_list, self._folder / "letters" / name),
        }

    def issue(self, customers: Sequence[Customer]) -> list[IssuedPdf]:
        """Issue a letter to each customer."""
        return [self._issuer.issue(customer, issued_on=ISSUED_ON) for customer in customers]

    def _plainly(self, letter: IssuedPdf) -> bytes:
        return stamp(self._issuer.static_pdf, letter.letter.pages, letter.form.pages)

    @staticmethod
    def _lay_out(platypus: PlatypusLetters, customers: Sequence[Customer]) -> list[bytes]:
        return [platypus.make(customer, new_form_id(), ISSUED_ON) for customer in customers]

    def sizes(self, customer: Customer) -> dict[str, int]:
        """Bytes of a letter, by how it was made."""
        (letter,) = self.issue([customer])
        (bare,), (with_fields,) = (self._lay_out(each, [customer]) for each in (self._bare, self._with_fields))
        plain = self._plainly(letter)
        return {_PLATYPUS_FIELDS: len(with_fields), _PLATYPUS: len(bare), _PLAIN: len(plain), _FAST: len(letter.pdf)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.peak_of is not None:
        _issue_and_tell_peak(options.folder, options.peak_of)
        return
    with TemporaryDirectory(dir=options.folder) as folder:
        timings = measure(Path(folder), options.letters, options.rounds)
        _print_timings(timings, Bench(Path(folder)).sizes(sample_customer(np.random.default_rng(0))))
    print(f"\n{'customers':>12}{'peak memory of generate, MB':>30}")
    for count in options.customers:
        with TemporaryDirectory(dir=options.folder) as folder:
            print(f"{count:>12,}{_peak_mb(Path(folder), count):>30.0f}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=500, help="letters a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--customers", type=int, nargs="*", default=LISTS, help="lengths of the lists for peak memory")
    parser.add_argument("--folder", type=Path, default=CLONE / "output", help="whose disk is written to")
    parser.add_argument("--peak-of", type=int, help=argparse.SUPPRESS)
    return parser


def measure(folder: Path, letters: int, rounds: int) -> dict[str, Timing]:
    """Time every way in turn, round by round: whatever slows the machine slows all of them. Gives the medians."""
    open_home(load_config(folder / "home"))
    bench = Bench(folder)
    taken: dict[str, list[Timing]] = {}
    for count, name in [(WRITTEN_TOGETHER, "warm-up"), *((letters, f"round-{index}") for index in range(rounds))]:
        customers = sample_customers(count, name)
        for way, step in bench.ways(customers, name).items():
            timing = _timed(step, count)
            if name != "warm-up":
                taken.setdefault(way, []).append(timing)
    return {
        way: Timing(median(each.wall_s for each in timings), median(each.processor_s for each in timings))
        for way, timings in taken.items()
    }


def sample_customers(count: int, name: str) -> list[Customer]:
    """Make up customers, others for every name, each with a number of its own."""
    rng = np.random.default_rng(list(name.encode()))
    return [sample_customer(rng, f"{name}-{index}") for index in range(count)]


def write_list(path: Path, customers: Sequence[Customer]) -> Path:
    """Write a customer list as CSV."""
    columns = list(Customer.__slots__)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(columns)
        writer.writerows([getattr(customer, column) for column in columns] for customer in customers)
    return path


def generate_letters(customer_list: Path, folder: Path) -> int:
    """Run the whole of `generate` in the home that is open; return how many letters it issued."""
    from ruecklauf.generating import GenerateOrder, generate

    order = GenerateOrder(
        template=TEMPLATE, customers=customer_list, folder=folder, reissue=False, actor="bench", today=ISSUED_ON
    )
    return len(generate(order, lambda _done, _total: None).issued)


def write_durably(letters: Sequence[IssuedPdf], folder: Path, together: int) -> None:
    """Write each PDF once: its bytes to the disk, its name, the folder; so many of them in one step."""
    for start in range(0, len(letters), together):
        some = letters[start : start + together]
        write_new_files([NewFile(folder / f"{letter.form.form_id}.pdf", letter.pdf) for letter in some])


def _timed(step: Callable[[], object], letters: int) -> Timing:
    wall_s, processor_s = time.perf_counter(), time.process_time()
    step()
    return Timing((time.perf_counter() - wall_s) / letters, (time.process_time() - processor_s) / letters)


def _print_timings(timings: dict[str, Timing], sizes: dict[str, int]) -> None:
    print(f"{'':26}{'wall, ms':>10}{'CPU, ms':>10}{'letters/s':>11}{'bytes':>9}")
    for way, timing in timings.items():
        size = f"{sizes[way]:>9,}" if way in sizes else ""
        print(
            f"{way:26}{1000 * timing.wall_s:>10.2f}{1000 * timing.processor_s:>10.2f}{1 / timing.wall_s:>11.0f}{size}"
        )
    whole_s = timings[_WHOLE].wall_s
    against = {way: timings[way].wall_s / whole_s for way in (_PLATYPUS_FIELDS, _PLATYPUS)}
    print()
    for way, ratio in against.items():
        print(f"generate against {way}: {ratio:.1f} times as many letters (asked: {AT_LEAST_AGAINST_PLATYPUS})")
    for way, asked in ((_FILES, f" (asked: at most {AT_MOST_AGAINST_FILES})"), (_FILES_TOGETHER, "")):
        print(f"generate against {way}: {whole_s / timings[way].wall_s:.1f} times as long{asked}")


def _peak_mb(folder: Path, count: int) -> float:
    command = [sys.executable, "-m", "bench.issuing_speed", "--folder", str(folder), "--peak-of", str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def _issue_and_tell_peak(folder: Path, count: int) -> None:
    open_home(load_config(folder / "home"))
    customer_list = write_list(folder / "customers.csv", sample_customers(count, "list"))
    issued = generate_letters(customer_list, folder / "letters")
    assert issued == count
    print(_own_peak_mb())


def _own_peak_mb() -> float:
    # Not getrusage: its peak is handed on from the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak_kb,) = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    return peak_kb / 1024


if __name__ == "__main__":
    main()
