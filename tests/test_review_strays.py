"""Pages of nobody and returns of somebody else, as staff settle them in the browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from builders import form_id
from django.test import Client
from django.utils import translation
from review_steps import came_back, issue_to, signed_in, stray_came

from registry.events import last_event
from registry.models import HumanDecision, PageDecision
from registry.waiting import returns_waiting
from review.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _german_ends_with_the_test() -> Iterator[None]:
    with translation.override("de"):
        yield


def shown(client: Client, page: str) -> str:
    """What a page says."""
    response = client.get(page)
    assert response.status_code == 200
    return response.content.decode()


def test_a_page_of_nobody_is_in_the_inbox_and_is_placed() -> None:
    """Found by the customer's name, booked with their form, and then asked about like any other return."""
    stray = stray_came()
    issue_to(1, "Äpfel & Söhne GmbH")
    client = signed_in(Role.REVIEW)
    assert f"/strays/{stray.page_id}/" in shown(client, "/inbox/")
    assert f"/strays/{stray.page_id}/" in shown(client, "/inbox/?only=stray")
    page = shown(client, f"/strays/{stray.page_id}/?q=äpfel")
    assert f'value="{form_id(1)}"' in page
    response = client.post(f"/strays/{stray.page_id}/place/", {"form_id": form_id(1)}, follow=True)
    page = response.content.decode()
    assert "Beantworten Sie nun die Fragen" in page
    assert "gelesen wurde darauf nichts" in page
    (waiting,) = returns_waiting()
    said = {"variant": "B", "signed": "yes", "last_event": last_event(form_id(1))}
    client.post(f"/returns/{waiting.return_id}/", said)
    assert HumanDecision.objects.get().variant == "B"
    assert "/strays/" not in shown(client, "/inbox/")


def test_whoever_is_recognised_on_a_page_is_proposed_with_the_reason() -> None:
    """One key chooses the form; it is told what fits, and what was recognised can be read."""
    issue_to(1, "Äpfel & Söhne GmbH")
    stray = stray_came(text="Apfel & Sohne GmbH\nanbei zurück")
    page = shown(signed_in(Role.REVIEW), f"/strays/{stray.page_id}/")
    assert f'value="{form_id(1)}" data-key="1"' in page
    assert "passt: Firma" in page
    assert "anbei zurück" in page


def test_a_page_that_is_nobodys_leaves_the_inbox_and_can_come_back() -> None:
    """One click says so, the next page comes, one more click takes it back."""
    first, second = stray_came(100), stray_came(120)
    client = signed_in(Role.REVIEW)
    response = client.post(f"/strays/{first.page_id}/settle/", {"how": "not_ours"})
    assert response.headers["Location"] == f"/strays/{second.page_id}/"
    page = shown(client, f"/strays/{second.page_id}/")
    assert f'action="/strays/{first.page_id}/reopen/"' in page
    assert "erledigt" in shown(client, f"/strays/{first.page_id}/")
    client.post(f"/strays/{first.page_id}/reopen/")
    assert f"/strays/{first.page_id}/" in shown(client, "/inbox/?only=stray")
    assert [made.kind for made in PageDecision.objects.order_by("pk")] == ["not_ours", "reopened"]


def test_the_second_person_is_told_that_a_page_is_settled() -> None:
    """Two look at the same page: what the first says stands."""
    stray = stray_came()
    issue_to(1)
    anna, bert = signed_in(Role.REVIEW, name="anna"), signed_in(Role.REVIEW, name="bert")
    anna.post(f"/strays/{stray.page_id}/settle/", {"how": "blank"})
    page = bert.post(f"/strays/{stray.page_id}/place/", {"form_id": form_id(1)}, follow=True).content.decode()
    assert "Jemand war schneller" in page
    assert [made.by for made in PageDecision.objects.all()] == ["anna"]


def test_a_return_of_another_customer_is_moved() -> None:
    """The other customer is found, the reason is kept, and the questions come with their form."""
    booked = came_back(1, company="Falsch GmbH")
    issue_to(2, "Richtig GmbH")
    client, address = signed_in(Role.REVIEW), f"/returns/{booked.return_id}/"
    assert f'href="{address}assign/"' in shown(client, address)
    page = shown(client, f"{address}assign/?q=richtig")
    assert f'value="{form_id(2)}"' in page
    assert f'value="{form_id(1)}"' not in shown(client, f"{address}assign/?q=gmbh")
    said = {"form_id": form_id(2), "last_event": last_event(form_id(1))}
    assert "Sagen Sie, warum" in client.post(f"{address}assign/", said, follow=True).content.decode()
    response = client.post(f"{address}assign/", said | {"reason": "Anschrift"}, follow=True)
    assert "Richtig GmbH: Die Seite gehört jetzt" in response.content.decode()
    assert [each.number for each in returns_waiting()] == ["K-2"]
    assert "anderem Kunden zugeordnet" in shown(client, address)


def test_a_page_that_is_not_there_is_not_there() -> None:
    """Unknown pages answer 404, whatever is asked of them."""
    client = signed_in(Role.REVIEW)
    assert client.get("/strays/999/").status_code == 404
    for action in ("place", "settle", "reopen"):
        said = {"form_id": form_id(1), "how": "blank"}
        assert client.post(f"/strays/999/{action}/", said).status_code == 404
