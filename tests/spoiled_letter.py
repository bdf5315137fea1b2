"""A letter laid out badly on purpose: what hints about the layout are tested with."""

from __future__ import annotations

from dataclasses import replace

from sending_back import issuer

from forms.issued_form import LetterGeometry
from forms.units import BoxMm


def spoiled_letter() -> LetterGeometry:
    """The real letter with box B at its heading, a box C close below it, and a short signature field at the foot."""
    letter = issuer().letter
    (page,) = letter.pages
    box_a, box_b = page.checkboxes
    x0, y0, x1, y1 = box_b.box_mm
    moved = replace(box_b, box_mm=BoxMm(x0 + 3.5, y0, x1 + 3.5, y1))
    below = replace(box_b, option="C", box_mm=BoxMm(x0, y1 + 2.5, x0 + 4, y1 + 6.5))
    assert page.signature is not None
    short = replace(page.signature, box_mm=BoxMm(25, 276, 85, 290))
    flat = replace(page.text_fields[0], box_mm=BoxMm(25.5, 240, 55, 246))
    fields = (flat, *page.text_fields[1:])
    return replace(
        letter, pages=(replace(page, checkboxes=(box_a, moved, below), text_fields=fields, signature=short),)
    )
