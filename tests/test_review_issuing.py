"""Issuing in the browser: a list is checked row by row, looked at, issued, printed and booked as sent."""

from __future__ import annotations

import html
import io
import os
import re
import zipfile
from pathlib import Path

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook
from PIL import Image
from pytest_django import Settings
from review_steps import signed_in

from registry.models import Batch, HumanDecision, Issue
from review.middleware import SHORT_FORM
from review.roles import Role
from ruecklauf import issuing_pages
from ruecklauf.config import TEMPLATES
from ruecklauf.drafts import find_draft, keep_draft
from ruecklauf.open_config import open_config

pytestmark = pytest.mark.django_db

HEADINGS = "Kundennummer;Firma;Ansprechpartner;Straße;PLZ;Ort;Land;E-Mail"
GOOD = ["C-2;Zeta GmbH;;Weg 2;10115;Berlin;;", "C-1;Äpfel & Söhne;Anna Weber;Weg 1;10115;Berlin;;a@example.org"]
REMOTE = "remote-support"


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    """A home of the test's own for lists and letters."""
    settings.RUECKLAUF_CONFIG = settings.RUECKLAUF_CONFIG.model_copy(update={"home": tmp_path})
    return tmp_path


def upload(client: Client, *rows: str, template: str = REMOTE, **more: str) -> str:
    """Upload a list as CSV; return the address of what is shown then."""
    return upload_file(client, "\n".join([HEADINGS, *rows]).encode(), template=template, **more)


def upload_file(client: Client, data: bytes, *, template: str = REMOTE, name: str = "list.csv", **more: str) -> str:
    """Upload bytes as a list; return the address of what is shown then."""
    said = {"template": template, "customers": SimpleUploadedFile(name, data), **more}
    response = client.post("/issue/", said)
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"]


def issue_list(client: Client, *rows: str, **more: str) -> str:
    """Upload a list and issue to it; return the address of the run."""
    checked = upload(client, *rows, **more)
    response = client.post(checked.partition("?")[0], {"template": REMOTE, **more})
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"]


def cells(page: str) -> list[list[str]]:
    """The rows of all tables on a page, as text."""
    rows = re.findall(r"<tr>(.*?)</tr>", page.partition("<main")[2], re.DOTALL)
    texts = [
        [re.sub(r"<[^>]+>", " ", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in rows
    ]
    return [row for row in texts if row]


def test_a_list_is_shown_row_by_row_before_anything_is_issued() -> None:
    """Every row stands under what would become of it: mended, skipped, or given a letter; nothing is booked yet."""
    client = signed_in(Role.ISSUE)
    issue_list(client, "K-1;Schon da;;Weg 5;10115;Berlin;;")
    bad = ["C 3;Falsch;;Weg 3;10115;Berlin;;", "C-4;Ohne PLZ;;Weg 4;;Berlin;;"]
    page = client.get(upload(client, *GOOD, *bad, "K-1;Schon da;;Weg 5;10115;Berlin;;")).content.decode()
    assert cells(page) == [
        ["4", "Kundennummer", "C 3", cells(page)[0][3]],
        ["5", "PLZ", "–", "fehlt: Tragen Sie es ein"],
        ["6", "K-1", "Schon da", Issue.objects.get().form_id],
        ["2", "C-2", "Zeta GmbH", "Weg 2, 10115 Berlin"],
        ["3", "C-1", cells(page)[4][2], "Weg 1, 10115 Berlin"],
    ]
    assert "ist keine Kundennummer" in cells(page)[0][3]
    assert "2 Briefe ausgeben" in page
    assert (Issue.objects.count(), Batch.objects.count()) == (1, 1)


def test_a_list_that_is_wrong_throughout_is_mended_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistakes and skipped rows come in pages of their own; the heads count all of them, and a list of none says so."""
    monkeypatch.setattr("ruecklauf.issuing_pages.ROWS_TO_MEND", 2)
    client = signed_in(Role.ISSUE)
    there = [f"K-{number};Schon da;;Weg 5;10115;Berlin;;" for number in range(3)]
    issue_list(client, *there)
    checked = upload(client, *(f"C {number};Falsch;;Weg 3;10115;Berlin;;" for number in range(5)), *there)
    first, last = (client.get(f"{checked}{more}").content.decode() for more in ("", "&wrong=3&skipped=2"))
    assert [row[0] for row in cells(first)] == ["2", "3", "7", "8"]
    assert [row[0] for row in cells(last)] == ["6", "9"]
    assert all(words in first for words in ("wrong=2", "skipped=2"))
    assert all(words in last for words in ("5 Zeilen mit Fehlern", "3 übersprungen"))
    assert "steht kein Kunde" in client.get(upload(client)).content.decode()


def test_what_does_not_fit_the_letter_is_told_beforehand() -> None:
    """A word that is too long for the window is a mistake of its row, and the others get their letters."""
    client = signed_in(Role.ISSUE)
    checked = upload(client, GOOD[0], f"C-9;{'Donaudampfschiff' * 6};;Weg 1;10115;Berlin;;")
    assert "ist breiter als die 80 mm" in client.get(checked).content.decode()
    client.post(checked.partition("?")[0], {"template": REMOTE})
    assert [issue.customer.number for issue in Issue.objects.all()] == ["C-2"]


def test_the_first_letter_is_shown_as_a_picture() -> None:
    """The preview is the letter itself, rendered; nothing is booked by looking, and no other row can be asked for."""
    client = signed_in(Role.ISSUE)
    checked = upload(client, *GOOD)
    address = re.search(r'src="(/issue/[^"]+first\.png[^"]*)"', client.get(checked).content.decode())
    assert address is not None
    response = client.get(address[1].replace("&amp;", "&"))
    assert response.headers["Content-Type"] == "image/png"
    with Image.open(io.BytesIO(response.content)) as image:
        assert image.size == (910, 1287)
        assert len(image.convert("L").getcolors() or []) > 10
    assert client.get(address[1].replace("&amp;", "&").replace("row=2", "row=99")).status_code == 404
    assert not Issue.objects.exists()


def test_issuing_serves_the_good_rows_in_the_order_of_the_list(home: Path) -> None:
    """The letters are booked in the user's name, lie in the folder as those of `generate` do, and the list is gone."""
    client = signed_in(Role.ISSUE, name="ines")
    page = client.get(issue_list(client, *GOOD)).content.decode()
    assert [row[1:3] for row in cells(page)] == [["C-2", "Zeta GmbH"], ["C-1", "Äpfel &amp; Söhne"]]
    assert len(list((home / "forms").glob("C-*.pdf"))) == 2
    assert list((home / "drafts").iterdir()) == []
    customer = client.get("/customer/?number=C-1").content.decode()
    assert "Formular ausgegeben" in customer
    assert "ines" in customer.partition("<main")[2]


def test_sending_the_same_page_twice_issues_once() -> None:
    """Whoever presses the button again finds no list any more, and nobody gets two letters."""
    client = signed_in(Role.ISSUE)
    checked = upload(client, *GOOD).partition("?")[0]
    assert client.post(checked, {"template": REMOTE}).status_code == 302
    assert client.post(checked, {"template": REMOTE}).status_code == 404
    assert Issue.objects.count() == 2


def test_an_open_form_is_superseded_only_where_that_is_asked_for() -> None:
    """Without the tick a customer with an open form gets nothing; with it the old form is superseded."""
    client = signed_in(Role.ISSUE)
    issue_list(client, *GOOD)
    again = upload(client, *GOOD)
    assert "2 übersprungen" in client.get(again).content.decode()
    assert client.post(again.partition("?")[0], {"template": REMOTE}).status_code == 200
    assert Issue.objects.count() == 2
    client.get(issue_list(client, *GOOD, reissue="yes"))
    assert Issue.objects.count() == 4
    assert "ersetzt" in client.get("/customer/?number=C-1").content.decode()


def test_a_workbook_is_read_as_well() -> None:
    """Excel's own format does, whatever the file is called."""
    book = Workbook()
    for row in [HEADINGS, *GOOD]:
        book.active.append(row.split(";"))
    data = io.BytesIO()
    book.save(data)
    client = signed_in(Role.ISSUE)
    page = client.get(upload_file(client, data.getvalue(), name="../../etc/passwd")).content.decode()
    assert [row[1] for row in cells(page)] == ["C-2", "C-1"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "Die Liste ist leer"),
        (b"%PDF-1.7", "Die Liste ist eine PDF-Datei"),
        (b"PK\x03\x04 not a zip", "beschädigt"),
        (b"Firma;Ort\nx;y\n", "in der ersten Zeile steht Firma, Ort"),
        (b"Firma;Ort\n\x81;y\n", "Ein Zeichen ist nicht in UTF-8 oder Windows"),
        (b"\0\1\2" * 100, "keine Textdatei"),
    ],
)
def test_a_file_that_is_no_list_gets_a_plain_answer(data: bytes, says: str) -> None:
    """What is wrong and what to do is said in German, and nothing was issued."""
    client = signed_in(Role.ISSUE)
    page = client.get(upload_file(client, data), follow=True).content.decode()
    assert says in page.partition('class="messages"')[2].partition("</ul>")[0]
    assert not Issue.objects.exists()


def test_a_list_that_is_too_large_is_not_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither more bytes than the reader of lists takes, nor a request far beyond them."""
    monkeypatch.setattr("review.entry_forms.MAX_FILE_BYTES", 1000)
    client = signed_in(Role.ISSUE)
    response = client.post("/issue/", {"template": REMOTE, "customers": SimpleUploadedFile("x.csv", b"x" * 1001)})
    assert (response.status_code, "größer als" in response.content.decode()) == (400, True)
    assert not (home / "drafts").exists()
    huge = client.post("/issue/", b"x", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(30_000_000))
    assert (huge.status_code, "größer als" in huge.content.decode()) == (413, True)


@pytest.mark.parametrize("who", ["stranger", "petra"])
def test_only_pages_that_take_files_take_much(who: str) -> None:
    """Nobody fills our disk through a page that wants a short form, and a stranger through none."""
    client = signed_in(Role.ISSUE) if who == "petra" else Client()
    path = "/customer/configured/" if who == "petra" else "/issue/"
    assert client.post(path, CONTENT_LENGTH=str(SHORT_FORM + 1), content_type="text/plain").status_code == 413


@pytest.mark.parametrize(
    "template", ["", "none", "../templates/remote-support", "/etc/passwd", "remote-support.v1", "\0"]
)
def test_a_template_is_named_by_its_id_alone(template: str) -> None:
    """No path leads from a form's field to a file."""
    client = signed_in(Role.ISSUE)
    checked = upload(client, *GOOD).partition("?")[0]
    assert client.get(checked, {"template": template}).status_code == 404
    assert client.post(checked, {"template": template}).status_code == 404


def test_customers_of_the_book_are_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ticked ones, or all that a search finds, go the same way as a list; nobody chosen is told."""
    client = signed_in(Role.ISSUE)
    issue_list(client, *GOOD)
    page = client.get("/issue/customers/?template=data-backup&q=äpfel").content.decode()
    assert [row[1:4] for row in cells(page)] == [["C-1", "Äpfel &amp; Söhne", "10115 Berlin"]]
    assert "hat eines" in client.get("/issue/customers/?template=remote-support").content.decode()
    said = {"template": "data-backup"}
    checked = client.post("/issue/customers/", said | {"number": ["C-1", "nobody"]}).headers["Location"]
    assert [row[1] for row in cells(client.get(checked).content.decode())] == ["C-1"]
    everyone = client.post("/issue/customers/", said | {"everyone": "yes", "q": ""}).headers["Location"]
    assert [row[1] for row in cells(client.get(everyone).content.decode())] == ["C-1", "C-2"]
    assert "Es wurde niemand ausgewählt" in client.post("/issue/customers/", said).content.decode()
    monkeypatch.setattr(issuing_pages, "MOST_ROWS", 1)
    told = client.get(client.post("/issue/customers/", said | {"everyone": "yes"}).headers["Location"], follow=True)
    assert "mehr als 1 verwendbare" in told.content.decode()


def test_letters_are_downloaded_one_by_one_zipped_and_for_the_printer() -> None:
    """All three hold the very letters, in the order of the list; the print file has no fields and wants one side."""
    client = signed_in(Role.ISSUE)
    run = issue_list(client, *GOOD)
    issues = list(Issue.objects.order_by("pk"))
    single = client.get(f"/forms/{issues[0].form_id}.pdf")
    assert single.headers["Content-Disposition"].startswith('attachment; filename="C-2-remote-support.v1-')
    zipped = b"".join(client.get(f"{run}letters.zip").streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        assert archive.testzip() is None
        assert [name[:3] for name in archive.namelist()] == ["C-2", "C-1"]
        assert archive.read(archive.namelist()[0]) == single.content
    response = client.get(f"{run}print.pdf")
    assert response.headers["Content-Disposition"].startswith("attachment")
    with pikepdf.open(io.BytesIO(response.content)) as printed:
        assert len(printed.pages) == 2
        assert "/AcroForm" not in printed.Root
        assert not any("/Annots" in page for page in printed.pages)
        assert printed.Root.ViewerPreferences.Duplex == "/Simplex"
        fonts = {page.Resources.Font.objgen for page in printed.pages}
        assert len(fonts) == 1
    assert len(response.content) < 1.3 * len(single.content)


def test_letters_are_booked_as_sent() -> None:
    """Ticked ones, or all that are left; a date in the future and nothing ticked are refused."""
    client = signed_in(Role.ISSUE, name="ines")
    run = issue_list(client, *GOOD, "C-3;Gamma;;Weg 3;10115;Berlin;;")
    said = {"on": "01.10.2026", "channel": "post"}
    first = Issue.objects.order_by("pk")[0].form_id
    assert client.post(run, said | {"form": [first]}).status_code == 302
    assert client.post(run, said | {"form": [first]}).status_code == 409
    assert client.post(run, said).status_code == 400
    assert client.post(run, said | {"on": "01.01.2999", "everything": "yes"}).status_code == 400
    assert client.post(run, said | {"channel": "pigeon", "everything": "yes"}).status_code == 400
    assert HumanDecision.objects.count() == 1
    assert client.post(run, said | {"channel": "e-mail", "everything": "yes"}).status_code == 302
    page = client.get(run).content.decode()
    assert [row[4] for row in cells(page)] == ["01.10.2026, per Post", *["01.10.2026, per E-Mail"] * 2]
    assert "alle versandt" in page
    assert {decision.by for decision in HumanDecision.objects.all()} == {"ines"}


def test_a_list_is_kept_for_a_day_and_found_by_its_token_alone(tmp_path: Path) -> None:
    """An old list is thrown away with the next upload; no token leads elsewhere."""
    old = keep_draft(tmp_path, b"old")
    found = find_draft(tmp_path, old)
    assert found is not None
    assert found.read_bytes() == b"old"
    assert found.stat().st_mode & 0o077 == 0
    os.utime(found, (1, 1))
    new = keep_draft(tmp_path, b"new")
    assert find_draft(tmp_path, old) is None
    assert find_draft(tmp_path, new) is not None
    for token in ("", "..", "../../etc/passwd", new.upper(), "0" * 32):
        assert find_draft(tmp_path, token) is None


def test_a_customer_is_found_by_the_code_on_the_form() -> None:
    """As it stands on the paper, without blanks and check characters, and as the whole id; a wrong one finds none."""
    client = signed_in(Role.ISSUE)
    issue_list(client, *GOOD)
    form = Issue.objects.select_related("customer").order_by("pk")[1]
    for typed in (form.reference, form.reference.replace(" ", "").lower(), form.form_id[:8], form.form_id):
        page = client.get("/customers/", {"q": typed}).content.decode()
        assert page.count("data-item") == 1, typed
        assert form.customer.number in page
    assert "data-item" not in client.get("/customers/", {"q": "0" * 16}).content.decode()


BROKEN = {
    'title = "': 'titel = "',
    "due_days = 28": 'due_days = "28"',
    'colour = "#17365d"': 'colour = "blau"',
    'value = "A"': 'value = "B"',
}
"""Mistakes of four kinds in the sample template: a misspelt key, a wrong type, a wrong form, a broken rule."""


def test_mistakes_of_a_template_are_told_in_the_language_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each mistake has its line, its key, what is wrong and what to do; the form cannot be chosen, others can."""
    text = (TEMPLATES / "remote-support.v1.toml").read_text("utf-8")
    for old, new in BROKEN.items():
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "remote-support.v1.toml").write_text(text, "utf-8")
    (tmp_path / "unread.v1.toml").write_text('id = "unread\n', "utf-8")
    monkeypatch.setattr(issuing_pages, "TEMPLATES", tmp_path)
    client = signed_in(Role.ISSUE)
    page = html.unescape(client.get("/issue/").content.decode())
    for told in (
        "titel: diesen Schlüssel gibt es nicht — ist „title“ gemeint?",
        "due_days: muss eine ganze Zahl sein, ist aber ein Text — ohne Anführungszeichen",
        "sender.colour: „blau“ hat nicht die richtige Form — # und sechs Stellen",
        "choice.options[1].value: ist „B“ wie eine Variante davor — jeder Variante einen eigenen Buchstaben geben",
        "Zeile 1: die Zeile endet mitten in einem Text (Spalte 13) — den Text in derselben Zeile",
    ):
        assert told in page
    assert str(tmp_path) not in page
    response = client.post(f"/issue/{keep_draft(open_config().drafts, b'')}/", {"template": REMOTE}, follow=True)
    assert "das Formular hat 4 Fehler: die genannten Zeilen in Ordnung bringen" in response.content.decode()
    client.cookies["ruecklauf_language"] = "en"
    page = html.unescape(client.get("/issue/").content.decode())
    assert "titel: there is no such key — did you mean “title”?" in page


def test_no_form_is_proposed_before_one_was_issued() -> None:
    """Whoever issues for the first time says which form; then the one that was issued is proposed."""
    client = signed_in(Role.ISSUE)
    assert "checked" not in client.get("/issue/").content.decode().partition("<main")[2].partition("</fieldset>")[0]
    issue_list(client, *GOOD)
    assert f'value="{REMOTE}" checked' in client.get("/issue/").content.decode()
