"""Measure the review page on a large book: `python -m bench.page_speed [--size 100000] [--home DIR] [--runs 7]`.

Every page is asked for as a browser does, by a user who may see it, and the server's time is taken: the median and the
worst of several runs, after one that warms up. The book is synthetic (`bench.sample_book`): one customer a form and one
return a form, of which a quarter wait for a person; beside them pages of nobody, mails, what was set aside and a
customer with much (`bench.sample_odds`). `--home` keeps what was made; a home of a past run is grown on.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from ruecklauf.config import load_config
from ruecklauf.open_home import open_home

if TYPE_CHECKING:
    from django.test import Client

AT_MOST_MS = 200
USER = "bench"


@dataclass(frozen=True, slots=True)
class Measured:
    """What one page took, in milliseconds."""

    name: str
    median_ms: float
    worst_ms: float
    processor_ms: float
    """Of the processor's time, the median: other work on the machine counts less in it."""
    queries: int
    kilobytes: float

    def __str__(self) -> str:
        times = f"{self.median_ms:9.0f}{self.worst_ms:9.0f}{self.processor_ms:11.0f}"
        numbers = f"{times}{self.queries:9d}{self.kilobytes:8.0f}"
        return f"{self.name:36}{numbers}{'   too slow' if self.worst_ms > AT_MOST_MS else ''}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; ends with an error where a page takes too long."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        _measure(options.home or Path(folder), options.size, options.runs, options.only)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000, help="forms and returns in the book")
    parser.add_argument("--home", type=Path, help="where the book is kept; default: a temporary folder")
    parser.add_argument("--runs", type=int, default=7, help="how often each page is asked for")
    parser.add_argument("--only", default="", help="only pages in whose name this stands")
    return parser


def _measure(home: Path, size: int, runs: int, only: str) -> None:
    open_home(load_config(home))
    from bench.sample_book import grow_to
    from bench.sample_odds import add_odd_ones

    grow_to(size)
    add_odd_ones(size // 50)
    client = _client()
    print(f"{size:,} forms and returns; milliseconds of server time")
    print(f"{'':36}{'median':>9}{'worst':>9}{'processor':>11}{'queries':>9}{'KB':>8}")
    found = []
    for name, address in _pages():
        if only in name:
            found.append(_timed(client, name, address, runs))
            print(found[-1], flush=True)
    too_slow = [each.name for each in found if each.worst_ms > AT_MOST_MS]
    if too_slow:
        raise SystemExit(f"slower than {AT_MOST_MS} ms: {', '.join(too_slow)}")


def _client() -> Client:
    """A browser in which somebody with every role has signed in."""
    from django.contrib.auth.models import User
    from django.test import Client

    from review.accounts import add_user, make_up_password
    from review.roles import Role

    if not User.objects.filter(username=USER).exists():
        add_user(USER, make_up_password(), tuple(Role))
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username=USER), backend="django.contrib.auth.backends.ModelBackend")
    return client


def _timed(client: Client, name: str, address: str, runs: int) -> Measured:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    if response.status_code != 200:
        raise SystemExit(f"{name}: {address} answers {response.status_code}")
    size, asked = len(_beginning(response)), len(queries)
    taken = [_one_ms(client, address) for _ in range(runs)]
    times, processor = zip(*taken, strict=True)
    return Measured(name, statistics.median(times), max(times), statistics.median(processor), asked, size / 1000)


def _one_ms(client: Client, address: str) -> tuple[float, float]:
    """The time that one answer took, and the processor's."""
    began_s, processor_s = time.perf_counter(), time.process_time()
    _beginning(client.get(address))
    return 1000 * (time.perf_counter() - began_s), 1000 * (time.process_time() - processor_s)


def _beginning(response: HttpResponseBase) -> bytes:
    """A page, or the first piece of a file that is made while it is sent."""
    if isinstance(response, StreamingHttpResponse):
        pieces = iter(response)
        first = next(pieces)
        response.close()
        return first
    assert isinstance(response, HttpResponse)
    return response.content


def _pages() -> Iterator[tuple[str, str]]:
    """Every page with its address; lists also far behind, filtered and searched."""
    yield from _inbox_pages()
    yield from _pages_of_one()
    yield from _lists()
    yield from _issuing_pages()


def _inbox_pages() -> Iterator[tuple[str, str]]:
    from intake.results import Reason
    from registry.inbox import ASIDE, State
    from registry.models import InboxLine
    from registry.ways import Way

    waiting = InboxLine.objects.filter(is_aside=False).order_by("place")
    middle, last = waiting[waiting.count() // 2], waiting.order_by("-place")[0]
    yield "inbox", "/inbox/"
    yield "inbox, far behind", f"/inbox/?after={middle.place}"
    yield "inbox, far behind, backwards", f"/inbox/?before={last.place}"
    for only in (*State, ASIDE, "stray"):
        yield f"inbox, {only}", f"/inbox/?only={only}"
    yield "inbox, set aside, searched", f"/inbox/?only={ASIDE}&q=nobody-is-called-that"
    yield "inbox, one reason", f"/inbox/?reason={Reason.SIGNATURE_ABSENT}"
    yield "inbox, a reason of nothing", f"/inbox/?reason={Reason.CODE_UNKNOWN}"
    yield "inbox, one template", f"/inbox/?template={middle.template}"
    yield "inbox, one way", f"/inbox/?way={Way.PHOTO}"
    yield "inbox, all filters", f"/inbox/?only=review&reason=page.additions&template={middle.template}&way=scan&q=k-"
    yield "inbox, searched", f"/inbox/?q={last.customer.number}"
    yield "inbox, a company", f"/inbox/?q={last.customer.company}"
    yield "inbox, a code", f"/inbox/?q={last.issue.form_id}"
    yield "inbox, nobody", "/inbox/?q=nobody-is-called-that"
    # What was asked for last is what one goes on with from here.
    yield "return, none of those searched", f"/returns/{middle.pk}/"
    yield "inbox, searched again", f"/inbox/?q={middle.customer.company.split()[0]}"
    yield "return", f"/returns/{middle.pk}/"
    yield "return, the last", f"/returns/{last.pk}/"


def _pages_of_one() -> Iterator[tuple[str, str]]:
    from bench.sample_odds import BUSY
    from registry.inbox import Filter, State, page_of
    from registry.models import HumanDecision, InboxLine, Mail, ReceivedPage

    confirmed = HumanDecision.objects.filter(kind=HumanDecision.Kind.CONFIRMED).order_by("-pk")[0]
    (busy,) = InboxLine.objects.filter(customer__number=BUSY).order_by("-pk")[:1]
    stray = ReceivedPage.objects.filter(issue=None).order_by("pk")[0]
    for state in (State.BLIND, State.CLEAR):
        (line,) = page_of(Filter(only=state), count=1).lines
        yield f"return, {state}", f"/returns/{line.return_id}/"
    yield "return, confirmed", f"/returns/{confirmed.answer_id}/"
    yield "return, with many others", f"/returns/{busy.pk}/"
    yield "return, to be assigned", f"/returns/{busy.pk}/assign/?q={confirmed.issue.customer.number}"
    yield "clear ones", "/clear/"
    yield "page without a form", f"/strays/{stray.pk}/"
    yield "page without a form, searched", f"/strays/{stray.pk}/?q=nobody-is-called-that"
    yield "mail", f"/mails/{Mail.objects.order_by('pk')[0].pk}/"
    yield "customer", f"/customer/?number={confirmed.issue.customer.number}"
    yield "customer, with much", f"/customer/?number={BUSY}"
    yield "case file, its beginning", f"/customer/case-file.zip?number={BUSY}"


def _lists() -> Iterator[tuple[str, str]]:
    from registry.mails import MailList
    from registry.models import Customer, Issue
    from registry.to_do import Task

    last = Issue.objects.order_by("-pk")[1000]
    customer = last.customer
    for mails in MailList:
        yield f"mails, {mails}", f"/mails/?list={mails}"
    yield "mails, far behind", "/mails/?page=1000"
    for task in Task:
        yield f"to do: {task}", f"/to-do/?list={task}"
        yield f"to do: {task}, far behind", f"/to-do/?list={task}&page=9999"
        yield f"to do: {task}, as a file", f"/to-do/{task}.csv"
    yield "customers", "/customers/"
    yield "customers, far behind", f"/customers/?page={Customer.objects.count() // 50}"
    yield "customers, searched", f"/customers/?q={customer.company.split()[0]}"
    yield "customers, by number", f"/customers/?q={customer.number}"
    yield "customers, by code", f"/customers/?q={last.form_id}"
    yield "customers, nobody", "/customers/?q=nobody-is-called-that"
    yield "customers, nobody, with an umlaut", "/customers/?q=niemand heißt so müßig"
    yield "post", "/mailbox/"
    yield "overview", "/overview/"
    yield "overview, one template", f"/overview/?template={last.letter.template}"
    yield "accounts", "/accounts/"
    yield "password", "/password/"


def _issuing_pages() -> Iterator[tuple[str, str]]:
    from registry.models import Batch, Customer

    choosing = "/issue/customers/?template=remote-support"
    company = Customer.objects.order_by("number")[Customer.objects.count() // 2].company.split()[0]
    run = Batch.objects.order_by("-pk")[50].pk
    yield "issue", "/issue/"
    yield "choose customers", choosing
    yield "choose customers, far behind", f"{choosing}&page={Customer.objects.count() // 50}"
    yield "choose customers, searched", f"{choosing}&q={company}"
    yield "choose customers, nobody", f"{choosing}&q=nobody-is-called-that"
    yield "run", f"/runs/{run}/"
    yield "run, its letters, their beginning", f"/runs/{run}/letters.zip"


if __name__ == "__main__":
    main()
