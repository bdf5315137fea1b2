"""Measure mark reading on paper that is not ours: `python -m bench.mark_sheets --material DIR [--show FILE.png]`.

Real questionnaires, scanned in grey, with the state of every box given in a CSV (sheet, question, option_1to5, x_px,
y_px, state). The boxes' places come from there, and the blank is learned from the sheets themselves, which are enlarged
until their boxes have the size of ours; then they are read with the reading's own functions. The material is no part of
the project.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.issued_form import Checkbox, OwnPage, PageGeometry
from forms.units import BoxMm
from intake.checkbox import CheckboxMeasures, mark_area, measure_checkbox, read_checkbox
from intake.pictures import Grey, PagePicture
from intake.printed_page import PrintedPage, SharedPage
from intake.results import MarkState
from intake.sampling import PageView, no_drift
from intake.sheet import Sheet
from intake.sheet_grid import pixels, px_per_mm

_SCAN_DPI = 300.0
_BOX_MM, _LINE_MM = 5.5, 0.8
"""Their boxes have a shadow as thick as this on two sides."""
_DRIFT_PX = 8
_MARGIN_MM = 15.0
_BARE_PERCENTILE = 90
"""Of several sheets laid over one another, this bright a pixel is where nobody wrote: few mark the same box."""
_WINDOW_MM, _SEARCH_MM = 2.6, 1.2
_SOLID_MM, _ANCHOR_INSET_MM = 0.3, 0.8

Places = dict[str, NDArray[np.float64]]
"""Where the middle of each box lies, x and y in mm of the enlarged sheet."""
Right = frozenset[MarkState]
_RIGHT: dict[str, Right] = {
    "marked": frozenset({MarkState.MARKED}),
    "empty": frozenset({MarkState.EMPTY}),
    "struck_out": frozenset({MarkState.CORRECTED, MarkState.UNCLEAR}),
}


@dataclass(frozen=True, slots=True)
class TrueBox:
    """One box of one sheet, as the table has it."""

    sheet: str
    key: str
    """Which box of the questionnaire it is, the same on all sheets."""
    centre_px: tuple[float, float]
    state: str


@dataclass(frozen=True, slots=True)
class ReadBox:
    """One box as it was read."""

    box: TrueBox
    state: MarkState
    measures: CheckboxMeasures
    picture: Grey

    @property
    def is_right(self) -> bool:
        """Whether the state is the true one."""
        return self.state in _RIGHT[self.box.state]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    options = _parser().parse_args(arguments)
    table = options.material / "marks" / "kit_sheets_groundtruth_dev.csv" if options.material else None
    if table is None or not table.exists():
        print("No sheets were given, so nothing was measured: name the folder with the material with --material DIR.")
        return
    read = read_sheets(table.parent / "kit_sheets", load_table(table))
    _print_report(read)
    if options.show is not None:
        _show([box for box in read if not box.is_right], options.show)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--material", type=Path, metavar="DIR", help="folder with the evaluation material")
    parser.add_argument("--show", type=Path, metavar="FILE", help="write pictures of the boxes read otherwise there")
    return parser


def load_table(path: Path) -> dict[str, list[TrueBox]]:
    """Read the table of boxes, by sheet."""
    sheets: defaultdict[str, list[TrueBox]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            key, centre = f"{row['question']}.{row['option_1to5']}", (float(row["x_px"]), float(row["y_px"]))
            sheets[row["sheet"]].append(TrueBox(row["sheet"], key, centre, row["state"]))
    return dict(sheets)


def read_sheets(folder: Path, table: dict[str, list[TrueBox]]) -> list[ReadBox]:
    """Lay the sheets over one another, learn the blank from them, and read every box."""
    pictures = {name: _load(folder / name) for name in table}
    box = _printed_box([_cut(pictures[name], one.centre_px) for name, boxes in table.items() for one in boxes])
    hollow = _hollow_px(box)
    mm_per_px = (_BOX_MM - 2 * _LINE_MM) / (hollow[2] - hollow[0])
    places = {one.key: np.array(one.centre_px) * mm_per_px for one in next(iter(table.values()))}
    flats = {name: _laid(pictures[name], boxes, places, box) for name, boxes in table.items()}
    blank = np.asarray(np.percentile(np.stack(list(flats.values())), _BARE_PERCENTILE, axis=0), np.uint8)
    page = _geometry(places, np.array(hollow) * mm_per_px, blank)
    issued = PrintedPage(SharedPage(page, blank), OwnPage((), ""), np.full_like(blank, 255), ())
    found = []
    for name, boxes in table.items():
        sheet = Sheet(issued, _no_view(flats[name]), flats[name], bilevel=False)
        truth = {one.key: one for one in boxes}
        found += [_read(sheet, checkbox, truth[checkbox.option]) for checkbox in page.checkboxes]
    return found


def _read(sheet: Sheet, checkbox: Checkbox, truth: TrueBox) -> ReadBox:
    mark = mark_area(sheet, checkbox)
    reading = read_checkbox(sheet, mark, 1, None)
    return ReadBox(truth, reading.state, measure_checkbox(sheet, mark), sheet.flat[pixels(checkbox.box_mm.grown(5))])


def _load(path: Path) -> Grey:
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise SystemExit(f"{path} cannot be read as a picture: take its rows out of the table, or mend it.")
    return np.asarray(picture, np.uint8)


def _cut(picture: Grey, centre: tuple[float, float]) -> Grey:
    half = round(_WINDOW_MM / 25.4 * _SCAN_DPI)
    x, y = (round(value) for value in centre)
    return picture[y - half : y + half, x - half : x + half]


def _printed_box(crops: Sequence[Grey]) -> Grey:
    """Learn what an empty box looks like: most of them are empty."""
    return np.asarray(np.median(np.stack(crops), axis=0), np.uint8)


def _laid(picture: Grey, boxes: Sequence[TrueBox], places: Places, box: Grey) -> Grey:
    """Lay a sheet onto the first one's places, by its own boxes, on the grid of a sheet."""
    seen = np.array([_found(picture, one.centre_px, box) for one in boxes], dtype=np.float64)
    wanted = np.array([places[one.key] for one in boxes]) * px_per_mm()
    homography, _ = cv2.findHomography(seen, wanted, cv2.RANSAC, 2.0)
    width, height = (round(side * px_per_mm()) for side in _page_mm(places))
    # What the homography leaves is this sheet's local drift, which the reading takes from the print around.
    rest = cv2.perspectiveTransform(seen[None], homography)[0] - wanted
    y, x = np.mgrid[0:height:_DRIFT_PX, 0:width:_DRIFT_PX].astype(np.float32)
    nearest = ((x.ravel()[:, None] - wanted[:, 0]) ** 2 + (y.ravel()[:, None] - wanted[:, 1]) ** 2).argmin(axis=1)
    drift = cv2.resize(rest[nearest].reshape(*x.shape, 2).astype(np.float32), (width, height))
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    places_px = np.dstack((columns + drift[..., 0], rows + drift[..., 1])).reshape(1, -1, 2)
    back = cv2.perspectiveTransform(places_px, np.linalg.inv(homography)).reshape(height, width, 2)
    laid = cv2.remap(picture, back[..., 0], back[..., 1], cv2.INTER_LINEAR, borderValue=(255,))
    return np.asarray(laid, np.uint8)


def _page_mm(places: Places) -> tuple[float, float]:
    right, bottom = np.max(list(places.values()), axis=0) + _MARGIN_MM
    return float(right), float(bottom)


def _found(picture: Grey, centre: tuple[float, float], box: Grey) -> tuple[float, float]:
    """Find a box near where the table has it."""
    reach = round(_SEARCH_MM / 25.4 * _SCAN_DPI)
    half = len(box) // 2
    x, y = (round(value) for value in centre)
    window = picture[y - half - reach : y + half + reach, x - half - reach : x + half + reach]
    if window.shape != (len(box) + 2 * reach, len(box) + 2 * reach):
        return centre
    _, _, _, (dx, dy) = cv2.minMaxLoc(cv2.matchTemplate(window, box, cv2.TM_CCOEFF_NORMED))
    return x + dx - reach, y + dy - reach


def _hollow_px(box: Grey) -> tuple[float, float, float, float]:
    """Give the bare inside of a printed box, in pixels from its middle: left, top, right, bottom."""
    bare = (box > (int(box.min()) + int(np.percentile(box, 90))) // 2).view(np.uint8)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(bare, connectivity=4)
    middle = len(box) // 2
    left, top, width, height, _ = (int(value) for value in statistics[labels[middle, middle]])
    half = len(box) / 2
    return left - half, top - half, left + width - half, top + height - half


def _geometry(places: Places, hollow_mm: NDArray[np.float64], blank: Grey) -> PageGeometry:
    """Describe the sheet as a page of ours: its boxes, and print as black as it gets for anchors."""
    squares = {
        key: BoxMm(*(float(value) for value in np.tile(place, 2) + hollow_mm)).grown(_LINE_MM)
        for key, place in places.items()
    }
    checkboxes = tuple(Checkbox(key, square, _LINE_MM) for key, square in squares.items())
    anchors = tuple(_blackest(blank, square) for square in squares.values())
    return PageGeometry(1, *_page_mm(places), anchors, (), (), (), checkboxes, (), None, ())


def _blackest(blank: Grey, square: BoxMm) -> BoxMm:
    """Give a place of solid print at a square's line, framed as an anchor is."""
    rows, columns = pixels(square.grown(_LINE_MM))
    _, _, (x, y), _ = cv2.minMaxLoc(cv2.blur(blank[rows, columns], (3, 3)))
    x_mm, y_mm = (columns.start + x + 0.5) / px_per_mm(), (rows.start + y + 0.5) / px_per_mm()
    return BoxMm(x_mm, y_mm, x_mm, y_mm).grown(_ANCHOR_INSET_MM + _SOLID_MM / 2)


def _no_view(flat: Grey) -> PageView:
    """A view that nothing is asked of: the sheet is laid flat already."""
    size_mm = flat.shape[1] / px_per_mm(), flat.shape[0] / px_per_mm()
    return PageView(
        PagePicture(flat, bilevel=False), np.diag((px_per_mm(), px_per_mm(), 1.0)), no_drift(*size_mm), *size_mm
    )


def _print_report(read: Sequence[ReadBox]) -> None:
    for state in _RIGHT:
        states = Counter(box.state.value for box in read if box.box.state == state)
        print(f"{state}: {', '.join(f'{name} {count}' for name, count in states.most_common())}")
    otherwise = [box for box in read if not box.is_right]
    unflagged = [box for box in otherwise if box.state is not MarkState.UNCLEAR]
    print(f"{len(otherwise)} of {len(read)} boxes read otherwise, {len(unflagged)} of them not flagged as unclear")
    for box in otherwise:
        print(f"  {box.box.sheet} {box.box.key}: {box.box.state} read as {box.state.value} ({box.measures})")


def _show(boxes: Sequence[ReadBox], path: Path) -> None:
    side = max((max(box.picture.shape) for box in boxes), default=1)
    tiles = [
        cv2.copyMakeBorder(
            box.picture,
            0,
            side - box.picture.shape[0],
            0,
            side - box.picture.shape[1],
            cv2.BORDER_CONSTANT,
            value=(200,),
        )
        for box in boxes
    ]
    cv2.imwrite(str(path), cv2.resize(np.hstack(tiles), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST))


if __name__ == "__main__":
    main()
