"""The demo's command: it tells the story, step by step."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ruecklauf.cli_app import EXIT_SOME_FAILED, Home, chosen_config, command, complain, office_today, progress_bar, say
from ruecklauf.config import CLONE, DATABASE_VARIABLE, Config
from ruecklauf.demo_home import fresh_demo_home
from ruecklauf.intake_commands import reading_pool
from ruecklauf.open_home import open_home
from ruecklauf.serve_commands import LOOPBACK, PORT
from ruecklauf.watching_beside import watcher_beside

if TYPE_CHECKING:
    from ruecklauf.booking import Handled
    from simulation.returns import Arrival, PostedLetter

DEMO_HOME = CLONE / "output" / "demo"
SEED = 2026
DEMO_USER = "demo"


@command
def demo(
    context: typer.Context,
    *,
    seed: Annotated[int, typer.Option(min=0, help="Another number, other people and other pens.")] = SEED,
    serve: Annotated[
        bool | None, typer.Option("--serve/--no-serve", help="End on the review page. Default: on a terminal.")
    ] = None,
    home: Home = None,
) -> None:
    """Show the whole circle on sample customers: issue, return, read, confirm, export; then serve the review page.

    Works in a folder of its own, output/demo, which it empties at each start. Nothing else is touched.
    """
    # Never the home or the database of the environment: those may be the office's.
    before: Path | None = context.find_root().params.get("home")
    os.environ.pop(DATABASE_VARIABLE, None)
    config = chosen_config(home or before or DEMO_HOME).model_copy(update={"database": None})
    with fresh_demo_home(config.home):
        open_home(config)
        all_right = _tell_story(config, seed)
        if not all_right:
            complain("Error: a return was read wrongly and nobody was asked — please report it with the table above")
            raise typer.Exit(EXIT_SOME_FAILED)
        if sys.stdout.isatty() if serve is None else serve:
            _serve(config)


def _serve(config: Config) -> None:
    """Serve the review page until Ctrl-C, to a user who is made for it."""
    from review.accounts import add_user, make_up_password
    from review.roles import Role
    from ruecklauf import demo_screen, web

    password = make_up_password()
    add_user(DEMO_USER, password, tuple(Role))
    try:
        server = web.make_server(config, LOOPBACK, PORT)
    except OSError:  # somebody else's port: any other will do
        server = web.make_server(config, LOOPBACK, 0)
    demo_screen.headline("The review page")
    demo_screen.show_way_in(web.address_of(server), DEMO_USER, password)
    with watcher_beside(config):
        web.run(server)


def _tell_story(config: Config, seed: int) -> bool:
    """Tell the whole story; returns whether every return was read rightly or left to a person."""
    from registry.waiting import returns_waiting
    from ruecklauf import demo_screen
    from ruecklauf.demo import compare, write_results
    from simulation.demo_post import first_post, second_post

    letters = _issue(config)
    arrivals: list[Arrival] = []
    results: list[Handled] = []
    for title, post in (("The first post", first_post), ("A while later", second_post)):
        delivered = _deliver(config, title, post(letters, seed))
        arrivals += delivered
        results += _take_in_and_confirm(config, delivered)
    comparison, waiting = compare(arrivals, results), returns_waiting()
    demo_screen.headline("What is true, and what was read")
    demo_screen.show_comparison(comparison)
    demo_screen.headline("What waits for a person, and why")
    demo_screen.show_waiting(waiting, config.problems)
    demo_screen.headline("What is in force")
    demo_screen.show_export()
    demo_screen.headline("What to look at")
    demo_screen.show_where_to_look(config, write_results(config, comparison), comparison, waiting)
    return comparison.all_right


def _issue(config: Config) -> list[PostedLetter]:
    from ruecklauf.demo import issue_letters
    from ruecklauf.demo_screen import headline

    headline("Letters")
    with progress_bar("Letters") as bar:
        task = bar.task_ids[0]
        letters = issue_letters(
            config, office_today(config), lambda done, total: bar.update(task, completed=done, total=total)
        )
    say(f"{len(letters)} sample customers got their letter, dated {letters[0].issued_on:%d.%m.%Y}.")
    return letters


def _deliver(config: Config, title: str, post: Iterator[Arrival]) -> list[Arrival]:
    """Let customers answer, and put into the mailbox what comes of it."""
    from ruecklauf.demo import deliver
    from ruecklauf.demo_screen import headline

    headline(title)
    with progress_bar("Customers fill in, sign and send back") as bar:
        arrivals = []
        for arrival in post:
            arrivals.append(arrival)
            bar.advance(bar.task_ids[0])
    deliver(arrivals, config.mailbox)
    say(f"{len(arrivals)} files lie in the mailbox.")
    return arrivals


def _take_in_and_confirm(config: Config, arrivals: Sequence[Arrival]) -> list[Handled]:
    from registry.lookup import find_issued
    from registry.wordings import known_wordings
    from ruecklauf.demo import confirm_clear, take_in
    from ruecklauf.demo_screen import show_confirmed, shown_being_read

    results: list[Handled] = []
    with shown_being_read(arrivals) as show:

        def report(result: Handled) -> None:
            results.append(result)
            show(result)

        take_in(config, reading_pool(config, find_issued, known_wordings), office_today(config), report)
    show_confirmed(confirm_clear())
    return results
