"""The JSON lines of `read --json`: their exact shape, and that every page is in exactly one of them."""

from __future__ import annotations

import json

import pytest

from forms.units import BoxMm
from intake.json_lines import json_lines
from intake.results import (
    Addition,
    AdditionKind,
    CheckboxReading,
    Decision,
    DocumentReading,
    FieldReading,
    FieldState,
    MarkState,
    Reason,
    ReturnedPage,
    ReturnReading,
    SignatureReading,
    SignatureState,
    UnplacedPage,
    VariantReading,
    VariantState,
    Verdict,
)

BOX = BoxMm(1.0, 2.0, 3.0, 4.0)
ACCEPT = Verdict(Decision.ACCEPT, ())
GOLDEN = (
    '{"schema": 1, "source": "stack.pdf", "part": null, "sha256": "ab", "pages": [3], "form": "F", '
    '"template": "remote-support", "version": 1, "customer": "K-1001", "decision": "accept", "reasons": [], '
    '"variant": {"value": "A", "state": "marked", "confidence": 0.9999, "options": {"A": "marked", "B": "empty"}}, '
    '"signature": {"state": "present", "confidence": 0.999}, '
    '"fields": {"place": {"state": "read", "text": "Łódź", "value": "Łódź", "confidence": 0.8, "agrees": true}, '
    '"date": {"state": "read", "text": "23.11.26", "value": "2026-11-23", "confidence": 0.9, "agrees": true}, '
    '"name": {"state": "unclear", "text": "AN?A WEB", "value": null, "confidence": 0.3, "agrees": null}}, '
    '"additions": [{"page": 3, "box_mm": [20.0, 110.5, 95.0, 124.0], "kind": "ink"}]}'
)


def checkbox(option: str, state: MarkState) -> CheckboxReading:
    """Make a checkbox's reading."""
    return CheckboxReading(option, state, 0.99, 3, BOX, 0.1, 0.0, None)


def field(
    name: str, state: FieldState, text: str, value: str | None, confidence: float, agrees: bool | None
) -> FieldReading:
    """Make a text field's reading."""
    return FieldReading(name, state, text, value, confidence, agrees, True, 3, BOX, 5.0, False)


def returned(*pages: int, form_id: str = "F") -> ReturnReading:
    """Make a return of these pages, read in full."""
    return ReturnReading(
        form_id=form_id,
        template="remote-support",
        version=1,
        customer="K-1001",
        pages=tuple(ReturnedPage(page, 1, 300.0, 0.1, b"picture") for page in pages),
        variant=VariantReading(
            "A", VariantState.MARKED, 0.99994, (checkbox("A", MarkState.MARKED), checkbox("B", MarkState.EMPTY))
        ),
        signature=SignatureReading(
            SignatureState.PRESENT, 0.999, 3, BOX, 20.0, (40.0, 10.0), "", printed=False, digital=False
        ),
        fields=(
            field("place", FieldState.READ, "Łódź", "Łódź", 0.8, True),
            field("date", FieldState.READ, "23.11.26", "2026-11-23", 0.9, True),
            field("name", FieldState.UNCLEAR, "AN?A WEB", None, 0.3, None),
        ),
        additions=(Addition(3, BoxMm(20.0, 110.46, 95.0, 124.0), AdditionKind.INK, False),),
        findings=(),
    )


def test_a_return_has_exactly_the_documented_shape() -> None:
    """Keys, their order and the values are those of the documentation, to the letter."""
    reading = DocumentReading("ab", None, "", 3, (returned(3),), ())
    assert json_lines("stack.pdf", reading, [ACCEPT]) == [GOLDEN]


def test_every_page_is_in_exactly_one_line() -> None:
    """Returns come in order of their first page, then one line holds all other pages, each reason once."""
    unplaced = (
        UnplacedPage(2, Reason.PAGE_BLANK),
        UnplacedPage(5, Reason.PAGE_NO_CODE),
        UnplacedPage(6, Reason.PAGE_BLANK),
    )
    reading = DocumentReading("ab", None, "", 6, (returned(4, 3, form_id="late"), returned(1)), unplaced)
    verdicts = [Verdict(Decision.REVIEW, (Reason.PAGE_DOUBLED,)), ACCEPT]
    lines = [json.loads(line) for line in json_lines("a.pdf", reading, verdicts)]
    assert [line["pages"] for line in lines] == [[1], [3, 4], [2, 5, 6]]
    assert [line["decision"] for line in lines] == ["accept", "review", "reject"]
    assert lines[1]["reasons"] == ["page.doubled"]
    assert lines[2]["reasons"] == ["page.blank", "page.no_code"]
    assert lines[2]["form"] is None
    assert all(list(line) == list(json.loads(GOLDEN)) for line in lines)


def test_a_file_that_cannot_be_opened_is_one_line_without_pages() -> None:
    """The problem stands among the reasons."""
    reading = DocumentReading("ab", Reason.FILE_ENCRYPTED, "password", 0, (), ())
    (line,) = [json.loads(line) for line in json_lines("a.pdf", reading, [])]
    assert (line["pages"], line["form"], line["decision"]) == ([], None, "reject")
    assert line["reasons"] == ["file.encrypted"]


def test_every_return_needs_its_verdict() -> None:
    """A verdict too few is a mistake of ours and never a line too few."""
    with pytest.raises(ValueError, match="zip"):
        json_lines("a.pdf", DocumentReading("ab", None, "", 1, (returned(1),), ()), [])


@pytest.mark.parametrize("name", ["zwei\nZeilen.pdf", "kaputt\udcff.pdf", "rechts\u202e.pdf", 'mit".pdf'])
def test_a_hostile_name_stays_on_its_line(name: str) -> None:
    """Any name gives one line of valid UTF-8."""
    reading = DocumentReading("ab", Reason.FILE_EMPTY, "", 0, (), ())
    (line,) = json_lines(name, reading, [], part=name)
    assert "\n" not in line
    assert json.loads(line.encode("utf-8"))["source"].startswith(name[:3])
