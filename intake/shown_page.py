"""The picture of a page that a person looks at."""

from __future__ import annotations

import cv2

from intake.pictures import Grey
from intake.sheet_grid import SHEET_DPI

SHOWN_DPI = 100.0
_AS_RECEIVED_PX = 1_170
"""Longest side of the picture of a page that was not located: A4 at 100 dpi."""


def shown_png(flat: Grey) -> bytes:
    """Draw a page that lies flat, at SHEET_DPI, as a PNG of SHOWN_DPI."""
    return _reduced_png(flat, SHOWN_DPI / SHEET_DPI)


def as_received_png(grey: Grey) -> bytes:
    """Draw a page that was not located, as large as one that was."""
    return _reduced_png(grey, min(1.0, _AS_RECEIVED_PX / max(grey.shape)))


def _reduced_png(grey: Grey, factor: float) -> bytes:
    size = (round(grey.shape[1] * factor), round(grey.shape[0] * factor))
    reduced = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(".png", reduced, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return encoded.tobytes()
