"""What somebody may do to pass one customer's letter for another's: addresses as like as can be, and paste-ups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from bench.sample_forms import TEMPLATE, issue_sample, sample_customer
from forms.issue_form import FormIssuer
from forms.issued_form import Customer, IssuedPdf
from forms.lay_out import lay_out
from forms.load_template import load_template
from forms.template import Template
from forms.units import BoxMm, mm_to_px
from ruecklauf.sample_letters import ISSUED_ON
from simulation.paper import Picture
from simulation.people import FilledPages

_PRINTED = ("number", "company", "contact", "street", "postal_code", "city")
_ALIKE = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_ACCENTS = {"a": "ä", "o": "ö", "u": "ü", "ä": "a", "ö": "o", "ü": "u", "e": "é", "n": "ñ", "s": "š", "c": "ç"}
_CODE_CAPTION_MM = BoxMm(42, 20, 85, 31)
"""Room of the readable code beside the first page code."""
_OTHER_WORDS = (
    ("erneut", "niemals"),
    ("kann er keinen", "kann er einen"),
    ("immer mit Variante B", "immer mit Variante A"),
    ("ohne dass ein", "wobei ein"),
    ("nicht anwesend", "stets anwesend"),
)

Rng = np.random.Generator


def issue_to(customer: Customer, form_id: str | None = None) -> IssuedPdf:
    """Issue the real letter; with another form's id it bears that one's page codes, as if they were pasted on."""
    return _issuer().issue(customer, issued_on=ISSUED_ON, form_id=form_id)


@lru_cache(maxsize=1)
def _issuer() -> FormIssuer:
    return FormIssuer.of(load_template(TEMPLATE))


def _edited(edit: Callable[[str, int, Rng], str], wanted: str) -> Callable[[Customer, Rng], Customer]:
    """Edit one character, among those wanted, of one of the things that are printed."""

    def alter(customer: Customer, rng: Rng) -> Customer:
        places = [
            (name, index)
            for name in _PRINTED
            for index, character in enumerate(getattr(customer, name)[:-1])
            if character in wanted
        ]
        if not places:
            return customer
        name, index = places[int(rng.integers(len(places)))]
        return replace(customer, **{name: edit(getattr(customer, name), index, rng)})

    return alter


def _exchange(text: str, index: int, rng: Rng) -> str:
    alike = next(group for group in _ALIKE if text[index] in group).replace(text[index], "")
    return text[:index] + str(rng.choice(list(alike))) + text[index + 1 :]


def _swap(text: str, index: int, _rng: Rng) -> str:
    return text[:index] + text[index + 1] + text[index] + text[index + 2 :]


def _leave_out(text: str, index: int, _rng: Rng) -> str:
    return text[:index] + text[index + 1 :]


def _double(text: str, index: int, _rng: Rng) -> str:
    return text[: index + 1] + text[index:]


def _accent(text: str, index: int, _rng: Rng) -> str:
    return text[:index] + _ACCENTS[text[index]] + text[index + 1 :]


def _without_end(customer: Customer, rng: Rng) -> Customer:
    """Leave the last character of a line out: the page then shows one more at its end."""
    names = [name for name in _PRINTED if len(getattr(customer, name)) > 1]
    name = names[int(rng.integers(len(names)))]
    return replace(customer, **{name: getattr(customer, name)[:-1].rstrip()})


def _stranger(_customer: Customer, rng: Rng) -> Customer:
    return sample_customer(rng)


ALTERATIONS: Mapping[str, Callable[[Customer, Rng], Customer]] = {
    "one digit": _edited(_exchange, _ALIKE[0]),
    "one letter": _edited(_exchange, _ALIKE[1] + _ALIKE[2]),
    "two swapped": _edited(_swap, _ALIKE[0] + _ALIKE[1]),
    "one left out": _edited(_leave_out, _ALIKE[0] + _ALIKE[1]),
    "one doubled": _edited(_double, _ALIKE[0] + _ALIKE[1]),
    "an accent": _edited(_accent, "".join(_ACCENTS)),
    "one more at the end": _without_end,
    "a stranger": _stranger,
}
"""Makes, of one customer, another who is hardly told from them."""


@dataclass(frozen=True, slots=True)
class PasteUp:
    """A page that was manipulated before it was printed and filled in, and after."""

    printed: IssuedPdf
    known: tuple[IssuedPdf, ...]
    """The forms that were issued; none of them may be accepted by it."""
    finish: Callable[[FilledPages], FilledPages]


def _unfinished(filled: FilledPages) -> FilledPages:
    return filled


def _codes_swapped(rng: Rng) -> PasteUp:
    ours, other = issue_sample(rng), issue_sample(rng)
    printed = issue_to(ours.form.customer, other.form.form_id)
    return PasteUp(printed, (ours, other), _unfinished)


def _codes_pasted(rng: Rng) -> PasteUp:
    """Both page codes are another form's; the codes in letters were left as they were."""
    ours, other = issue_sample(rng), issue_sample(rng)
    patch = _page_of(other)
    boxes = [box.grown(2.0) for box in ours.letter.pages[0].codes_mm]
    return PasteUp(ours, (ours, other), lambda filled: _pasted(filled, patch, boxes))


def _one_code_pasted(rng: Rng) -> PasteUp:
    ours, other = issue_sample(rng), issue_sample(rng)
    patch = _page_of(other)
    boxes = [ours.letter.pages[0].codes_mm[int(rng.integers(2))].grown(2.0)]
    return PasteUp(ours, (ours, other), lambda filled: _pasted(filled, patch, boxes))


def _head_of_another(rng: Rng) -> PasteUp:
    """The upper part of another's letter, with address and code, above this one's choice and signature."""
    ours, other = issue_sample(rng), issue_sample(rng)
    patch, cut_mm = _page_of(other), float(rng.uniform(95, 230))
    return PasteUp(ours, (ours, other), lambda filled: _pasted(filled, patch, [BoxMm(0, 0, 210, cut_mm)]))


def _digit_altered(rng: Rng) -> PasteUp:
    ours = issue_sample(rng)
    kind = str(rng.choice(["one digit", "one letter"]))
    altered = ALTERATIONS[kind](ours.form.customer, rng)
    return PasteUp(issue_to(altered, ours.form.form_id), (ours,), _unfinished)


def _other_wording(rng: Rng) -> PasteUp:
    """The PDF's text was edited before it was printed: address and codes are right, one sentence is not."""
    ours = issue_sample(rng)
    old, new = _OTHER_WORDS[int(rng.integers(len(_OTHER_WORDS)))]
    return PasteUp(
        _reworded(old, new).issue(ours.form.customer, issued_on=ISSUED_ON, form_id=ours.form.form_id),
        (ours,),
        _unfinished,
    )


PASTE_UPS: Mapping[str, Callable[[Rng], PasteUp]] = {
    "codes swapped": _codes_swapped,
    "codes pasted": _codes_pasted,
    "one code pasted": _one_code_pasted,
    "another's head": _head_of_another,
    "one character": _digit_altered,
    "other wording": _other_wording,
}
"""Makes a manipulated page."""


@lru_cache(maxsize=len(_OTHER_WORDS))
def _reworded(old: str, new: str) -> FormIssuer:
    loaded = load_template(TEMPLATE)
    words = loaded.template.model_dump_json()
    if old not in words:
        raise ValueError(f"the letter does not say {old!r}")
    altered = Template.model_validate_json(words.replace(old, new))
    return FormIssuer(lay_out(altered, loaded.sha256), altered)


def _page_of(issued: IssuedPdf) -> Picture:
    from simulation.issued_pdf import render_blank

    return render_blank(issued.pdf, 300)[0]


def _pasted(filled: FilledPages, patch: Picture, boxes: list[BoxMm]) -> FilledPages:
    """Lay parts of another page over a filled-in one, in the same places."""
    page = filled.pages[0].copy()
    for box in boxes:
        x0, y0, x1, y1 = (max(0, round(mm_to_px(value, filled.dpi))) for value in box)
        page[y0:y1, x0:x1] = patch[y0:y1, x0:x1]
    return replace(filled, pages=(page, *filled.pages[1:]))
