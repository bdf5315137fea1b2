"""The named scenarios that the demo shows and the tests use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulation.channels import PRESETS
from simulation.files import to_pdf
from simulation.handwriting import random_writer, write
from simulation.issued_pdf import find_fields
from simulation.on_screen import OnScreen, Placing, fill_on_screen
from simulation.paper import Sheet
from simulation.pens import Ink, Pen, draw
from simulation.people import (
    Act,
    Behaviour,
    FilledPages,
    Mark,
    MarkBeside,
    MarkTruth,
    PrintFaxHeader,
    Sign,
    StampReceipt,
    StampSignature,
    StrikeOut,
    TakeBack,
    Truth,
    WriteNote,
)
from simulation.returns import (
    Arrival,
    PostedLetter,
    ReturnTruth,
    Signatory,
    plain_behaviour,
    random_signatory,
    send,
    written_fields,
)
from simulation.strokes import move
from simulation.transmission import transmit

Acts = Callable[[Signatory, tuple[str, ...], np.random.Generator], tuple[Act, ...]]
"""What somebody does to a form with these options."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One letter coming back in a particular way."""

    name: str
    story: str
    channel: str
    acts: Acts


def _plain(index: int) -> Acts:
    return lambda who, options, rng: plain_behaviour(who, options[index], rng).acts


def _signed(*acts: Act, who: Signatory, rng: np.random.Generator) -> tuple[Act, ...]:
    return (*acts, *written_fields(who, rng), Sign(who.name, who.style, who.pen))


def _unsigned(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    return (Mark(options[0], pen=who.pen), *written_fields(who, rng))


def _stamp_only(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    company = (f"{who.name.split()[-1]} Metallbau GmbH", "Industriestraße 4", f"10179 {who.place}")
    return (*_unsigned(who, options, rng), StampSignature(company))


def _unmarked(who: Signatory, _options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    return _signed(who=who, rng=rng)


def _both(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    return _signed(Mark(options[0], pen=who.pen), Mark(options[1], pen=who.pen), who=who, rng=rng)


def _corrected(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    return _signed(TakeBack(options[0], who.pen), Mark(options[1], pen=who.pen), who=who, rng=rng)


def _beside(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    return _signed(MarkBeside(options[0], who.pen), who=who, rng=rng)


def _note(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    note = WriteNote("nur nach Anruf!", pen=who.pen, writer=who.writer)
    return (*plain_behaviour(who, options[1], rng).acts, note)


def _struck(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    return (*plain_behaviour(who, options[0], rng).acts, StrikeOut(options[0], 4, who.pen))


def _received(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    stamp = StampReceipt(("EINGEGANGEN", who.signs_on.strftime("%d.%m.%Y")))
    return (*plain_behaviour(who, options[0], rng).acts, stamp)


def _faxed(who: Signatory, options: tuple[str, ...], rng: np.random.Generator) -> tuple[Act, ...]:
    dark = replace(who, pen=Pen(0.5, Ink.BLACK, 1.0))
    header = PrintFaxHeader(f"{who.signs_on:%d.%m.%Y} 09:14   +49 30 5550123   {who.name.upper()}   S. 01/01")
    return (*plain_behaviour(dark, options[1], rng).acts, header)


SCENARIOS = (
    Scenario("marked first", "The first option is marked, everything written, signed.", "office-200", _plain(0)),
    Scenario("marked second", "The second option is marked, everything written, signed.", "colour-300", _plain(1)),
    Scenario("unsigned", "Everything is there but the signature.", "office-200", _unsigned),
    Scenario("unmarked", "Signed, but no option is marked.", "office-200", _unmarked),
    Scenario("both marked", "Both options are marked.", "office-200", _both),
    Scenario("corrected", "The first option was marked, blackened, and the second marked.", "office-300", _corrected),
    Scenario("upside down", "Scanned upside down.", "upside-down", _plain(1)),
    Scenario("skewed", "Pulled in askew and shrunk to fit the page.", "skewed", _plain(0)),
    Scenario("bilevel", "Scanned in black and white.", "bilevel-200", _plain(1)),
    Scenario("margin note", "A condition is written on the page by hand.", "office-200", _note),
    Scenario("struck out", "Lines of the chosen option are struck out.", "office-200", _struck),
    Scenario("stamp only", "The company's stamp stands where the signature belongs.", "colour-200", _stamp_only),
    Scenario("beside the box", "The cross stands beside the box.", "office-200", _beside),
    Scenario("receipt stamp", "The office stamped the date of receipt on it.", "colour-200", _received),
    Scenario("fax", "Came by fax, with a header line.", "fax-fine", _faxed),
)
"""Each takes one letter."""


def arrival(scenario: Scenario, letter: PostedLetter, rng: np.random.Generator) -> Arrival:
    """Let one scenario happen to a letter."""
    options = tuple(find_fields(letter.pdf).options)
    acts = scenario.acts(random_signatory(letter, rng), options, rng)
    return send(scenario.name, scenario.story, [letter], [Behaviour(acts)], PRESETS[scenario.channel], rng)


def stack(letters: Sequence[PostedLetter], rng: np.random.Generator) -> Arrival:
    """Scan plain returns of several customers in one go, into one file."""
    behaviours = []
    for index, letter in enumerate(letters):
        options = tuple(find_fields(letter.pdf).options)
        behaviours.append(plain_behaviour(random_signatory(letter, rng), options[index % len(options)], rng))
    story = f"{len(letters)} returns scanned in one go."
    return send("stack", story, letters, behaviours, PRESETS["office-200"], rng)


def filled_on_screen(
    letter: PostedLetter, rng: np.random.Generator, *, signed: bool = True, placing: Placing = Placing.STAMP
) -> Arrival:
    """Fill a form in on screen, with or without a picture of the signature."""
    who = random_signatory(letter, rng)
    fields = find_fields(letter.pdf)
    option = next(iter(fields.options))
    texts = {"place": who.place, "date": who.signs_on.strftime("%d.%m.%Y"), "name": who.name}
    what = OnScreen(option, texts, who.name if signed else None, placing)
    marks = {name: MarkTruth.MARKED if name == option else MarkTruth.EMPTY for name in fields.options}
    returned = ReturnTruth(letter.key, tuple(range(1, fields.pages + 1)), Truth(marks, signed, texts, ()))
    data = fill_on_screen(letter.pdf, what, rng)
    story = "Filled in on screen, with a picture of the signature." if signed else "Filled in on screen, not signed."
    return Arrival("on screen", story, "Formular ausgefüllt.pdf", data, (returned,), fields.pages)


def foreign_page(rng: np.random.Generator) -> Arrival:
    """Scan a page of handwriting that has nothing to do with any form."""
    sheet = Sheet(np.full((3508, 2480, 3), 255, np.uint8), 300)
    writer, pen = random_writer(rng), Pen()
    lines = ("Sehr geehrte Damen und Herren,", "anbei die Rechnung vom 12.11.", "Mit besten Grüßen", "K. Vogel")
    for index, line in enumerate(lines):
        draw(sheet, move(write(line, writer, rng), 25, 60 + 14 * index), pen, rng)
    pages = FilledPages((sheet.picture,), sheet.dpi, Behaviour(), Truth({}, signed=False, texts={}, left=()))
    scans = transmit(pages, PRESETS["office-200"], rng)
    return Arrival("not ours", "A letter that is none of our forms.", "SCN_0001.pdf", to_pdf(scans), (), len(scans))


def numbered(file_name: str, number: int) -> str:
    """Set the number of a scanner's file name; a name given by a person stays."""
    stem, dot, ending = file_name.rpartition(".")
    prefix, underscore, _ = stem.rpartition("_")
    return f"{prefix}_{number:04d}{dot}{ending}" if underscore else file_name
