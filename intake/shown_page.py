"""The picture of a located page that a person looks at."""

from __future__ import annotations

import cv2

from intake.pictures import Grey
from intake.sheet_grid import SHEET_DPI

SHOWN_DPI = 100.0


def shown_png(flat: Grey) -> bytes:
    """Encode a page that lies flat, at SHEET_DPI, as a PNG of SHOWN_DPI."""
    factor = SHOWN_DPI / SHEET_DPI
    shown = cv2.resize(flat, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(".png", shown, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return encoded.tobytes()
