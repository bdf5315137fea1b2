"""Real ink out of a folder of evaluation material, as coverage that can be laid on a page at its natural size.

The folder is no part of the project and is only read. Of each kind, what is missing is simply not measured.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.units import MM_PER_INCH

Coverage = NDArray[np.float32]
"""Shape (height, width): 0 bare paper, 1 as dark as ink gets."""

PAGE_DPI = 300.0
_PICTURES = (".png", ".jpg", ".jpeg", ".tif")
_WORD_DPI = 100.0
_TEXTURE = 0.08
"""Darkness that the paper's own texture reaches."""
_INKED_FROM = 0.25
_DATE_LABEL_PX = 170
"""The printed word before a handwritten date, at 300 dpi, from its first stroke to where writing may begin."""


@dataclass(frozen=True, slots=True)
class InkSample:
    """One piece of real ink."""

    name: str
    label: str
    coverage: Coverage
    """At PAGE_DPI."""

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height."""
        height, width = self.coverage.shape
        return width / PAGE_DPI * MM_PER_INCH, height / PAGE_DPI * MM_PER_INCH

    def fitting(self, width_mm: float, height_mm: float) -> InkSample:
        """Give the sample, made smaller where it would not fit."""
        own_width, own_height = self.size_mm
        return self.scaled(min(1.0, width_mm / own_width, height_mm / own_height))

    def scaled(self, factor: float) -> InkSample:
        """Give the sample at another size."""
        if factor == 1.0:
            return self
        how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        coverage = cv2.resize(self.coverage, None, fx=factor, fy=factor, interpolation=how)
        return InkSample(self.name, self.label, np.asarray(coverage, np.float32))


def load_signatures(material: Path) -> list[InkSample]:
    """Load real signatures: 300-dpi scans at their size, the others at the height of a usual hand."""
    scans = [
        _trimmed(InkSample(path.stem, "signature", _coverage(path))) for path in _files(material / "signatures/cedar")
    ]
    others = [
        _trimmed(InkSample(path.stem, "signature", _coverage(path)))
        for path in _files(material / "signatures/crossmedia")
    ]
    return [*scans, *(sample.fitting(60.0, 12.0) for sample in others)]


def load_words(material: Path) -> list[InkSample]:
    """Load handwritten places and streets, at their size."""
    words = [_trimmed(InkSample(path.stem, "word", _coverage(path))) for path in _files(material / "handwriting/dhsd")]
    return [word.scaled(PAGE_DPI / _WORD_DPI) for word in words]


def load_dates(material: Path) -> list[InkSample]:
    """Load handwritten dates (`date`) and fields left blank (`blank`), the printed label cut off."""
    blank = _blank_date_names(material / "manifest.csv")
    samples = []
    for path in _files(material / "handwriting/kit_dates"):
        coverage = _coverage(path)
        first = int(np.flatnonzero((coverage > _INKED_FROM).any(axis=0))[0])
        rest = InkSample(path.stem, "blank" if path.name in blank else "date", coverage[:, first + _DATE_LABEL_PX :])
        samples.append(rest if rest.label == "blank" else _trimmed(rest))
    return samples


def load_marks(material: Path) -> list[InkSample]:
    """Load what pens left in printed boxes, without the boxes: labels `marked`, `marked_faint`, `empty`, `empty_hard`.

    Ink that lies on the printed line itself cannot be told from it and is left out.
    """
    folder = material / "marks/kit_crops"
    labels = ("marked", "marked_faint", "empty", "empty_hard")
    crops = {label: [(path.stem, _coverage(path)) for path in _files(folder / label)] for label in labels}
    if not crops["empty"]:
        return []
    box = _printed_box([coverage for _, coverage in crops["empty"][:200]])
    return [InkSample(name, label, _without_box(coverage, box)) for label in labels for name, coverage in crops[label]]


def load_stamps(material: Path, table: Path) -> list[InkSample]:
    """Load stamps cut out of scanned pages, where `table` says: CSV with file, x0, y0, x1, y1 (pixels), dpi, label."""
    with table.open(encoding="utf-8", newline="") as rows:
        return [_stamp(material, row) for row in csv.DictReader(rows) if (material / row["file"]).exists()]


def _stamp(material: Path, row: dict[str, str]) -> InkSample:
    coverage = _coverage(material / row["file"])
    x0, y0, x1, y1 = (int(row[side]) for side in ("x0", "y0", "x1", "y1"))
    sample = InkSample(f"{Path(row['file']).stem} {x0},{y0}", row["label"], coverage[y0:y1, x0:x1])
    return sample.scaled(PAGE_DPI / float(row["dpi"])).fitting(88.0, 26.0)


def _files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in _PICTURES)


def _coverage(path: Path) -> Coverage:
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise SystemExit(f"{path} cannot be read as a picture: take it out of the folder, or mend it.")
    grey = _grey_on_white(np.asarray(picture))
    paper = float(np.percentile(grey, 90))
    darkness = 1 - grey.astype(np.float32) / max(paper, 1.0)
    return np.asarray(np.clip((darkness - _TEXTURE) / (1 - _TEXTURE), 0, 1), np.float32)


def _grey_on_white(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if picture.ndim == 2:
        return picture
    grey = cv2.cvtColor(picture[..., :3], cv2.COLOR_BGR2GRAY)
    if picture.shape[2] == 3:
        return np.asarray(grey, np.uint8)
    opacity = picture[..., 3].astype(np.float32) / 255
    return np.asarray(grey * opacity + 255 * (1 - opacity), np.uint8)


def _trimmed(sample: InkSample) -> InkSample:
    inked = sample.coverage > _INKED_FROM
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):
        return sample
    area = sample.coverage[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return InkSample(sample.name, sample.label, area)


def _blank_date_names(manifest: Path) -> frozenset[str]:
    if not manifest.exists():
        return frozenset()
    with manifest.open(encoding="utf-8", newline="") as rows:
        return frozenset(Path(row["file"]).name for row in csv.DictReader(rows) if "left blank" in row["label"])


def _printed_box(empties: list[Coverage]) -> Coverage:
    """Lay empty boxes over one another: the median is the printed box."""
    reference = empties[0]
    return np.asarray(np.median([_moved(empty, _shift(empty, reference)) for empty in empties], axis=0), np.float32)


def _without_box(coverage: Coverage, box: Coverage) -> Coverage:
    dx, dy = _shift(coverage, box)
    line = cv2.dilate(_moved(box, (-dx, -dy)), np.ones((3, 3), np.uint8)) > 0.12
    return np.where(line, np.float32(0), coverage).astype(np.float32)


def _shift(coverage: Coverage, reference: Coverage) -> tuple[int, int]:
    """Find how far to move the one so that its box lies on the other's, in whole pixels (x, y)."""
    reach = 6
    padded = cv2.copyMakeBorder(coverage, *(reach,) * 4, cv2.BORDER_CONSTANT, value=0)
    scores = cv2.matchTemplate(padded, reference, cv2.TM_CCORR)
    *_, (x, y) = cv2.minMaxLoc(scores)
    return reach - int(x), reach - int(y)


def _moved(coverage: Coverage, shift: tuple[int, int]) -> Coverage:
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], dtype=np.float32)
    height, width = coverage.shape
    return np.asarray(cv2.warpAffine(coverage, matrix, (width, height), flags=cv2.INTER_NEAREST), np.float32)
