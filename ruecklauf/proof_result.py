"""What a proof found, counted: by channel, by conduct, by the pen, by the place on the form, with 95 % bounds.

Of each return only counts are kept, and pictures of a few: ten thousand returns take no more room than a hundred.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from forms.issued_form import LetterGeometry
from intake.results import Decision, Reason
from registry.bounds import upper_bound_95
from ruecklauf.layout_hints import LayoutCheck, check_layout, remarks_on_pages
from ruecklauf.proving import Case, ChannelKind, Proven, Speed, channel_kind
from ruecklauf.trouble_spots import place_names, trouble_spots
from ruecklauf.truth_check import Fault, Outcome, Standing
from simulation.people import MarkTruth
from simulation.repertoire import REPERTOIRE

GOALS = {ChannelKind.SCAN: 0.995, ChannelKind.BILEVEL: 0.99, ChannelKind.FAX: 0.97, ChannelKind.PHOTO: 0.97}
"""Share of plain returns that should need nobody, at least; poor channels are held to none."""
PICTURES_KEPT = 24
"""So many pictures of each kind are kept for a report."""


class Became(StrEnum):
    """What became of a return; every return is exactly one of these."""

    ACCEPTED = "accepted"
    INCOMPLETE = "incomplete"
    PERSON = "to a person"
    UNRECOGNISED = "not recognised"
    WRONG = "wrong"


def became(proven: Proven) -> Became:
    """Say what became of a return."""
    if proven.judged.outcome is Outcome.WRONG:
        return Became.WRONG
    return {
        Decision.ACCEPT: Became.ACCEPTED,
        Decision.INCOMPLETE: Became.INCOMPLETE,
        Decision.REVIEW: Became.PERSON,
        Decision.REJECT: Became.UNRECOGNISED,
    }[proven.judged.decision]


@dataclass(slots=True)
class Line:
    """How many returns of one kind became what."""

    counts: Counter[Became] = field(default_factory=Counter)

    @property
    def returns(self) -> int:
        """All of them."""
        return self.counts.total()

    @property
    def wrong_below(self) -> float:
        """The rate of wrong ones lies below this, with 95 % certainty."""
        return upper_bound_95(self.counts[Became.WRONG], self.returns)

    @property
    def accepted_share(self) -> float:
        """Share that was rightly accepted; 0 where there is none."""
        return self.counts[Became.ACCEPTED] / self.returns if self.returns else 0.0

    @property
    def accepted_above(self) -> float:
        """The rate of accepted ones lies above this, with 95 % certainty."""
        return 1 - upper_bound_95(self.returns - self.counts[Became.ACCEPTED], self.returns)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One wrong reading."""

    case: Case
    fault: Fault
    decision: Decision
    reasons: tuple[Reason, ...]


@dataclass(slots=True)
class Spot:
    """A place on the form: how many plain returns used it, and for how many it was the trouble."""

    used: int = 0
    troubled: int = 0


class ProofResult:
    """The counts of a proof while it runs, and when it is done."""

    def __init__(self, letter: LetterGeometry, seed: int) -> None:
        self.letter = letter
        self.seed = seed
        self.all = Line()
        self.plain = Line()
        self.by_kind: dict[ChannelKind, Line] = {kind: Line() for kind in ChannelKind}
        """Plain returns."""
        self.by_channel: defaultdict[str, Line] = defaultdict(Line)
        """Plain returns."""
        self.by_conduct: dict[str, Line] = {name: Line() for name in REPERTOIRE}
        self.standings: dict[str, Standing] = {}
        """What the returns of a conduct truly are."""
        self.by_trait: dict[str, defaultdict[str, Line]] = {
            name: defaultdict(Line) for name in ("mark", "size", "pen", "signature")
        }
        """Plain returns, by what they were marked and signed with."""
        self.reasons: Counter[Reason] = Counter()
        """Why plain returns were not accepted; a return may have several reasons."""
        self.spots = {name: Spot() for name in place_names(letter)}
        self.other_spots: Counter[str] = Counter()
        """Trouble at no place of its own: the wording, or the page as a whole."""
        self.to_be_seen = Line()
        self.wrong: list[Wrong] = []
        self.checks: tuple[LayoutCheck, ...] = check_layout(letter)
        self.remarks = remarks_on_pages(letter)
        self.seconds = 0.0
        self.speed: Speed | None = None
        """None where reading was not timed by itself."""
        self.stopped_at: int | None = None
        """How many returns had been asked for, where somebody stopped the proof before; else None."""

    def add(self, proven: Proven) -> None:
        """Count one return."""
        what = became(proven)
        for line in self._lines(proven):
            line.counts[what] += 1
        if proven.standing is Standing.TO_BE_SEEN or proven.case.conduct not in self.standings:
            self.standings[proven.case.conduct] = proven.standing
        if proven.case.is_plain:
            self._add_spots(proven)
            if not proven.accepted:
                self.reasons.update(proven.judged.reasons)
        if proven.judged.fault is not None:
            judged = proven.judged
            self.wrong.append(Wrong(proven.case, proven.judged.fault, judged.decision, judged.reasons))

    @property
    def recognised(self) -> int:
        """Returns whose form, and so whose customer, was found."""
        lost = sum(one.fault is Fault.OTHER_CUSTOMER for one in self.wrong)
        return self.all.returns - self.all.counts[Became.UNRECOGNISED] - lost

    @property
    def reached_a_person(self) -> int:
        """Of the returns that must be seen, those that reached somebody."""
        return self.to_be_seen.returns - self.to_be_seen.counts[Became.WRONG]

    @property
    def hints(self) -> tuple[LayoutCheck, ...]:
        """What is too small or too near in the layout."""
        return tuple(check for check in self.checks if not check.suffices)

    def _lines(self, proven: Proven) -> Iterator[Line]:
        case, traits = proven.case, proven.sent.traits
        yield self.all
        yield self.by_conduct[case.conduct]
        if proven.standing is Standing.TO_BE_SEEN:
            yield self.to_be_seen
        if case.is_plain:
            yield from (self.plain, self.by_kind[channel_kind(case.channel)], self.by_channel[case.channel])
            yield self.by_trait["mark"][traits.mark]
            yield self.by_trait["size"][traits.size]
            yield self.by_trait["pen"][traits.pen]
            yield self.by_trait["signature"][traits.signature]

    def _add_spots(self, proven: Proven) -> None:
        unmarked = {f"box {o}" for o, mark in proven.sent.truth.marks.items() if mark is MarkTruth.EMPTY}
        for name, spot in self.spots.items():
            spot.used += name not in unmarked
        for name in trouble_spots(proven):
            if name in self.spots:
                self.spots[name].troubled += 1
            else:
                self.other_spots[name] += 1


def rows_of(lines: Iterable[tuple[str, Line]]) -> list[tuple[str, ...]]:
    """Give each line as words for a table: its name, the counts in the order of `Became`, and the 95 % bound."""
    return [
        (name, str(line.returns), *(str(line.counts[what]) for what in Became), f"< {line.wrong_below:.2%}")
        for name, line in lines
        if line.returns
    ]
