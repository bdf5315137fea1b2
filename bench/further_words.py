"""Measure how often words are found that stand where they do not belong: `python -m bench.further_words [--count N]`.

Each return has a condition behind its place, its date and its name, and a word where the signature belongs; every kind
of channel gets returns in turn. For each field, and for words that the reading knows and others, says in how many the
field's own reason (or for the signature any doubt) sends the return to a person. docs/decisions/0023-ink-on-print.md
quotes it; what plain returns cost, `python -m bench.kept_returns` says.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bench.sample_forms import TEMPLATE
from forms.issue_form import FormIssuer
from intake.decision import DecisionContext, decide
from intake.further_words import is_condition
from intake.read_document import read_document
from intake.results import Reason
from intake.text_recognition import Word
from intake.words_by_signature import words_instead
from ruecklauf.proving import Case, channel_kind, prepare_to_simulate
from ruecklauf.sample_letters import TODAY, issue_sample, issuer_of, posted
from simulation.channels import PRESETS
from simulation.conduct import any_option
from simulation.handwriting import Writer, write
from simulation.issued_pdf import find_fields
from simulation.pens import Pen
from simulation.people import Behaviour, Desk, Left, Mark, Trace, WriteField
from simulation.repertoire import PLAIN
from simulation.returns import random_signatory, send
from simulation.strokes import bounds, move

CHANNELS = (
    "office-300",
    "office-200",
    "colour-200",
    "office-150",
    "photo",
    "photo-steep",
    "photo-blurred",
    "bilevel-300",
    "bilevel-200",
    "fax-fine",
)
_CONDITIONS = (
    "nicht C",
    "nur A",
    "nur bis 31.12.",
    "unter Vorbehalt",
    "nur nach Anruf",
    "ohne Server",
    "siehe Anlage",
    "probeweise",
    "i.V. Meier",
    "wie besprochen",
    "Mo-Fr",
    "auf Abruf",
    "Rest spaeter",
    "mit Chef klaeren",
    "vielleicht",
    "nach Ostern",
)
_INSTEAD = (
    "nein",
    "entfaellt",
    "nicht einverstanden",
    "siehe Anlage",
    "abgelehnt",
    "??",
    "12.10.26",
    "spaeter",
    "folgt",
    "Chef fragen",
    "liegt bei",
    "kommt noch",
    "unbekannt",
    "Urlaub",
)
_SEPARATORS = (", ", " ", " - ", " (")
_FIELDS = {"place": Reason.PLACE_FURTHER, "date": Reason.DATE_FURTHER, "name": Reason.NAME_FURTHER}
_Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class WriteInstead:
    """Write a word where the signature belongs, up to twice as large as in a field."""

    text: str
    pen: Pen
    writer: Writer

    def carry_out(self, desk: Desk, rng: _Rng) -> Left:
        """Write it somewhere in the field."""
        place = desk.fields.signature
        strokes = write(self.text, self.writer, rng)
        size = min(float(rng.uniform(1.0, 2.2)), (place.box_mm.width - 4) / bounds(strokes).width)
        sized = [path * size for path in strokes]
        room_mm = max(1.0, place.box_mm.width - bounds(sized).width - 4)
        x_mm = place.box_mm.x0 + 2 + float(rng.uniform(0, room_mm))
        y_mm = place.box_mm.centre[1] + float(rng.uniform(0, 0.3)) * place.box_mm.height
        box = desk.draw(place, move(sized, x_mm, y_mm), self.pen, rng)
        return Left(Trace.NOTE, "signature", self.text, place.page + 1, box)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=4, help="returns of each channel")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    prepare_to_simulate()
    issuer, found, asked = issuer_of(TEMPLATE), Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for number in range(options.count):
        for channel in CHANNELS:
            for field, words, is_found in _one_return(issuer, Case(PLAIN.name, channel, number, options.seed)):
                line = (channel_kind(channel).value, field, words)
                asked[line] += 1
                found[line] += is_found
    for line, count in sorted(asked.items()):
        print(f"{line[0]:14}{line[1]:11}{line[2]:7}{found[line]:>5} of {count}")


def _one_return(issuer: FormIssuer, case: Case) -> Iterator[tuple[str, str, bool]]:
    """Send one return around, read it, and yield each field, whose words stand there, and whether they were found."""
    rng = case.rng()
    issued = issue_sample(issuer, rng)
    letter = posted(issued)
    who = random_signatory(letter, rng)
    signed_on = who.signs_on.strftime(str(rng.choice(["%d.%m.%Y", "%d.%m.%y"])))
    conditions = {field: str(rng.choice(_CONDITIONS)) for field in _FIELDS}
    own = {"place": who.place, "date": signed_on, "name": who.name}
    written = [
        WriteField(field, own[field] + str(rng.choice(_SEPARATORS)) + condition, who.pen, who.writer)
        for field, condition in conditions.items()
    ]
    instead = str(rng.choice(_INSTEAD))
    mark = Mark(any_option(tuple(find_fields(letter.pdf).options), rng), pen=who.pen)
    behaviour = Behaviour((mark, *written, WriteInstead(instead, who.pen, who.writer)))
    arrival = send(PLAIN.name, "", [letter], [behaviour], PRESETS[case.channel], rng)
    document = read_document(arrival.data, {issued.form.form_id: issued}.get, TODAY, pictures=False)
    reasons = {reason for reading in document.returns for reason in decide(reading, DecisionContext(TODAY)).reasons}
    for field, condition in conditions.items():
        yield field, _whose(known=any(map(is_condition, _sure(condition)))), _FIELDS[field] in reasons
    in_field = {Reason.SIGNATURE_PRINT, Reason.SIGNATURE_UNCLEAR, Reason.SIGNATURE_ABSENT, Reason.PAGE_ADDITIONS}
    yield "signature", _whose(known=bool(words_instead(_sure(instead), ()))), not in_field.isdisjoint(reasons)


def _sure(text: str) -> list[Word]:
    return [Word(word, 1.0) for word in text.split()]


def _whose(*, known: bool) -> str:
    return "known" if known else "other"


if __name__ == "__main__":
    main()
