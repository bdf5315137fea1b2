"""The review page's pages: what they show, and what they write into the book."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import builders
import pytest
from book_steps import Decider, book_return, confirm_return, issue_form, received, statuses
from builders import INCOMPLETE, REVIEW, form_id, make_return
from django.test import Client
from django.utils import translation
from pytest_django import Settings
from review_steps import came_back, issue_to, signed_in

from intake.results import SignatureState, Verdict
from registry import archive, book
from registry.erasing import CopyFolders, ErasureOrder, erase
from registry.inbox import clear_lines
from registry.models import HumanDecision, Reading
from registry.settling import last_event_of
from registry.waiting import returns_waiting
from review.contact_sheet_pages import AT_ONCE
from review.entry_forms import today
from review.roles import Role

pytestmark = pytest.mark.django_db

SEEN = {"variant": "A", "signed": "yes", "signed_on": "10.10.2026"}
CHOSEN = "checked"


@pytest.fixture(autouse=True)
def _german_ends_with_the_test() -> Iterator[None]:
    with translation.override("de"):
        yield


def shown(client: Client, page: str) -> str:
    """What a page says."""
    response = client.get(page)
    assert response.status_code == 200
    return response.content.decode()


def now(return_id: int) -> dict[str, object]:
    """What a form says that was just looked at."""
    return {"last_event": last_event_of(return_id)}


def came_back_again(verdict: Verdict) -> int:
    """Book one more return of the first form."""
    return book_return(builders.make_return(form_id(1)), verdict).return_id


def test_the_inbox_shows_what_waits_and_finds_it() -> None:
    """Doubtful ones stand first, counts are by what the machine decided, and both are filtered."""
    came_back(1, company="Klar GmbH")
    came_back(2, REVIEW, company="Zweifel AG")
    came_back(3, INCOMPLETE, company="Halb & Halb KG")
    client = signed_in(Role.REVIEW)
    page = shown(client, "/inbox/")
    assert page.index("Zweifel AG") < page.index("Halb &amp; Halb KG") < page.index("Klar GmbH")
    assert "Ein Kästchen ist ausgefüllt: Nach der Regel des Formulars ist sein Kreuz damit zurückgenommen." in page
    assert [name in shown(client, "/inbox/?only=review") for name in ("Zweifel AG", "Klar GmbH")] == [True, False]
    for words in ("klar", "K-1", form_id(1), "gmbh KLAR"):
        found = shown(client, f"/inbox/?q={words}")
        assert ("Klar GmbH" in found, "Zweifel AG" in found) == (True, False)
    assert "passt dazu" in shown(client, "/inbox/?q=nobody")


def test_the_inbox_is_filtered_by_all_that_tells_returns_apart() -> None:
    """By state, reason, template, way and the code as it is printed; what is set aside stands apart."""
    came_back(1, company="Klar GmbH")
    doubtful = came_back(2, REVIEW, company="Zweifel AG")
    came_back(3, INCOMPLETE, company="Halb KG")
    client = signed_in(Role.REVIEW)
    names = ("Klar GmbH", "Zweifel AG", "Halb KG")
    code = f"{form_id(2)[:4]} {form_id(2)[4:8]}-X9"
    for query, found in (
        ("only=clear", names[:1]),
        ("only=review", names[1:2]),
        ("reason=signature.absent", names[2:]),
        ("template=remote-support", names),
        ("template=backup", ()),
        ("way=scan", names),
        ("way=mail", ()),
        ("only=review&reason=signature.absent", ()),
        (f"q={code}", names),  # the ids of these tests begin alike
    ):
        listed = shown(client, f"/inbox/?{query}").partition('id="found"')[2]
        assert tuple(name for name in names if name in listed) == found, query
    assert "Nichts ist zurückgestellt." in shown(client, "/inbox/?only=aside")
    assert "Nichts Zurückgestelltes passt dazu." in shown(client, "/inbox/?only=aside&q=halb")
    book.settle(
        doubtful.return_id, HumanDecision.Kind.SET_ASIDE, by="Petra", at=datetime.now(UTC), reason="holds nothing"
    )
    assert "Zweifel AG" not in shown(client, "/inbox/")
    assert "Zweifel AG" in shown(client, "/inbox/?only=aside")


def test_a_fax_is_told_apart_in_the_inbox() -> None:
    """A file with the pixels of a fax machine came by fax, whatever it is called; the others did not."""
    came_back(1, REVIEW, company="Scan GmbH")
    data, answer = b"%PDF-1.7 fax", make_return(issue_to(2, "Fax AG"))
    reading = replace(builders.make_document(data, [replace(answer, customer="K-2")]), fax=True)
    book.book_document(received(data), reading, Decider(REVIEW))
    client = signed_in(Role.REVIEW)
    listed = shown(client, "/inbox/?way=fax").partition('id="found"')[2]
    assert ("Fax AG" in listed, "Scan GmbH" in listed) == (True, False)
    assert "Fax AG" not in shown(client, "/inbox/?way=scan").partition('id="found"')[2]


def test_the_inbox_is_turned_by_places_not_by_numbers() -> None:
    """What was settled meanwhile hides no return on the page that follows; back leads to a full page again."""
    returns = [came_back(number, REVIEW).return_id for number in range(1, 54)]
    client = signed_in(Role.REVIEW)

    def listed(page: str) -> list[int]:
        return [int(number) for number in re.findall(r'href="/returns/(\d+)/" data-item', page)]

    first = shown(client, "/inbox/?only=review")
    assert listed(first) == returns[:50]
    for return_id in returns[:3]:
        book.confirm([return_id], by="Petra", at=datetime.now(UTC))
    (after,) = re.findall(r'data-key="n" href="\?([^"]+)"', first)
    second = shown(client, f"/inbox/?{after.replace('&amp;', '&')}")
    assert listed(second) == returns[50:]
    (before,) = re.findall(r'data-key="p" href="\?([^"]+)"', second)
    assert listed(shown(client, f"/inbox/?{before.replace('&amp;', '&')}")) == returns[3:]


def test_the_next_return_is_one_of_those_that_were_asked_for() -> None:
    """Whoever looks at incomplete ones alone is led from one to the next of them, and then to the others."""
    doubtful = came_back(1, REVIEW)
    first, second = came_back(2, INCOMPLETE), came_back(3, INCOMPLETE)
    client = signed_in(Role.REVIEW)
    shown(client, "/inbox/?only=incomplete")
    for booked, following in ((first, second), (second, doubtful)):
        said = now(booked.return_id) | {"how": "asked", "reason": "x"}
        response = client.post(f"/returns/{booked.return_id}/settle/", said)
        assert response.headers["Location"] == f"/returns/{following.return_id}/"


def test_long_lists_are_turned_page_by_page() -> None:
    """The second page goes on where the first ended, and keeps what was searched for."""
    for number in range(1, 53):
        issue_to(number, f"Kunde {number:02}")
    client = signed_in(Role.REVIEW)
    first, second = shown(client, "/customers/?q=kunde"), shown(client, "/customers/?q=kunde&page=2")
    assert (first.count("data-item"), second.count("data-item")) == (50, 2)
    assert 'href="?q=kunde&amp;page=2"' in first


def test_confirming_takes_the_persons_word() -> None:
    """Variant and date are what the person says, in their name; then the next one comes."""
    booked = came_back(1, REVIEW, variant=None, signature=SignatureState.UNCLEAR)
    other = came_back(2, REVIEW)
    client = signed_in(Role.REVIEW)
    response = client.post(
        f"/returns/{booked.return_id}/", now(booked.return_id) | SEEN | {"variant": "B", "signed_on": "9.10.26"}
    )
    assert response.headers["Location"] == f"/returns/{other.return_id}/"
    decision = HumanDecision.objects.get()
    assert (decision.by, decision.variant, str(decision.signed_on)) == ("petra", "B", "2026-10-09")
    assert statuses()[form_id(1)] == "in_force"
    assert "Variante B ist in Kraft" in shown(client, "/inbox/")


def test_a_date_that_the_person_takes_out_is_not_put_back() -> None:
    """The machine's reading of the date is a proposal: without it there is no date."""
    booked = came_back(1)
    client = signed_in(Role.REVIEW)
    assert 'value="10.10.2026"' in shown(client, f"/returns/{booked.return_id}/")
    client.post(f"/returns/{booked.return_id}/", now(booked.return_id) | SEEN | {"signed_on": ""})
    assert HumanDecision.objects.get().signed_on is None


@pytest.mark.parametrize(
    ("read", "day"),
    [
        ("10.1026", "10.10.2026"),
        ("10 10 2026", "10.10.2026"),
        ("40.1026", ""),
        ("10.1099", ""),
        ("01.0126", ""),
        ("?", ""),
    ],
)
def test_a_date_is_proposed_by_its_digits(read: str, day: str) -> None:
    """Where no date could be made of what was read, what somebody would type stands there already, if it is one."""
    answer = make_return(issue_to(1, "Firma"))
    field = replace(builders.make_date_field(None), text=read)
    booked = book_return(builders.with_date_field(answer, field), REVIEW)
    assert f'name="signed_on" value="{day}"' in shown(signed_in(Role.REVIEW), f"/returns/{booked.return_id}/")


@pytest.mark.parametrize(
    ("typed", "day"),
    [("09102026", "2026-10-09"), ("091026", "2026-10-09"), ("9102026", None), ("9.10.2026", "2026-10-09")],
)
def test_a_date_is_typed_with_its_digits_alone(typed: str, day: str | None) -> None:
    """Six or eight digits are a date; with fewer it would be a guess where the day ends."""
    booked = came_back(1)
    client = signed_in(Role.REVIEW)
    client.post(f"/returns/{booked.return_id}/", now(booked.return_id) | SEEN | {"signed_on": typed})
    decision = HumanDecision.objects.first()
    assert (decision and str(decision.signed_on)) == day


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"variant": ""}, "welche Variante angekreuzt"),
        ({"signed": ""}, "Ohne Unterschrift"),
        ({"signed_on": "31.02.2026"}, "kein Datum"),
        ({"signed_on": "31022026"}, "kein Datum"),
        ({"signed_on": "1.1.2999"}, "Zukunft"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_written(said: dict[str, str], complaint: str) -> None:
    """The machine's reading never stands in for what the person did not say; what was typed stays."""
    booked = came_back(1)
    response = signed_in(Role.REVIEW).post(f"/returns/{booked.return_id}/", now(booked.return_id) | SEEN | said)
    page = response.content.decode()
    assert response.status_code == 400
    assert complaint in page
    assert f'value="{said.get("signed_on", "10.10.2026")}"' in page
    assert not HumanDecision.objects.exists()


def test_a_variant_that_the_form_does_not_have_is_refused() -> None:
    """Only what can be marked can be confirmed."""
    booked = came_back(1)
    response = signed_in(Role.REVIEW).post(
        f"/returns/{booked.return_id}/", now(booked.return_id) | SEEN | {"variant": "C"}
    )
    assert response.status_code == 409
    assert "Diese Variante gibt es auf dem Formular nicht" in response.content.decode()
    assert not HumanDecision.objects.exists()


def test_the_second_person_is_told_what_the_first_decided() -> None:
    """Two people look at one return: what the first says stands, and the second learns what it was and whose."""
    booked = came_back(1, REVIEW)
    anna, bert = signed_in(Role.REVIEW, name="anna"), signed_in(Role.REVIEW, name="bert")
    for client in (anna, bert):
        assert "Bestätigen" in shown(client, f"/returns/{booked.return_id}/")
    seen = now(booked.return_id) | SEEN
    assert anna.post(f"/returns/{booked.return_id}/", seen | {"variant": "B"}).status_code == 302
    response = bert.post(f"/returns/{booked.return_id}/", seen)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Jemand war schneller" in page
    assert "Variante B" in page
    assert "von anna" in page
    assert "Bestätigen" not in page
    assert [(each.by, each.variant) for each in HumanDecision.objects.all()] == [("anna", "B")]


@pytest.mark.parametrize(
    ("how", "told"), [("asked", "erneut zu fragen"), ("not_ours", "nicht unseres"), ("set_aside", "zurückgestellt")]
)
def test_a_return_that_is_not_confirmed_is_settled_and_the_next_comes(how: str, told: str) -> None:
    """The inbox loses it, its page says who decided what and why, and one click takes it back."""
    booked, other = came_back(1, REVIEW), came_back(2, REVIEW)
    client, address = signed_in(Role.REVIEW), f"/returns/{booked.return_id}/"
    said = now(booked.return_id) | {"how": how, "reason": "Beide Felder leer"}
    assert client.post(f"{address}settle/", said).headers["Location"] == f"/returns/{other.return_id}/"
    after = shown(client, f"/returns/{other.return_id}/")
    assert told in after
    assert f'action="{address}reopen/"' in after
    assert f"/returns/{booked.return_id}/" not in shown(client, "/inbox/")
    page = shown(client, address)
    assert "(Beide Felder leer)" in page
    assert "von petra" in page
    assert "Diese Rücksendung ist erledigt" in page
    response = client.post(f"{address}reopen/", now(booked.return_id) | {"reason": "Irrtum"}, follow=True)
    assert "wartet wieder" in response.content.decode()
    assert [each.kind for each in HumanDecision.objects.order_by("pk")] == [how, "reopened"]
    assert "(Irrtum)" in shown(client, address)


def test_a_decision_without_a_reason_is_not_written() -> None:
    """The page says what is missing, and nothing has changed."""
    booked = came_back(1, REVIEW)
    client, address = signed_in(Role.REVIEW), f"/returns/{booked.return_id}/"
    for action, said in (("settle", {"how": "asked"}), ("settle", {"how": "sent", "reason": "x"}), ("reopen", {})):
        page = client.post(f"{address}{action}/", now(booked.return_id) | said, follow=True).content.decode()
        assert 'class="error"' in page
    assert not HumanDecision.objects.exists()


def test_what_came_since_one_looked_must_be_seen_before_deciding() -> None:
    """Another return of the form arrives while the first is looked at: nothing is written, then it can be decided."""
    booked = came_back(1, REVIEW)
    client, address = signed_in(Role.REVIEW), f"/returns/{booked.return_id}/"
    before = now(booked.return_id)
    came_back_again(REVIEW)
    response = client.post(address, before | SEEN)
    assert response.status_code == 409
    assert "inzwischen etwas geschehen" in response.content.decode()
    said = before | {"how": "asked", "reason": "x"}
    assert "inzwischen etwas geschehen" in client.post(f"{address}settle/", said, follow=True).content.decode()
    assert not HumanDecision.objects.exists()
    assert f'name="last_event" value="{last_event_of(booked.return_id)}"' in response.content.decode()
    assert client.post(address, now(booked.return_id) | SEEN).status_code == 302


def test_place_and_name_are_kept_as_the_person_read_them() -> None:
    """What stands beside the signature is proposed by the machine and said by the person."""
    booked = came_back(1)
    said = now(booked.return_id) | SEEN | {"place": " Berlin ", "signer": "Jana Weiß"}
    signed_in(Role.REVIEW).post(f"/returns/{booked.return_id}/", said)
    decision = HumanDecision.objects.get()
    assert (decision.place, decision.signer) == ("Berlin", "Jana Weiß")


def test_the_blind_sample_shows_nothing_that_was_read(settings: Settings) -> None:
    """Neither inbox, contact sheet nor page tell the machine's answer; one that agrees is in force at once."""
    settings.REGISTRY_BLIND_SHARE = 1
    booked = came_back(1)
    client, address = signed_in(Role.REVIEW), f"/returns/{booked.return_id}/"
    assert "Variante A" not in shown(client, "/inbox/").partition("<main")[2]
    assert "data-item" not in shown(client, "/clear/")
    page = shown(client, address)
    assert "Blindprobe" in page
    for told in ("checked", 'class="seen', "Gelesen:", "10.10.2026"):
        assert told not in page
    said = now(booked.return_id) | SEEN
    for missing in ("variant", "signed"):
        assert client.post(f"{address}as-seen/", said | {missing: ""}).status_code == 400
    page = client.post(f"{address}as-seen/", said, follow=True).content.decode()
    assert "Die Maschine las dasselbe. Variante A ist in Kraft" in page


def test_a_blind_answer_that_differs_is_shown_beside_the_machines(settings: Settings) -> None:
    """Both stand on the page, and the person decides; the history keeps what was said blind."""
    settings.REGISTRY_BLIND_SHARE = 1
    booked = came_back(1)
    client, address = signed_in(Role.REVIEW), f"/returns/{booked.return_id}/"
    said = now(booked.return_id) | SEEN | {"variant": "-", "signed": "no"}
    page = client.post(f"{address}as-seen/", said, follow=True).content.decode()
    for told in ("Die Maschine hat etwas anderes gelesen", "Nicht gleich gesehen", "Gelesen:"):
        assert told in page
    assert "blind beantwortet</strong>: keine Variante, nicht unterschrieben" in page
    assert client.post(f"{address}as-seen/", now(booked.return_id) | SEEN, follow=True).status_code == 200
    client.post(address, now(booked.return_id) | SEEN)
    assert [each.kind for each in HumanDecision.objects.order_by("pk")] == ["blind", "confirmed"]


def test_returns_that_contradict_each_other_are_shown_side_by_side() -> None:
    """The one that says something else lies beside it by itself; another can be chosen, or none."""
    booked = came_back(1, REVIEW)
    other = book_return(builders.make_return(form_id(1), variant="B"), REVIEW).return_id
    client, address = signed_in(Role.REVIEW), f"/returns/{booked.return_id}/"
    page = shown(client, address)
    assert "sagt etwas anderes" in page
    assert f'href="/returns/{other}/"' in page
    assert 'class="two"' in page
    assert 'class="two"' not in shown(client, f"{address}?beside=")
    assert 'class="two"' in shown(client, f"{address}?beside={other}")
    assert 'class="two"' not in shown(client, f"{address}?beside=x")
    book.settle(other, HumanDecision.Kind.NOT_OURS, by="Petra", at=datetime.now(UTC), reason="no")
    assert 'class="two"' not in shown(client, address)


def test_another_return_of_the_same_form_is_settled_with_it() -> None:
    """Who still has the form's other return open does not overwrite what was decided on the first."""
    issue_form(1)
    first, second = (came_back_again(REVIEW) for _ in range(2))
    client = signed_in(Role.REVIEW)
    assert client.post(f"/returns/{first}/", now(first) | SEEN | {"variant": "A"}).status_code == 302
    response = client.post(f"/returns/{second}/", now(second) | SEEN | {"variant": "B"})
    assert response.status_code == 409
    assert "Diese Rücksendung ist erledigt" in response.content.decode()
    assert HumanDecision.objects.get().variant == "A"


def test_a_settled_return_shows_who_decided_what_and_when() -> None:
    """Coming back to it, one finds the decision, and nothing to decide again."""
    booked = came_back(1)
    confirm_return(booked)
    page = shown(signed_in(Role.REVIEW), f"/returns/{booked.return_id}/")
    assert "von Petra, 14.10.2026 00:30" in page
    assert "in Kraft seit 14.10.2026" in page
    assert 'method="post" class="card"' not in page


def test_english_is_chosen_by_the_switch_and_kept() -> None:
    """German is spoken whatever the browser prefers, English once it is chosen; dates follow."""
    booked = came_back(1)
    client = signed_in(Role.REVIEW)
    address = f"/returns/{booked.return_id}/"
    german = client.get(address, headers={"accept-language": "en"})
    assert (german.headers["Content-Language"], "Bestätigen" in german.content.decode()) == ("de", True)
    assert client.post("/language/setlang/", {"language": "en", "next": address}).headers["Location"] == address
    english = shown(client, address)
    assert 'lang="en"' in english
    assert 'value="2026-10-10"' in english
    assert client.get(address).headers["Content-Language"] == "en"


def test_the_contact_sheet_confirms_what_was_chosen_and_remembers_what_was_not() -> None:
    """The odd one is taken out; it is shown again, but is not chosen again by itself."""
    clear = [came_back(number).return_id for number in (1, 2, 3)]
    doubtful = came_back(4, REVIEW).return_id
    client = signed_in(Role.REVIEW)
    page = shown(client, "/clear/")
    assert [f'name="shown" value="{each}"' in page for each in [*clear, doubtful]] == [True, True, True, False]
    assert page.count(CHOSEN) == 3
    response = client.post("/clear/", {"shown": clear, "chosen": clear[:2]}, follow=True)
    page = response.content.decode()
    assert "2 Rücksendungen sind in Kraft" in page
    assert (f'name="shown" value="{clear[2]}"' in page, CHOSEN in page) == (True, False)
    assert {each.answer_id: each.variant for each in HumanDecision.objects.all()} == dict.fromkeys(clear[:2], "A")


def test_a_refusal_on_the_sheet_confirms_none_and_keeps_the_rest_chosen() -> None:
    """While the sheet was looked at, one return was contradicted and one confirmed by somebody else."""
    first, second, third, out = (came_back(number, company=f"Kunde {number}").return_id for number in (1, 2, 3, 4))
    client = signed_in(Role.REVIEW)
    shown(client, "/clear/")
    came_back_again(REVIEW)
    book.confirm([second], by="anna", at=datetime.now(UTC))
    response = client.post("/clear/", {"shown": [first, second, third, out], "chosen": [first, second, third]})
    page = response.content.decode()
    assert response.status_code == 409
    assert "Es wurde nichts bestätigt" in page
    assert [f'<a href="/returns/{each}/">Kunde' in page for each in (first, second, third, out)] == [
        True,
        True,
        False,
        False,
    ]
    assert page.count(CHOSEN) == 1
    assert f'value="{third}" data-item checked' in page
    assert [each.by for each in HumanDecision.objects.all()] == ["anna"]


def test_what_was_confirmed_together_is_taken_back_together() -> None:
    """One button reopens the whole batch, with the reason; a return that somebody settled since is told and left.

    The others stand on the sheet as before, to be confirmed together but for the odd one.
    """
    client = signed_in(Role.REVIEW)
    returns = [came_back(number, company=f"Firma {number}").return_id for number in (1, 2, 3)]
    page = client.post("/clear/", {"shown": returns, "chosen": returns}, follow=True).content.decode()
    confirmed = re.findall(r'name="confirmed" value="([0-9:]+)"', page)
    assert len(confirmed) == 3
    book.withdraw("K-2", "remote-support", on=today(), reason="by letter", by="paul")
    said = {"confirmed": confirmed, "reason": "sofort rückgängig gemacht"}
    page = client.post("/clear/undo/", said, follow=True).content.decode()
    assert "2 Rücksendungen warten wieder" in page
    assert "inzwischen etwas geschehen ist: Firma 2" in page
    assert [each.return_id for each in returns_waiting()] == [returns[0], returns[2]]
    reopened = HumanDecision.objects.filter(kind=HumanDecision.Kind.REOPENED)
    assert {each.note for each in reopened} == {"sofort rückgängig gemacht"}
    assert HumanDecision.objects.filter(kind=HumanDecision.Kind.CONFIRMED).count() == 3
    sheet = shown(client, "/clear/")
    assert ('name="confirmed"' in sheet, sheet.count(CHOSEN)) == (False, 2)
    assert sheet.count("war mit anderen bestätigt") == 2
    page = client.post("/clear/undo/", said, follow=True).content.decode()
    assert "warten wieder" not in page  # sent twice, it changes nothing more
    assert reopened.count() == 2
    page = client.post("/clear/", {"shown": returns[::2], "chosen": returns[:1]}, follow=True).content.decode()
    assert "1 Rücksendung ist in Kraft" in page
    book.reopen(returns[0], by="anna", at=datetime.now(UTC), reason="another box")
    assert [each.return_id for each in clear_lines(9)] == [returns[2]]  # about the other one somebody has a doubt


@pytest.mark.parametrize(
    "said", [{}, {"confirmed": "1:1"}, {"confirmed": ["x", "1", "9" * 40, "-1:2"], "reason": "so"}]
)
def test_only_what_the_page_sends_undoes_a_batch(said: dict[str, str]) -> None:
    """Whatever else is posted changes nothing."""
    confirm_return(came_back(1))
    assert signed_in(Role.REVIEW).post("/clear/undo/", said).status_code == 404
    assert not HumanDecision.objects.filter(kind=HumanDecision.Kind.REOPENED).exists()


def test_only_clear_ones_are_confirmed_together() -> None:
    """A doubtful return that is slipped in among the chosen is refused, whatever was read on it."""
    doubtful = came_back(1, REVIEW).return_id
    response = signed_in(Role.REVIEW).post("/clear/", {"shown": [doubtful], "chosen": [doubtful, "x", "9" * 40, "-1"]})
    assert response.status_code == 409
    assert not HumanDecision.objects.exists()


def test_a_sheet_holds_thirty_and_says_how_many_come_after() -> None:
    """What was taken out comes last: a sheet is never full of it."""
    returns = [came_back(number).return_id for number in range(1, AT_ONCE + 3)]
    client = signed_in(Role.REVIEW)
    page = shown(client, "/clear/")
    assert page.count("data-item") == AT_ONCE
    assert "Danach kommen 2 weitere" in page
    client.post("/clear/", {"shown": returns[:AT_ONCE], "chosen": []})
    page = shown(client, "/clear/")
    assert page.count(CHOSEN) == 2
    assert page.index(f'value="{returns[-1]}"') < page.index(f'value="{returns[0]}"')


def test_a_customers_page_tells_all_in_order() -> None:
    """Forms, returns, decisions and events of one customer, and of no other."""
    booked = came_back(1, company="Erste GmbH")
    came_back(2, company="Zweite GmbH")
    confirm_return(booked)
    page = shown(signed_in(Role.REVIEW), "/customer/?number=K-1")
    assert "Zweite GmbH" not in page
    happened = ["Formular ausgegeben", "Rücksendung eingegangen", "Rücksendung bestätigt: in Kraft"]
    events = page.partition('class="events"')[2]
    assert sorted(happened, key=events.index) == happened
    assert "<strong>14.10.2026</strong>, bestätigt von Petra" in page
    assert "noch nicht" in page


def test_setting_up_is_booked_and_leaves_the_list() -> None:
    """What is in force and not set up is on the list, until somebody books it in their name."""
    confirm_return(came_back(1))
    client = signed_in(Role.ISSUE)
    assert "Łódź" in shown(client, "/to-do/?list=configure")
    said = {"number": "K-1", "template": "remote-support", "on": "20.10.2026"}
    page = client.post("/customer/configured/", said, follow=True).content.decode()
    assert "20.10.2026, petra" in page
    assert "Łódź" not in shown(client, "/to-do/?list=configure")
    assert HumanDecision.objects.latest("pk").by == "petra"


def test_a_withdrawal_needs_a_date_and_a_reason() -> None:
    """Nothing is booked before both are there; then nothing is in force, and the second person is told."""
    confirm_return(came_back(1))
    anna, bert = signed_in(Role.REVIEW, name="anna"), signed_in(Role.REVIEW, name="bert")
    said = {"number": "K-1", "template": "remote-support", "on": "20.10.2026", "reason": "Brief vom 19.10."}
    for missing in ("on", "reason"):
        assert anna.post("/customer/withdraw/", said | {missing: ""}).status_code == 400
    assert statuses()[form_id(1)] == "in_force"
    page = anna.post("/customer/withdraw/", said, follow=True).content.decode()
    assert "(Brief vom 19.10.)" in page
    assert statuses()[form_id(1)] == "withdrawn"
    response = bert.post("/customer/withdraw/", said)
    assert response.status_code == 409
    assert "Jemand war schneller" in response.content.decode()


def test_the_lists_say_what_is_to_do() -> None:
    """In force but not set up, overdue, incomplete: each form is on the one list where it belongs."""
    confirm_return(came_back(1, company="Eins GmbH"))
    issue_to(2, "Zwei GmbH")
    came_back(3, INCOMPLETE, company="Drei GmbH")
    came_back(4, REVIEW, company="Vier GmbH")
    assert builders.ISSUED_ON + timedelta(days=28) < datetime.now(UTC).date()
    client = signed_in(Role.ADMINISTER)
    lists = {name: shown(client, f"/to-do/?list={name}") for name in ("configure", "overdue", "incomplete")}
    found = {
        name: [word for word in ("Eins", "Zwei", "Drei", "Vier") if f"{word} GmbH" in page]
        for name, page in lists.items()
    }
    assert found == {"configure": ["Eins"], "overdue": ["Zwei"], "incomplete": ["Drei"]}


def test_many_are_set_up_at_once_or_none() -> None:
    """Those that are ticked are booked in one go; where one of them cannot be, nothing is."""
    for number in (1, 2):
        confirm_return(came_back(number))
    issue_to(3)
    client = signed_in(Role.ISSUE)
    said = {"on": "20.10.2026", "form": [form_id(1), form_id(3)]}
    assert client.post("/to-do/set-up/", said).status_code == 409
    assert client.post("/to-do/set-up/", said | {"form": []}).status_code == 400
    assert client.post("/to-do/set-up/", said | {"on": "1.1.2999"}).status_code == 400
    assert HumanDecision.objects.filter(kind="configured").count() == 0
    page = client.post("/to-do/set-up/", said | {"form": [form_id(1), form_id(2)]}, follow=True).content.decode()
    assert "2 sind als eingerichtet gebucht" in page
    assert {each.by for each in HumanDecision.objects.filter(kind="configured")} == {"petra"}
    assert "nichts zu tun" in shown(client, "/to-do/?list=configure")


def test_customers_are_asked_again() -> None:
    """Who was asked again leaves the list of the incomplete; who was reminded stays overdue, with the new date."""
    issue_to(2, "Zwei GmbH")
    came_back(3, INCOMPLETE, company="Drei GmbH")
    client = signed_in(Role.REVIEW)
    said = {"on": "20.11.2026", "channel": "e-mail"}
    client.post("/to-do/asked-again/", said | {"list": "incomplete", "form": [form_id(3)]})
    assert HumanDecision.objects.get().note == "e-mail"
    client.post("/to-do/asked-again/", said | {"list": "overdue", "form": [form_id(2)]})
    page = shown(client, "/to-do/?list=overdue")
    assert "Zwei GmbH" in page
    assert "20.11.2026" in page


def test_a_list_is_a_file_for_excel() -> None:
    """It holds the whole list, nothing in it acts as a formula, and it opens with its letters right."""
    issue_to(2, "=cmd|' /C calc'!A0")
    response = signed_in(Role.ADMINISTER).get("/to-do/overdue.csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    head, line = text.splitlines()
    assert head == "number;company;email;template;version;form;variant;since;sent_on"
    assert line.startswith("K-2;'=cmd|' /C calc'!A0;jana@example.org;remote-support;1;")
    assert "attachment" in response.headers["Content-Disposition"]


def test_the_case_file_holds_the_evidence_unchanged() -> None:
    """Issued and received bytes, readings, pictures, crops, decisions and events with digests, and a summary of it."""
    confirm_return(came_back(1))
    came_back(2, company="Andere GmbH")
    response = signed_in(Role.REVIEW).get("/customer/case-file.zip?number=K-1")
    assert "attachment" in response.headers["Content-Disposition"]
    data = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(data)) as case:
        assert case.testzip() is None
        files = {name: case.read(name) for name in case.namelist()}
    reading = Reading.objects.select_related("file", "answer__issue").order_by("pk")[0]
    folder = f"forms/{form_id(1)}"
    answer = f"{folder}/returns/{reading.answer_id}"
    assert files[f"{folder}/issued.pdf"] == archive.load(reading.answer.issue.pdf_sha256)
    received = files[f"{answer}/received-{reading.file.sha256}{reading.file.suffix}"]
    assert hashlib.sha256(received).hexdigest() == reading.file.sha256
    assert hashlib.sha256(files[f"{answer}/reading-{reading.pk}.json"]).hexdigest() == reading.sha256
    assert files[f"{answer}/page-1.png"].startswith(b"\x89PNG")
    assert any(name.startswith(f"{answer}/crops/") for name in files)
    assert [each["kind"] for each in json.loads(files[f"{folder}/decisions.json"])] == ["confirmed"]
    events = json.loads(files[f"{folder}/events.json"])
    assert [each["kind"] for each in events] == ["form.issued", "return.booked", "return.confirmed"]
    summary = files["summary.html"].decode()
    assert events[0]["sha256"] in summary
    assert hashlib.sha256(received).hexdigest() in summary
    assert "Fallakte" in summary
    assert "Andere GmbH" not in summary
    assert form_id(2) not in " ".join(files)


def test_what_was_erased_is_shown_nowhere(tmp_path: Path) -> None:
    """A customer whose contents were erased has no page, nor have the returns and their pictures."""
    booked = came_back(1)
    (digest,) = Reading.objects.get().pictures.values()
    order = ErasureOrder(datetime.now(UTC).date(), unplaced_months=12, customer="K-1")
    erase(order, CopyFolders(tmp_path, ()), by="Petra", advance=lambda _: None)
    client = signed_in(Role.REVIEW)
    for page in (f"/returns/{booked.return_id}/", f"/returns/{booked.return_id}/{digest}.png", "/customer/?number=K-1"):
        assert client.get(page).status_code == 404
    assert "Łódź" not in shown(client, "/customers/") + shown(client, "/inbox/")
