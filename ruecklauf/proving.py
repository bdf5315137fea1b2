"""Prove the reading on a template: send made-up customers' returns around in software, read them, compare.

Letters are issued as always and read by the product's own pool of workers; only people, paper and machines are
simulated, in processes beside it. Nothing is booked, and nothing is kept but what the caller keeps of each result.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from multiprocessing import get_context, parent_process
from typing import TypeVar
from zlib import crc32

import cv2
import numpy as np

from forms.issue_form import FormIssuer
from forms.issued_form import IssuedPdf, LetterGeometry
from intake.decision import DecisionContext, decide
from intake.results import Decision, DocumentReading, Verdict
from intake.worker import ReadingPool, WorkerLimits
from intake.worker_process import keep_freed_memory
from ruecklauf.sample_letters import TODAY, issue_sample, posted
from ruecklauf.truth_check import Judged, Outcome, Standing, judge_document, standing
from simulation.channels import PRESETS, Mode, Photo
from simulation.issued_pdf import find_fields
from simulation.people import Act, Behaviour, Mark, Sign, Truth
from simulation.repertoire import PLAIN, REPERTOIRE, SPECIAL
from simulation.returns import PostedLetter, random_signatory, send

_AHEAD = 3
"""So many returns are simulated ahead for each simulating process."""
_SPEED_SAMPLES = 16
_SMALL_REACH, _LARGE_REACH = 0.7, 1.4
_FAINT_PRESSURE = 0.68
_FINE_MM, _BROAD_MM = 0.3, 0.7
_Item = TypeVar("_Item")


class ChannelKind(StrEnum):
    """Channels that are held to the same measure."""

    SCAN = "scan"
    """150 dpi or more, grey or colour."""
    BILEVEL = "bilevel scan"
    FAX = "fine fax"
    """204 × 196 dpi."""
    PHOTO = "phone photo"
    POOR = "poor"
    """Coarser than those, or damaged on the way."""


_DAMAGED = frozenset({"coffee", "cut-edge", "sent-on", "fax-bad-line"})
_FINE_SCAN_DPI, _FINE_FAX_DPI = 150, 196


def channel_kind(name: str) -> ChannelKind:
    """Say to which measure a preset is held."""
    channel = PRESETS[name]
    if name in _DAMAGED:
        return ChannelKind.POOR
    if isinstance(channel, Photo):
        return ChannelKind.PHOTO
    if channel.fax:
        return ChannelKind.FAX if channel.y_dpi >= _FINE_FAX_DPI else ChannelKind.POOR
    if channel.mode is Mode.BILEVEL:
        return ChannelKind.BILEVEL
    return ChannelKind.SCAN if channel.x_dpi >= _FINE_SCAN_DPI else ChannelKind.POOR


@dataclass(frozen=True, slots=True)
class Case:
    """One simulated return; the same case gives the same bytes."""

    conduct: str
    channel: str
    number: int
    seed: int

    def __str__(self) -> str:
        return f"{self.conduct}:{self.channel}:{self.number}:{self.seed}"

    @classmethod
    def named(cls, text: str) -> Case:
        """Read a case as it names itself; raises ValueError."""
        conduct, channel, number, seed = text.split(":")
        if conduct not in REPERTOIRE or channel not in PRESETS:
            raise ValueError(f"There is no case {text!r}.")
        return cls(conduct, channel, int(number), int(seed))

    @property
    def is_plain(self) -> bool:
        """Whether it may be accepted without a person, and should be."""
        return self.conduct == PLAIN.name

    def rng(self) -> np.random.Generator:
        """Give the case's own source of chance."""
        return np.random.default_rng(
            [self.seed, crc32(self.conduct.encode()), crc32(self.channel.encode()), self.number]
        )


@dataclass(frozen=True, slots=True)
class Traits:
    """With what a return was marked and signed: by these, plain returns are told apart in a report."""

    mark: str
    size: str
    pen: str
    signature: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One file as it arrives, and what is true of it."""

    file: bytes
    truth: Truth
    traits: Traits


@dataclass(frozen=True, slots=True)
class Proven:
    """One return: what is true, what was read, and how the two compare."""

    case: Case
    issued: IssuedPdf
    sent: Sent
    document: DocumentReading
    verdicts: tuple[Verdict, ...]
    judged: Judged
    standing: Standing

    @property
    def accepted(self) -> bool:
        """Accepted, and rightly so."""
        return self.judged.decision is Decision.ACCEPT and self.judged.outcome is Outcome.RIGHT


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast the files were read, with nothing else running."""

    files: int
    workers: int
    seconds: float


def planned_cases(count: int, seed: int) -> Iterator[Case]:
    """Yield cases spread evenly over everything, half of them plain: wherever it is stopped, all kinds have come."""
    rng = np.random.default_rng([seed, crc32(b"plan")])
    plain_by, special_by = (
        _shuffled_again_and_again(sorted(PRESETS), rng),
        _shuffled_again_and_again(sorted(PRESETS), rng),
    )
    specials = _shuffled_again_and_again([conduct.name for conduct in SPECIAL], rng)
    for number in range(count):
        if number % 2:
            yield Case(next(specials), next(special_by), number, seed)
        else:
            yield Case(PLAIN.name, next(plain_by), number, seed)


def _shuffled_again_and_again(items: Sequence[_Item], rng: np.random.Generator) -> Iterator[_Item]:
    while True:
        yield from (items[index] for index in rng.permutation(len(items)))


def prove(
    issuer: FormIssuer, cases: Iterable[Case], limits: WorkerLimits, *, workers: int = 2
) -> Generator[Proven, None, None]:
    """Send each case around and yield it judged, in any order; cases are taken only as they can be worked on.

    So many workers read, and as many processes simulate beside them. Raises what `ReadingPool.read` raises.
    """
    under_way: dict[str, tuple[Case, IssuedPdf, Sent]] = {}
    lookup = _Lookup(under_way)
    pool = ReadingPool(lookup, lambda: TODAY, limits, size=workers)
    with ProcessPoolExecutor(workers, get_context("spawn"), prepare_to_simulate) as simulating:
        try:
            for form_id, document in pool.read(_files(issuer, cases, simulating, workers, under_way)):
                yield judge(*under_way.pop(form_id), document)
        finally:
            simulating.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Lookup:
    """Gives workers the issued form that a page code names, as the registry does."""

    under_way: dict[str, tuple[Case, IssuedPdf, Sent]]

    def __call__(self, form_id: str) -> IssuedPdf | None:
        found = self.under_way.get(form_id)
        return None if found is None else found[1]


def _files(
    issuer: FormIssuer,
    cases: Iterable[Case],
    simulating: ProcessPoolExecutor,
    workers: int,
    under_way: dict[str, tuple[Case, IssuedPdf, Sent]],
) -> Iterator[tuple[str, bytes]]:
    """Issue each case's letter, have it sent around, and yield its form id with the file, in the cases' order."""
    waiting: deque[tuple[Case, IssuedPdf, Future[Sent]]] = deque()
    coming = iter(cases)
    while True:
        for case in islice(coming, _AHEAD * workers - len(waiting)):
            issued = issue_sample(issuer, case.rng())
            waiting.append((case, issued, simulating.submit(simulate, case, posted(issued))))
        if not waiting:
            return
        case, issued, future = waiting.popleft()
        sent = future.result()
        under_way[issued.form.form_id] = (case, issued, sent)
        yield issued.form.form_id, sent.file


def prepare_to_simulate() -> None:
    """Take one thread, and keep memory; Ctrl-C is the parent's, which ends us by its word or by its end."""
    cv2.setNumThreads(1)
    keep_freed_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that is killed cannot end us: the pool's own processes would wait for ever for its next word."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def simulate(case: Case, letter: PostedLetter) -> Sent:
    """Fill the letter in and send it back as the case says."""
    rng = np.random.default_rng([1, *case.rng().integers(1 << 30, size=2)])
    acts = REPERTOIRE[case.conduct].acts(random_signatory(letter, rng), tuple(find_fields(letter.pdf).options), rng)
    arrival = send(case.conduct, "", [letter], [Behaviour(acts)], PRESETS[case.channel], rng)
    return Sent(arrival.data, arrival.returns[0].truth, traits_of(acts))


def judge(case: Case, issued: IssuedPdf, sent: Sent, document: DocumentReading) -> Proven:
    """Compare what was read in a case's file with what is true of it."""
    required = required_by(issued.letter)
    verdicts = tuple(decide(reading, DecisionContext(TODAY)) for reading in document.returns)
    judged = judge_document(sent.truth, issued.form.form_id, document, verdicts, required)
    return Proven(case, issued, sent, document, verdicts, judged, standing(sent.truth, required))


def required_by(letter: LetterGeometry) -> frozenset[str]:
    """Name the fields that the letter asks for."""
    fields = {field.name for page in letter.pages for field in page.text_fields if field.required}
    signed = {"signature" for page in letter.pages if page.signature is not None and page.signature.required}
    return frozenset(fields | signed)


def traits_of(acts: Iterable[Act]) -> Traits:
    """Say with what was marked and signed; empty words where it was not."""
    mark = size = pen = signature = ""
    for act in acts:
        if isinstance(act, Mark):
            mark, pen = act.shape.value, _pen_in_words(act)
            size = "small" if act.reach < _SMALL_REACH else "large" if act.reach > _LARGE_REACH else "usual"
        elif isinstance(act, Sign):
            signature = act.style.value
    return Traits(mark, size, pen, signature)


def _pen_in_words(mark: Mark) -> str:
    pen = mark.pen
    width = "fine" if pen.width_mm <= _FINE_MM else "broad" if pen.width_mm >= _BROAD_MM else "medium"
    fault = "skipping" if pen.skipping else "faint" if pen.pressure < _FAINT_PRESSURE else ""
    return " ".join(word for word in (fault, width, pen.ink.name.lower()) if word)


class SpeedSamples:
    """Keeps the first file of some channels, to be read again with nothing else running."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[IssuedPdf, bytes]] = {}

    def keep(self, proven: Proven) -> None:
        """Keep a plain return's file, where it is the first of its channel and there is room."""
        if proven.case.is_plain and len(self._kept) < _SPEED_SAMPLES:
            self._kept.setdefault(proven.case.channel, (proven.issued, proven.sent.file))

    def measure(self, limits: WorkerLimits, *, workers: int = 2) -> Speed:
        """Read all of them."""
        forms = {issued.form.form_id: issued for issued, _ in self._kept.values()}
        pool = ReadingPool(forms.get, lambda: TODAY, limits, size=workers)
        began_s = time.perf_counter()
        files = sum(1 for _ in pool.read((None, file) for _, file in self._kept.values()))
        return Speed(files, workers, time.perf_counter() - began_s)
