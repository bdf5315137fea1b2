"""The review page in a real Chromium, on what the demo leaves: as staff use it, by keyboard and mouse.

The pictures in the docs come from here: `./run test -k test_review_in_browser --pictures docs/images`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright
from program import CLONE, FAST, run, start

AXE = (CLONE / "tests" / "data" / "axe-core" / "axe-4.14.1.min.js").read_text("utf-8")
CHROMIUM = "/usr/bin/chromium"
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
PATIENCE_MS = 60_000
PASSWORD = "kastanien-im-november-9"
ENTER_AT_ONCE = """addEventListener("DOMContentLoaded", () =>
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })))"""
"""For every page that is opened from now on: Enter comes as soon as the page."""
CUT_WORDS = """[...document.querySelectorAll("svg.plot text")]
  .filter((text) => text.getBoundingClientRect().right > text.ownerSVGElement.getBoundingClientRect().right)
  .map((text) => text.textContent)"""
"""The words that reach out of a plot, which cuts them off."""
NEW_CUSTOMERS = """Kundennummer;Firma;Ansprechpartner;Straße;PLZ;Ort;Land;E-Mail
N-1;Neue Kundin Hoch- und Tiefbau GmbH;Annegret Müller;Hauptstr. 1;10115;Berlin;;
N 2;Gärtnerei Grün;;Weg 2;80331;München;;
N-3;Tischlerei Kleinholz;;Weg 7;80331;München;;
"""
LIST_PAGES = (
    "inbox/",
    "mailbox/",
    "overview/",
    "clear/",
    "to-do/",
    "customers/",
    "customer/?number=K-1001",
    "password/",
    "mails/",
    "mailbox/problems/",
    "inbox/?only=aside",
)


@dataclass
class Office:
    """A served home, and the browsers before it."""

    home: Path
    address: str
    browser: Browser
    faults: list[str]
    """What went wrong in any page: errors, and requests to other hosts."""

    def open(self, *, width: int = 1280, height: int = 900, scheme: str = "light", language: str = "de") -> Page:
        """Open a browser of its own, on the sign-in page."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        if language != "de":
            context.add_cookies([{"name": "ruecklauf_language", "value": language, "url": self.address}])
        page = context.new_page()
        page.on("console", lambda message: self._fault(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self._fault(str(error)))
        page.on("request", self._check_host)
        page.goto(self.address)
        return page

    def signed_in(self, name: str = "anna", **options: object) -> Page:
        """Open a browser, and sign in by the keyboard."""
        page = self.open(**options)  # type: ignore[arg-type]
        expect(page.locator("#id_username")).to_be_focused()
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/(inbox|to-do)/$"))
        return page

    def _fault(self, text: str) -> None:
        # A refusal has a status of its own, and the browser tells the console.
        if "the server responded with a status of 409" not in text:
            self.faults.append(text)

    def _check_host(self, request: Request) -> None:
        if not request.url.startswith(self.address):
            self.faults.append(request.url)


@pytest.fixture(scope="module")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the demo leaves, two people who review, and one who issues."""
    home = tmp_path_factory.mktemp("demo") / "home"
    code, _, err = run("demo", "--no-serve", "--home", home, timeout=300)
    assert code == 0, err
    (home / "ruecklauf.toml").write_text("blind_share = 0\n")  # but for the test that is about the sample
    for name, role in (("anna", "review"), ("bert", "review"), ("ines", "issue"), ("chefin", "administer")):
        with start("adduser", name, "--role", role, home=home, stdin=-1) as process:
            process.communicate(PASSWORD, timeout=240)
            assert process.returncode == 0
    return home


expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; in a container as root it cannot have a sandbox of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def office(demo_home: Path, browser: Browser, tmp_path: Path) -> Iterator[Office]:
    """A copy of the demo's home, served, to decide in; in the end no page may have complained."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    with _served(home) as address:
        office = Office(home, address, browser, [])
        yield office
        for context in browser.contexts:
            context.close()
    assert office.faults == []


@pytest.fixture(scope="module")
def demo_address(demo_home: Path) -> Iterator[str]:
    """Where the demo's home is served to those who only look."""
    with _served(demo_home) as address:
        yield address


@pytest.fixture
def shown_office(demo_home: Path, demo_address: str, browser: Browser) -> Iterator[Office]:
    """The demo's home, to look at only; in the end no page may have complained."""
    office = Office(demo_home, demo_address, browser, [])
    yield office
    for context in browser.contexts:
        context.close()
    assert office.faults == []


@contextmanager
def _served(home: Path, *options: str) -> Iterator[str]:
    with start("serve", "--port", "0", *options, home=home) as process:
        assert process.stdout is not None
        said = re.search(r"http://\S+/", process.stdout.readline())
        assert said is not None, process.communicate(timeout=60)
        try:
            yield said[0]
        finally:
            process.terminate()
            process.communicate(timeout=60)


@pytest.fixture
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Page, str], None]:
    """Take a picture of a page, for the docs where they are asked for."""
    folder = Path(request.config.getoption("--pictures") or tmp_path)

    def take(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{name}.png", animations="disabled")

    return take


@pytest.fixture
def watched_office(demo_home: Path, browser: Browser, tmp_path: Path) -> Iterator[Office]:
    """A copy of the demo's home, served and watched."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    (home / "ruecklauf.toml").write_text(FAST)
    with _served(home, "--watch") as address:
        office = Office(home, address, browser, [])
        yield office
        for context in browser.contexts:
            context.close()
    assert office.faults == []


def in_force(office: Office) -> dict[str, str]:
    """The variant in force of each customer who has one."""
    _, out, _ = run("status", home=office.home)
    rows = [line.split("\t") for line in out.splitlines()[1:]]
    return {row[0]: row[5] for row in rows if row[4] == "in_force"}


def heading(page: Page) -> str:
    """What the page is about."""
    return page.inner_text("h1")


def test_returns_are_reviewed_by_keyboard_alone(office: Office, picture: Callable[[Page, str], None]) -> None:
    """From the sign-in page through the doubtful returns without touching the mouse; the next comes by itself."""
    page = office.signed_in()
    picture(page, "review-inbox")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/returns/*/")
    assert heading(page) == "Havelland Obsthof Petersen KG"
    picture(page, "review-return")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('[name=variant]:invalid') !== null")  # both are marked: say which
    page.keyboard.press("b")
    page.keyboard.press("d")
    page.keyboard.type("22.11.2026")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messages >> text=Variante B ist in Kraft")
    assert in_force(office)["K-1004"] == "B"
    decided = {"Havelland Obsthof Petersen KG"}
    ways = cycle((("f", "erneut zu fragen"), ("x", "nicht unseres"), ("p", "zurückgestellt"), ("", "Variante A")))
    reviewed = 1
    for key, word in ways:
        if not page.locator(".questions .actions").count():
            break
        decided.add(heading(page))
        reviewed += 1
        before = page.url
        if key:
            page.keyboard.press(key)
            page.keyboard.type("So steht es da")
        else:
            page.keyboard.press("a")
            if not page.is_checked("[name=signed]"):
                page.keyboard.press("s")
        page.keyboard.press("Enter")
        expect(page).not_to_have_url(before)
        page.wait_for_selector(f".messages >> text={word}")
        page.wait_for_load_state()
    assert len(decided) >= 7
    assert reviewed >= 10
    assert heading(page) == "Eingang"
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/strays/*/")
    page.keyboard.press("x")
    page.wait_for_selector("main >> text=Nichts wartet auf Sie")


def test_a_slip_is_undone_by_one_key(office: Office) -> None:
    """Z takes back what was just decided and shows it again; on a settled return it asks why."""
    page = office.signed_in()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/returns/*/")
    address = page.url
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messages >> text=Variante B ist in Kraft")
    assert in_force(office)["K-1004"] == "B"
    page.keyboard.press("z")
    page.wait_for_selector(".messages >> text=wartet wieder")
    assert page.url == address
    assert "K-1004" not in in_force(office)
    page.keyboard.press("p")
    page.keyboard.type("Doppelt")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messages >> text=zurückgestellt")
    page.goto(address)
    page.keyboard.press("z")
    page.keyboard.type("Doch nicht doppelt")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messages >> text=wartet wieder")
    for words in ("Doppelt", "Doch nicht doppelt", "sofort rückgängig gemacht"):
        assert words in page.inner_text(".decisions")


def test_the_page_as_issued_is_laid_over_and_beside(shown_office: Office) -> None:
    """One key shows the page as it was issued in place of the one that came back, another beside it, both enlarged."""
    page = shown_office.signed_in()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/returns/*/")
    with page.expect_response("**/blank/1.png") as drawn:
        page.keyboard.press("h")
    assert drawn.value.status == 200
    assert page.is_visible(".as-issued")
    page.keyboard.press("h")
    assert not page.is_visible(".as-issued")
    page.keyboard.press("g")
    page.keyboard.press("+")
    assert page.is_visible(".leaf > .issued")
    parts = [page.get_attribute(f".leaf > .{name}", "viewBox") for name in ("received", "issued")]
    assert parts[0] == parts[1] != "0 0 210 297"


def test_a_key_that_is_held_down_confirms_one_return_only(office: Office) -> None:
    """The return that comes next must be looked at before Enter means anything again."""
    page = office.signed_in()
    page.goto(f"{office.address}inbox/?only=clear")
    page.add_init_script(ENTER_AT_ONCE)  # as of somebody who pressed it twice in the list
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/returns/*/")
    page.wait_for_timeout(500)
    assert page.locator(".messages").count() == 0
    before = len(in_force(office))
    page.keyboard.down("Enter")
    page.wait_for_selector(".messages >> text=ist in Kraft")
    after = page.url
    page.keyboard.down("Enter")  # as the keyboard repeats it
    page.wait_for_timeout(400)
    assert page.url == after
    assert len(in_force(office)) == before + 1


def test_many_are_confirmed_from_the_contact_sheet(office: Office, picture: Callable[[Page, str], None]) -> None:
    """One key opens the sheet, one takes the odd one out, one confirms the rest, and one takes all of it back."""
    page = office.signed_in()
    page.keyboard.press("l")
    page.wait_for_url("**/clear/")
    cards = page.locator(".sheet li").count()
    assert cards >= 3
    picture(page, "review-clear")
    before = len(in_force(office))
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.inner_text("[data-count]") == str(cards - 1)
    out = page.inner_text(".sheet li:nth-child(2) strong")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".messages >> text={cards - 1} Rücksendungen sind in Kraft")
    assert (page.inner_text(".sheet strong"), page.is_checked("[name=chosen]")) == (out, False)
    assert page.is_disabled(".actions button")
    assert len(in_force(office)) == before + cards - 1
    page.keyboard.press("z")
    page.wait_for_selector(f".messages >> text={cards - 1} Rücksendungen warten wieder")
    assert len(in_force(office)) == before


def test_a_clear_return_is_asked_blind(office: Office, picture: Callable[[Page, str], None]) -> None:
    """By keyboard: what is seen is said first; only where it differs does the machine's answer appear."""
    (office.home / "ruecklauf.toml").write_text("blind_share = 1\n")
    with _served(office.home) as address:
        asked = Office(office.home, address, office.browser, office.faults)
        page = asked.signed_in()
        page.click(".waiting a:has-text('Blindprobe') >> nth=0")
        page.wait_for_url("**/returns/*/")
        _check_page(page)
        assert page.locator(".machine").count() == 0
        page.keyboard.press("u")
        page.keyboard.press("o")
        picture(page, "review-blind")
        page.keyboard.press("Enter")
        page.wait_for_selector(".messages >> text=Die Maschine hat etwas anderes gelesen")
        assert page.locator(".machine").count() == 1
        assert "Nicht gleich gesehen" in page.inner_text("main")
        _check_page(page)


def test_the_second_of_two_people_is_told(office: Office) -> None:
    """Both look at the same return; the second learns what the first decided, and overwrites nothing."""
    anna, bert = office.signed_in("anna"), office.signed_in("bert", language="en")
    for page in (anna, bert):
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/returns/*/")
    assert anna.url == bert.url
    for page, variant in ((anna, "a"), (bert, "b")):
        page.keyboard.press(variant)
        page.keyboard.press("Enter")
        page.wait_for_selector(".messages")
    assert "Somebody else was faster" in bert.inner_text(".messages")
    assert re.search(r"Variant A.*\n?.*by anna", bert.inner_text(".decisions"))
    assert bert.locator(".questions .actions").count() == 0
    assert in_force(office)["K-1004"] == "A"


def test_the_page_is_enlarged_moved_and_turned(shown_office: Office) -> None:
    """Keys and mouse do it; what the machine saw is switched off and on."""
    page = shown_office.signed_in()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/returns/*/")

    def part() -> list[float]:
        box = page.get_attribute(".leaf > .received", "viewBox")
        assert box is not None
        return [float(number) for number in box.split()]

    assert part() == [0, 0, 210, 297]
    page.keyboard.press("+")
    enlarged = part()
    assert enlarged[2] == pytest.approx(210 / 1.4)
    page.keyboard.press("ArrowRight")
    assert part()[0] > enlarged[0]
    page.locator(".leaf > .received").hover()
    page.mouse.down()
    page.mouse.move(700, 300)
    page.mouse.up()
    assert part() != enlarged
    page.mouse.dblclick(300, 400)
    assert part()[2] < enlarged[2]
    page.keyboard.press("0")
    page.keyboard.press("r")
    assert part() == [0, 0, 297, 210]
    assert "rotate(90)" in str(page.get_attribute(".leaf > .received > g", "transform"))
    assert page.is_visible(".machine rect >> nth=0")
    page.keyboard.press("m")
    assert not page.is_visible(".machine rect >> nth=0")
    page.keyboard.press("m")
    assert page.is_visible(".machine rect >> nth=0")
    page.keyboard.press("3")
    assert [page.is_visible(f".machine .{part} >> nth=0") for part in ("boxes", "signature")] == [True, False]


def test_the_help_sheet_lists_what_the_page_offers(shown_office: Office) -> None:
    """A question mark opens it, Escape closes it, and meanwhile no other key does anything."""
    page = shown_office.signed_in()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/returns/*/")
    page.keyboard.press("?")
    listed = page.inner_text("#help")
    for words in ("Variante A", "Ich sehe die Unterschrift", "Bestätigen", "Nächste Rücksendung", "Drehen"):
        assert words in listed
    before = page.url
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    assert not page.is_visible("#help")
    assert page.url == before


def test_dialogs_and_refusals_are_accessible(shown_office: Office) -> None:
    """Axe finds nothing on what opens over a page, on a settled return, and where something is said to be wrong."""
    page = shown_office.open()
    page.fill("#id_username", "anna")
    page.fill("#id_password", "falsch")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Name oder Passwort stimmt nicht")
    expect(page.locator("#id_password")).to_be_focused()
    _check_page(page)
    page = shown_office.signed_in()
    page.goto(f"{shown_office.address}nothing/")
    _check_page(page)
    assert [fault for fault in shown_office.faults if "404" in fault]
    shown_office.faults.clear()
    page.goto(f"{shown_office.address}returns/1/")
    page.wait_for_selector("text=Diese Rücksendung ist erledigt")
    _check_page(page)
    page.keyboard.press("?")
    listed = page.inner_text("#help")
    assert "Entscheidung zurücknehmen" in listed
    assert "Variante A" not in listed  # it is settled: the key would do nothing
    page.keyboard.press("Escape")
    page.goto(f"{shown_office.address}inbox/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/returns/*/")
    for key, dialog in (("?", "help"), ("f", "ask"), ("p", "set-aside")):
        page.keyboard.press(key)
        page.wait_for_selector(f"#{dialog}[open]")
        _check_page(page)
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)


def test_single_keys_can_be_switched_off(shown_office: Office) -> None:
    """Who dictates, or hits keys by mistake, needs none of them (WCAG 2.1.4); the browser remembers it."""
    page = shown_office.signed_in()
    page.click("nav >> text=Kunden")
    page.wait_for_url("**/customers/")
    page.keyboard.press("?")
    page.click("[data-keys-on]")
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    page.reload()
    page.keyboard.press("i")
    assert page.url.endswith("/customers/")
    assert not page.is_visible("nav kbd, .who kbd")
    page.click("text=Tasten")
    page.click("[data-keys-on]")
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    page.wait_for_url("**/inbox/")


def test_what_shuts_somebody_out_is_asked_for_once_more(office: Office) -> None:
    """Escape leaves everything as it was; Yes does it."""
    page = office.signed_in("chefin")
    page.goto(f"{office.address}accounts/")
    page.click("button:has-text('Sperren anna')")
    page.wait_for_selector("#sure >> text=anna sperren?")
    _check_page(page)
    page.keyboard.press("Escape")
    expect(page.locator("button:has-text('Sperren anna')")).to_be_focused()
    assert page.locator(".messages").count() == 0
    page.keyboard.press("Enter")
    page.click("#sure >> text=Ja")
    page.wait_for_selector(".messages >> text=anna darf sich nicht mehr anmelden")


def test_searching_shows_at_once_what_fits(shown_office: Office) -> None:
    """While a name is typed the list becomes those whom it fits."""
    page = shown_office.signed_in()
    page.keyboard.press("c")
    page.wait_for_url("**/customers/")
    assert page.locator(".lines li").count() == 12
    page.keyboard.press("/")
    page.keyboard.type("bäckerei")
    expect(page.locator(".lines li")).to_have_count(1)
    assert "Bäckerei Morgenröte" in page.inner_text(".lines")
    assert page.inner_text("#told") == "1 Kunde"  # for those who hear the page
    page.context.clear_cookies()
    page.keyboard.type("!")
    page.wait_for_url("**/sign-in/?next=/customers/**")


def test_a_page_of_nobody_is_placed_by_keyboard(office: Office, picture: Callable[[Page, str], None]) -> None:
    """One key puts it away, one brings it back; the customer is looked for and chosen, and then the questions come."""
    page = office.signed_in()
    page.check("[name=only][value=stray]", force=True)
    expect(page.locator(".waiting li")).to_have_count(1)
    page.goto(f"{office.address}{str(page.get_attribute('.waiting a', 'href')).lstrip('/')}")
    _check_page(page)
    stray = page.url
    page.keyboard.press("x")
    page.wait_for_selector(".messages >> text=nicht unsere")
    page.keyboard.press("z")
    page.wait_for_selector(".messages >> text=Diese Seite wartet wieder")
    assert page.url == stray
    page.keyboard.press("/")
    page.keyboard.type("weingut")
    expect(page.locator("#targets [name=form_id]")).to_have_count(1)
    page.check("#targets [name=form_id]")
    picture(page, "review-stray")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messages >> text=Beantworten Sie nun die Fragen")
    assert heading(page) == "Weingut Brňák s.r.o."
    _check_page(page)
    page.keyboard.press("v")
    page.wait_for_url("**/assign/")
    _check_page(page)
    page.go_back()
    page.keyboard.press("x")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messages >> text=nicht unseres")


def test_returns_that_contradict_lie_side_by_side(shown_office: Office, picture: Callable[[Page, str], None]) -> None:
    """Both pages, enlarged and turned together; T lays another return beside this one."""
    page = shown_office.signed_in()
    page.select_option("[name=reason]", "return.contradicts")
    expect(page.locator(".waiting li")).to_have_count(1)
    page.goto(f"{shown_office.address}{str(page.get_attribute('.waiting a', 'href')).lstrip('/')}")
    assert page.locator(".two .received").count() == 2
    picture(page, "review-beside")
    page.keyboard.press("+")
    assert {view.get_attribute("viewBox") for view in page.locator(".received").all()} != {"0 0 210 297"}
    _check_page(page)
    page.click("text=Nur diese zeigen")
    page.wait_for_load_state()
    assert page.locator(".two").count() == 0
    page.keyboard.press("t")
    page.wait_for_selector(".two")


def test_the_inbox_is_filtered_as_one_types_and_picks(shown_office: Office) -> None:
    """State, reason and words narrow the list at once and stand in the address; what is picked leads on from there."""
    page = shown_office.signed_in()
    rows = page.locator(".waiting li")
    everything = rows.count()
    page.check("[name=only][value=incomplete]", force=True)
    expect(rows).to_have_count(1)
    assert "only=incomplete" in page.url
    page.check("[name=only][value='']", force=True)
    expect(rows).to_have_count(everything)
    page.select_option("[name=reason]", "variant.several")
    expect(rows).to_have_count(1)
    page.select_option("[name=reason]", "")
    page.keyboard.press("/")
    page.keyboard.type("k-1007")
    expect(rows).to_have_count(2)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/returns/*/")
    first = page.url
    page.keyboard.press("j")
    page.wait_for_url(lambda url: url != first)
    assert "K-1007" in page.inner_text(".head")


def test_setting_up_and_withdrawing(office: Office, picture: Callable[[Page, str], None]) -> None:
    """On the customer's page it is booked that the tool was set up, and that the customer withdrew."""
    page = office.signed_in()
    page.goto(f"{office.address}customer/?number=K-1001")
    picture(page, "review-customer")
    page.click("text=Als eingerichtet buchen")
    page.wait_for_selector(".messages >> text=als eingerichtet gebucht")
    page.click("text=Der Kunde widerruft")
    page.fill("[name=reason]", "Brief von heute")
    page.click("text=Widerruf buchen")
    page.wait_for_selector(".messages >> text=als widerrufen gebucht")
    assert "Brief von heute" in page.inner_text("main")
    assert "K-1001" not in in_force(office)


def test_letters_are_issued_from_an_uploaded_list(
    office: Office, picture: Callable[[Page, str], None], tmp_path: Path
) -> None:
    """Choose the form and the file, see mistakes, look at the first letter, issue, print, book as sent."""
    (tmp_path / "kunden.csv").write_text(NEW_CUSTOMERS, "utf-8")
    page = office.signed_in("ines")
    page.click("nav >> text=Ausgeben")
    page.check("[value=remote-support]")
    page.set_input_files("#customers", tmp_path / "kunden.csv")
    page.click("text=Liste prüfen")
    page.wait_for_selector("text=ist keine Kundennummer")
    expect(page.locator(".letter img")).to_have_js_property("naturalWidth", 910)
    _check_page(page)
    picture(page, "review-issuing")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messages >> text=2 Briefe wurden ausgegeben")
    _check_page(page)
    with page.expect_download() as printing:
        page.click("text=Druckdatei")
    assert printing.value.path().read_bytes().startswith(b"%PDF")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.click("text=Die unten angekreuzten")
    page.wait_for_selector(".messages >> text=1 Brief ist als versandt gebucht")
    assert "per Post" in page.inner_text("tr:has-text('Tischlerei Kleinholz')")
    assert "noch nicht" in page.inner_text("tr:has-text('Neue Kundin')")


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(1280, "light", "de"), (1280, "dark", "en"), (390, "light", "en"), (390, "dark", "de")],
)
def test_every_page_is_accessible_and_fits(
    shown_office: Office, picture: Callable[[Page, str], None], width: int, scheme: str, language: str
) -> None:
    """Axe finds nothing, nothing is wider than the screen, and every page has words of its language."""
    page = shown_office.open(width=width, height=800, scheme=scheme, language=language)
    _check_page(page)
    page = shown_office.signed_in(width=width, height=800, scheme=scheme, language=language)
    addresses = [*LIST_PAGES, str(page.get_attribute(".waiting a", "href")).lstrip("/")]
    _check_pages(page, shown_office.address, addresses, language)
    if (width, scheme) == (390, "dark"):
        picture(page, "review-narrow-dark")
    _check_print(page, shown_office.address)


def test_uploaded_returns_are_read_while_one_looks_on(
    watched_office: Office, picture: Callable[[Page, str], None], tmp_path: Path
) -> None:
    """Files that are dropped or chosen lie in the mailbox at once, and the page tells what became of each by itself."""
    done = watched_office.home / "mailbox" / "done"
    scan = next(path for path in sorted(done.iterdir()) if path.suffix == ".pdf")
    again = tmp_path / "noch einmal.pdf"
    again.write_bytes(scan.read_bytes())
    page = watched_office.signed_in()
    page.click("nav >> text=Post")
    page.wait_for_selector("[data-send]", state="hidden")  # the script is at work
    dropped = page.evaluate_handle(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["%PDF-1.7 kaputt"], "kaputt.pdf"));
            return data;
        }"""
    )
    page.dispatch_event(".drop", "drop", {"dataTransfer": dropped})
    page.set_input_files("#files", again)
    expect(page.locator(".sent .good")).to_have_count(2)
    expect(page.locator(".lines li:has-text('kaputt.pdf') >> text=Problem")).to_be_visible(timeout=60_000)
    expect(page.locator(".lines li:has-text('noch einmal.pdf') >> text=kam schon einmal")).to_be_visible(timeout=60_000)
    assert "Das Einlesen läuft nicht" not in page.inner_text("main")
    _check_page(page)
    picture(page, "review-post")
    page.click(".onward >> text=Problem")
    page.wait_for_url("**/problems/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#became li:has-text('kaputt.pdf') >> text=Problem")).to_be_visible(timeout=60_000)
    _check_page(page)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_pages_for_issuing_are_accessible_and_fit(shown_office: Office, width: int, scheme: str) -> None:
    """So do the pages of those who issue."""
    page = shown_office.signed_in("ines", width=width, height=800, scheme=scheme)
    _check_pages(page, shown_office.address, ["to-do/?list=overdue", "to-do/?list=configure"], "de")
    page.goto(f"{shown_office.address}issue/")
    run = str(page.get_attribute(".lines a", "href")).lstrip("/")
    _check_pages(page, shown_office.address, ["issue/", "issue/customers/?template=remote-support", run], "de")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_page_of_accounts_is_accessible_and_fits(shown_office: Office, width: int, scheme: str) -> None:
    """So does the page of those who administer."""
    page = shown_office.signed_in("chefin", width=width, height=800, scheme=scheme)
    _check_pages(page, shown_office.address, ["accounts/", "overview/"], "de")


def _check_pages(page: Page, start_address: str, addresses: Sequence[str], language: str) -> None:
    for address in addresses:
        page.goto(f"{start_address}{address}")
        _check_page(page)
        assert page.get_attribute("html", "lang") == language


def _check_page(page: Page) -> None:
    """Let axe look at a page by the rules of WCAG 2.2 AA, and its own good practice; then make the page narrow."""
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE)
    found = page.evaluate(
        "axe.run({ resultTypes: ['violations', 'incomplete'], rules: { 'target-size': { enabled: true } } })"
    )
    told = [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]
    assert told == [], page.url
    assert len(found["passes"]) > 10
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    assert page.evaluate(CUT_WORDS) == [], page.url
    _check_reflow(page)


def _check_print(page: Page, address: str) -> None:
    """On paper a page that came back fits one sheet below its head; what can only be pressed is gone, no plot is."""
    page.emulate_media(media="print")
    assert page.evaluate("document.querySelector('svg.received').clientHeight") < 900
    assert not page.locator("main button:visible").count()
    page.goto(f"{address}overview/")
    expect(page.locator("svg.bars rect").first).to_be_visible()


def _check_reflow(page: Page) -> None:
    """At four times the size of 1280 pixels nothing is wider than the screen, though every name is one long word."""
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size({"width": 320, "height": 640})
    wider = page.evaluate(
        """() => {
            const names = [...document.querySelectorAll("main :is(h1, strong, td.long, .long a)")];
            const texts = names.map((each) => each.innerHTML);
            for (const each of names) each.textContent = "Fernwartungseinwilligungsformularverwaltung".repeat(2);
            const width = document.documentElement.scrollWidth;
            names.forEach((each, at) => { each.innerHTML = texts[at]; });
            return width;
        }"""
    )
    page.set_viewport_size(before)
    assert wider <= 320, page.url
