"""What somebody laid over a PDF page with a viewer: ink, stamps, texts, comments.

What of it is seen on the page is judged by the page's picture, like ink on paper. Here is told what the picture can't
show: words that only a viewer shows on a click, marked-up text, things that are hidden, and that something is hidden by
what lies over it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pikepdf

from forms.units import px_to_mm
from intake.pictures import Grey

_OUR_CONCERN_NOT = frozenset({"/Widget", "/Link", "/Popup", "/PrinterMark", "/TrapNet"})
"""Form fields are read by themselves; a pop-up belongs to a comment; the others add nothing to a page."""
_SHOWN = frozenset({"/Ink", "/Stamp", "/FreeText", "/Line", "/PolyLine", "/Polygon", "/Square", "/Circle"})
"""Drawn on the page like ink; of all others the words, the file or the sound are what matters."""
_DRAWN_WITHOUT_APPEARANCE = frozenset({"/Ink", "/FreeText", "/Square", "/Circle"})
"""What every viewer draws by itself where the file has no picture of it."""
_UNSEEN = 1 << 0 | 1 << 1 | 1 << 5
"""Flags: invisible, hidden, no view."""
_DARK_BELOW, _LIGHT_FROM = 140, 215
_HIDDEN_FROM_MM2 = 0.6


@dataclass(frozen=True, slots=True)
class LaidOver:
    """What lies over one page."""

    seen: bool = False
    """Something that is drawn over the page, and may hide what is beneath it."""
    unseen: bool = False
    """Something that the page's picture does not tell of: a comment, marked-up or to be blacked out text, a file."""


def laid_over(annotations: Iterable[pikepdf.Object]) -> LaidOver:
    """Tell what lies over a page by its annotations; raises what pikepdf raises on broken ones."""
    seen = unseen = False
    for annotation in annotations:
        kind = str(annotation.get("/Subtype", "")) if isinstance(annotation, pikepdf.Dictionary) else ""
        if kind in _OUR_CONCERN_NOT:
            continue
        is_drawn = kind in _SHOWN and _is_drawn(annotation, kind)
        seen = seen or is_drawn
        unseen = unseen or not is_drawn or (kind != "/FreeText" and bool(str(annotation.get("/Contents", "")).strip()))
    return LaidOver(seen, unseen)


def hides(with_all: Grey, without: Grey, dpi: float) -> bool:
    """Tell whether something of a page is covered: dark without what lies over it, and light with it."""
    covered = np.count_nonzero((without < _DARK_BELOW) & (with_all > _LIGHT_FROM))
    return bool(covered * px_to_mm(1, dpi) ** 2 >= _HIDDEN_FROM_MM2)


def _is_drawn(annotation: pikepdf.Object, kind: str) -> bool:
    if int(annotation.get("/F", 0)) & _UNSEEN:
        return False
    return kind in _DRAWN_WITHOUT_APPEARANCE or "/N" in annotation.get("/AP", pikepdf.Dictionary())
