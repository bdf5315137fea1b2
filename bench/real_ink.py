"""Measure the reading on real ink: `python -m bench.real_ink --material DIR [--stamps FILE.csv] [--count N]`.

Real signatures, handwriting and marks are laid on issued blank forms at their natural size; the page goes through a
simulated scanner, fax or phone and through the real reading. Every page carries something of everything, so each kind
is measured by itself: its states, and its raw measures by true label. The material is no part of the project.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from bench.distributions import print_distribution
from bench.ink_samples import (
    PAGE_DPI,
    InkSample,
    load_dates,
    load_marks,
    load_signatures,
    load_stamps,
    load_words,
)
from bench.sample_forms import issue_sample
from forms.units import BoxMm, mm_to_px
from intake.on_screen import OnScreenValues
from intake.opening import open_document
from intake.read_page import FormPage, PageContents, read_page, with_pictures
from intake.results import AdditionKind
from intake.signature import printed_words, read_signature
from intake.text_recognition import recognise
from simulation.channels import PRESETS, Photo
from simulation.files import to_jpeg, to_pdf
from simulation.issued_pdf import find_fields, render_blank
from simulation.paper import Sheet
from simulation.people import Behaviour, FilledPages, Truth
from simulation.transmission import transmit

CHANNELS = ("office-200", "office-300", "bilevel-200", "bilevel-300", "fax-fine", "dirty", "photo")
_BLACK = (0, 0, 0)
"""The samples' coverage is how dark they were scanned: their ink's own lightness is in it already."""
_STAMPS = Path(__file__).with_name("real_stamps.csv")


@dataclass(frozen=True, slots=True)
class Material:
    """All samples, by kind."""

    signatures: list[InkSample]
    stamps: list[InkSample]
    words: list[InkSample]
    dates: list[InkSample]
    marks: list[InkSample]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the reading said about one sample."""

    kind: str
    label: str
    state: str
    measure: float
    """The kind's raw measure: ink share of a box, square millimetres elsewhere."""
    detail: str
    channel: str
    page: int
    sample: str


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the tables."""
    options = _parser().parse_args(arguments)
    if options.material is None:
        print("No material was given, so nothing was measured: name its folder with --material DIR.")
        return
    material = _load(options.material, options.stamps)
    numbers = range(options.first, options.first + options.count)
    jobs = [(material_page(material, number), options.channel, number, options.keep) for number in numbers]
    findings: list[Finding] = []
    with ProcessPoolExecutor(options.jobs, get_context("spawn"), _one_thread) as pool:
        for page_findings in pool.map(_measured, jobs, chunksize=2):
            findings += page_findings
    _print_report(findings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--material", type=Path, metavar="DIR", help="folder with the evaluation material")
    parser.add_argument(
        "--stamps", type=Path, metavar="FILE", default=_STAMPS, help="CSV that says where stamps are to be cut out"
    )
    parser.add_argument("--count", type=int, default=60, help="pages")
    parser.add_argument("--first", type=int, default=0, help="number of the first page: another sample")
    parser.add_argument("--channel", choices=sorted(PRESETS), help="this channel only")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write every page as located there")
    parser.add_argument("--jobs", type=int, default=2)
    return parser


def _load(folder: Path, stamps: Path) -> Material:
    return Material(
        load_signatures(folder),
        load_stamps(folder, stamps),
        load_words(folder),
        load_dates(folder),
        load_marks(folder),
    )


@dataclass(frozen=True, slots=True)
class PagePlan:
    """What is laid on one page; None where its place stays empty."""

    signature: InkSample | None
    place: InkSample | None
    date: InkSample | None
    marks: tuple[InkSample, ...]
    mark_scale: float
    note: InkSample | None


def material_page(material: Material, number: int) -> PagePlan:
    """Choose the samples of one page: a third of the signature and place fields stays empty or gets a stamp."""
    rng = np.random.default_rng([20261123, number])
    third = number % 3 == 2
    signature = _one(material.stamps if number % 2 else [], rng) if third else _one(material.signatures, rng)
    marks = [sample for _ in range(2) if (sample := _mark(material.marks, rng)) is not None]
    return PagePlan(
        signature=signature,
        place=None if third else _one(material.words, rng),
        date=_one(material.dates, rng),
        marks=tuple(marks),
        mark_scale=float(rng.choice([1.0, 1.5, 2.0])),
        note=_one(material.words, rng),
    )


def _one(samples: Sequence[InkSample], rng: np.random.Generator) -> InkSample | None:
    return samples[int(rng.integers(len(samples)))] if samples else None


def _mark(samples: Sequence[InkSample], rng: np.random.Generator) -> InkSample | None:
    labels = sorted({sample.label for sample in samples})
    if not labels:
        return None
    label = labels[int(rng.integers(len(labels)))]
    return _one([sample for sample in samples if sample.label == label], rng)


def _one_thread() -> None:
    cv2.setNumThreads(1)


def _measured(job: tuple[PagePlan, str | None, int, Path | None]) -> list[Finding]:
    plan, channel, number, keep = job
    rng = np.random.default_rng([7, number])
    channel = channel or CHANNELS[int(rng.integers(len(CHANNELS)))]
    issued = issue_sample(rng)
    sheet = Sheet(render_blank(issued.pdf, PAGE_DPI)[0].copy(), PAGE_DPI)
    fields = find_fields(issued.pdf)
    note_box = None if plan.note is None else _lay_note(sheet, plan.note, rng)
    for field_sample, box in (
        (plan.signature, fields.signature.box_mm),
        (plan.place, fields.texts["place"].box_mm),
        (plan.date, fields.texts["date"].box_mm),
    ):
        if field_sample is not None:
            _lay_in(sheet, field_sample, box, rng)
    for place, mark in zip(fields.options.values(), plan.marks, strict=False):
        _lay_mark(sheet, mark, place.box_mm, plan.mark_scale)
    filled = FilledPages((sheet.picture,), PAGE_DPI, Behaviour(), Truth({}, signed=False, texts={}, left=()))
    (scan,) = transmit(filled, PRESETS[channel], rng)
    data = to_jpeg(scan) if isinstance(PRESETS[channel], Photo) else to_pdf([scan])
    with open_document(data) as pages:
        page = read_page(pages.picture(0), 1, OnScreenValues(), {issued.form.form_id: issued}.get)
        page = with_pictures(page, shown=keep is not None) if isinstance(page, FormPage) else page
    if not isinstance(page, FormPage) or page.contents is None:
        return [Finding("page", "ours", "not read", 0.0, str(page)[:60], channel, number, "")]
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{number:04}-{channel}.png").write_bytes(page.picture_png)
    return _findings(page.contents, plan, note_box, channel, number)


def _lay_in(sheet: Sheet, sample: InkSample, box: BoxMm, rng: np.random.Generator) -> None:
    """Lay a sample somewhere in a field, wholly inside it."""
    ink = sample.fitting(box.width - 2.0, box.height - 1.0)
    width_mm, height_mm = ink.size_mm
    x_mm = box.x0 + 1.0 + float(rng.uniform(0, max(0.01, min(8.0, box.width - 2.0 - width_mm))))
    y_mm = box.y0 + 0.5 + float(rng.uniform(0, max(0.01, box.height - 1.0 - height_mm)))
    _lay(sheet, ink, x_mm, y_mm)


def _lay(sheet: Sheet, ink: InkSample, x_mm: float, y_mm: float) -> None:
    sheet.lay_ink(round(mm_to_px(x_mm, PAGE_DPI)), round(mm_to_px(y_mm, PAGE_DPI)), ink.coverage, _BLACK)


def _lay_mark(sheet: Sheet, sample: InkSample, box: BoxMm, scale: float) -> None:
    ink = sample.scaled(scale)
    width_mm, height_mm = ink.size_mm
    _lay(sheet, ink, box.centre[0] - width_mm / 2, box.centre[1] - height_mm / 2)


def _lay_note(sheet: Sheet, sample: InkSample, rng: np.random.Generator) -> BoxMm | None:
    """Lay handwriting where the page is bare and nothing is to be written; None where no such room was found."""
    ink = sample.scaled(float(rng.uniform(0.4, 0.8)))
    width_mm, height_mm = ink.size_mm
    for _ in range(200):
        x_mm = float(rng.uniform(8, sheet.width_mm - width_mm - 8))
        y_mm = float(rng.uniform(8, sheet.height_mm - height_mm - 8))
        box = BoxMm(x_mm, y_mm, x_mm + width_mm, y_mm + height_mm)
        x0, y0, x1, y1 = sheet.clip_px(box.grown(0.5))
        if not _in_use(box) and int(sheet.picture[y0:y1, x0:x1].min()) > 250:
            _lay(sheet, ink, x_mm, y_mm)
            return box
    return None


def _in_use(box: BoxMm) -> bool:
    """Tell whether a box lies where ink is expected: the fields, and the offices' zones."""
    expected = (BoxMm(22, 232, 193, 287), BoxMm(123, 28, 197, 62), BoxMm(0, 0, 210, 9), BoxMm(20, 130, 35, 190))
    return any(zone.intersects(box) for zone in expected)


def _findings(
    contents: PageContents, plan: PagePlan, note_box: BoxMm | None, channel: str, number: int
) -> list[Finding]:
    found = []
    for reading, mark in zip(contents.checkboxes, plan.marks, strict=False):
        label = f"{mark.label} x{plan.mark_scale:g}"
        detail = f"beside {reading.around_mm2} mm²"
        found.append(Finding("box", label, reading.state.value, reading.inside, detail, channel, number, mark.name))
    samples = {"place": plan.place, "date": plan.date, "name": None}
    for written in contents.written:
        sample = samples[written.field.name]
        label = "empty" if sample is None or sample.label == "blank" else "written"
        label += ", page has lost ink" if written.ink.lossy else ""
        state = "empty" if written.ink.empty else "faint" if written.ink.faint else "written"
        name = "" if sample is None else sample.name
        found.append(Finding("field", label, state, written.ink.ink_mm2, written.field.name, channel, number, name))
    found.append(_signature_finding(contents, plan, channel, number))
    if note_box is not None and plan.note is not None:
        hits = [item for item in contents.changes.additions if not item.expected and item.box_mm.intersects(note_box)]
        state, size = ("found" if hits else "missed"), note_box.width * note_box.height
        found.append(Finding("note", "note", state, size, str(note_box.rounded(0)), channel, number, plan.note.name))
    return [*found, *_false_additions(contents, note_box, channel, number)]


def _signature_finding(contents: PageContents, plan: PagePlan, channel: str, number: int) -> Finding:
    if contents.signed is None:
        raise SystemExit("The sample letter has no signature field: measure with one that has.")
    pictures, ink = contents.signed.pictures, contents.signed.ink
    printed = printed_words(ink, recognise(pictures[1:])[0], ()) if pictures[1:] else ""
    reading = read_signature(contents.signed.field, ink, 1, printed, digital=False)
    label = "absent" if plan.signature is None else plan.signature.label
    label += ", page has lost ink" if ink.lossy else ""
    detail = f"{reading.extent_mm} printed {printed!r} {ink}"
    name = "" if plan.signature is None else plan.signature.name
    return Finding("signature", label, reading.state.value, reading.ink_mm2, detail, channel, number, name)


def _false_additions(contents: PageContents, note_box: BoxMm | None, channel: str, number: int) -> list[Finding]:
    """Additions where nothing was added (ink that runs over from the fields counts here too)."""
    return [
        Finding("addition", "nothing there", "found", item.box_mm.width, str(tuple(item.box_mm)), channel, number, "")
        for item in contents.changes.additions
        if not item.expected
        and item.kind is AdditionKind.INK
        and (note_box is None or not item.box_mm.intersects(note_box))
    ]


_EXPECTED = {
    ("box", "marked"): {"marked"},
    ("box", "marked_faint"): {"marked"},
    ("box", "empty"): {"empty"},
    ("box", "empty_hard"): {"empty"},
    ("field", "written"): {"written"},
    ("field", "written, page has lost ink"): {"written", "faint"},
    ("field", "empty"): {"empty"},
    ("field", "empty, page has lost ink"): {"faint"},
    ("signature", "signature"): {"present"},
    ("signature", "absent"): {"absent"},
    ("signature", "signature, page has lost ink"): {"present", "unclear"},
    ("signature", "absent, page has lost ink"): {"unclear"},
    ("signature", "stamp"): {"unclear"},
    ("signature", "stamp, page has lost ink"): {"unclear"},
    ("signature", "signed stamp"): {"unclear", "present"},
    ("signature", "signed stamp, page has lost ink"): {"unclear", "present"},
    ("note", "note"): {"found"},
}


def _print_report(findings: Sequence[Finding]) -> None:
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.kind, finding.label].append(finding)
    print("What the reading says of each kind of real ink, and the raw measure behind it\n")
    for (kind, label), group in sorted(groups.items()):
        states = Counter(finding.state for finding in group)
        print(f"{kind} / {label}: {', '.join(f'{state} {count}' for state, count in states.most_common())}")
        print_distribution([finding.measure for finding in group])
    print("\nOther than expected")
    for finding in findings:
        expected = _EXPECTED.get((finding.kind, finding.label.split(" x")[0]), set())
        if finding.state not in expected:
            print(
                f"  page {finding.page} {finding.channel}: {finding.kind} {finding.label} read as {finding.state}"
                f" ({finding.measure}; {finding.detail}; {finding.sample})"
            )


if __name__ == "__main__":
    main()
