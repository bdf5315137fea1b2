"""Pages whose code cannot be read: ours are recognised by their print, somebody else's are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import builders
import cv2
import numpy as np
import pytest
from letters import CUSTOMER, issue, issuer

from forms.issued_form import ErasedForm, IssuedPdf
from forms.lay_out import CODE_CAPTIONS_MM, CODES_MM
from forms.units import BoxMm, mm_to_px
from intake import page_text
from intake.decision import DecisionContext, decide
from intake.printed_corners import shows_our_corners
from intake.read_document import read_document
from intake.results import Decision, DocumentReading, Reason, UnplacedPage
from intake.stray_pages import Wording, told_apart, wording_of
from simulation.channels import PRESETS
from simulation.files import to_pdf
from simulation.paper import Picture
from simulation.people import Behaviour, Mark, Sign, WriteField, fill_in
from simulation.transmission import transmit

ISSUED = issue()
TODAY = date(2026, 12, 5)
ACTS = (
    Mark("B"),
    WriteField("place", "Berlin"),
    WriteField("date", "01.12.2026"),
    WriteField("name", "ANNA WEBER"),
    Sign("Anna Weber"),
)
CODES_IN_LETTERS = tuple(BoxMm(x - 30, y - 4, x + 30, y + 8) for x, y in CODE_CAPTIONS_MM)
FOREIGN = (
    "Sehr geehrte Damen und Herren,",
    "anbei erhalten Sie unser Angebot",
    "über zwei neue Drucker samt Toner.",
    "Der Preis je Stück beträgt 499 Euro",
    "zuzüglich der Umsatzsteuer; bei einer",
    "Bestellung bis Monatsende liefern wir",
    "frei Haus und stellen die Geräte auf.",
    "Für Fragen steht Ihnen Herr Lorenz",
    "gern zur Verfügung.",
)


def came_back(channel: str, blots: Sequence[BoxMm], printed: IssuedPdf = ISSUED) -> bytes:
    """The form filled in, with parts of it blotted out, as it arrives."""
    rng = np.random.default_rng(3)
    filled = fill_in(printed.pdf, Behaviour(ACTS), rng)
    blotted = replace(filled, pages=tuple(_blotted(page, filled.dpi, blots) for page in filled.pages))
    return to_pdf(transmit(blotted, PRESETS[channel], rng))


def _blotted(page: Picture, dpi: float, blots: Sequence[BoxMm]) -> Picture:
    page = page.copy()
    for box in blots:
        x0, y0, x1, y1 = (round(mm_to_px(value, dpi)) for value in box)
        page[y0:y1, x0:x1] = 45
    return page


def read(data: bytes) -> DocumentReading:
    """Read a file with one form issued, which its id and its readable code name; the letters' wordings are known."""
    known = {"7F3Q9X4CBDEFGHJK": ISSUED, "7F3Q9X4C": ISSUED}
    return told_apart(read_document(data, known.get, TODAY), wordings)


def wordings() -> tuple[Wording, ...]:
    """Those of both letters that come along."""
    return tuple(wording_of(issuer(name).letter) for name in ("remote-support.v1", "data-backup.v1"))


@pytest.mark.parametrize("channel", ["turned", "fax-fine"])
def test_a_form_is_read_by_its_code_in_letters(channel: str) -> None:
    """Both page codes blotted out: everything is read as always, and a person looks at it."""
    (answer,) = read(came_back(channel, CODES_MM)).returns
    verdict = decide(answer, DecisionContext(TODAY))
    assert (verdict.decision, verdict.reasons) == (Decision.REVIEW, (Reason.CODE_IN_LETTERS,))
    assert answer.customer == CUSTOMER.number
    assert answer.variant is not None
    assert answer.variant.value == "B"


def test_a_code_in_letters_does_not_make_another_letter_this_customers() -> None:
    """The readable code stands on another customer's letter: whoever looks is told that the address differs."""
    other = replace(CUSTOMER, number="K-2002", company="Gärtnerei Sommer", contact="Ute Sommer", street="Am Hang 3")
    pasted = issue(customer=other, form_id=ISSUED.form.form_id)
    (answer,) = read(came_back("office-200", CODES_MM, pasted)).returns
    assert {Reason.CODE_IN_LETTERS, Reason.ADDRESS_DIFFERS} <= set(answer.findings)


def test_an_erased_forms_code_in_letters_is_told() -> None:
    """The form was issued here and is erased: that is said, as for a page code that can be read."""
    data = came_back("office-200", CODES_MM)
    (page,) = read_document(data, {"7F3Q9X4C": ErasedForm("7F3Q9X4CBDEFGHJK")}.get, TODAY).unplaced
    assert page.reason is Reason.CODE_ERASED


def test_a_page_of_ours_is_told_by_its_words() -> None:
    """Without any code left it is still one of ours, and what it says is handed on for whoever looks whose it is."""
    (page,) = read(came_back("photo", (*CODES_MM, *CODES_IN_LETTERS))).unplaced
    assert page.reason is Reason.PAGE_CODE_UNREADABLE
    assert "K-1001" in page.text
    assert "10245 Berlin" in page.text


def test_a_foreign_page_is_told_by_its_words() -> None:
    """An offer of somebody else's is no unreadable form of ours; blank paper is neither."""
    page = np.full((1754, 1240), 255, np.uint8)
    for number, line in enumerate(FOREIGN):
        cv2.putText(page, line, (100, 300 + 80 * number), cv2.FONT_HERSHEY_DUPLEX, 1.3, 0, 2)
    (foreign,) = read(cv2.imencode(".png", page)[1].tobytes()).unplaced
    assert foreign.reason is Reason.PAGE_FOREIGN
    (blank,) = read(cv2.imencode(".png", np.full_like(page, 255))[1].tobytes()).unplaced
    assert blank.reason is Reason.PAGE_BLANK


def test_a_page_that_takes_too_long_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise would keep the engine busy for minutes; it is stopped by its own processor time, whatever else runs."""
    monkeypatch.setattr(page_text, "_MOST_CPU_S", 1)
    noise = np.random.default_rng(1).integers(0, 2, (1600, 1200), np.uint8) * 255
    assert page_text.recognise_page(cv2.blur(noise, (3, 3)).astype(np.uint8)).text == ""


def stray(text: str, reason: Reason = Reason.PAGE_NO_CODE) -> Reason:
    """What a page without a readable code is said to be that shows a text."""
    document = builders.make_document(b"x", unplaced=[UnplacedPage(1, reason, text=text)])
    return told_apart(document, wordings).unplaced[0].reason


def test_words_decide_only_where_there_are_enough() -> None:
    """Few words leave a page what its printed corners made of it; many words of others outweigh them."""
    ours = "\n".join(line.text for line in ISSUED.letter.pages[0].text_lines)
    assert stray(ours) is Reason.PAGE_CODE_UNREADABLE
    assert stray(ours[400:700]) is Reason.PAGE_CODE_UNREADABLE
    assert stray("Variante A") is Reason.PAGE_NO_CODE
    assert stray("Variante A", Reason.PAGE_CODE_UNREADABLE) is Reason.PAGE_CODE_UNREADABLE
    assert stray("\n".join(FOREIGN), Reason.PAGE_CODE_UNREADABLE) is Reason.PAGE_FOREIGN
    assert stray(ours, Reason.CODE_UNKNOWN) is Reason.CODE_UNKNOWN


def test_nothing_is_foreign_where_no_letter_is_known() -> None:
    """Who has issued nothing cannot say what is theirs."""
    document = builders.make_document(b"x", unplaced=[UnplacedPage(1, Reason.PAGE_NO_CODE, text="\n".join(FOREIGN))])
    assert told_apart(document, tuple) == document


@pytest.mark.parametrize("channel", ["office-100", "turned", "photo-blurred", "fax-fine"])
def test_printed_corners_tell_a_page_of_ours(channel: str) -> None:
    """Three of the four black squares, as far apart as we print them, whichever way the page lies; text has none."""
    rng = np.random.default_rng(5)
    image = transmit(fill_in(ISSUED.pdf, Behaviour(ACTS), rng), PRESETS[channel], rng)[0].image
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    assert shows_our_corners(np.asarray(grey, np.uint8))
    inner = grey[grey.shape[0] // 8 : -grey.shape[0] // 8, grey.shape[1] // 8 : -grey.shape[1] // 8]
    assert not shows_our_corners(np.ascontiguousarray(inner, np.uint8))
