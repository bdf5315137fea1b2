"""Measure the review page on a large book: `python -m bench.page_speed [--size 100000] [--home DIR] [--runs 7]`.

Every page is asked for as a browser does, by a user who may see it, and the server's time is taken: the median and the
worst of several runs, after one that warms up. The book is synthetic (`bench.sample_book`): one customer a form and one
return a form, of which 15 in a hundred wait for a person. `--home` keeps what was made; a home of a past run is grown
on.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
    queries: int
    kilobytes: float

    def __str__(self) -> str:
        numbers = f"{self.median_ms:9.0f}{self.worst_ms:9.0f}{self.queries:9d}{self.kilobytes:8.0f}"
        return f"{self.name:32}{numbers}{'   too slow' if self.worst_ms > AT_MOST_MS else ''}"


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

    grow_to(size)
    client = _client()
    print(f"{size:,} forms and returns; milliseconds of server time")
    print(f"{'':32}{'median':>9}{'worst':>9}{'queries':>9}{'KB':>8}")
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
    taken_ms = sorted(_one_ms(lambda: client.get(address)) for _ in range(runs))
    return Measured(name, statistics.median(taken_ms), taken_ms[-1], len(queries), len(response.content) / 1000)


def _one_ms(ask: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - began_s)


def _pages() -> Iterator[tuple[str, str]]:
    """Every page with its address; lists also far behind, filtered and searched."""
    from registry.models import Batch, Customer, Issue, Return

    waiting = Return.objects.filter(decisions=None).order_by("pk")
    some, last = waiting[len(waiting) // 2], Issue.objects.order_by("-pk")[0]
    customer = Customer.objects.order_by("number")[Customer.objects.count() // 2]
    yield "inbox", "/inbox/"
    yield "inbox, far behind", "/inbox/?page=200"
    yield "inbox, one decision", "/inbox/?only=review"
    yield "inbox, searched", f"/inbox/?q={some.issue.customer.number}"
    yield "return", f"/returns/{some.pk}/"
    yield "return, confirmed", f"/returns/{Return.objects.exclude(decisions=None).order_by('-pk')[0].pk}/"
    yield "clear ones", "/clear/"
    for each in ("configure", "overdue", "incomplete"):
        yield f"to do: {each}", f"/to-do/?list={each}"
    yield "to do, far behind", "/to-do/?list=configure&page=500"
    yield "customers", "/customers/"
    yield "customers, far behind", "/customers/?page=1900"
    yield "customers, searched", f"/customers/?q={customer.company.split()[0]}"
    yield "customers, by number", f"/customers/?q={customer.number}"
    yield "customers, by code", f"/customers/?q={last.form_id}"
    yield "customers, nobody", "/customers/?q=nobody-is-called-that"
    yield "customer", f"/customer/?number={customer.number}"
    yield "post", "/mailbox/"
    yield "overview", "/overview/"
    yield "overview, one template", f"/overview/?template={last.letter.template}"
    yield "issue", "/issue/"
    yield "choose customers", "/issue/customers/?template=remote-support"
    yield "choose customers, far behind", "/issue/customers/?template=remote-support&page=1900"
    yield "choose customers, searched", f"/issue/customers/?template=remote-support&q={customer.company.split()[0]}"
    yield "run", f"/runs/{Batch.objects.order_by('-pk')[0].pk}/"
    yield "password", "/password/"


if __name__ == "__main__":
    main()
