"""Fit and check the confidence of readings: `python -m bench.calibration [--count N] [--seed N] [--fit] [--kept DIR]`.

Without --fit, simulated returns are read as always, and of all readings given about the same confidence it is counted
how many were right: the curve should follow the diagonal, and of those given 0.99 at most 1 in 100 may be wrong.
With --fit, the curves in intake/calibration.py are fitted anew and printed, ready to be put there; use other seeds for
fitting than for checking. With --kept, returns are taken from a folder that `bench.kept_returns` made; --below and
--from choose by their number those for fitting and those for checking.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, pairwise
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from bench.kept_returns import kept_cases, kept_return
from bench.sample_forms import TEMPLATE, TODAY
from forms.issued_form import IssuedPdf
from forms.plain_text import plain
from intake.calibration import log_ink
from intake.checkbox import mark_area, measure_checkbox
from intake.on_screen import OnScreenValues
from intake.opening import open_document
from intake.plausibility import parse_date
from intake.read_page import FormPage, PageContents, read_page, with_pictures
from intake.read_return import pictures_of, read_return
from intake.results import FieldReading, FieldState, ReturnReading, SignatureState, VariantState
from intake.sheet import Sheet
from intake.text_recognition import Word, recognise
from ruecklauf.proving import Case, Sent, planned_cases, simulate
from ruecklauf.sample_letters import issue_sample, issuer_of, posted
from simulation.channels import PRESETS
from simulation.people import MarkTruth, Truth

_Z = 1.645
"""Of the normal distribution, for 90 %."""
_RARE = ("unsigned", "field empty")
_BANDS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01)


@dataclass(frozen=True, slots=True)
class Sample:
    """A raw measure with the truth that a curve is to tell, or a confidence that was given and whether it was right."""

    curve: str
    value: float
    is_true: bool
    case: str


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and print the curves, or check the confidence that readings are given."""
    options = _parser().parse_args(arguments)
    cases = _kept(options) if options.kept is not None else list(planned_cases(options.count, options.seed))
    if options.fit and options.kept is None:
        cases += more_of_what_is_rare(options.count, options.seed)
    with ProcessPoolExecutor(options.jobs, get_context("spawn"), cv2.setNumThreads, (1,)) as pool:
        asked = partial(raw_samples if options.fit else given, kept=options.kept)
        samples = list(chain.from_iterable(pool.map(asked, cases)))
    if options.csv is not None:
        rows = [f"{sample.curve},{sample.value!r},{sample.is_true:d},{sample.case}\n" for sample in samples]
        options.csv.write_text("".join(["curve,value,is_true,case\n", *rows]), encoding="utf-8")
    by_curve: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_curve[sample.curve].append(sample)
    for name in sorted(by_curve):
        _print_fit(name, by_curve[name]) if options.fit else _print_check(name, by_curve[name])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300, help="simulated returns, half of them plain")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fit", action="store_true", help="fit the curves and print them")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write every single sample there")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--kept", type=Path, metavar="DIR", help="read returns that were kept there")
    parser.add_argument("--from", type=int, default=0, dest="least", metavar="N", help="of those, from this number on")
    parser.add_argument("--below", type=int, default=1 << 30, metavar="N", help="of those, below this number")
    return parser


def _kept(options: argparse.Namespace) -> list[Case]:
    """The kept returns of the numbers asked for, at most --count of them, spread evenly."""
    chosen = [case for case in kept_cases(options.kept) if options.least <= case.number < options.below]
    return chosen[:: max(1, len(chosen) // options.count)]


def more_of_what_is_rare(count: int, seed: int) -> list[Case]:
    """Returns without a signature or with an empty field: too few of the planned ones have what these curves tell."""
    channels = sorted(PRESETS)
    return [
        Case(conduct, channels[number % len(channels)], number, seed)
        for conduct in _RARE
        for number in range(count // 3)
    ]


@dataclass(frozen=True, slots=True)
class _Read:
    """One simulated return, measured and read."""

    sheet: Sheet
    contents: PageContents
    words: list[tuple[Word, ...]]
    reading: ReturnReading
    truth: Truth


def _sent(case: Case, kept: Path | None) -> tuple[IssuedPdf, Sent]:
    """Simulate a return, or take it from those that were kept."""
    if kept is not None:
        _, issued, sent = kept_return(kept, case)
        return issued, sent
    issued = issue_sample(issuer_of(TEMPLATE), case.rng())
    return issued, simulate(case, posted(issued))


def _read(case: Case, kept: Path | None) -> _Read | None:
    """Read a return's page; None where it was not recognised or not located."""
    issued, sent = _sent(case, kept)
    with open_document(sent.file) as pages:
        page = read_page(pages.picture(0), 1, OnScreenValues(), {issued.form.form_id: issued}.get)
    if not isinstance(page, FormPage) or page.sheet is None:
        return None
    pictured = with_pictures(page, shown=False)
    if pictured.contents is None:
        return None
    words = recognise(pictures_of([pictured]))
    reading = read_return([pictured], words, TODAY, stray=False)
    return _Read(page.sheet, pictured.contents, words, reading, sent.truth)


def raw_samples(case: Case, kept: Path | None = None) -> list[Sample]:
    """Raw measures of a simulated return, each with what is true."""
    read = _read(case, kept)
    if read is None:
        return []
    found = chain(_mark_samples(read), _signature_samples(read), _field_samples(read))
    return [Sample(curve, raw, is_true, str(case)) for curve, raw, is_true in found]


_Found = Iterator[tuple[str, float, bool]]


def _mark_samples(read: _Read) -> _Found:
    for checkbox in read.sheet.page.checkboxes:
        measures = measure_checkbox(read.sheet, mark_area(read.sheet, checkbox))
        truth = read.truth.marks[checkbox.option]
        if truth in (MarkTruth.EMPTY, MarkTruth.MARKED):
            curve = "MARKED_LOSSY" if measures.lossy else "MARKED"
            yield curve, log_ink(measures.inside), truth is MarkTruth.MARKED
        if truth in (MarkTruth.CORRECTED, MarkTruth.MARKED):
            yield "CORRECTED", measures.solid, truth is MarkTruth.CORRECTED


def _signature_samples(read: _Read) -> _Found:
    signature = read.reading.signature
    if signature is None:
        return
    if not signature.printed:
        curve = "SIGNED_LOSSY" if read.sheet.lossy else "SIGNED"
        yield curve, log_ink(signature.ink_mm2), read.truth.signed


def _field_samples(read: _Read) -> _Found:
    words = iter(read.words)
    for field, written in zip(read.reading.fields, read.contents.written, strict=True):
        found = next(words) if written.picture is not None else ()
        if field.state is FieldState.EMPTY:
            yield "EMPTY", -written.ink.ink_mm2, field.name not in read.truth.texts
        else:
            raw = float(np.mean([word.confidence for word in found])) if found else 0.0
            yield field.name.upper(), raw, _is_right(field, read.truth)


def _is_right(field: FieldReading, truth: Truth) -> bool:
    """Tell whether the text is what was written, case and punctuation apart; of dates, whether it is the same day."""
    written = truth.texts.get(field.name, "")
    if field.name == "date":
        return parse_date(field.text) == parse_date(written)
    return plain(field.text) == plain(written)


def given(case: Case, kept: Path | None = None) -> list[Sample]:
    """The confidence of each reading of a simulated return that says something, with whether it is right."""
    read = _read(case, kept)
    if read is None:
        return []
    samples = []
    variant, signature = read.reading.variant, read.reading.signature
    if variant is not None and variant.state not in (VariantState.UNCLEAR, VariantState.PARTIAL):
        samples.append(("variant", variant.confidence, _is_variant_right(read)))
    if signature is not None and signature.state is not SignatureState.UNCLEAR:
        said = signature.state is SignatureState.PRESENT
        samples.append(("signature", signature.confidence, said == read.truth.signed))
    for field in read.reading.fields:
        if field.state is FieldState.EMPTY:
            samples.append(("fields called empty", field.confidence, field.name not in read.truth.texts))
        else:
            samples.append((field.name, field.confidence, _is_right(field, read.truth)))
    return [Sample(name, confidence, right, str(case)) for name, confidence, right in samples]


def _is_variant_right(read: _Read) -> bool:
    variant, marks = read.reading.variant, read.truth.marks
    if variant is None:
        return False
    of_state = {state: [option for option, mark in marks.items() if mark is state] for state in MarkTruth}
    marked = of_state[MarkTruth.MARKED]
    if variant.state is VariantState.CORRECTED:
        return bool(of_state[MarkTruth.CORRECTED])
    if of_state[MarkTruth.CORRECTED]:
        return False
    if variant.state is VariantState.MARKED:
        return marked == [variant.value]
    return len(marked) > 1 if variant.state is VariantState.SEVERAL else not marked


def _print_fit(name: str, samples: Sequence[Sample]) -> None:
    points = fitted([(sample.value, sample.is_true) for sample in samples])
    print(f"{name} = Curve((  # {len(samples)} samples")
    for raw, probability in points:
        print(f"    ({raw:.3f}, {probability:.4f}),")
    print("))", flush=True)


def fitted(samples: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """Fit a rising curve: isotonic regression (pool adjacent violators) over the values, never 0 or 1.

    Of a pool, the middle of Wilson's 90 % interval is claimed: where nothing was ever wrong, only so much as its size
    bears out. The highest and the lowest pool are the luckiest ones: what they show by itself would be too much.
    """
    by_value: dict[float, list[bool]] = defaultdict(list)
    for value, is_true in samples:
        by_value[value].append(is_true)
    pools = [_Pool(value, value, sum(seen), len(seen)) for value, seen in sorted(by_value.items())]
    pools = _pooled(_pooled(pools, lambda pool: pool.right / pool.size), lambda pool: pool.claim)
    points = [point for pool in pools for point in ((pool.least, pool.claim), (pool.most, pool.claim))]
    return list(dict.fromkeys(points))


@dataclass(frozen=True, slots=True)
class _Pool:
    """Samples of neighbouring values that are given one probability."""

    least: float
    most: float
    right: int
    size: int

    @property
    def claim(self) -> float:
        return (self.right + _Z**2 / 2) / (self.size + _Z**2)


def _pooled(pools: Sequence[_Pool], rate: Callable[[_Pool], float]) -> list[_Pool]:
    """Pool neighbours until the rate rises throughout."""
    stack: list[_Pool] = []
    for pool in pools:
        stack.append(pool)
        while len(stack) > 1 and rate(stack[-2]) >= rate(stack[-1]):
            above, below = stack.pop(), stack.pop()
            stack.append(_Pool(below.least, above.most, below.right + above.right, below.size + above.size))
    return stack


def _print_check(name: str, samples: Sequence[Sample]) -> None:
    print(f"\n{name:22}{'n':>6}{'given':>8}{'right':>8}")
    for low, high in pairwise(_BANDS):
        band = [sample for sample in samples if low <= sample.value < high]
        if band:
            mean = float(np.mean([sample.value for sample in band]))
            right = float(np.mean([sample.is_true for sample in band]))
            bar = "#" * round(40 * right)
            print(f"  {low:.2f} to {min(high, 1):.2f}      {len(band):>6}{mean:>8.3f}{right:>8.3f}  {bar}")
    for sample in samples:
        if sample.value >= 0.99 and not sample.is_true:
            print(f"  wrong at {sample.value:.3f}: {sample.case}")


if __name__ == "__main__":
    main()
