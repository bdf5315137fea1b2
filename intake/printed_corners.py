"""Tell a page of ours by its printed corners alone, where nothing on it can be read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.pictures import Grey

_SEARCH_PX = 1_200
_SQUARE_SHARE = (0.008, 0.035)
"""Side of a printed corner (4 mm) as a share of the picture's longer side, page filling it or lying well inside."""
_SOLID, _SQUARE_SHAPE, _LIKE_SIZE = 0.82, 0.75, 0.7
_BARE_FROM, _BARE_TO, _BARE = 0.15, 0.5, 0.03
_MOST_SQUARES = 14
_CORNER_COS = 0.12
_SIDES_RATIO, _RATIO_WITHIN = 191 / 278, 0.07
_SIDE_TO_SQUARE, _SIZE_WITHIN = 191 / 4, 0.25
"""A photo's perspective lets right angles and distances stray so far; a letter of a heading strays further."""


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
        is_square = least <= shorter <= longer <= most and shorter >= _SQUARE_SHAPE * longer and solid >= _SOLID
        if is_square and _stands_alone(dark, contour, longer):
            found.append((solid, _Square(np.array(centre), float(np.sqrt(shorter * longer)))))
    found.sort(key=lambda item: -item[0])
    return [square for _, square in found[:_MOST_SQUARES]]


def _stands_alone(dark: NDArray[np.uint8], contour: cv2.typing.MatLike, side: float) -> bool:
    """Tell whether bare paper lies around a square, as around a printed corner; a solid letter has neighbours."""
    x, y, width, height = cv2.boundingRect(contour)
    near, far = round(_BARE_FROM * side), round(_BARE_TO * side)
    around = dark[max(0, y - far) : y + height + far, max(0, x - far) : x + width + far].astype(bool)
    inside = dark[max(0, y - near) : y + height + near, max(0, x - near) : x + width + near].astype(bool)
    return int(around.sum()) - int(inside.sum()) <= _BARE * (around.size - inside.size)


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
