"""What stands in a text field fits the customer and the form, or it does not, or nothing can be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders import ISSUED_ON, form_id, make_customer, make_issued

from forms.issued_form import IssuedForm
from intake.plausibility import agrees, parse_date

TODAY = ISSUED_ON + timedelta(days=40)


def form(**customer: str) -> IssuedForm:
    """A form issued on 1 October 2026 to Jana Weiß in Berlin, unless told otherwise."""
    return make_issued(form_id(1), replace(make_customer(), **customer)).form


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (ISSUED_ON - timedelta(days=1), False),
        (ISSUED_ON, True),
        (TODAY, True),
        (TODAY + timedelta(days=1), False),
    ],
)
def test_a_date_lies_between_issue_and_today(day: date, expected: bool) -> None:
    """Nobody signs a form before it was issued, or tomorrow."""
    assert agrees("date", day.isoformat(), form(), TODAY) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.12.2026", date(2026, 12, 1)),
        ("01.12.26", date(2026, 12, 1)),
        ("Berlin, 1 / 12 / 26", date(2026, 12, 1)),
        ("1. Dezember 2026", date(2026, 12, 1)),
        ("3. März 2027", date(2027, 3, 3)),
        ("3. Maerz 27", date(2027, 3, 3)),
        ("den 7.Okt. 2026", date(2026, 10, 7)),
        ("2026-12-01", date(2026, 12, 1)),
        ("31.02.2026", None),
        ("1. Advent 2026", None),
        ("01.12.", None),
        ("4711", None),
        ("", None),
    ],
)
def test_dates_are_understood_as_people_write_them(text: str, expected: date | None) -> None:
    """In figures, in words, with a short year; what cannot exist is no date."""
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    ("value", "city", "expected"),
    [
        ("Berlin", "Berlin", True),
        ("BERLIN-MITTE", "Berlin", True),
        ("Koeln", "Köln", True),
        ("Frankfurt", "Frankfurt (Oder)", True),
        ("Bed1in", "Berlin", False),
        ("Ber1in", "Berlin", True),
        ("Hamburg", "Berlin", False),
        ("B.", "Berlin", False),
        ("Bernau", "", None),
    ],
)
def test_a_place_is_the_customers_city(value: str, city: str, expected: bool | None) -> None:
    """Spelt out, misread in a letter, a part of it; another city is not, and where none is known nothing is said."""
    assert agrees("place", value, form(city=city), TODAY) is expected


@pytest.mark.parametrize(
    ("value", "contact", "expected"),
    [
        ("JANA WEISS", "Jana Weiß", True),
        ("Weiß, Jana", "Frau Dr. Jana Weiß", True),
        ("J. Weiss", "Jana Weiß", True),
        ("Weiß", "Jana Weiß", True),
        ("K. Weiß", "Jana Weiß", False),
        ("Jana", "Jana Weiß", True),
        ("Uwe Böhm", "Jana Weiß", False),
        ("J. W.", "Jana Weiß", False),
    ],
)
def test_a_name_is_the_contacts(value: str, contact: str, expected: bool) -> None:
    """In any order, with initials or the family name alone; a colleague's is not."""
    assert agrees("name", value, form(contact=contact), TODAY) is expected


def test_without_a_contact_only_the_companys_name_can_fit() -> None:
    """The owner's name in the company's agrees; any other says nothing, as anybody may sign."""
    owned = form(contact="", company="Łukasz Żurawski Metallbau e. K.")
    assert agrees("name", "Zurawski", owned, TODAY) is True
    assert agrees("name", "Uwe Böhm", owned, TODAY) is None
