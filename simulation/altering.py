"""A clear return on which one small thing of the print was altered, one by one: what a hasty look passes over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from forms.units import BoxMm
from simulation.alterations import (
    PAPER,
    STICKY_NOTE,
    CircleWord,
    CoverLines,
    CoverWord,
    InsertMark,
    PasteStrip,
    PrintWord,
    StrikeWord,
    TinyMark,
    UnderlineWord,
    WriteBesideSignature,
    WriteInArea,
    WriteOver,
)
from simulation.conduct import Conduct, clear
from simulation.deviations import WriteAnywhere
from simulation.pens import Ink
from simulation.people import Act
from simulation.returns import Signatory
from simulation.scenarios import Acts

_HEAD_MM, _FOOT_MM = BoxMm(46, 8.5, 120, 26), BoxMm(16, 286.5, 195, 291.5)
_STAMP_ZONE_MM = BoxMm(127, 32, 193, 58)
_CONDITIONS = ("nur nach Anruf!", "nur bis 17 Uhr", "ohne Server", "gilt nur 2026", "nein", "nicht", "nicht C")
_INSERTED = ("nicht", "k", "un", "nur", "ohne")
_Rng = np.random.Generator
_OneMore = Callable[[Signatory, str, _Rng], Act]


def _and(one_more: _OneMore) -> Acts:
    """All acts of a clear return, and one more, on the option that was marked."""

    def acts(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
        mark, plain = clear(who, options, rng)
        return (*plain, one_more(who, mark.option, rng))

    return acts


def _condition(rng: _Rng) -> str:
    return str(rng.choice(_CONDITIONS))


def _written_in(area_mm: BoxMm) -> Acts:
    return _and(lambda who, _, rng: WriteInArea(_condition(rng), area_mm, who.pen, who.writer))


def _word_struck(who: Signatory, option: str, _rng: _Rng) -> Act:
    return StrikeWord(option, who.pen)


def _word_underlined(who: Signatory, option: str, _rng: _Rng) -> Act:
    return UnderlineWord(option, who.pen)


def _word_circled(who: Signatory, option: str, _rng: _Rng) -> Act:
    return CircleWord(option, who.pen)


def _written_over(who: Signatory, option: str, _rng: _Rng) -> Act:
    return WriteOver(option, who.pen, who.writer)


def _squeezed_in(who: Signatory, option: str, rng: _Rng) -> Act:
    return InsertMark(option, str(rng.choice(_INSERTED)), who.pen, who.writer)


def _tiny_mark(who: Signatory, option: str, rng: _Rng) -> Act:
    return TinyMark(option, who.pen, float(rng.uniform(2.0, 4.0)))


def _in_colour(who: Signatory, _option: str, rng: _Rng) -> Act:
    ink = (Ink.RED, Ink.GREEN)[int(rng.integers(2))]
    return WriteAnywhere(_condition(rng), replace(who.pen, ink=ink), who.writer)


def _by_signature(who: Signatory, _option: str, rng: _Rng) -> Act:
    return WriteBesideSignature(_condition(rng), who.pen, who.writer)


def _word_covered(_who: Signatory, option: str, _rng: _Rng) -> Act:
    return CoverWord(option)


def _letter_covered(_who: Signatory, option: str, _rng: _Rng) -> Act:
    return CoverWord(option, letter_only=True)


def _lines_covered(_who: Signatory, option: str, rng: _Rng) -> Act:
    colour = (PAPER, STICKY_NOTE)[int(rng.integers(2))]
    return CoverLines(option, int(rng.integers(1, 4)), colour, float(rng.choice([0.0, 0.15])))


def _word_printed(_who: Signatory, option: str, _rng: _Rng) -> Act:
    return PrintWord(option)


def _strip_pasted(_who: Signatory, option: str, _rng: _Rng) -> Act:
    return PasteStrip(option)


ALTERING = (
    Conduct("word struck", "A single word of the marked option is struck out.", _and(_word_struck)),
    Conduct("word underlined", "A single word of the marked option is underlined.", _and(_word_underlined)),
    Conduct("word circled", "A single word of the marked option is circled.", _and(_word_circled)),
    Conduct("written over", "A printed letter of the marked option is made another by pen.", _and(_written_over)),
    Conduct("word squeezed in", "A tiny word is squeezed in above a printed one.", _and(_squeezed_in)),
    Conduct("tiny mark", "A tiny cross or tick stands in the margin.", _and(_tiny_mark)),
    Conduct("note in the head", "A condition is written at the upper edge.", _written_in(_HEAD_MM)),
    Conduct("note in the foot", "A condition is written at the lower edge.", _written_in(_FOOT_MM)),
    Conduct("note where offices stamp", "A condition is written in the stamps' zone.", _written_in(_STAMP_ZONE_MM)),
    Conduct("note in colour", "A condition is written in red or green.", _and(_in_colour)),
    Conduct("note beside the signature", "A condition is written in the signature's field.", _and(_by_signature)),
    Conduct("word painted over", "A word of the marked option is painted over.", _and(_word_covered)),
    Conduct("letter painted over", "A letter or two are painted over.", _and(_letter_covered)),
    Conduct("lines covered", "Lines of the marked option are covered with paper.", _and(_lines_covered)),
    Conduct("word printed", "A word more is printed behind a line of the marked option.", _and(_word_printed)),
    Conduct("strip pasted", "Another printed word is pasted over one of the marked option.", _and(_strip_pasted)),
)
