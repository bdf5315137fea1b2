"""Locate a page: find the map from millimetres on the issued page to pixels of the picture, and check how well it fits.

The page codes' corners give a first map, the printed anchors a good one. The printed page itself has the last word:
small tiles of the blank page are looked for around where the map expects them (`intake.print_drift`). Where they are
found corrects the map and gives the local drift (feeder stretch, folds); how many are found says whether it is the page
that it claims to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.issued_form import PageGeometry
from forms.page_code import code_modules
from forms.units import MM_PER_INCH, BoxMm
from intake.find_codes import FoundCode
from intake.pictures import Grey, Picture
from intake.print_drift import fit_to_print, follow_print
from intake.printed_tiles import PageTiles
from intake.results import Reason
from intake.sampling import Matrix, PageView, best_match, inverse, map_points, no_drift

_SEARCH_DPI = 150.0
_ANCHOR_MARGIN_MM = 1.8
_ANCHOR_SEARCH_MM = 5.0
_SEARCH_PX = round(_ANCHOR_SEARCH_MM / MM_PER_INCH * _SEARCH_DPI)
_NEAR_PX, _NEAR_SCORE = 6, 0.85
"""How near to its place a landmark is looked for first, and how alike it must be to be looked for no further."""
_ANCHOR_SCORE = 0.7
_CODE_SCORE = 0.5
_FEWEST_POINTS, _ENOUGH_POINTS = 3, 5
_MENDED_TIMES = 3
_MIN_TILE_SHARE = 0.5
_MAX_RESIDUAL_MM = 1.2


@dataclass(frozen=True)
class LocatedPage:
    """A located page and how well it fits."""

    view: PageView
    anchors_found: int
    residual_mm: float
    """Largest distance of a found anchor from where the final map has it."""
    tile_share: float
    """Share of the blank page's printed tiles that were found where they belong, 0 to 1."""


@dataclass(frozen=True, slots=True)
class NotLocated:
    """Why a page could not be located well enough to be read."""

    reason: Reason
    residual_mm: float = 0.0
    tile_share: float = 0.0


@dataclass(frozen=True, slots=True)
class _Point:
    """A point known on the issued page and found on the picture."""

    page_mm: tuple[float, float]
    picture_px: tuple[float, float]
    is_anchor: bool


@dataclass(frozen=True, slots=True)
class _Landmark:
    """A printed mark that is looked for: a code or an anchor."""

    box: BoxMm
    pattern: Grey
    score: float
    """How alike what is found must be, at least."""
    is_anchor: bool


def locate(
    picture: Picture, codes: Sequence[FoundCode], page: PageGeometry, tiles: PageTiles
) -> LocatedPage | NotLocated:
    """Locate a page by the codes found on it; `tiles` are those of the issued page."""
    content = codes[0].content
    view, points = _find_landmarks(picture, _first_maps(codes, page), codes, content, page)
    if view is None:
        return NotLocated(Reason.PAGE_NOT_LOCATED)
    view, points = _with_more_landmarks(view, points, codes, content, page, tiles)
    if len(points) < _FEWEST_POINTS:
        return NotLocated(Reason.PAGE_NOT_LOCATED)
    return _checked(view, points, tiles)


def locate_from(
    picture: Picture, first: Matrix, content: str, page: PageGeometry, tiles: PageTiles
) -> LocatedPage | NotLocated:
    """Locate a page on which no code could be read, from a first map found otherwise; `content` is its code's."""
    view, points = _find_landmarks(picture, iter([first]), (), content, page)
    if view is None:
        return NotLocated(Reason.PAGE_NOT_LOCATED)
    return _checked(*_with_more_landmarks(view, points, (), content, page, tiles), tiles)


def _with_more_landmarks(
    view: PageView,
    points: list[_Point],
    codes: Sequence[FoundCode],
    content: str,
    page: PageGeometry,
    tiles: PageTiles,
) -> tuple[PageView, list[_Point]]:
    """Where a map rests on few landmarks, mend it by the print, and look from there for those that it missed."""
    for _ in range(_MENDED_TIMES):
        if len(points) >= _ENOUGH_POINTS:
            break
        view = fit_to_print(view, tiles)
        further = _follow(view.picture, view.to_px, codes, content, page)
        if len(further[1]) >= _ENOUGH_POINTS:
            view, points = further
            break
    return _with_missed(view, points, content, page, tiles)


def _with_missed(
    view: PageView, points: list[_Point], content: str, page: PageGeometry, tiles: PageTiles
) -> tuple[PageView, list[_Point]]:
    """Look for the landmarks that were missed from where the print leads to.

    A map by landmarks that leave one corner out is far off there where paper bulges.
    """
    known = {point.page_mm for point in points}
    missed = [landmark for landmark in _landmarks(content, page) if landmark.box.centre not in known]
    if not missed:
        return view, points
    mended = fit_to_print(view, tiles)
    found = [point for landmark in missed if (point := _find_landmark(mended, landmark)) is not None]
    if not found:
        return view, points
    points = [*points, *found]
    return _view(view.picture, _refit(mended.to_px, points), page), points


def _checked(view: PageView, points: Sequence[_Point], tiles: PageTiles) -> LocatedPage | NotLocated:
    """Let the printed page have the last word on where the page lies, and whether it is the one it claims to be."""
    view, tile_share = follow_print(view, tiles)
    anchors = [point for point in points if point.is_anchor]
    residual_mm = max((_distance_mm(view, point) for point in anchors), default=0.0)
    if tile_share < _MIN_TILE_SHARE or residual_mm > _MAX_RESIDUAL_MM:
        return NotLocated(Reason.PAGE_POOR_FIT, residual_mm, tile_share)
    return LocatedPage(view, len(anchors), residual_mm, tile_share)


def _find_landmarks(
    picture: Picture, maps: Iterator[Matrix], codes: Sequence[FoundCode], content: str, page: PageGeometry
) -> tuple[PageView | None, list[_Point]]:
    """Follow one guessed map after the other until one leads to every landmark; else the one that led to the most."""
    best: tuple[PageView | None, list[_Point]] = (None, [])
    for first in maps:
        view, points = _follow(picture, first, codes, content, page)
        if best[0] is None or len(points) > len(best[1]):
            best = (view, points)
        if len(points) == len(page.codes_mm) + len(page.anchors_mm):
            break
    return best


def _first_maps(codes: Sequence[FoundCode], page: PageGeometry) -> Iterator[Matrix]:
    """Guess maps from the codes' corners, the likeliest first: which printed place each code fills is not known yet."""
    return (first for first in _maps(codes, page) if _is_plausible(first, page))


def _maps(codes: Sequence[FoundCode], page: PageGeometry) -> Iterator[Matrix]:
    places = [np.array([(b.x0, b.y0), (b.x1, b.y0), (b.x1, b.y1), (b.x0, b.y1)]) for b in page.codes_mm]
    if len(codes) >= 2:
        for chosen in permutations(places, 2):
            page_mm, picture_px = np.vstack(chosen), np.vstack([code.corners_px for code in codes[:2]])
            yield _affine(page_mm, picture_px)
            homography, _ = cv2.findHomography(page_mm, picture_px, 0)
            if homography is not None:
                yield np.asarray(homography, dtype=np.float64)
    yield from (_affine(place, code.corners_px) for code in codes[:2] for place in places)


def _is_plausible(to_px: Matrix, page: PageGeometry) -> bool:
    """Tell whether a map shows the page's front, in one piece, with sides of believable proportion."""
    corners = np.array(
        [(0, 0), (page.width_mm, 0), (page.width_mm, page.height_mm), (0, page.height_mm)], dtype=np.float64
    )
    depth = np.column_stack((corners, np.ones(4))) @ to_px[2]
    if depth.min() <= 0 and depth.max() >= 0:
        return False
    mapped = map_points(to_px, corners)
    sides = np.roll(mapped, -1, axis=0) - mapped
    turns = [_cross(sides[i], sides[(i + 1) % 4]) for i in range(4)]
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    return min(turns) > 0 and float(lengths.max() / max(lengths.min(), 1e-6)) < 2.5


def _follow(
    picture: Picture, first: Matrix, codes: Sequence[FoundCode], content: str, page: PageGeometry
) -> tuple[PageView, list[_Point]]:
    """Follow a first map from landmark to landmark, nearest to a code first, mending the map with each one found."""
    view = _view(picture, first, page)
    points: list[_Point] = []
    landmarks = _landmarks(content, page)
    if codes:
        centres = map_points(inverse(view.to_px), np.array([code.corners_px.mean(axis=0) for code in codes]))
        landmarks.sort(key=lambda landmark: float(np.hypot(*(centres - landmark.box.centre).T).min()))
    for landmark in landmarks:
        point = _find_landmark(view, landmark)
        if point is not None:
            points.append(point)
            view = _view(picture, _refit(first, points), page)
    return view, points


def _landmarks(content: str, page: PageGeometry) -> list[_Landmark]:
    code_pattern, anchor_pattern = _code_pattern(content, page.codes_mm[0]), _anchor_pattern(page.anchors_mm[0])
    codes = [_Landmark(box, code_pattern, _CODE_SCORE, is_anchor=False) for box in page.codes_mm]
    return [*codes, *(_Landmark(box, anchor_pattern, _ANCHOR_SCORE, is_anchor=True) for box in page.anchors_mm)]


def _view(picture: Picture, to_px: Matrix, page: PageGeometry) -> PageView:
    return PageView(picture, to_px, no_drift(page.width_mm, page.height_mm), page.width_mm, page.height_mm)


def _find_landmark(view: PageView, landmark: _Landmark) -> _Point | None:
    box = landmark.box
    found, offset_px = _best_landmark(view, box, landmark.pattern, _SEARCH_PX - _NEAR_PX)
    if found < _NEAR_SCORE or np.abs(offset_px).max() > _NEAR_PX - 1:
        found, offset_px = _best_landmark(view, box, landmark.pattern)
    if found < landmark.score:
        return None
    offset_mm = offset_px * MM_PER_INCH / _SEARCH_DPI
    x, y = box.centre
    at = map_points(view.to_px, np.array([(x, y)]) + offset_mm)[0]
    if not _is_whole(view, box, offset_mm):
        return None  # cut off by the picture's edge: what is left of it has its middle elsewhere
    return _Point((x, y), (float(at[0]), float(at[1])), landmark.is_anchor)


def _best_landmark(view: PageView, box: BoxMm, pattern: Grey, inset_px: int = 0) -> tuple[float, NDArray[np.float64]]:
    """Look for a landmark around its place, or by some pixels less far; gives the score and the offset in pixels."""
    around = box.grown(_ANCHOR_MARGIN_MM + _ANCHOR_SEARCH_MM - inset_px * MM_PER_INCH / _SEARCH_DPI)
    return best_match(view.crop(around, _SEARCH_DPI), pattern)


def _is_whole(view: PageView, box: BoxMm, offset_mm: NDArray[np.float64]) -> bool:
    """Tell whether a landmark, found off its place by an offset, lies inside the picture as a whole."""
    corners = np.array([(box.x0, box.y0), (box.x1, box.y0), (box.x0, box.y1), (box.x1, box.y1)])
    places = map_points(view.to_px, corners + offset_mm)
    height, width = view.picture.shape
    return bool((places >= 0).all() and (places <= (width - 1, height - 1)).all())


def _anchor_pattern(anchor: BoxMm) -> Grey:
    """Draw an anchor with white around it, at the search resolution."""
    side = round((anchor.width + 2 * _ANCHOR_MARGIN_MM) / MM_PER_INCH * _SEARCH_DPI)
    margin = round(_ANCHOR_MARGIN_MM / MM_PER_INCH * _SEARCH_DPI)
    pattern = np.full((side, side), 255, dtype=np.uint8)
    pattern[margin:-margin, margin:-margin] = 0
    return pattern


def _code_pattern(content: str, place: BoxMm) -> Grey:
    side = round(place.width / MM_PER_INCH * _SEARCH_DPI)
    modules = np.where(code_modules(content), 0, 255).astype(np.uint8)
    drawn = np.asarray(cv2.resize(modules, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    margin = round(_ANCHOR_MARGIN_MM / MM_PER_INCH * _SEARCH_DPI)
    return np.pad(drawn, margin, constant_values=255)


def _refit(first: Matrix, points: Sequence[_Point]) -> Matrix:
    """Mend the first map by the points found: by a shift, an affine map or a homography, as many as there are."""
    page_mm = np.array([point.page_mm for point in points])
    picture_px = np.array([point.picture_px for point in points])
    if len(points) >= _ENOUGH_POINTS or (len(points) == 4 and all(point.is_anchor for point in points)):
        homography, _ = cv2.findHomography(page_mm, picture_px, 0)
        if homography is not None:
            return np.asarray(homography, dtype=np.float64)
    expected_px = map_points(first, page_mm)
    if len(points) >= 3:
        return _affine(expected_px, picture_px) @ first
    shift = np.eye(3)
    shift[:2, 2] = (picture_px - expected_px).mean(axis=0)
    return np.asarray(shift @ first)


def _distance_mm(view: PageView, point: _Point) -> float:
    """How far a landmark lies from where the view has it, drift included."""
    page_mm = np.array(point.page_mm) + view.drift_at(*point.page_mm)
    seen_mm = map_points(inverse(view.to_px), np.array([point.picture_px], dtype=np.float64))[0]
    return float(np.hypot(*(seen_mm - page_mm)))


def _affine(source: NDArray[np.float64], target: NDArray[np.float64]) -> Matrix:
    solution, *_ = np.linalg.lstsq(np.column_stack((source, np.ones(len(source)))), target, rcond=None)
    return np.vstack((solution.T, (0.0, 0.0, 1.0)))


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(a[0] * b[1] - a[1] * b[0])
