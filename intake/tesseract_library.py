"""Tesseract as a library in this process."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from intake.text_recognition import LANGUAGE, OCR_DPI, TextPicture, Word

# One thread, said before the library is loaded: on small pictures its own threads cost several times what they save.
os.environ["OMP_THREAD_LIMIT"] = "1"
import tesserocr

_VARIABLES = {"tessedit_do_invert": "0"}
"""Nobody writes white on black: without this, each line that is read with little confidence is read again so."""


class TesseractLibrary:
    """Tesseract with its model loaded."""

    def __init__(self, model_folder: Path) -> None:
        """Load the model from its folder; raises RuntimeError where the library cannot."""
        self._engine = tesserocr.PyTessBaseAPI(path=f"{model_folder}/", lang=LANGUAGE, variables=_VARIABLES)

    def __call__(self, pictures: Sequence[TextPicture]) -> list[tuple[Word, ...]]:
        """Recognise text on each picture."""
        return [tuple(self._words(picture)) for picture in pictures]

    def _words(self, picture: TextPicture) -> Iterator[Word]:
        height, width = picture.grey.shape
        self._engine.SetPageSegMode(tesserocr.PSM.SPARSE_TEXT if picture.scattered else tesserocr.PSM.SINGLE_LINE)
        self._engine.SetImageBytes(picture.grey.tobytes(), width, height, 1, width)
        self._engine.SetSourceResolution(round(OCR_DPI))
        self._engine.Recognize()
        found = self._engine.GetIterator()
        if found is None:
            return
        for place in tesserocr.iterate_level(found, tesserocr.RIL.WORD):
            if not place.Empty(tesserocr.RIL.WORD):
                text = place.GetUTF8Text(tesserocr.RIL.WORD).strip()
                if text:
                    yield Word(text, place.Confidence(tesserocr.RIL.WORD) / 100)
