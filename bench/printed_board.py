"""A page of the letter with many squares, or many signature frames, where its wording stands, sent through a channel.

A whole return tells one mark and one signature; a page like this tells scores of them, read by the same functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from bench.sample_forms import issue_sample
from forms.issued_form import Checkbox, IssuedPdf, PageGeometry, SignatureField
from forms.units import BoxMm, mm_to_px
from intake.find_codes import find_codes
from intake.locate import NotLocated, locate
from intake.opening import open_document
from intake.printed_page import PrintedPage, SharedPage, printed_page
from intake.sheet import Sheet, flatten
from intake.sheet_grid import grid_shape
from simulation import paper
from simulation.channels import PRESETS, Channel
from simulation.files import to_tiff
from simulation.issued_pdf import render_blank
from simulation.pens import Ink, Pen, draw
from simulation.scanner import scan

BLACK_AND_WHITE = (
    "bilevel-200",
    "bilevel-300",
    "bilevel-folded",
    "fax-fine",
    "fax-standard",
    "bilevel-dark",
    "bilevel-light",
)
_DPI = 300
_CLEARED_MM = BoxMm(8.0, 86.0, 203.0, 237.0)
_FIRM = Pen(0.5, Ink.BLACK, 1.0)


@dataclass(frozen=True, slots=True)
class Board:
    """What is printed where the wording stood."""

    squares: tuple[Checkbox, ...] = ()
    frames: tuple[SignatureField, ...] = ()

    @classmethod
    def of_squares(cls, page: PageGeometry) -> Board:
        """Spread 72 squares like the page's own, so far apart that marks hardly meet."""
        (like, *_) = page.checkboxes
        side = like.box_mm.width
        corners = ((27.0 + 18 * column, 92.0 + 18 * row) for row in range(8) for column in range(9))
        boxes = (BoxMm(x, y, x + side, y + side) for x, y in corners)
        return cls(squares=tuple(replace(like, option=str(index), box_mm=box) for index, box in enumerate(boxes)))

    @classmethod
    def of_frames(cls, page: PageGeometry) -> Board:
        """Spread eight frames like that of the page's signature."""
        like = page.signature
        if like is None:
            raise ValueError("The letter asks for no signature.")
        moves = ((10 + 97 * column - like.frame_mm.x0, 89 + 37 * row - like.frame_mm.y0) for row, column in _EIGHT)
        return cls(
            frames=tuple(
                replace(like, frame_mm=_moved(like.frame_mm, *by_mm), box_mm=_moved(like.box_mm, *by_mm))
                for by_mm in moves
            )
        )


_EIGHT = tuple((row, column) for row in range(4) for column in range(2))
Fill = Callable[[paper.Sheet, Board], None]
"""Draws into the squares or frames of a board."""


def through(
    channel: str, spread: Callable[[PageGeometry], Board], fill: Fill, rng: np.random.Generator
) -> tuple[Sheet, Board] | None:
    """Print a board, fill it in, send it through a channel and locate it; None where it is not found.

    The page's own fields are written in firmly, so that nothing but the board tells of lost ink.
    """
    issued = issue_sample(rng)
    board = spread(issued.letter.pages[0])
    picture = _print(issued, board)
    printed = _as_printed(issued, board, picture)
    sheet = paper.Sheet(picture, _DPI)
    for field in printed.geometry.text_fields:
        x = np.linspace(field.box_mm.x0 + 4, field.box_mm.x1 - 4, 80)
        wave = np.stack([x, field.box_mm.centre[1] + 0.3 * field.box_mm.height * np.sin(1.5 * x)], axis=1)
        draw(sheet, [wave], _FIRM, rng)
    fill(sheet, board)
    preset = PRESETS[channel]
    if not isinstance(preset, Channel):
        raise TypeError(f"{channel} is no scanner and no fax.")
    with open_document(to_tiff([scan(picture, _DPI, preset, rng)])) as received:
        page = received.picture(0)
    located = locate(page, find_codes(page), printed.geometry, printed.tiles)
    return None if isinstance(located, NotLocated) else (flatten(located.view, printed, bilevel=page.bilevel), board)


def _moved(box: BoxMm, x_mm: float, y_mm: float) -> BoxMm:
    return BoxMm(box.x0 + x_mm, box.y0 + y_mm, box.x1 + x_mm, box.y1 + y_mm)


def _print(issued: IssuedPdf, board: Board) -> paper.Picture:
    picture = render_blank(issued.pdf, _DPI)[0].copy()
    x0, y0, x1, y1 = paper.Sheet(picture, _DPI).clip_px(_CLEARED_MM)
    picture[y0:y1, x0:x1] = 255
    outlines = [(each.box_mm, each.line_width_mm) for each in board.squares]
    outlines += [(each.frame_mm, each.line_width_mm) for each in board.frames]
    for box, line_mm in outlines:
        x0, y0, x1, y1 = (round(mm_to_px(edge, _DPI)) for edge in box)
        line = max(1, round(mm_to_px(line_mm, _DPI)))
        inside = picture[y0 + line : y1 - line, x0 + line : x1 - line].copy()
        picture[y0:y1, x0:x1] = 0
        picture[y0 + line : y1 - line, x0 + line : x1 - line] = inside
    return picture


def _as_printed(issued: IssuedPdf, board: Board, picture: paper.Picture) -> PrintedPage:
    """Give the page with a board on it as one that was issued so."""
    printed = printed_page(issued, 1)
    lines = tuple(line for line in printed.geometry.text_lines if not _CLEARED_MM.intersects(line.box_mm))
    geometry = replace(printed.geometry, checkboxes=board.squares, text_lines=lines)
    height, width = grid_shape(geometry)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    blank = np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    for region in printed.own_regions:  # the customer's own part is laid over it again
        blank[region] = np.where(printed.own_blank[region] < 250, 255, blank[region])
    return PrintedPage(SharedPage(geometry, blank), printed.own, printed.own_blank, printed.own_regions)
