"""Say in plain words why a person must read a mail, and what became of each of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intake.explanations import EXPLANATIONS, in_one_sentence
from intake.mail_contents import PartKind
from intake.results import Reason, UnplacedPage

_NOTED = {
    PartKind.OUR_LETTER: "our own letter, as it was issued: nothing is filled in",
    PartKind.TEXT: "words of the mail",
    PartKind.FOOTER_PICTURE: "a small picture, as in the footer of a mail; not read",
    PartKind.MAIL_SIGNATURE: "the digital signature of the mail; not checked",
    PartKind.NOTICE: "written by a mail program for another; not read",
    PartKind.OPENED: "opened; what it holds comes next",
    PartKind.NOT_OPENED: "not opened",
}


@dataclass(frozen=True, slots=True)
class PartOutcome:
    """What became of one part of a mail."""

    name: str
    kind: PartKind
    problem: Reason | None
    unplaced: Sequence[UnplacedPage]


def explain_mail(reason: Reason, sender: str, subject: str, parts: Sequence[PartOutcome], text: str) -> str:
    """Say why a person must read a mail, what to do, and what it says, over several lines."""
    explanation = EXPLANATIONS[reason]
    lines = [explanation.meaning, f"What to do: {explanation.to_do}", "", f"From: {sender}", f"Subject: {subject}", ""]
    reasons: list[Reason] = []
    for part in parts:
        found = [part.problem] if part.problem else list(dict.fromkeys(page.reason for page in part.unplaced))
        reasons += found
        said = " ".join(f"{in_one_sentence(each)} ({each.value})" for each in found) or _NOTED.get(part.kind, "read")
        lines.append(f"{part.name}: {said}")
    lines += [f"What to do about {each.value}: {EXPLANATIONS[each].to_do}" for each in dict.fromkeys(reasons)]
    lines += ["", f"Reason code: {reason.value}"]
    return "\n".join([*lines, "", "The mail says:", "", text] if text else lines)
