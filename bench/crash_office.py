"""The office whose work is interrupted: twenty customers, and the files of all kinds that come back from them.

What comes back is made once from the issued PDFs, as cheap to read as it can be and still be what people send; every
run then gets a copy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import numpy as np

from simulation.channels import PRESETS, Channel, Photo
from simulation.issued_pdf import find_fields
from simulation.on_screen import OnScreen, Placing, fill_on_screen
from simulation.people import Behaviour
from simulation.returns import PostedLetter, random_signatory, send
from simulation.scenarios import SCENARIOS, foreign_page

CUSTOMERS = 20
SETTINGS = "settle_s = 0.1\nrescan_s = 0.1\npatience_s = 0.1\n"
_SEED = 20
_OLDEST_S = 1_700_000_000
"""When the first file was last changed, in seconds since 1970; each next one a minute later: the order of reading."""
_CHANNELS: dict[str, Channel | Photo] = {"photo": Photo(long_side_px=2000)}
_ACTS = {scenario.name: scenario.acts for scenario in SCENARIOS}

Make = Callable[[Sequence[PostedLetter], Path], object]
"""Puts something into the mailbox, at this path."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something that lies in the mailbox."""

    name: bytes
    make: Make


def customer_list() -> str:
    """The customers as a CSV file's text."""
    rows = [
        f"K-{1001 + number};Prüfstand {number + 1} GmbH;Anna Weber;Hauptstr. {number + 1};10115;Berlin;;\n"
        for number in range(CUSTOMERS)
    ]
    return "number;company;contact;street;postal_code;city;country;email\n" + "".join(rows)


def issued_letters(forms: Path, today: date) -> list[PostedLetter]:
    """The letters as they went out, by customer number."""
    return [PostedLetter(path.name, path.read_bytes(), today) for path in sorted(forms.glob("K-*.pdf"))]


def fill_mailbox(mailbox: Path, letters: Sequence[PostedLetter], dropped: Sequence[Dropped]) -> None:
    """Make the files and lay them into the mailbox, the first one the oldest."""
    for number, each in enumerate(dropped):
        path = mailbox / os.fsdecode(each.name)
        each.make(letters, path)
        changed_s = _OLDEST_S + 60 * number
        os.utime(path, (changed_s, changed_s), follow_symlinks=False)


def _returned(behaviour: str, channel: str, *numbers: int) -> Make:
    """Let customers (counting from 0) send their letters back in one file."""

    def make(letters: Sequence[PostedLetter], path: Path) -> None:
        rng = np.random.default_rng((_SEED, *numbers))
        chosen = [letters[number] for number in numbers]
        behaviours = []
        for letter in chosen:
            # Signed on the day of issue: no day in the future, and none before the letter was written.
            who = replace(random_signatory(letter, rng), signs_on=letter.issued_on)
            behaviours.append(Behaviour(_ACTS[behaviour](who, tuple(find_fields(letter.pdf).options), rng)))
        way = _CHANNELS.get(channel) or PRESETS[channel]
        path.write_bytes(send(behaviour, "", chosen, behaviours, way, rng).data)

    return make


def _on_screen(number: int) -> Make:
    def make(letters: Sequence[PostedLetter], path: Path) -> None:
        letter, rng = letters[number], np.random.default_rng((_SEED, number))
        texts = {"place": "Berlin", "date": f"{letter.issued_on:%d.%m.%Y}", "name": "Anna Weber"}
        filled = OnScreen(next(iter(find_fields(letter.pdf).options)), texts, "Anna Weber", Placing.STAMP)
        path.write_bytes(fill_on_screen(letter.pdf, filled, rng))

    return make


def _foreign(_letters: Sequence[PostedLetter], path: Path) -> None:
    path.write_bytes(foreign_page(np.random.default_rng(_SEED)).data)


def _in_a_mail(made: Make) -> Make:
    """Send in a mail what would lie in a file, with words and a picture that is no page."""

    def make(letters: Sequence[PostedLetter], path: Path) -> None:
        made(letters, path)
        mail = EmailMessage()
        mail["From"], mail["Subject"], mail["Message-ID"] = "anna@weber.example", "Formular", "<1@weber.example>"
        mail.set_content("Anbei zurück.")
        mail.add_attachment(path.read_bytes(), "application", "octet-stream", filename="Formular.pdf")
        mail.add_attachment(b"no page of ours", "text", "plain", filename="Hinweis.txt")
        mail.set_boundary("=_the_same_in_every_run")
        path.write_bytes(mail.as_bytes())

    return make


def _bytes(data: bytes) -> Make:
    return lambda _letters, path: path.write_bytes(data)


def _folder(_letters: Sequence[PostedLetter], path: Path) -> None:
    path.mkdir()
    (path / "scan.pdf").write_bytes(b"%PDF-1.7 in a folder")


def _link(_letters: Sequence[PostedLetter], path: Path) -> None:
    path.symlink_to("/etc/passwd")


def _pipe(_letters: Sequence[PostedLetter], path: Path) -> None:
    os.mkfifo(path)


_FIRST = Dropped(b"SCN_0001.pdf", _returned("marked first", "office-150", 0))
_BROKEN = Dropped(b"kaputt.pdf", _bytes(b"%PDF-1.7\nand nothing else"))
_AGAIN = Dropped(b"noch einmal.pdf", _FIRST.make)
_FOLDER = Dropped(b"Ordner", _folder)
_LINK = Dropped(b"link.pdf", _link)
_PIPE = Dropped(b"pipe.pdf", _pipe)

_MAIL = Dropped(b"Formular.eml", _in_a_mail(_returned("marked first", "office-150", 15)))

FEW_FILES = (_FIRST, _MAIL, _BROKEN, _FOLDER, _LINK, _PIPE)
"""One of each way that a file can go; not twice the same, since either could then be booked first."""
ALL_FILES = (
    _FIRST,
    Dropped("-rf \u202egpj.Zeile\nzwei.pdf".encode(), _returned("marked second", "office-150", 1)),
    Dropped(b"SCN_0003.pdf", _returned("unsigned", "office-150", 2)),
    Dropped(b"SCN_0004.pdf", _returned("both marked", "office-150", 3)),
    Dropped(b"Stapel.pdf", _returned("marked first", "bilevel-200", 4, 5, 6)),
    Dropped(b"zwei Formulare.pdf", _returned("marked second", "office-150", 7, 8)),
    Dropped("Formular ausgefüllt.pdf".encode(), _on_screen(9)),
    Dropped(b"FAX_0001.tif", _returned("fax", "fax-fine", 10)),
    Dropped(b"IMG_0001.jpg", _returned("marked first", "photo", 11)),
    Dropped(b"n" * 251 + b".pdf", _returned("marked first", "office-150", 12)),
    Dropped(b"Gr\xfc\xdfe.pdf", _returned("marked second", "office-150", 13)),
    Dropped(b"SCN_0014.pdf", _returned("margin note", "office-150", 14)),
    Dropped(b"Rechnung.pdf", _foreign),
    _BROKEN,
    Dropped(b"Programm.exe", _bytes(b"MZ\x90\0" + bytes(range(256)) * 8)),
    Dropped(b"leer.pdf", _bytes(b"")),
    _FOLDER,
    _LINK,
    _PIPE,
    _MAIL,
    _AGAIN,
)
"""Files of all kinds; the one that comes twice is so far from its first that it is always booked after it."""
