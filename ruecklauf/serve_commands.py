"""Commands about the review page: serving it, and who may sign in."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import Annotated

import typer

from ruecklauf.cli_app import Home, chosen_config, command, say
from ruecklauf.errors import CannotListen, WrongUse
from ruecklauf.open_home import open_home
from ruecklauf.watching_beside import watcher_beside

LOOPBACK = "127.0.0.1"
PORT = 8000


@command
def serve(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = LOOPBACK,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 for any that is free.")] = PORT,
    watch: Annotated[
        bool, typer.Option("--watch", help="Also take in what arrives in the mailbox, as `ruecklauf watch` does.")
    ] = False,
    home: Home = None,
) -> None:
    """Serve the review page, until Ctrl-C."""
    config = chosen_config(home)
    open_home(config)
    from ruecklauf import web

    web.check_address(config, host)
    try:
        server = web.make_server(config, host, port)
    except OSError as error:
        raise CannotListen(host, port, error) from error
    say(f"The review page is at {web.address_of(server)}; end with Ctrl-C")
    with watcher_beside(config) if watch else nullcontext():
        web.run(server)


@command
def adduser(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    *,
    role: Annotated[list[str], typer.Option(help="issue, review or administer; may be given several times.")],
    home: Home = None,
) -> None:
    """Let somebody sign in; a user who exists gets the roles and a new password.

    The password is read from standard input where that is a pipe; otherwise one is made up and printed:
    it has to be changed at the first sign-in.
    """
    config = chosen_config(home)
    open_home(config)
    from review.accounts import UnfitPassword, add_user, make_up_password
    from review.roles import Role

    unknown = set(role) - {known.value for known in Role}
    if unknown:
        raise WrongUse(f"no role {', '.join(sorted(unknown))}", f"choose from {', '.join(Role)}")
    given = "" if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    password = given or make_up_password()
    try:
        add_user(name, password, {Role(each) for each in role}, made_up=not given)
    except UnfitPassword as error:
        raise WrongUse(f"this password is not good enough: {error}", "choose another one") from error
    made_up = "" if given else f" with the password {password} and has to choose another one first"
    say(f"{name} may sign in{made_up}")


@command
def disableuser(
    name: Annotated[str, typer.Argument(help="The name that is signed in with.")], *, home: Home = None
) -> None:
    """Let somebody sign in no more, and end their sessions; `adduser` lets them in again."""
    config = chosen_config(home)
    open_home(config)
    from review.accounts import disable_user

    if not disable_user(name):
        raise WrongUse(f"nobody signs in as {name}", "see how the name is written")
    say(f"{name} may sign in no more")
