"""Sample parts of a page picture as if the page lay straight: from millimetres on the issued page to pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.units import MM_PER_INCH, BoxMm
from intake.pictures import Grey, Picture

Matrix = NDArray[np.float64]
"""Shape (3, 3): a homography between homogeneous (x, y, 1) columns."""

DRIFT_CELL_MM = 10.0
"""Side of the cells in which drift is kept."""

_BAND_CELLS = 10
"""Rows of cells that are sampled at once: the map of a whole page takes 21 MB."""

_COARSE_FROM = 1.7
"""A picture this many times finer than what is sampled from it is reduced first, or thin lines would be skipped."""
_HALVE = np.array([[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1]])
"""Pixel index i of the half picture covers indices 2i and 2i + 1 of the whole one."""


@dataclass(frozen=True)
class PageView:
    """A page picture with the map from the issued page (mm) to its pixels, and the local drift from that map."""

    picture: Picture
    to_px: Matrix
    """Page millimetres → pixel indices (the middle of the first pixel is 0, 0)."""
    drift_mm: NDArray[np.float32]
    """Shape (rows, columns, 2), x and y: how far the print lies from where `to_px` says, by cell of the page."""
    width_mm: float
    height_mm: float

    @cached_property
    def dpi(self) -> float:
        """Resolution in the middle of the page (geometric mean of both axes)."""
        x_mm, y_mm = self.width_mm / 2, self.height_mm / 2
        origin, right, below = map_points(self.to_px, np.array([(x_mm, y_mm), (x_mm + 1, y_mm), (x_mm, y_mm + 1)]))
        area = abs((right - origin)[0] * (below - origin)[1] - (right - origin)[1] * (below - origin)[0])
        return float(np.sqrt(area) * MM_PER_INCH)

    def _source(self, dpi: float) -> tuple[Grey, Matrix]:
        if self.dpi <= _COARSE_FROM * dpi:
            return self.picture.grey, self.to_px
        if self.dpi <= 2 * _COARSE_FROM * dpi:
            return self.picture.half, _HALVE @ self.to_px
        return self.picture.quarter, _HALVE @ _HALVE @ self.to_px

    def drift_at(self, x_mm: float, y_mm: float) -> NDArray[np.float64]:
        """Give the drift (x, y in mm) of the cell that holds a point."""
        rows, columns, _ = self.drift_mm.shape
        row = int(np.clip(y_mm / self.height_mm * rows, 0, rows - 1))
        column = int(np.clip(x_mm / self.width_mm * columns, 0, columns - 1))
        return np.asarray(self.drift_mm[row, column], dtype=np.float64)

    def crop(self, box: BoxMm, dpi: float) -> Grey:
        """Sample a box of the page upright at a resolution; what lies outside the picture is white."""
        source, to_px = self._source(dpi)
        mm_per_px = MM_PER_INCH / dpi
        x_drift, y_drift = self.drift_at(*box.centre)
        to_mm = np.array(
            [
                [mm_per_px, 0, box.x0 + mm_per_px / 2 + x_drift],
                [0, mm_per_px, box.y0 + mm_per_px / 2 + y_drift],
                [0, 0, 1],
            ]
        )
        size = (max(1, round(box.width / mm_per_px)), max(1, round(box.height / mm_per_px)))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop = cv2.warpPerspective(
            source, to_px @ to_mm, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=255
        )
        return np.asarray(crop, dtype=np.uint8)

    def whole(self, dpi: float) -> Grey:
        """Sample the whole page upright at a resolution, drift included.

        The map is computed in the middle of coarse cells and interpolated between them, one cell beyond every edge.
        """
        source, to_px = self._source(dpi)
        rows, columns, _ = self.drift_mm.shape
        width_px, height_px = round(self.width_mm / MM_PER_INCH * dpi), round(self.height_mm / MM_PER_INCH * dpi)
        cell_x, cell_y = -(-width_px // columns), -(-height_px // rows)
        mm_per_px = MM_PER_INCH / dpi
        nodes = cv2.copyMakeBorder(self.drift_mm, 1, 1, 1, 1, cv2.BORDER_REPLICATE).astype(np.float64)
        nodes[..., 0] += (np.arange(-1, columns + 1) + 0.5) * cell_x * mm_per_px
        nodes[..., 1] += (np.arange(-1, rows + 1)[:, None] + 0.5) * cell_y * mm_per_px
        map_px = map_points(to_px, nodes.reshape(-1, 2)).reshape(nodes.shape).astype(np.float32)
        page = np.empty((height_px, width_px), dtype=np.uint8)
        for first in range(0, rows, _BAND_CELLS):
            count = min(_BAND_CELLS, rows - first)
            size = ((columns + 2) * cell_x, (count + 2) * cell_y)
            band = page[first * cell_y : (first + count) * cell_y]
            x_px, y_px = (
                cv2.resize(axis, size, interpolation=cv2.INTER_LINEAR)[
                    cell_y : cell_y + len(band), cell_x : cell_x + width_px
                ]
                for axis in cv2.split(map_px[first : first + count + 2])
            )
            cv2.remap(source, x_px, y_px, cv2.INTER_LINEAR, band, cv2.BORDER_CONSTANT, 255)
        return page


def map_points(matrix: Matrix, points: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Map points, shape (n, 2), by a homography."""
    homogeneous = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:])


def inverse(matrix: Matrix) -> Matrix:
    """Give the map back: from pixels to page millimetres."""
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def no_drift(width_mm: float, height_mm: float) -> NDArray[np.float32]:
    """Give the drift of a page that lies everywhere where its map says, in the cells that all drifts are kept in."""
    return np.zeros((round(height_mm / DRIFT_CELL_MM), round(width_mm / DRIFT_CELL_MM), 2), dtype=np.float32)


def best_match(picture: Grey, pattern: Grey) -> tuple[float, NDArray[np.float64]]:
    """Find where a pattern fits a (larger) picture best, to a fraction of a pixel.

    Gives the normalised correlation (−1 to 1) and the offset (x, y) of the pattern's corner from the position where it
    lies in the middle of the picture.
    """
    score, (x, y) = best_corner(picture, pattern)
    (height, width), (pattern_height, pattern_width) = picture.shape, pattern.shape
    return score, np.array([x - (width - pattern_width) / 2, y - (height - pattern_height) / 2])


def best_corner(picture: NDArray[Any], pattern: NDArray[Any]) -> tuple[float, tuple[float, float]]:
    """Find the same; gives the normalised correlation, and where in the picture the pattern's corner lies, (x, y)."""
    scores = cv2.matchTemplate(picture, pattern, cv2.TM_CCOEFF_NORMED)
    _, score, _, (x, y) = cv2.minMaxLoc(scores)
    corner = (x + _vertex(scores[y, max(0, x - 1) : x + 2]), y + _vertex(scores[max(0, y - 1) : y + 2, x]))
    return float(score), corner


def cut_at(picture: NDArray[np.float32], corner: tuple[float, float], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Cut a piece out of a picture that begins at a fraction of a pixel (x, y); what lies outside is 0."""
    move = np.array([[1, 0, corner[0]], [0, 1, corner[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, move, (shape[1], shape[0]), flags=flags), dtype=np.float32)


def _vertex(three: NDArray[Any]) -> float:
    """Offset of a parabola's vertex through three neighbouring scores; 0 at the border."""
    if len(three) != 3:
        return 0.0
    left, middle, right = three.tolist()
    curvature = left - 2 * middle + right
    return 0.0 if curvature >= 0 else max(-0.5, min(0.5, 0.5 * (left - right) / curvature))
