"""Tesseract as a program of its own: all pictures of a document in one call."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import pytesseract

from intake.pictures import Grey
from intake.text_recognition import LANGUAGE, OCR_DPI, Word


def recognise_with_program(pictures: Sequence[Grey]) -> list[tuple[Word, ...]]:
    """Recognise one line of text on each picture.

    Raises pytesseract.TesseractError or TesseractNotFoundError where the program itself fails.
    """
    # One thread: on small pictures Tesseract's own threads cost several times what they save.
    os.environ["OMP_THREAD_LIMIT"] = "1"
    with TemporaryDirectory(prefix="ruecklauf-ocr-") as folder:
        table = _run(pictures, Path(folder))
    words: list[list[Word]] = [[] for _ in pictures]
    for row in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        text, confidence = (row["text"] or "").strip(), float(row["conf"])
        if text and confidence >= 0:
            words[int(row["page_num"]) - 1].append(Word(text, confidence / 100))
    return [tuple(line) for line in words]


def _run(pictures: Sequence[Grey], folder: Path) -> str:
    names = []
    for index, picture in enumerate(pictures):
        name = folder / f"{index:04}.png"
        cv2.imwrite(str(name), picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        names.append(f"{name}\n")
    listing = folder / "pictures.txt"
    listing.write_text("".join(names), encoding="utf-8")
    config = f"--psm 7 --dpi {OCR_DPI:.0f} -c tessedit_do_invert=0"
    table = pytesseract.image_to_data(str(listing), lang=LANGUAGE, config=config, output_type=pytesseract.Output.STRING)
    return str(table)
