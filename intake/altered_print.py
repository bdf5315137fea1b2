"""Find where a page's print is not what was issued: pieces of lines that differ, characters exchanged for others."""

from __future__ import annotations

from dataclasses import dataclass

from intake.exchanged_characters import AskedCharacter, exchanged_characters
from intake.printed_pieces import PrintedPieces
from intake.sheet import Sheet
from intake.sheet_grid import Mask, pixels
from intake.wording import SAME_FROM, PrintedPiece, compare_wording, own_same_from, same_from
from intake.worn_print import with_worn_print

_PEN_MM = 2.5


@dataclass(frozen=True, slots=True)
class AlteredPrint:
    """What was found in a page's printed lines."""

    pieces: PrintedPieces
    """Those that could be compared: no handwriting lies on them."""
    changed: tuple[PrintedPiece, ...]
    """Pieces of the static wording that do not look as they were printed."""
    changed_own: tuple[PrintedPiece, ...]
    """The same for the customer's own part: address, number, code."""
    exchanged: tuple[AskedCharacter, ...]
    """Single characters of the customer's own part in whose place others stand."""


def altered_print(sheet: Sheet, over_print: Mask, pens: Mask) -> AlteredPrint:
    """Compare a page's print with its blank; `over_print` is handwriting where print may be, `pens` that and marks.

    What differs is compared once more with the blank as worn as the page's print, where that is worn.
    """
    found = _compared(sheet, over_print, pens)
    if not (found.changed or found.changed_own or found.exchanged) or sheet.bilevel:
        return found
    worn = with_worn_print(sheet)
    return found if worn is None else _compared(worn, over_print, pens)


def _compared(sheet: Sheet, over_print: Mask, pens: Mask) -> AlteredPrint:
    wording = compare_wording(sheet, pens)
    all_lines, shared_lines = len(wording.pieces.lines), len(sheet.page.text_lines)
    return AlteredPrint(
        pieces=wording.pieces,
        changed=tuple(
            piece
            for piece in wording.changed(range(shared_lines), same_from(wording))
            if piece.likeness < SAME_FROM[0] or not pens[pixels(piece.box_mm.grown(_PEN_MM))].any()
        ),
        changed_own=wording.changed(range(shared_lines, all_lines), own_same_from(wording)),
        exchanged=exchanged_characters(sheet, over_print),
    )
