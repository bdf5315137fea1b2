"""Who may see what: every page, every role, and strangers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import builders
import mails
import pytest
from book_steps import confirm_return
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import Settings
from review_steps import came_back, mail_came, signed_in, stray_came

from registry.models import Issue, Reading
from review.entry_forms import today
from review.roles import PAGE_ROLES, Role
from ruecklauf.config import TEMPLATES
from ruecklauf.drafts import keep_draft, list_of
from ruecklauf.generating import GenerateOrder, generate
from ruecklauf.open_config import open_config

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
    "blank-page": {Role.REVIEW},
    "blind": {Role.REVIEW},
    "assign": {Role.REVIEW},
    "stray": {Role.REVIEW},
    "place-stray": {Role.REVIEW},
    "settle-stray": {Role.REVIEW},
    "reopen-stray": {Role.REVIEW},
    "picture": {Role.REVIEW},
    "small-picture": {Role.REVIEW},
    "stray-picture": {Role.REVIEW},
    "small-stray-picture": {Role.REVIEW},
    "mails": {Role.REVIEW},
    "mail": {Role.REVIEW},
    "settle-mail": {Role.REVIEW},
    "reopen-mail": {Role.REVIEW},
    "clear": {Role.REVIEW},
    "undo-batch": {Role.REVIEW},
    "to-do": {*Role},
    "customers": {*Role},
    "customer": {*Role},
    "configured": {Role.ISSUE, Role.REVIEW},
    "withdraw": {Role.REVIEW},
    "issue": {Role.ISSUE},
    "pick-customers": {Role.ISSUE},
    "check-list": {Role.ISSUE},
    "first-letter": {Role.ISSUE},
    "run": {Role.ISSUE},
    "run-zip": {Role.ISSUE},
    "run-print": {Role.ISSUE},
    "letter": {Role.ISSUE, Role.REVIEW},
    "mailbox": {Role.REVIEW},
    "problems": {Role.REVIEW},
    "read-again": {Role.REVIEW},
    "all-again": {Role.REVIEW},
    "received": {Role.REVIEW},
    "overview": {*Role},
    "case-file": {Role.REVIEW},
    "accounts": {Role.ADMINISTER},
    "change-account": {Role.ADMINISTER},
    "to-do-file": {*Role},
    "set-up": {Role.ISSUE, Role.REVIEW},
    "asked-again": {Role.ISSUE, Role.REVIEW},
    "issue-anew": {Role.ISSUE},
    "print-some": {Role.ISSUE, Role.REVIEW},
}
POSTED = {
    *("change-account", "set-up", "asked-again", "issue-anew", "print-some", "configured", "withdraw"),
    *("settle", "reopen", "blind", "place-stray", "settle-stray", "reopen-stray", "settle-mail"),
    *("undo-batch", "reopen-mail", "read-again", "all-again"),
}


def route_names() -> Iterator[str]:
    """Names of all addresses."""

    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                yield str(pattern.name)

    return walk(get_resolver().url_patterns)


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    """A home of the test's own for lists and letters."""
    settings.RUECKLAUF_CONFIG = settings.RUECKLAUF_CONFIG.model_copy(update={"home": tmp_path})
    return tmp_path


QUESTIONS = {
    "customer": "?number=K-1",
    "case-file": "?number=K-1",
    "check-list": "?template=data-backup",
    "first-letter": "?template=data-backup&row=2",
}
"""What stands behind the question mark of an address."""


def address(name: str) -> str:
    """The address of a page about something that is there."""
    booked = came_back(1)
    confirm_return(booked)
    (sha256,) = Reading.objects.get().pictures.values()
    picture, token, run_id = (booked.return_id, sha256), kept_list(), generated_run()
    stray = stray_came()
    stray_picture = (stray.page_id, stray.picture)
    arguments = {
        **dict.fromkeys(("return", "settle", "reopen", "blind", "assign"), (booked.return_id,)),
        **dict.fromkeys(("stray", "place-stray", "settle-stray", "reopen-stray"), (stray.page_id,)),
        **dict.fromkeys(("mail", "settle-mail", "reopen-mail"), (mail_came(mails.words_only("Anbei zurück")).mail_id,)),
        "received": (stray.file_sha256,),
        "blank-page": (booked.return_id, 1),
        "picture": picture,
        "small-picture": picture,
        "stray-picture": stray_picture,
        "small-stray-picture": stray_picture,
        "check-list": (token,),
        "first-letter": (token,),
        **dict.fromkeys(("run", "run-zip", "run-print"), (run_id,)),
        "to-do-file": ("overdue",),
        "letter": (Issue.objects.get(batch=run_id).form_id,),
    }
    return reverse(name, args=arguments.get(name, ())) + QUESTIONS.get(name, "")


def kept_list() -> str:
    """The token of a list that was uploaded."""
    return keep_draft(open_config().drafts, list_of([builders.make_customer("K-7")]))


def generated_run() -> int:
    """The number of a run that issued a real letter."""
    config = open_config()
    draft, template = config.drafts / f"{kept_list()}.list", TEMPLATES / "data-backup.v1.toml"
    order = GenerateOrder(template, draft, config.forms, reissue=False, actor="ines", today=today())
    return generate(order, lambda _done, _total: None).batch_id


def answer(client: Client, name: str) -> int:
    """The status of the answer to a request that nothing but the role can speak against."""
    if name in POSTED:
        said = {"number": "K-1", "template": "remote-support", "on": "13.10.2026", "reason": "by letter"}
        said |= {"variant": "A", "signed": "yes", "last_event": "1", "form_id": "0" * 15 + "1", "how": "blank"}
        said |= {"confirmed": "1:1", "channel": "post", "form": builders.form_id(1), "name": "petra", "do": "password"}
        asked = address(name)
        if name == "print-some":
            said["form"] = Issue.objects.get(letter__template="data-backup").form_id
        return client.post(asked, said).status_code
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


def test_who_is_signed_out_while_deciding_comes_back_to_the_page_and_not_to_what_takes_the_decision() -> None:
    """After signing in one stands where the entry was made; an address that takes entries only says so when opened."""
    page = "https://testserver/returns/7/?beside=3"
    response = Client().post("/returns/7/settle/", headers={"referer": page})
    assert response.headers["Location"] == "/sign-in/?next=/returns/7/%3Fbeside%3D3"
    response = signed_in(Role.REVIEW).get("/returns/7/settle/")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert 'href="/">Zum Anfang' in response.content.decode()


def test_a_part_of_a_page_is_not_replaced_by_the_sign_in_page() -> None:
    """Where a session has ended meanwhile, the page that asks for a part of itself is told to load the whole anew."""
    response = Client().get("/inbox/", headers={"hx-request": "true"})
    assert (response.status_code, response.headers["HX-Refresh"], response.content) == (204, "true", b"")


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
