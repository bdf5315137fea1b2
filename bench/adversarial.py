"""Try to pass one customer's page for another's: `python -m bench.adversarial [--count N] [--whole N] [--seed N]`.

Three measurements, each as deep as it can be at its size:

- *compared* (--count): pages that came back by every channel are compared with the blank pages of customers who are
  hardly told from theirs, as if the other's page codes had been pasted on without a trace. One scan of a page is laid
  on a hundred such blanks: address and code, exchanged characters, and where these tell nothing all that every page is
  asked for. Pages that are doubted unaltered are left out.
- *codes* (--count): contents of page codes, altered at will, are parsed; none may name a form that was issued.
- *whole* (--whole): manipulated pages are printed, sent by any channel, and read and decided as any file is.

What must never happen is a page that counts for the wrong customer, or for other words, without a person.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import chain
from multiprocessing import get_context

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.altered_letters import ALTERATIONS, PASTE_UPS, issue_to
from bench.sample_forms import TODAY, issue_sample, posted
from forms.issued_form import IssuedPdf
from forms.page_code import ALPHABET, REFERENCE_LENGTH, PageCode, code_content, parse_code
from intake.additions import field_ink, find_changes
from intake.decision import DecisionContext, decide
from intake.exchanged_characters import exchanged_characters
from intake.expected_ink import expected_ink
from intake.find_codes import find_codes
from intake.locate import NotLocated, locate
from intake.opening import open_document
from intake.printed_page import printed_page
from intake.read_document import read_document
from intake.results import Decision
from intake.sheet import Sheet, flatten
from intake.sheet_grid import Mask
from intake.streaks import without_streaks
from intake.wording import compare_wording, own_same_from
from registry.bounds import upper_bound_95
from simulation.channels import PRESETS
from simulation.files import to_pdf
from simulation.issued_pdf import find_fields
from simulation.people import Behaviour, fill_in
from simulation.repertoire import PLAIN
from simulation.returns import random_signatory, send
from simulation.transmission import transmit

_LIKENESSES_A_PAGE = 100
"""So many other customers are tried on each page that came back."""
_FOUND, _PASSED = "found", "PASSED"
Outcome = tuple[str, str, str]
"""What was tried, what became of it, and the case."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the tables."""
    options = _parser().parse_args(arguments)
    pages = range(-(-options.count // _LIKENESSES_A_PAGE))
    with ProcessPoolExecutor(options.jobs, get_context("spawn"), cv2.setNumThreads, (1,)) as pool:
        compared = pool.map(compare_with_likenesses, ((options.seed, page) for page in pages))
        _print("compared with another's blank page", list(chain.from_iterable(compared)))
        whole = pool.map(read_paste_up, ((options.seed, case) for case in range(options.whole)))
        _print("manipulated pages, read in full", list(whole))
    _print("altered contents of page codes", list(altered_codes(options.count, options.seed)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="comparisons, and altered codes")
    parser.add_argument("--whole", type=int, default=60, help="manipulated pages that are read in full")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    return parser


def compare_with_likenesses(case: tuple[int, int]) -> list[Outcome]:
    """Compare one page that came back with the blank pages of customers like its own."""
    seed, number = case
    rng = np.random.default_rng([seed, 21, number])
    channel = sorted(PRESETS)[number % len(PRESETS)]
    issued = issue_sample(rng)
    sheet = _came_back(issued, channel, rng)
    over_print = None if sheet is None else field_ink(sheet) & sheet.surplus
    if sheet is None or over_print is None or _is_told(sheet, over_print):
        return [("(doubted unaltered)", "left out", f"{channel}:{number}")]
    outcomes = []
    for index in range(_LIKENESSES_A_PAGE):
        kind = list(ALTERATIONS)[index % len(ALTERATIONS)]
        other = ALTERATIONS[kind](issued.form.customer, rng)
        if other != issued.form.customer:
            likeness = issue_to(other, issued.form.form_id)
            told = _is_told(replace(sheet, issued=printed_page(likeness, 1)), over_print)
            said = f"{channel}:{number}: {issued.form.customer} taken for {other}"
            outcomes.append((kind, _FOUND if told else _PASSED, said))
    return outcomes


def _came_back(issued: IssuedPdf, channel: str, rng: np.random.Generator) -> Sheet | None:
    """Send a plain return by a channel, and lay its page flat; None where it is not located."""
    letter = posted(issued)
    acts = PLAIN.acts(random_signatory(letter, rng), tuple(find_fields(letter.pdf).options), rng)
    arrival = send(channel, "", [letter], [Behaviour(acts)], PRESETS[channel], rng)
    with open_document(arrival.data) as pages:
        picture = pages.picture(0)
    picture, _ = without_streaks(picture)
    codes, printed = find_codes(picture), printed_page(issued, 1)
    located = locate(picture, codes, printed.geometry, printed.tiles) if codes else None
    if located is None or isinstance(located, NotLocated):
        return None
    return flatten(located.view, printed, bilevel=picture.bilevel)


def _is_told(sheet: Sheet, over_print: Mask) -> bool:
    """Tell whether the page is found to differ: by the customer's own lines, which nearly always tell, else by all."""
    wording = compare_wording(sheet, over_print)
    own = range(len(sheet.page.text_lines), len(wording.pieces.lines))
    if wording.changed(own, own_same_from(wording)) or exchanged_characters(sheet, over_print):
        return True
    changes = find_changes(sheet, expected_ink(sheet), 1)
    return bool(changes.changed or changes.struck or any(not each.expected for each in changes.additions))


def read_paste_up(case: tuple[int, int]) -> Outcome:
    """Make a manipulated page, send it around and read it: no known form may be decided on without a person."""
    seed, number = case
    rng = np.random.default_rng([seed, 22, number])
    kind = list(PASTE_UPS)[number % len(PASTE_UPS)]
    channel = str(rng.choice(sorted(PRESETS)))
    made = PASTE_UPS[kind](rng)
    who = random_signatory(posted(made.printed), rng)
    acts = PLAIN.acts(who, tuple(find_fields(made.printed.pdf).options), rng)
    filled = made.finish(fill_in(made.printed.pdf, Behaviour(acts), rng))
    data = to_pdf(transmit(filled, PRESETS[channel], rng))
    known = {issued.form.form_id: issued for issued in made.known}
    known |= {form_id[:REFERENCE_LENGTH]: issued for form_id, issued in known.items()}
    reading = read_document(data, known.get, TODAY)
    verdicts = [decide(answer, DecisionContext(TODAY)) for answer in reading.returns]
    if any(verdict.decision in (Decision.ACCEPT, Decision.INCOMPLETE) for verdict in verdicts):
        return kind, _PASSED, f"{channel}:{number}"
    reasons = [*(page.reason for page in reading.unplaced), *(each for verdict in verdicts for each in verdict.reasons)]
    return kind, _FOUND, ", ".join(sorted(set(reasons)))


def altered_codes(count: int, seed: int) -> Iterator[Outcome]:
    """Alter the contents of page codes: by one character, by several, by the page, by cutting two together."""
    rng = np.random.default_rng([seed, 23])
    forms = ["".join(rng.choice(list(ALPHABET), 16)) for _ in range(1000)]
    issued = set(forms)
    for number in range(count):
        first, second = rng.choice(forms, 2, replace=False)
        code, other = (code_content(PageCode(str(form_id), 1)) for form_id in (first, second))
        places = rng.choice(np.arange(3, len(code)), 1 + number % 4, replace=False)
        cut = int(rng.integers(4, len(code) - 1))
        altered = code[:cut] + other[cut:] if number % 5 == 4 else _exchanged(code, places, rng)
        parsed = parse_code(altered)
        names_one = parsed is not None and (parsed.form_id in issued) and altered not in (code, other)
        kind = "two cut together" if number % 5 == 4 else f"{1 + number % 4} characters"
        yield kind, _PASSED if names_one else _FOUND, altered


def _exchanged(code: str, places: NDArray[np.intp], rng: np.random.Generator) -> str:
    characters = list(code)
    for place in places:
        characters[place] = str(rng.choice(list(ALPHABET.replace(characters[place], ""))))
    return "".join(characters)


def _print(title: str, outcomes: Sequence[Outcome]) -> None:
    counts = Counter((kind, became) for kind, became, _ in outcomes)
    print(f"\n{title:44}{'tried':>8}{_FOUND:>8}{_PASSED:>8}{'95 %':>10}")
    for kind in dict.fromkeys(kind for kind, _, _ in outcomes):
        found, passed = counts[kind, _FOUND], counts[kind, _PASSED]
        if found + passed:
            print(f"{kind:44}{found + passed:>8}{found:>8}{passed:>8}{upper_bound_95(passed, found + passed):>10.2%}")
    passed = sum(became == _PASSED for _, became, _ in outcomes)
    tried = sum(became in (_FOUND, _PASSED) for _, became, _ in outcomes)
    print(f"{'all':44}{tried:>8}{tried - passed:>8}{passed:>8}{upper_bound_95(passed, tried):>10.3%}")
    left_out = len(outcomes) - tried
    if left_out:
        print(f"{left_out} pages were doubted without any alteration, and left out")
    for kind, became, said in outcomes:
        if became == _PASSED:
            print(f"  passed: {kind}: {said}")


if __name__ == "__main__":
    main()
