"""Accounts of the review page: signing in, lock-out, the ends of a session."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from review_steps import signed_in, user_with

from review.accounts import UnfitPassword, add_user, disable_user, make_up_password
from review.roles import Role

pytestmark = pytest.mark.django_db

PASSWORD = "kastanien-im-november-9"


def sign_in(password: str = PASSWORD, *, name: str = "anna", address: str = "10.0.0.1") -> tuple[Client, int]:
    """Try to sign in from an address; return the browser and the answer's status."""
    client = Client(REMOTE_ADDR=address)
    return client, client.post("/sign-in/", {"username": name, "password": password}).status_code


@pytest.fixture
def anna() -> User:
    """Somebody who reviews."""
    add_user("anna", PASSWORD, [Role.REVIEW])
    return User.objects.get()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let time pass for the limits of sessions."""
    passed = 0.0
    now = time.time

    def wait(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    monkeypatch.setattr("review.middleware.time.time", lambda: now() + passed)
    return wait


@pytest.mark.usefixtures("anna")
def test_signing_in_and_out() -> None:
    """The right password leads in, and after signing out nothing is shown any more."""
    client, status = sign_in()
    assert (status, client.get("/inbox/").status_code) == (302, 200)
    client.post("/sign-out/")
    assert client.get("/inbox/").status_code == 302


@pytest.mark.usefixtures("anna")
def test_a_wrong_password_does_not_say_whether_the_name_is_known() -> None:
    """Nobody learns from the answer who has an account."""
    answers = []
    for name in ("anna", "nobody"):
        page = Client().post("/sign-in/", {"username": name, "password": "wrong"}).content.decode()
        main = page.partition("<main")[2].replace(name, "…")
        answers.append("\n".join(line for line in main.splitlines() if "csrf" not in line))
    assert answers[0] == answers[1]
    assert "Name oder Passwort stimmt nicht" in answers[0]


@pytest.mark.usefixtures("anna")
def test_guessing_is_locked_out_and_the_honest_user_is_not() -> None:
    """Five wrong passwords lock that name from that address; the user elsewhere gets in."""
    statuses = [sign_in("wrong", address="203.0.113.9")[1] for _ in range(6)]
    assert statuses == [200, 200, 200, 200, 429, 429]
    assert sign_in(address="203.0.113.9")[1] == 429
    assert sign_in(address="10.0.0.1")[1] == 302


@pytest.mark.usefixtures("anna")
def test_the_lock_opens_by_itself_even_while_the_guessing_goes_on(settings: Settings) -> None:
    """After the pause the right password works again, from the same address: guessing on does not prolong the lock."""
    for _ in range(5):
        sign_in("wrong")
    locked_at = AccessAttempt.objects.get().attempt_time
    assert [sign_in("wrong")[1] for _ in range(3)] == [429] * 3
    assert AccessAttempt.objects.get().attempt_time == locked_at
    AccessAttempt.objects.update(attempt_time=locked_at - settings.AXES_COOLOFF_TIME)  # the pause goes by
    assert sign_in()[1] == 302


@pytest.mark.usefixtures("anna")
def test_no_password_is_kept_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    """What was typed as a password stands in no table of the attempts, and in no log."""
    sign_in("my-other-password-77")
    attempt = AccessAttempt.objects.get()
    kept = " ".join(str(getattr(attempt, field.name)) for field in attempt._meta.fields)
    assert "anna" in kept
    assert "my-other-password-77" not in kept + caplog.text


def test_an_idle_session_ends(later: Callable[[float], None], settings: Settings) -> None:
    """It lasts while it is used, its row expires an idle time after that, and whoever sends something then is told."""
    client = signed_in(Role.REVIEW)
    client.get("/inbox/")
    first = client.session.get_expiry_date()
    later(settings.SESSION_COOKIE_AGE / 2)
    answer = client.get("/inbox/")
    assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == ""  # it ends with the browser, too
    assert client.session.get_expiry_date() >= first
    row = Session.objects.get()
    assert abs((row.expire_date - timezone.now()).total_seconds() - settings.SESSION_COOKIE_AGE) < 60
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    told = "wurde nicht gebucht"
    assert told not in client.get("/inbox/", follow=True).content.decode()
    assert told in client.post("/returns/1/", {"variant": "A"}, follow=True).content.decode()


def test_a_session_ends_after_a_day_however_busy(later: Callable[[float], None], settings: Settings) -> None:
    """Using the page all day does not keep the session alive for ever."""
    client = signed_in(Role.REVIEW)
    assert client.get("/inbox/").status_code == 200
    for _ in range(4):
        later(settings.SESSION_LONGEST_S / 4 - 1)
        assert client.get("/inbox/").status_code == 200
    later(5)
    assert client.get("/inbox/").status_code == 302


def test_disabling_a_user_ends_the_sessions() -> None:
    """Who is disabled is out with the next click."""
    client = signed_in(Role.REVIEW)
    assert client.get("/inbox/").status_code == 200
    assert disable_user("petra")
    assert client.get("/inbox/").status_code == 302
    assert not disable_user("nobody")


@pytest.mark.usefixtures("anna")
def test_a_new_password_ends_the_other_sessions() -> None:
    """Changing the password signs out whoever else used the old one, and keeps oneself signed in."""
    (mine, _), (other, _) = sign_in(), sign_in()
    new = "regen-am-donnerstag-4"
    said = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert mine.post("/password/", said).status_code == 302
    assert mine.get("/inbox/").status_code == 200
    assert other.get("/inbox/").status_code == 302
    assert sign_in(new)[1] == 302


def test_losing_a_role_takes_effect_at_once() -> None:
    """A role that is taken away is gone with the next click."""
    client = signed_in(Role.REVIEW)
    assert client.get("/inbox/").status_code == 200
    User.objects.get().groups.clear()
    assert client.get("/inbox/").status_code == 404


@pytest.mark.parametrize("password", ["kurz", "password123", "12345678901234", "annabella1"])
def test_passwords_that_are_easily_guessed_are_refused(password: str) -> None:
    """Django's rules hold for accounts made on the command line too, and nothing is made."""
    with pytest.raises(UnfitPassword):
        add_user("annabella", password, [Role.REVIEW])
    assert not User.objects.exists()


def test_adding_a_user_again_sets_password_and_roles_anew() -> None:
    """The same command mends a forgotten password, changes roles, and lets a disabled user in again."""
    user_with(Role.ISSUE, Role.REVIEW, name="anna")
    User.objects.update(is_active=False)
    add_user("anna", PASSWORD, [Role.ADMINISTER])
    user = User.objects.get()
    assert [group.name for group in user.groups.all()] == ["administer"]
    assert sign_in()[1] == 302


def test_nobody_is_sent_elsewhere_after_signing_in() -> None:
    """A link that leads to our sign-in page cannot send people on to another site."""
    add_user("anna", PASSWORD, [Role.REVIEW])
    said = {"username": "anna", "password": PASSWORD, "next": "https://example.org/"}
    assert Client().post("/sign-in/", said).headers["Location"] == "/"


def told_password(page: str) -> str:
    """The password that a page tells."""
    found = re.search(r'<code class="password">([^<]+)</code>', page)
    assert found is not None
    return found[1]


def choose(client: Client, old: str, new: str = "regen-am-donnerstag-4") -> str:
    """Choose another password; return what is said then."""
    said = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/password/", said, follow=True).content.decode()


def test_a_password_that_was_made_up_opens_nothing_but_the_choice_of_another() -> None:
    """Made by the page or the command: every page leads to it, the same password will not do, then all is open."""
    boss = signed_in(Role.ADMINISTER, name="chefin")
    for name, how in (("bert", {"roles": ["review"]}), ("anna", None)):
        if how:
            password = told_password(boss.post("/accounts/", {"name": name, **how}).content.decode())
        else:
            password = make_up_password()
            add_user(name, password, [Role.REVIEW], made_up=True)
        boss.post("/accounts/change/", {"name": name, "do": "roles", "roles": ["review", "issue"]})  # opens nothing
        client, status = sign_in(password, name=name)
        for address in ("/", "/inbox/", "/customers/", "/issue/", "/mailbox/", "/overview/"):
            assert client.get(address).headers["Location"] == "/password/"
        assert client.post("/clear/", {"chosen": ["1"]}).headers["Location"] == "/password/"
        page = client.get("/password/").content.decode()
        assert ("wurde für Sie ausgedacht" in page, "<nav" in page) == (True, False)
        assert "muss ein Passwort wählen" in boss.get("/accounts/").content.decode()
        assert "wählen Sie ein anderes" in choose(client, password, password)
        assert client.get("/inbox/").status_code == 302
        assert "Ihr Passwort wurde geändert" in choose(client, password)
        assert (status, client.get("/inbox/").status_code, client.get("/issue/").status_code) == (302, 200, 200)
    assert "muss ein Passwort wählen" not in boss.get("/accounts/").content.decode()


def test_an_account_is_made_and_its_password_shown_once() -> None:
    """The password stands on the one answer, leads in, and is on no later page and in no cookie."""
    boss = signed_in(Role.ADMINISTER, name="chefin")
    response = boss.post("/accounts/", {"name": "bert", "roles": ["review", "issue"]})
    password = told_password(response.content.decode())
    assert response.headers["Cache-Control"] == "no-store"
    assert password not in boss.get("/accounts/").content.decode() + str(boss.cookies)
    client, status = sign_in(password, name="bert")
    choose(client, password)
    assert (status, client.get("/inbox/").status_code, client.get("/issue/").status_code) == (302, 200, 200)
    assert client.get("/accounts/").status_code == 404


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"name": "Chefin", "roles": ["review"]}, "Diesen Namen hat schon jemand"),
        ({"name": "bert", "roles": []}, "mindestens eine Rolle"),
        ({"name": "bert", "roles": ["root"]}, "root"),
        ({"name": "", "roles": ["review"]}, "Geben Sie einen Namen an"),
        ({"name": "a b<", "roles": ["review"]}, "Benutzernamen"),
        ({"name": "x" * 151, "roles": ["review"]}, "150"),
    ],
)
def test_an_unfit_account_is_not_made(said: dict[str, Any], complaint: str) -> None:
    """What is wrong is said, nothing is made, and nobody who is there gets another password."""
    boss = signed_in(Role.ADMINISTER, name="chefin")
    response = boss.post("/accounts/", said)
    assert (response.status_code, User.objects.count()) == (400, 1)
    assert complaint in response.content.decode()


@pytest.mark.usefixtures("anna")
def test_roles_and_access_are_changed_at_once() -> None:
    """A role that is taken and an account that is kept out are gone with the next click; both can be given back."""
    boss = signed_in(Role.ADMINISTER, name="chefin")
    client, _ = sign_in()
    boss.post("/accounts/change/", {"name": "anna", "do": "roles", "roles": ["issue"]})
    assert (client.get("/inbox/").status_code, client.get("/issue/").status_code) == (404, 200)
    boss.post("/accounts/change/", {"name": "anna", "do": "keep-out"})
    assert client.get("/issue/").status_code == 302
    assert sign_in()[1] == 200
    boss.post("/accounts/change/", {"name": "anna", "do": "let-in"})
    assert sign_in()[1] == 302


@pytest.mark.usefixtures("anna")
def test_a_new_password_ends_sessions_and_opens_a_lock() -> None:
    """Who forgot the password and locked themselves out gets in with the new one at once; older sessions are over."""
    boss = signed_in(Role.ADMINISTER, name="chefin")
    client, _ = sign_in()
    assert [sign_in("wrong")[1] for _ in range(6)][-1] == 429
    password = told_password(boss.post("/accounts/change/", {"name": "anna", "do": "password"}).content.decode())
    assert client.get("/inbox/").status_code == 302
    assert sign_in()[1] == 200
    client, status = sign_in(password)
    assert (status, client.get("/inbox/").headers["Location"]) == (302, "/password/")


def test_nobody_shuts_themselves_out() -> None:
    """The one who administers keeps that role and the account; odd requests change nothing."""
    boss = signed_in(Role.ADMINISTER, name="chefin")
    for said in ({"do": "keep-out"}, {"do": "roles", "roles": ["review"]}):
        assert boss.post("/accounts/change/", {"name": "chefin", **said}).status_code == 409
    for said in ({"name": "nobody", "do": "password"}, {"name": "chefin", "do": "x"}, {"name": "\0", "do": "roles"}):
        assert boss.post("/accounts/change/", said).status_code == 404
    assert boss.get("/accounts/").status_code == 200
