"""The review page and hostile content: headers on every answer, nothing run, nothing shown that is not meant to be."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import builders
import pytest
from book_steps import book_return, confirm_return
from builders import ACCEPT, make_return, sha256
from django.test import Client
from review_steps import came_back, issue_to, page_png, signed_in, stray_came

from intake.results import DocumentReading, Reason
from registry import archive, book
from registry.models import HumanDecision, Issue, Reading, ReceivedFile
from review.middleware import POLICY
from review.roles import Role

pytestmark = pytest.mark.django_db

HOSTILE = """<script>alert(1)</script>"><img src=x onerror=alert(2)>{{ 7|add:7 }}"""


def check_headers(headers: object) -> None:
    """The answer tells the browser to run and load nothing but our own files, and to guess and frame nothing."""
    told = {str(key).lower(): str(value) for key, value in headers.items()}  # type: ignore[attr-defined]
    assert told["content-security-policy"] == POLICY
    assert told["x-content-type-options"] == "nosniff"
    assert told["x-frame-options"] == "DENY"
    assert told["referrer-policy"] == "same-origin"
    assert told["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in told["permissions-policy"]
    assert told["cache-control"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 302),
        ("/inbox/", 200),
        ("/clear/", 200),
        ("/to-do/", 200),
        ("/customers/", 200),
        ("/customer/?number=none", 404),
        ("/returns/999/", 404),
        ("/nothing", 404),
        ("/static/review/review.css", 200),
        ("/static/review/none.css", 404),
        ("/sign-in/", 302),
        ("/password/", 200),
        ("/customer/withdraw/", 405),
    ],
)
def test_every_answer_has_the_headers(path: str, status: int) -> None:
    """Pages, redirects, files and refusals alike."""
    with closing(signed_in(Role.REVIEW).get(path)) as response:
        assert response.status_code == status
        check_headers(response.headers)


def test_a_request_for_another_host_has_the_headers_too() -> None:
    """Who asks for a name that is not ours gets a plain refusal."""
    response = Client().get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    check_headers(response.headers)


def test_pages_are_kept_by_nobody() -> None:
    """Personal data stay in no cache: pages are never stored, pictures only by this browser."""
    booked = came_back(1)
    client = signed_in(Role.REVIEW)
    (digest,) = Reading.objects.get().pictures.values()
    assert client.get(f"/returns/{booked.return_id}/").headers["Cache-Control"] == "no-store"
    assert client.get(f"/returns/{booked.return_id}/{digest}.png").headers["Cache-Control"].startswith("private")


def test_a_fault_shows_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    """When the program fails, the page says so, with the same headers; the log names the path and no more."""
    booked = came_back(1)
    Reading.objects.update(reading_json="{")
    client = signed_in(Role.REVIEW)
    client.raise_request_exception = False
    response = client.get(f"/returns/{booked.return_id}/")
    assert response.status_code == 500
    assert "Traceback" not in response.content.decode()
    check_headers(response.headers)
    assert [record.getMessage() for record in caplog.records] == [
        f"Internal Server Error: /returns/{booked.return_id}/"
    ]


def test_what_customers_are_called_is_text_and_nothing_else() -> None:
    """Markup in a company's name stands on every page as it was written, and runs nowhere."""
    booked = came_back(1, company=HOSTILE)
    client = signed_in(Role.REVIEW)
    pages = ["/inbox/", f"/returns/{booked.return_id}/", "/clear/", "/customers/", "/customer/?number=K-1"]
    confirmed = f"/returns/{booked.return_id}/"
    seen = [client.get(page).content.decode() for page in pages]
    said = {"variant": "A", "signed": "yes", "signed_on": ""}
    seen.append(client.post(confirmed, said, follow=True).content.decode())
    for page in seen:
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "{{ 7|add:7 }}" in page


def test_nothing_of_ours_is_inline() -> None:
    """No page has a script, a style or a handler of its own in it: the policy would block them."""
    booked = came_back(1)
    client = signed_in(Role.REVIEW)
    for page in ("/inbox/", f"/returns/{booked.return_id}/", "/clear/", "/to-do/", "/customer/?number=K-1"):
        html = client.get(page).content.decode()
        assert " style=" not in html
        assert "<style" not in html
        assert " onclick=" not in html
        assert html.count("<script") == html.count("<script src=")


def test_only_pictures_that_the_reading_made_are_shown() -> None:
    """A received PNG, a PDF and another return's picture have digests too, and are not given out."""
    picture, other = page_png(1), page_png(2)
    answer = make_return(issue_to(1))
    ours = book_return(replace(answer, pages=(replace(answer.pages[0], picture_png=picture),)))
    theirs = came_back(2)
    received = page_png(3)
    book.book_document(
        book.ReceivedBytes(received, "scan.png", "mailbox", builders.RECEIVED_AT),
        builders.make_document(received, [make_return(builders.form_id(1))]),
        lambda *_: builders.ACCEPT,
    )
    pdf = archive.store(b"%PDF-1.7 <script>", ".pdf").sha256
    client = signed_in(Role.REVIEW)
    assert client.get(f"/returns/{ours.return_id}/{sha256(picture)}.png").headers["Content-Type"] == "image/png"
    for digest in (sha256(received), pdf, sha256(other), "0" * 64):
        for ending in ("png", "small.png"):
            assert client.get(f"/returns/{ours.return_id}/{digest}.{ending}").status_code == 404
    assert client.get(f"/returns/{theirs.return_id}/{sha256(picture)}.png").status_code == 404
    stray = stray_came()
    assert client.get(f"/strays/{stray.page_id}/{stray.picture}.png").content == page_png(90)
    assert client.get(f"/strays/{stray.page_id}/{sha256(picture)}.png").status_code == 404
    assert client.get(f"/strays/{stray.page_id + 1}/{stray.picture}.png").status_code == 404


@pytest.mark.parametrize(
    ("called", "data", "saved_as"),
    [
        ("Scan März.pdf", b"%PDF-1.7 scan", "attachment; filename*=utf-8''Scan_M%C3%A4rz.pdf"),
        ("a/../../evil.html", b"<html><script>alert(1)</script>", 'attachment; filename="evil.bin"'),
        ("x\u202egpj.exe", b"\xff\xd8\xff photo", 'attachment; filename="x_gpj.jpg"'),
        ("", b"MZ program", f'attachment; filename="{sha256(b"MZ program")[:12]}.bin"'),
    ],
)
def test_a_received_file_is_only_to_be_saved(called: str, data: bytes, saved_as: str) -> None:
    """Its bytes are unchanged, its ending says what it is, and no browser runs or shows anything of it."""
    reading = DocumentReading(sha256(data), Reason.FILE_BROKEN, "", 0, (), ())
    book.book_document(book.ReceivedBytes(data, called, "mailbox", builders.RECEIVED_AT), reading, lambda *_: ACCEPT)
    response = signed_in(Role.REVIEW).get(f"/received/{sha256(data)}/")
    assert response.content == data
    assert response.headers["Content-Disposition"] == saved_as
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "script-src" not in response.headers["Content-Security-Policy"]


def test_what_is_no_received_file_is_not_given_out() -> None:
    """Issued letters, pictures and whatever else lies in the archive have digests too; the page links what came."""
    returned = came_back(1)
    client = signed_in(Role.REVIEW)
    issued = Issue.objects.get().pdf_sha256
    (picture,) = Reading.objects.get().pictures.values()
    for digest in (issued, picture, "0" * 64):
        assert client.get(f"/received/{digest}/").status_code == 404
    received = ReceivedFile.objects.get().sha256
    assert f'href="/received/{received}/"' in client.get(f"/returns/{returned.return_id}/").content.decode()
    assert client.get(f"/received/{received}/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/returns/1/../../../etc/passwd.png",
        "/returns/1/%2e%2e%2f%2e%2e%2fsecret_key.png",
        f"/returns/1/{'A' * 64}.png",
        f"/returns/{'9' * 30}/",
        f"/returns/{'9' * 30}/{'0' * 64}.png",
        "/returns/-1/",
        "/static/review/../../ruecklauf/settings.py",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/review/%00.css",
        "/customer/?number=%00",
        "/customer/case-file.zip?number=%00",
        "/overview/?template=%00",
        "/customer/?number=(erased)",
        "/customer/?number=../../etc/passwd",
    ],
)
def test_path_tricks_lead_nowhere(path: str) -> None:
    """Whatever is put into an address, there is no such page."""
    assert signed_in(Role.REVIEW).get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("to-do/asked-again/", "form"),
        ("to-do/set-up/", "form"),
        ("clear/", "return"),
        ("accounts/change/", "name"),
        ("issue/anew/", "form"),
        ("issue/customers/", "number"),
        ("forms/print.pdf", "form"),
    ],
)
def test_what_nobody_can_type_is_no_answer(path: str, field: str) -> None:
    """NUL in a form is answered alike on both databases: one of them could not even be asked for it."""
    said = {field: "A\0", "on": "13.10.2026", "channel": "post", "do": "password"}
    assert signed_in(*Role).post(f"/{path}", said).status_code == 404


@pytest.mark.parametrize("page", ["configured", "withdraw"])
@pytest.mark.parametrize("number", ["", "\0", "K-1\0", "K-9", "x" * 5000])
def test_nothing_is_reported_of_a_customer_who_is_not_there(page: str, number: str) -> None:
    """A report that names nobody changes nothing and is no fault of ours."""
    confirm_return(came_back(1))
    said = {"number": number, "template": "remote-support", "on": "13.10.2026", "reason": "letter"}
    assert signed_in(Role.REVIEW).post(f"/customer/{page}/", said).status_code == 404
    assert HumanDecision.objects.count() == 1


@pytest.mark.parametrize(
    "query",
    [
        "page=99999",
        "after=1.2.99999999999999999.3",
        "before=x.1.1.1",
        "page=-1",
        "page=x",
        "only=<b>",
        "q=%00",
        "q=" + "x" * 5000,
        "q=%ff",
    ],
)
def test_odd_questions_get_a_plain_answer(query: str) -> None:
    """Whatever stands behind the question mark, the lists answer."""
    came_back(1)
    client = signed_in(Role.REVIEW)
    for page in ("/inbox/", "/customers/", "/to-do/"):
        assert client.get(f"{page}?{query}").status_code == 200


def test_nothing_is_done_without_our_own_page() -> None:
    """A form that another site sends is refused, says so in our own words, and changes nothing."""
    booked = came_back(1)
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(Role.REVIEW).cookies
    response = client.post(f"/returns/{booked.return_id}/", {"variant": "A", "signed": "yes", "last_event": 2})
    assert response.status_code == 403
    assert "noch einmal" in response.content.decode()
    check_headers(response.headers)


def test_no_file_of_ours_speaks_to_other_hosts() -> None:
    """Templates, scripts and styles name no other host, but for the namespace of SVG."""
    folder = Path(__file__).parent.parent / "review"
    files = [path for kind in ("templates", "static") for path in (folder / kind).rglob("*") if path.is_file()]
    ours = [path for path in files if "vendor" not in path.parts]
    assert len(ours) > 15
    for path in ours:
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text, path
        assert "https:" not in text, path
