"""What is in the inbox, under which state, and what somebody asked to see of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from intake.results import Decision
from registry.waiting import WaitingLine

_CODE, _CHECK = 8, 2
"""Characters of a form's id in the code that is printed for people, and its check characters, which follow."""


class State(StrEnum):
    """Under what a return stands in the inbox, the most doubtful first."""

    REVIEW = "review"
    REJECT = "reject"
    INCOMPLETE = "incomplete"
    BLIND = "blind"
    CLEAR = "clear"


def state_of(line: WaitingLine) -> State:
    """The state of a return; one that is complete, but not clear any more, is to be looked at."""
    if line.blind:
        return State.BLIND
    if line.clear:
        return State.CLEAR
    return State.REVIEW if line.decision is Decision.ACCEPT else State(line.decision.value)


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody asked to see; empty for everything."""

    q: str = ""
    """Words, each of which a return's customer, number, template, file or code holds."""
    only: str = ""
    """A state."""
    reason: str = ""
    template: str = ""
    way: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Filter:
        """As a form has sent it."""
        return cls(**{name: query.get(name, "").strip()[:200] for name in cls.__dataclass_fields__})

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def chosen(self, lines: Iterable[WaitingLine]) -> Iterator[WaitingLine]:
        """Yield those of the returns that were asked for, in their order."""
        words = self.q.casefold().split()
        code = "".join(self.q.split()).replace("-", "").upper()
        for line in lines:
            if (
                self.only in ("", state_of(line))
                and self.reason in ("", *line.reasons)
                and self.template in ("", line.template)
                and self.way in ("", line.way)
                and (_holds(line, words) or _is_code(line, code))
            ):
                yield line


def _holds(line: WaitingLine, words: list[str]) -> bool:
    text = f"{line.number} {line.company} {line.form_id} {line.template} {line.file_name}".casefold()
    return all(word in text for word in words)


def _is_code(line: WaitingLine, code: str) -> bool:
    """Whether this is the code as it is printed on the return's form."""
    return len(code) in (_CODE, _CODE + _CHECK) and line.form_id.startswith(code[:_CODE])
