"""The layout's measures: good templates give no hint, one made bad on purpose gives each hint with its millimetres."""

from __future__ import annotations

import pytest
from sending_back import TEMPLATES, issuer
from spoiled_letter import spoiled_letter

from forms.units import BoxMm
from ruecklauf.layout_hints import LayoutCheck, check_layout, distance_mm, remarks_on_pages


@pytest.mark.parametrize("template", sorted(path.stem for path in TEMPLATES.glob("*.toml")))
def test_our_own_templates_give_no_hint(template: str) -> None:
    """What comes along is laid out as it should be, and every box and field is measured."""
    letter = issuer(template).letter
    checks = check_layout(letter)
    assert [check for check in checks if not check.suffices] == []
    boxes = {f"box {box.option}" for page in letter.pages for box in page.checkboxes}
    assert {check.place for check in checks} == boxes | {"place", "date", "name", "signature"}


def test_a_bad_layout_is_told_in_millimetres() -> None:
    """Each thing that was spoiled is found, and measured as it was spoiled."""
    hints = {(check.place, check.measure): check for check in check_layout(spoiled_letter()) if not check.suffices}
    measured = {key: round(check.measured_mm, 2) for key, check in hints.items()}
    assert measured == {
        ("box B", "from the box to the nearest words"): 1.0,
        ("box B", "from the box to the next box"): 2.5,
        ("box C", "side of the box"): 4.0,
        ("box C", "from the box to the next box"): 2.5,
        ("place", "height of the field"): 6.0,
        ("place", "width of the field"): 29.5,
        ("signature", "width of the field"): 60.0,
        ("signature", "height of the field"): 14.0,
        ("signature", "from the edge of the paper"): 7.0,
    }
    assert all(check.why and check.at_least_mm > check.measured_mm for check in hints.values())


def test_options_parted_by_the_end_of_a_page_are_remarked_on() -> None:
    """What stands on one page gives no remark; else it says which pages, why it matters and what to change."""
    one, two = issuer("remote-support.v1").letter, issuer("data-backup.v1").letter
    assert remarks_on_pages(one) == ()
    assert [remark.what for remark in remarks_on_pages(two)] == ["the options stand on pages 1 and 2"]
    assert all(remark.why and "body_size_pt" in remark.remedy for remark in remarks_on_pages(two))


def test_distance_between_boxes() -> None:
    """Side by side, above each other, askew and overlapping."""
    box = BoxMm(10, 10, 20, 20)
    others = {BoxMm(23, 12, 30, 18): 3, BoxMm(12, 0, 18, 6): 4, BoxMm(23, 24, 30, 30): 5, BoxMm(15, 15, 30, 30): 0}
    assert {other: distance_mm(box, other) for other in others} == others


def test_a_hundredth_of_a_millimetre_is_forgiven() -> None:
    """Sums of decimal fractions do not make a hint."""
    assert LayoutCheck("box A", 1, "side", 4.995, 5.0, "").suffices
    assert not LayoutCheck("box A", 1, "side", 4.98, 5.0, "").suffices
