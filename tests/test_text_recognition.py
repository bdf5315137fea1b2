"""Text is read alike by Tesseract as a library and as a program, and a worker finds the library loaded."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest
from letters import issue

from forms.blank_page import render_blank_pages
from forms.plain_text import plain
from intake import text_recognition
from intake.sheet_grid import pixels
from intake.tesseract_library import TesseractLibrary
from intake.tesseract_program import recognise_with_program
from intake.text_recognition import OCR_DPI, TextPicture, recognise, recognizer

_ISSUED = issue()
_LINES = sorted(_ISSUED.letter.pages[0].text_lines, key=lambda line: -line.width_mm)[:4]
"""Whole lines of the letter, as they are printed."""


@pytest.fixture
def unloaded() -> Iterator[None]:
    """Let the engine be chosen anew, and again afterwards."""
    recognizer.cache_clear()
    yield
    recognizer.cache_clear()


_PRINTED = [plain(line.text) for line in _LINES]


def _read_lines() -> list[str]:
    page = render_blank_pages(_ISSUED.pdf, OCR_DPI)[0]
    pictures = [TextPicture(np.ascontiguousarray(page[pixels(line.box_mm.grown(1.0))])) for line in _LINES]
    return [plain(" ".join(word.text for word in words)) for words in recognise(pictures)]


@pytest.mark.usefixtures("unloaded")
def test_the_library_is_taken_where_it_is_installed() -> None:
    """It is there wherever the tests run, and it reads what is printed."""
    assert isinstance(recognizer(), TesseractLibrary)
    assert _read_lines() == _PRINTED


@pytest.mark.usefixtures("unloaded")
def test_without_the_library_the_program_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without the extra reads all the same, only slower."""
    monkeypatch.setitem(sys.modules, "intake.tesseract_library", None)
    assert recognizer() is recognise_with_program
    assert _read_lines() == _PRINTED


@pytest.mark.usefixtures("unloaded")
def test_without_a_model_the_library_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library brings no language of its own."""
    monkeypatch.setattr(text_recognition, "_MODEL_FOLDERS", ("/nowhere",))
    assert recognizer() is recognise_with_program


def test_a_document_without_ink_starts_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is written, nothing is loaded and no process started."""
    monkeypatch.setattr(text_recognition, "recognizer", None)
    assert recognise([]) == []
