"""Returns as they arrive: who fills in a form, by which channel it comes, and plain ones at random for measuring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from simulation.channels import Channel, Photo, Scan
from simulation.files import to_jpeg, to_pdf, to_tiff
from simulation.handwriting import Writer, random_writer
from simulation.issued_pdf import find_fields
from simulation.marks import MarkShape
from simulation.pens import Ink, Pen
from simulation.people import (
    Act,
    Behaviour,
    Mark,
    Sign,
    Truth,
    WriteField,
    fill_in,
)
from simulation.signatures import HONEST_STYLES, SignatureStyle
from simulation.transmission import transmit

SIGNATORIES = (
    "Sabine Krüger",
    "Thomas Weber",
    "Jürgen Weißmüller",
    "Ayse Demir",
    "Petra Lehmann",
    "Michael Schulz",
    "Katrin Vogel",
    "Stefan Jäger",
    "Marta Nowak",
    "Uwe Böhm",
    "Claudia Roth",
    "Nguyen Thi Lan",
)
PLACES = ("Berlin", "Potsdam", "Köln", "München", "Bernau", "Halle", "Frankfurt (Oder)", "Königs Wusterhausen")


@dataclass(frozen=True, slots=True)
class PostedLetter:
    """A form on its way to a customer."""

    key: str
    """Whatever the caller knows the form by; handed back in the truth."""
    pdf: bytes
    issued_on: date
    place: str = "Berlin"
    """Where the customer will sign."""


@dataclass(frozen=True, slots=True)
class ReturnTruth:
    """One return in a file."""

    key: str
    pages: tuple[int, ...]
    """Pages of the file that belong to it, counted from 1, in the order of the form's pages."""
    truth: Truth


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that arrives, and what is truly in it."""

    scenario: str
    story: str
    """What happened, in one sentence."""
    file_name: str
    data: bytes
    returns: tuple[ReturnTruth, ...]
    page_count: int


@dataclass(frozen=True, slots=True)
class Signatory:
    """Somebody who fills in a form, with their pen and their hand."""

    name: str
    place: str
    signs_on: date
    pen: Pen
    writer: Writer
    style: SignatureStyle


def random_pen(rng: np.random.Generator) -> Pen:
    """Draw a pen that people have on their desks, one that works."""
    width_mm = float(rng.choice([0.25, 0.35, 0.4, 0.5, 0.7], p=[0.15, 0.3, 0.3, 0.15, 0.1]))
    ink = (Ink.BLUE, Ink.BLACK, Ink.PENCIL)[int(rng.choice(3, p=[0.6, 0.36, 0.04]))]
    return Pen(width_mm, ink, float(rng.uniform(0.72, 1.0)), float(rng.choice([0.0, 0.08], p=[0.85, 0.15])))


def random_signatory(letter: PostedLetter, rng: np.random.Generator) -> Signatory:
    """Draw somebody who answers the letter within four weeks."""
    return Signatory(
        name=str(rng.choice(SIGNATORIES)),
        place=letter.place,
        signs_on=letter.issued_on + timedelta(days=int(rng.integers(1, 28))),
        pen=random_pen(rng),
        writer=random_writer(rng),
        style=HONEST_STYLES[int(rng.integers(len(HONEST_STYLES)))],
    )


def written_fields(who: Signatory, rng: np.random.Generator) -> tuple[Act, ...]:
    """Return the acts of writing place, date and name."""
    written_date = who.signs_on.strftime(str(rng.choice(["%d.%m.%Y", "%d.%m.%y"])))
    name = who.name.upper().replace("ß", "SS") if rng.random() < 0.4 else who.name
    texts = {"place": who.place, "date": written_date, "name": name}
    return tuple(WriteField(field, text, who.pen, who.writer) for field, text in texts.items())


def plain_behaviour(who: Signatory, option: str, rng: np.random.Generator) -> Behaviour:
    """Return what most people do: one clear mark, all fields written, signed in the field, nothing else."""
    shapes = (MarkShape.CROSS, MarkShape.TICK, MarkShape.SLASH, MarkShape.SCRAWL)
    shape = shapes[int(rng.choice(4, p=[0.68, 0.18, 0.08, 0.06]))]
    reach = float(np.clip(rng.normal(1.0, 0.28), 0.55, 1.7))
    sign = Sign(who.name, who.style, who.pen)
    return Behaviour((Mark(option, shape, who.pen, reach), *written_fields(who, rng), sign))


def plain_return(letter: PostedLetter, channels: Sequence[Channel | Photo], rng: np.random.Generator) -> Arrival:
    """Return an honest return, any option, by any of the channels, as the file that such a channel writes."""
    option = str(rng.choice(list(find_fields(letter.pdf).options)))
    behaviour = plain_behaviour(random_signatory(letter, rng), option, rng)
    channel = channels[int(rng.integers(len(channels)))]
    return send("plain", f"Marked {option}.", [letter], [behaviour], channel, rng)


def send(
    scenario: str,
    story: str,
    letters: Sequence[PostedLetter],
    behaviours: Sequence[Behaviour],
    channel: Channel | Photo,
    rng: np.random.Generator,
) -> Arrival:
    """Fill in the letters, scan them in one go and write the file: a stack is one file with all their pages."""
    scans: list[Scan] = []
    returns = []
    dpi = 600 if isinstance(channel, Channel) and channel.x_dpi > 300 else 300
    for letter, behaviour in zip(letters, behaviours, strict=True):
        filled = fill_in(letter.pdf, behaviour, rng, dpi, channel.printer)
        pages = tuple(range(len(scans) + 1, len(scans) + 1 + len(filled.pages)))
        returns.append(ReturnTruth(letter.key, pages, filled.truth))
        scans += transmit(filled, channel, rng)
    if isinstance(channel, Photo) and len(scans) == 1:
        name, data = "IMG_{:04d}.jpg", to_jpeg(scans[0])
    elif isinstance(channel, Channel) and channel.fax:
        name, data = "FAX_{:04d}.tif", to_tiff(scans)
    else:
        name, data = "SCN_{:04d}.pdf", to_pdf(scans)
    return Arrival(scenario, story, name.format(int(rng.integers(1, 9999))), data, tuple(returns), len(scans))
