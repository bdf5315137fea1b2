"""Tesseract as a program of its own: all pictures of a document in one call for each way of reading."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import pytesseract

from intake.pictures import Grey
from intake.text_recognition import LANGUAGE, OCR_DPI, TextPicture, Word

_ONE_LINE, _SCATTERED = 7, 11
"""Tesseract's numbers for what to expect on a picture."""


def recognise_with_program(pictures: Sequence[TextPicture]) -> list[tuple[Word, ...]]:
    """Recognise text on each picture.

    Raises pytesseract.TesseractError or TesseractNotFoundError where the program itself fails.
    """
    # One thread: on small pictures Tesseract's own threads cost several times what they save.
    os.environ["OMP_THREAD_LIMIT"] = "1"
    words: list[list[Word]] = [[] for _ in pictures]
    for scattered, expected in ((False, _ONE_LINE), (True, _SCATTERED)):
        places = [index for index, picture in enumerate(pictures) if picture.scattered is scattered]
        if places:
            for place, word in _recognised([pictures[index].grey for index in places], expected):
                words[places[place]].append(word)
    return [tuple(found) for found in words]


def _recognised(pictures: Sequence[Grey], expected: int) -> Iterator[tuple[int, Word]]:
    """Give each word with the index of the picture that it stands on."""
    with TemporaryDirectory(prefix="ruecklauf-ocr-") as folder:
        table = _run(pictures, expected, Path(folder))
    for row in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        text, confidence = (row["text"] or "").strip(), float(row["conf"])
        if text and confidence >= 0:
            yield int(row["page_num"]) - 1, Word(text, confidence / 100)


def _run(pictures: Sequence[Grey], expected: int, folder: Path) -> str:
    names = []
    for index, picture in enumerate(pictures):
        name = folder / f"{index:04}.png"
        cv2.imwrite(str(name), picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        names.append(f"{name}\n")
    listing = folder / "pictures.txt"
    listing.write_text("".join(names), encoding="utf-8")
    config = f"--psm {expected} --dpi {OCR_DPI:.0f} -c tessedit_do_invert=0"
    table = pytesseract.image_to_data(str(listing), lang=LANGUAGE, config=config, output_type=pytesseract.Output.STRING)
    return str(table)
