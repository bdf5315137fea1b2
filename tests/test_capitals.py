"""A name in capitals is no signature, however large its letters are; what is written in one go is."""

from __future__ import annotations

from operator import or_

import numpy as np
import pytest
from numpy.typing import NDArray

from forms.units import BoxMm
from intake.capitals import Capitals, find_capitals
from intake.printed_rows import letters_in_rows
from intake.sheet import INK_FROM
from intake.sheet_grid import SHEET_DPI
from intake.signature import PRINT_FROM_IN_ROWS, SignatureInk, is_print, printed_words
from intake.text_recognition import TextPicture, Word, recognise
from simulation.handwriting import Writer, write
from simulation.paper import Sheet
from simulation.pens import Ink, Pen, draw
from simulation.signatures import SignatureStyle, sign
from simulation.strokes import Stroke, bounds, move

FIELD = BoxMm(0, 0, 94, 29)
PERHAPS = SignatureInk(
    ink_mm2=37.0,
    extent_mm=(19.0, 5.2),
    traces_mm2=40.0,
    from_outside=False,
    framed=False,
    letters=4,
    letter_share=0.3,
    in_rows=0,
    capitals=Capitals.PERHAPS,
    specks=0,
    runs_on=False,
    void=False,
    in_place=True,
    bilevel=False,
    lossy=False,
)
NAMES = ("UWE BÖHM", "THOMAS WEBER", "JÜRGEN WEISSMÜLLER")


def _darkness(strokes: list[Stroke], pen: Pen, rng: np.random.Generator) -> NDArray[np.float32]:
    sheet = Sheet(np.full((171, 555, 3), 255, np.uint8), SHEET_DPI)
    draw(sheet, strokes, pen, rng)
    return np.asarray(1 - sheet.picture[..., 1].astype(np.float32) / 255, dtype=np.float32)


def _for_recognition(darkness: NDArray[np.float32]) -> TextPicture:
    return TextPicture(np.asarray(255 * (1 - darkness), dtype=np.uint8))


@pytest.mark.parametrize("height_mm", [3.5, 8.0])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_capitals_is_told(name: str, height_mm: float) -> None:
    """Small or large, apart or touching: letters in a row, between two straight lines, or read as what they are."""
    told, pictures = [], []
    for hand in range(6):
        rng = np.random.default_rng(hand)
        strokes = write(name, Writer(hand=hand, height_mm=height_mm, spacing=0.9), rng)
        squeezed = [path * min(1.0, 88 / bounds(strokes).width) for path in strokes]
        darkness = _darkness(move(squeezed, 3, 20), Pen(0.6, Ink.BLACK), rng)
        in_rows = letters_in_rows(darkness > INK_FROM, darkness) >= PRINT_FROM_IN_ROWS
        told.append(find_capitals(darkness > INK_FROM) is Capitals.YES or in_rows)
        pictures.append(_for_recognition(darkness))
    read = [any(is_print(word, in_letters=False) for word in words) for words in recognise(pictures)]
    assert sum(map(or_, told, read)) >= 5, (told, read)


@pytest.mark.parametrize("style", list(SignatureStyle))
def test_a_signature_stands_between_no_lines(style: SignatureStyle) -> None:
    """Signatures rise and fall; hardly any fills a band from end to end."""
    told = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        darkness = _darkness(sign("Anna Weber", style, FIELD, rng), Pen(0.4, Ink.BLACK), rng)
        told += find_capitals(darkness > INK_FROM) is Capitals.YES
    assert told <= 1


@pytest.mark.parametrize(("name", "hand"), [("Anne Rosner", 5), ("Anne Rosner", 34), ("Ilse Neumann", 46)])
def test_a_legible_name_that_hangs_together_is_left_to_be_read(name: str, hand: int) -> None:
    """Written without lifting the pen, small letters between tall ones may fill a band: only their text can tell."""
    rng = np.random.default_rng(hand)
    strokes = write(name, Writer(hand=hand, height_mm=10.0, slant=0.25, spacing=0.75, unrest=1.6, joined=1.0), rng)
    fitted = [path * min(0.8, 60 / bounds(strokes).width) for path in strokes]
    darkness = _darkness(move(fitted, 3, 20), Pen(1.0, Ink.BLUE), rng)
    assert find_capitals(darkness > INK_FROM) is Capitals.PERHAPS
    (words,) = recognise([_for_recognition(darkness)])
    assert not any(is_print(word, in_letters=False) for word in words)


@pytest.mark.parametrize("height_mm", [5.0, 11.0])
@pytest.mark.parametrize("name", ["ANNA", "MÜLLER"])
def test_a_short_name_in_capitals_is_left_to_be_read(name: str, height_mm: float) -> None:
    """Its outline alone could be a signature's; whatever can be read as capitals is suspected of it."""
    suspected, pictures = [], []
    for hand in range(6):
        rng = np.random.default_rng(hand)
        strokes = write(name, Writer(hand=hand, height_mm=height_mm, spacing=0.8), rng)
        darkness = _darkness(move(strokes, 3, 20), Pen(0.6, Ink.BLACK), rng)
        suspected.append(find_capitals(darkness > INK_FROM) is not Capitals.NO)
        pictures.append(_for_recognition(darkness))
    read = [any(is_print(word, in_letters=False) for word in words) for words in recognise(pictures)]
    assert any(read)
    assert all(suspect for suspect, is_read in zip(suspected, read, strict=True) if is_read), (suspected, read)


def test_a_word_in_capitals_is_believed_sooner_in_black_and_white() -> None:
    """There broad lines run together, and no engine is sure of a name."""
    word = Word("WEBER", 0.5)
    assert is_print(word, in_letters=False, bilevel=True)
    assert not is_print(word, in_letters=False)


@pytest.mark.parametrize(("name", "signed"), [("UNE BÖM", "ME BÜHM"), ("Thomas Weber", "THOMAS WEB")])
def test_the_name_in_capitals_is_believed_beside_itself(name: str, signed: str) -> None:
    """What is like the name beside it is that name once more, however badly it was read; initials are not."""
    words = [Word(text, 0.4) for text in signed.split()]
    assert printed_words(PERHAPS, words, [name]) == signed
    assert printed_words(PERHAPS, words, ["Petra Lehmann"]) == ""
    assert printed_words(PERHAPS, [Word(signed.title(), 0.4)], [name]) == ""
    assert printed_words(PERHAPS, [Word(name[0] + name[4], 0.4)], [name]) == ""
    faint = [Word(text, 0.2) for text in signed.split()]
    assert [printed_words(PERHAPS, faint, [known], words) for known in (name, "Petra Lehmann")] == [signed, ""]
