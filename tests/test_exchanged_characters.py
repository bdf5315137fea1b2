"""A single exchanged character of the customer's own lines is found, named and placed; others are left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from letters import CUSTOMER, issue

from bench import adversarial
from bench.altered_letters import ALTERATIONS, PASTE_UPS
from forms.issued_form import IssuedPdf
from intake.additions import field_ink
from intake.exchanged_characters import EXCHANGED_FROM, asked_characters, exchanged_characters
from intake.find_codes import find_codes
from intake.locate import LocatedPage, locate
from intake.opening import open_document
from intake.printed_page import printed_page
from intake.sheet import Sheet, flatten
from simulation.channels import PRESETS
from simulation.files import to_pdf
from simulation.people import Behaviour, Mark, Sign, fill_in
from simulation.transmission import transmit

ISSUED = issue()


def came_back(channel: str, printed: IssuedPdf = ISSUED) -> Sheet:
    """A page that came back by a channel, beside what was issued."""
    rng = np.random.default_rng(11)
    filled = fill_in(printed.pdf, Behaviour((Mark("A"), Sign("Anna Weber"))), rng)
    with open_document(to_pdf(transmit(filled, PRESETS[channel], rng))) as pages:
        picture = pages.picture(0)
    issued = printed_page(ISSUED, 1)
    located = locate(picture, find_codes(picture), issued.geometry, issued.tiles)
    assert isinstance(located, LocatedPage)
    return flatten(located.view, issued, bilevel=picture.bilevel)


def over_print(sheet: Sheet) -> np.ndarray:
    """What lies over print and hides it."""
    return field_ink(sheet) & sheet.surplus


@pytest.mark.parametrize("channel", ["office-100", "fax-standard", "bilevel-dark", "photo-folded", "sent-on"])
def test_unaltered_characters_are_far_from_any_other(channel: str) -> None:
    """However poor the copy, the page does not come near to another character than the printed one."""
    sheet = came_back(channel)
    asked = list(asked_characters(sheet, over_print(sheet)))
    assert len(asked) > 80
    assert max(character.towards for character in asked) < 0.9 * EXCHANGED_FROM


@pytest.mark.parametrize("channel", ["office-100", "fax-standard", "photo"])
@pytest.mark.parametrize(
    ("altered", "printed", "other"),
    [
        ({"postal_code": "10246"}, "5", "6"),
        ({"number": "K-1007"}, "1", "7"),
        ({"street": "Łódźer Straße 12u"}, "a", "u"),
        ({"company": "Müller & Çelik Maschinenban GmbH"}, "u", "n"),
    ],
    ids=["10246", "K-1007", "12u", "ban"],
)
def test_an_exchanged_character_is_named_and_placed(
    altered: dict[str, str], printed: str, other: str, channel: str
) -> None:
    """The page shows another customer's digit or letter: which one, and where it stands."""
    sheet = came_back(channel, issue(customer=replace(CUSTOMER, **altered), form_id=ISSUED.form.form_id))
    (found,) = exchanged_characters(sheet, over_print(sheet))
    assert (found.printed, found.other) == (printed, other)
    (text,) = altered.values()
    assert found.line.text[: text.index(other)] == text[: text.index(other)]
    assert found.line.x_mm <= found.box_mm.x0 < found.box_mm.x1 <= found.line.x_mm + found.line.width_mm + 0.5


@pytest.mark.parametrize("channel", ["office-200", "colour-300"])
@pytest.mark.parametrize("company", ["Müller & Çelik Maschrnenbau GmbH", "Müller & Çelik Moschinenbau GmbH"])
def test_a_letter_of_another_width_is_told(company: str, channel: str) -> None:
    """An r for an i, or an o for an a, moves the rest of the word aside by a fraction of a millimetre, and is told."""
    sheet = came_back(channel, issue(customer=replace(CUSTOMER, company=company)))
    assert exchanged_characters(sheet, over_print(sheet))


def test_nothing_is_asked_under_handwriting() -> None:
    """Where ink hides the print nothing is said about it."""
    sheet = came_back("office-200")
    assert list(asked_characters(sheet, np.ones_like(over_print(sheet)))) == []


def test_no_likeness_passes_for_the_customer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each kind of alteration, none is taken for the customer whose page code it bears."""
    monkeypatch.setattr(adversarial, "_LIKENESSES_A_PAGE", 2 * len(ALTERATIONS))
    outcomes = adversarial.compare_with_likenesses((5, sorted(PRESETS).index("office-200")))
    assert len(outcomes) > len(ALTERATIONS)
    assert {became for _, became, _ in outcomes} == {"found"}


@pytest.mark.parametrize("case", range(len(PASTE_UPS)), ids=list(PASTE_UPS))
def test_no_paste_up_is_decided_without_a_person(case: int) -> None:
    """Swapped and pasted codes, two pages made one, an altered character, other words: each reaches a person."""
    kind, became, _ = adversarial.read_paste_up((5, case))
    assert (kind, became) == (list(PASTE_UPS)[case], "found")


def test_no_altered_code_names_a_form() -> None:
    """Contents altered by a character or more, or cut together of two, are no code of a form that was issued."""
    assert {became for _, became, _ in adversarial.altered_codes(400, 5)} == {"found"}
