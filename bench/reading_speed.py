"""Measure reading against merely decoding the same pictures: `python -m bench.reading_speed [--rounds N]`.

For each kind of page, in turn and on one thread: decoding its picture (the floor), reading without and with text, and
for the first of them one Tesseract call on the whole page. Medians of processor time, own and children's, so that other
work on the machine tells little; only the line on two workers is wall time. Ratios hold elsewhere, times do not. The
pictures that people look at are made apart, and are no part of this.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from statistics import median

import cv2
import numpy as np
import pytesseract
from numpy.typing import NDArray
from PIL import Image

from bench import worker_peak
from bench.sample_forms import TODAY, issue_sample, posted
from forms.issued_form import IssuedPdf
from intake.on_screen import OnScreenValues, read_values
from intake.opening import open_document
from intake.read_document import read_document
from intake.read_page import read_page
from intake.worker import ReadingPool, WorkerLimits
from intake.worker_process import keep_freed_memory
from simulation.channels import PRESETS, Channel, Photo, Scan
from simulation.files import to_jpeg, to_pdf, to_tiff
from simulation.issued_pdf import find_fields
from simulation.people import fill_in
from simulation.returns import plain_behaviour, random_signatory
from simulation.transmission import transmit

_TWELVE_MEGAPIXELS = replace(Photo(), long_side_px=4000)
KINDS: dict[str, Channel | Photo] = {
    "grey JPEG 300 dpi": PRESETS["office-300"],
    "grey JPEG 200 dpi": PRESETS["office-200"],
    "G4 300 dpi": PRESETS["bilevel-300"],
    "photo, 12 megapixels": _TWELVE_MEGAPIXELS,
}
_COSTLIEST = 12


@dataclass(frozen=True, slots=True)
class MeasuredPage:
    """One received page: the file, and its picture's bytes alone."""

    issued: IssuedPdf
    file: bytes
    picture: bytes


@dataclass(frozen=True, slots=True)
class Timing:
    """Median processor time a page, in seconds, by what was done."""

    decode_s: float
    without_text_s: float
    with_text_s: float
    whole_page_text_s: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    _one_thread()
    pages = {kind: [_page(channel, seed) for seed in range(options.pages)] for kind, channel in KINDS.items()}
    print(
        f"{'':22}{'decode':>9}{'no text':>9}{'text':>9}{'Tesseract':>11}{'no text':>10}{'Tesseract':>11}{'pages/s':>9}"
    )
    print(f"{'':22}{'ms':>9}{'ms':>9}{'ms':>9}{'page, ms':>11}{'÷ decode':>10}{'÷ text':>11}{'text':>9}")
    for kind, measured in pages.items():
        _print_timing(kind, _timed(measured, options.rounds))
    _print_workers(pages["grey JPEG 300 dpi"], options.rounds)
    peaks_mb = _peaks_mb(enumerate(page for measured in pages.values() for page in measured))
    print(f"peak memory of a worker: {min(peaks_mb):.0f} to {max(peaks_mb):.0f} MB")
    if options.profile:
        _print_profile(pages["grey JPEG 300 dpi"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=4, help="different pages of each kind")
    parser.add_argument("--profile", action="store_true", help="show where the time of reading without text goes")
    return parser


def _one_thread() -> None:
    """Work as a worker process does."""
    keep_freed_memory()
    cv2.setNumThreads(1)
    os.environ["OMP_THREAD_LIMIT"] = "1"


def _page(channel: Channel | Photo, seed: int) -> MeasuredPage:
    rng = np.random.default_rng([seed, 1])
    issued = issue_sample(rng)
    letter = posted(issued)
    option = str(rng.choice(list(find_fields(issued.pdf).options)))
    filled = fill_in(issued.pdf, plain_behaviour(random_signatory(letter, rng), option, rng), rng)
    (scan,) = transmit(filled, channel, rng)
    picture = to_tiff([scan]) if scan.bilevel else to_jpeg(scan)
    return MeasuredPage(issued, _file(scan, picture), picture)


def _file(scan: Scan, picture: bytes) -> bytes:
    return picture if scan.is_photo else to_pdf([scan])


def _timed(pages: Sequence[MeasuredPage], rounds: int) -> Timing:
    """Time all steps page by page, one after the other, so that whatever slows the machine slows all of them."""
    steps: tuple[Callable[[MeasuredPage], object], ...] = (_decode, _read_without_text, _read)
    times: list[list[float]] = [[] for _ in steps]
    for page in pages:
        for step in steps:
            step(page)
    for _ in range(rounds):
        for page in pages:
            for step, taken in zip(steps, times, strict=True):
                taken.append(_cpu_s(step, page))
    whole = _cpu_s(_recognise_whole, pages[0])
    return Timing(median(times[0]), median(times[1]), median(times[2]), whole)


def _cpu_s(step: Callable[[MeasuredPage], object], page: MeasuredPage) -> float:
    before = _used_s()
    step(page)
    return _used_s() - before


def _used_s() -> float:
    """Processor time of this process and of its children that have ended."""
    usages = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _decode(page: MeasuredPage) -> NDArray[np.uint8]:
    if page.picture.startswith(b"\xff\xd8"):
        return np.asarray(cv2.imdecode(np.frombuffer(page.picture, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)
    return np.array(Image.open(BytesIO(page.picture)).convert("L"))


def _read_without_text(page: MeasuredPage) -> object:
    values = read_values(page.file)
    with open_document(page.file) as pages:
        first = values[0] if values else OnScreenValues()
        return read_page(pages.picture(0), 1, first, {page.issued.form.form_id: page.issued}.get)


def _read(page: MeasuredPage) -> object:
    return read_document(page.file, {page.issued.form.form_id: page.issued}.get, TODAY, pictures=False)


def _recognise_whole(page: MeasuredPage) -> object:
    return pytesseract.image_to_string(Image.fromarray(_decode(page)), lang="deu")


def _print_timing(kind: str, timing: Timing) -> None:
    decode_s = timing.decode_s
    times = (decode_s, timing.without_text_s, timing.with_text_s)
    milliseconds = "".join(f"{1000 * taken_s:>9.1f}" for taken_s in times)
    ratios = f"{timing.without_text_s / decode_s:>10.2f}{timing.whole_page_text_s / timing.with_text_s:>11.1f}"
    print(f"{kind:22}{milliseconds}{1000 * timing.whole_page_text_s:>11.0f}{ratios}{1 / timing.with_text_s:>9.1f}")


def _print_workers(pages: Sequence[MeasuredPage], rounds: int) -> None:
    """Compare two worker processes with one, on whole documents."""
    documents = [(index, page) for index, page in enumerate(list(pages) * 2)]
    _wall_s(documents, 1)
    gains = [_wall_s(documents, 1) / _wall_s(documents, 2) for _ in range(max(1, rounds // 2))]
    print(
        f"\ntwo workers against one (wall time): {median(gains):.2f} times, from {min(gains):.2f} to {max(gains):.2f}"
    )


def _wall_s(documents: Iterable[tuple[int, MeasuredPage]], size: int) -> float:
    documents = list(documents)
    issued = {page.issued.form.form_id: page.issued for _, page in documents}
    pool = ReadingPool(issued.get, lambda: TODAY, WorkerLimits(), size=size)
    began_s = time.perf_counter()
    for _ in pool.read((key, page.file) for key, page in documents):
        pass
    return time.perf_counter() - began_s


def _peaks_mb(documents: Iterable[tuple[int, MeasuredPage]]) -> list[float]:
    documents = list(documents)
    issued = {page.issued.form.form_id: page.issued for _, page in documents}
    pool = ReadingPool(issued.get, lambda: TODAY, WorkerLimits(), size=1, reader=worker_peak.READER)
    return [int(told.detail) / 1024 for _, told in pool.read((key, page.file) for key, page in documents)]


def _print_profile(pages: Sequence[MeasuredPage]) -> None:
    profile = cProfile.Profile()
    profile.enable()
    for page in pages:
        _read_without_text(page)
    profile.disable()
    print("\nwhere the time of reading without text goes")
    statistics = pstats.Stats(profile)
    statistics.sort_stats("cumulative").print_stats("intake|forms|cv2|zxing|pikepdf|pypdf", _COSTLIEST * 3)
    statistics.sort_stats("tottime").print_stats(_COSTLIEST)


if __name__ == "__main__":
    main()
