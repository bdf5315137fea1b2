"""Every reason is explained, in the program and in docs/reasons.md, in the same words."""

from __future__ import annotations

import re
from pathlib import Path

from intake.explanations import EXPLANATIONS, explain_file_problem, explain_nothing_of_ours
from intake.mail_contents import PartKind
from intake.results import Reason, UnplacedPage

REASONS_PAGE = Path(__file__).parent.parent / "docs" / "reasons.md"


def documented() -> dict[str, tuple[str, str]]:
    """Read code, meaning and what to do from the page's tables."""
    rows = re.findall(r"^\| `([a-z_.]+)` \| (.+?) \| (.+?) \|$", REASONS_PAGE.read_text("utf-8"), re.MULTILINE)
    return {code: (meaning, to_do) for code, meaning, to_do in rows}


def test_every_reason_is_explained() -> None:
    """No code may reach staff without its words."""
    assert set(EXPLANATIONS) == set(Reason)


def test_the_page_says_what_the_program_says() -> None:
    """docs/reasons.md lists every code, no other code, and in the words that staff find beside a refused file."""
    expected = {reason.value: (words.meaning, words.to_do) for reason, words in EXPLANATIONS.items()}
    assert documented() == expected


def test_explanations_are_whole_sentences() -> None:
    """What staff read begins with a capital and ends with a full stop."""
    for words in EXPLANATIONS.values():
        for sentence in (words.meaning, words.to_do):
            assert sentence[0].isupper()
            assert sentence.endswith(".")


def test_a_refused_file_is_explained_with_its_code_and_detail() -> None:
    """The text beside a file names the meaning, the remedy, the code and what failed."""
    text = explain_file_problem(Reason.FILE_TIMEOUT, "120 s")
    assert text.splitlines() == [
        "Reading the file took too long and was stopped.",
        "What to do: Scan it again in smaller stacks, or print it and scan the print.",
        "",
        "Reason code: file.timeout",
        "Detail for support: 120 s",
    ]


def test_foreign_pages_are_explained_one_by_one() -> None:
    """Every page has its line, every reason its remedy once."""
    pages = (
        UnplacedPage(1, Reason.PAGE_NO_CODE),
        UnplacedPage(2, Reason.PAGE_BLANK),
        UnplacedPage(3, Reason.PAGE_BLANK),
    )
    text = explain_nothing_of_ours(pages)
    assert text.count("Page ") == 3
    assert text.count("What to do about page.blank") == 1


def test_every_kind_of_part_is_explained() -> None:
    """What a part of a mail can end as stands in docs/mail.md, each kind once and no other."""
    page = (REASONS_PAGE.parent / "mail.md").read_text("utf-8")
    assert re.findall(r"^\| `([a-z_]+)` \| ", page, re.MULTILINE) == [kind.value for kind in PartKind]
