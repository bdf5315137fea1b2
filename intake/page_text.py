"""Recognise all print on a whole page, however it lies: for pages whose code cannot be read.

It takes seconds where reading a page of ours takes a fraction of one, so only pages that nothing else identifies come
here. What is recognised comes from outside: it is compared, and shown to people as text, and nothing else.
"""

from __future__ import annotations

import csv
import os
import resource
import signal
from collections import defaultdict
from dataclasses import dataclass
from subprocess import PIPE, Popen

import cv2
import numpy as np

from intake.pictures import Grey
from intake.results import LONGEST_TEXT
from intake.text_recognition import LANGUAGE

_LONG_SIDE_PX = 2_339
"""A4 at 200 dpi, for which Tesseract is at its best with print of 7 to 13 points."""
_LARGEST_FACTOR = 2.0
_SPARSE_TEXT_IN_ANY_ORIENTATION = "12"
_MOST_CPU_S = 10
"""Processor time, so that a busy machine reads no less: a page takes 1 to 3 seconds, a picture of noise minutes."""
_WORD_FROM = 0.3
"""Confidence below which a word is dirt that was taken for letters."""


@dataclass(frozen=True, slots=True)
class TextRun:
    """Words that stand side by side, and where their middle lies on the picture."""

    text: str
    centre_px: tuple[float, float]


@dataclass(frozen=True, slots=True)
class PageText:
    """What was recognised on a page, in the engine's order, from top to bottom as far as it can tell."""

    runs: tuple[TextRun, ...]

    @property
    def text(self) -> str:
        """All of it, one run a line, cut off where no page of print is that long."""
        return "\n".join(run.text for run in self.runs)[:LONGEST_TEXT]


def recognise_page(grey: Grey) -> PageText:
    """Recognise the print on a page picture; nothing where the engine does not come to an end in time.

    Raises RuntimeError or OSError where the engine itself fails.
    """
    factor = min(_LONG_SIDE_PX / max(grey.shape), _LARGEST_FACTOR)
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=interpolation), dtype=np.uint8)
    words: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for row in csv.DictReader(_run(scaled).splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        if (row["text"] or "").strip() and float(row["conf"]) >= _WORD_FROM * 100:
            words[row["block_num"], row["par_num"], row["line_num"]].append(row)
    return PageText(tuple(_run_of(line, factor) for line in words.values()))


def _run(picture: Grey) -> str:
    """Let Tesseract recognise a picture as a table; empty where that took more time than any page of print does."""
    _, png = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    command = ["tesseract", "stdin", "stdout", "-l", LANGUAGE, "--psm", _SPARSE_TEXT_IN_ANY_ORIENTATION, "--dpi", "200"]
    surroundings = os.environ | {"OMP_THREAD_LIMIT": "1"}
    with Popen([*command, "tsv"], stdin=PIPE, stdout=PIPE, stderr=PIPE, env=surroundings) as engine:  # noqa: S603 - ours
        resource.prlimit(engine.pid, resource.RLIMIT_CPU, (_MOST_CPU_S, _MOST_CPU_S + 1))
        table, complaint = engine.communicate(png.tobytes())
    if engine.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return ""
    if engine.returncode != 0:
        raise RuntimeError(f"tesseract failed: {complaint.decode('utf-8', 'replace')}")
    return table.decode("utf-8", "replace")


def _run_of(words: list[dict[str, str]], factor: float) -> TextRun:
    boxes = np.array([[float(word[key]) for key in ("left", "top", "width", "height")] for word in words])
    least, most = boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    x, y = (least + most) / 2 / factor - 0.5
    return TextRun(" ".join(word["text"].strip() for word in words), (float(x), float(y)))
