"""Who may see what: every page, every role, and strangers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from book_steps import confirm_return
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from review_steps import came_back, signed_in, stray_came

from registry.models import Reading
from review.roles import PAGE_ROLES, Role

pytestmark = pytest.mark.django_db

EVERYBODY = {*Role, None}
"""Everybody who is signed in; None stands for a user without a role."""
STRANGERS_TOO = {"sign-in", "sign-out", "set_language"}
ALLOWED: dict[str, set[Role | None]] = {
    "start": EVERYBODY,
    "password": EVERYBODY,
    "inbox": {Role.REVIEW},
    "return": {Role.REVIEW},
    "settle": {Role.REVIEW},
    "reopen": {Role.REVIEW},
    "blank": {Role.REVIEW},
    "picture": {Role.REVIEW},
    "small-picture": {Role.REVIEW},
    "stray-picture": {Role.REVIEW},
    "small-stray-picture": {Role.REVIEW},
    "clear": {Role.REVIEW},
    "to-do": {*Role},
    "customers": {*Role},
    "customer": {*Role},
    "configured": {Role.ISSUE, Role.REVIEW},
    "withdraw": {Role.REVIEW},
}
POSTED = {"configured", "withdraw", "settle", "reopen"}


def route_names() -> Iterator[str]:
    """Names of all addresses."""

    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                yield str(pattern.name)

    return walk(get_resolver().url_patterns)


def address(name: str) -> str:
    """The address of a page about something that is there."""
    booked = came_back(1)
    confirm_return(booked)
    (sha256,) = Reading.objects.get().pictures.values()
    picture = (booked.return_id, sha256)
    stray = stray_came()
    stray_picture = (stray.page_id, stray.picture)
    arguments = {
        "return": (booked.return_id,),
        "settle": (booked.return_id,),
        "reopen": (booked.return_id,),
        "blank": (booked.return_id, 1),
        "picture": picture,
        "small-picture": picture,
        "stray-picture": stray_picture,
        "small-stray-picture": stray_picture,
    }
    return reverse(name, args=arguments.get(name, ())) + ("?number=K-1" if name == "customer" else "")


def answer(client: Client, name: str) -> int:
    """The status of the answer to a request that nothing but the role can speak against."""
    if name in POSTED:
        said = {"number": "K-1", "template": "remote-support", "on": "13.10.2026", "reason": "by letter"}
        return client.post(address(name), said).status_code
    return client.get(address(name)).status_code


def test_every_page_is_in_the_table() -> None:
    """No page is added without saying here who may see it."""
    assert set(route_names()) == ALLOWED.keys() | STRANGERS_TOO
    assert len(PAGE_ROLES) == len(ALLOWED.keys() - {"password"})


@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_a_page_answers_those_who_have_its_role(name: str, role: Role | None) -> None:
    """With the role the page answers; without it there is no such page."""
    client = signed_in(*([role] if role else []))
    assert answer(client, name) in ((200, 302) if role in ALLOWED[name] else (404,))


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_strangers_are_asked_to_sign_in(name: str) -> None:
    """A stranger learns nothing, not even what there is."""
    client = Client()
    response = client.post(address(name)) if name in POSTED else client.get(address(name))
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in/?next=/")


@pytest.mark.parametrize(
    ("role", "page"), [(Role.REVIEW, "/inbox/"), (Role.ISSUE, "/to-do/"), (Role.ADMINISTER, "/to-do/")]
)
def test_the_start_is_the_first_page_that_one_may_see(role: Role, page: str) -> None:
    """Nobody is led to a page that is not for them."""
    assert signed_in(role).get("/").headers["Location"] == page


def test_a_page_offers_no_way_to_what_one_may_not_do() -> None:
    """Who may not look at returns finds no link to one, and who may not decide no form to decide with."""
    confirm_return(came_back(1))
    seen = signed_in(Role.ADMINISTER).get("/customer/?number=K-1").content.decode()
    assert "/returns/" not in seen
    assert "/inbox/" not in seen
    assert "<form" not in seen.partition("<main")[2].partition("</main>")[0]
