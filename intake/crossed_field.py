"""Tell a signature field that was crossed out from side to side, whatever else stands in it.

Lines from one side of the field to the other, straight and beyond whatever was signed there, are no flourish: who draws
two of them, or one from corner to corner, takes back what stands there. The thresholds are measured in
docs/decisions/0004-thresholds.md.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.sheet_grid import Mask, px_per_mm

SPANS, INKED_FROM = (0.1, 0.9), 0.93
"""From where to where across the field such a line reaches at least, as shares of its width, and share of that length
that is inked."""
RISES_FROM = 0.55
"""Rise of a line from corner to corner between the field's sides, as a share of its height."""
APART_FROM_MM = 5.0
"""How far apart two lines are on one side of the field at least: a flourish drawn there and back is one."""

_BOW_MM, _STEP_MM = 0.6, 1.0


def is_crossed_field(ink: Mask) -> bool:
    """Tell whether the ink of a field, cut out as it is, has a line from corner to corner, or two from side to side."""
    heights = _heights(ink)
    inked = _inked_shares(ink, heights)
    left, right = (heights[places] for places in np.nonzero(inked >= INKED_FROM))
    if not len(left):
        return False
    is_corner_to_corner = bool((np.abs(left - right) >= RISES_FROM * len(ink)).any())
    apart_px = APART_FROM_MM * px_per_mm()
    return is_corner_to_corner or max(float(np.ptp(left)), float(np.ptp(right))) >= apart_px


def _heights(ink: Mask) -> NDArray[np.intp]:
    """Rows at which a line may begin and end."""
    return np.arange(0, len(ink), max(1, round(_BOW_MM * px_per_mm())))


def _inked_shares(ink: Mask, heights: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give the share of its length that is inked, of the lines from each height on the left to each on the right."""
    reach = 2 * round(_BOW_MM * px_per_mm()) + 1
    broad = cv2.dilate(ink.view(np.uint8), np.ones((reach, 1), np.uint8)) > 0
    width = ink.shape[1]
    columns = np.arange(round(SPANS[0] * width), round(SPANS[1] * width), max(1, round(_STEP_MM * px_per_mm())))
    along = columns / max(width - 1, 1)
    rows = np.rint(heights[:, None, None] * (1 - along) + heights[None, :, None] * along).astype(np.intp)
    return np.asarray(broad[rows, columns].mean(axis=2), dtype=np.float64)
