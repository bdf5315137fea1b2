"""The readable code in recognised text: misread characters are put right, and only what its check bears out counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.page_code import ALPHABET, reference
from forms.readable_code import MOST_CANDIDATES, readable_heads

HEAD = "7F3Q9X4C"
CHECK = reference(HEAD)[-2:]
heads = st.text(ALPHABET, min_size=8, max_size=8)


@given(heads, st.sampled_from(["{}\n", "Formularcode\n{}", "Code {} Seite 1", "{} und mehr\nanderes"]))
def test_a_code_is_found_wherever_it_stands(head: str, line: str) -> None:
    """The code as it is printed names its form, whatever stands around it."""
    assert readable_heads(line.format(reference(head)))[0] == head


@pytest.mark.parametrize(
    "read", ["7F3Q IX4C", "7F3Q 9XÄC", "7F3Q 9XAC", "7f3q 9x4c", "7F30 9X4C", "TF3Q 9X4C", "7F3Q9X4C", "7E3Q 9X4C"]
)
def test_a_misread_character_is_put_right(read: str) -> None:
    """What recognition is known to mistake, or could not read, is made good by the check characters."""
    assert HEAD in readable_heads(f"{read}-{CHECK}")


@pytest.mark.parametrize("text", ["", "7F3Q 9X4C", "Tel. 0173 4455-66", "7F3Q 9X4C-00", "A1B2 C3D4-E5 Rechnung"])
def test_what_no_check_bears_out_is_no_code(text: str) -> None:
    """A code cut short, altered, or never one of ours names nothing."""
    assert readable_heads(text) == ()


def test_pages_full_of_codes_ask_for_few_forms() -> None:
    """A hostile page cannot make us ask the registry without end."""
    rng = np.random.default_rng(1)
    codes = [reference("".join(rng.choice(list(ALPHABET), 8))) for _ in range(200)]
    assert len(readable_heads("\n".join(codes))) == MOST_CANDIDATES


def test_an_exchanged_character_rarely_names_another_form() -> None:
    """Of codes with one character altered at will, none is read as altered: the check no longer fits."""
    for place in range(8):
        for other in ALPHABET.replace(HEAD[place], ""):
            altered = HEAD[:place] + other + HEAD[place + 1 :]
            spelt = f"{altered[:4]} {altered[4:]}-{CHECK}"
            assert altered not in readable_heads(spelt)
