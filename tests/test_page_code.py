"""The page code: what is printed is read back, and nothing else is taken for it."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from forms.page_code import (
    ALPHABET,
    MAX_PAGES,
    PageCode,
    code_content,
    code_modules,
    new_form_id,
    parse_code,
    reference,
)

FORM_IDS = st.text(ALPHABET, min_size=16, max_size=16)
CODES = st.builds(PageCode, FORM_IDS, st.integers(1, MAX_PAGES))


@given(CODES)
def test_a_code_is_understood_as_it_was_written(code: PageCode) -> None:
    """Writing and understanding a code are inverse."""
    content = code_content(code)
    assert parse_code(content) == code
    assert len(content) <= 31


@given(CODES, st.data())
def test_one_wrong_character_is_never_understood(code: PageCode, data: st.DataObject) -> None:
    """A code with any one character altered, left out or doubled is none of ours."""
    content = code_content(code)
    place = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.sampled_from([character for character in ALPHABET + "ILOU-ß" if character != content[place]]))
    for spoilt in (
        content[:place] + other + content[place + 1 :],
        content[:place] + content[place + 1 :],
        content[:place] + content[place] + content[place:],
    ):
        assert parse_code(spoilt) is None


@given(st.text(max_size=40))
def test_foreign_codes_are_none_of_ours(content: str) -> None:
    """Whatever else a code on a page may say, it is refused without an error."""
    assert parse_code(content) is None


@pytest.mark.parametrize("page", [0, MAX_PAGES + 1])
def test_a_page_that_a_code_cannot_name_is_refused(page: int) -> None:
    """No page number is written that would be read as another."""
    with pytest.raises(ValueError, match="1 to 31"):
        code_content(PageCode(new_form_id(), page))


def test_a_drawn_code_is_square_small_and_readable() -> None:
    """The symbol keeps to 20 × 20 modules, and an independent reader gets the content back."""
    content = code_content(PageCode(new_form_id(), 1))
    modules = code_modules(content)
    assert modules.shape[0] == modules.shape[1] <= 20
    picture = np.kron(np.pad(np.where(modules, 0, 255), 2, constant_values=255), np.ones((5, 5))).astype(np.uint8)
    (barcode,) = zxingcpp.read_barcodes(picture)
    assert barcode.text == content


def test_form_ids_are_random() -> None:
    """Ids are drawn from the whole alphabet at every place, and none comes twice."""
    ids = [new_form_id() for _ in range(2000)]
    assert len(set(ids)) == len(ids)
    for place in range(16):
        assert {form_id[place] for form_id in ids} == set(ALPHABET)


@given(FORM_IDS, st.data())
def test_the_readable_code_shows_single_mistakes(form_id: str, data: st.DataObject) -> None:
    """A wrong character, and two neighbours swapped, change the check characters."""
    place = data.draw(st.integers(0, 6))
    other = data.draw(st.sampled_from([character for character in ALPHABET if character != form_id[place]]))
    wrong = form_id[:place] + other + form_id[place + 1 :]
    assert reference(wrong)[-2:] != reference(form_id)[-2:]
    swapped = form_id[:place] + form_id[place + 1] + form_id[place] + form_id[place + 2 :]
    if swapped != form_id:
        assert reference(swapped)[-2:] != reference(form_id)[-2:]
