"""Measure both text engines on handwriting, at several resolutions: `python -m bench.handwriting [--material DIR]`.

Writing of our own, from a plain clone; with --material, real words whose text the folder's manifest says. For each
engine and resolution: how alike what was read is to what was written, how many are alike enough to agree with what is
expected, how many are read with confidence, how many of those wrongly, and the time for one.
"""

from __future__ import annotations

import argparse
import csv
import resource
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from bench.ink_samples import PAGE_DPI, load_words
from forms.units import mm_to_px
from intake.pictures import Grey
from intake.plausibility import AGREES_FROM, similarity
from intake.sheet_grid import SHEET_DPI
from intake.tesseract_program import recognise_with_program
from intake.text_fields import READ_FROM
from intake.text_recognition import TextPicture, TextRecognizer, recognizer
from simulation.handwriting import random_writer, write
from simulation.paper import Sheet
from simulation.pens import draw
from simulation.returns import PLACES, SIGNATORIES, random_pen
from simulation.strokes import move

_FIELD_MM = (60.0, 9.0)
_RESOLUTIONS_DPI = (100.0, SHEET_DPI, 200.0, PAGE_DPI)
_MARGIN_MM = 1.7
Written = tuple[Grey, str]
"""A field at PAGE_DPI, and what is written in it."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    fields = _own_writing(options.count) if options.material is None else _real_words(options.material, options.count)
    print(f"{len(fields)} fields{'':10}{'dpi':>6}{'alike':>8}{'agree':>8}{'sure':>8}{'wrong':>8}{'ms':>8}")
    for name, engine in (("library", recognizer()), ("program", recognise_with_program)):
        for dpi in _RESOLUTIONS_DPI:
            _measure(name, engine, fields, dpi)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--material", type=Path, metavar="DIR", help="folder of evaluation material")
    parser.add_argument("--count", type=int, default=120, help="fields, at most")
    return parser


def _own_writing(count: int) -> list[Written]:
    fields = []
    for seed in range(count):
        rng = np.random.default_rng([seed, 7])
        text = str(rng.choice(PLACES + SIGNATORIES))
        width, height = (round(mm_to_px(side, PAGE_DPI)) for side in _FIELD_MM)
        sheet = Sheet(np.full((height, width, 3), 255, np.uint8), PAGE_DPI)
        strokes = write(text, random_writer(rng), rng)
        draw(sheet, move(strokes, 2.0, 6.5), random_pen(rng), rng)
        fields.append((np.asarray(cv2.cvtColor(sheet.picture, cv2.COLOR_RGB2GRAY), np.uint8), text))
    return fields


def _real_words(material: Path, count: int) -> list[Written]:
    with (material / "manifest.csv").open(encoding="utf-8", newline="") as rows:
        texts = {
            Path(row["file"]).stem: row["label"].split("text=")[1]
            for row in csv.DictReader(rows)
            if "text=" in row["label"]
        }
    words = [word for word in load_words(material) if word.name in texts]
    step = max(1, len(words) // count)
    margin = round(mm_to_px(_MARGIN_MM, PAGE_DPI))
    fields = []
    for word in words[::step]:
        ink = np.pad(word.fitting(_FIELD_MM[0], _FIELD_MM[1] - 2 * _MARGIN_MM).coverage, margin)
        fields.append((np.asarray(255 * (1 - ink), np.uint8), texts[word.name]))
    return fields


def _measure(name: str, engine: TextRecognizer, fields: Sequence[Written], dpi: float) -> None:
    factor = dpi / PAGE_DPI
    pictures = [
        TextPicture(np.asarray(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8))
        for grey, _ in fields
    ]
    before_s = _used_s()
    read = engine(pictures)
    each_s = (_used_s() - before_s) / len(fields)
    alike = np.array(
        [similarity(" ".join(word.text for word in words), text) for words, (_, text) in zip(read, fields, strict=True)]
    )
    sure = np.array([np.mean([word.confidence for word in words]) >= READ_FROM if words else False for words in read])
    agree, wrong = alike >= AGREES_FROM, float(np.mean(alike[sure] < AGREES_FROM)) if sure.any() else 0.0
    shares = f"{alike.mean():>8.3f}{agree.mean():>8.3f}{sure.mean():>8.3f}{wrong:>8.3f}"
    print(f"{name:19}{dpi:>6.0f}{shares}{1000 * each_s:>8.1f}", flush=True)


def _used_s() -> float:
    usages = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()
