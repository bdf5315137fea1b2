"""Read the signature field: is a signature present? Presence of ink in the field is what a picture shows, no more.

A signature is never inferred from the name, the date or a stamp beside it. What is neither clearly empty nor clearly a
pen's signing (dirt, a descender from the line above, recognised printed words, the frame of a stamp, a cross over the
field) is unclear. The thresholds are measured in docs/decisions/0004-thresholds.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from forms.issued_form import SignatureField
from intake import calibration
from intake.calibration import NOTHING_CLAIMED, log_ink
from intake.capitals import Capitals, evenness, find_capitals
from intake.circles import has_ring
from intake.crossed_field import is_crossed_field
from intake.frames import FIELD_REACH_MM, shows_in_place
from intake.ink_pieces import ink_pieces
from intake.pictures import Grey
from intake.plausibility import similarity
from intake.printed_rows import letters_in_rows
from intake.results import SignatureReading, SignatureState
from intake.sheet import SPECK_MM2, Sheet, bounds_px, count_specks, sides_mm, with_pale_ink, without_specks
from intake.sheet_grid import Mask, area_mm2, pixels, px_per_mm
from intake.signature_extent import SignatureParts
from intake.text_recognition import Word
from intake.void_strokes import is_void

ABSENT_BELOW_MM2 = 0.6
PRESENT_FROM_MM2 = 4.0
"""Area of ink: below the first there is no signature, from the second on there may be one."""
TRACES_FROM_MM2 = 2.0
"""Area of traces too pale for ink from which a signature is not called absent."""
PRESENT_FROM_WIDTH_MM = 7.0
PRESENT_FROM_HEIGHT_MM = 2.5
"""Room that a signature takes at least."""
PRINT_FROM_IN_ROWS = 8
"""Number of pieces in rows like printed letters from which the field holds print, whatever else is in it."""
JOINED_UP_TO_LETTERS, JOINED_UP_TO_SHARE, PRINT_FROM_LONG_ROWS = 3, 0.25, 12
"""Letter-like pieces and their share of the ink up to which writing hangs together, and pieces in rows from which even
that is print: of 28 stamps in grey and on photos each has 23 or none, and 7 letters or more."""
SUSPECT_FROM_IN_ROWS = 4
"""The same from which it may be a short word in print: to be read."""
PRINT_FROM_SHARE = 0.6
BROKEN_PRINT_FROM_LETTERS = 5
"""Share of the ink in letter-like pieces from which it is made of letters; their number where print breaks up."""
WRITTEN_FROM_SHARE = 0.3
"""The first of them for ink of which some stands in rows: of a legible name that hangs together it is 0 to 0.2."""
WORD_FROM = 0.75
WORD_LETTERS = 4
"""Confidence and length of a recognised word from which it counts as print, in ink set down letter by letter."""
CAPITALS_FROM, BILEVEL_CAPITALS_FROM = 0.6, 0.45
"""Confidence from which a word of that length counts as written in capitals, whatever the ink is like; less in black
and white, where broad lines run together."""
SHORT_NAME_FROM_LETTERS, SHORT_NAME_FROM_SHARE, SHORT_NAME_FROM_IN_ROWS = 4, 0.7, 5
"""Letter-like pieces, their share of the ink and pieces in rows from which what may be capitals is a name that was
printed letter by letter, however short it is."""
NAME_IN_CAPITALS_FROM, NAME_CAPITALS_FROM = 0.5, 0.25
"""Likeness of the words read in capitals to the name that stands beside the signature from which they are that name;
and the confidence of each: no plain signature of 250 that were read comes near the first."""
TORN_FROM_LETTERS, TORN_FROM_SPECKS = 7, 30
"""Letter-like pieces and specks from which, in black and white, ink is so torn that anything may have stood there."""

RUNS_ON_BELOW_SHARE, RUNS_ON_BELOW_EVENNESS = 0.85, 0.6
"""In black and white, share of the ink in letter-like pieces, and evenness of its outline, below which ink is writing
that runs on and breaks up, of however many pieces: capitals stand between two lines, and stamps have no long stroke."""
BROKEN_BELOW_EVENNESS, BROKEN_BELOW_LENGTH = 0.5, 3.3
"""The second of them, and length of the ink as a multiple of its height, below which it is so though no long stroke is
left and fewer pieces stand in rows than of a short name: capitals and stamps are not both as short and as uneven. Not
where even print came out thin: there hardly anything else on the page can be relied on."""
_CRUMB_MM2 = 0.03


@dataclass(frozen=True, slots=True)
class PrintLimits:
    """From what pieces on ink is print, whole or breaking up, and no signature."""

    letters: int
    letter_share: float
    """Number of letter-like pieces in any order, and their share of the ink, from which the field holds print: in grey
    only where they may be a line of capitals, since a skipping pen leaves as many."""
    broken_specks: int
    """Number of specks from which few letter-like pieces are print that is breaking up."""
    remains_specks_per_mm2: float
    """Specks for each square millimetre of ink from which so little is left that it may have been print as well."""


GREY_LIMITS = PrintLimits(12, PRINT_FROM_SHARE, 20, 4.0)
BILEVEL_LIMITS = PrintLimits(10, 0.0, 8, 2.0)
"""In black and white a pen that breaks up leaves of capitals neither rows nor an outline, but many pieces."""

_INSET_MM = 0.45
_TRACE_MM2 = 0.5
_LETTER_MM, _LOW_MM = 7.0, 0.7
_LINE_MM, _SPARSE = 1.2, 0.1
_FRAME_MM = (8.0, 5.5)
_FRAME_FILL = 0.85
_FRAME_GAPS_MM = (0.0, 0.7)
"""A frame that is whole may have print close to it; a broken one has gaps."""
_DESCENDER_MM = 6.0


@dataclass(frozen=True, slots=True)
class SignatureInk:
    """The ink in the signature field, measured before any text on it is recognised."""

    ink_mm2: float
    extent_mm: tuple[float, float]
    traces_mm2: float
    """Area of all that is only just told from the paper, ink included."""
    from_outside: bool
    """All ink hangs in from the field's upper edge: it may belong to the line above."""
    framed: bool
    """The ink encloses a rectangle or a circle: a stamp's frame or seal rather than a pen."""
    letters: int
    """Separate small pieces of the size of letters: ink, with the pale ink that joins it."""
    letter_share: float
    """Share of the ink in such pieces, frames and straight lines left out: near 1 in print, near 0 in a signature."""
    in_rows: int
    """Pieces that stand in rows like printed letters."""
    capitals: Capitals
    """Whether the ink looks like a line of capitals: a name written as the form asks for it beside the signature."""
    specks: int
    """Pieces too small to be counted as ink."""
    runs_on: bool
    """In black and white: the ink is of uneven outline, as no line of print is where it breaks up."""
    void: bool
    """The field was crossed out, or ticked: its ink is a few straight lines, or lines lie over all of it."""
    in_place: bool
    """The field's printed frame lies where it should: else the paper bulges, and what lies within may be the frame."""
    bilevel: bool
    """The page came in black and white: a pale pen breaks up."""
    lossy: bool
    """The page may have lost ink before it arrived: nothing that is not there can be called absent."""

    @property
    def limits(self) -> PrintLimits:
        """What tells print in this ink."""
        return BILEVEL_LIMITS if self.bilevel else GREY_LIMITS

    @property
    def nothing(self) -> bool:
        """There is no ink, nor traces of it."""
        return self.ink_mm2 < ABSENT_BELOW_MM2 and self.traces_mm2 < TRACES_FROM_MM2

    @property
    def looks_printed(self) -> bool:
        """The ink holds rows of letters, is made of letters or framed: a stamp, a typed name, block letters."""
        limits = self.limits
        is_whole = (
            self.letters >= limits.letters
            and self.letter_share >= limits.letter_share
            and (self.bilevel or self.capitals is not Capitals.NO)
        )
        is_broken = (
            self.letters >= BROKEN_PRINT_FROM_LETTERS
            and self.letter_share >= PRINT_FROM_SHARE
            and self.specks >= limits.broken_specks
        )
        is_short_name = (
            self.letters >= SHORT_NAME_FROM_LETTERS
            and self.letter_share >= SHORT_NAME_FROM_SHARE
            and self.in_rows >= SHORT_NAME_FROM_IN_ROWS
            and self.capitals is not Capitals.NO
        )
        is_torn = self.bilevel and self.letters >= TORN_FROM_LETTERS and self.specks >= TORN_FROM_SPECKS
        by_pieces = (is_whole or is_short_name or is_broken or is_torn) and not self.runs_on
        in_rows = self.in_rows >= (PRINT_FROM_LONG_ROWS if self.hangs_together else PRINT_FROM_IN_ROWS)
        return self.framed or self.capitals is Capitals.YES or by_pieces or in_rows

    @property
    def hangs_together(self) -> bool:
        """Hardly any of the ink is in pieces of the size of letters: those in rows are a legible name's, parted."""
        return not self.bilevel and self.letters <= JOINED_UP_TO_LETTERS and self.letter_share <= JOINED_UP_TO_SHARE

    @property
    def suspect(self) -> bool:
        """The ink may be a printed word or one in capitals, and only what it says can tell."""
        perhaps = self.capitals is Capitals.PERHAPS or self._in_some_rows
        return not self.looks_printed and (perhaps or self.letter_share >= PRINT_FROM_SHARE)

    @property
    def in_letters(self) -> bool:
        """Most of the ink was set down letter by letter, or a part of it, in rows: no name written on in one go."""
        return self.letter_share >= PRINT_FROM_SHARE or (self._in_some_rows and self.letter_share >= WRITTEN_FROM_SHARE)

    @property
    def _in_some_rows(self) -> bool:
        return self.in_rows >= SUSPECT_FROM_IN_ROWS

    @property
    def to_be_recognised(self) -> bool:
        """The ink may be a signature, and words may stand beside it or in its place."""
        return self.suspect or (not self.looks_printed and self.ink_mm2 >= PRESENT_FROM_MM2)


def read_signature(
    field: SignatureField, ink: SignatureInk, page: int, printed_text: str, *, digital: bool
) -> SignatureReading:
    """Judge the signature field; `printed_text` is what was recognised with confidence in it."""
    state = _state(ink, printed_text, digital=digital)
    return SignatureReading(
        state=state,
        confidence=round(_confidence(state, ink), 4),
        page=page,
        box_mm=field.box_mm,
        ink_mm2=round(ink.ink_mm2, 2),
        extent_mm=ink.extent_mm,
        printed_text=printed_text,
        printed=ink.looks_printed or bool(printed_text),
        digital=digital,
    )


def printed_words(
    ink: SignatureInk, words: Sequence[Word], names: Sequence[str], scattered: Sequence[Word] = ()
) -> str:
    """Keep of the recognised words those that no signature passes for.

    One is the person's name in capitals, however badly it was read: `names` are what was read in the field for it, and
    what is known. `scattered` are words found anywhere in the field: some lines are read so that are not as one.
    """
    kept = [word.text for word in words if is_print(word, in_letters=ink.in_letters, bilevel=ink.bilevel)]
    anywhere = scattered if ink.suspect else ()
    return " ".join(kept) or _name_in_capitals(words, names) or _name_in_capitals(anywhere, names)


def _name_in_capitals(words: Sequence[Word], names: Sequence[str]) -> str:
    """Give the words in capitals, if together they are the name of the person; empty where they are not."""
    capitals = " ".join(word.text for word in words if word.text.isupper() and word.confidence >= NAME_CAPITALS_FROM)
    is_long = sum(map(str.isalnum, capitals)) >= WORD_LETTERS
    is_name = is_long and any(similarity(capitals, name) >= NAME_IN_CAPITALS_FROM for name in names)
    return capitals if is_name else ""


def is_print(word: Word, *, in_letters: bool, bilevel: bool = False) -> bool:
    """Tell a word that no signature passes for.

    `in_letters` says that the ink was set down letter by letter, `bilevel` that it came in black and white.
    """
    if sum(character.isalnum() for character in word.text) < WORD_LETTERS:
        return False
    capitals_from = BILEVEL_CAPITALS_FROM if bilevel else CAPITALS_FROM
    is_capitals = word.text.isupper() and word.confidence >= capitals_from
    return is_capitals or (in_letters and word.confidence >= WORD_FROM)


def signature_picture(sheet: Sheet, field: SignatureField) -> Grey:
    """Cut the field out for recognition."""
    return sheet.evenly_lit(pixels(field.box_mm.grown(-_INSET_MM)))


def measure_signature(sheet: Sheet, parts: SignatureParts) -> SignatureInk:
    """Measure the ink in the signature field of a sheet, specks left out, and how far its parts reach beyond."""
    field = parts.field
    region = pixels(field.box_mm.grown(-_INSET_MM))
    darkness = sheet.darkness(region)
    joined = with_pale_ink(sheet.ink[region], darkness)
    pen = sheet.ink[region] if sheet.bilevel else joined
    ink = without_specks(pen, SPECK_MM2)
    letters, letter_share = _letter_like(without_specks(joined, SPECK_MM2) if sheet.bilevel else ink)
    extent_mm, in_rows = _extent_mm(parts.masks), letters_in_rows(joined, darkness)
    is_short = extent_mm[0] < BROKEN_BELOW_LENGTH * extent_mm[1] and in_rows < SHORT_NAME_FROM_IN_ROWS
    return SignatureInk(
        ink_mm2=area_mm2(ink),
        extent_mm=extent_mm,
        traces_mm2=area_mm2(without_specks(sheet.faint_traces[region], _TRACE_MM2)),
        from_outside=bool(ink.any()) and _hangs_in(ink),
        framed=any(_is_framed(ink, gap_mm) for gap_mm in _FRAME_GAPS_MM) or has_ring(joined, breaks_up=sheet.bilevel),
        letters=letters,
        letter_share=letter_share,
        in_rows=in_rows,
        capitals=find_capitals(pen),
        specks=count_specks(pen),
        runs_on=sheet.bilevel and _runs_on(pen, letter_share, is_short=is_short and not sheet.thin_print),
        void=bool(parts.masks) and (is_void(np.logical_or.reduce(parts.masks)) or is_crossed_field(ink)),
        in_place=shows_in_place(sheet, field.frame_mm, FIELD_REACH_MM),
        bilevel=sheet.bilevel,
        lossy=sheet.lossy,
    )


def _runs_on(ink: Mask, letter_share: float, *, is_short: bool) -> bool:
    """Tell writing that breaks up from a line of print: by long strokes that are left of it, or by how short it is."""
    has_long_strokes = letter_share < RUNS_ON_BELOW_SHARE
    if not (has_long_strokes or is_short):
        return False
    below = RUNS_ON_BELOW_EVENNESS if has_long_strokes else BROKEN_BELOW_EVENNESS
    return evenness(without_specks(ink, _CRUMB_MM2)) < below


def _extent_mm(parts: Sequence[Mask]) -> tuple[float, float]:
    """Measure the whole of the ink, what hangs on it beyond the frame included."""
    if not parts:
        return 0.0, 0.0
    _, _, width, height = cv2.boundingRect(np.logical_or.reduce(parts).view(np.uint8))
    return round(width / px_per_mm(), 1), round(height / px_per_mm(), 1)


def _letter_like(ink: Mask) -> tuple[int, float]:
    """Count the pieces of ink that have the size of letters, and their share of what is no frame and no line."""
    pieces = ink_pieces(ink[bounds_px(ink)])
    _, _, width, height, areas_px = pieces.boxes_px.T
    is_small = np.maximum(width, height) / px_per_mm() < _LETTER_MM
    letters = int(np.count_nonzero(is_small & (height / px_per_mm() > _LOW_MM)))
    large = [piece for piece in np.flatnonzero(~is_small).tolist() if not _is_line_or_frame(pieces.one(piece))]
    letter_px, other_px = int(areas_px[is_small].sum()), int(areas_px[large].sum())
    return letters, round(letter_px / max(letter_px + other_px, 1), 3)


def _is_line_or_frame(piece: Mask) -> bool:
    """Tell a straight line, or sparse ink around much nothing: parts of a stamp's frame, whole or broken."""
    breadth_mm, _ = sides_mm(piece)
    return breadth_mm < _LINE_MM or float(piece.mean()) < _SPARSE


def _hangs_in(ink: Mask) -> bool:
    """Tell whether all ink hangs in from the upper edge, no deeper than a descender."""
    if float(np.flatnonzero(ink.any(axis=1))[-1]) > _DESCENDER_MM * px_per_mm():
        return False
    _, labels = cv2.connectedComponents(ink.astype(np.uint8))
    touching = np.unique(labels[0])
    return bool(np.isin(labels[ink], touching[touching > 0]).all())


def _is_framed(ink: Mask, gap_mm: float) -> bool:
    """Tell a stamp by its frame or its outline: a rectangle, as no pen draws by chance."""
    gap = round(gap_mm * px_per_mm()) | 1
    closed = cv2.dilate(ink.astype(np.uint8), np.ones((gap, gap), np.uint8))
    contours, _ = cv2.findContours(closed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return any(_is_rectangle(contour) for contour in contours)


def _is_rectangle(contour: MatLike) -> bool:
    (_, (width, height), _) = cv2.minAreaRect(contour)
    longer, shorter = max(width, height) / px_per_mm(), min(width, height) / px_per_mm()
    is_large = longer >= _FRAME_MM[0] and shorter >= _FRAME_MM[1]
    return is_large and cv2.contourArea(contour) > _FRAME_FILL * width * height


def _state(measures: SignatureInk, printed_text: str, *, digital: bool) -> SignatureState:
    if digital or printed_text or measures.looks_printed or not measures.in_place:
        return SignatureState.UNCLEAR
    if measures.nothing:
        return SignatureState.UNCLEAR if measures.lossy else SignatureState.ABSENT
    width_mm, height_mm = measures.extent_mm
    is_remains = measures.specks >= measures.limits.remains_specks_per_mm2 * measures.ink_mm2
    large_enough = width_mm >= PRESENT_FROM_WIDTH_MM and height_mm >= PRESENT_FROM_HEIGHT_MM
    is_otherwise = measures.from_outside or measures.void or is_remains
    if measures.ink_mm2 >= PRESENT_FROM_MM2 and large_enough and not is_otherwise:
        return SignatureState.PRESENT
    return SignatureState.UNCLEAR


def _confidence(state: SignatureState, measures: SignatureInk) -> float:
    """How sure the state is, by curves that were fitted; an unclear one claims nothing."""
    signed = (calibration.SIGNED_LOSSY if measures.lossy else calibration.SIGNED)(log_ink(measures.ink_mm2))
    return {
        SignatureState.PRESENT: signed,
        SignatureState.ABSENT: 1 - signed,
        SignatureState.UNCLEAR: NOTHING_CLAIMED,
    }[state]
