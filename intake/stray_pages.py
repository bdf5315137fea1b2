"""Tell what a page is on which no page code could be read: one of ours, somebody else's, or nothing that can be said.

The reading measures (the printed corners, the words); `told_apart` judges, with the wordings of all letters that were
ever issued, which the registry supplies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, permutations

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.issued_form import LetterGeometry
from forms.plain_text import plain_words
from intake.pictures import Grey
from intake.results import DocumentReading, Reason, UnplacedPage

OURS_FROM_PAIRS, OURS_FROM_SHARE = 8, 0.2
"""Pairs of neighbouring words that a page has in common with one letter of ours, in all and as a share of its own, from
which it is one of ours."""
FOREIGN_FROM_WORDS, FOREIGN_BELOW_SHARE = 25, 0.08
"""Words of a page from which it is somebody else's, where less of its pairs than this stands in any letter of ours."""

_SEARCH_PX = 1_200
_SQUARE_SHARE = (0.008, 0.035)
"""Side of a printed corner (4 mm) as a share of the picture's longer side, page filling it or lying well inside."""
_SOLID, _SQUARE_SHAPE, _LIKE_SIZE = 0.82, 0.75, 0.7
_MOST_SQUARES = 14
_CORNER_COS = 0.12
_SIDES_RATIO, _RATIO_WITHIN = 191 / 278, 0.07
_SIDE_TO_SQUARE, _SIZE_WITHIN = 191 / 4, 0.25
"""A photo's perspective lets right angles and distances stray so far; a letter of a heading strays further."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A letter's words, as pairs of neighbours: what tells it from other letters of its language."""

    pairs: frozenset[tuple[str, str]]


def wording_of(letter: LetterGeometry) -> Wording:
    """Take a letter's words."""
    return Wording(frozenset(_pairs(line.text for page in letter.pages for line in page.text_lines)))


def told_apart(reading: DocumentReading, wordings: Callable[[], Sequence[Wording]]) -> DocumentReading:
    """Say of each page without a readable code what it is, as far as its words tell; all else stays as it was read."""
    if not any(_is_to_be_told(page) for page in reading.unplaced):
        return reading
    known = wordings()
    pages = tuple(_told(page, known) if _is_to_be_told(page) else page for page in reading.unplaced)
    return replace(reading, unplaced=pages)


_TO_BE_TOLD = frozenset({Reason.PAGE_NO_CODE, Reason.PAGE_CODE_UNREADABLE})


def _is_to_be_told(page: UnplacedPage) -> bool:
    return page.reason in _TO_BE_TOLD and bool(page.text)


def _told(page: UnplacedPage, wordings: Sequence[Wording]) -> UnplacedPage:
    """Judge by the words where there are enough; else the page stays what its printed corners made of it."""
    shown = set(_pairs(page.text.splitlines()))
    shared = max((len(shown & wording.pairs) for wording in wordings), default=0)
    share = shared / max(len(shown), 1)
    if shared >= OURS_FROM_PAIRS and share >= OURS_FROM_SHARE:
        return replace(page, reason=Reason.PAGE_CODE_UNREADABLE)
    is_legible = len(plain_words(page.text)) >= FOREIGN_FROM_WORDS
    return replace(page, reason=Reason.PAGE_FOREIGN) if is_legible and share < FOREIGN_BELOW_SHARE else page


def _pairs(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    return (pair for line in lines for pair in pairwise(plain_words(line)))


def shows_our_corners(grey: Grey) -> bool:
    """Tell whether three solid squares stand on the page as our printed corners do, whichever way it lies."""
    scale = min(1.0, _SEARCH_PX / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    dark = cv2.adaptiveThreshold(small, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 101, 25)
    squares = _squares(np.asarray(dark, dtype=np.uint8))
    return any(_is_corner(*three) for three in permutations(squares, 3))


@dataclass(frozen=True, slots=True)
class _Square:
    centre: NDArray[np.float64]
    side: float


def _squares(dark: NDArray[np.uint8]) -> list[_Square]:
    """Find solid squares of a likely size; the most solid ones where there are many."""
    least, most = (share * max(dark.shape) for share in _SQUARE_SHARE)
    contours, _ = cv2.findContours(dark, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found: list[tuple[float, _Square]] = []
    for contour in contours:
        centre, (width, height), _ = cv2.minAreaRect(contour)
        shorter, longer = sorted((width + 1, height + 1))
        solid = len(contour) and cv2.contourArea(contour) / max((width * height), 1.0)
        if least <= shorter <= longer <= most and shorter >= _SQUARE_SHAPE * longer and solid >= _SOLID:
            found.append((solid, _Square(np.array(centre), float(np.sqrt(shorter * longer)))))
    found.sort(key=lambda item: -item[0])
    return [square for _, square in found[:_MOST_SQUARES]]


def _is_corner(at: _Square, first: _Square, second: _Square) -> bool:
    """Tell whether a square stands at a right angle between two others, at our page's distances for its size."""
    short, long = first.centre - at.centre, second.centre - at.centre
    short_px, long_px = float(np.hypot(*short)), float(np.hypot(*long))
    if min(short_px, long_px) == 0 or abs(float(short @ long)) > _CORNER_COS * short_px * long_px:
        return False
    sides = (at.side, first.side, second.side)
    side = float(np.mean(sides))
    return min(sides) >= _LIKE_SIZE * max(sides) and (
        abs(short_px / long_px / _SIDES_RATIO - 1) <= _RATIO_WITHIN
        and abs(short_px / side / _SIDE_TO_SQUARE - 1) <= _SIZE_WITHIN
    )
