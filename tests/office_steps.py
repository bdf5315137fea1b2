"""An office that issues forms and watches its mailbox, with real workers; customers fill in and scan in software."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from sending_back import CUSTOMERS, ISSUED_ON, TEMPLATES

from intake.claims import Claims
from intake.mailbox import Mailbox, MailboxSettings, make_mailbox
from intake.worker import ReadingPool, WorkerLimits
from registry.lookup import find_issued
from ruecklauf.booking import Handled
from ruecklauf.demo import deliver
from ruecklauf.generating import GenerateOrder, generate
from ruecklauf.watching import Watch
from simulation.channels import PRESETS, Channel, Photo, Scan
from simulation.issued_pdf import find_fields
from simulation.people import Act, Behaviour, fill_in
from simulation.returns import Arrival, PostedLetter, plain_behaviour, random_signatory
from simulation.transmission import transmit

SETTINGS = MailboxSettings(settle_s=0.2, rescan_s=0.2)
LIMITS = WorkerLimits(base_s=120.0, memory_bytes=2 << 30)


@dataclass
class Office:
    """An office that has issued a letter and watches its mailbox."""

    folder: Path
    letters: list[PostedLetter]
    sent: list[Arrival] = field(default_factory=list)
    issued_on: date = ISSUED_ON
    limits: WorkerLimits = LIMITS

    @property
    def today(self) -> date:
        """The date that reading goes by: whatever date people write is plausible."""
        return self.issued_on + timedelta(days=28)

    @property
    def mailbox(self) -> Path:
        """The folder that scans are dropped into."""
        return self.folder / "mailbox"

    def receive(self, *arrivals: Arrival) -> list[Handled]:
        """Drop files into the mailbox and watch once."""
        self.sent += arrivals
        deliver(arrivals, self.mailbox)
        return self.watch()

    def drop(self, files: Mapping[str, bytes]) -> list[Handled]:
        """Drop files by their names into the mailbox and watch once."""
        for name, data in files.items():
            draft = self.mailbox / f".{name}.part"
            draft.write_bytes(data)
            draft.rename(self.mailbox / name)
        return self.watch()

    def watch(self) -> list[Handled]:
        """Take in what lies in the mailbox."""
        results: list[Handled] = []
        pool = ReadingPool(find_issued, lambda: self.today, self.limits)
        mailbox = Mailbox(self.mailbox, SETTINGS)
        with Claims(self.folder / "watch.lock") as claims:
            watch = Watch(
                mailbox, claims, pool, max_file_bytes=1 << 28, today=lambda: self.today, report=results.append
            )
            watch.run_once()
        return results

    def issue(self, template: str = "remote-support.v1", *, reissue: bool = False) -> list[PostedLetter]:
        """Issue a letter to the dozen sample customers."""
        folder = self.folder / ("again" if reissue else "forms")
        path = TEMPLATES / f"{template}.toml"
        order = GenerateOrder(path, CUSTOMERS, folder, reissue=reissue, actor="Petra", today=self.issued_on)
        issued = generate(order, lambda _done, _total: None).issued
        return [PostedLetter(letter.number, letter.path.read_bytes(), self.issued_on) for letter in issued]


def new_office(folder: Path, template: str = "remote-support.v1", issued_on: date = ISSUED_ON) -> Office:
    """An office that has issued a letter to the dozen sample customers."""
    make_mailbox(folder / "mailbox")
    office = Office(folder, [], issued_on=issued_on)
    office.letters = office.issue(template)
    return office


def scans_of(
    letter: PostedLetter, option: str, channel: str = "office-200", *, seed: int = 1, further: Sequence[Act] = ()
) -> list[Scan]:
    """The pages of a letter as somebody filled them in plainly, each by itself, as they came through a channel.

    The same letter, option and seed are the same paper, however it is sent.
    """
    rng = np.random.default_rng(seed)
    behaviour = plain_behaviour(random_signatory(letter, rng), option, rng)
    assert option in find_fields(letter.pdf).options
    way: Channel | Photo = PRESETS[channel]
    filled = fill_in(letter.pdf, Behaviour((*behaviour.acts, *further)), rng, 300, way.printer)
    return transmit(filled, way, np.random.default_rng((seed, len(channel))))
