"""Everything that people do to a form, one by one: what a proof of the reading goes through.

`PLAIN` is what may be accepted without a person: any pen, any mark, any overshoot, every field written by hand, an
honest signature and nothing else. Whether another conduct may be accepted, or called incomplete, follows from what it
leaves on the paper (`people.Truth`), and is said nowhere here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulation.altering import ALTERING
from simulation.conduct import Conduct, any_option, any_pen, clear, signed
from simulation.deviations import (
    CircleHeading,
    CorrectAddress,
    CrossOutPage,
    PointTo,
    ReplaceWords,
    SignElsewhere,
    StrikeMark,
    WriteAnywhere,
    WriteBeside,
    WriteBetweenLines,
    WriteNameAsSignature,
)
from simulation.marks import MarkShape
from simulation.pens import Pen
from simulation.people import (
    Act,
    Mark,
    MarkBeside,
    PrintFaxHeader,
    Sign,
    StampReceipt,
    StampSignature,
    StrikeOut,
    TakeBack,
    WriteField,
)
from simulation.returns import Signatory, written_fields
from simulation.signatures import SignatureStyle
from simulation.stamps import BLACK, STAMP_BLUE, STAMP_RED, StampShape

_MARKS = {
    MarkShape.CROSS: 0.50,
    MarkShape.TICK: 0.18,
    MarkShape.SCRAWL: 0.16,
    MarkShape.SLASH: 0.09,
    MarkShape.DOT: 0.07,
}
"""How often each shape is drawn."""
_OTHER_WORDS = ("nicht", "nur Mo-Fr", "mit Termin", "ohne")
_OTHER_ADDRESSES = ("Neue Str. 17", "Postfach 1204", "Ahornweg 3a")
_CONDITIONS = ("nur nach Anruf!", "nur bis 17 Uhr", "ohne Server", "gilt nur 2026", "nein", "s. Brief", "nicht C")
_Rng = np.random.Generator


def _with_any_pen(who: Signatory, rng: _Rng) -> Signatory:
    styles = list(SignatureStyle)
    return replace(who, pen=any_pen(rng), style=styles[int(rng.integers(len(styles)))])


def any_mark(pen: Pen, option: str, rng: np.random.Generator) -> Mark:
    """Draw any plain mark that people make."""
    shape = list(_MARKS)[int(rng.choice(len(_MARKS), p=list(_MARKS.values())))]
    reach = float(np.clip(np.exp(rng.normal(0, 0.36)), 0.4, 2.4))
    if shape is MarkShape.DOT:
        reach = float(np.clip(reach, 0.75, 1.3))
    return Mark(option, shape, pen, reach)


def _two_options(options: tuple[str, ...], rng: _Rng) -> tuple[str, str]:
    first, second = rng.permutation(list(options))[:2]
    return str(first), str(second)


def _plain(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    writing = _with_any_pen(who, rng)
    return (
        any_mark(writing.pen, any_option(options, rng), rng),
        *written_fields(writing, rng),
        Sign(writing.name, writing.style, writing.pen),
    )


def _unmarked(who: Signatory, _options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    return signed(who, rng)


def _unsigned(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    return tuple(act for act in _plain(who, options, rng) if not isinstance(act, Sign))


def _field_empty(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    empty = str(rng.choice(["place", "date", "name"]))
    acts = _plain(who, options, rng)
    return tuple(act for act in acts if not (isinstance(act, WriteField) and act.field == empty))


def _both(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    first, second = _two_options(options, rng)
    return signed(who, rng, any_mark(who.pen, first, rng), any_mark(who.pen, second, rng))


def _blackened(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    wrong, right = _two_options(options, rng)
    return signed(who, rng, TakeBack(wrong, who.pen), Mark(right, pen=who.pen))


def _struck_mark(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    wrong, right = _two_options(options, rng)
    return signed(who, rng, StrikeMark(wrong, who.pen), Mark(right, pen=who.pen))


def _arrow(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    wrong, right = _two_options(options, rng)
    return signed(who, rng, Mark(wrong, pen=who.pen), PointTo(right, who.pen))


def _yes_beside(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    wrong, right = _two_options(options, rng)
    word = WriteBeside(right, str(rng.choice(["ja", "Ja!", "diese"])), who.pen, who.writer)
    return signed(who, rng, Mark(wrong, pen=who.pen), word)


def _taken_back(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    return signed(who, rng, TakeBack(any_option(options, rng), who.pen))


def _box_filled(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    pen = replace(any_pen(rng), skipping=0.0)
    return signed(who, rng, Mark(any_option(options, rng), MarkShape.FILLED, pen, float(rng.uniform(0.9, 1.3))))


def _beside(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    return signed(who, rng, MarkBeside(any_option(options, rng), who.pen, float(rng.uniform(0.5, 4.0))))


def _box_circled(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    return signed(who, rng, Mark(any_option(options, rng), MarkShape.CIRCLE, who.pen))


def _heading_circled(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    return signed(who, rng, CircleHeading(any_option(options, rng), who.pen))


def _other_struck(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    right, other = _two_options(options, rng)
    return signed(who, rng, Mark(right, pen=who.pen), StrikeOut(other, 5, who.pen))


def _own_struck(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    mark, acts = clear(who, options, rng)
    return (*acts, StrikeOut(mark.option, int(rng.integers(1, 4)), who.pen))


def _note(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    _, acts = clear(who, options, rng)
    return (*acts, WriteAnywhere(str(rng.choice(_CONDITIONS)), who.pen, who.writer))


def _between_lines(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    mark, acts = clear(who, options, rng)
    return (*acts, WriteBetweenLines(mark.option, str(rng.choice(_CONDITIONS)), who.pen, who.writer))


def _page_crossed_out(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    _, acts = clear(who, options, rng)
    return (*acts, CrossOutPage(who.pen))


def _words_replaced(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    mark, acts = clear(who, options, rng)
    return (*acts, ReplaceWords(mark.option, str(rng.choice(_OTHER_WORDS)), who.pen, who.writer))


def _address_corrected(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    _, acts = clear(who, options, rng)
    return (*acts, CorrectAddress(str(rng.choice(_OTHER_ADDRESSES)), who.pen, who.writer))


def _stamp_of(who: Signatory, rng: _Rng) -> StampSignature:
    lines = (f"{who.name.split()[-1]} Metallbau GmbH", "Industriestraße 4", f"10179 {who.place}")
    colour = (STAMP_BLUE, BLACK, STAMP_RED)[int(rng.choice(3, p=[0.6, 0.3, 0.1]))]
    return StampSignature(lines, colour, list(StampShape)[int(rng.integers(len(StampShape)))])


def _stamp_only(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    return (Mark(any_option(options, rng), pen=who.pen), *written_fields(who, rng), _stamp_of(who, rng))


def _stamp_and_signature(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    _, acts = clear(who, options, rng)
    return (*acts, _stamp_of(who, rng))


def _block_letters(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    size = float(np.exp(rng.uniform(-0.1, 0.75)))
    name = WriteNameAsSignature(who.name, any_pen(rng), who.writer, size)
    return (Mark(any_option(options, rng), pen=who.pen), *written_fields(who, rng), name)


def _signed_elsewhere(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    mark = Mark(any_option(options, rng), pen=who.pen)
    return (mark, *written_fields(who, rng), SignElsewhere(who.name, who.pen))


def _receipt_stamp(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    _, acts = clear(who, options, rng)
    return (*acts, StampReceipt(("EINGEGANGEN", who.signs_on.strftime("%d.%m.%Y"))))


def _fax_header(who: Signatory, options: tuple[str, ...], rng: _Rng) -> tuple[Act, ...]:
    _, acts = clear(who, options, rng)
    header = f"{who.signs_on:%d.%m.%Y} 09:14   +49 30 5550123   {who.name.upper()}   S. 01/01"
    return (*acts, PrintFaxHeader(header))


PLAIN = Conduct("plain", "Any pen and any mark, every field written by hand, signed, nothing else.", _plain)
SPECIAL = (
    Conduct("unmarked", "Signed, but no option is marked.", _unmarked),
    Conduct("unsigned", "Everything is there but the signature.", _unsigned),
    Conduct("field empty", "Place, date or name is not written.", _field_empty),
    Conduct("both marked", "Two options are marked.", _both),
    Conduct("corrected", "A mark was blackened and another option marked.", _blackened),
    Conduct("mark struck out", "A mark was struck out and another option marked.", _struck_mark),
    Conduct("arrow", "One option is marked, and an arrow points to another.", _arrow),
    Conduct("yes beside a box", "One option is marked, and “ja” stands beside another.", _yes_beside),
    Conduct("taken back", "The only mark was blackened.", _taken_back),
    Conduct("box filled", "The only marked box is filled in: chosen, or taken back.", _box_filled),
    Conduct("beside the box", "The cross stands beside the box.", _beside),
    Conduct("box circled", "A box is circled instead of marked.", _box_circled),
    Conduct("heading circled", "An option's heading is circled instead of its box marked.", _heading_circled),
    Conduct("other option struck", "One option is marked, and the text of another is struck out.", _other_struck),
    Conduct("struck out", "Lines of the marked option are struck out.", _own_struck),
    Conduct("note", "A condition is written where the page is bare.", _note),
    Conduct("between the lines", "A condition is squeezed in between two printed lines.", _between_lines),
    Conduct("words replaced", "Words of the marked option are struck out, and others written above.", _words_replaced),
    Conduct("page crossed out", "The whole text is crossed out.", _page_crossed_out),
    Conduct("address corrected", "A line of the address is struck out, and another written.", _address_corrected),
    Conduct("stamp only", "The company's stamp stands where the signature belongs.", _stamp_only),
    Conduct("stamp and signature", "Signed, and stamped beside or across it.", _stamp_and_signature),
    Conduct("block letters", "A name in block letters stands where the signature belongs.", _block_letters),
    Conduct("signed elsewhere", "The signature stands somewhere else on the page.", _signed_elsewhere),
    Conduct("receipt stamp", "The office stamped the date of receipt on it.", _receipt_stamp),
    Conduct("fax header", "A fax machine printed its line at the upper edge.", _fax_header),
    *ALTERING,
)
REPERTOIRE = {conduct.name: conduct for conduct in (PLAIN, *SPECIAL)}
"""Every conduct, by its name."""
