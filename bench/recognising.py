"""Measure the booking of a stack of pages without a form: `python -m bench.recognising [--size 10000] [--pages 500]`.

Each page is compared with every form of the book (`registry.recognised_forms`). A third of the pages are a customer's
letter of ours whose codes are cut off, a third letters that a customer wrote, a third have nothing to do with us. Says
what comparing and booking took, by the processor and by the clock, and whether each customer was proposed first.
`--home` keeps the book of `bench.sample_book`; a home of a past run is grown on.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from ruecklauf.config import load_config
from ruecklauf.open_home import open_home

_Result = TypeVar("_Result")
_WORDS_A_PAGE = 250


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=10_000, help="forms and returns in the book")
    parser.add_argument("--pages", type=int, default=500, help="pages in the stack")
    parser.add_argument("--home", type=Path, help="where the book is kept; default: a temporary folder")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        open_home(load_config(options.home or Path(folder)))
        _measure(options.size, options.pages)


def _measure(size: int, count: int) -> None:
    from bench.sample_book import RECEIVED_AT, grow_to, sample_number
    from intake.results import Decision, DocumentReading, Reason, UnplacedPage, Verdict
    from registry import book
    from registry.models import Issue, ReceivedPage
    from registry.proposals import proposals_for, recognised_in
    from registry.statuses import OPEN

    grow_to(size)
    chosen = random.Random(5).choices(range(Issue.objects.count()), k=count)
    texts = [_text(at, index) for at, index in enumerate(chosen)]
    data = f"%PDF {time.time()}".encode()
    pages = tuple(UnplacedPage(at, Reason.PAGE_CODE_UNREADABLE, b"", text) for at, text in enumerate(texts, 1))
    reading = DocumentReading(hashlib.sha256(data).hexdigest(), None, "", count, (), pages)
    open_forms = Issue.objects.filter(standing__status__in=OPEN).count()
    print(f"{size:,} forms, {open_forms:,} of them open; {count} pages without a form")
    _timed("comparing all pages", lambda: recognised_in(reading))
    one = DocumentReading("", None, "", 1, (), pages[:1])
    _timed("comparing one page", lambda: recognised_in(one))
    arrived = book.ReceivedBytes(data, "stack.pdf", "bench", RECEIVED_AT)
    verdict = Verdict(Decision.REVIEW, ())
    booked = _timed("booking the stack", lambda: book.book_document(arrived, reading, lambda *_: verdict))
    keys = list(ReceivedPage.objects.filter(file__sha256=booked.sha256).order_by("page").values_list("pk", flat=True))
    began_s = time.process_time()
    proposed = [proposals_for(key) for key in keys]
    print(f"{'asking for one page':24}{1000 * (time.process_time() - began_s) / count:10.1f} ms of the processor")
    opened = set(Issue.objects.filter(standing__status__in=OPEN).values_list("customer__number", flat=True))
    theirs = [at for at, index in enumerate(chosen) if at % 3 < 2 and sample_number(index) in opened]
    first = sum(proposed[at][:1] != () and proposed[at][0].number == sample_number(chosen[at]) for at in theirs)
    among = sum(sample_number(chosen[at]) in {each.number for each in proposed[at]} for at in theirs)
    print(
        f"of {len(theirs)} pages of customers with an open form: {first} proposed first, {among} among those proposed"
    )


def _text(at: int, index: int) -> str:
    """What is recognised on one page of the stack, a letter in a hundred misread."""
    from bench.sample_book import sample_issued

    issued, chance = sample_issued(index), random.Random(at)
    customer = issued.form.customer
    block = f"{customer.number}\n{customer.company}\n{customer.street}\n{customer.postal_code} {customer.city}\n"
    wording = [line.text for page in issued.letter.pages for line in page.text_lines]
    if at % 3 == 0:
        text = block + "\n".join(wording)
    else:
        words = " ".join(wording).split()
        said = " ".join(chance.choices(words, k=_WORDS_A_PAGE)).replace(". ", ".\n")
        text = f"{block}{said}" if at % 3 == 1 else said
    return "".join(
        chance.choice("aeinrst") if letter.isalpha() and chance.random() < 0.01 else letter for letter in text
    )


def _timed(name: str, run: Callable[[], _Result]) -> _Result:
    began_s, processor_s = time.perf_counter(), time.process_time()
    result = run()
    processor_s, clock_s = time.process_time() - processor_s, time.perf_counter() - began_s
    print(f"{name:24}{processor_s:10.2f} s of the processor{clock_s:10.2f} s by the clock", flush=True)
    return result


if __name__ == "__main__":
    main()
