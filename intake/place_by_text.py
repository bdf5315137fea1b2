"""Say where an issued page lies on a picture by the words recognised on it: for pages whose codes cannot be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TypeVar

import cv2
import numpy as np

from forms.issued_form import OwnPage, PageGeometry, TextLine
from forms.plain_text import plain
from intake.page_text import TextRun
from intake.sampling import Matrix

Item = TypeVar("Item", TextLine, TextRun)

_SAME_FROM = 0.86
"""Likeness from which a recognised run is a printed line: lines of one letter are far less alike (0.7 at most)."""
_FEWEST_CHARACTERS = 6
_FEWEST_LINES = 6
"""A map of eight unknowns needs four places; the others say whether it is right."""
_INLIER_SHARE = 0.7
_INLIER_MM = 2.5


def map_by_text(runs: Sequence[TextRun], page: PageGeometry, own: OwnPage) -> Matrix | None:
    """Give the map from the issued page (mm) to the picture (px) that most printed lines bear out; None without one."""
    pairs = _pairs(runs, (*page.text_lines, *own.text_lines))
    if len(pairs) < _FEWEST_LINES:
        return None
    page_mm = np.array([line.box_mm.centre for line, _ in pairs])
    picture_px = np.array([run.centre_px for _, run in pairs])
    px_per_mm = float(np.ptp(picture_px, axis=0).max() / np.ptp(page_mm, axis=0).max())
    found, inliers = cv2.findHomography(page_mm, picture_px, cv2.RANSAC, _INLIER_MM * px_per_mm)
    if found is None or inliers.sum() < max(_FEWEST_LINES, _INLIER_SHARE * len(pairs)):
        return None
    return np.asarray(found, dtype=np.float64)


def _pairs(runs: Sequence[TextRun], lines: Sequence[TextLine]) -> list[tuple[TextLine, TextRun]]:
    """Pair printed lines with the runs that say the same; what is printed or recognised twice is left out."""
    printed = _only_once([(plain(line.text), line) for line in lines])
    recognised = _only_once([(plain(run.text), run) for run in runs])
    pairs = []
    for text, line in printed.items():
        alike = [(SequenceMatcher(None, text, other, autojunk=False).ratio(), other) for other in recognised]
        likeness, other = max(alike, default=(0.0, ""))
        if likeness >= _SAME_FROM:
            pairs.append((line, recognised[other]))
    return pairs


def _only_once(said: Sequence[tuple[str, Item]]) -> dict[str, Item]:
    """What is long enough to be told from others, by its text, where nothing else says the same."""
    count = Counter(text for text, _ in said)
    return {text: item for text, item in said if count[text] == 1 and len(text) >= _FEWEST_CHARACTERS}
