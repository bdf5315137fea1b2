"""Recognise text on small pictures with Tesseract: as a library in this process, or as the program of that name.

Both read the same pictures with the same model. The library (extra `ocr`) needs no new process and no files between,
and a worker inherits it loaded; where it is not installed, the program does the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from intake.pictures import Grey
from intake.sheet_grid import SHEET_DPI

LANGUAGE = "deu"
OCR_DPI = SHEET_DPI
"""Tesseract reads handwriting no better on finer pictures, and takes longer (docs/decisions/0017-reading-speed.md)."""
_BORDER_PX = 10
"""White around each picture: Tesseract misses letters that touch the edge."""
_MODEL_FOLDERS = ("/usr/share/tesseract-ocr", "/usr/share/tessdata", "/usr/local/share/tessdata")


@dataclass(frozen=True, slots=True)
class TextPicture:
    """A picture on which text is to be recognised."""

    grey: Grey
    """At OCR_DPI, dark on white."""
    scattered: bool = False
    """Words may stand anywhere on it, or nowhere; else it holds one line."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word."""

    text: str
    confidence: float
    """0 to 1."""


class TextRecognizer(Protocol):
    """An engine that recognises text."""

    def __call__(self, pictures: Sequence[TextPicture]) -> list[tuple[Word, ...]]:
        """Recognise text on each picture, white around it; the words of each."""
        ...


def recognise(pictures: Sequence[TextPicture]) -> list[tuple[Word, ...]]:
    """Recognise text on each picture; gives the words of each, in order.

    Raises RuntimeError or what pytesseract raises where the engine itself fails.
    """
    if not pictures:
        return []
    return recognizer()([replace(picture, grey=_bordered(picture.grey)) for picture in pictures])


def _bordered(grey: Grey) -> Grey:
    return np.asarray(cv2.copyMakeBorder(grey, *4 * (_BORDER_PX,), cv2.BORDER_CONSTANT, value=(255,)), dtype=np.uint8)


@cache
def recognizer() -> TextRecognizer:
    """Load the engine: the library where it and the language's model are there, else the program."""
    folder = _model_folder()
    if folder is not None:
        try:
            from intake.tesseract_library import TesseractLibrary
        except ImportError:
            pass
        else:
            return TesseractLibrary(folder)
    from intake.tesseract_program import recognise_with_program

    return recognise_with_program


def _model_folder() -> Path | None:
    models = (model for folder in _MODEL_FOLDERS for model in sorted(Path(folder).glob(f"**/{LANGUAGE}.traineddata")))
    newest = max(models, default=None)
    return None if newest is None else newest.parent
